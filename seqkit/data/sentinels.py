"""Numbers that stand for missing values, such as -999: taken as missing where they are named, else refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue, keywords

NONE = "none"
SENTINELS = (-99.9, -99.99, -200.0, *(sign * float("9" * digits) for sign in (1, -1) for digits in (3, 4, 5, 6)))
FEWEST_TIMES = 2
LEAST_DISTANCE = 1.0  # from the other numbers, as a share of their range


def without_sentinels(
    where: str,
    numbers: pd.DataFrame,
    missing: float | str | Sequence[float] | None,
    series: np.ndarray | None = None,
) -> pd.DataFrame:
    """The numbers, NaN in the place of those that `missing` names.

    Args:
        where: the function and the file, for messages.
        numbers: columns of numbers.
        missing: a number or a list of them; "none" if all numbers are values; None refuses a number such as -999 that
            stands in several cells, far from all others.
        series: the number of each row's series `(rows,)`, each of which is looked at; None for one series.
    """
    if missing is None:
        table = numbers.to_numpy()
        counts = np.array([np.count_nonzero(table == sentinel, axis=0) for sentinel in SENTINELS])
        for at in np.flatnonzero((counts >= FEWEST_TIMES).any(axis=0)).tolist():
            _refuse_sentinel(where, str(numbers.columns[at]), table[:, at])
            for block in () if series is None else _by_series(table[:, at], series):
                _refuse_sentinel(where, str(numbers.columns[at]), block, " of one series")
        return numbers
    if isinstance(missing, str) and missing.lower() == NONE:
        return numbers
    values: list[Any] = list(missing) if isinstance(missing, (list, tuple)) else [missing]
    try:
        return numbers.mask(numbers.isin([float(value) for value in values]))
    except (TypeError, ValueError):
        problem = f'missing must be a number, a list of numbers or "none", got {missing!r}.'
        raise InvalidType(where, problem, argument="missing") from None


def _by_series(values: np.ndarray, series: np.ndarray) -> Iterator[np.ndarray]:
    """The values of each series that holds a number such as -999."""
    order = np.argsort(series, kind="stable")
    blocks = np.split(values[order], np.cumsum(np.bincount(series))[:-1])
    return (block for block in blocks if np.isin(block, SENTINELS).any())


def _refuse_sentinel(where: str, name: str, values: np.ndarray, of_what: str = "") -> None:
    for sentinel in SENTINELS:
        is_sentinel = values == sentinel
        if np.count_nonzero(is_sentinel) < FEWEST_TIMES:
            continue
        others = values[~is_sentinel & np.isfinite(values)]
        if not len(others):
            continue
        distance = max(sentinel - others.max(), others.min() - sentinel)
        if distance > LEAST_DISTANCE * max(np.ptp(others), 1e-9 * abs(sentinel)):
            written = f"{sentinel:g}"
            raise InvalidValue(
                where,
                f"column {name!r} holds {written} in {int(is_sentinel.sum())} rows{of_what}, far from all other "
                "numbers, as where it stands for a missing value.",
                "Say so: " + keywords(missing=sentinel) + ", or " + keywords(missing=NONE) + " if it is a value.",
                argument="missing",
            )
