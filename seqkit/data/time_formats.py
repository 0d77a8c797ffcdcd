"""The formats of time stamps: recognise them, parse stamps, and write stamps back as the file has them."""

from __future__ import annotations

import itertools
import re
from functools import cache

import numpy as np
import pandas as pd

from seqkit.data.padded_stamps import ROWS_OF_BLOCK, parse_padded
from seqkit.data.time_forms import FORMS, forms_of, parse_form
from seqkit.data.time_numbers import NUMBER_FORMS, parse_number_stamps
from seqkit.data.time_spellings import split_end_of_day

DAY_FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"]
DAY_FORMATS += ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%Y年%m月%d日")
DAY_FORMATS += ("%b %d %Y", "%B %d %Y", "%b-%d-%Y", "%d%b%Y", "%d. %b %Y", "%d. %B %Y", "%Y-%b-%d", "%Y%m%d")
SHORT_YEAR_FORMATS = ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d-%b-%y", "%d %b %y", "%d%b%y")
CLOCK_FORMATS = ("%H", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%H时", "%H时%M分")
CLOCK_ENDINGS = ("",) + tuple(map("".join, itertools.product((" ", "T", ""), CLOCK_FORMATS, ("", "%z", " %z"))))
CLOCK_ENDINGS += ("T%H%M%S", "T%H%M", "T%H%M%S%z", "T%H%M%z")
MONTH_FORMATS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%Y %b", "%YM%m", "%Y年%m月", "%Y年")
QUARTER_FORMATS = ("%YQ%q", "%Y-Q%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y")
DIGIT_FORMATS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
IN_MIDDLE_OF_MONTH = "%="  # before a format
LAST_YEAR = 9999  # of Python's own dates
FIRST_ROWS = 50
MIXED_ISO = "ISO8601"  # the name in pandas: each row has its own ISO format, such as with and without time of day

PATTERNS = {"%Y": r"\d{4}", "%y": r"\d\d", "%q": "[1-4]", "%b": "[A-Za-z]{3}", "%B": "[A-Za-z]{3,}", "%p": "[AaPp][Mm]"}
PATTERNS |= {f"%{letter}": r"\d{1,2}" for letter in "mdHI"}
PATTERNS |= {"%M": r"\d\d", "%S": r"\d\d", "%f": r"\d+", "%z": r"(?:Z|[+-]\d\d:?\d\d)"}


def likely_formats(texts: pd.Series) -> list[str]:
    """The formats that match the first, the middle or the last text."""
    formats = [time_format for text in first_middle_last(texts) for time_format in _formats_of(text)]
    return list(dict.fromkeys(formats))


def first_middle_last(texts: pd.Series) -> pd.Series:
    """Three of the texts that are not missing, or none."""
    present = np.flatnonzero(texts.notna())
    return texts.iloc[present[[0, len(present) // 2, -1]] if len(present) else present]


@cache
def _formats_of(text: str) -> tuple[str, ...]:
    if text.isdecimal():
        return (DIGIT_FORMATS[len(text)],) if len(text) in DIGIT_FORMATS else ()
    if not re.search(r"\d", text) or re.fullmatch(r"[-+]?\d*[.,]?\d*", text):
        return ()
    formats = forms_of(text) + [name for name in MONTH_FORMATS + QUARTER_FORMATS if re.fullmatch(_pattern(name), text)]
    for day in (*DAY_FORMATS, *SHORT_YEAR_FORMATS):
        start = re.match(_pattern(day), text)
        rest = text[start.end() :] if start else ""
        if not start or (day in SHORT_YEAR_FORMATS and rest[:1].isdigit()):  # 01/02/2020 is no 01/02/20
            continue
        formats += [day + ending for ending in CLOCK_ENDINGS if re.fullmatch(_pattern(ending), rest)]
    is_iso = re.match(r"\d{4}-\d\d-\d\d", text)
    return (*formats, MIXED_ISO) if is_iso else tuple(formats)


@cache
def _pattern(time_format: str) -> str:
    return re.sub("%[A-Za-z]", lambda directive: PATTERNS[directive[0]], re.escape(time_format))


def parse_stamps(texts: pd.Series, time_format: str) -> pd.Series:
    """Parse stamps of one format, NaT where a text does not match. Stamps with different offsets become UTC.

    A format is one of strptime's, or the name of a form that strptime has no code for.
    """
    if time_format in FORMS:
        return parse_form(texts, time_format)
    if time_format in NUMBER_FORMS:
        return parse_number_stamps(texts, time_format)
    padded = parse_padded(texts, time_format)
    if padded is not None and padded.notna().all():
        return padded
    if "%H" in time_format:
        texts, is_end = split_end_of_day(texts)
        if is_end.any():
            return _parse(texts, time_format) + pd.to_timedelta(is_end.astype(int), unit="D")
    return _parse(texts, time_format) if padded is None else padded


def _parse(texts: pd.Series, time_format: str) -> pd.Series:
    time_format = re.sub("(?<!%)Z$", "%z", time_format.replace("%-", "%").replace("%:", "%").replace("%3f", "%f"))
    if "%q" in time_format:
        return _parse_quarters(texts, time_format)
    is_mixed = time_format == MIXED_ISO
    if is_mixed:
        texts = texts.where(texts.str.match(r"\d{4}-\d\d-\d\d", na=False))
    offsets = texts.str.extract(r":\d\d.*(Z|[+-]\d\d:?\d\d)$")[0]
    utc = ("%z" in time_format or is_mixed) and offsets.nunique() > 1
    if is_mixed and offsets.notna().any() and offsets.isna().any():
        return pd.Series(pd.NaT, index=texts.index)
    return pd.to_datetime(texts, format=time_format, errors="coerce", utc=utc)


def _parse_quarters(texts: pd.Series, time_format: str) -> pd.Series:
    groups = re.escape(time_format).replace("%Y", r"(?P<year>\d{4})").replace("%q", "(?P<quarter>[1-4])")
    parts = texts.str.extract(f"^{groups}$")
    first_month = parts["quarter"].map({"1": "01", "2": "04", "3": "07", "4": "10"})
    return pd.to_datetime(parts["year"] + "-" + first_month, format="%Y-%m", errors="coerce")


def format_of(index: pd.DatetimeIndex, texts: pd.Series, time_format: str) -> str | None:
    """The variant of `time_format` that writes `index` exactly as `texts`, or None."""
    if time_format in FORMS or time_format in NUMBER_FORMS:
        return None
    padded = parse_padded(texts, time_format)
    if padded is not None and pd.DatetimeIndex(padded).equals(index):  # 24:00 is not what is written for midnight
        return time_format
    offsets = ("%z", "%:z", "Z") if "%z" in time_format else ("",)
    fractions = ("%f", "%3f") if "%f" in time_format else ("",)
    for offset, fraction, unpadded in itertools.product(offsets, fractions, ("", "md", "HI", "mdHI")):
        variant = time_format.replace("%z", offset) if offset else time_format
        variant = variant.replace("%f", fraction) if fraction else variant
        variant = re.sub(f"%([{unpadded}])", r"%-\1", variant) if unpadded else variant
        if _writes(index[:FIRST_ROWS], texts.iloc[:FIRST_ROWS], variant):
            return variant if _writes(index, texts, variant) else None
    return None


def _writes(index: pd.DatetimeIndex, texts: pd.Series, time_format: str) -> bool:
    if (index.year > LAST_YEAR).any() or (index.year < 1).any():  # Python writes no other years
        return False
    blocks = (slice(start, start + ROWS_OF_BLOCK) for start in range(0, len(texts), ROWS_OF_BLOCK))
    return all(write_stamps(index[rows], time_format) == texts.iloc[rows].tolist() for rows in blocks)


def write_stamps(index: pd.DatetimeIndex, time_format: str) -> list[str]:
    """Write time stamps as strftime does, and also with %q (quarter), %3f (milliseconds), %:z, %-m, %-d, %-H and %-I.

    `%=` before the format writes the middle of the month.

    Example:
        >>> write_stamps(pd.DatetimeIndex(["2009-10-01"]), "%YQ%q")
        ['2009Q4']
    """
    if time_format.startswith(IN_MIDDLE_OF_MONTH):
        index, time_format = middles_of_months(index), time_format.removeprefix(IN_MIDDLE_OF_MONTH)
    if not re.search("%[q3:-]", time_format):
        return index.strftime(time_format).tolist()
    return [_written(stamp, time_format) for stamp in index]


def middles_of_months(months: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The middle of each month, as models of the climate write it, from its first day: 16 January 12:00."""
    return pd.DatetimeIndex(months + pd.to_timedelta(12 * months.days_in_month, unit="h"))


def format_on_grid(stamps: pd.DatetimeIndex, grid: pd.DatetimeIndex, time_format: str) -> str:
    """The format that writes stamps of the grid as those of the file, where these are the middles of its months."""
    are_middles = grid.freqstr == "MS" and stamps[0].day != 1 and bool(stamps.isin(middles_of_months(grid)).all())
    return IN_MIDDLE_OF_MONTH + time_format if are_middles else time_format


def _written(stamp: pd.Timestamp, time_format: str) -> str:
    numbers = {"m": stamp.month, "d": stamp.day, "H": stamp.hour, "I": (stamp.hour - 1) % 12 + 1}
    for letter, number in numbers.items():
        time_format = time_format.replace(f"%-{letter}", str(number))
    time_format = time_format.replace("%q", str(stamp.quarter)).replace("%:z", stamp.isoformat()[-6:])
    time_format = time_format.replace("%3f", f"{stamp.microsecond // 1000:03}")
    return stamp.strftime(time_format)
