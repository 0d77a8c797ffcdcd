"""The picture of a confusion matrix: the count of each true class and predicted class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing import panels as panels_of
from seqkit.drawing.fonts import readable_fonts
from seqkit.drawing.steps import inches_below, inches_beside, label_steps, place_steps
from seqkit.insight import checks

WHERE = "plot_confusion"
SMALLEST_CELL, LARGEST_CELL = 0.36, 1.0  # inches
LARGEST_MATRIX = 11.0  # inches; cells become smaller where more classes must fit
SMALLEST_CELL_WITH_SHARE = 0.55  # inches; a smaller cell shows its share by colour alone
SMALLEST_TYPE, LARGEST_TYPE = 5.0, 11.0  # points
DARK_SHARE = 0.6  # white text is easier to read on cells of this share or more


def plot_confusion(confusion: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw a confusion matrix: a row for each true class, a column for each predicted class, right on the diagonal.

    A cell shows its count and, for ten classes or fewer, its share of the row. The colour shows the share too; it is
    grey where the row's class has no samples. With more classes the cells are smaller and leave out zeros.

    Args:
        confusion: Counts, a row for each true class and a column for each predicted class:
            `score_classifier(...).confusion`.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("confusion.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `confusion` is not a DataFrame of numbers.
        ValueError: it holds no counts, its rows and columns differ, or `ax` is not one axes.

    Example:
        >>> counts = pd.DataFrame([[7, 1], [2, 9]], index=["rain", "sun"], columns=["rain", "sun"])
        >>> [text.get_text().split() for text in plot_confusion(counts).axes[0].texts]
        [['7', '88%'], ['1', '12%'], ['2', '18%'], ['9', '82%']]
    """
    counts = _counts(confusion)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
    classes = [str(name) for name in confusion.columns]
    axis = place_steps(WHERE, "confusion", classes, len(classes))
    inches = min(max(SMALLEST_CELL, min(LARGEST_CELL, 6 / len(classes))) * len(classes), LARGEST_MATRIX)
    size = (inches + 1.4 + inches_beside(axis), inches + 0.8 + inches_below(axis, inches))
    with readable_fonts([*(axis.words or ()), title]) as write:
        figure, panels = canvas.prepare_panels(WHERE, ax, ["confusion"], size=size)
        (panel,) = panels
        canvas.style_panel(panel, write, xlabel="predicted class", ylabel="true class")
        side = inches if ax is None else _shorter_side(panel)
        bar = panels_of.draw_heat_map(panel, shares, axis.edges, axis.edges, (0, 1), panels_of.WEIGHT_COLOURS)
        bar.set_label("share of the row", color="#333333")
        _write_cells(panel, counts, shares, side / len(classes))
        label_steps(panel, axis, write)
        label_steps(panel, axis, write, side="y")
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _counts(confusion: Any) -> np.ndarray:
    """The matrix as floats; refuse anything but a confusion matrix."""
    if not isinstance(confusion, pd.DataFrame):
        way_out = "Pass its .confusion." if hasattr(confusion, "confusion") else "Pass score_classifier(...).confusion."
        problem = f"confusion must be a DataFrame of counts, got {type(confusion).__name__}."
        raise InvalidType(WHERE, problem, way_out, "confusion")
    rows, columns = list(confusion.index), list(confusion.columns)
    if rows != columns:
        raise InvalidValue(
            WHERE,
            f"rows and columns must be the same classes in the same order, got {len(rows)} rows and {len(columns)} "
            "columns.",
            "Write confusion.reindex(index=classes, columns=classes, fill_value=0).",
            argument="confusion",
        )
    counts = checks.as_floats(WHERE, "confusion", confusion)
    if not counts.size or not np.isfinite(counts).all() or (counts < 0).any() or (counts % 1).any():
        problem = "confusion must hold counts, whole numbers of 0 or more, for one class or more."
        way_out = "Pass counts, not shares; the picture computes the shares of each row."
        raise InvalidValue(WHERE, problem, way_out, "confusion")
    return counts


def _shorter_side(panel: Axes) -> float:
    """The shorter side of the caller's panel, in inches."""
    return float(min(panel.bbox.width, panel.bbox.height) / panel.figure.dpi)


def _write_cells(panel: Axes, counts: np.ndarray, shares: np.ndarray, inches: float) -> None:
    """Write counts into cells of `inches`, with shares where there is room; nothing where the type is too small."""
    with_shares = inches >= SMALLEST_CELL_WITH_SHARE
    letters = max(4 if with_shares else 2, len(f"{counts.max():.0f}"))
    points = min(LARGEST_TYPE, 72 * inches * 0.9 / (0.65 * letters), 72 * inches * (0.3 if with_shares else 0.5))
    if points < SMALLEST_TYPE:
        return
    for (row, column), count in np.ndenumerate(counts):
        if not count and not with_shares:
            continue
        share = float(shares[row, column])
        text = f"{count:.0f}\n{_percent(share)}" if with_shares and count else f"{count:.0f}"
        colour = "white" if share >= DARK_SHARE else "#333333" if count else "#8c8c8c"
        panel.text(column, row, text, ha="center", va="center", fontsize=points, color=colour)


def _percent(share: float) -> str:
    """A rounded percentage; only a share of exactly 0 or 1 becomes 0% or 100%."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"
