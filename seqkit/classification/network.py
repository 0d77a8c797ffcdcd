"""The classifier's graph: scale or embed, read in both directions, attend, and give probabilities.

Shapes: B samples, T timesteps, F features, U units, K classes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.classification.settings import ClassifierSettings
from seqkit.layers.attention import LayerAttention, StepAttention
from seqkit.layers.convolution import FixedConvolutions, LearnedConvolutions
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.phrases import PhraseConvolutions
from seqkit.layers.probabilities import ClassProbabilities
from seqkit.layers.rare_words import RareWords
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.segments import Segments
from seqkit.layers.stack import RecurrentStack


class Network(NamedTuple):
    """The graph, and the layers that take something from the training samples or from validation."""

    inputs: Any  # (B, T, F) or (B, T) numbers of words
    outputs: Any  # (B, K)
    scaling: layers.Layer | None
    convolution: layers.Layer | None
    probabilities: ClassProbabilities
    attention: Any  # over the timesteps (B, T), or None
    known: keras.Model | None  # the same layers, reading series and what their fixed convolutions gave before


def classifier_network(settings: ClassifierSettings) -> Network:
    """Connect the layers."""
    inputs, steps, scaling = _text_steps(settings) if settings.is_text else _series_steps(settings)
    described, attention = _recurrent(settings, steps)
    branch = _convolution(settings)
    scores = layers.Dense(len(settings.labels), dtype="float32", name="scores")
    probabilities = ClassProbabilities("many" if settings.multi_label else "one", name="probabilities")
    if branch is None:
        return Network(inputs, probabilities(scores(described)), scaling, None, probabilities, attention, None)
    join = layers.Concatenate(name="described")
    numbers = branch(steps)
    if settings.convolution == "phrases" and settings.dropout[-1]:
        numbers = layers.Dropout(settings.dropout[-1], name="dropped_phrases")(numbers)
    outputs = probabilities(scores(join([described, numbers])))
    known = None
    if settings.convolution == "fixed":
        before = keras.Input(numbers.shape[1:], name="numbers")
        known = keras.Model([inputs, before], probabilities(scores(join([described, before]))))
    return Network(inputs, outputs, scaling, branch, probabilities, attention, known)


def _text_steps(settings: ClassifierSettings) -> tuple[Any, Any, None]:
    inputs = keras.Input((None,), dtype="int32", name="words")
    words = RareWords(settings.rare, name="rare")(inputs)
    vectors = layers.Embedding(len(settings.words) + 2, settings.features, mask_zero=True, name="vectors")(words)
    return inputs, vectors, None


def _series_steps(settings: ClassifierSettings) -> tuple[Any, Any, layers.Layer]:
    inputs = keras.Input((settings.timesteps, settings.features), dtype="float32", name="series")
    scaling = SERIES_SCALINGS[settings.scaling](name="scaling")
    scaled, _, _ = scaling(inputs)
    return inputs, scaled if settings.timesteps else KnownSteps(name="known")(scaled), scaling


def _recurrent(settings: ClassifierSettings, steps: Any) -> tuple[Any, Any]:
    """What the recurrent branch says of a sample, `(B, U)`, and its attention over the timesteps, if any."""
    if settings.segment > 1:
        if settings.front:
            steps = layers.ZeroPadding1D((settings.front, 0), name="front")(steps)
        steps = Segments(settings.segment, name="segments")(steps)
    over_steps = [kind for kind in settings.attention if kind != "layers"]
    over_layers = "layers" in settings.attention
    stack = RecurrentStack(
        settings.units,
        settings.cell,
        bidirectional=settings.bidirectional,
        dropout=settings.dropout,
        return_sequences=bool(over_steps),
        return_state=over_layers,
        name="recurrent",
    )
    if settings.missing == "mask":  # cuDNN refuses a mask with gaps
        _without_cudnn(stack)
    found = stack(steps)
    outputs, states = found if over_layers else (found, {})
    parts, weights = [], None
    for kind in over_steps:
        attended, weights = StepAttention(kind, name="attention")(outputs, return_attention_scores=True)
        parts.append(attended)
    if over_layers:
        parts.append(LayerAttention(name="layer_attention")(_last_of_each(stack, states)))
    described = layers.Concatenate(name="attended")(parts) if len(parts) > 1 else parts[0] if parts else outputs
    return described, None if weights is None else _each_step(settings, weights)


def _without_cudnn(stack: RecurrentStack) -> None:
    for one in stack.recurrent:
        for way in (one.forward_layer, one.backward_layer) if isinstance(one, layers.Bidirectional) else (one,):
            if hasattr(way, "use_cudnn"):
                way.use_cudnn = False


def _each_step(settings: ClassifierSettings, weights: Any) -> Any:
    """Weights of segments `(B, S)` spread evenly over their timesteps `(B, T)`, to sum to one.

    The steps of zeros that fill up the first segment take their part away with them.
    """
    if settings.segment == 1:
        return weights
    spread = ops.repeat(weights, settings.segment, axis=1)[:, settings.front :]
    return spread / ops.sum(spread, axis=1, keepdims=True)


def _last_of_each(stack: RecurrentStack, states: dict[str, Any]) -> list[Any]:
    """The last hidden state of each layer, both directions joined: `(B, U)` each."""
    hidden = [[states[name] for name in names if name.endswith("hidden")] for names in stack.state_names]
    return [ops.concatenate(ways, axis=-1) if len(ways) > 1 else ways[0] for ways in hidden]


def _convolution(settings: ClassifierSettings) -> layers.Layer | None:
    if settings.convolution == "fixed":
        return FixedConvolutions(settings.longest, name="convolution")
    if settings.convolution == "phrases":
        return PhraseConvolutions(name="convolution")
    return LearnedConvolutions(name="convolution") if settings.convolution == "learned" else None
