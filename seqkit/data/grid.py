"""Time stamps to a regular grid: the step of a table, missing rows, doubled rows, rows that are not on the grid."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset

from seqkit._checks import did_you_mean
from seqkit._errors import InvalidValue, MessageText, SeqkitWarning, keywords, warn

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
FORMER_NAMES = {"M": "'MS' or 'ME'", "Q": "'QS' or 'QE'", "Y": "'YS' or 'YE'", "H": "'h'", "T": "'min'"}
EXAMPLE_ZONES = ("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Sydney")
HOUR = pd.Timedelta("1h")
MOST_GRID_ROWS_PER_ROW = 20  # with more rows of the grid for each row of the file, a stamp is probably mistyped
CLOCKS_CHANGE = (
    "as where clocks change between winter and summer time. Name the zone of the clock, as in "
    + keywords(timezone="Europe/Berlin")
    + ", or give stamps in UTC"
)
ANOTHER_STEP = "Correct the stamp, or name another " + keywords(freq=...) + "."


def step_of(stamps: pd.DatetimeIndex) -> tuple[BaseOffset | None, int]:
    """The step of ascending stamps, where rows may be missing; or None and the position of the first irregular stamp.

    The step is the most common difference, in months, days or a smaller unit: the largest unit that fits. Every other
    difference must be a multiple of the step.
    """
    days = stamps.normalize()
    months = (stamps.year * 12 + stamps.month).to_numpy()
    if (stamps - days).nunique() > 1:
        step, irregular = _whole_step(stamps.asi8)
        return to_offset(pd.Timedelta(np.timedelta64(step, stamps.unit))) if step else None, irregular
    if days.is_month_start.all() or days.is_month_end.all():
        step, irregular = _whole_step(months)
        side = "S" if days[0].is_month_start else "E"
        return _months_offset(step, stamps[0].month, side) if step else None, irregular
    step, irregular = _whole_step(days.as_unit("s").asi8 // 86400)
    return _days_offset(step, days) if step else None, irregular


def _whole_step(counts: np.ndarray) -> tuple[int, int]:
    """(step, 0), or (0, the first position whose difference is not a multiple of the most common difference)."""
    steps, frequencies = np.unique(np.diff(counts), return_counts=True)
    step = int(steps[np.argmax(frequencies)])
    irregular = np.flatnonzero(np.diff(counts) % step)
    if 2 * frequencies.max() < frequencies.sum():
        irregular = np.flatnonzero(np.diff(counts) != step)
    return (0, int(irregular[0]) + 1) if len(irregular) else (step, 0)


def _months_offset(step: int, month: int, side: str) -> BaseOffset:
    if step % 12 == 0:
        return to_offset(f"{step // 12}Y{side}-{MONTH_NAMES[month - 1]}")
    if step == 3:
        anchor = (month - 1) % 3 + (9 if side == "E" else 0)
        return to_offset(f"Q{side}-{MONTH_NAMES[anchor]}")
    return to_offset(f"{step}M{side}")


def _days_offset(step: int, days: pd.DatetimeIndex) -> BaseOffset:
    if step % 7 == 0:
        return to_offset(f"{step // 7}W-{DAY_NAMES[days[0].weekday()]}")
    spans_weekend = (days[-1] - days[0]).days >= 7 or days[-1].weekday() < days[0].weekday()
    if step == 1 and spans_weekend and (days.day_of_week < 5).all():
        return to_offset("B")
    return to_offset(f"{step}D")


def offset_of(where: str, freq: str | BaseOffset) -> BaseOffset:
    """`freq` as an offset that moves forward; refuse other values with examples."""
    try:
        offset = to_offset("" if str(freq) in FORMER_NAMES else freq)
        moves_forward = pd.Timestamp("2000-01-01") + offset > pd.Timestamp("2000-01-01")
    except (ValueError, TypeError):
        moves_forward = False
    if not moves_forward:
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
    """The regular grid of ascending stamps; `lines` are the stamps' line numbers in the file, for messages."""
    _refuse_doubles(where, stamps, lines)
    offset, irregular = (offset_of(where, freq), 0) if freq is not None else step_of(stamps)
    _refuse_lost_hour(where, stamps, lines)
    if offset is None:
        hint = ", " + CLOCKS_CHANGE if _may_change_clocks(stamps[irregular]) else ""
        stamp, previous = _written(stamps[irregular]), _written(stamps[irregular - 1])
        raise InvalidValue(
            where,
            f"line {lines[irregular]}: the steps are irregular: {stamp} follows {previous}" + hint + ".",
            "Correct the stamp, name the grid with " + keywords(freq=...) + ", or resample the table first.",
        )
    _refuse_far_gap(where, stamps, lines, offset)
    grid = pd.date_range(stamps[0], stamps[-1], freq=offset, name=stamps.name)
    is_off_grid = ~stamps.isin(grid)
    if is_off_grid.any():
        row = int(np.argmax(is_off_grid))
        problem = f"line {lines[row]}: {_written(stamps[row])} is not on the grid of " + keywords(freq=offset.freqstr)
        raise InvalidValue(where, problem + ".", ANOTHER_STEP, argument="freq")
    return grid


def warn_of_gaps(where: str, missing: pd.DatetimeIndex, freq: str) -> None:
    """Warn once about the rows of the grid that the file lacks."""
    if len(missing):
        examples = ", ".join(_written(stamp) for stamp in missing[:5]) + (" and so on" if len(missing) > 5 else "")
        rows = f"{len(missing)} rows are" if len(missing) > 1 else "1 row is"
        warn(
            SeqkitWarning(
                where,
                f"{rows} missing on the grid of " + keywords(freq=freq) + f": {examples}.",
                "Such rows are NaN and stay NaN until a model fills them: build_forecaster(fill=...).",
                argument="fill",
            )
        )


def localised(where: str, index: pd.DatetimeIndex, timezone: str) -> pd.DatetimeIndex:
    """Convert wall-clock stamps of `timezone` to UTC."""
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
        hint = did_you_mean(timezone, EXAMPLE_ZONES)
        raise InvalidValue(
            where,
            keywords(timezone=timezone) + " is not a time zone.",
            "Name a place, as in " + keywords(timezone="Europe/Berlin") + f".{hint}",
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
    problem = f"lines {lines[second - 1]} and {lines[second]} have the same time stamp, {_written(stamps[second])}."
    raise InvalidValue(where, problem, hint)


def _refuse_lost_hour(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray) -> None:
    steps = stamps[1:] - stamps[:-1]
    step = steps.min()
    if stamps.tz is not None or step > HOUR:
        return
    for row in np.flatnonzero(steps == step + HOUR).tolist():
        if _may_change_clocks(stamps[row] + step):
            raise InvalidValue(
                where,
                f"line {lines[row + 1]}: an hour is missing after {_written(stamps[row])}, "
                + CLOCKS_CHANGE
                + "; if the rows are really missing, add them with empty cells.",
                argument="timezone",
            )


def _refuse_far_gap(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, offset: BaseOffset) -> None:
    grid_rows = (stamps[-1] - stamps[0]) / (stamps[0] + offset * 8 - stamps[0]) * 8
    if grid_rows > MOST_GRID_ROWS_PER_ROW * len(stamps) + 100:
        row = int(np.argmax(stamps[1:] - stamps[:-1]))
        raise InvalidValue(
            where,
            f"line {lines[row + 1]}: {_written(stamps[row + 1])} follows {_written(stamps[row])}; most of the "
            f"{grid_rows:.0f} rows of " + keywords(freq=offset.freqstr) + " would be missing.",
            ANOTHER_STEP,
            argument="freq",
        )


def _may_change_clocks(stamp: pd.Timestamp) -> bool:
    """Whether this is a Sunday night in spring or autumn, when nearly all changes of the clocks happen."""
    return stamp.tz is None and stamp.weekday() == 6 and stamp.hour <= 3 and stamp.month in (3, 4, 9, 10, 11)


def _written(stamp: pd.Timestamp) -> str:
    return str(stamp.date() if stamp == stamp.normalize() and stamp.tz is None else stamp)
