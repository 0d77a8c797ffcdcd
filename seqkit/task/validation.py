"""What validation samples say while a model trains: their loss at every look, and what else is judged with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit.task.series_model import SeriesTask

Judge = Callable[[np.ndarray, np.ndarray], Any]  # of predictions and targets: a named tuple of numbers with a `loss`


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

    predictions: list[np.ndarray]  # (B, ...) each
    targets: np.ndarray  # (B, ...)
    losses: list[float]

    def predictions_at(self, look: int) -> np.ndarray:
        """The predictions of a look; a fold that stopped early keeps its last look."""
        return self.predictions[min(look, len(self.losses) - 1)]


class Validator(keras.callbacks.Callback):
    """Predict the validation samples after each of Keras's epochs; stop when their loss has no new low."""

    def __init__(self, model: SeriesTask, x: Any, targets: np.ndarray, schedule: Schedule, judge: Judge) -> None:
        """Read the validation samples, whose targets `[B, ...]` are as the network gives them."""
        super().__init__()
        self._schedule, self._targets, self._judge = schedule, targets, judge
        batches = model.batches("fit", x, None, precompute=True)
        self._batches = list(batches)  # arrays, since Keras's `predict` would open the dataset anew at each look
        self._answer = model.graphs.compiled(
            "validation", lambda batch: model(batch[0], training=False), signature=batches.element_spec
        )
        self._predictions: list[np.ndarray] = []
        self._losses: list[float] = []

    @property
    def validation(self) -> Validation:
        """What the looks have found."""
        return Validation(self._predictions, self._targets, self._losses)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the validation samples."""
        predictions = self.predict()
        losses = self._losses
        self._predictions.append(predictions)
        losses.append(self._judge(predictions, self._targets).loss)
        if logs is not None:
            logs["val_loss"] = losses[-1]  # for callbacks and progress
        first, patience = self._schedule.first_look, self._schedule.patience
        if epoch >= first + patience and epoch - first - int(np.argmin(losses[first:])) >= patience:
            self.model.stop_training = True

    def predict(self) -> np.ndarray:
        """Return the predictions for the validation samples, `[B, ...]`."""
        return np.concatenate([self._answer(batch) for batch in self._batches])


def history_of(validations: list[Validation], schedule: Schedule, judge: Judge) -> dict[str, list[float]]:
    """Return the validation curve of all folds together: `epochs`, `val_loss`, and what else is judged."""
    looks = range(max(len(fold.losses) for fold in validations))
    targets = np.concatenate([fold.targets for fold in validations])
    judged = [judge(np.concatenate([fold.predictions_at(look) for fold in validations]), targets) for look in looks]
    others = {name: [getattr(one, name) for one in judged] for name in judged[0]._fields if name != "loss"}
    return {
        "epochs": [float(schedule.passes * (look + 1)) for look in looks],
        "val_loss": [one.loss for one in judged],
        **others,
    }
