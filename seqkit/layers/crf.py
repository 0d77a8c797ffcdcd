"""A linear-chain conditional random field: it chooses the tags of a sequence together and scores each pair of tags.

seqkit has its own CRF because Keras 3 has none. The CRF of TensorFlow Addons never ran on Keras 3, and TensorFlow
Addons ended in 2024.

Shapes: B samples, T timesteps, K tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit._errors import InvalidValue

FORBIDDEN_SCORE = -1e4  # exp of it is zero in float32, and its gradient is finite (that of -infinity is NaN)
NO_TAG = -1  # the tag on padding


@keras.saving.register_keras_serializable("seqkit")
class LinearChainCRF(layers.Layer):
    """Give the tags of a sequence one probability (Lafferty et al. 2001, equation 1; Huang et al. 2015, section 2.4).

        s(y)   = first[y_1] + sum_t scores[t, y_t] + sum_t transitions[y_t, y_t+1] + last[y_T]
        p(y)   = exp(s(y)) / sum over all paths y' of exp(s(y'))
        best   = argmax_y s(y)                           the Viterbi path
        p(t,k) = sum of p(y) over the paths with y_t = k      forward-backward

    A path is one tag for every step. The sum over paths follows from a_1 = first + scores[1], a_t[k] = scores[t, k] +
    log sum_j exp(a_t-1[j] + transitions[j, k]) (Rabiner 1989, equations 18 to 20, in logarithms). The best path
    follows from the same recursion with max instead of log sum exp. The probabilities follow from the recursion
    forwards and backwards. A path with a forbidden pair has the probability 0.

    Shapes: scores `[B, T, K]` to the best tags `[B, T]` in int32, -1 where the mask is False, and to probabilities
    `[B, T, K]`, 0 where the mask is False. Padding must be on the right: the mask is True for the first steps of a row.

    Args:
        forbidden: pairs of tags; the second tag of a pair never follows the first.
        never_first: tags that never begin a sequence.

    Raises:
        ValueError: when built: the scores have no third axis, or a forbidden tag is not one of the K tags.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import LinearChainCRF
        >>> scores = np.array([[[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]]])
        >>> tags, probabilities = LinearChainCRF(forbidden=[(0, 1)])(scores)
        >>> tags.numpy(), probabilities.numpy().round(2)[0, 1]
        (array([[0, 0, 0]], dtype=int32), array([0.75, 0.25], dtype=float32))
    """

    def __init__(
        self, *, forbidden: Sequence[Sequence[int]] = (), never_first: Sequence[int] = (), **kwargs: Any
    ) -> None:
        """Store the forbidden pairs and first tags; see the class."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.forbidden = tuple((int(tag), int(next_tag)) for tag, next_tag in forbidden)
        self.never_first = tuple(int(tag) for tag in never_first)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the scores of pairs, of first tags and of last tags."""
        if len(input_shape) != 3 or input_shape[-1] is None:
            problem = f"wanted scores [samples, timesteps, tags], got shape {tuple(input_shape)}."
            raise InvalidValue("LinearChainCRF", problem, "Put a Dense layer before it, with one unit for each tag.")
        tags = input_shape[-1]
        self._pair_penalties = _penalties((tags, tags), self.forbidden)
        self._first_penalties = _penalties((tags,), self.never_first)
        self.transitions = self.add_weight(shape=(tags, tags), initializer="zeros", name="transitions")
        self.first = self.add_weight(shape=(tags,), initializer="zeros", name="first")
        self.last = self.add_weight(shape=(tags,), initializer="zeros", name="last")
        self.built = True

    def call(self, scores: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return the best tags, and the probability of each tag at each step."""
        mask = _full_mask(scores, mask)
        best = ops.where(mask, self.best_path(scores, mask), NO_TAG)
        return best, self.marginals(scores, mask) * ops.cast(ops.expand_dims(mask, -1), "float32")

    def log_likelihood(self, scores: Any, tags: Any, mask: Any = None) -> Any:
        """Log probability `[B]` of the tags `[B, T]` of each sample; 0 for a sample whose mask is all False."""
        scores, mask = ops.cast(scores, "float32"), _full_mask(scores, mask)
        forward = self._forward(scores, mask, _log_sum_exp)[-1]  # (B, K)
        normaliser = ops.logsumexp(forward + self.last, axis=-1)
        has_steps = ops.cast(ops.any(mask, axis=-1), "float32")
        return (self._path_score(scores, ops.cast(tags, "int32"), mask) - normaliser) * has_steps

    def best_path(self, scores: Any, mask: Any = None) -> Any:
        """The Viterbi path `[B, T]` in int32; tags on padding have no meaning."""
        scores, mask = ops.cast(scores, "float32"), _full_mask(scores, mask)
        highest = self._forward(scores, mask, _max)  # (T, B, K)
        last_tags = ops.cast(ops.argmax(highest[-1] + self.last, axis=-1), "int32")  # (B,)
        by_next_tag = ops.transpose(self._allowed_transitions())  # row k: the scores of k after each tag

        def step_back(next_tag: Any, step: Any) -> tuple[Any, Any]:
            score, has_next = _split_flags(step)
            tag = ops.cast(ops.argmax(score + ops.take(by_next_tag, next_tag, axis=0), axis=-1), "int32")
            tag = ops.where(ops.squeeze(has_next, -1), tag, next_tag)
            return tag, tag

        has_next = ops.pad(mask[:, 1:], [[0, 0], [0, 1]])
        return ops.transpose(ops.scan(step_back, last_tags, _join_flags(highest, has_next), reverse=True)[1])

    def marginals(self, scores: Any, mask: Any = None) -> Any:
        """The probability of each tag at each step, `[B, T, K]`."""
        scores, mask = ops.cast(scores, "float32"), _full_mask(scores, mask)
        path_scores = self._forward(scores, mask, _log_sum_exp) + self._backward(scores, mask)  # (T, B, K)
        return ops.transpose(ops.softmax(path_scores, axis=-1), (1, 0, 2))

    def _allowed_transitions(self) -> Any:
        return self.transitions + self._pair_penalties

    def _path_score(self, scores: Any, tags: Any, mask: Any) -> Any:
        tags = ops.where(mask, tags, 0)
        is_step = ops.cast(mask, "float32")
        tag_scores = ops.squeeze(ops.take_along_axis(scores, ops.expand_dims(tags, -1), axis=-1), -1)  # (B, T)
        flat = ops.reshape(self._allowed_transitions(), (-1,))
        pair_scores = ops.take(flat, tags[:, :-1] * scores.shape[-1] + tags[:, 1:])  # (B, T - 1)
        last_position = ops.sum(ops.cast(mask, "int32"), axis=1, keepdims=True) - 1
        last_tags = ops.squeeze(ops.take_along_axis(tags, ops.maximum(last_position, 0), axis=1), 1)
        end_scores = ops.take(self.first + self._first_penalties, tags[:, 0]) + ops.take(self.last, last_tags)
        return end_scores + ops.sum(tag_scores * is_step, axis=1) + ops.sum(pair_scores * is_step[:, 1:], axis=1)

    def _forward(self, scores: Any, mask: Any, combine: Any) -> Any:
        """Combined score of all paths up to each tag of each step, `[T, B, K]`; on padding that of the last step."""
        transitions = self._allowed_transitions()

        def step_forward(previous: Any, step: Any) -> tuple[Any, Any]:
            score, has_previous = _split_flags(step)
            combined = score + combine(ops.expand_dims(previous, -1) + transitions, 1)
            combined = ops.where(has_previous, combined, previous)
            return combined, combined

        start = self.first + self._first_penalties + scores[:, 0]
        has_previous = ops.pad(mask[:, 1:], [[0, 0], [1, 0]])  # False for step 0, where `start` passes unchanged
        return ops.scan(step_forward, start, _join_flags(ops.transpose(scores, (1, 0, 2)), has_previous))[1]

    def _backward(self, scores: Any, mask: Any) -> Any:
        """Combined score of all paths from each tag of each step to the end, `[T, B, K]`."""
        transitions = self._allowed_transitions()

        def step_back(following: Any, step: Any) -> tuple[Any, Any]:
            score, is_step = _split_flags(step)
            combined = _log_sum_exp(ops.expand_dims(following + score, 1) + transitions, 2)
            return ops.where(is_step, combined, following), following

        end = ops.zeros_like(scores[:, 0]) + self.last
        return ops.scan(step_back, end, _join_flags(ops.transpose(scores, (1, 0, 2)), mask), reverse=True)[1]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shapes of tags `[B, T]` and probabilities `[B, T, K]`."""
        return tuple(input_shape[:-1]), tuple(input_shape)

    def compute_output_spec(self, scores: Any, mask: Any = None) -> Any:
        """Return the shapes and types: tags are int32, probabilities float32."""
        best, probabilities = self.compute_output_shape(scores.shape)
        return keras.KerasTensor(best, "int32"), keras.KerasTensor(probabilities, "float32")

    def compute_mask(self, scores: Any, mask: Any = None) -> tuple[None, None]:
        """Return no masks: the tag is -1 and the probabilities are 0 on padding."""
        return None, None

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "forbidden": self.forbidden, "never_first": self.never_first}


def _penalties(shape: tuple[int, ...], forbidden: Sequence[Any]) -> np.ndarray:
    penalties = np.zeros(shape, "float32")
    for tags in forbidden:
        if not all(0 <= tag < shape[0] for tag in np.atleast_1d(tags)):
            raise InvalidValue(
                "LinearChainCRF", f"{tags} is forbidden, but the tags are 0 to {shape[0] - 1}.", "Name tags by number."
            )
        penalties[tags] = FORBIDDEN_SCORE
    return penalties


def _full_mask(scores: Any, mask: Any) -> Any:
    return ops.ones(ops.shape(scores)[:2], "bool") if mask is None else ops.cast(mask, "bool")


def _join_flags(steps: Any, flags: Any) -> Any:
    """Join scores `[T, B, K]` and flags `[B, T]` in one tensor `[T, B, K + 1]`.

    Keras's `scan` accepts only a single tensor where TensorFlow does not know T before it runs.
    """
    return ops.concatenate([steps, ops.expand_dims(ops.cast(ops.transpose(flags), "float32"), -1)], axis=-1)


def _split_flags(step: Any) -> tuple[Any, Any]:
    return step[:, :-1], step[:, -1:] > 0


def _log_sum_exp(scores: Any, axis: int) -> Any:
    return ops.logsumexp(scores, axis=axis)


def _max(scores: Any, axis: int) -> Any:
    return ops.max(scores, axis=axis)
