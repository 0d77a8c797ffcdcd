"""The model of `seqkit forecast`: trained within its budget, or read from a file; and its backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning, warn
from seqkit.cli.ahead import refuse_other_future
from seqkit.cli.many import columns_in_name, extent_of
from seqkit.cli.messages import FLAGS, TRAINING_OPTIONS, error_line, log_errors_alone, say, verbose_of

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.forecasting.model import Forecaster
    from seqkit.forecasting.score import Backtest

WHERE = "seqkit forecast"
NO_BUDGET = "none"
KNOWN = ("future_columns", "static_columns", "categories")
IF_NAMED = (*KNOWN, "unseen", "calendar", "holidays")  # passed on where they are named
OF_TRAINING = ("horizon", "target", "use", *IF_NAMED, "budget", "origins", "ets", *TRAINING_OPTIONS)


def refuse_beside_model(options: dict[str, Any]) -> None:
    """Refuse options of a training beside a model that is read from a file."""
    if options["model"] is None:
        return
    source = click.get_current_context().get_parameter_source
    given = [name for name in OF_TRAINING if source(name) is ParameterSource.COMMANDLINE]
    named = [FLAGS.get(name, f"--{name}") for name in given]
    if named:
        raise click.ClickException(
            f"{WHERE}: {named[0]} is for training, and the model of --model is trained. Leave one of them out."
        )


def load(options: dict[str, Any]) -> Forecaster | None:
    """Read the model of `--model`; the table is then read for its columns, and its missing values are left to it."""
    path = options["model"]
    if path is None:
        return None
    say("Starting TensorFlow ...")
    log_errors_alone()
    from seqkit.forecasting.model_file import read_forecaster

    model = read_forecaster("--model", path)
    settings = model.settings
    options["target"] = tuple(map(str, settings.targets))
    options["use"] = tuple(str(name) for name in settings.columns if name not in settings.targets)
    for kind in KNOWN:
        options[kind] = [str(name) for name in getattr(settings, kind)]
    options["fill"] = settings.fill or "none"
    _set_series(path, options, settings.series)
    say(f"{path}: trained until {model.trained_until}")
    return model


def _set_series(path: str, options: dict[str, Any], series: str | None) -> None:
    """Take the columns that name the series from the model, where none are named; refuse them for one series."""
    if series is None and options["series"]:
        raise click.ClickException(
            f"{WHERE}: --series is for a model of many series, and {path} is of one. Choose one series with --only, or "
            "train a model without --model."
        )
    if series is None:
        return
    columns = columns_in_name(series)
    chosen = [name for name in columns if name in (options["only"] or {})]
    if chosen:
        problem = f"--only {chosen[0]}=... makes one series of the table, and {path} is of many. Leave --only out"
        raise click.ClickException(f"{WHERE}: {problem}; the forecast then has each series of the table.")
    options["series"] = options["series"] or tuple(columns)


def train(frame: pd.DataFrame, options: dict[str, Any], future: pd.DataFrame | None = None) -> Forecaster:
    """Train on the whole table; the future of columns that are known ahead is checked before."""
    say("Starting TensorFlow ...")
    log_errors_alone()
    from seqkit.forecasting.defaults import default_horizon
    from seqkit.forecasting.ets import check_ets
    from seqkit.forecasting.train import train_forecaster

    check_ets(options["ets"])  # before the training, not after it
    extent = extent_of(frame)
    horizon = options["horizon"] or default_horizon(extent.frequency, extent.usual - (options["timesteps"] or 0))
    refuse_other_future(frame, options, future, horizon)
    options["origins"] = min(options["origins"], max(1, (extent.usual - 1) // horizon)) if options["origins"] else 0
    budget = budget_of_a_training(options)
    limit = "" if budget is None else f", with a budget of {options['budget']} for it and the backtest"
    say(f"Training to forecast {horizon} row{'s' * (horizon > 1)}{limit} ...")
    training = {name: options[name] for name in TRAINING_OPTIONS}
    training |= {kind: options[kind] for kind in IF_NAMED if options[kind]}
    if options["use"]:
        training["targets"] = [name for name in frame.columns if name not in options["use"]]
    return train_forecaster(frame, horizon=horizon, budget=budget, verbose=verbose_of(options), reuse=True, **training)


def drop_levels_without_intervals(model: Forecaster, options: dict[str, Any]) -> None:
    """Forget `--levels`, with a warning, where the training could calibrate no intervals."""
    if not options["levels"] or model.quantile_levels:
        return
    from seqkit.forecasting.calibration import not_calibrated

    problem = f"--levels asks for intervals, and {not_calibrated(model)[0]}"
    warn(SeqkitWarning("train_forecaster", problem, "The forecast comes without them."))
    options["levels"] = ()


def budget_of_a_training(options: dict[str, Any]) -> float | None:
    """The seconds of one training: the forecast and each origin of the backtest get the same."""
    seconds = None if options["budget"] == NO_BUDGET else _checks.seconds(WHERE, "budget", options["budget"])
    return None if seconds is None else seconds / (1 + options["origins"])


def backtest_of(model: Forecaster, frame: pd.DataFrame, options: dict[str, Any]) -> Backtest | str:
    """Backtest from as many origins as the table has rows for, or return the reason why there is no backtest."""
    if options["model"] is not None:
        return "No backtest: the model of --model is trained already."
    from seqkit.forecasting.score import backtest

    training = {name: options[name] for name in ("epochs", "seed", "ets")}
    training |= {"budget": budget_of_a_training(options), "verbose": verbose_of(options)}
    most, reason = options["origins"], "--origins 0"
    if most:
        say("Backtesting ...")
    for origins in range(most, 0, -1):
        try:
            result = backtest(model, frame, origins=origins, **training)
        except InvalidValue as error:
            reason = error_line(error)
        else:
            if origins < most:
                say(f"The backtest has {origins} of {most} origins, because the table is too short for more.")
            return result
    return f"No backtest: {reason}"
