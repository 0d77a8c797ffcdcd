"""The rows before a table that `split` cut: a window of the first target reaches back into them."""

from __future__ import annotations

from typing import Any

import pandas as pd

WHOLE, FIRST_TARGET = "split_from", "targets_from"  # keys of `DataFrame.attrs`


class Whole:
    """The table that was split. pandas copies `attrs` with each operation; this keeps it from copying the rows."""

    def __init__(self, rows: pd.DataFrame) -> None:
        """Hold the rows."""
        self.rows = rows

    def __deepcopy__(self, memo: dict[int, Any]) -> Whole:
        return self

    def __repr__(self) -> str:
        return f"<table of {len(self.rows)} rows>"


def first_target_row(table: pd.DataFrame) -> int:
    """Position of the first row after the context rows of `split`; 0 for a table without context rows."""
    stamp = table.attrs.get(FIRST_TARGET)
    return 0 if stamp is None else int(table.index.searchsorted(stamp))


def with_earlier_rows(table: pd.DataFrame, timesteps: int) -> pd.DataFrame:
    """Return the table after so many earlier rows that a window can begin `timesteps` rows before its first target.

    A table whose rows have changed since `split`, such as one that was scaled, is returned as it is.
    """
    whole = table.attrs.get(WHOLE)
    needed = timesteps - first_target_row(table)
    if whole is None or needed <= 0 or not set(table.columns) <= set(whole.rows.columns):
        return table
    rows = whole.rows[list(table.columns)]
    start = int(rows.index.searchsorted(table.index[0])) if len(table) else 0
    if not rows.iloc[start : start + len(table)].equals(table):
        return table
    longer = rows.iloc[max(0, start - needed) : start + len(table)]
    longer.attrs = {FIRST_TARGET: table.index[0], **table.attrs}
    return longer
