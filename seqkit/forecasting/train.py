"""Train a forecaster: validation rows choose the number of epochs, then all rows train for that number."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, MessageText, keywords
from seqkit._old_names import warn_of_old_spelling
from seqkit.data.tables import split
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.tables import as_table
from seqkit.task.recipe import (
    Rounds,
    adam_averaging_steps,
    copied_optimizer,
    copy_state,
    epochs_without_validation,
    passes_per_epoch,
    refuse_divergence,
    restore_state,
    rounds_within_steps,
    set_seed,
    several_steps_at_once,
)

BATCH = 32
STEPS_BETWEEN_LOOKS = 32  # gradient steps between two looks at the validation loss
MOST_STEPS = 1600
PATIENCE = 6  # looks without a new lowest loss before the first stage ends
FEWEST_LOOKS = 10
UNVALIDATED_STEPS = 64  # gradient steps of a training without validation rows


def train_forecaster(
    table: pd.DataFrame,
    *,
    horizon: int | None = None,
    validation_rows: int | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    reuse: Forecaster | None = None,
    validation: int | None = None,
    **options: Any,
) -> Forecaster:
    """Train a forecaster on all rows of a table; held-out validation rows choose the number of epochs.

    The first stage holds out the last `validation_rows` rows and notes the epoch with the lowest validation loss. The
    second stage starts from the same initial weights and trains on all rows for that number of epochs, because the
    latest rows are most like the future. Both stages evaluate a moving average of the weights, which varies less from
    step to step (Polyak & Juditsky 1992).

    Args:
        table: DataFrame with a regular time index, such as `read_csv` returns.
        horizon: rows to predict at once; by default a season, as in `build_forecaster`.
        validation_rows: rows to hold out in the first stage; by default a fifth of the table, from one to ten
            horizons. 0 for a short training of fixed length without validation.
        epochs: most epochs; by default enough for 1,600 gradient steps and for ten looks at the validation loss.
        seed: makes the result repeatable on one machine; it seeds Python, NumPy and Keras.
        verbose: 0 silent, 1 Keras's progress.
        reuse: a forecaster that an earlier call returned. Where this table gives a network of the same settings, it is
            trained from new initial weights and returned, so that nothing is compiled again; what it had learnt is
            lost. The forecasts are the same. Else a new model is trained.
        validation: the old spelling of `validation_rows`; it works in this release, with a warning.
        options: any argument of `build_forecaster`.

    Returns:
        The trained `Forecaster`. Its `chosen_epochs` is the number of epochs, and its `validation_history` the
        validation curve that chose it (None without validation rows).

    Raises:
        TypeError, ValueError: arguments that `build_forecaster` or `fit` refuse; `validation_rows` that leave no
            window to train on.
    """
    table = as_table(table, "train_forecaster")
    set_seed("train_forecaster", seed)
    if epochs is not None:
        epochs = _checks.whole_number("train_forecaster", "epochs", epochs)
    rows = _current_spelling(validation_rows, validation)
    optimizer = copied_optimizer(options) or adam_averaging_steps()
    model = build_forecaster(like=table, horizon=horizon, **{**options, "optimizer": optimizer})
    if reuse is not None:
        model = _restarted("train_forecaster", reuse, model)
    held_out = _rows_to_hold_out(model, len(table), rows)
    first = copy_state(model)
    with several_steps_at_once(model, keep=reuse is not None):
        history = _fit_first_stage(model, table, held_out, epochs, verbose) if held_out else None
        model.validation_history = history
        model.chosen_epochs = _best_epochs(history) if history else _unvalidated_epochs(model, table, epochs)
        restore_state(model, first)
        model.trained_until = None
        model.adapt(table)
        _fit_all_rows(model, table, model.chosen_epochs, verbose)
    return model


def _restarted(where: str, used: Any, fresh: Forecaster) -> Forecaster:
    """Return the used model in the state of the fresh one if their graphs are the same, else the fresh one."""
    if not isinstance(used, Forecaster):
        problem = f"reuse must be a forecaster of an earlier call, got {_checks.type_name(used)}."
        raise InvalidType(where, problem, argument="reuse")
    if not used.has_graph_of(fresh):
        return fresh
    used.take_state_of(fresh)
    return used


def _current_spelling(validation_rows: int | None, validation: int | None) -> int | None:
    """Return `validation_rows`, or the value that is passed by its old spelling `validation`."""
    if validation is None:
        return validation_rows
    if validation_rows is not None:
        raise InvalidValue(
            "train_forecaster",
            f"validation_rows={validation_rows!r} and validation={validation!r}, its old spelling, both set the number "
            "of validation rows.",
            "Pass validation_rows alone.",
            argument="validation",
        )
    old, new = f"validation={validation!r}", f"validation_rows={validation!r}"
    warn_of_old_spelling("train_forecaster", old, "counts rows", new)
    return validation


def _rows_to_hold_out(model: Forecaster, table_rows: int, rows: int | None) -> int:
    timesteps, horizon = model.settings.timesteps, model.settings.horizon
    most = table_rows - timesteps - horizon  # leaves one window to train on
    if rows is None:
        default = min(max(horizon, min(10 * horizon, table_rows // 5)), most - horizon // 2)
        return default if default >= horizon else 0
    rows = _checks.whole_number("train_forecaster", "validation_rows", rows, least=0)
    if rows and not horizon <= rows <= most:
        problem: str | MessageText = (
            f"validation_rows={rows} must hold one horizon of {horizon} rows and leave a window of "
            f"{timesteps + horizon} of the {table_rows} rows to train on."
        )
        way_out = f"Pass {horizon} to {most}, or 0 for none."
        if most < horizon:
            problem = f"{table_rows} rows are too few to hold any out with " + keywords(timesteps=timesteps)
            problem += " and " + keywords(horizon=horizon) + "."
            way_out = "Pass validation_rows=0, more rows, or fewer timesteps."
        raise InvalidValue("train_forecaster", problem, way_out, "validation_rows")
    return rows


def _fit_first_stage(
    model: Forecaster, table: pd.DataFrame, held_out: int, epochs: int | None, verbose: int
) -> dict[str, list[float]]:
    """Train on the rows before the validation rows, and return the validation curve."""
    train, validation, _ = split(table, validation=held_out, test=0, context=model.settings.timesteps)
    model.adapt(train)
    windows = model.windows(train)
    looks = _looks(len(windows), epochs)
    history = model.fit(
        windows.dataset(BATCH, shuffle=True, passes=looks.passes),
        epochs=looks.most,
        validation_data=validation,
        callbacks=_callbacks(model),
        verbose=verbose,
    ).history
    return {**history, "epochs": [float(looks.passes * (look + 1)) for look in range(len(history["loss"]))]}


def _callbacks(model: Forecaster) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = [keras.callbacks.EarlyStopping("val_loss", patience=PATIENCE)]
    if model.optimizer.use_ema:  # validation evaluates the averaged weights
        callbacks.insert(0, keras.callbacks.SwapEMAWeights())
    return callbacks


def _looks(windows: int, epochs: int | None) -> Rounds:
    how = {"between": STEPS_BETWEEN_LOOKS, "most_steps": MOST_STEPS, "fewest": FEWEST_LOOKS}
    return rounds_within_steps(-(-windows // BATCH), epochs, **how)


def _best_epochs(history: dict[str, list[float]]) -> int:
    losses = np.array(history["val_loss"])
    way_out = "Divide the columns by a power of ten if their values are too large for float32."
    refuse_divergence("train_forecaster", losses, way_out)
    return int(history["epochs"][int(np.nanargmin(losses))])


def _unvalidated_epochs(model: Forecaster, table: pd.DataFrame, epochs: int | None) -> int:
    steps = -(-len(model.windows(table)) // BATCH)
    return epochs_without_validation(steps, epochs, most_steps=UNVALIDATED_STEPS)


def _fit_all_rows(model: Forecaster, table: pd.DataFrame, epochs: int, verbose: int) -> None:
    windows = model.windows(table)
    passes = passes_per_epoch(-(-len(windows) // BATCH), epochs, between=STEPS_BETWEEN_LOOKS)
    model.fit(windows.dataset(BATCH, shuffle=True, passes=passes), epochs=epochs // passes, verbose=verbose)
    model.trained_until = table.index[-1].isoformat()
