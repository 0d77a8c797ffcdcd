"""Columns of numbers that are never below zero, as sales, rain and the time that is left are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEWEST_ZEROS, LEAST_SHARE_OF_ZEROS = 2, 0.01  # of the known values of a column that is never below zero


def never_below_zero(rows: np.ndarray, transform: Sequence[str] | None = None) -> tuple[bool, ...]:
    """Whether each column `[N, C]` has no value below zero, and either a transform or many zeros.

    Many are one row of a hundred or more, and two. Sales, rain and the power of the sun have them; a temperature that
    was never below zero need not.

    Args:
        rows: numbers, NaN where one is unknown.
        transform: of each column, `"none"`, `"log"` or `"asinh"`; None for none.
    """
    kinds = ["none"] * rows.shape[1] if transform is None else transform
    known = (column[~np.isnan(column)] for column in rows.T)
    return tuple(_is_never_below_zero(column, kind) for column, kind in zip(known, kinds, strict=True))


def _is_never_below_zero(known: np.ndarray, kind: str) -> bool:
    zeros = int(np.count_nonzero(known == 0))
    has_many = zeros >= max(FEWEST_ZEROS, LEAST_SHARE_OF_ZEROS * len(known))
    return bool(len(known) and known.min() >= 0 and (has_many or kind != "none"))
