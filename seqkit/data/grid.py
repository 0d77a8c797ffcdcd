"""Time stamps to a regular grid: missing rows, and rows that are not on the grid."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset

from seqkit._errors import InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.clocks import CLOCKS_CHANGE, may_change_clocks, written
from seqkit.data.steps import code_of, offset_of_code, step_of

FORMER_NAMES = {"M": "'MS' or 'ME'", "Q": "'QS' or 'QE'", "Y": "'YS' or 'YE'", "H": "'h'", "T": "'min'"}
MOST_GRID_ROWS_PER_ROW = 20  # with more rows of the grid for each row of the file, a stamp is probably mistyped
FEWEST_ROWS_OF_STEP = 6
GAPS_STAY = (
    "Such rows are NaN and stay NaN until a model fills them: build_forecaster("
    + keywords(fill="last")
    + "), or "
    + keywords(fill="mean")
    + ", or "
    + keywords(fill="mask")
    + ", which also tells the network what is known and since when."
)
ANOTHER_STEP = "Correct the stamp, or name another " + keywords(freq=...) + "."


def offset_of(where: str, freq: str | BaseOffset) -> BaseOffset:
    """`freq` as an offset that moves forward; refuse other values with examples."""
    try:
        offset = offset_of_code("" if str(freq) in FORMER_NAMES else freq) if isinstance(freq, str) else freq
        moves_forward = pd.Timestamp("2000-01-01") + offset > pd.Timestamp("2000-01-01")
    except (ValueError, TypeError, OverflowError):
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


def counted_grid(where: str, rows: int, freq: str | BaseOffset | None, start: str | pd.Timestamp) -> pd.DatetimeIndex:
    """The grid of rows without a time: so many steps from the start on."""
    if freq is None:
        raise InvalidValue(
            where,
            keywords(time=None) + " needs the step of the rows.",
            "Pass " + keywords(freq="MS") + ', "D", "h" or "30min".',
            argument="freq",
        )
    offset = offset_of(where, freq)
    try:
        if pd.isna(pd.Timestamp(start)) or not re.search(r"\d", str(start)):  # "now" would differ each time
            raise ValueError("it names no date")
        return pd.date_range(start, periods=rows, freq=offset, name="time")
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidValue(
            where, keywords(start=start) + f" is not a time stamp ({error}).", "Write it as 2000-01-31.", "start"
        ) from None


def grid_rows(first: pd.Timestamp, last: pd.Timestamp, offset: BaseOffset) -> float:
    """About how many steps lie between two stamps."""
    try:
        return float((last - first) / (first + offset * 8 - first) * 8)
    except (ValueError, OverflowError):  # eight steps are beyond all dates, so the grid has fewer rows than that
        return 0.0


def regular_grid(
    where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, freq: str | BaseOffset | None
) -> pd.DatetimeIndex:
    """The regular grid of ascending stamps; `lines` are the stamps' line numbers in the file, for messages."""
    offset, irregular = (offset_of(where, freq), 0) if freq is not None else step_of(stamps)
    if offset is None:
        raise _irregular(where, stamps, lines, irregular)
    _refuse_change_of_step(where, stamps, lines, offset)
    _refuse_far_gap(where, stamps, lines, offset)
    grid = pd.date_range(stamps[0], stamps[-1], freq=offset, name=stamps.name)
    is_off_grid = ~stamps.isin(grid)
    if is_off_grid.any():
        row = int(np.argmax(is_off_grid))
        problem = f"line {lines[row]}: {written(stamps[row])} is not on the grid of " + keywords(freq=code_of(offset))
        raise InvalidValue(where, problem + ".", ANOTHER_STEP, argument="freq")
    return grid


def _irregular(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, row: int) -> ValueError:
    """The refusal of stamps without one step, in words for the usual reasons."""
    problem = f"the steps are irregular: {written(stamps[row])} follows {written(stamps[row - 1])}"
    way_out = "Correct the stamp, name the grid with " + keywords(freq=...) + ", or resample the table first."
    are_starts = np.asarray(stamps.day == 1)
    are_starts_or_ends = are_starts | (stamps.day == stamps.days_in_month)
    if are_starts.any() and not are_starts.all() and are_starts_or_ends.all() and (stamps == stamps.normalize()).all():
        change = int(np.argmax(are_starts != are_starts[0]))
        sides = ("starts", "ends") if are_starts[0] else ("ends", "starts")
        problem = f"the stamps are {sides[0]} of months, and from here on {sides[1]}: {written(stamps[change])}"
        return InvalidValue(where, f"line {lines[change]}: {problem}.", "Write all of them alike, as in 2020-01.")
    hint = ", " + CLOCKS_CHANGE if may_change_clocks(stamps[row]) and (stamps != stamps.normalize()).any() else ""
    return InvalidValue(where, f"line {lines[row]}: {problem}" + hint + ".", way_out)


def _refuse_change_of_step(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, offset: BaseOffset) -> None:
    """Refuse a table whose first rows have a step that is several steps of its last rows, or the other way round."""
    steps = np.diff(stamps.asi8)
    is_long = steps > 1.5 * np.median(steps[steps > 0])
    changes = np.flatnonzero(np.diff(is_long.astype(int)))
    runs = np.diff(np.concatenate([[0], changes + 1, [len(is_long)]]))
    if len(runs) == 2 and runs.min() >= FEWEST_ROWS_OF_STEP and not isinstance(offset, pd.offsets.MonthBegin):
        row = int(changes[0]) + 1
        raise InvalidValue(
            where,
            f"line {lines[row]}: the step changes at {written(stamps[row])}, from {stamps[row] - stamps[row - 1]} to "
            f"{stamps[row + 1] - stamps[row]}.",
            "Keep the rows of one step, or average the others to it.",
        )


def warn_of_gaps(where: str, missing: pd.DatetimeIndex, freq: str) -> None:
    """Warn once about the rows of the grid that the file lacks."""
    if len(missing):
        examples = ", ".join(written(stamp) for stamp in missing[:5]) + (" and so on" if len(missing) > 5 else "")
        rows = f"{len(missing)} rows are" if len(missing) > 1 else "1 row is"
        warn(
            SeqkitWarning(
                where,
                f"{rows} missing on the grid of " + keywords(freq=freq) + f": {examples}.",
                GAPS_STAY,
                argument="fill",
            )
        )


def _refuse_far_gap(where: str, stamps: pd.DatetimeIndex, lines: np.ndarray, offset: BaseOffset) -> None:
    rows_of_grid = grid_rows(stamps[0], stamps[-1], offset)
    if rows_of_grid > MOST_GRID_ROWS_PER_ROW * len(stamps) + 100:
        row = int(np.argmax(stamps[1:] - stamps[:-1]))
        raise InvalidValue(
            where,
            f"line {lines[row + 1]}: {written(stamps[row + 1])} follows {written(stamps[row])}; most of the "
            f"{rows_of_grid:.0f} rows of " + keywords(freq=code_of(offset)) + " would be missing.",
            ANOTHER_STEP,
            argument="freq",
        )
