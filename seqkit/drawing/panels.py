"""What stands on one panel of a picture of a model's inside: a heat map, bars, a shaded curve, lines that fade."""

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

from seqkit.drawing import canvas as _canvas
from seqkit.drawing.fonts import Writer
from seqkit.drawing.steps import Steps, shortened, whole_ticks

# Okabe and Ito's other colours, after the three that the other pictures use.
COLOURS = (_canvas.BLUE, _canvas.ORANGE, _canvas.GREEN, "#cc79a7", "#e69f00", "#56b4e9", _canvas.DARK)
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (5, 1.2, 1, 1.2)), (0, (2, 1.2)))
WEIGHTS = ListedColormap(mpl.colormaps["Blues"](np.linspace(0, 0.9, 256)))
SHADES = ListedColormap(mpl.colormaps["Blues"](np.linspace(0, 0.6, 256)))  # a dark line stays readable on them
BARS = ListedColormap(mpl.colormaps["Blues"](np.linspace(0.35, 0.9, 256)))  # the palest still stands out from white
MISSING = "#d9d9d9"


def draw_heat(
    panel: Axes, cells: np.ndarray, across: np.ndarray, down: np.ndarray, scale: tuple[float, float], colours: Any
) -> Any:
    """Draw `cells` `[rows, columns]`, the first row on top, with a colour bar beside them."""
    low, high = scale
    # An embedded image: as an SVG drawing of its own, each of thousands of cells makes a picture slow to open.
    look: dict[str, Any] = {"cmap": colours, "vmin": low, "vmax": high, "rasterized": True}
    mesh = panel.pcolormesh(across, down, np.ma.masked_invalid(cells), **look)
    panel.set(facecolor=MISSING, xlim=across[[0, -1]], ylim=down[[-1, 0]])
    panel.grid(False)
    return _colour_bar(panel, mesh, cells, scale)


def draw_bars(panel: Axes, weights: np.ndarray, steps: Steps) -> None:
    """Draw a bar for each weight, darker where it is larger."""
    most = largest(weights)
    widths = np.diff(steps.edges) * (0.8 if len(weights) <= 60 else 1)
    panel.bar(steps.centers, weights, width=widths, color=BARS(np.nan_to_num(weights / most)))
    panel.set(xlim=steps.edges[[0, -1]], ylim=(0, 1.06 * most))
    panel.grid(False, axis="x")


def draw_shaded_curve(panel: Axes, curve: np.ndarray, weights: np.ndarray, steps: Steps) -> Any:
    """Draw a curve on a background that is darker where its weight is larger."""
    known = curve[np.isfinite(curve)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.5
    limits = np.array([low - margin, high + margin])
    bar = draw_heat(panel, weights[None], steps.edges, limits, (0, largest(weights)), SHADES)
    panel.set_ylim(*limits)
    panel.plot(steps.centers, curve, color="#262626", linewidth=1.4, **_marks(curve))
    return bar


def draw_fading(panel: Axes, lines: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, Line2D]:
    """Draw lines over powers of ten, a triangle where one is exactly 0 or has overflowed; return what to explain."""
    low, high = _decades(np.concatenate([y for _, y in lines.values()]))
    margin = 0.02 * (high - low)
    bottom, top = 10 ** (low - margin), 10 ** (high + margin)
    drawn, edges = {}, {}
    for number, (name, (x, y)) in enumerate(lines.items()):
        shown = np.where((y > 0) & np.isfinite(y), y, np.nan)
        look: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "linewidth": 1.6, **_marks(x)}
        (drawn[name],) = panel.plot(x, shown, linestyle=DASHES[number % len(DASHES)], **look)
        for at, level, marker, word in ((y == 0, bottom, "v", "exactly 0"), (np.isposinf(y), top, "^", "overflow")):
            marked = x[at][:: math.ceil(len(x) / 40)]
            if len(marked):
                panel.plot(marked, np.full(len(marked), level), marker, color=look["color"], ms=5, clip_on=False)
                edges[word] = Line2D([], [], linestyle="", marker=marker, color=_canvas.DARK, markersize=5)
    panel.set(ylim=(bottom, top), yscale="log")
    _label_decades(panel, low, high)
    return drawn | edges


def _label_decades(panel: Axes, low: float, high: float) -> None:
    few, wide = high - low <= 2, low < -4 or high > 4
    panel.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=9))
    panel.yaxis.set_minor_locator(NullLocator())
    # matplotlib's own labels are formulas, which the fonts of other scripts may not be able to draw
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value) if wide else f"{value:g}"))


def _power(value: float) -> str:
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}e{int(exponent)}"


def name_lines(panel: Axes, drawn: Mapping[str, Line2D], write: Writer) -> None:
    """Name the lines above the panel, in as many columns as their names leave room for."""
    names = [shortened(write(name), 40) for name in drawn]
    columns = max(1, min(len(names), 5, 96 // (8 + max(map(len, names)))))
    where: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.3}
    look: dict[str, Any] = {"prop": {"family": write.families, "size": "small"}, "frameon": False, "handlelength": 2.6}
    places = [f"line {number}" for number in range(len(names))]  # as matplotlib hides a label such as "_memory"
    legend = panel.legend(list(drawn.values()), places, ncols=columns, **where, **look)
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=name, parse_math=False)


def number_rows(panel: Axes, numbers: Sequence[int]) -> None:
    """Label the y axis with the rows' own numbers, as many as stand apart."""
    if list(numbers) == list(range(len(numbers))):
        panel.yaxis.set_major_locator(whole_ticks(7))
    else:
        every = math.ceil(len(numbers) / 12)
        panel.set_yticks(range(0, len(numbers), every), labels=[str(one) for one in numbers[::every]])


def diverging() -> Colormap:
    """Blue below 0, white at 0, red above."""
    return mpl.colormaps["RdBu_r"]


def largest(values: np.ndarray) -> float:
    """The largest size of a value, or 1 where there is none."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max()) if sizes.any() else 1.0


def _colour_bar(panel: Axes, mesh: Any, cells: np.ndarray, scale: tuple[float, float]) -> Any:
    known = cells[np.isfinite(cells)]
    below, above = (known < scale[0]).any(), (known > scale[1]).any()
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}.get((below, above), "neither")
    bar = panel.figure.colorbar(mesh, ax=panel, pad=0.02, fraction=0.05, aspect=28, extend=extend)
    bar.outline.set_visible(False)
    bar.ax.tick_params(color="#b3b3b3", labelcolor=_canvas.DARK, labelsize="small")
    bar.locator = MaxNLocator(nbins=5)
    bar.update_ticks()
    return bar


def _marks(points: np.ndarray) -> dict[str, Any]:
    return {"marker": "o", "markersize": 3.2} if len(points) <= _canvas.MOST_MARKED else {}


def _decades(values: np.ndarray) -> tuple[float, float]:
    """The exponents of the powers of ten around the positive values, one less where some are exactly 0."""
    known = values[(values > 0) & np.isfinite(values)]
    if not len(known):
        return -8.0, 0.0
    low, high = np.floor(np.log10(known.min())), np.ceil(np.log10(known.max()))
    low, high = low - (values == 0).any(), high + (high == low)
    return max(float(low), -200.0), min(float(high), 200.0)  # the ticks beyond must be floats too
