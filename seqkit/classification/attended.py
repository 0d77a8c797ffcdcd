"""What a classifier says of samples and where it looks, without the steps that only fill up a batch.

Shapes: B samples, T_i steps of sample i, F features, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.model import Classifier
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import DEFAULT_BATCH_SIZE, LENGTH_MULTIPLE, pad
from seqkit.text.token_numbers import add_unknown_if_empty
from seqkit.text.vocabulary import PADDING, UNKNOWN, split_words


class Attended(NamedTuple):
    """The answers to samples."""

    probabilities: np.ndarray  # (B, K)
    weights: list[np.ndarray]  # (T_i,) each, summing to one; (0,) of a text without words


class StepReader:
    """A classifier with attention over steps, connected once and read as often as needed.

    Args:
        model: the classifier.
        where: the public function that messages name.

    Raises:
        TypeError: it is no `Classifier`.
        ValueError: it has no attention over steps, or has not been adapted.
    """

    def __init__(self, model: Any, where: str) -> None:
        """Connect the weights as a second output."""
        if not isinstance(model, Classifier):
            raise InvalidType(
                where,
                f"model must be a Classifier, got {type(model).__name__}.",
                "Build one with build_classifier; attention_weights reads any Keras model.",
                argument="model",
            )
        model.refuse_unadapted(where)
        self.model, self.where = model, where
        self.answers = model.with_attention()
        if len(self.answers.outputs) < 2:
            kinds = ", ".join(model.settings.attention) or "none"
            raise InvalidValue(
                where,
                f"this classifier has no attention over steps (attention={kinds!r}), so no step has a weight.",
                "Build it with attention='tanh'.",
            )

    def samples(self, x: Any) -> list[np.ndarray]:
        """Numbers of words `(T_i,)`, none of a text without words, or series `(T_i, F)`."""
        padded = self.model.network_input(x, self.where)
        if self.model.vocabulary is not None:
            return _words_of([row[row != PADDING] for row in padded], list(x))
        ends = [np.flatnonzero(~np.isnan(row).all(axis=1))[-1] + 1 for row in padded]
        return [row[:end] for row, end in zip(padded, ends, strict=True)]

    def read(self, samples: Sequence[np.ndarray]) -> Attended:
        """Run the classifier on samples, those of like length together."""

        def answer(positions: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
            probabilities, weights = self.answers.predict_on_batch(self._batch([samples[row] for row in positions]))
            return [
                (shares, row[: len(samples[position])])
                for position, shares, row in zip(positions, probabilities, weights, strict=True)
            ]

        answers = answer_in_batches(self.model, list(map(len, samples)), DEFAULT_BATCH_SIZE, answer)
        probabilities = np.array([shares for shares, _ in answers], "float64")
        return Attended(probabilities.reshape(len(samples), -1), [row for _, row in answers])

    def _batch(self, samples: Sequence[np.ndarray]) -> np.ndarray:
        """Filled up as in training; a text without words is read as one unknown word, as by `predict`."""
        if self.model.settings.timesteps is not None:
            return np.stack(samples)
        if self.model.vocabulary is None:
            return pad(samples, np.nan, LENGTH_MULTIPLE)
        return pad([add_unknown_if_empty(sample) for sample in samples], PADDING, LENGTH_MULTIPLE)


def _words_of(samples: list[np.ndarray], texts: Sequence[str]) -> list[np.ndarray]:
    """The samples, without the one unknown word that stands for a text without words."""
    doubtful = [row for row, one in enumerate(samples) if one.tolist() == [UNKNOWN]]
    for row, words in zip(doubtful, split_words([texts[row] for row in doubtful]), strict=True):
        samples[row] = samples[row][: len(words)]
    return samples
