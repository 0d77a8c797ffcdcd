"""Decoding: an encoder-decoder's answer to a source, from its own previous tokens or values, in the graph.

Shapes: B samples, S timesteps of the source, L of the answer, F features, K words or values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from keras import ops

from seqkit._refusals import Refusal
from seqkit.seq2seq.network import Encoded, Seq2SeqNetwork
from seqkit.task.search import MARK_NUMBERS, beam_search
from seqkit.text.vocabulary import END, PADDING, START

DEFAULT_BEAM, DEFAULT_PENALTY = 5, 1.0
BAD_PENALTY = Refusal("length_penalty must be a number from 0 up, got {penalty}.")


class Decoded(NamedTuple):
    """The best answer to each source."""

    tokens: Any  # (B, L), the end mark included, then padding
    score: Any  # (B,), log probability divided by the length penalty
    weights: Any  # (B, L, S) of attention, or None


def decode_tokens(network: Seq2SeqNetwork, source: Any, width: Any, penalty: Any) -> Decoded:
    """The best answer to each source `(B, S)` of tokens, by beam search."""
    encoded = network.encode(source)

    def step(last: Any, states: Any, fixed: Any) -> tuple[Any, Any]:
        decoded = network.decode(last[:, None], Encoded(states, fixed))
        return network.score(decoded.outputs)[:, 0], decoded.states

    hypotheses = beam_search(
        step,
        encoded.states,
        encoded.fixed,
        samples=ops.shape(source)[0],
        width=width,
        longest=network.settings.longest[1] + 1,
        start=MARK_NUMBERS[START],
        end=MARK_NUMBERS[END],
        penalty=penalty,
        never=(PADDING, MARK_NUMBERS[START]),
    )
    tokens = hypotheses.tokens[:, 0]  # (B, L)
    weights = None
    if network.settings.attention != "none":  # all timesteps at once, as in training
        weights = ops.cast(network.decode(previous_tokens(tokens), encoded).weights, "float32")
        weights = ops.where(ops.not_equal(tokens, PADDING)[..., None], weights, ops.zeros_like(weights))
    return Decoded(tokens, hypotheses.scores[:, 0], weights)


def decode_tokens_to_list(network: Seq2SeqNetwork, source: Any, width: int, penalty: float) -> list[Any]:
    """The parts of `decode_tokens` that are not None, as a list, which Keras models can return."""
    return [tensor for tensor in decode_tokens(network, source, width, penalty) if tensor is not None]


def previous_tokens(tokens: Any) -> Any:
    """The token before each token: the start mark, then all tokens but the last."""
    return ops.concatenate([ops.full_like(tokens[:, :1], MARK_NUMBERS[START]), tokens[:, :-1]], axis=1)


def decode_values(network: Seq2SeqNetwork, source: Any) -> Any:
    """The values `(B, L, K)` that answer series `(B, S, F)`; with feedback, each timestep reads those before it."""
    settings = network.settings
    encoded, steps = network.encode(source), settings.longest[1]
    unknown = ops.full((ops.shape(source)[0], steps, settings.features[1]), float("nan"), "float32")
    if not settings.feedback:
        return network.score(network.decode(unknown, encoded).outputs)

    def advance(step: Any, last: Any, values: Any, states: Any) -> tuple[Any, ...]:
        decoded = network.decode(last, encoded, states)
        last = network.score(decoded.outputs)  # (B, 1, K)
        is_new = (ops.arange(steps) == step)[None, :, None]
        return step + 1, last, ops.where(is_new, last, values), decoded.states

    variables = (ops.zeros((), "int32"), unknown[:, :1], unknown, encoded.states)
    return ops.while_loop(lambda step, *_: step < steps, advance, variables)[2]
