"""Train a forecaster: validation rows choose the number of epochs, then all rows train for that number."""

from __future__ import annotations

import time
from typing import Any

import keras
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, MessageText, keywords
from seqkit._old_names import warn_of_old_spelling
from seqkit.data.panels import is_panel, require_panel
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.build_pretrained import FIRST_RATE
from seqkit.forecasting.calibration import (
    MOST_WINDOWS_OF_A_TABLE,
    calibrate_on,
    copy_intervals,
    restore_intervals,
)
from seqkit.forecasting.categories import named_categories
from seqkit.forecasting.facts import lengths_of
from seqkit.forecasting.intermittent import is_intermittent_table
from seqkit.forecasting.members import (
    Share,
    default_members,
    has_shares_to_weigh,
    is_left_to_members,
    is_too_short_to_train,
    set_share,
    trained_alone,
    weigh_members,
)
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.schedule import BATCH
from seqkit.forecasting.stages import Way, first_stage, has_simple_intervals, second_stage, way_of
from seqkit.forecasting.tables import as_table, last_stamp
from seqkit.forecasting.trainer import reads_any_length, trainer_for
from seqkit.task.halving_rate import HalvingRate
from seqkit.task.progress import AUTO, watch_of
from seqkit.task.recipe import (
    adam_averaging_steps,
    copy_state,
    recipe_optimizer,
    restore_state,
    set_seed,
    several_steps_at_once,
)

MOST_VALIDATION_WINDOWS = 10_000  # of all series, about; more of each would cost more than they tell


def train_forecaster(
    table: pd.DataFrame,
    *,
    horizon: int | None = None,
    validation_rows: int | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    budget: float | str | None = None,
    batch_size: int = BATCH,
    learning_rate: Any = None,
    callbacks: Any = None,
    verbose: Any = AUTO,
    checkpoint: Any = None,
    reuse: Forecaster | bool | None = None,
    validation: int | None = None,
    intervals: bool = True,
    **options: Any,
) -> Forecaster:
    """Train a forecaster on all rows of a table; held-out validation rows choose the number of epochs.

    The first stage holds out the last `validation_rows` rows and notes the epoch with the lowest validation loss. The
    second stage starts from the same initial weights and trains on all rows for that number of epochs, because the
    latest rows are most like the future. Both stages evaluate a moving average of the weights, which varies less from
    step to step (Polyak & Juditsky 1992).

    The forecast of a single table is that of its `members`, Theta and the pretrained network, moved towards the trained
    network's by a share that validation rows choose: among 0, 1/4, 1/2, 3/4 and 1 the best on windows that do not
    overlap, times 1 - (e / g)^2, where g is the gain over 0 and e its standard error; 0 where g is below e. With a
    share of 0 the network is not trained on all rows; and not at all below three seasons of rows, or where the default
    of `validation_rows` holds one such window alone. The share of the pretrained network among the members is found
    likewise, for each target, on the latest eight windows: they move it from 2/3. Of a panel, the last steps of each
    window weigh its members (`MemberForecasts`), and the share of the trained network is 2/3. `members=()` leaves the
    forecast to the trained network. A preset, another baseline or scaling, a loss other than `"mae"` and `"mse"`, and
    `validation_rows=0` have no members.

    Members do not read future columns or the calendar: the effects of these leave the past that members read, and join
    what they forecast. So with either the network is trained on all rows whatever its share.

    The intervals are calibrated (`forecast(levels=)`): those of one table with members by the errors of the members on
    its windows, times the gain that the share of the network brought on the validation rows; all others, and those with
    future columns, by the errors on the validation rows.

    Args:
        table: DataFrame with a regular time index, such as `read_csv` returns; or a panel, of whose series each holds
            out its own last rows.
        horizon: rows to predict at once; by default a season, as in `build_forecaster`.
        validation_rows: rows to hold out in the first stage, of each series; by default a fifth of the table, from one
            to ten horizons, and of a panel so few that all series together have some 10,000 windows. 0 for a short
            training of fixed length without validation.
        epochs: most epochs; by default enough for 1,600 gradient steps and for ten looks at the validation loss. Where
            an epoch has more than 512 steps, the looks come within it.
        seed: makes the result repeatable on one machine; it seeds Python, NumPy and Keras.
        budget: most time, in seconds or as "30s", "2m"; None for no limit. A table of costs makes gradient steps of
            it, so the same seed gives the same forecast on any machine. The clock stops a training only at three
            times the budget, with a warning, since that is not repeatable.
        batch_size: windows in a gradient step.
        learning_rate: of the recipe's optimizer, a number or a schedule of Keras's; 0.001 by default, 0.0003
            beside `weights=`. Of a panel, 0.002 for 2,048 steps, and then halved every 1,536.
        callbacks: Keras's, for both stages; with small models, those of batches are called every 32 steps.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        checkpoint: a file from which the same call goes on after it was killed. Each training has one beside it, named
            after it. Without a seed, the seed is 0.
        reuse: True keeps the compiled training graph with the model that is returned. A model of such a call lends its
            graph to this one, so that nothing is compiled again, where this table gives a network of the same settings;
            the timesteps may differ, unless there is attention or `fill`. The forecasts are the same.
        intervals: False leaves the model without intervals.
        validation: the old spelling of `validation_rows`; it works in this release, with a warning.
        options: any argument of `build_forecaster`.

    Returns:
        The trained `Forecaster`. Its `chosen_epochs` is the number of epochs, 0 where the untrained network, which
        forecasts the baseline, was the best, or where the members alone forecast. Its `validation_history` is the
        validation curve that chose it (None without validation rows).

    Raises:
        TypeError, ValueError: arguments that `build_forecaster` or `fit` refuse; `validation_rows` that leave no
            window to train on.

    Example:
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> small = {"timesteps": 12, "units": 2, "members": (), "intervals": False}
        >>> model = sk.train_forecaster(table, horizon=2, **small, epochs=1, seed=0, verbose=0)
        >>> model.forecast(table).shape
        (2, 1)
    """
    start = time.monotonic()
    categories = named_categories(options.get("categories"))
    if not is_panel(table):
        table = as_table(table, "train_forecaster", categories)
    elif categories:
        table = require_panel(table, "train_forecaster", categories).frame
    seed_followed = set_seed("train_forecaster", seed, checkpoint)
    watch = watch_of("train_forecaster", callbacks, verbose, checkpoint, seed_followed)
    way = way_of("train_forecaster", epochs, batch_size, budget, watch)
    rows = _current_spelling(validation_rows, validation)

    def build() -> Forecaster:
        make = adam_of_many_series if is_panel(table) else adam_averaging_steps
        make = adam_of_known_weights if options.get("weights") else make
        optimizer = recipe_optimizer("train_forecaster", options, learning_rate, make)
        return build_forecaster(like=table, horizon=horizon, **{**options, "optimizer": optimizer})

    if options.get("members") is None:
        options["members"] = default_members(options, rows)
        is_open = options.get("loss") is None and bool(options["members"]) and not is_panel(table)
        if is_open and _is_intermittent(table, options):
            options["members"] = ()  # folds would choose what is nearest to the median, 0
    model = build()
    held_out = 0 if is_too_short_to_train(model, table) else _rows_to_hold_out(model, table, rows)
    if rows is None and is_left_to_members(model, held_out):
        held_out = 0
    trainer = trainer_for("train_forecaster", reuse, model, build)
    if trainer is None:
        _train(model, table, held_out, way, intervals)
    else:
        with trainer.lent_to(model) as compiled:
            _train(compiled, table, held_out, way, intervals, keep=True)
    model.training_seconds = time.monotonic() - start
    return model


def adam_of_many_series(rate: Any = None) -> keras.optimizers.Optimizer:
    """The recipe's optimizer of a panel, whose trainings are long enough for a rate that falls."""
    return adam_averaging_steps(HalvingRate() if rate is None else rate)


def adam_of_known_weights(rate: Any = None) -> keras.optimizers.Optimizer:
    """The recipe's optimizer of a pretrained network, which goes on from trained weights."""
    return adam_averaging_steps(FIRST_RATE if rate is None else rate)


def _train(
    model: Forecaster, table: pd.DataFrame, held_out: int, way: Way, intervals: bool, *, keep: bool = False
) -> None:
    """Train in two stages; with `keep` the compiled functions stay."""
    first = copy_state(model)
    model.any_length = reads_any_length(model.settings)  # as in a trainer, so that the numbers are the same
    if model.settings.members:
        set_share(model, 0.0)
    with trained_alone(model), several_steps_at_once(model, keep=keep):
        found = first_stage(model, table, held_out, way, intervals=intervals) if held_out else None
        widths = copy_intervals(model)
        restore_state(model, first)
        model.trained_until = None
        model.adapt(table)
        if has_shares_to_weigh(model):
            weigh_members(model, model.windows(table))
        has_effects = found is not None and model.settings.has_effects  # they are beside the members
        if not model.settings.members or (found is not None and found.share.share > 0) or has_effects:
            second_stage(model, table, way, None if found is None else found.looks)
        else:  # the members forecast better alone
            model.chosen_epochs = 0
        share = Share(0.0) if found is None else found.share
        set_share(model, share.share)
        if not (intervals and has_simple_intervals(model, share, trained=found is not None)):
            restore_intervals(model, widths)
        else:
            calibrate_on(model, model.windows(table), most=MOST_WINDOWS_OF_A_TABLE, simple=True, ratio=share.ratio)
        model.trained_until = last_stamp(table)
    model.any_length = keep and model.any_length


def _is_intermittent(table: Any, options: dict[str, Any]) -> bool:
    others = (options.get(name) for name in ("future_columns", "static_columns"))
    words = named_categories(options.get("categories"))
    return is_intermittent_table(table, options.get("targets"), *others, categories=words)


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


def _rows_to_hold_out(model: Forecaster, table: pd.DataFrame, rows: int | None) -> int:
    timesteps, horizon = model.settings.least_known, model.settings.horizon
    series, table_rows = lengths_of(table)
    most = table_rows - timesteps - horizon  # leaves one window to train on
    if rows is None:
        fifth = max(horizon, min(10 * horizon, table_rows // 5))
        if series > 1:
            fifth = min(fifth, horizon - 1 + max(1, MOST_VALIDATION_WINDOWS // series))
        default = min(fifth, most - horizon // 2)
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
