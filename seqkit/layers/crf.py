"""A linear-chain conditional random field: tags of a sequence chosen together, each pair of neighbours scored.

Written here because what was kept up is not: TensorFlow Addons, whose CRF most use, ended in 2024 and never ran on
Keras 3, which has none.

Shapes: B samples, T timesteps, K tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit._errors import InvalidValue

FORBIDDEN = -1e4  # added to a score: exp of it is zero, and its gradient is a number
NO_TAG = -1  # where there is no step


@keras.saving.register_keras_serializable("seqkit")
class LinearChainCRF(layers.Layer):
    """Tags of a whole sequence by one probability (Lafferty et al. 2001, equation 1; Huang et al. 2015, section 2.4).

        s(y)   = first[y_1] + sum_t scores[t, y_t] + sum_t transitions[y_t, y_t+1] + last[y_T]
        p(y)   = exp(s(y)) / sum over all paths y' of exp(s(y'))
        best   = argmax_y s(y)                           the Viterbi path
        p(t,k) = sum of p(y) over the paths with y_t = k      forward-backward

    The sum over paths follows from a_1 = first + scores[1], a_t[k] = scores[t, k] + log sum_j exp(a_t-1[j] +
    transitions[j, k]) (Rabiner 1989, equations 18 to 20, in logarithms), the best path from the same with max for log
    sum exp, the probabilities from the same read backwards as well. A path with a forbidden pair has the probability 0.

    Shapes: scores `[B, T, K]` to the best tags `[B, T]` in int32, -1 where the mask is False, and probabilities
    `[B, T, K]`, 0 there. The mask is that of right padding: True for the first steps of a row.

    Args:
        forbidden: pairs of tags, the second of which never follows the first.
        never_first: tags that no sequence begins with.

    Raises:
        ValueError: when built: scores of no third axis, or tags that are not among their K.
    """

    def __init__(
        self, *, forbidden: Sequence[Sequence[int]] = (), never_first: Sequence[int] = (), **kwargs: Any
    ) -> None:
        """Remember what is forbidden; see the class."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.forbidden = tuple((int(one), int(after)) for one, after in forbidden)
        self.never_first = tuple(int(one) for one in never_first)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the scores of pairs, of the first and of the last tag."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            raise InvalidValue(
                "LinearChainCRF",
                f"wanted scores [samples, timesteps, tags], got shape {tuple(input_shape)}.",
                "Put a Dense layer of as many units as there are tags before it.",
            )
        tags = input_shape[-1]
        self._pairs = _penalties((tags, tags), self.forbidden)
        self._starts = _penalties((tags,), self.never_first)
        self.transitions = self.add_weight(shape=(tags, tags), initializer="zeros", name="transitions")
        self.first = self.add_weight(shape=(tags,), initializer="zeros", name="first")
        self.last = self.add_weight(shape=(tags,), initializer="zeros", name="last")
        self.built = True

    def call(self, scores: Any, mask: Any = None) -> tuple[Any, Any]:
        """Best tags, and the probability of each tag at each step."""
        known = _known(scores, mask)
        best = ops.where(known, self.best_path(scores, known), NO_TAG)
        return best, self.marginals(scores, known) * ops.cast(ops.expand_dims(known, -1), "float32")

    def log_likelihood(self, scores: Any, tags: Any, mask: Any = None) -> Any:
        """The log probability of the tags `[B, T]` of each sample, `[B]`; 0 where nothing is True in the mask."""
        scores, known = ops.cast(scores, "float32"), _known(scores, mask)
        forward = self._forward(scores, known, _log_sum_exp)[-1]  # (B, K)
        normaliser = ops.logsumexp(forward + self.last, axis=-1)
        some = ops.cast(ops.any(known, axis=-1), "float32")
        return (self._path_score(scores, ops.cast(tags, "int32"), known) - normaliser) * some

    def best_path(self, scores: Any, mask: Any = None) -> Any:
        """The Viterbi path `[B, T]`, in int32; what it holds after the end of a row means nothing."""
        scores, known = ops.cast(scores, "float32"), _known(scores, mask)
        highest = self._forward(scores, known, _max)  # (T, B, K)
        ends = ops.cast(ops.argmax(highest[-1] + self.last, axis=-1), "int32")  # (B,)
        into = ops.transpose(self._transitions())  # into[k]: the scores of coming to k from each tag

        def step_back(after: Any, at: Any) -> tuple[Any, Any]:
            here, has_next = _apart(at)
            found = ops.cast(ops.argmax(here + ops.take(into, after, axis=0), axis=-1), "int32")
            tag = ops.where(ops.squeeze(has_next, -1), found, after)
            return tag, tag

        has_next = ops.pad(known[:, 1:], [[0, 0], [0, 1]])
        return ops.transpose(ops.scan(step_back, ends, _together(highest, has_next), reverse=True)[1])

    def marginals(self, scores: Any, mask: Any = None) -> Any:
        """The probability of each tag at each step, `[B, T, K]`."""
        scores, known = ops.cast(scores, "float32"), _known(scores, mask)
        both = self._forward(scores, known, _log_sum_exp) + self._backward(scores, known)  # (T, B, K)
        return ops.transpose(ops.softmax(both, axis=-1), (1, 0, 2))

    def _transitions(self) -> Any:
        return self.transitions + self._pairs

    def _path_score(self, scores: Any, tags: Any, known: Any) -> Any:
        tags = ops.where(known, tags, 0)
        steps = ops.cast(known, "float32")
        own = ops.squeeze(ops.take_along_axis(scores, ops.expand_dims(tags, -1), axis=-1), -1)  # (B, T)
        flat = ops.reshape(self._transitions(), (-1,))
        pairs = ops.take(flat, tags[:, :-1] * scores.shape[-1] + tags[:, 1:])  # (B, T - 1)
        at_end = ops.sum(ops.cast(known, "int32"), axis=1, keepdims=True) - 1
        end = ops.squeeze(ops.take_along_axis(tags, ops.maximum(at_end, 0), axis=1), 1)
        ends = ops.take(self.first + self._starts, tags[:, 0]) + ops.take(self.last, end)
        return ends + ops.sum(own * steps, axis=1) + ops.sum(pairs * steps[:, 1:], axis=1)

    def _forward(self, scores: Any, known: Any, over_tags: Any) -> Any:
        """What all paths to each tag come to, `[T, B, K]`; after the end of a row its last, again."""
        transitions = self._transitions()

        def step(before: Any, at: Any) -> tuple[Any, Any]:
            score, has_before = _apart(at)
            found = score + over_tags(ops.expand_dims(before, -1) + transitions, 1)
            here = ops.where(has_before, found, before)
            return here, here

        start = self.first + self._starts + scores[:, 0]
        has_before = ops.pad(known[:, 1:], [[0, 0], [1, 0]])  # every step is gone through, so that one is enough
        return ops.scan(step, start, _together(ops.transpose(scores, (1, 0, 2)), has_before))[1]

    def _backward(self, scores: Any, known: Any) -> Any:
        """What all paths from each tag to the end come to, `[T, B, K]`."""
        transitions = self._transitions()

        def step(here: Any, at: Any) -> tuple[Any, Any]:
            score, has_before = _apart(at)
            found = _log_sum_exp(ops.expand_dims(here + score, 1) + transitions, 2)
            return ops.where(has_before, found, here), here

        end = ops.zeros_like(scores[:, 0]) + self.last
        return ops.scan(step, end, _together(ops.transpose(scores, (1, 0, 2)), known), reverse=True)[1]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Tags `[B, T]` and probabilities `[B, T, K]`."""
        return tuple(input_shape[:-1]), tuple(input_shape)

    def compute_output_spec(self, scores: Any, mask: Any = None) -> Any:
        """Tags are whole numbers."""
        best, probabilities = self.compute_output_shape(scores.shape)
        return keras.KerasTensor(best, "int32"), keras.KerasTensor(probabilities, "float32")

    def compute_mask(self, scores: Any, mask: Any = None) -> tuple[None, None]:
        """The outputs say themselves where there is no step."""
        return None, None

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "forbidden": self.forbidden, "never_first": self.never_first}


def _penalties(shape: tuple[int, ...], forbidden: Sequence[Any]) -> np.ndarray:
    found = np.zeros(shape, "float32")
    for one in forbidden:
        if not all(0 <= tag < shape[0] for tag in np.atleast_1d(one)):
            raise InvalidValue(
                "LinearChainCRF", f"{one} is forbidden, and the tags are 0 to {shape[0] - 1}.", "Name tags by number."
            )
        found[one] = FORBIDDEN
    return found


def _known(scores: Any, mask: Any) -> Any:
    return ops.ones(ops.shape(scores)[:2], "bool") if mask is None else ops.cast(mask, "bool")


def _together(steps: Any, flags: Any) -> Any:
    """Numbers `[T, B, K]` and flags `[B, T]` in one tensor `[T, B, K + 1]`.

    Keras's `scan` reads a single one where TensorFlow does not know T before it runs.
    """
    return ops.concatenate([steps, ops.expand_dims(ops.cast(ops.transpose(flags), "float32"), -1)], axis=-1)


def _apart(at: Any) -> tuple[Any, Any]:
    return at[:, :-1], at[:, -1:] > 0


def _log_sum_exp(scores: Any, axis: int) -> Any:
    return ops.logsumexp(scores, axis=axis)


def _max(scores: Any, axis: int) -> Any:
    return ops.max(scores, axis=axis)
