"""The look that all pictures share: figures without pyplot, panels, colours, axes, legends."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing.fonts import Writer

# Okabe and Ito's colours stay apart for every kind of colour vision; the dashes do so in grey print.
BLUE, ORANGE, GREEN, PURPLE, DARK = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#4d4d4d"
LINE_STYLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "history": {"color": DARK, "linewidth": 1.3},
        "actual": {"color": DARK, "linewidth": 1.3, "linestyle": (0, (2, 1.2))},
        "forecast": {"color": BLUE, "linewidth": 1.8},
        "naive": {"color": ORANGE, "linewidth": 1.4, "linestyle": (0, (5, 1.5))},
        "seasonal_naive": {"color": GREEN, "linewidth": 1.4, "linestyle": (0, (5, 1.2, 1, 1.2))},
        "long_seasonal_naive": {"color": PURPLE, "linewidth": 1.4, "linestyle": (0, (1, 1.2))},
        "ets": {"color": DARK, "linewidth": 1.4, "linestyle": (0, (3, 1, 1, 1, 1, 1))},
        "training": {"color": BLUE, "linewidth": 1.6},
        "validation": {"color": ORANGE, "linewidth": 1.6, "linestyle": (0, (5, 1.2))},
        "origin": {"color": "#8c8c8c", "linewidth": 1.0, "linestyle": ":"},
    }
)
SHADE = 0.18  # of an interval
MOST_MARKED_POINTS = 24  # more markers would touch


class Picture(Figure):
    """A matplotlib Figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        png = io.BytesIO()
        self.savefig(png, format="png", dpi=110)
        return png.getvalue()


def as_list(names: Any) -> list[Any]:
    """Put one name, or several, into a list."""
    return list(names) if isinstance(names, list | tuple | pd.Index | Mapping) else [names]


def prepare_panels(
    where: str,
    ax: Axes | Sequence[Axes] | None,
    names: Sequence[object],
    *,
    size: tuple[float, float],
    columns: int = 1,
    ratios: Sequence[float] | None = None,
    share: bool = False,
) -> tuple[Figure, list[Axes]]:
    """Make a figure with a panel of `size` inches for each name, or check the number of the caller's axes."""
    if ax is None:
        rows = math.ceil(len(names) / columns)
        figure: Figure = Picture(figsize=(size[0] * columns, size[1] * rows), dpi=110)
        figure.set_layout_engine("constrained", w_pad=0.08, h_pad=0.08)
        grid = figure.subplots(rows, columns, squeeze=False, width_ratios=ratios, sharex="col" if share else "none")
        for unused in grid.flat[len(names) :]:
            unused.remove()
        return figure, list(grid.flat[: len(names)])
    panels = list(np.ravel(np.asarray(ax, dtype=object)))
    if not all(isinstance(panel, Axes) for panel in panels):
        problem = f"ax must be matplotlib axes, got {type(ax).__name__}."
        raise InvalidType(where, problem, "Leave ax out for a new figure.", "ax")
    if len(panels) != len(names):
        problem = f"ax must be {len(names)} axes, one for each of {_checks.listed(names)}, got {len(panels)}."
        way_out = f"Pass plt.subplots({len(names)})[1], or leave ax out for a new figure."
        raise InvalidValue(where, problem, way_out, "ax")
    return panels[0].get_figure(root=True), panels


def draw_curve(panel: Axes, style: str, x: np.ndarray, y: np.ndarray, **options: Any) -> None:
    """Draw a line in a style of LINE_STYLES; mark its points where they are few."""
    marks = marker_look(x) if style != "history" else {}
    panel.plot(x, y, **{"label": style.replace("_", " "), **marks, **LINE_STYLES[style], **options})


def shade_between(panel: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, *, label: str, depth: int = 0) -> None:
    """Shade an interval of a forecast; a narrower one has a greater depth and lies darker on it."""
    share = 1 - (1 - SHADE) ** (depth + 1)
    color = tuple(1 - share * (1 - part) for part in to_rgb(BLUE))
    panel.fill_between(x, low, high, color=color, linewidth=0, zorder=1 + depth / 100, label=label)


def marker_look(points: Sequence[Any] | np.ndarray) -> dict[str, Any]:
    """The look of markers where there are few points, else none."""
    return {"marker": "o", "markersize": 3.2} if len(points) <= MOST_MARKED_POINTS else {}


def axis_positions(index: pd.Index) -> np.ndarray:
    """The positions of an index on the x axis."""
    if isinstance(index, pd.DatetimeIndex):
        return dates.date2num((index if index.tz is None else index.tz_convert(None)).to_numpy())
    return index.to_numpy(dtype=float)


def label_dates(axis: Axis, index: pd.Index, minticks: int = 4, maxticks: int = 9) -> None:
    """Label an axis with short dates, where the index holds time stamps."""
    if isinstance(index, pd.DatetimeIndex):
        locator = dates.AutoDateLocator(minticks=minticks, maxticks=maxticks, tz=index.tz)
        axis.set_major_locator(locator)
        axis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=index.tz))


def style_panel(panel: Axes, write: Writer, *, xlabel: object = "", ylabel: object = "") -> None:
    """Give the panel a light grid, no box, and the two labels."""
    look: dict[str, Any] = {"fontfamily": write.families, "parse_math": False, "color": "#333333"}
    panel.set_xlabel(_wrapped(write(xlabel)), **look)
    panel.set_ylabel(_wrapped(write(ylabel)), **look)
    panel.grid(True, color="#e6e6e6", linewidth=0.7)
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color("#b3b3b3")
    panel.tick_params(color="#b3b3b3", labelcolor=DARK, labelsize="small")
    formatter = panel.yaxis.get_major_formatter()
    if isinstance(formatter, ScalarFormatter):
        formatter.set_useOffset(False)


def _wrapped(text: str) -> str:
    """Wrap the text to two lines that a panel's height holds; Chinese characters are wider than letters."""
    return textwrap.fill(text, 24 if text.isascii() else 16, max_lines=2, placeholder=" ...")


def on_one_line(text: object, most: int = 48) -> str:
    """The text cut to a line that a panel's width holds; Chinese characters are wider than letters."""
    text = " ".join(str(text).split())
    most = most if text.isascii() else most // 2
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def title_panel(panel: Axes, title: object, write: Writer, **look: Any) -> None:
    """Write a title above the left corner of a panel."""
    look |= {"loc": "left", "fontsize": "medium", "fontfamily": write.families, "parse_math": False}
    panel.set_title(write(title), **look)


def draw_legend(panel: Axes, *, above: bool = True) -> None:
    """Name the lines in one row above the panel, or in a column in its upper left corner."""
    inside: dict[str, Any] = {"loc": "upper left", "ncols": 1}
    outside: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": 4}
    look: dict[str, Any] = {"fontsize": "small", "frameon": False, "borderaxespad": 0.3}
    panel.legend(**look, **(outside if above else inside))


def draw_legend_of_figure(figure: Figure, panels: Sequence[Axes]) -> None:
    """Name the lines of all panels in one row above the figure, at its right."""
    by_label = {label: line for panel in panels for line, label in zip(*panel.get_legend_handles_labels(), strict=True)}
    look: dict[str, Any] = {"fontsize": "small", "frameon": False, "borderaxespad": 0.3, "ncols": 4}
    figure.legend(list(by_label.values()), list(by_label), loc="outside upper right", **look)


def finish_figure(figure: Figure, panels: Sequence[Axes], write: Writer, title: object | None, owned: bool) -> None:
    """Set the title, and a footnote where a character was escaped."""
    look: dict[str, Any] = {"fontfamily": write.families, "parse_math": False}
    if title is not None and owned:
        figure.suptitle(write(title), x=0.01, ha="left", fontsize="large", color="#333333", **look)
    elif title is not None:
        panels[0].set_title(write(title), **look)
    if write.escaped and owned:
        note = "Some characters are in no installed font. To get one: pip install 'seqkit[fonts]'"
        figure.supxlabel(note, x=0.99, ha="right", fontsize="x-small", color="#8c8c8c", **look)
