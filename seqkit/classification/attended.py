"""A classifier's probabilities and attention weights, without padding.

Shapes: B samples, T_i timesteps of sample i, F features, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.model import Classifier
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import DEFAULT_BATCH_SIZE, LENGTH_MULTIPLE, pad
from seqkit.task.finite_weights import checked_answer
from seqkit.task.progress import AUTO
from seqkit.text.splitting import split_words
from seqkit.text.token_numbers import add_unknown_if_empty
from seqkit.text.vocabulary import PADDING, UNKNOWN


class Attended(NamedTuple):
    """The classifier's output for B samples."""

    probabilities: np.ndarray  # (B, K)
    weights: list[np.ndarray]  # (T_i,) each, summing to one; (0,) for a text without words


class AttentionReader:
    """Reads the step weights of a classifier with attention over steps.

    Args:
        model: the classifier.
        where: the public function that messages name.

    Raises:
        TypeError: `model` is not a `Classifier`.
        ValueError: `model` has no attention over steps, or has not been adapted.
    """

    def __init__(self, model: Any, where: str) -> None:
        """Make the weights a second output."""
        if not isinstance(model, Classifier):
            problem = f"model must be a Classifier, got {type(model).__name__}."
            way_out = "Build one with build_classifier; attention_weights reads any Keras model."
            raise InvalidType(where, problem, way_out, "model")
        model.refuse_unadapted(where)
        self.model, self.where = model, where
        self.with_attention = model.with_attention()
        if len(self.with_attention.outputs) < 2:
            attention = ", ".join(model.settings.attention) or "none"
            problem = f"this classifier has no attention over steps (attention={attention!r}), so no step has a weight."
            raise InvalidValue(where, problem, "Build it with attention='tanh'.", "model")

    def unpadded(self, x: Any) -> list[np.ndarray]:
        """Token numbers `(T_i,)`, `(0,)` for a text without words, or series `(T_i, F)`."""
        padded = self.model.network_input(x, self.where)
        if self.model.vocabulary is not None:
            return _without_stand_ins([row[row != PADDING] for row in padded], list(x))
        ends = [np.flatnonzero(~np.isnan(row).all(axis=1))[-1] + 1 for row in padded]
        return [row[:end] for row, end in zip(padded, ends, strict=True)]

    def read(self, samples: Sequence[np.ndarray], verbose: Any = AUTO) -> Attended:
        """Run the classifier on samples, in batches of like length."""

        def answer(positions: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
            batch = self._batch([samples[position] for position in positions])
            probabilities, weights = checked_answer(self.model, self.with_attention.predict_on_batch(batch))
            lengths = [len(samples[position]) for position in positions]
            return [(p, w[:length]) for p, w, length in zip(probabilities, weights, lengths, strict=True)]

        answers = answer_in_batches(self.model, list(map(len, samples)), DEFAULT_BATCH_SIZE, answer, verbose=verbose)
        probabilities = np.array([p for p, _ in answers], "float64")
        return Attended(probabilities.reshape(len(samples), -1), [weights for _, weights in answers])

    def _batch(self, samples: Sequence[np.ndarray]) -> np.ndarray:
        """Pad the samples as in training; an unknown word stands in for a text without words, as in `predict`."""
        if self.model.settings.timesteps is not None:
            return np.stack(samples)
        if self.model.vocabulary is None:
            return pad(samples, np.nan, LENGTH_MULTIPLE)
        return pad([add_unknown_if_empty(sample) for sample in samples], PADDING, LENGTH_MULTIPLE)


def _without_stand_ins(samples: list[np.ndarray], texts: Sequence[str]) -> list[np.ndarray]:
    """The token numbers, without the unknown word that stands in for a text without words."""
    doubtful = [position for position, numbers in enumerate(samples) if numbers.tolist() == [UNKNOWN]]
    for position, words in zip(doubtful, split_words([texts[position] for position in doubtful]), strict=True):
        samples[position] = samples[position][: len(words)]
    return samples
