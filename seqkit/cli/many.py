"""A table of one series or a panel of many, as the command line sees it: lengths, names, the clearest and the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Extent(NamedTuple):
    """How long the series of a table are."""

    first: np.ndarray  # (series,) the row at which each begins
    rows: np.ndarray  # (series,)
    frequency: str | None
    usual: int  # the rows that half of the series have


def is_panel(frame: pd.DataFrame) -> bool:
    """Whether the table holds many series."""
    from seqkit.data import panels

    return panels.is_panel(frame)


def extent_of(frame: pd.DataFrame) -> Extent:
    """How long the series of a table are."""
    import numpy as np

    from seqkit.data.panels import require_panel
    from seqkit.data.steps import code_of
    from seqkit.forecasting.facts import lengths_of

    if not is_panel(frame):
        rows = np.array([len(frame)])
        return Extent(np.zeros(1, int), rows, code_of(frame.index.freq), len(frame))  # type: ignore[attr-defined]
    panel = require_panel(frame, "seqkit forecast", ())
    return Extent(panel.first, panel.rows, code_of(panel.offset), lengths_of(frame)[1])


def columns_of_series(frame: pd.DataFrame) -> list[str]:
    """The columns of the file that name the series of a panel."""
    return columns_in_name(str(frame.index.names[0] or "series"))


def columns_in_name(name: str) -> list[str]:
    """The columns that name the series, from the name of a panel's level."""
    from seqkit.data.panel_parts import JOINT

    return name.split(JOINT)


def names_by_column(frame: pd.DataFrame) -> dict[str, list[str]]:
    """The cells `(rows,)` of each column that names the series of a panel."""
    from seqkit.data.panel_parts import JOINT

    columns = columns_of_series(frame)
    codes = frame.index.codes[0]  # type: ignore[attr-defined]
    names = [str(name).split(JOINT) if len(columns) > 1 else [str(name)] for name in frame.index.levels[0]]  # type: ignore[attr-defined]
    return {column: [names[code][at] for code in codes] for at, column in enumerate(columns)}


def clearest_and_worst(backtest: Any) -> tuple[list[Any], str] | None:
    """The series with the smallest and the largest MASE of the backtest, and a title that says so; None without one."""
    scores = getattr(backtest, "series", None)
    if scores is None:
        return None
    errors = scores["mase"].xs("forecast", level=-1).groupby(level=-1).mean().dropna()
    if not len(errors):
        return None
    first, last = errors.idxmin(), errors.idxmax()
    title = f"First the clearest of {len(errors)} series in the backtest (MASE {errors[first]:.2f}), then the worst "
    return list(dict.fromkeys([first, last])), title + f"({errors[last]:.2f})"
