"""The picture of a confusion matrix: how many samples of each class were given which class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing import canvas as _canvas
from seqkit.drawing import panels as panels_of
from seqkit.drawing.fonts import readable
from seqkit.drawing.steps import label_steps, room_below, room_beside, steps_of
from seqkit.insight import checks

WHERE = "plot_confusion"
SMALLEST, LARGEST = 0.36, 1.0  # inches of a cell
MOST_INCHES = 11.0  # of a side of the matrix; more classes than fit have smaller cells
ROOM_FOR_SHARES = 0.55  # inches of a cell; smaller ones have their share in colour alone
SMALLEST_TYPE, LARGEST_TYPE = 5.0, 11.0  # points
DARK_CELL = 0.6  # a share from which on white text is easier to read


def plot_confusion(confusion: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw a confusion matrix: the true classes down, the predicted ones across, the right answers on the diagonal.

    A cell has its count and, for ten classes or fewer, its share of the row below it. The colour is that share, grey
    where the row's class has no samples. More classes have smaller cells, where zeros are left out.

    Args:
        confusion: Counts, rows the true class and columns the predicted one, such as
            `score_classifier(...).confusion`.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("confusion.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If `confusion` is not a DataFrame of numbers.
        ValueError: If it holds no counts, its rows and columns differ, or `ax` is not one axes.

    Example:
        >>> counts = pd.DataFrame([[7, 1], [2, 9]], index=["rain", "sun"], columns=["rain", "sun"])
        >>> [text.get_text().split() for text in plot_confusion(counts).axes[0].texts]
        [['7', '88%'], ['1', '12%'], ['2', '18%'], ['9', '82%']]
    """
    counts = _counts(confusion)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
    classes = [str(name) for name in confusion.columns]
    across = steps_of(WHERE, "confusion", classes, len(classes))
    inches = min(max(SMALLEST, min(LARGEST, 6 / len(classes))) * len(classes), MOST_INCHES)
    size = (inches + 1.4 + room_beside(across), inches + 0.8 + room_below(across, inches))
    with readable([*(across.words or ()), title]) as write:
        figure, panels = _canvas.panels_for(WHERE, ax, ["confusion"], size=size)
        (panel,) = panels
        _canvas.dress(panel, write, xlabel="predicted class", ylabel="true class")
        room = inches if ax is None else _inches(panel)
        bar = panels_of.draw_heat(panel, shares, across.edges, across.edges, (0, 1), panels_of.WEIGHTS)
        bar.set_label("share of the row", color="#333333")
        _write_cells(panel, counts, shares, room / len(classes))
        label_steps(panel, across, write)
        label_steps(panel, across, write, side="y")
        _canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _counts(confusion: Any) -> np.ndarray:
    """The matrix as floats, or a refusal of what is no confusion matrix."""
    if not isinstance(confusion, pd.DataFrame):
        way = "Pass its .confusion." if hasattr(confusion, "confusion") else "Pass score_classifier(...).confusion."
        raise InvalidType(
            WHERE,
            f"confusion must be a DataFrame of counts, got {type(confusion).__name__}.",
            way,
            argument="confusion",
        )
    rows, columns = list(confusion.index), list(confusion.columns)
    if rows != columns:
        raise InvalidValue(
            WHERE,
            f"rows and columns must be the same classes in the same order, got {len(rows)} rows and {len(columns)} "
            "columns.",
            "Write confusion.reindex(index=classes, columns=classes, fill_value=0).",
        )
    counts = checks.numbers(WHERE, "confusion", confusion)
    if not counts.size or not np.isfinite(counts).all() or (counts < 0).any() or (counts % 1).any():
        raise InvalidValue(
            WHERE,
            "confusion must hold counts, whole numbers of 0 or more, for one class or more.",
            "Pass them before any division; the picture works out each row's shares.",
            argument="confusion",
        )
    return counts


def _inches(panel: Axes) -> float:
    """The shorter side of the caller's panel."""
    return float(min(panel.bbox.width, panel.bbox.height) / panel.figure.dpi)


def _write_cells(panel: Axes, counts: np.ndarray, shares: np.ndarray, inches: float) -> None:
    """Write each count, with its share below it where a cell of `inches` has room, and nothing where it has none."""
    with_shares = inches >= ROOM_FOR_SHARES
    letters = max(4 if with_shares else 2, len(f"{counts.max():.0f}"))
    points = min(LARGEST_TYPE, 72 * inches * 0.9 / (0.65 * letters), 72 * inches * (0.3 if with_shares else 0.5))
    if points < SMALLEST_TYPE:
        return
    for (row, column), count in np.ndenumerate(counts):
        if not count and not with_shares:
            continue
        share = float(shares[row, column])
        text = f"{count:.0f}\n{_percent(share)}" if with_shares and count else f"{count:.0f}"
        colour = "white" if share >= DARK_CELL else "#333333" if count else "#8c8c8c"
        panel.text(column, row, text, ha="center", va="center", fontsize=points, color=colour)


def _percent(share: float) -> str:
    """Rounded, but never to all or nothing where it is neither."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"
