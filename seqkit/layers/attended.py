"""Recurrent layers with attention: a sequence to one vector, by the last step or by attention of several kinds.

Shapes: B samples, T timesteps, F features, U units of the last layer (2U when bidirectional).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.layers.attention import STEP_SCORES, FeatureAttention, LayerAttention, StepAttention
from seqkit.layers.stack import RecurrentStack

ATTENTION = {
    **STEP_SCORES,
    "layers": "over the last output of each layer",
    "features": "over the features of the input",
}


class Summary(NamedTuple):
    """What recurrent layers make of a sequence."""

    vector: Any  # (B, U), or twice as wide with attention over steps and over layers
    step_weights: Any  # (B, T), or None


def check_attention(where: str, attention: Any, units: Sequence[int]) -> tuple[str, ...]:
    """Check the argument of a builder, one kind of attention or several, and return a tuple; empty for none."""
    choices = tuple(attention) if isinstance(attention, (list, tuple)) else (attention,)
    if choices == ("none",) or not choices:
        return ()
    for choice in choices:
        _checks.choice(where, "attention", choice, {**ATTENTION, "none": "the last step"})
    step_scores = [choice for choice in choices if choice not in ("layers", "features")]
    if len(step_scores) > 1 or len(set(choices)) < len(choices):
        problem = (
            f"attention={attention!r}: choose one of {_checks.listed(STEP_SCORES)}, and combine it with "
            '"layers" and "features" alone.'
        )
        raise InvalidValue(where, problem, argument="attention")
    if "layers" in choices and (len(units) < 2 or len(set(units)) > 1):
        problem = f"attention over layers needs two layers or more of the same units, got units={tuple(units)}."
        raise InvalidValue(where, problem, "Pass units=(64, 64), for example.", "units")
    return choices


def weighted_features(steps: Any, attention: Sequence[str]) -> Any:
    """Weight the features of `steps` `[B, T, F]`, where `attention` has `"features"`."""
    return FeatureAttention(name="feature_attention")(steps) if "features" in attention else steps


def summarize(steps: Any, attention: Sequence[str], *, use_cudnn: bool = True, **options: Any) -> Summary:
    """Read `steps` `[B, T, F]` by recurrent layers, and make one vector of what they give.

    Args:
        steps: the sequence.
        attention: what `check_attention` returned. Without it, the last step's output is the vector.
        use_cudnn: False for masks with gaps, which cuDNN refuses.
        options: of `RecurrentStack`.
    """
    step_scores = [choice for choice in attention if choice in STEP_SCORES]  # one, or none
    has_layer_attention = "layers" in attention
    stack = RecurrentStack(
        **options,
        return_sequences=bool(step_scores),
        return_state=has_layer_attention,
        states="dict",
        name="recurrent",
    )
    if not use_cudnn:
        _without_cudnn(stack)
    outputs, states = stack(steps) if has_layer_attention else (stack(steps), {})
    vectors, weights = [], None
    for score in step_scores:
        vector, weights = StepAttention(score, name="attention")(outputs, return_attention_scores=True)
        vectors.append(vector)
    if has_layer_attention:
        vectors.append(LayerAttention(name="layer_attention")(_last_hidden_states(stack, states)))
    vectors = vectors or [outputs]
    return Summary(layers.Concatenate(name="attended")(vectors) if len(vectors) > 1 else vectors[0], weights)


def _without_cudnn(stack: RecurrentStack) -> None:
    for layer in stack.recurrent:
        is_bidirectional = isinstance(layer, layers.Bidirectional)
        for direction in (layer.forward_layer, layer.backward_layer) if is_bidirectional else (layer,):
            if hasattr(direction, "use_cudnn"):
                direction.use_cudnn = False


def _last_hidden_states(stack: RecurrentStack, states: dict[str, Any]) -> list[Any]:
    """The last hidden state of each layer, both directions joined: `(B, U)` each."""
    hidden = [[states[name] for name in names if name.endswith("hidden")] for names in stack.state_names]
    return [ops.concatenate(states, axis=-1) if len(states) > 1 else states[0] for states in hidden]
