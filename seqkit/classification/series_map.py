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
from seqkit.drawing import canvas
from seqkit.drawing.fonts import Writer, readable_fonts
from seqkit.drawing.panels import style_colour_bar
from seqkit.drawing.steps import STEP_LABEL, check_rising, whole_number_ticks

COLOURS = ListedColormap(mpl.colormaps["viridis_r"](np.linspace(0.1, 1, 256)))
THIN_LINE, THICK_LINE = 1.2, 3.6  # points; widths show the weights in grey print too


class ColouredSeries(NamedTuple):
    """A series of T timesteps."""

    caption: str  # the predicted class and its probability
    values: np.ndarray  # (T, F)
    weights: np.ndarray  # (T,)
    stamps: pd.Index | None  # (T,) rising time stamps or numbers


def indexes_of(where: str, index: Any, lengths: Sequence[int]) -> list[pd.Index | None]:
    """The index of each series, from one index for all series or from a list with an index for each."""
    if index is None:
        return [None] * len(lengths)
    if isinstance(index, str | bytes | pd.DataFrame) or np.ndim(np.asarray(index, dtype=object)) == 0:
        problem = (
            "index must be time stamps or numbers, one for each timestep, or a list with an index for each series, got "
            f"{type(index).__name__}."
        )
        raise InvalidType(where, problem, argument="index")
    is_one_index = any(np.ndim(item) == 0 for item in index)
    indexes = [index] * len(lengths) if is_one_index else list(index)
    if len(indexes) != len(lengths):
        problem = f"index must be one index for all series or one for each of {len(lengths)}, got {len(indexes)}."
        raise InvalidValue(where, problem, "Pass an index for each series, in their order.", "index")
    numbered = enumerate(zip(indexes, lengths, strict=True))
    return [_check_index(where, position, stamps, count) for position, (stamps, count) in numbered]


def _check_index(where: str, position: int, stamps: Any, count: int) -> pd.Index:
    index = pd.Index(stamps)
    if len(index) != count:
        problem = f"index must have one entry for each of the {count} steps of series {position}, got {len(index)}."
        way_out = "Where series differ in length, pass a list with an index for each series."
        raise InvalidValue(where, problem, way_out, "index")
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, pd.DatetimeIndex) and index.dtype.kind not in "fiu":
        problem = f"index of series {position} must be time stamps or numbers, got {index.dtype}."
        raise InvalidType(where, problem, "pd.to_datetime(index) makes time stamps of text.", "index")
    check_rising(where, "index", f"index of series {position} must rise", index)
    return index


def draw(samples: Sequence[ColouredSeries], names: Sequence[object]) -> Figure:
    """Draw each series: a panel for each feature, and a colour bar."""
    features = len(names)
    with readable_fonts([*names, *(series.caption for series in samples)]) as write:
        size = (8.4, 2.3 if features == 1 else 1.5)
        panel_names = [(number, name) for number in range(len(samples)) for name in names]
        figure, panels = canvas.prepare_panels("attention_map", None, panel_names, size=size)
        for number, series in enumerate(samples):
            series_panels = panels[number * features : (number + 1) * features]
            _draw_series(series_panels, series, names, write)
            canvas.title_panel(series_panels[0], f"series {number}: {series.caption}", write)
        canvas.finish_figure(figure, panels, write, None, owned=True)
    return figure


def _draw_series(panels: Sequence[Axes], series: ColouredSeries, names: Sequence[object], write: Writer) -> None:
    stamps = series.stamps
    x = np.arange(len(series.values), dtype=float) if stamps is None else canvas.axis_positions(stamps)
    for number, (panel, name) in enumerate(zip(panels, names, strict=True)):
        lines = _draw_curve(panel, x, series.values[:, number], series.weights)
        is_last = panel is panels[-1]
        canvas.style_panel(panel, write, ylabel=name)
        panel.tick_params(labelbottom=is_last)
        if stamps is None:
            panel.xaxis.set_major_locator(whole_number_ticks(9))
            panel.xaxis.label.set_text(STEP_LABEL if is_last else "")
        else:
            canvas.label_dates(panel.xaxis, stamps)
    bar = panels[0].figure.colorbar(lines, ax=list(panels), pad=0.02, fraction=0.05, aspect=10 * len(panels) + 10)
    style_colour_bar(bar)
    bar.set_label("weight", color="#333333")


def _draw_curve(panel: Axes, x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> LineCollection:
    """Draw a line for each timestep, half way to both neighbours, with the colour and width of its weight."""
    paths = np.stack([_left_center_right(x), _left_center_right(y)], -1)  # (T, 3, 2)
    top = top_of_scale(weights)
    widths = THIN_LINE + (THICK_LINE - THIN_LINE) * weights / top
    look: dict[str, Any] = {"cmap": COLOURS, "clim": (0, top), "zorder": 2}
    lines = LineCollection(list(paths), array=weights, linewidths=widths, capstyle="round", **look)
    panel.add_collection(lines, autolim=False)
    is_marked = np.isnan(paths[:, [0, 2], 1]).all(axis=1) | (len(x) <= canvas.MOST_MARKED_POINTS)
    points, sizes = (x[is_marked], y[is_marked]), (1.6 * widths[is_marked]) ** 2
    panel.scatter(*points, s=sizes, c=weights[is_marked], cmap=COLOURS, vmin=0, vmax=top)
    low, high = np.nanmin(y), np.nanmax(y)
    margin, side = 0.08 * (high - low) or 0.5, 0.02 * (x[-1] - x[0]) or 0.5
    panel.set(xlim=(x[0] - side, x[-1] + side), ylim=(low - margin, high + margin))
    return lines


def _left_center_right(values: np.ndarray) -> np.ndarray:
    """Each value between the points half way to its neighbours, `(T, 3)`."""
    edges = np.r_[values[0], (values[1:] + values[:-1]) / 2, values[-1]]
    return np.stack([edges[:-1], values, edges[1:]], -1)
