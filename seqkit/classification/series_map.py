"""Series whose curves are coloured by their weights, each on its own time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.text_map import top_of_scale
from seqkit.drawing import canvas as _canvas
from seqkit.drawing.fonts import Writer, readable
from seqkit.drawing.steps import STEP, whole_ticks

COLOURS = ListedColormap(mpl.colormaps["viridis_r"](np.linspace(0.1, 1, 256)))
THIN, THICK = 1.2, 3.6  # points, so that the weights can be told apart in grey print too


class ColouredSeries(NamedTuple):
    """One series."""

    said: str  # the predicted class and its probability
    values: np.ndarray  # (T, F)
    weights: np.ndarray  # (T,)
    stamps: pd.Index | None  # (T,) rising time stamps or numbers


def own_indexes(where: str, index: Any, lengths: Sequence[int]) -> list[pd.Index | None]:
    """An index for each series, out of one for all or a list of them."""
    if index is None:
        return [None] * len(lengths)
    if isinstance(index, str | bytes | pd.DataFrame) or np.ndim(np.asarray(index, dtype=object)) == 0:
        raise InvalidType(
            where,
            "index must be time stamps or numbers, one for each step, or a list of such for each series, got "
            f"{type(index).__name__}.",
            argument="index",
        )
    own = [index] * len(lengths) if any(np.ndim(one) == 0 for one in index) else list(index)
    if len(own) != len(lengths):
        raise InvalidValue(
            where,
            f"index must be one for all series or one for each of {len(lengths)}, got {len(own)}.",
            "Pass as many as series, in their order.",
            argument="index",
        )
    return [
        _rising(where, position, one, count) for position, (one, count) in enumerate(zip(own, lengths, strict=True))
    ]


def _rising(where: str, position: int, names: Any, count: int) -> pd.Index:
    index = pd.Index(names)
    if len(index) != count:
        raise InvalidValue(
            where,
            f"index must have one entry for each of the {count} steps of series {position}, got {len(index)}.",
            "Where series differ in length, pass a list with an index for each.",
            argument="index",
        )
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, pd.DatetimeIndex) and index.dtype.kind not in "fiu":
        raise InvalidType(
            where,
            f"index of series {position} must be time stamps or numbers, got {index.dtype}.",
            "pd.to_datetime(index) makes time stamps of text.",
        )
    if index.hasnans or not index.is_monotonic_increasing or not index.is_unique:
        raise InvalidValue(
            where,
            f"index of series {position} must rise from step to step, got {index[0]} to {index[-1]} with some "
            "missing, equal or out of order.",
        )
    return index


def draw(samples: Sequence[ColouredSeries], names: Sequence[object]) -> Figure:
    """Draw each series, a panel for each feature, with a colour bar of its own."""
    features = len(names)
    with readable([*names, *(one.said for one in samples)]) as write:
        size = (8.4, 2.3 if features == 1 else 1.5)
        wanted = [(number, name) for number in range(len(samples)) for name in names]
        figure, panels = _canvas.panels_for("attention_map", None, wanted, size=size)
        for number, one in enumerate(samples):
            own = panels[number * features : (number + 1) * features]
            _draw_series(own, one, names, write)
            title = write(f"series {number}: {one.said}")
            own[0].set_title(title, loc="left", fontsize="medium", fontfamily=write.families, parse_math=False)
        _canvas.finish(figure, panels, write, None, owned=True)
    return figure


def _draw_series(panels: Sequence[Axes], one: ColouredSeries, names: Sequence[object], write: Writer) -> None:
    at = np.arange(len(one.values), dtype=float) if one.stamps is None else _canvas.positions(one.stamps)
    for number, (panel, name) in enumerate(zip(panels, names, strict=True)):
        lines = _draw_curve(panel, at, one.values[:, number], one.weights)
        is_last = panel is panels[-1]
        _canvas.dress(panel, write, ylabel=name)
        panel.tick_params(labelbottom=is_last)
        if one.stamps is None:
            panel.xaxis.set_major_locator(whole_ticks(9))
            panel.xaxis.label.set_text(STEP if is_last else "")
        else:
            _canvas.dress_time(panel, one.stamps)
    bar = panels[0].figure.colorbar(lines, ax=list(panels), pad=0.02, fraction=0.05, aspect=10 * len(panels) + 10)
    bar.outline.set_visible(False)
    bar.ax.tick_params(color="#b3b3b3", labelcolor=_canvas.DARK, labelsize="small")
    bar.set_label("weight", color="#333333")


def _draw_curve(panel: Axes, x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> LineCollection:
    """Half the way to each neighbour has a step's own colour and width."""
    between = [np.r_[one[0], (one[1:] + one[:-1]) / 2, one[-1]] for one in (x, y)]
    paths = np.stack([np.stack([edge[:-1], one, edge[1:]], -1) for edge, one in zip(between, (x, y), strict=True)], -1)
    most = top_of_scale(weights)
    widths = THIN + (THICK - THIN) * weights / most
    look: dict[str, Any] = {"cmap": COLOURS, "clim": (0, most), "zorder": 2}
    lines = LineCollection(list(paths), array=weights, linewidths=widths, capstyle="round", **look)
    panel.add_collection(lines, autolim=False)
    alone = np.isnan(paths[:, [0, 2], 1]).all(axis=1) | (len(x) <= _canvas.MOST_MARKED)
    panel.scatter(x[alone], y[alone], s=(1.6 * widths[alone]) ** 2, c=weights[alone], cmap=COLOURS, vmin=0, vmax=most)
    known = y[np.isfinite(y)]
    low, high = known.min(), known.max()
    room = 0.08 * (high - low) or 0.5
    side = 0.02 * (x[-1] - x[0]) or 0.5
    panel.set(xlim=(x[0] - side, x[-1] + side), ylim=(low - room, high + room))
    return lines
