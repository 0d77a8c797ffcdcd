"""Drawings on one panel: a heat map, bars, a shaded curve, lines on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from seqkit.drawing import canvas
from seqkit.drawing.fonts import Writer
from seqkit.drawing.steps import Steps, shortened, whole_number_ticks

# Okabe and Ito's colours: first those of `canvas`, then the others.
COLOURS = (canvas.BLUE, canvas.ORANGE, canvas.GREEN, "#cc79a7", "#e69f00", "#56b4e9", canvas.DARK)
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (5, 1.2, 1, 1.2)), (0, (2, 1.2)))
WEIGHT_COLOURS = ListedColormap(mpl.colormaps["Blues"](np.linspace(0, 0.9, 256)))
SHADE_COLOURS = ListedColormap(mpl.colormaps["Blues"](np.linspace(0, 0.6, 256)))  # a dark line stays readable on them
BAR_COLOURS = ListedColormap(mpl.colormaps["Blues"](np.linspace(0.35, 0.9, 256)))  # the palest is darker than white
MISSING_COLOUR = "#d9d9d9"


def draw_heat_map(
    panel: Axes, cells: np.ndarray, across: np.ndarray, down: np.ndarray, scale: tuple[float, float], colours: Any
) -> Any:
    """Draw `cells` `[rows, columns]`, the first row on top, with a colour bar."""
    low, high = scale
    # An SVG with thousands of cells opens slowly, so it embeds an image of them.
    look: dict[str, Any] = {"cmap": colours, "vmin": low, "vmax": high, "rasterized": True}
    mesh = panel.pcolormesh(across, down, np.ma.masked_invalid(cells), **look)
    panel.set(facecolor=MISSING_COLOUR, xlim=across[[0, -1]], ylim=down[[-1, 0]])
    panel.grid(False)
    return _colour_bar(panel, mesh, cells, scale)


def draw_bars(panel: Axes, weights: np.ndarray, steps: Steps) -> None:
    """Draw a bar for each weight, darker where it is larger."""
    top = largest_size(weights)
    widths = np.diff(steps.edges) * (0.8 if len(weights) <= 60 else 1)
    panel.bar(steps.centers, weights, width=widths, color=BAR_COLOURS(np.nan_to_num(weights / top)))
    panel.set(xlim=steps.edges[[0, -1]], ylim=(0, 1.06 * top))
    panel.grid(False, axis="x")


def draw_shaded_curve(panel: Axes, curve: np.ndarray, weights: np.ndarray, steps: Steps) -> Any:
    """Draw a curve on a background that is darker where its weight is larger."""
    finite = curve[np.isfinite(curve)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.5
    limits = np.array([low - margin, high + margin])
    bar = draw_heat_map(panel, weights[None], steps.edges, limits, (0, largest_size(weights)), SHADE_COLOURS)
    panel.set_ylim(*limits)
    panel.plot(steps.centers, curve, color="#262626", linewidth=1.4, **canvas.marker_look(curve))
    return bar


def draw_log_lines(panel: Axes, lines: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Line2D]:
    """Draw lines on a logarithmic axis, with a triangle where a value is 0 or infinite; return the legend's entries."""
    low, high = _decade_range(np.concatenate([y for _, y in lines.values()]))
    margin = 0.02 * (high - low)
    bottom, top = 10 ** (low - margin), 10 ** (high + margin)
    drawn, triangles = {}, {}
    for number, (name, (x, y)) in enumerate(lines.items()):
        positive = np.where((y > 0) & np.isfinite(y), y, np.nan)
        look: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "linewidth": 1.6, **canvas.marker_look(x)}
        (drawn[name],) = panel.plot(x, positive, linestyle=DASHES[number % len(DASHES)], **look)
        is_zero, is_infinite = (y == 0, bottom, "v", "exactly 0"), (np.isposinf(y), top, "^", "overflow")
        for is_marked, level, marker, label in (is_zero, is_infinite):
            marked = x[is_marked][:: math.ceil(len(x) / 40)]
            if len(marked):
                panel.plot(marked, np.full(len(marked), level), marker, color=look["color"], ms=5, clip_on=False)
                triangles[label] = Line2D([], [], linestyle="", marker=marker, color=canvas.DARK, markersize=5)
    panel.set(ylim=(bottom, top), yscale="log")
    _label_decades(panel, low, high)
    return drawn | triangles


def _label_decades(panel: Axes, low: float, high: float) -> None:
    has_few_decades, is_wide = high - low <= 2, low < -4 or high > 4
    panel.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if has_few_decades else (1.0,), numticks=9))
    panel.yaxis.set_minor_locator(NullLocator())
    # matplotlib's default labels are formulas, and the fonts of other scripts may not have their characters
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power_of_ten(value) if is_wide else f"{value:g}"))


def _power_of_ten(value: float) -> str:
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}e{int(exponent)}"


def draw_line_legend(panel: Axes, drawn: Mapping[str, Line2D], write: Writer) -> None:
    """Draw a legend above the panel, in as many columns as the names leave room for."""
    names = [shortened(write(name), 40) for name in drawn]
    columns = max(1, min(len(names), 5, 96 // (8 + max(map(len, names)))))
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.3}
    look: dict[str, Any] = {"prop": {"family": write.families, "size": "small"}, "frameon": False, "handlelength": 2.6}
    labels = [f"line {number}" for number in range(len(names))]  # matplotlib hides a label such as "_memory"
    legend = panel.legend(list(drawn.values()), labels, ncols=columns, **place, **look)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=name, parse_math=False)


def label_rows(panel: Axes, numbers: Sequence[int]) -> None:
    """Label the y axis with the numbers of the rows, as many as fit."""
    if list(numbers) == list(range(len(numbers))):
        panel.yaxis.set_major_locator(whole_number_ticks(7))
    else:
        every = math.ceil(len(numbers) / 12)
        panel.set_yticks(range(0, len(numbers), every), labels=[str(number) for number in numbers[::every]])


def diverging_colours() -> Colormap:
    """Blue below 0, white at 0, red above."""
    return mpl.colormaps["RdBu_r"]


def largest_size(values: np.ndarray) -> float:
    """The largest absolute value, or 1 where all are 0 or not finite."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max()) if sizes.any() else 1.0


def _colour_bar(panel: Axes, mesh: Any, cells: np.ndarray, scale: tuple[float, float]) -> Any:
    finite = cells[np.isfinite(cells)]
    below, above = (finite < scale[0]).any(), (finite > scale[1]).any()
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}.get((below, above), "neither")
    bar = panel.figure.colorbar(mesh, ax=panel, pad=0.02, fraction=0.05, aspect=28, extend=extend)
    style_colour_bar(bar)
    bar.locator = MaxNLocator(nbins=5)
    bar.update_ticks()
    return bar


def style_colour_bar(bar: Any) -> None:
    """Give a colour bar no box, and small labels."""
    bar.outline.set_visible(False)
    bar.ax.tick_params(color="#b3b3b3", labelcolor=canvas.DARK, labelsize="small")


def _decade_range(values: np.ndarray) -> tuple[float, float]:
    """The exponents of the powers of ten around the positive values; the lower is one less where a value is 0."""
    positive = values[(values > 0) & np.isfinite(values)]
    if not len(positive):
        return -8.0, 0.0
    low, high = np.floor(np.log10(positive.min())), np.ceil(np.log10(positive.max()))
    low, high = low - (values == 0).any(), high + (high == low)
    return max(float(low), -200.0), min(float(high), 200.0)  # matplotlib's ticks beyond the range must be floats too
