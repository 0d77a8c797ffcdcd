"""What a classifier answers: labels and their probabilities, calibrated, and where it looked."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit.classification.settings import ClassifierSettings
from seqkit.classification.temperature import fit_temperature
from seqkit.data import labels as class_labels
from seqkit.data import sequences
from seqkit.data import series as inputs
from seqkit.data.texts import as_texts
from seqkit.layers.convolution import FixedConvolutions
from seqkit.task import fitting
from seqkit.task.model import RebuiltModel
from seqkit.text.vocabulary import PADDING, UNKNOWN, Vocabulary

BATCH = 32
TEXTS_AT_ONCE = 1024  # that are encoded together; the longest of them decides how much memory that takes
COOLED = 20.0  # temperature at which no probability is so near to zero or one that float32 loses its score
MOST_KEPT = 20_000  # samples whose fixed convolutions are computed once and kept, 20 kB each
LEAST_PROBABILITY = 0.5  # of a class that holds, where any number may


class AnsweringClassifier(RebuiltModel):
    """The part of `Classifier` that answers.

    Shapes: B samples, T timesteps, F features, K classes.
    """

    settings: ClassifierSettings
    vocabulary: Vocabulary | None
    _scaling: Any
    _convolution: Any
    _probabilities: Any
    _attention: Any

    @property
    def labels(self) -> tuple[class_labels.Label, ...]:
        """The classes, in the order of the probabilities."""
        return self.settings.labels

    @property
    def temperature(self) -> float:
        """What scores are divided by; 1 before `calibrate`."""
        return float(ops.convert_to_numpy(self._probabilities.temperature))

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> np.ndarray:
        """Probabilities `[B, K]` as an array, classes in the order of `labels`."""
        self._refuse_unadapted("predict")
        if self._is_ours(x):
            return super().predict(self.batches("predict", x, None, batch_size), **kwargs)
        return super().predict(x, batch_size if isinstance(x, np.ndarray) else None, **kwargs)

    def predict_proba(self, x: Any, batch_size: int | None = None) -> pd.DataFrame:
        """Probabilities as a DataFrame, a column for each class; indexed as `x` where that is a pandas column."""
        probabilities = self.predict(x, batch_size, verbose=0)
        index = x.index if isinstance(x, pd.Series) else None
        return pd.DataFrame(probabilities, index=index, columns=pd.Index(list(self.labels), name="class"))

    def predict_classes(self, x: Any, batch_size: int | None = None) -> Any:
        """The most probable label of each sample, `[B]`; with `multi_label` a list of those above one half."""
        return self.labels_of(self.predict(x, batch_size, verbose=0))

    def labels_of(self, probabilities: np.ndarray) -> Any:
        """The labels that probabilities `[B, K]` stand for."""
        if self.settings.multi_label:
            return [
                tuple(label for label, one in zip(self.labels, row, strict=True) if one >= LEAST_PROBABILITY)
                for row in probabilities
            ]
        return np.array(self.labels)[probabilities.argmax(axis=1)]

    def set_temperature(self, temperature: float) -> None:
        """Divide scores by this from now on, until the next `fit`."""
        if not 0 < temperature < np.inf:
            raise ValueError(f"set_temperature: a number above 0 is needed, got {temperature}. 1 is as trained.")
        self._probabilities.temperature.assign(temperature)

    def calibrate(self, x: Any, y: Any) -> float:
        """Fit the temperature on samples that were not trained on, and return it.

        Args:
            x: series or texts.
            y: their labels.

        Returns:
            The temperature; above 1 where the model was surer than right. `fit` sets it back to 1.
        """
        targets = self._encoded("calibrate", y, len(self._samples("calibrate", x)))
        found = self.temperature
        try:
            self.set_temperature(COOLED)
            probabilities = self.predict(x, verbose=0)
            found = fit_temperature(probabilities, targets, COOLED, self.settings.multi_label).temperature
        finally:
            self.set_temperature(found)
        return found

    def with_attention(self) -> keras.Model:
        """The same layers, with the weights of each timestep `[B, T]` as a second output if there is such attention."""
        outputs = self.output if self._attention is None else [self.output, self._attention]
        return keras.Model(self.input, outputs)

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """What the graph reads: series filled up with NaN `[B, T, F]`, or numbers of words `[B, T]`."""
        return sequences.pad(self._samples(where, x), PADDING if self.settings.is_text else np.nan)

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        weights: Any = None,
        passes: int = 1,
        keep: bool = False,
    ) -> Any:
        """Series or texts, with their labels if any, as batches for Keras; see `sequences.batches`.

        With `keep`, fixed convolutions are computed now, once, and handed to the model with their series.
        """
        samples = self._samples(where, x)
        return sequences.batches(
            samples,
            None if y is None else self._encoded(where, y, len(samples)),
            batch_size=BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size),
            shuffle=shuffle,
            passes=passes,
            filling=PADDING if self.settings.is_text else np.nan,
            weights=fitting.checked_weights(where, weights, len(samples), "samples"),
            length=self.settings.timesteps,
            beside=self._convolved(samples) if keep and isinstance(self._convolution, FixedConvolutions) else None,
        )

    def _convolved(self, samples: list[np.ndarray]) -> np.ndarray | None:
        """What the fixed convolutions give for each series, `[B, N]`; None where that would take too much memory."""
        if len(samples) > MOST_KEPT:
            return None
        reader = keras.Model(self.input, self.get_layer("convolution").output)
        series = sequences.batches(samples, None, batch_size=BATCH, length=self.settings.timesteps)
        return np.asarray(reader.predict(series, verbose=0))

    def encode(self, y: Any) -> np.ndarray:
        """Labels as zeros and ones `[B, K]`."""
        return class_labels.encode("encode", y, self.labels, self.settings.multi_label)

    def _samples(self, where: str, x: Any) -> list[np.ndarray]:
        """Series `[T_i, F]`, or the numbers of words `[T_i]`."""
        settings = self.settings
        if self.vocabulary is None:
            series = inputs.as_series(where, x, settings.features, settings.missing)
            return series if settings.timesteps is None else list(inputs.stacked(where, series, settings.timesteps))
        texts, found = as_texts(where, x), []
        for first in range(0, len(texts), TEXTS_AT_ONCE):
            numbers = self.vocabulary.encode(texts[first : first + TEXTS_AT_ONCE]).astype("int32")
            lengths = (numbers != PADDING).sum(axis=1)
            numbers[lengths == 0, 0] = UNKNOWN  # cuDNN refuses what is padding alone
            found += [row[: max(1, length)].copy() for row, length in zip(numbers, lengths, strict=True)]
        return found

    def _encoded(self, where: str, y: Any, samples: int) -> np.ndarray:
        return class_labels.encode(where, y, self.labels, self.settings.multi_label, samples)

    def _is_ours(self, x: Any) -> bool:
        is_numbers = isinstance(x, np.ndarray) and self.settings.is_text and x.dtype.kind in "iu"
        ours = (list, tuple, np.ndarray, pd.Series, pd.Index, pd.DataFrame)
        return (x is None or np.isscalar(x) or isinstance(x, ours)) and not is_numbers

    def _refuse_unadapted(self, where: str) -> None:
        for layer in (self._scaling, self._convolution):
            if not getattr(layer, "is_adapted", True):
                raise ValueError(
                    f"{where}: the classifier has not seen the training series yet, from which it takes their mean and "
                    "spread and its thresholds. Build with like=x, or call model.adapt(x) first."
                )
