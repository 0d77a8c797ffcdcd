"""Greedy and beam search over any step function, inside the graph and on any backend.

The step says how probable each next token is, given the last one and the states:

    def step(last, states, fixed):        # (N,), tensors (N, ...), tensors (N, ...)
        return scores, states             # (N, K) before the softmax; the states after this token

    found = beam_search(
        step,
        states={"hidden": code},          # what changes from token to token, (B, ...) each, in any nest
        fixed=(images,),                  # what each hypothesis of a sample shares, (B, ...) each
        samples=ops.shape(images)[0],
        width=5,                          # 1 is greedy: the most probable token each time
        longest=20,
        start=vocabulary.number_of(START),
        end=vocabulary.number_of(END),
        penalty=1.0,
        never=(PADDING, vocabulary.number_of(START)),
    )
    best = found.tokens[:, 0]             # (B, longest), end mark included, then padding

N is B times `width`: the search repeats states and fixed tensors for its hypotheses, and moves the states along with
the hypotheses that it keeps. Attention weights need no place in it: one call of the decoder on the found tokens, as in
training, returns them.

Shapes: B samples, W hypotheses of each, L tokens at most, K vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from seqkit.text.vocabulary import END, PADDING, START

MARKS = {START: 2, END: 3}  # numbers of the marks in a vocabulary that has them first
IMPOSSIBLE = -1e9  # as a log probability; finite, so that nothing becomes NaN
Step = Callable[[Any, Any, Any], tuple[Any, Any]]


class Hypotheses(NamedTuple):
    """What a search found, the best of each sample first."""

    tokens: Any  # (B, W, L), padding after the end mark
    scores: Any  # (B, W), log probability over the length penalty


class _Beam(NamedTuple):
    """What goes round the loop; hypotheses of all samples lie one after the other."""

    step: Any  # tokens so far, ()
    tokens: Any  # (B W, L)
    last: Any  # (B W,)
    total: Any  # log probability, (B W,)
    lengths: Any  # tokens, end mark included, (B W,)
    is_ended: Any  # (B W,)
    states: Any


def length_penalty(lengths: Any, alpha: Any) -> Any:
    """((5 + length) / 6) ^ alpha: Wu et al. 2016, equation 14; without the coverage penalty that stands beside it."""
    return ops.power((5.0 + ops.cast(lengths, "float32")) / 6.0, alpha)


def beam_search(
    step: Step,
    states: Any,
    fixed: Any = (),
    *,
    samples: Any,
    width: Any,
    longest: int,
    start: int,
    end: int,
    penalty: Any = 0.0,
    never: Sequence[int] = (),
) -> Hypotheses:
    """Find the most probable sequences of tokens, as far as `width` hypotheses at a time can see.

    After each token the `width` best of all continuations are kept, by log probability over length penalty; a
    hypothesis that has ended stays among them as it is. It is over when all have ended or are `longest`. With a
    width of 1 it is greedy; with one of all hypotheses it is exhaustive.

    Args:
        step: as the module says.
        states: after the source, before the first token.
        fixed: tensors that each step reads.
        samples: B, a whole number or a scalar tensor.
        width: W, a whole number, or on TensorFlow a scalar tensor.
        longest: L, a whole number.
        start: the token before the first.
        end: the token after which nothing comes; it counts as one.
        penalty: exponent of the length penalty; 0 compares sums, 1 nearly means.
        never: tokens that must not come.
    """
    hypotheses = samples * width

    def repeated(tensor: Any) -> Any:
        return ops.repeat(tensor, width, axis=0)

    states, fixed = keras.tree.map_structure(repeated, (states, fixed))
    alone = ops.where(ops.arange(width) == 0, 0.0, IMPOSSIBLE)  # at first all of a sample's are the same
    begin = _Beam(
        step=ops.zeros((), "int32"),
        tokens=ops.full((hypotheses, longest), PADDING, "int32"),
        last=ops.full((hypotheses,), start, "int32"),
        total=ops.reshape(ops.zeros((samples, 1), "float32") + ops.cast(alone, "float32"), (hypotheses,)),
        lengths=ops.zeros((hypotheses,), "int32"),
        is_ended=ops.zeros((hypotheses,), "bool"),
        states=states,
    )

    def goes_on(*beam: Any) -> Any:
        now = _Beam(*beam)
        return ops.logical_and(now.step < longest, ops.logical_not(ops.all(now.is_ended)))

    def grown(*beam: Any) -> Any:
        now = _Beam(*beam)
        scores, after = step(now.last, now.states, fixed)
        return tuple(_grow(now, scores, after, samples, width, end, penalty, never))

    found = _Beam(*ops.while_loop(goes_on, grown, tuple(begin)))
    return Hypotheses(
        ops.reshape(found.tokens, (samples, width, longest)),
        ops.reshape(found.total / length_penalty(ops.maximum(found.lengths, 1), penalty), (samples, width)),
    )


def _grow(
    beam: _Beam, scores: Any, states: Any, samples: Any, width: Any, end: int, penalty: Any, never: Sequence[int]
) -> _Beam:
    """Every hypothesis by every token, and the best of them."""
    words, hypotheses, longest = scores.shape[-1], samples * width, beam.tokens.shape[-1]
    total = beam.total[:, None] + _continuations(scores, beam.is_ended, never)  # (B W, K)
    lengths = beam.lengths + ops.cast(ops.logical_not(beam.is_ended), "int32")
    ranked = total / length_penalty(lengths, penalty)[:, None]
    _, best = ops.top_k(ops.reshape(ranked, (samples, width * words)), width)  # (B, W) among W K
    best = ops.cast(best, "int32")
    first = ops.cast(ops.arange(samples), "int32")[:, None] * ops.cast(width, "int32")
    rows = ops.reshape(first + best // words, (hypotheses,))  # which hypotheses go on
    last = ops.reshape(best % words, (hypotheses,))

    def kept(tensor: Any) -> Any:
        return ops.reshape(ops.take(tensor, rows, axis=0), (hypotheses, *tensor.shape[1:]))

    here = ops.arange(longest) == beam.step  # (L,)
    return _Beam(
        step=beam.step + 1,
        tokens=ops.where(here[None], last[:, None], kept(beam.tokens)),
        last=last,
        total=ops.take(ops.reshape(total, (hypotheses * words,)), rows * words + last, axis=0),
        lengths=kept(lengths),
        is_ended=ops.logical_or(kept(beam.is_ended), last == end),
        states=keras.tree.map_structure(kept, states),
    )


def _continuations(scores: Any, is_ended: Any, never: Sequence[int]) -> Any:
    """Log probability of each token `(N, K)`; after the end only padding, at no cost."""
    words = scores.shape[-1]
    barred = np.zeros(words, "float32")
    barred[list(never)] = IMPOSSIBLE
    resting = np.full(words, IMPOSSIBLE, "float32")
    resting[PADDING] = 0.0
    logs = ops.log_softmax(ops.cast(scores, "float32"), axis=-1) + barred
    return ops.where(is_ended[:, None], resting[None], logs)
