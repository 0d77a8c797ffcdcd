"""What validation samples say while a classifier trains: their loss at every look, and the temperature for it."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit.classification.model import Classifier
from seqkit.classification.temperature import FittedTemperature, fit_temperature


class Schedule(NamedTuple):
    """The recipe's plan: after every `passes` epochs, one look computes the loss of the validation samples."""

    batch_size: int
    passes: int
    most_looks: int
    most_steps: int  # gradient steps in all of them
    first_look: int  # that may be chosen, from 0
    patience: int  # looks without a new low
    unvalidated_epochs: int  # epochs where there is no validation


class Validation(NamedTuple):
    """The validation results of one fold of B samples; each list has an item for every look."""

    probabilities: list[np.ndarray]  # (B, K) each
    targets: np.ndarray  # zeros and ones (B, K)
    losses: list[float]  # at the best temperature


class Validator(keras.callbacks.Callback):
    """Predict the validation samples after each of Keras's epochs; stop when their loss has no new low."""

    def __init__(self, model: Classifier, x: Any, y: Any, schedule: Schedule) -> None:
        """Read the validation samples and their labels."""
        super().__init__()
        self._schedule = schedule
        batches = model.batches("fit", x, None, precompute=True)
        self._batches = list(batches)  # arrays, since Keras's `predict` would open the dataset anew at each look
        self._answer = model.graphs.compiled(
            "validation", lambda batch: model(batch[0], training=False), signature=batches.element_spec
        )
        self._multi_label = model.settings.multi_label
        self._targets = model.encode(y)
        self._probabilities: list[np.ndarray] = []
        self._losses: list[float] = []

    @property
    def validation(self) -> Validation:
        """What the looks have found."""
        return Validation(self._probabilities, self._targets, self._losses)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the validation samples."""
        probabilities = self.predict()
        losses = self._losses
        self._probabilities.append(probabilities)
        losses.append(fit_temperature(probabilities, self._targets, 1.0, self._multi_label).loss)
        if logs is not None:
            logs["val_loss"] = losses[-1]  # for callbacks and progress
        first, patience = self._schedule.first_look, self._schedule.patience
        if epoch >= first + patience and epoch - first - int(np.argmin(losses[first:])) >= patience:
            self.model.stop_training = True

    def predict(self) -> np.ndarray:
        """Return the probabilities of the validation samples, `[B, K]`."""
        return np.concatenate([self._answer(batch) for batch in self._batches])


def _fit_all_folds(validations: list[Validation], look: int, multi_label: bool) -> FittedTemperature:
    """Temperature and loss of all validation samples at one look; a fold that stopped early keeps its last look."""
    probabilities = np.concatenate([fold.probabilities[min(look, len(fold.losses) - 1)] for fold in validations])
    return fit_temperature(probabilities, np.concatenate([fold.targets for fold in validations]), 1.0, multi_label)


def history_of(validations: list[Validation], schedule: Schedule, multi_label: bool) -> dict[str, list[float]]:
    """Return the validation curve of all folds together."""
    looks = range(max(len(fold.losses) for fold in validations))
    fitted = [_fit_all_folds(validations, look, multi_label) for look in looks]
    return {
        "epochs": [float(schedule.passes * (look + 1)) for look in looks],
        "val_loss": [fit.loss for fit in fitted],
        "temperature": [fit.temperature for fit in fitted],
    }
