"""The forecaster's recipe: validation chooses how long to train, then all rows train that long."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, Words, keywords
from seqkit._old_names import warn_of_old_spelling
from seqkit.data.tables import split
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.tables import as_table
from seqkit.task.recipe import (
    Looks,
    begin,
    looks_within_steps,
    own_optimizer,
    refuse_divergence,
    set_state,
    state,
    steadied_adam,
    unvalidated_epochs,
    whole_passes,
)

BATCH = 32
STEPS_BETWEEN_LOOKS = 32  # gradient steps before validation is asked again
MOST_STEPS = 1600
PATIENCE = 6  # looks without a new low before the first stage ends
FEWEST_LOOKS = 10
UNVALIDATED_STEPS = 64  # for a table too short to hold anything back


def train_forecaster(
    table: pd.DataFrame,
    *,
    horizon: int,
    validation_rows: int | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    validation: int | None = None,
    **options: Any,
) -> Forecaster:
    """Train a forecaster on every row of a table, for as long as held-back rows say.

    First the last `validation_rows` rows are held back and their loss is watched; the number of epochs at which it
    was lowest is kept, the weights are not. Then training starts anew from the same first weights on all rows,
    for that many epochs: the latest rows, which the future resembles most, are learnt too. The forecasts are
    made by a moving average of the weights (Polyak & Juditsky 1992), which steadies both looks.

    Args:
        table: DataFrame with a regular time index, such as `read_csv` returns.
        horizon: rows to predict at once.
        validation_rows: rows to hold back in the first stage; a fifth of the table by default, between one and
            ten horizons. 0 for none: then a short fixed training.
        epochs: most times through the windows; by default enough for 1,600 steps and ten looks at
            the validation rows.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        verbose: 0 silent, 1 Keras's progress.
        validation: the old spelling of `validation_rows`, for this release, with a warning.
        options: anything `build_forecaster` takes.

    Returns:
        The trained `Forecaster`; `chosen_epochs` says how long it trained, `validation_history` holds the
        validation curve it was chosen from (None without one).

    Raises:
        ValueError: what `build_forecaster` and `fit` refuse; `validation_rows` that leave no window to train on.
    """
    table = as_table(table, "train_forecaster")
    begin("train_forecaster", seed)
    if epochs is not None:
        epochs = _checks.whole_number("train_forecaster", "epochs", epochs)
    wanted = _rows_asked_for(validation_rows, validation)
    optimizer = own_optimizer(options) or steadied_adam()
    model = build_forecaster(like=table, horizon=horizon, **{**options, "optimizer": optimizer})
    held_back = _rows_to_hold_back(model, len(table), wanted)
    first = state(model)
    history = _watch(model, table, held_back, epochs, verbose) if held_back else None
    model.validation_history = history
    model.chosen_epochs = _choose(history) if history else _unvalidated_epochs(model, table, epochs)
    set_state(model, first)
    model.trained_until = None
    model.adapt(table)
    _fit(model, table, model.chosen_epochs, verbose)
    return model


def _rows_asked_for(validation_rows: int | None, validation: int | None) -> int | None:
    """`validation_rows`, or what is given by its old name."""
    if validation is None:
        return validation_rows
    if validation_rows is not None:
        raise InvalidValue(
            "train_forecaster",
            f"validation_rows={validation_rows!r} and validation={validation!r}, its old spelling, both say how "
            "many rows are held back.",
            "Pass validation_rows alone.",
        )
    new = f"validation_rows={validation!r}"
    warn_of_old_spelling("train_forecaster", f"validation={validation!r}", "counts rows", new)
    return validation


def _rows_to_hold_back(model: Forecaster, rows: int, wanted: int | None) -> int:
    timesteps, horizon = model.settings.timesteps, model.settings.horizon
    most = rows - timesteps - horizon  # leaves one window to train on
    if wanted is None:
        usual = min(max(horizon, min(10 * horizon, rows // 5)), most - horizon // 2)
        return usual if usual >= horizon else 0
    wanted = _checks.whole_number("train_forecaster", "validation_rows", wanted, least=0)
    if wanted and not horizon <= wanted <= most:
        problem: str | Words = (
            f"validation_rows={wanted} must hold one horizon of {horizon} rows and leave a window of "
            f"{timesteps + horizon} of the {rows} rows to train on."
        )
        way_out = f"Pass {horizon} to {most}, or 0 for none."
        if most < horizon:
            problem = f"{rows} rows are too few to hold any back with " + keywords(timesteps=timesteps)
            problem += " and " + keywords(horizon=horizon) + "."
            way_out = "Pass validation_rows=0, more rows, or fewer timesteps."
        raise InvalidValue("train_forecaster", problem, way_out, "validation_rows")
    return wanted


def _watch(
    model: Forecaster, table: pd.DataFrame, held_back: int, epochs: int | None, verbose: int
) -> dict[str, list[float]]:
    train, validation, _ = split(table, validation=held_back, test=0, context=model.settings.timesteps)
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
    if model.optimizer.use_ema:  # validation judges the averaged weights
        callbacks.insert(0, keras.callbacks.SwapEMAWeights())
    return callbacks


def _looks(windows: int, epochs: int | None) -> Looks:
    how = {"between": STEPS_BETWEEN_LOOKS, "most_steps": MOST_STEPS, "fewest": FEWEST_LOOKS}
    return looks_within_steps(-(-windows // BATCH), epochs, **how)


def _choose(history: dict[str, list[float]]) -> int:
    losses = np.array(history["val_loss"])
    way_out = "Are there values too large for float32? Divide the columns by a power of ten."
    refuse_divergence("train_forecaster", losses, way_out)
    return int(history["epochs"][int(np.nanargmin(losses))])


def _unvalidated_epochs(model: Forecaster, table: pd.DataFrame, epochs: int | None) -> int:
    steps = -(-len(model.windows(table)) // BATCH)
    return unvalidated_epochs(steps, epochs, most_steps=UNVALIDATED_STEPS)


def _fit(model: Forecaster, table: pd.DataFrame, epochs: int, verbose: int) -> None:
    windows = model.windows(table)
    passes = whole_passes(-(-len(windows) // BATCH), epochs, between=STEPS_BETWEEN_LOOKS)
    model.fit(windows.dataset(BATCH, shuffle=True, passes=passes), epochs=epochs // passes, verbose=verbose)
    model.trained_until = table.index[-1].isoformat()
