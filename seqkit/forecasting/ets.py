"""Exponential smoothing by statsmodels (ETS): the strong simple forecast of a backtest, where it is installed.

Shapes: N known rows, H horizon.
"""

from __future__ import annotations

import importlib.util
import itertools
import warnings
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np

from seqkit._errors import InvalidType, InvalidValue, first_line
from seqkit.forecasting.origins import WHERE
from seqkit.task.jobs import run_jobs

ETS = "ets"  # its column, and its row in the tables of scores
PACKAGE, EXTRA = "statsmodels", "baselines"
MOST_FITS = 120  # of a backtest; about half a minute for months on one core
LEAST_ROWS = 10  # fewer give no start values
MOST_ROWS, MOST_SEASONS = 500, 8  # of history: so many rows, or so many seasons where these are longer
LONGEST_SEASON = 24  # whose factors are estimated; a longer season is taken out by STL
FEWEST_SEASONS = 2
LEAST_STRENGTH = 0.64  # of a long season, from 0 to 1
POINTS_OF_SEASON = 24  # at which STL fits its trend
PERIODIC = 100_001  # rows of STL's window over the seasons: so wide that all seasons are the same
TRENDS = ((None, False), ("add", True))  # none, and a damped one


class Case(NamedTuple):
    """One series before one origin."""

    key: Hashable  # of what is fitted at all origins or at none: the target of a table, the series of a panel
    name: str  # for messages
    values: np.ndarray  # (N,), NaN where unknown


class Found(NamedTuple):
    """ETS beside a backtest."""

    values: np.ndarray | None  # (cases * H,), NaN where there is none; None without ETS
    remark: str  # on what was left out; "" if nothing was


def check_ets(asked: Any) -> bool:
    """Whether to fit ETS: as it was asked, else where statsmodels is installed; refuse it where it is not."""
    if asked is not None and not isinstance(asked, bool):
        problem = f"ets must be True, False or None, got {asked!r}."
        raise InvalidType(WHERE, problem, "Leave it out to fit it where it can be.", argument=ETS)
    is_installed = importlib.util.find_spec(PACKAGE) is not None
    if asked and not is_installed:
        problem = f"ETS needs {PACKAGE}, which is not installed."
        raise InvalidValue(WHERE, problem, f"Install it: pip install 'seqkit[{EXTRA}]'.", argument=ETS)
    return is_installed if asked is None else asked


def ets_beside(
    asked: bool | None, cases: Sequence[Case], horizon: int, season: int, *, unit: str, jobs: int, verbose: Any
) -> Found:
    """Fit ETS to each case, in the order of the rows of the forecasts; where there are many keys, to some of them.

    Args:
        asked: the argument `ets` of `backtest`.
        cases: the earliest origin first.
        horizon: H.
        season: rows; 1 for none.
        unit: what a key is, for a remark on keys left out; "" for none.
        jobs: fits at once, as in `run_jobs`.
        verbose: "auto" for a progress bar, 0 for silence.
    """
    if not check_ets(asked):
        missing = f"ETS was left out, since {PACKAGE} is not installed: pip install 'seqkit[{EXTRA}]'."
        return Found(None, missing if asked is None else "")
    keys = list(dict.fromkeys(case.key for case in cases))
    chosen = at_even_distances(keys, MOST_FITS * len(keys) // len(cases))
    fitted = [case for case in cases if case.key in chosen]
    calls = [(case.values, horizon, season) for case in fitted]
    names = [case.name for case in fitted]
    found = run_jobs(WHERE, fit, calls, names=names, jobs=jobs, unit="ETS fit", verbose=verbose)
    answers, unknown = iter(found), np.full(horizon, np.nan)
    each = [next(answers) if case.key in chosen else unknown for case in cases]
    values = np.concatenate([unknown if isinstance(answer, str) else answer for answer in each])
    some = f"ETS was fitted to {len(chosen)} of {len(keys)} {unit} alone, to save time."
    remarks = [some if unit and len(chosen) < len(keys) else "", _failures(names, found)]
    return Found(values, "\n".join(filter(None, remarks)))


def at_even_distances(keys: Sequence[Any], most: int) -> set[Any]:
    """At most so many of these, and one at least; the first and the last are among several."""
    count = min(max(most, 1), len(keys))
    return {keys[at] for at in np.linspace(0, len(keys) - 1, count).round().astype(int)}


def _failures(names: Sequence[str], answers: Sequence[Any]) -> str:
    reasons = {name: answer for name, answer in zip(names, answers, strict=True) if isinstance(answer, str)}
    if not reasons:
        return ""
    name, reason = next(iter(reasons.items()))
    return f"ETS has no forecast in {len(reasons)} of {len(names)} fits, so for {name}: {reason}."


def fit(_: dict[str, Any], values: np.ndarray, horizon: int, season: int) -> np.ndarray | str:
    """The forecast `(H,)` of a series `(N,)`, or the reason why there is none."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # that a fit did not converge; AICc then prefers another form
            return ets_forecast(values, horizon, season)
    except Exception as error:  # whatever statsmodels raises: a backtest goes on without it
        return str(error) if isinstance(error, MissingForecastError) else first_line(error)


class MissingForecastError(Exception):
    """The reason why ETS has no forecast of a series."""


def ets_forecast(values: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Forecast the next rows `(H,)` of a series `(N,)` by the form of ETS with the lowest AICc.

    A missing value is the last known one before it. In logs where all values are above zero, so that a season or a
    trend may grow with the level: this took the place of multiplicative forms, which need twice the fits.
    """
    past = _known(values)[-max(MOST_ROWS, MOST_SEASONS * season) :]
    if len(past) < LEAST_ROWS:
        raise MissingForecastError(f"fewer than {LEAST_ROWS} known rows")
    if past.min() == past.max():
        return np.full(horizon, past[-1])
    is_positive = past.min() > 0
    scaled = np.log(past) if is_positive else past / np.abs(past).max()
    if season > LONGEST_SEASON:
        ahead = _forecast_without_season(scaled, horizon, season)
    else:
        ahead = _best_form(scaled, season).forecast(horizon)
    ahead = np.exp(ahead) if is_positive else ahead * np.abs(past).max()
    if not np.isfinite(ahead).all():
        raise MissingForecastError("its forecast is not finite")
    return np.asarray(ahead, "float64")


def _known(values: np.ndarray) -> np.ndarray:
    """From the first known value on, each missing one replaced by the last known one."""
    is_known = np.isfinite(values)
    rows = np.maximum.accumulate(np.where(is_known, np.arange(len(values)), 0))
    return values[rows][np.argmax(is_known) :] if is_known.any() else values[:0]


def _forecast_without_season(scaled: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Take a long season out by STL (Cleveland et al. 1990) where it is strong, and forecast the rest.

    The strength is the share of the variance around the trend that is the season's (Wang, Smith & Hyndman 2006).
    """
    from statsmodels.tsa.seasonal import STL

    of_season = np.zeros(season)
    if len(scaled) >= FEWEST_SEASONS * season:
        jump = season // POINTS_OF_SEASON  # a line goes between these points, which saves most of the time
        smooth = {"seasonal": PERIODIC, "seasonal_deg": 0, "trend_jump": jump, "low_pass_jump": jump}
        parts = STL(scaled, period=season, **smooth).fit()
        if 1 - np.var(parts.resid) / np.var(parts.seasonal + parts.resid) >= LEAST_STRENGTH:
            scaled, of_season = scaled - parts.seasonal, parts.seasonal[-season:]
    return np.asarray(_best_form(scaled, 1).forecast(horizon)) + np.resize(of_season, horizon)


def _best_form(scaled: np.ndarray, season: int) -> Any:
    """The fitted form with the lowest AICc: with or without a damped trend, with or without an additive season."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    seasons = [None, "add"] if season > 1 and FEWEST_SEASONS * season <= len(scaled) else [None]
    fits, reasons = [], []
    for (trend, is_damped), seasonal in itertools.product(TRENDS, seasons):
        period = season if seasonal else None
        try:
            fits.append(
                ExponentialSmoothing(
                    scaled, trend=trend, damped_trend=is_damped, seasonal=seasonal, seasonal_periods=period
                ).fit()
            )
        except Exception as error:  # one form may fail where another does not
            reasons.append(first_line(error))
    able = [one for one in fits if np.isfinite(one.aicc)]
    if not able:
        raise MissingForecastError(reasons[0] if reasons else f"no form has an AICc of {len(scaled)} rows")
    return min(able, key=lambda one: one.aicc)
