"""Decoding: what an encoder-decoder says of a source by itself, in the graph.

Shapes: B samples, S steps of the source, L of the answer, K words or values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from keras import ops

from seqkit.seq2seq.network import Encoded, Seq2SeqNetwork
from seqkit.task.search import MARKS, beam_search
from seqkit.text.vocabulary import END, PADDING, START

BEAM, PENALTY = 5, 1.0  # where nothing else is asked for


class Decoded(NamedTuple):
    """The best answer to each source."""

    tokens: Any  # (B, L), end mark included, then padding
    score: Any  # (B,), log probability over the length penalty
    weights: Any  # (B, L, S) of attention, or None


def decode_tokens(network: Seq2SeqNetwork, source: Any, width: Any, penalty: Any) -> Decoded:
    """Translate numbers of words `(B, S)` by beam search."""
    encoded = network.encode(source)

    def step(last: Any, states: Any, seen: Any) -> tuple[Any, Any]:
        answer = network.describe(last[:, None], Encoded(states, seen))
        return network.score(answer.described)[:, 0], answer.states

    found = beam_search(
        step,
        encoded.states,
        encoded.seen,
        samples=ops.shape(source)[0],
        width=width,
        longest=network.settings.longest[1] + 1,
        start=MARKS[START],
        end=MARKS[END],
        penalty=penalty,
        never=(PADDING, MARKS[START]),
    )
    tokens = found.tokens[:, 0]  # (B, L)
    weights = None
    if network.settings.attention != "none":  # all steps at once, as in training
        weights = ops.cast(network.describe(said_before(tokens), encoded).weights, "float32")
        weights = ops.where(ops.not_equal(tokens, PADDING)[..., None], weights, ops.zeros_like(weights))
    return Decoded(tokens, found.scores[:, 0], weights)


def said_before(tokens: Any) -> Any:
    """The start mark, and all tokens but the last."""
    return ops.concatenate([ops.full_like(tokens[:, :1], MARKS[START]), tokens[:, :-1]], axis=1)


def decode_values(network: Seq2SeqNetwork, source: Any) -> Any:
    """Continue series `(B, S, F)` by values `(B, L, K)`, each step told the values of the step before."""
    settings = network.settings
    encoded, steps = network.encode(source), settings.longest[1]
    nothing = ops.full((ops.shape(source)[0], steps, settings.features[1]), float("nan"), "float32")
    if not settings.feedback:
        return network.score(network.describe(nothing, encoded).described)

    def advance(step: Any, last: Any, values: Any, states: Any) -> tuple[Any, ...]:
        answer = network.describe(last, encoded, states)
        last = network.score(answer.described)  # (B, 1, K)
        here = (ops.arange(steps) == step)[None, :, None]
        return step + 1, last, ops.where(here, last, values), answer.states

    begin = (ops.zeros((), "int32"), nothing[:, :1], nothing, encoded.states)
    return ops.while_loop(lambda step, *_: step < steps, advance, begin)[2]


def answer(network: Seq2SeqNetwork, source: Any, width: int, penalty: float) -> Any:
    """Tokens, their score, and where there is attention its weights, as a model of Keras can return them."""
    found = decode_tokens(network, source, width, penalty)
    return [found.tokens, found.score, *([] if found.weights is None else [found.weights])]
