"""Time stamps of a fixed width, as in 2020-01-31 13:00, read digit by digit in whole arrays.

pandas reads the ISO forms as fast, and all others, such as 31/01/2020, ten times slower.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
SECONDS = {"H": 3600, "M": 60, "S": 1}
LIMITS = {"H": 24, "M": 60}
YEARS = (1678, 2261)  # that every unit of pandas' stamps can hold
LAST_OF_ASCII = 127
ROWS_OF_BLOCK = 20_000


class Layout(NamedTuple):
    """Where the characters of a stamp stand."""

    numbers: dict[str, slice]  # by the letters of strptime
    others: dict[int, str]
    width: int


def parse_padded(texts: pd.Series, time_format: str) -> pd.Series | None:
    """Stamps as `pandas.to_datetime` gives them, NaT where there is no such day or hour.

    None where the format is not of fixed width, or a text does not have its form with all zeros written.
    """
    layout = _layout(time_format)
    if layout is None or not len(texts):
        return None
    unit = pd.DatetimeIndex(pd.to_datetime(["2000-01-31"], format="%Y-%m-%d")).unit
    stamps = np.empty(len(texts), f"datetime64[{unit}]")
    for start in range(0, len(texts), ROWS_OF_BLOCK):
        rows = slice(start, start + ROWS_OF_BLOCK)
        block = _stamps_of_block(texts.iloc[rows].tolist(), layout)
        if block is None:
            return None
        stamps[rows] = block
    return pd.Series(stamps, index=texts.index, name=texts.name)


def _layout(time_format: str) -> Layout | None:
    numbers: dict[str, slice] = {}
    others, start = {}, 0
    for part in re.findall("%.|.", time_format, flags=re.DOTALL):
        width = WIDTHS.get(part[1:], 0) if len(part) > 1 else 1
        if not width or part[1:] in numbers:
            return None
        if len(part) > 1:
            numbers[part[1:]] = slice(start, start + width)
        else:
            others[start] = part
        start += width
    has_gap = "d" in numbers and "m" not in numbers
    return Layout(numbers, others, start) if "Y" in numbers and not has_gap else None


def _stamps_of_block(texts: list[str], layout: Layout) -> np.ndarray | None:
    codes = np.array(texts, dtype=f"U{layout.width + 1}").view("uint32").reshape(len(texts), -1)
    if codes.max() > LAST_OF_ASCII:
        return None
    places = np.ascontiguousarray(codes.astype("uint8").T)  # (width + 1, rows)
    digits = places - np.uint8(ord("0"))  # unsigned, so that what is before zero is large
    are_others = all((places[at] == ord(character)).all() for at, character in layout.others.items())
    if not are_others or places[-1].any() or any((digits[part] > 9).any() for part in layout.numbers.values()):
        return None
    number = {letter: _number(digits[part]) for letter, part in layout.numbers.items()}
    if number["Y"].min() < YEARS[0] or number["Y"].max() > YEARS[1] or number.get("S", np.zeros(1)).max() >= 60:
        return None
    return _stamps(number)


def _stamps(number: dict[str, np.ndarray]) -> np.ndarray:
    month, day = (number.get(letter, np.ones_like(number["Y"])) for letter in "md")
    months = ((number["Y"] - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    is_none = (month < 1) | (month > 12) | (days.astype("datetime64[M]") != months)
    for letter, limit in LIMITS.items():
        is_none |= number.get(letter, np.zeros(1)) >= limit
    seconds = sum((number[letter] * SECONDS[letter] for letter in SECONDS if letter in number), np.zeros(1, "int64"))
    stamps = days.astype("datetime64[s]") + seconds
    stamps[is_none] = np.datetime64("NaT")
    return stamps


def _number(digits: np.ndarray) -> np.ndarray:
    number = np.zeros(digits.shape[1], "int64")
    for digit in digits:
        number = number * 10 + digit
    return number
