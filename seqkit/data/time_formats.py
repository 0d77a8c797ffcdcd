"""The forms of time stamps: recognise, parse, and write them back as the file wrote them."""

from __future__ import annotations

import itertools
import re
from functools import cache

import pandas as pd

DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"]
DAYS += ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%Y年%m月%d日")
CLOCKS = ("%H", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%H时", "%H时%M分")
DAY_TIMES = ("",) + tuple(map("".join, itertools.product((" ", "T", ""), CLOCKS, ("", "%z", " %z"))))
MONTHS = ("%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%B %Y", "%b-%Y", "%B-%Y", "%Y %b", "%YM%m", "%Y年%m月", "%Y年")
QUARTERS = ("%YQ%q", "%Y-Q%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y")
DIGITS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
SEVERAL_FORMS = "ISO8601"  # pandas' word: each row in its own ISO form, as with and without the time of day

PATTERNS = {"%Y": r"\d{4}", "%q": "[1-4]", "%b": "[A-Za-z]{3}", "%B": "[A-Za-z]{3,}", "%p": "[AaPp][Mm]"}
PATTERNS |= {f"%{letter}": r"\d{1,2}" for letter in "mdHI"}
PATTERNS |= {"%M": r"\d\d", "%S": r"\d\d", "%f": r"\d+", "%z": r"(?:Z|[+-]\d\d:?\d\d)"}


def likely_formats(texts: pd.Series) -> list[str]:
    """The known forms that the first, the middle or the last text has."""
    present = texts.dropna()
    sample = [present.iloc[at] for at in (0, len(present) // 2, -1)] if len(present) else []
    formats = [one for text in sample for one in _formats_of(text)]
    return list(dict.fromkeys(formats))


@cache
def _formats_of(text: str) -> tuple[str, ...]:
    if text.isdecimal():
        return (DIGITS[len(text)],) if len(text) in DIGITS else ()
    if not re.search(r"\d", text) or re.fullmatch(r"[-+]?\d*[.,]?\d*", text):
        return ()
    found = [one for one in MONTHS + QUARTERS if re.fullmatch(_pattern(one), text)]
    for day in DAYS:
        start = re.match(_pattern(day), text)
        rest = text[start.end() :] if start else ""
        found += [day + one for one in DAY_TIMES if start and re.fullmatch(_pattern(one), rest)]
    iso = re.match(r"\d{4}-\d\d-\d\d", text)
    return (*found, SEVERAL_FORMS) if iso else tuple(found)


@cache
def _pattern(time_format: str) -> str:
    return re.sub("%[A-Za-z]", lambda found: PATTERNS[found[0]], re.escape(time_format))


def parse_stamps(texts: pd.Series, time_format: str) -> pd.Series:
    """Stamps of one form, NaT where a text does not have it; differing offsets become UTC."""
    time_format = re.sub("(?<!%)Z$", "%z", time_format.replace("%-", "%").replace("%:", "%"))
    if "%q" in time_format:
        return _parse_quarters(texts, time_format)
    several = time_format == SEVERAL_FORMS
    if several:
        texts = texts.where(texts.str.match(r"\d{4}-\d\d-\d\d", na=False))
    offsets = texts.str.extract(r":\d\d.*(Z|[+-]\d\d:?\d\d)$")[0]
    utc = ("%z" in time_format or several) and offsets.nunique() > 1
    if several and offsets.notna().any() and offsets.isna().any():
        return pd.Series(pd.NaT, index=texts.index)
    return pd.to_datetime(texts, format=time_format, errors="coerce", utc=utc)


def _parse_quarters(texts: pd.Series, time_format: str) -> pd.Series:
    groups = re.escape(time_format).replace("%Y", r"(?P<year>\d{4})").replace("%q", "(?P<quarter>[1-4])")
    parts = texts.str.extract(f"^{groups}$")
    first_month = parts["quarter"].map({"1": "01", "2": "04", "3": "07", "4": "10"})
    return pd.to_datetime(parts["year"] + "-" + first_month, format="%Y-%m", errors="coerce")


def format_of(index: pd.DatetimeIndex, texts: pd.Series, time_format: str) -> str | None:
    """The variant of `time_format` that writes exactly these texts, or None."""
    offsets = ("%z", "%:z", "Z") if "%z" in time_format else ("",)
    for offset, unpadded in itertools.product(offsets, ("", "md", "HI", "mdHI")):
        variant = time_format.replace("%z", offset) if offset else time_format
        variant = re.sub(f"%([{unpadded}])", r"%-\1", variant) if unpadded else variant
        few = slice(0, 50)
        if write_stamps(index[few], variant) == texts.iloc[few].tolist():
            return variant if write_stamps(index, variant) == texts.tolist() else None
    return None


def write_stamps(index: pd.DatetimeIndex, time_format: str) -> list[str]:
    """Write time stamps as strftime does, with %q (quarter), %:z and %-m, %-d, %-H, %-I on every system.

    Example:
        >>> write_stamps(pd.DatetimeIndex(["2009-10-01"]), "%YQ%q")
        ['2009Q4']
    """
    if not re.search("%[q:-]", time_format):
        return index.strftime(time_format).tolist()
    return [_written(stamp, time_format) for stamp in index]


def _written(stamp: pd.Timestamp, time_format: str) -> str:
    numbers = {"m": stamp.month, "d": stamp.day, "H": stamp.hour, "I": (stamp.hour - 1) % 12 + 1}
    for letter, number in numbers.items():
        time_format = time_format.replace(f"%-{letter}", str(number))
    time_format = time_format.replace("%q", str(stamp.quarter)).replace("%:z", stamp.isoformat()[-6:])
    return stamp.strftime(time_format)
