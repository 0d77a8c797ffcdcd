"""The rows before a panel that `split` cut: a window of a series' first target reaches back into them.

Shapes: N rows of all series, S series.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit.data.context import WHOLE


class Cut:
    """Which rows of a whole panel a panel of `split` has; pandas copies `attrs` often, and this never.

    Attributes:
        whole: the panel that was split `(N, F)`.
        first: the row of it at which each series begins `(S,)`.
        begin: the first row that was taken of each series, context or target `(S,)`.
        target: the first target row `(S,)`.
        stop: the row after the last that was taken `(S,)`.
    """

    def __init__(
        self, whole: pd.DataFrame, first: np.ndarray, begin: np.ndarray, target: np.ndarray, stop: np.ndarray
    ) -> None:
        """Hold the rows."""
        self.whole, self.first, self.begin, self.target, self.stop = whole, first, begin, target, stop

    def __deepcopy__(self, memo: dict[int, Any]) -> Cut:
        return self

    def __repr__(self) -> str:
        return f"<panel of {len(self.whole)} rows>"

    def has_rows_of(self, frame: pd.DataFrame) -> bool:
        """Whether a panel still has the rows that were cut, all or some of their columns."""
        if not set(frame.columns) <= set(self.whole.columns):
            return False
        rows = rows_between(self.begin, self.stop)
        return len(rows) == len(frame) and self.whole[list(frame.columns)].iloc[rows].equals(frame)


def with_earlier_rows_of_each(frame: pd.DataFrame, timesteps: int) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Return the panel after so many earlier rows that a window can begin `timesteps` rows before each first target.

    Returns:
        The panel, and the position of each series' first target among its own rows `(S,)`; None where the panel was
        not split, or has changed since, and all rows may be targets.
    """
    cut = frame.attrs.get(WHOLE)
    if not isinstance(cut, Cut) or not cut.has_rows_of(frame):
        return frame, None
    begin = np.minimum(cut.begin, np.maximum(cut.first, cut.target - timesteps))
    longer = cut.whole[list(frame.columns)].iloc[rows_between(begin, cut.stop)]
    longer.attrs = dict(frame.attrs)
    return longer, cut.target - begin


def rows_between(begin: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """The rows from `begin` to before `stop` of one series after the other, both `(S,)`."""
    counts = stop - begin
    return np.arange(counts.sum()) + np.repeat(begin - np.cumsum(counts) + counts, counts)
