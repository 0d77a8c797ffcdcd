"""Rows of token numbers as users give them, checked."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np

from seqkit._errors import InvalidValue


def rows_of_numbers(where: str, numbers: Any, count: int) -> np.ndarray:
    """Token numbers `[B, T]` as int32, or refuse what is no row of whole numbers from 0 below `count`."""
    rows = _as_float64(numbers)
    if rows is None or rows.ndim != 2:
        problem = f"rows of numbers [texts, tokens] are needed, got {reprlib.repr(numbers)}."
        raise InvalidValue(where, problem, "Fill shorter rows with 0.", argument="numbers")
    is_word = (rows >= 0) & (rows < count) & (rows == np.floor(rows))
    if not is_word.all():
        problem = f"{rows[~is_word][0]:.17g} is the number of no word, the numbers are 0 to {count - 1}."
        raise InvalidValue(where, problem, "Pass numbers that this vocabulary made.", argument="numbers")
    return rows.astype("int32")


def _as_float64(numbers: Any) -> np.ndarray | None:
    """The numbers; None where they are none, or rows of different lengths."""
    try:
        return np.asarray(numbers, "float64")  # which holds every int32, and larger numbers than int64
    except (TypeError, ValueError, OverflowError):
        return None
