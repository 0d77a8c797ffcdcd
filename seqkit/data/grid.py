"""Time stamps to a regular grid: the step of a table, missing rows, doubled rows, rows off the beat."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset

from seqkit._checks import did_you_mean
from seqkit._errors import InvalidValue, MessageText, SeqkitWarning, keywords

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
FORMER_NAMES = {"M": "'MS' or 'ME'", "Q": "'QS' or 'QE'", "Y": "'YS' or 'YE'", "H": "'h'", "T": "'min'"}
HOUR = pd.Timedelta("1h")
MOST_MISSING = 20  # missing rows to one that is there; beyond, a stamp is more likely mistyped
CLOCKS_CHANGE = (
    "as where clocks change between winter and summer time. Name the zone of the clock, as in "
    + keywords(timezone="Europe/Berlin")
    + ", or give stamps in UTC"
)
ANOTHER_STEP = "Correct the stamp, or name another " + keywords(freq=...) + "."


def step_of(stamps: pd.DatetimeIndex) -> tuple[BaseOffset | None, int]:
    """The step of ascending stamps, rows may be missing; or None and the first position off the beat.

    The commonest difference is the step, counted in months, days or less, the coarsest that fits; every other
    difference has to be a multiple of it.
    """
    days = stamps.normalize()
    months = (stamps.year * 12 + stamps.month).to_numpy()
    if (stamps - days).nunique() > 1:
        step, wrong = _beat(stamps.asi8)
        return to_offset(pd.Timedelta(np.timedelta64(step, stamps.unit))) if step else None, wrong
    if days.is_month_start.all() or days.is_month_end.all():
        step, wrong = _beat(months)
        side = "S" if days[0].is_month_start else "E"
        return _months_offset(step, stamps[0].month, side) if step else None, wrong
    step, wrong = _beat(days.as_unit("s").asi8 // 86400)
    return _days_offset(step, days) if step else None, wrong


def _beat(counts: np.ndarray) -> tuple[int, int]:
    """(step, 0), or (0, first position whose difference is no multiple of the commonest one)."""
    steps, times = np.unique(np.diff(counts), return_counts=True)
    step = int(steps[np.argmax(times)])
    off = np.flatnonzero(np.diff(counts) % step)
    if 2 * times.max() < times.sum():
        off = np.flatnonzero(np.diff(counts) != step)
    return (0, int(off[0]) + 1) if len(off) else (step, 0)


def _months_offset(step: int, month: int, side: str) -> BaseOffset:
    if step % 12 == 0:
        return to_offset(f"{step // 12}Y{side}-{MONTH_NAMES[month - 1]}")
    if step == 3:
        last = (month - 1) % 3 + (9 if side == "E" else 0)
        return to_offset(f"Q{side}-{MONTH_NAMES[last]}")
    return to_offset(f"{step}M{side}")


def _days_offset(step: int, days: pd.DatetimeIndex) -> BaseOffset:
    if step % 7 == 0:
        return to_offset(f"{step // 7}W-{DAY_NAMES[days[0].weekday()]}")
    spans_weekend = (days[-1] - days[0]).days >= 7 or days[-1].weekday() < days[0].weekday()
    if step == 1 and spans_weekend and (days.day_of_week < 5).all():
        return to_offset("B")
    return to_offset(f"{step}D")


def offset_of(where: str, freq: str | BaseOffset) -> BaseOffset:
    """`freq` as an offset that moves forward, or an error that names examples."""
    try:
        offset = to_offset("" if str(freq) in FORMER_NAMES else freq)
        forward = pd.Timestamp("2000-01-01") + offset > pd.Timestamp("2000-01-01")
    except (ValueError, TypeError):
        forward = False
    if not forward:
        hint = f" Did you mean {FORMER_NAMES[str(freq)]}?" if str(freq) in FORMER_NAMES else ""
        raise InvalidValue(
            where,
            keywords(freq=freq) + " is not a step.",
            "Pass a pandas frequency: 'MS' (month starts), 'ME' (month ends), 'QS', 'YS', 'W-SUN', 'D', 'B' "
            f"(working days), 'h', '30min'.{hint}",
            argument="freq",
        )
    return offset


def regular_grid(
    where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, freq: str | BaseOffset | None
) -> pd.DatetimeIndex:
    """The regular grid that ascending stamps lie on; `lines` say in messages where each came from."""
    _refuse_doubles(where, stamps, lines)
    offset, wrong = (offset_of(where, freq), 0) if freq is not None else step_of(stamps)
    _refuse_lost_hour(where, stamps, lines)
    if offset is None:
        hint = ", " + CLOCKS_CHANGE if _may_change_clocks(stamps[wrong]) else ""
        raise InvalidValue(
            where,
            f"line {lines[wrong]}: the steps are irregular: {_shown(stamps[wrong])} follows {_shown(stamps[wrong - 1])}"
            + hint
            + ".",
            "Correct the stamp, name the grid with " + keywords(freq=...) + ", or resample the table first.",
        )
    _refuse_far_gap(where, stamps, lines, offset)
    grid = pd.date_range(stamps[0], stamps[-1], freq=offset, name=stamps.name)
    off = np.flatnonzero(~stamps.isin(grid))
    if len(off):
        raise InvalidValue(
            where,
            f"line {lines[off[0]]}: {_shown(stamps[off[0]])} is not on the grid of "
            + keywords(freq=offset.freqstr)
            + ".",
            ANOTHER_STEP,
            argument="freq",
        )
    return grid


def warn_of_gaps(where: str, missing: pd.DatetimeIndex, freq: str, stacklevel: int) -> None:
    """Say once which rows of the grid the file lacks."""
    if len(missing):
        few = ", ".join(_shown(stamp) for stamp in missing[:5]) + (" and so on" if len(missing) > 5 else "")
        rows = f"{len(missing)} rows are" if len(missing) > 1 else "1 row is"
        warnings.warn(
            SeqkitWarning(
                where,
                f"{rows} missing on the grid of " + keywords(freq=freq) + f": {few}.",
                "Such rows are NaN and stay NaN until a model fills them: build_forecaster(fill=...).",
                argument="fill",
            ),
            stacklevel=stacklevel + 1,
        )


def localised(where: str, index: pd.DatetimeIndex, timezone: str) -> pd.DatetimeIndex:
    """Wall-clock stamps of `timezone` as UTC."""
    if index.tz is not None:
        way_out = "Leave " + keywords(timezone=timezone) + " out."
        raise InvalidValue(where, "the stamps name their offset from UTC already.", way_out, "timezone")
    if (index == index.normalize()).all():
        raise InvalidValue(
            where,
            keywords(timezone=timezone) + " is for stamps with a time of day; these are whole days.",
            "Leave it out.",
            argument="timezone",
        )
    try:
        return index.tz_localize(timezone, ambiguous="infer").tz_convert("UTC")
    except (LookupError, TypeError, OSError):
        known = (
            "UTC",
            "Europe/Berlin",
            "Europe/London",
            "America/New_York",
            "Asia/Shanghai",
            "Australia/Sydney",
        )
        raise InvalidValue(
            where,
            keywords(timezone=timezone) + " is not a time zone.",
            "Name a place, as in " + keywords(timezone="Europe/Berlin") + f".{did_you_mean(timezone, known)}",
            argument="timezone",
        ) from None
    except Exception as error:  # pandas 2 raises pytz's own errors, pandas 3 ValueError
        raise InvalidValue(
            where,
            "the stamps are not those of a clock in " + keywords(timezone=timezone) + f" ({error}).",
            "Name the zone of the clock that wrote them, or give stamps in UTC.",
            argument="timezone",
        ) from None


def _refuse_doubles(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray) -> None:
    if stamps.is_unique:
        return
    second = int(np.argmax(stamps.duplicated()))
    hint: str | MessageText = "Keep one of them, or, if the file holds many series, pass one series."
    if _may_change_clocks(stamps[second]) and (stamps != stamps.normalize()).any():
        hint = "An hour comes twice, " + CLOCKS_CHANGE + "."
    raise InvalidValue(
        where,
        f"lines {lines[second - 1]} and {lines[second]} have the same time stamp, {_shown(stamps[second])}.",
        hint,
    )


def _refuse_lost_hour(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray) -> None:
    steps = stamps[1:] - stamps[:-1]
    step = steps.min()
    if stamps.tz is not None or step > HOUR:
        return
    for at in np.flatnonzero(steps == step + HOUR).tolist():
        if _may_change_clocks(stamps[at] + step):
            raise InvalidValue(
                where,
                f"line {lines[at + 1]}: an hour is missing after {_shown(stamps[at])}, "
                + CLOCKS_CHANGE
                + "; if the rows are really missing, add them with empty cells.",
                argument="timezone",
            )


def _refuse_far_gap(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, offset: BaseOffset) -> None:
    rows = (stamps[-1] - stamps[0]) / (stamps[0] + offset * 8 - stamps[0]) * 8
    if rows > MOST_MISSING * len(stamps) + 100:
        at = int(np.argmax(stamps[1:] - stamps[:-1]))
        raise InvalidValue(
            where,
            f"line {lines[at + 1]}: {_shown(stamps[at + 1])} follows {_shown(stamps[at])}; most of the {rows:.0f} "
            "rows of " + keywords(freq=offset.freqstr) + " would be missing.",
            ANOTHER_STEP,
            argument="freq",
        )


def _may_change_clocks(stamp: pd.Timestamp) -> bool:
    """A Sunday night in spring or autumn, when clocks change nearly everywhere they do."""
    return stamp.tz is None and stamp.weekday() == 6 and stamp.hour <= 3 and stamp.month in (3, 4, 9, 10, 11)


def _shown(stamp: pd.Timestamp) -> str:
    return str(stamp.date() if stamp == stamp.normalize() and stamp.tz is None else stamp)
