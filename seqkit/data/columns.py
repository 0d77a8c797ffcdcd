"""The columns of values: those that are named, or all but texts, counters, repeats of the time and empty columns."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from seqkit._checks import listed, require_columns
from seqkit._errors import MOST_NAMES_LISTED, InvalidValue, MessageText, SeqkitWarning, keywords, warn
from seqkit.data.cells import Cells
from seqkit.data.sideways import refuse_cycle_of_columns
from seqkit.data.text_columns import known_cells
from seqkit.data.time_formats import likely_formats, parse_stamps
from seqkit.data.time_parts import TimeParts

ROWS_TO_JUDGE = 1000
FEWEST_ROWS_TO_COUNT = 10  # in fewer rows, values may be 1, 2, 3 ... by chance
NAMES_OF_COUNTERS = (
    r"(?i)unnamed(: ?\d+)?|column \d+|(row)?[ _.-]?(index|idx|id|no|nr|num(ber)?|names?|#)\.?"
    r"|obs(ervation)?|rows?|序号|编号"
)
PLAIN_NUMBER = r"\d+([.,]\d*)?|[.,]\d+|\d{1,3}(([.'’ \u00a0\u202f]\d{3})+|(,\d{2,3})+)([.,]\d+)?"
BEFORE_NUMBER = r"[^\w]*(EUR|USD|GBP|CHF|JPY|CNY|INR|RUB|BRL|CAD|AUD|SEK|NOK|DKK|PLN|Rs\.?|[A-Z]{1,2}(?=\$))?[^\w]*"
AFTER_NUMBER = r"([eEdD][+-]?\d+)?(?P<unit>[^\d]{0,12})"
LOOKS_LIKE_NUMBER = re.compile(rf"(?:{BEFORE_NUMBER}({PLAIN_NUMBER}){AFTER_NUMBER}|(?i:true|false|[+-]?inf(inity)?))")
MOST_UNITS = 3  # K, M and B behind numbers, but not Main St, High St, Mill Rd and Oak Rd
REASONS = {
    "empty": "is empty",
    "counter": "counts the rows",
    "time": "repeats the time",
    "stamps": "holds time stamps",
    "text": "holds text",
}


def value_columns(
    cells: Cells,
    chosen: list[str],
    used: list[str],
    time_names: list[str],
    stamps: pd.DatetimeIndex | None,
    whole: Cells | None = None,
) -> list[str]:
    """The columns of numbers to read; one warning names those that are left out.

    Args:
        cells: the file, or the longest series of a long one.
        chosen: the columns that the user named; none for all that hold values.
        used: the columns that the user wants beside these, whatever they hold.
        time_names: the columns that hold the time.
        stamps: the time stamps `(rows,)`; None where the rows are counted.
        whole: the whole of a long file, in which a column of values is no text either, and does not count the rows.
    """
    names = [name for name in cells.texts.columns if name not in time_names]
    if not names:
        raise InvalidValue(
            cells.where,
            f"{listed(time_names)} is the time and there is no other column."
            if time_names
            else "there is no column of values.",
            f"Was another separator meant? It was read with {cells.separator!r}: pass " + keywords(separator=...) + ".",
        )
    if chosen:
        return require_columns(cells.where, "column", [*chosen, *used], names)
    require_columns(cells.where, "use", used, names)
    free = [name for name in names if name not in used]
    refuse_cycle_of_columns(cells.where, free)
    times = {} if stamps is None else {rows: TimeParts(stamps[:rows]) for rows in (ROWS_TO_JUDGE, len(stamps))}
    reasons = {name: _reason(cells, name, times) for name in free}
    if whole is not None:
        reasons = {name: _reason_in_long_file(whole, name, reason) for name, reason in reasons.items()}
    left_out = {name: reason for name, reason in reasons.items() if reason is not None}
    if len(left_out) == len(free):  # the reader of numbers says what is wrong with them
        numbers = [name for name in free if reasons[name] in ("counter", "time")] or free
        left_out = {name: reason for name, reason in left_out.items() if name not in numbers}
    kept = [name for name in names if name not in left_out]
    numbers = [name for name, reason in left_out.items() if reason in ("counter", "time")]
    way_out = "Name the columns to read in " + keywords(columns=kept) + "."
    if numbers:
        way_out = "To read one all the same, name it: " + keywords(use=numbers[0]) + "."
    _warn_of(cells.where, left_out, way_out, "columns")
    return kept


def columns_of_numbers(cells: Cells, names: list[str]) -> list[str]:
    """The columns that hold numbers, or all where none does; one warning names the others."""
    reasons = {name: _reason_of_texts(cells.texts[name]) for name in names}
    kept = [name for name in names if reasons[name] is None] or names
    left_out = {name: reason for name, reason in reasons.items() if reason is not None and name not in kept}
    _warn_of(cells.where, left_out, "Name the columns to read in " + keywords(features=kept) + ".", "features")
    return kept


def _reason(cells: Cells, name: str, times: dict[int, TimeParts]) -> str | None:
    """Why a column holds no values, a key of `REASONS`; None where it does. `times` are by the number of first rows."""
    known = cells.numbers.get(name)
    reason = _reason_of_texts(cells.texts[name]) if known is None else "empty" if np.isnan(known).all() else None
    if reason is not None:
        return reason
    for rows in (ROWS_TO_JUDGE, len(cells.lines)):  # all rows only where the first ones are no values
        numbers = known[:rows] if known is not None else _numbers(cells.texts[name].iloc[:rows])
        reason = _reason_of_numbers(name, numbers, times.get(rows))
        if reason is None:
            return None
    return reason


def _reason_in_long_file(cells: Cells, name: str, reason_in_one: str | None) -> str | None:
    """Why a column of many series holds no values: it counts the rows or repeats the time in one, else in the file."""
    return reason_in_one if reason_in_one in ("counter", "time") else _reason(cells, name, {})


def _numbers(texts: pd.Series) -> np.ndarray:
    return pd.to_numeric(texts, errors="coerce").to_numpy("float64")


def _reason_of_texts(texts: pd.Series) -> str | None:
    known = known_cells(texts)
    if not known:
        return "empty"
    sample = known[:: max(1, len(known) // ROWS_TO_JUDGE)]
    numbers = [match for match in map(LOOKS_LIKE_NUMBER.fullmatch, sample) if match]
    units = {match["unit"].strip() for match in numbers if match["unit"] is not None}
    if len(numbers) >= 0.5 * len(sample) and len(units) <= MOST_UNITS + 1:  # and none
        return None
    stamps = pd.Series(sample, dtype="str")
    is_time = any(parse_stamps(stamps, form).notna().all() for form in likely_formats(stamps))
    return "stamps" if is_time else "text"


def _reason_of_numbers(name: str, numbers: np.ndarray, times: TimeParts | None) -> str | None:
    if _counts_rows(name, numbers):
        return "counter"
    return "time" if times is not None and times.repeat_in(name, numbers) else None


def _counts_rows(name: str, numbers: np.ndarray) -> bool:
    """Whether a column holds 0, 1, 2 ... or 1, 2, 3 ..., or any whole numbers in turn under the name of a counter."""
    rows = np.arange(len(numbers))
    is_named = re.fullmatch(NAMES_OF_COUNTERS, name) is not None
    if is_named:
        return len(numbers) > 1 and bool((numbers - numbers[0] == rows).all() or (numbers[0] - numbers == rows).all())
    return len(numbers) >= FEWEST_ROWS_TO_COUNT and any(bool((numbers == rows + first).all()) for first in (0, 1))


def _warn_of(where: str, left_out: dict[str, str], way_out: MessageText, argument: str) -> None:
    parts = [f"{name!r} ({REASONS[reason]})" for name, reason in left_out.items()]
    if len(parts) > MOST_NAMES_LISTED:
        parts = [*parts[:MOST_NAMES_LISTED], f"and {len(parts) - MOST_NAMES_LISTED} more"]
    if parts:
        warn(SeqkitWarning(where, f"left out: {', '.join(parts)}.", way_out, argument=argument))
