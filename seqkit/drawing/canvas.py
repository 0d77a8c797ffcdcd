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
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing.fonts import Writer

# Okabe and Ito's colours stay apart for every kind of colour vision; the dashes do so in grey print.
BLUE, ORANGE, GREEN, DARK = "#0072b2", "#d55e00", "#009e73", "#4d4d4d"
LINES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "history": {"color": DARK, "linewidth": 1.3},
        "actual": {"color": DARK, "linewidth": 1.3, "linestyle": (0, (2, 1.2))},
        "forecast": {"color": BLUE, "linewidth": 1.8},
        "naive": {"color": ORANGE, "linewidth": 1.4, "linestyle": (0, (5, 1.5))},
        "seasonal_naive": {"color": GREEN, "linewidth": 1.4, "linestyle": (0, (5, 1.2, 1, 1.2))},
        "training": {"color": BLUE, "linewidth": 1.6},
        "validation": {"color": ORANGE, "linewidth": 1.6, "linestyle": (0, (5, 1.2))},
        "origin": {"color": "#8c8c8c", "linewidth": 1.0, "linestyle": ":"},
    }
)
MOST_MARKED = 24  # points that still stand apart when each is marked


class Picture(Figure):
    """A matplotlib Figure that a notebook shows although pyplot does not know it."""

    def _repr_png_(self) -> bytes:
        png = io.BytesIO()
        self.savefig(png, format="png", dpi=110)
        return png.getvalue()


def as_names(names: Any) -> list[Any]:
    """One name or several, as a list."""
    return list(names) if isinstance(names, list | tuple | pd.Index | Mapping) else [names]


def panels_for(
    where: str,
    ax: Axes | Sequence[Axes] | None,
    names: Sequence[object],
    *,
    size: tuple[float, float],
    columns: int = 1,
    ratios: Sequence[float] | None = None,
    share: bool = False,
) -> tuple[Figure, list[Axes]]:
    """A new figure with a panel of `size` inches for each name, or the caller's axes, counted."""
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
        raise InvalidType(
            where,
            f"ax must be matplotlib axes, got {type(ax).__name__}.",
            "Leave ax out for a new figure.",
            argument="ax",
        )
    if len(panels) != len(names):
        raise InvalidValue(
            where,
            f"ax must be {len(names)} axes, one for each of {_checks.listed(names)}, got {len(panels)}.",
            f"Pass plt.subplots({len(names)})[1], or leave ax out for a new figure.",
            argument="ax",
        )
    return panels[0].get_figure(root=True), panels


def curve(panel: Axes, kind: str, x: np.ndarray, y: np.ndarray, **more: Any) -> None:
    """Draw a line of LINES, with its points marked where they are few."""
    marks = {"marker": "o", "markersize": 3.2} if len(x) <= MOST_MARKED and kind != "history" else {}
    panel.plot(x, y, **{"label": kind.replace("_", " "), **marks, **LINES[kind], **more})


def positions(index: pd.Index) -> np.ndarray:
    """The places of an index on the x axis."""
    if isinstance(index, pd.DatetimeIndex):
        return dates.date2num((index if index.tz is None else index.tz_convert(None)).to_numpy())
    return index.to_numpy(dtype=float)


def dress_time(panel: Axes, index: pd.Index) -> None:
    """Label the x axis with as few words as tell the dates apart."""
    if isinstance(index, pd.DatetimeIndex):
        locator = dates.AutoDateLocator(minticks=4, maxticks=9, tz=index.tz)
        panel.xaxis.set_major_locator(locator)
        panel.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=index.tz))


def dress(panel: Axes, write: Writer, *, xlabel: object = "", ylabel: object = "") -> None:
    """A light grid, no box, and the two labels."""
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
    """At most two lines, each as long as a panel is high; Chinese characters are twice as wide."""
    return textwrap.fill(text, 24 if text.isascii() else 16, max_lines=2, placeholder=" ...")


def legend(panel: Axes, *, above: bool = True) -> None:
    """Name the lines: in one row above the panel, or one below the other in its upper left corner."""
    inside: dict[str, Any] = {"loc": "upper left", "ncols": 1}
    outside: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": 4}
    look: dict[str, Any] = {"fontsize": "small", "frameon": False, "borderaxespad": 0.3}
    panel.legend(**look, **(outside if above else inside))


def finish(figure: Figure, panels: Sequence[Axes], write: Writer, title: object | None, owned: bool) -> None:
    """Set the title, and where names had to be escaped a footnote on why."""
    look: dict[str, Any] = {"fontfamily": write.families, "parse_math": False}
    if title is not None and owned:
        figure.suptitle(write(title), x=0.01, ha="left", fontsize="large", color="#333333", **look)
    elif title is not None:
        panels[0].set_title(write(title), **look)
    if write.escaped and owned:
        note = "Some characters are in no installed font; Noto Sans CJK has most."
        figure.supxlabel(note, x=0.99, ha="right", fontsize="x-small", color="#8c8c8c", **look)
