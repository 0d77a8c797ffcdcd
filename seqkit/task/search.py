"""Greedy and beam search over any step function, inside the graph and on any backend.

The step scores each possible next token, from the last token and the states:

    def step(last, states, fixed):        # (N,), tensors (N, ...), tensors (N, ...)
        return scores, states             # (N, K) before the softmax; the states after this token

    hypotheses = beam_search(
        step,
        states={"hidden": code},          # tensors that change from token to token, (B, ...) each, in any nest
        fixed=(images,),                  # tensors that all hypotheses of a sample share, (B, ...) each
        samples=ops.shape(images)[0],
        width=5,                          # 1 is greedy search: the most probable token each time
        longest=20,
        start=vocabulary.number_of(START),
        end=vocabulary.number_of(END),
        penalty=1.0,
        never=(PADDING, vocabulary.number_of(START)),
    )
    best = hypotheses.tokens[:, 0]        # (B, longest), the end mark included, then padding

N is B times `width`: the search repeats states and fixed tensors for each hypothesis, and reorders the states as it
keeps some hypotheses and drops others. The search returns no attention weights; one call of the decoder on the tokens
that it found, as in training, returns them.

Shapes: B samples, W hypotheses of each sample, L most tokens, K tokens in the vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from seqkit.text.vocabulary import END, PADDING, START

MARK_NUMBERS = {START: 2, END: 3}  # their numbers in every vocabulary that has the marks first
LOG_ZERO = -1e9  # the log probability of the impossible; finite, so that no sum becomes NaN
Step = Callable[[Any, Any, Any], tuple[Any, Any]]


class Hypotheses(NamedTuple):
    """The hypotheses that a search found, the best of each sample first."""

    tokens: Any  # (B, W, L), padding after the end mark
    scores: Any  # (B, W), log probability divided by the length penalty


class _Beam(NamedTuple):
    """The variables of the loop; the hypotheses of all samples are in one axis, sample by sample."""

    step: Any  # how many tokens each hypothesis has, ()
    tokens: Any  # (B W, L)
    last: Any  # last token, (B W,)
    total: Any  # log probability, (B W,)
    lengths: Any  # tokens, the end mark included, (B W,)
    is_ended: Any  # (B W,)
    states: Any


def length_penalty(lengths: Any, alpha: Any) -> Any:
    """((5 + length) / 6) ^ alpha: Wu et al. 2016, equation 14, without its coverage penalty."""
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
    """Find the most probable sequences of tokens among the hypotheses that the beam holds.

    After each token, the search keeps the `width` best of all continuations of a sample, by log probability divided by
    the length penalty. A hypothesis that has ended stays unchanged and still competes. The search ends when all
    hypotheses have ended or have `longest` tokens. A width of 1 is greedy search; a width that holds all hypotheses is
    exhaustive search.

    Args:
        step: the step function, as in the module's docstring.
        states: the states after the source, before the first token.
        fixed: tensors that each step reads.
        samples: B, an integer or a scalar tensor.
        width: W, an integer, or on TensorFlow a scalar tensor.
        longest: L, an integer.
        start: the token before the first.
        end: the end mark; it counts as a token.
        penalty: exponent of the length penalty; 0 compares sums of log probabilities, 1 nearly their means.
        never: tokens that must not occur.
    """
    hypotheses = samples * width
    states, fixed = keras.tree.map_structure(lambda tensor: ops.repeat(tensor, width, axis=0), (states, fixed))
    first_alone = ops.where(ops.arange(width) == 0, 0.0, LOG_ZERO)  # the hypotheses of a sample are equal at first
    beam = _Beam(
        step=ops.zeros((), "int32"),
        tokens=ops.full((hypotheses, longest), PADDING, "int32"),
        last=ops.full((hypotheses,), start, "int32"),
        total=ops.reshape(ops.zeros((samples, 1), "float32") + ops.cast(first_alone, "float32"), (hypotheses,)),
        lengths=ops.zeros((hypotheses,), "int32"),
        is_ended=ops.zeros((hypotheses,), "bool"),
        states=states,
    )

    def is_unfinished(*variables: Any) -> Any:
        beam = _Beam(*variables)
        return ops.logical_and(beam.step < longest, ops.logical_not(ops.all(beam.is_ended)))

    def extended(*variables: Any) -> Any:
        beam = _Beam(*variables)
        scores, next_states = step(beam.last, beam.states, fixed)
        return tuple(_extend(beam, scores, next_states, samples, width, end, penalty, never))

    beam = _Beam(*ops.while_loop(is_unfinished, extended, tuple(beam)))
    scores = beam.total / length_penalty(ops.maximum(beam.lengths, 1), penalty)
    return Hypotheses(ops.reshape(beam.tokens, (samples, width, longest)), ops.reshape(scores, (samples, width)))


def _extend(
    beam: _Beam, scores: Any, states: Any, samples: Any, width: Any, end: int, penalty: Any, never: Sequence[int]
) -> _Beam:
    """Extend every hypothesis by every token, and keep the best of each sample."""
    size, hypotheses, longest = scores.shape[-1], samples * width, beam.tokens.shape[-1]
    total = beam.total[:, None] + _continuations(scores, beam.is_ended, never)  # (B W, K)
    lengths = beam.lengths + ops.cast(ops.logical_not(beam.is_ended), "int32")
    ranked = total / length_penalty(lengths, penalty)[:, None]
    _, best = ops.top_k(ops.reshape(ranked, (samples, width * size)), width)  # (B, W) among W K
    best = ops.cast(best, "int32")
    first_rows = ops.cast(ops.arange(samples), "int32")[:, None] * ops.cast(width, "int32")
    rows = ops.reshape(first_rows + best // size, (hypotheses,))  # the hypotheses that are extended
    last = ops.reshape(best % size, (hypotheses,))

    def take_rows(tensor: Any) -> Any:
        return ops.reshape(ops.take(tensor, rows, axis=0), (hypotheses, *tensor.shape[1:]))

    is_new = ops.arange(longest) == beam.step  # (L,)
    return _Beam(
        step=beam.step + 1,
        tokens=ops.where(is_new[None], last[:, None], take_rows(beam.tokens)),
        last=last,
        total=ops.take(ops.reshape(total, (hypotheses * size,)), rows * size + last, axis=0),
        lengths=take_rows(lengths),
        is_ended=ops.logical_or(take_rows(beam.is_ended), last == end),
        states=keras.tree.map_structure(take_rows, states),
    )


def _continuations(scores: Any, is_ended: Any, never: Sequence[int]) -> Any:
    """Log probability of each next token `(N, K)`; after the end mark it is 0 for padding, impossible for others."""
    size = scores.shape[-1]
    forbidden = np.zeros(size, "float32")
    forbidden[list(never)] = LOG_ZERO
    padding_alone = np.full(size, LOG_ZERO, "float32")
    padding_alone[PADDING] = 0.0
    logs = ops.log_softmax(ops.cast(scores, "float32"), axis=-1) + forbidden
    return ops.where(is_ended[:, None], padding_alone[None], logs)
