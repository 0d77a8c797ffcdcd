"""The two stages of a forecaster's training: validation rows choose the epochs, then all rows train for them."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import SeqkitWarning
from seqkit.data.panels import is_panel
from seqkit.data.splits import split
from seqkit.data.windows import Windows
from seqkit.forecasting.calibration import calibrate_on
from seqkit.forecasting.members import (
    SHARE_OF_MANY,
    BestAverages,
    Share,
    folds_of,
    has_shares_to_weigh,
    set_share,
    share_by_folds,
    weigh_members,
)
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.schedule import STEPS_BETWEEN_LOOKS, Looks, affordable_steps, looks_of
from seqkit.task.progress import Watch
from seqkit.task.recipe import epochs_without_validation, passes_per_epoch, patience_of, refuse_divergence
from seqkit.task.safety_stop import SafetyStop
from seqkit.task.training_run import training_run

STEPS_OF_A_ROUND = 32  # of the second stage; Keras's part of a round takes time
LEAD_OF_TRAINING = 0.01  # of a panel's loss: all series hold out the same months, which tell no smaller difference
UNVALIDATED_STEPS = 64  # gradient steps of a training without validation rows


class Way(NamedTuple):
    """How a forecaster is trained, the same in both stages."""

    epochs: int | None
    batch_size: int
    seconds: float | None  # the budget
    watch: Watch  # the clock is among its callbacks


def way_of(where: str, epochs: Any, batch_size: Any, budget: Any, watch: Watch) -> Way:
    """Check the arguments of a recipe; the clock of the budget starts."""
    seconds = _checks.seconds(where, "budget", budget)
    clock = [] if seconds is None else [SafetyStop(where, seconds)]
    return Way(
        None if epochs is None else _checks.whole_number(where, "epochs", epochs),
        _checks.whole_number(where, "batch_size", batch_size),
        seconds,
        watch._replace(callbacks=[*watch.callbacks, *clock]),
    )


class Found(NamedTuple):
    """What the first stage found."""

    looks: Looks
    share: Share


def first_stage(model: Forecaster, table: pd.DataFrame, held_out: int, way: Way, *, intervals: bool) -> Found:
    """Train on the rows before the validation rows; choose the epochs, the share of the network and the intervals."""
    windows, validation = _cut(model, table, held_out)
    if has_shares_to_weigh(model):
        weigh_members(model, windows)
    count = len(validation) if isinstance(validation, Windows) else held_out - model.settings.horizon + 1
    affordable = affordable_steps(model.settings, way.seconds, way.batch_size, count)
    looks = looks_of(len(windows), way.batch_size, way.epochs, affordable)
    untrained = float(model.evaluate(validation, verbose=0, return_dict=True)["loss"])
    kept = BestAverages(model)
    showing = way.watch.of_training("first stage", kept, *_validating(model, looks))
    history = _fit_windows(model, windows, way, looks, looks.most, validation_data=validation, **showing).history
    epochs = [looks.epochs(rounds, len(windows), way.batch_size) for rounds in range(1, len(history["loss"]) + 1)]
    model.validation_history = {**history, "epochs": epochs}
    untrained += LEAD_OF_TRAINING * abs(untrained) if is_panel(table) else 0
    best = _rounds_of_lowest_loss(untrained, history)
    model.chosen_epochs = looks.epochs(best, len(windows), way.batch_size)
    model.set_weights(kept.kept if best else kept.first)
    held_out_windows = validation if isinstance(validation, Windows) else model.windows(validation)
    share = _share(model, held_out_windows) if best and model.settings.members else Share(0.0)
    set_share(model, share.share)
    if intervals and not has_simple_intervals(model, share):
        calibrate_on(model, held_out_windows)
    return Found(looks, share)


def _share(model: Forecaster, held_out: Windows) -> Share:
    if model.settings.series is not None:
        return Share(SHARE_OF_MANY)
    return share_by_folds(model, *folds_of(held_out, model.settings.horizon))


def has_simple_intervals(model: Forecaster, share: Share, *, trained: bool = True) -> bool:
    """Whether the errors of the members on all rows tell the intervals: none of the members is trained on them.

    Effects of future columns and of the calendar, where these are `trained`, are beside the members.
    """
    if trained and model.settings.has_effects:
        return False
    return bool(model.settings.members) and (model.settings.series is None or share.share == 0)


def _cut(model: Forecaster, table: pd.DataFrame, held_out: int) -> tuple[Windows, Windows | pd.DataFrame]:
    """The windows to train on, and what validates: a table, or the windows of a panel; the model is adapted.

    Series that are too short for either are named in the second stage alone, which trains on all rows.
    """
    with warnings.catch_warnings():
        if is_panel(table):
            warnings.simplefilter("ignore", SeqkitWarning)
        train, validation, _ = split(table, validation=held_out, test=0, context=model.settings.least_known)
        model.adapt(train)
        return model.windows(train), model.windows(validation) if is_panel(table) else validation


def _validating(model: Forecaster, looks: Looks) -> list[keras.callbacks.Callback]:
    # The losses of a panel, and those after parts of a pass, go up and down: the training waits as long as usual.
    is_even = model.settings.series is None and looks.passes is not None
    patience = patience_of(looks.steps if is_even else STEPS_BETWEEN_LOOKS, STEPS_BETWEEN_LOOKS)
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.EarlyStopping("val_loss", patience=patience)]
    if model.optimizer.use_ema:  # validation evaluates the averaged weights
        callbacks.insert(0, keras.callbacks.SwapEMAWeights())
    return callbacks


def _rounds_of_lowest_loss(untrained: float, history: dict[str, list[float]]) -> int:
    """The rounds of the lowest validation loss; 0 where no training is below the untrained model's."""
    losses = np.array(history["val_loss"])
    way_out = "Divide the columns by a power of ten if their values are too large for float32."
    refuse_divergence("train_forecaster", losses, way_out)
    return 0 if untrained <= np.nanmin(losses) else int(np.nanargmin(losses)) + 1


def second_stage(model: Forecaster, table: pd.DataFrame, way: Way, looks: Looks | None) -> None:
    """Train on all rows for the chosen epochs, or for a short time where no rows were held out."""
    windows = model.windows(table)
    steps = -(-len(windows) // way.batch_size)
    if looks is None:
        model.validation_history = None
        model.chosen_epochs = epochs_without_validation(steps, way.epochs, most_steps=UNVALIDATED_STEPS)
        affordable = affordable_steps(model.settings, way.seconds, way.batch_size, 0)
        if affordable is not None and affordable < steps:
            looks = looks_of(len(windows), way.batch_size, 1, affordable)
            model.chosen_epochs = looks.epochs(looks.most, len(windows), way.batch_size)
    epochs = model.chosen_epochs
    if not epochs:
        return
    if looks is not None and looks.passes is None:  # parts of a pass, as in the first stage
        rounds = max(1, round(epochs * steps / looks.steps))
        rounds_of = looks
    else:
        passes = passes_per_epoch(steps, int(epochs), between=STEPS_OF_A_ROUND)
        rounds = int(epochs) // passes
        rounds_of = Looks(passes * steps, rounds, passes)
    _fit_windows(model, windows, way, rounds_of, rounds, **way.watch.of_training("all rows"))


def _fit_windows(
    model: Forecaster, windows: Windows, way: Way, looks: Looks, rounds: int, *, checkpoint: Any, **options: Any
) -> keras.callbacks.History:
    """Train for so many rounds; with a checkpoint, the order of the windows can go on."""
    with training_run(model, checkpoint) as run:
        batches = windows.dataset(way.batch_size, shuffle=True, passes=looks.passes)
        return model.fit(batches, epochs=rounds, checkpoint=run, **looks.keras_options, **options)
