"""Backtest a forecaster, or anyone's Keras model, at rolling origins, and compare it with simple forecasts."""

from __future__ import annotations

import random as python_random  # seeded by keras.utils.set_random_seed
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType
from seqkit._shown import shown_shortly
from seqkit.data.panels import is_panel
from seqkit.forecasting.any_model import judged_keras_model
from seqkit.forecasting.ets import ETS, Case, Found, check_ets, ets_beside
from seqkit.forecasting.facts import lengths_of
from seqkit.forecasting.interval_scores import interval_table, spread_of_seasons, words_on_intervals
from seqkit.forecasting.members import remark_on_shares
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.naive import naive_periods, verdict
from seqkit.forecasting.origins import WHERE, Judged, Refits, origins_of
from seqkit.forecasting.panel_scores import (
    cases_of_panel,
    errors_by_step,
    origins_of_panel,
    overall,
    panel_rows,
    scores_by_series,
    spreads_of_panel,
)
from seqkit.forecasting.panel_verdict import verdict_on_panel
from seqkit.forecasting.refits import judged_forecaster
from seqkit.forecasting.scores import cases_of, forecast_rows, score_table, step_table
from seqkit.task.jobs import check_jobs
from seqkit.task.progress import AUTO, check_verbose

SEED_BITS = 31


@shown_shortly
class Backtest(NamedTuple):
    """The forecasts from rolling origins, their scores, and a verdict.

    Example:
        >>> import keras
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> model = keras.Sequential([keras.Input((12, 1)), keras.layers.Reshape((12, 1))])
        >>> model.compile("adam", "mae")
        >>> result = sk.backtest(model, table, timesteps=12, horizon=12, origins=2, ets=False, verbose=0)
        >>> result.forecasts[["step", "time", "actual", "forecast"]].head(2)
           step       time  actual  forecast
        0     1 1959-01-01   360.0     340.0
        1     2 1959-02-01   342.0     318.0
        >>> result.steps.round(1).head(2)
              forecast  naive  seasonal_naive
        step
        1         38.5   17.5            38.5
        2         36.5    9.5            36.5
    """

    forecasts: pd.DataFrame  # a row for each step: origin, step, time, target, actual, forecast, the simple forecasts
    scores: pd.DataFrame  # mae, rmse, smape, mase by method; for several targets by (target, method)
    steps: pd.DataFrame  # MAE of each method by step; for several targets by (target, step)
    verdict: str  # a sentence or two for each target; one more where nobody knows the training rows
    series: pd.DataFrame | None = None  # of a panel: mae, rmse, smape, mase by (series, method), target before these
    intervals: pd.DataFrame | None = None  # coverage and width by (level, steps), target before these


def backtest(
    model: Forecaster | keras.Model,
    table: pd.DataFrame,
    *,
    timesteps: int | None = None,
    horizon: int | None = None,
    targets: Any = None,
    origins: int = 3,
    refit: bool | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    budget: float | str | None = None,
    jobs: int = 1,
    ets: bool | None = None,
    verbose: Any = AUTO,
    progress: bool | None = None,
) -> Backtest:
    """Forecast the last rows of a table from several origins, and score the forecasts against these rows.

    The last `origins` horizons do not overlap. With `refit`, `train_forecaster` trains a new model for each of them, on
    the rows before it only. The new model has the loss of `model` and the arguments that were passed to its builder.
    The other settings, such as season, timesteps and transform, come from the training rows. `train_forecaster` chooses
    the optimizer and the epochs.

    Any other `keras.Model` from `[B, T, F]` to `[B, H, C]` is scored alike. It reads all columns of the table in its
    units, as float32, and forecasts the targets in them. It is scored as it is: nobody knows on which rows it was
    trained, so that is for you to see to, and the verdict says so. With `refit=True`, a copy by its config
    (`keras.models.clone_model`), compiled like it, is fitted at each origin on the windows before it. A `Normalization`
    of its input is adapted to these rows; early stopping and other callbacks are not the model's, so there are none.

    The naive forecasts are the last value (`naive`), the last season (`seasonal_naive`), and where the calendar has a
    longer one and the table the rows, the last longer season (`long_seasonal_naive`): for hours a day and a week.
    Where statsmodels is installed (extra `baselines`), its exponential smoothing stands beside them (`ets`): fitted at
    each origin to the rows before it, the last 500 or eight seasons, in logs where all are above zero; with or without
    a damped trend, with or without an additive season, whichever has the lowest AICc. A season of more than 24 rows is
    taken out by STL. Where it has no forecast, the verdict says why, and the model is compared with the others.

    Of a panel, each series has its own origins, at its own end; one model forecasts all of them. `series` then holds
    the scores of each series, `scores` their means over the series, and `steps` the MASE by step, since series differ
    in size. The verdict says on how many series the forecast is better than the best simple one. ETS has at
    most 120 fits, at all origins of some series at even distances; or of some targets of a table of many.

    Where the model has quantiles, `intervals` says by level and third of the horizon how many of the values lie inside,
    with binomial bounds, and how wide the intervals are beside those of the seasonal naive forecast; of one table,
    `scores` then has the scaled CRPS, twice the quantile loss over the mean absolute value (Gneiting & Raftery 2007).
    A model with future columns reads them as they came true, which the verdict says; the simple forecasts do not.

    Errors are in the units of the table; sMAPE is in percent (0 to 200); MASE divides the MAE by the MAE of the
    in-sample seasonal naive forecast (Hyndman & Koehler 2006).

    Args:
        model: the forecaster, trained or not; or another Keras model.
        table: DataFrame with the model's columns; a panel for a forecaster of many series.
        timesteps: rows of the window that a Keras model reads, T. A forecaster knows its own.
        horizon: rows that a Keras model forecasts, H. A forecaster knows its own.
        targets: the column or columns that a Keras model forecasts; all by default. A forecaster knows its own.
        origins: number of origins.
        refit: train a new model at each origin; by default for a forecaster alone. False scores `model` itself. Of a
            forecaster, origins before `model.trained_until` are then refused, because it was trained on the rows after
            them.
        epochs: most epochs of each refit; of a Keras model, its epochs.
        seed: seed of each refit. Without one, each has a seed that follows `keras.utils.set_random_seed`.
        budget: most time of each refit, as in `train_forecaster`.
        jobs: refits at once; -1 for all cores. With more than 1, joblib runs them in processes of their own, about
            1 GB each, or where `joblib.parallel_config(backend=...)` says: `"ray"` or `"dask"`. The same seed gives
            the same result for any number, bit for bit, on machines of one kind.
        ets: show ETS; by default where statsmodels is installed. False saves its time: a tenth of a second or two for
            each origin of a series.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence.
        progress: the same as `verbose`, as True or False.

    Returns:
        `Backtest`. Its `verdict` says where the model is no better than a simple forecast, or copies a naive one.

    Raises:
        ValueError: too few rows for the origins; without `refit`, an origin before `model.trained_until`; timesteps, a
            horizon or targets that are not the forecaster's own; a Keras model that reads or forecasts another shape,
            forecasts NaN, meets missing values, or cannot be copied for a refit; `ets=True` without statsmodels.
        RuntimeError: a worker process was killed; the message names the origins that are lost.

    Example:
        >>> import keras
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")
        >>> model = keras.Sequential([keras.Input((12, 1)), keras.layers.Reshape((12, 1))])
        >>> model.compile("adam", "mae")
        >>> result = sk.backtest(model, table, timesteps=12, horizon=12, origins=2, ets=False, verbose=0)
        >>> result.scores["mae"].round(1)
        method
        forecast          47.6
        naive             83.7
        seasonal_naive    47.6
        Name: mae, dtype: float64
    """
    origins = _checks.whole_number(WHERE, "origins", origins)
    jobs = check_jobs(WHERE, jobs)
    check_ets(ets)
    verbose = check_verbose(WHERE, verbose if progress is None else bool(progress))
    refits = None
    if isinstance(model, Forecaster) if refit is None else refit:
        refits = Refits(epochs, budget, _seeds(seed, origins), jobs, verbose)
    judged = _judged(model, table, {"timesteps": timesteps, "horizon": horizon, "targets": targets}, refits)
    beside = Beside(ets, jobs if refits else 1, verbose)
    return (_of_panel if is_panel(judged.table) else _of_table)(judged, origins, beside)


class Beside(NamedTuple):
    """How ETS is fitted."""

    asked: bool | None
    jobs: int
    verbose: Any

    def fitted(self, cases: Sequence[Case], horizon: int, season: int, unit: str = "") -> Found:
        """ETS of each case, in the order of the rows of the forecasts."""
        return ets_beside(self.asked, cases, horizon, season, unit=unit, jobs=self.jobs, verbose=self.verbose)


def _of_table(judged: Judged, origins: int, beside: Beside) -> Backtest:
    cuts = origins_of(judged, origins)
    pasts = [origin.past for origin in cuts]
    periods = naive_periods(judged.frequency, judged.season, len(pasts[0]))
    found = judged.forecasts(pasts)
    remark = remark_on_shares(found)
    for forecast in found:
        forecast.attrs.clear()
    made = zip(cuts, found, strict=True)
    rows = [forecast_rows(origin, forecast, periods, judged.targets) for origin, forecast in made]
    forecasts = pd.concat(rows, ignore_index=True)
    ets = beside.fitted(cases_of(cuts, judged.targets), judged.horizon, periods["seasonal_naive"], "targets")
    forecasts = forecasts if ets.values is None else forecasts.assign(**{ETS: ets.values})
    scores = score_table(forecasts, pasts, periods)
    season = periods["seasonal_naive"]
    spreads = {target: spread_of_seasons(pasts[0][target].to_numpy("float64"), season) for target in judged.targets}
    intervals = interval_table(forecasts, spreads, season)
    words = verdict(forecasts, scores, periods, origins, judged.measure)
    words = _lines(words, words_on_intervals(intervals), remark, ets.remark, judged.remark)
    return Backtest(forecasts, scores, step_table(forecasts, periods), words, intervals=intervals)


def _of_panel(judged: Judged, origins: int, beside: Beside) -> Backtest:
    cuts = origins_of_panel(judged.table, judged.horizon, origins)
    periods = naive_periods(judged.frequency, judged.season, lengths_of(cuts[0].past)[1])
    found = zip(cuts, judged.forecasts([origin.past for origin in cuts]), strict=True)
    rows = [panel_rows(origin, forecast, periods, judged.targets) for origin, forecast in found]
    forecasts = pd.concat(rows, ignore_index=True)
    ets = beside.fitted(cases_of_panel(cuts, judged.targets), judged.horizon, periods["seasonal_naive"])
    forecasts = forecasts if ets.values is None else forecasts.assign(**{ETS: ets.values})
    series = scores_by_series(forecasts, cuts, periods)
    season = periods["seasonal_naive"]
    intervals = interval_table(forecasts, spreads_of_panel(cuts[0].past, judged.targets, season), season)
    words = _lines(
        verdict_on_panel(series, periods, len(cuts)), words_on_intervals(intervals), ets.remark, judged.remark
    )
    steps = errors_by_step(forecasts, series, periods)
    series = series.droplevel("target") if len(judged.targets) == 1 else series
    return Backtest(forecasts, overall(series), steps, words, series, intervals)


def _lines(*sentences: str) -> str:
    return "\n".join(filter(None, sentences))


def _seeds(seed: int | None, origins: int) -> list[int]:
    """The seed of each origin, so that no training depends on the one before it."""
    return [python_random.getrandbits(SEED_BITS) if seed is None else seed for _ in range(origins)]


def _judged(model: Any, table: Any, sizes: dict[str, Any], refits: Refits | None) -> Judged:
    if isinstance(model, Forecaster):
        return judged_forecaster(model, table, sizes, refits)
    if isinstance(model, keras.Model):
        return judged_keras_model(model, table, sizes, refits)
    problem = f"model must be a Forecaster or another keras.Model, got {_checks.type_name(model)}."
    raise InvalidType(WHERE, problem, "Make one with build_forecaster.", argument="model")
