"""Numbers as the models read them: arrays of float32 whose missing values are NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit._errors import InvalidValue


def without_mask(values: Any) -> Any:
    """A NumPy masked array as a plain one, NaN where it was masked; anything else as it is."""
    if not isinstance(values, np.ma.MaskedArray):
        return values
    return np.ma.filled(values.astype(np.result_type(values.dtype, "float32")), np.nan)


def in_float32(array: np.ndarray) -> np.ndarray:
    """The array in float32; a number that is too large becomes infinite, to be refused next."""
    with np.errstate(over="ignore"):
        return array.astype("float32")


def refuse_infinite(where: str, rows: np.ndarray, names: Any) -> None:
    """Refuse an infinite value in rows `[N, F]` of float32, where F columns have these names."""
    if np.isinf(rows).any():
        row, column = np.argwhere(np.isinf(rows))[0]
        problem = f"row {row} of column {names[column]!r} is infinite, or too large for float32."
        raise InvalidValue(where, problem, "Set it to NaN, or divide the column by a power of ten before.")


def numeric_rows(where: str, values: Any, axes: str) -> np.ndarray:
    """The values as a 2-D array of numbers with one row or more; `axes` names its axes in messages."""
    array = np.asarray(without_mask(values))
    if array.ndim != 2:
        problem = f"wanted a 2-D array {axes}, got {array.ndim}-D of shape {array.shape}."
        raise InvalidValue(where, problem, "One series in a flat array becomes a column with values.reshape(-1, 1).")
    if array.dtype.kind not in "fiub":
        raise InvalidValue(where, f"wanted numbers, got dtype {array.dtype}.", "Convert with values.astype('float32').")
    if not len(array):
        raise InvalidValue(where, f"wanted {axes}, got no rows at all (shape {array.shape}).")
    return array
