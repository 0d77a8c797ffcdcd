"""The look that all figures of a report share: lines with their dashes and markers, axes, heat maps.

Everything is told apart by dashes, markers or words, so that it reads in grey print too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seqkit.drawing.canvas import BLUE, DARK, GREEN, ORANGE, PURPLE

INK, GRID = "#333333", "#e4e4e4"
NUMBER = ".12~r"  # of d3: the digits that are there, without an exponent
HIDDEN = "legendonly"
MOST_MARKERS = 60  # of a line; more would touch
DEPTHS = (0.16, 0.22, 0.3)  # of shade, from the widest interval to the narrowest
LINES: dict[str, dict[str, Any]] = {
    "history": {"line": {"color": DARK, "width": 1.4}, "marker": {"symbol": "circle", "size": 4}},
    "actual": {"line": {"color": DARK, "width": 1.6}, "marker": {"symbol": "circle", "size": 5}},
    "forecast": {"line": {"color": BLUE, "width": 2.4}, "marker": {"symbol": "circle-open", "size": 7}},
    "naive": {"line": {"color": ORANGE, "width": 1.5, "dash": "dash"}, "marker": {"symbol": "square", "size": 6}},
    "seasonal_naive": {
        "line": {"color": GREEN, "width": 1.5, "dash": "dashdot"},
        "marker": {"symbol": "triangle-up", "size": 7},
    },
    "long_seasonal_naive": {
        "line": {"color": PURPLE, "width": 1.5, "dash": "dot"},
        "marker": {"symbol": "diamond", "size": 7},
    },
    "ets": {"line": {"color": INK, "width": 1.5, "dash": "longdash"}, "marker": {"symbol": "x", "size": 6}},
    "training": {"line": {"color": BLUE, "width": 1.8}, "marker": {"symbol": "circle-open", "size": 6}},
    "validation": {"line": {"color": ORANGE, "width": 1.8, "dash": "dash"}, "marker": {"symbol": "square", "size": 6}},
}
METHODS = {
    "forecast": "forecast",
    "naive": "naive: the last value",
    "seasonal_naive": "seasonal naive: the last season",
    "long_seasonal_naive": "long seasonal naive: the last longer season",
    "ets": "ETS: exponential smoothing",
}
SHORT_METHODS = {name: words.split(":")[0] for name, words in METHODS.items()}


def line(kind: str, points: int, hover: str, **more: Any) -> dict[str, Any]:
    """A trace of one kind; markers where its points do not touch.

    Args:
        kind: a key of `LINES`.
        points: their number.
        hover: the text of a point, with `%{text}` and `%{y}`; "" for none.
        more: `x`, `y` and what else the trace has.
    """
    mode = "lines+markers" if points <= MOST_MARKERS else "lines"
    label = {"hovertemplate": hover + "<extra></extra>"} if hover else {"hoverinfo": "skip"}
    return {"type": "scatter", "mode": mode, "connectgaps": False, **LINES[kind], **label, **more}


def band(x: Any, low: Any, high: Any, name: str, depth: int, **more: Any) -> list[dict[str, Any]]:
    """An interval: two thin lines, and a shade between them."""
    edge = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip", "legendgroup": name, **more}
    edge["line"] = {"color": BLUE, "width": 0.6, "dash": ("dot", "dash", "solid")[min(depth, 2)]}
    shade = f"rgba(0,114,178,{DEPTHS[min(depth, 2)]})"
    below = {**edge, "y": low, "showlegend": False}
    return [below, {**edge, "y": high, "name": name, "fill": "tonexty", "fillcolor": shade}]


def layout(height: int, *, legend: bool = True, **more: Any) -> dict[str, Any]:
    """The layout of a figure; `xaxis` and `yaxis` are merged with the shared ones."""
    axes = {name: {**_axis(), **more.pop(name, {})} for name in ("xaxis", "yaxis")}
    return {
        "height": height,
        "autosize": True,
        "font": {"size": 12, "color": INK},
        "margin": {"l": 62, "r": 16, "t": 44 if legend else 12, "b": 44},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "hovermode": "closest",
        "hoverdistance": 60,
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": INK, "font": {"color": INK, "size": 13}, "align": "left"},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top", "font": {"size": 11}},
        "dragmode": "zoom",
        **axes,
        **more,
    }


def _axis() -> dict[str, Any]:
    return {
        "gridcolor": GRID,
        "linecolor": INK,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "exponentformat": "none",
        "automargin": True,
    }


def titled(text: object) -> dict[str, Any]:
    """The title of an axis; Plotly takes tags in texts for formats, so they are written out."""
    return {"text": plain(text), "font": {"size": 12}}


def plain(text: object) -> str:
    """A text that Plotly shows as it is: without tags, and without the braces of its templates."""
    written = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return written.replace("%{", "%&#123;").replace("\n", " ")


def at_origin(x: str) -> dict[str, Any]:
    """A dotted line at the last row before a forecast."""
    return {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": x, "x1": x, "line": {"dash": "dot", "width": 1}}


def heat_map(
    z: Any,
    x: Sequence[str] | dict[str, Any],
    y: Sequence[Any],
    limits: tuple[float, float],
    hover: str,
    height: int,
    **more: Any,
) -> dict[str, Any]:
    """A heat map; dark is low and light is high, in grey print too.

    Args:
        z: the values `(y, x)`.
        x: names across.
        y: names down, the first on top.
        limits: the values at the ends of the scale.
        hover: the text of a cell, with `%{x}`, `%{y}` and `%{z}`.
        height: in pixels.
        more: for the trace.
    """
    trace = {
        "type": "heatmap",
        "z": z,
        "x": x,
        "y": y,
        "zmin": limits[0],
        "zmax": limits[1],
        "colorscale": "Cividis",
        "colorbar": {"thickness": 12, "outlinewidth": 0, "exponentformat": "none"},
        "hovertemplate": hover + "<extra></extra>",
        **more,
    }
    axes = {"xaxis": {"type": "category", "nticks": 9, "showgrid": False}, "yaxis": {"autorange": "reversed"}}
    return {"data": [trace], "layout": layout(height, legend=False, **axes)}


def stacked(height: int, axes: dict[str, Any], sizes: Sequence[int]) -> dict[str, Any]:
    """The layout of panels one below the other on one horizontal axis, with the vertical axes of `axes`, top first."""
    gap, total = 0.04, sum(sizes)
    room = 1 - gap * (len(sizes) - 1)
    made = layout(height, legend=False)
    top = 1.0
    for name, size in zip(axes, sizes, strict=True):
        bottom = max(0.0, top - room * size / total)
        made[name] = {**_axis(), **axes[name], "domain": [bottom, top]}
        top = bottom - gap
    made["xaxis"]["anchor"] = f"y{len(sizes)}" if len(sizes) > 1 else "y"
    return made
