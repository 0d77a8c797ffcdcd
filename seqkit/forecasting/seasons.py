"""The seasons of a table: those that the calendar has for its step, and those that its rows show."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import fdtrc

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.data.cycles import steps_in_cycle, steps_in_longer_cycle
from seqkit.data.steps import offset_of_code

CRITICAL_VALUE = 1.645  # standard errors
SIGNIFICANCE = 0.01  # of the F test
SIGNIFICANCE_OF_BLOCKS = 0.025  # of a long season, which few blocks show
MOST_AUTOCORRELATION = 0.9
TINY = 1e-300
LONGEST_SEASON = 2016  # steps; a week of five minutes
LEAST_SHARE_OF_SEASON = 1 / 13  # that a horizon has; the steps of a shorter one are all in the same part of the season
BLOCKS_OF_YEAR = 12


class Seasons(NamedTuple):
    """The steps in a season and in a longer one; 1 for none."""

    short: int
    long: int


def repeated_season(values: np.ndarray, horizon: int, *periods: int) -> np.ndarray:
    """Repeat the last season of a series `(N,)` for H steps: of the longest period that it holds, else the last value.

    A missing value is the last known one before it.
    """
    known = np.maximum.accumulate(np.where(np.isfinite(values), np.arange(len(values)), 0))
    period = max((period for period in periods if period <= len(values)), default=1)
    return np.resize(values[known][-period:], horizon)


def natural_period(frequency: str | None) -> int:
    """Return the rows in the next calendar cycle: 12 for months, 7 for days, 24 for hours, 1 if unknown."""
    return 1 if frequency is None else steps_in_cycle(offset_of_code(frequency))


def calendar_seasons(frequency: str | None) -> Seasons:
    """Return the rows in the next two calendar cycles: (24, 168) for hours, (7, 365) for days, (12, 1) for months."""
    if frequency is None:
        return Seasons(1, 1)
    return Seasons(natural_period(frequency), steps_in_longer_cycle(offset_of_code(frequency)))


def asked_seasons(where: str, season: Any) -> Seasons:
    """Return the seasons that the argument `season` names, one number or two."""
    if isinstance(season, Sequence) and not isinstance(season, str):
        numbers = [_checks.whole_number(where, "season", number) for number in season]
        if len(numbers) == 2 and numbers[0] < numbers[1]:
            return Seasons(*numbers)
        problem = keywords(season=tuple(numbers)) + " must be one number of rows, or two of which the second is larger."
        way_out = "Pass for example " + keywords(season=24) + ", or " + keywords(season=(24, 168)) + "."
        raise InvalidValue(where, problem, way_out, argument="season")
    return Seasons(_checks.whole_number(where, "season", season), 1)


def shown_seasons(columns: np.ndarray, calendar: Seasons, horizon: int) -> Seasons:
    """Return those of the calendar's seasons that half or more of the columns of `[rows, columns]` show."""
    short, long = calendar
    matters = long <= LONGEST_SEASON and horizon >= long * LEAST_SHARE_OF_SEASON
    return Seasons(
        short if _in_half(columns, lambda values: is_seasonal(values, short)) else 1,
        long if matters and _in_half(columns, lambda values: is_seasonal_in_blocks(values, short, long)) else 1,
    )


def is_seasonal(values: np.ndarray, period: int, significance: float = SIGNIFICANCE) -> bool:
    """Whether a series repeats itself every `period` rows: by a season that stays, or by one that moves.

    One of two tests must pass, without the linear trend of the series and as differences between its rows, so that
    neither a random walk nor a smooth trend counts as a season. Positive values are tested on a log scale.

    Args:
        values: `[rows]`, NaN where unknown.
        period: rows in a season.
        significance: the share of series without a season that the test of one that stays lets pass.
    """
    series = np.where(np.isfinite(values), values, np.nan).astype("float64")
    known = np.isfinite(series)
    if period < 2 or known.sum() < 2 * period:
        return False
    largest = np.abs(series[known]).max()
    series = np.log(series) if series[known].min() > 0 else series / largest if largest else series
    rows = np.arange(len(series))
    detrended = series - np.polyval(np.polyfit(rows[known], series[known], 1), rows)
    parts = [part - np.nanmean(part) for part in (detrended, np.diff(series)) if np.isfinite(part).sum() > period]
    if len(parts) < 2 or any(np.nansum(part**2) < 1e-12 * len(part) for part in parts):
        return False  # too few neighbours are known, or the series is a straight line, up to rounding
    return all(_stays(part, period, significance) for part in parts) or all(_moves(part, period) for part in parts)


def is_seasonal_in_blocks(values: np.ndarray, short: int, long: int) -> bool:
    """Whether the means of blocks of a series repeat themselves in the longer of two seasons.

    A block is a short season, such as a day of a week, or a twelfth of the long season where that is no multiple of it.
    So the short season does not count as the long one, and the noise of single rows does not hide a slow season.
    """
    if (short < 2 and long < 2) or len(values) < 2 * long:
        return False
    blocks = BLOCKS_OF_YEAR if long % short else long // short
    count = len(values) * blocks // long
    edges = len(values) - (np.arange(count, -1, -1) * long) // blocks
    means = [_known_mean(values[start:end]) for start, end in itertools.pairwise(edges)]
    return is_seasonal(np.array(means), blocks, SIGNIFICANCE_OF_BLOCKS)


def _known_mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _in_half(columns: np.ndarray, shows: Callable[[np.ndarray], bool]) -> bool:
    shown = [shows(values) for values in columns.T]
    return sum(shown) * 2 >= len(shown)


def _stays(series: np.ndarray, period: int, significance: float) -> bool:
    """The F test of equal means at all phases, as X-11 has it (Shiskin, Young & Musgrave 1967; Lothian & Morry 1978).

    Neighbouring values are made independent first, by the AR(1) of what the means leave (Cochrane & Orcutt 1949).
    """
    rest = series - _means_of_phases(series, period)
    coefficient = float(np.nansum(rest[1:] * rest[:-1])) / max(float(np.nansum(rest**2)), TINY)
    whitened = series[1:] - np.clip(coefficient, -MOST_AUTOCORRELATION, MOST_AUTOCORRELATION) * series[:-1]
    freedom = int(np.isfinite(whitened).sum()) - period
    if freedom < 1:
        return False
    within = float(np.nansum((whitened - _means_of_phases(whitened, period)) ** 2))
    between = float(np.nansum((whitened - np.nanmean(whitened)) ** 2)) - within
    ratio = (between / (period - 1)) / max(within / freedom, TINY)
    return bool(fdtrc(period - 1, freedom, max(ratio, 0.0)) < significance)


def _moves(series: np.ndarray, period: int) -> bool:
    """Whether the autocorrelation at lag `period` is large, and larger than half a season before, as a trend's is not.

    It is large beyond 1.645 standard errors by Bartlett's formula; the M4 competition used this test for its Naive 2
    benchmark (Makridakis et al. 2020).
    """
    known = np.nan_to_num(series)
    correlations = np.array([known[shift:] @ known[:-shift] for shift in range(1, period + 1)]) / float(known @ known)
    standard_error = np.sqrt((1 + 2 * (correlations[:-1] ** 2).sum()) / len(series))
    least = max(CRITICAL_VALUE * standard_error, correlations[period // 2 - 1])
    return bool(correlations[-1] > least)


def _means_of_phases(series: np.ndarray, period: int) -> np.ndarray:
    """The mean of the known values at the phase of each row `[rows]`; 0 where there is none."""
    phases, known = np.arange(len(series)) % period, np.isfinite(series)
    sums = np.bincount(phases[known], series[known], period)
    return (sums / np.maximum(np.bincount(phases[known], minlength=period), 1))[phases]
