"""`report`: one HTML file on a forecast or a classifier, for people who have neither seqkit nor Python."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.model import Classifier
from seqkit.data.frames import as_time_table
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.score import Backtest
from seqkit.forecasting.score import backtest as run_backtest
from seqkit.reports.classifier_page import classifier_report, scores_of
from seqkit.reports.forecast_page import Asked, forecast_report
from seqkit.reports.page import Report, checked_path
from seqkit.reports.plotly_library import require_plotly

WHERE = "report"
LEVELS = (80, 95)
OF_FORECASTERS = ("backtest", "levels", "future", "static", "rows")
OF_CLASSIFIERS = ("y", "train")
NO_BACKTEST = "No backtest: pass backtest=3 for one from three origins, or the result of backtest."


def report(
    model: Forecaster | Classifier,
    data: Any,
    y: Any = None,
    *,
    path: str | os.PathLike[str] | None = None,
    backtest: Backtest | int | None = None,
    levels: Sequence[float] | None = None,
    future: Any = None,
    static: Any = None,
    rows: int | None = None,
    train: tuple[Any, Any] | None = None,
    title: str | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """Write a report that one can send: one HTML file that any browser opens from the disk, without a network.

    Of a forecaster it shows the verdict, history and forecast with intervals, the backtest by origin and by step beside
    the simple forecasts, what was found in the table, the model, and its gates on the time axis. Many series have a
    panel each, and a search box. Of a classifier it shows the verdict, the scores beside the baselines, the confusion
    matrix, the scores of each class, and the attention maps of the clearest and the most doubtful samples.

    A reader moves over a figure to read its values, in the time stamps and units of the data. Dashes, markers and words
    tell all that colours tell, and the page prints. Plotly draws (extra `report`); its library is in the file, packed,
    which makes 2.0 MB. A report of 10,000 rows has about 2.2 MB.

    Args:
        model: A trained forecaster or classifier.
        data: The table that the forecaster reads, of one series or of many; or the series or texts to classify, best
            those that the training did not see.
        y: The labels of the samples; without them there are no scores.
        path: Where to write the file, which ends in .html; None writes none.
        backtest: The result of `backtest`, or a number of origins, for which models are trained anew. Without it there
            is no verdict.
        levels: Of the intervals, in percent; by default those of 80 and 95 that the model has.
        future: The columns that are known ahead, as in `Forecaster.forecast`.
        static: The columns with one value a series, as in `Forecaster.forecast`.
        rows: The most rows of history to keep of each series; all by default.
        train: The pair `(x, y)` of training samples, from which the baselines of a classifier learn; without it the
            scores stand alone.
        title: The title of the page.
        notes: Sentences on the data to add, such as what was left out.

    Returns:
        `Report`: a notebook shows it, `.save("report.html")` writes it.

    Raises:
        TypeError: The model is neither a forecaster nor a classifier, or an argument is of the wrong type.
        ValueError: An argument is for the other kind of model, the path does not end in .html, plotly is missing, or
            `forecast`, `backtest` or `score_classifier` refuses the data.
        OSError: The path cannot be written.

    Example:
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> model = sk.build_forecaster(like=table, horizon=2, weights="synthetic")
        >>> page = sk.report(model, table, title="Passengers")  # path="passengers.html" writes it
        >>> page.title, page.html.startswith("<!")
        ('Passengers', True)
    """
    require_plotly(WHERE)
    given = {"y": y, "backtest": backtest, "levels": levels, "future": future, "static": static, "rows": rows}
    _refuse_other_arguments(model, given | {"train": train})
    path = None if path is None else checked_path(WHERE, path)
    if isinstance(model, Classifier):
        made = classifier_report(model, data, y, scores_of(model, data, y, train), title, notes)
    else:
        known = {name: value for name, value in (("future", future), ("static", static)) if value is not None}
        made = _of_forecaster(model, data, backtest, levels, known, Asked(title, notes, _rows(rows)))
    if path is not None:
        made.save(path)
    return made


def _refuse_other_arguments(model: Any, given: dict[str, Any]) -> None:
    """Refuse other models, and arguments that are for the other kind of model."""
    if not isinstance(model, Forecaster | Classifier):
        problem = f"model must be a Forecaster or a Classifier, got {_checks.type_name(model)}."
        raise InvalidType(WHERE, problem, "Reports of other models do not exist.", "model")
    is_forecaster = isinstance(model, Forecaster)
    for name in OF_CLASSIFIERS if is_forecaster else OF_FORECASTERS:
        if given[name] is not None:
            kind, other = ("forecaster", "classifiers") if is_forecaster else ("classifier", "forecasters")
            problem = f"{name}= is for {other}, and this model is a {kind}."
            raise InvalidValue(WHERE, problem, "Leave it out.", name)


def _rows(rows: int | None) -> int | None:
    return None if rows is None else _checks.whole_number(WHERE, "rows", rows)


def _of_forecaster(
    model: Forecaster, table: Any, backtest: Any, levels: Any, known: dict[str, Any], asked: Asked
) -> Report:
    table = as_time_table(WHERE, table)
    future = model.forecast(table, levels=usual_levels(model) if levels is None else levels, **known)
    result: Any = NO_BACKTEST
    if isinstance(backtest, Backtest):
        _refuse_other_targets(backtest, model)
        result = backtest
    elif backtest is not None:
        result = run_backtest(model, table, origins=_checks.whole_number(WHERE, "backtest", backtest))
    return forecast_report(model, table, future, result, asked)


def usual_levels(model: Forecaster) -> tuple[float, ...]:
    """Those of 80 and 95 % that the quantiles of the model reach."""
    quantiles = model.quantile_levels
    widest = 100 * (quantiles[-1] - quantiles[0]) if quantiles else 0
    return tuple(level for level in LEVELS if level <= widest + 1e-9)


def _refuse_other_targets(result: Backtest, model: Forecaster) -> None:
    targets = list(dict.fromkeys(result.forecasts["target"]))
    if targets != list(model.settings.targets):
        problem = (
            f"backtest has the targets {_checks.listed(targets)}, and the model forecasts "
            f"{_checks.listed(model.settings.targets)}."
        )
        raise InvalidValue(WHERE, problem, "Pass the backtest of this model.", "backtest")
