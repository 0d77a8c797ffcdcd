"""The picture of an explanation: past and forecast on the time axis, and what each step of the forecast is made of."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing.fonts import readable_fonts
from seqkit.forecasting.explain import Explanation

WHERE = "plot_explanation"
MOST_SERIES = 3
MOST_PARTS = 6  # with a colour of their own; the smaller ones are joined
COLORS = (canvas.ORANGE, canvas.BLUE, canvas.GREEN, canvas.PURPLE, "#e69f00", "#56b4e9")
OTHERS, OTHERS_COLOR = "other parts", "#b3b3b3"
DARKEST = 0.55  # of the shade of the row of the largest weight
BAR = 0.8  # of a step


def plot_explanation(
    result: Any,
    *,
    series: Hashable | Sequence[Hashable] | None = None,
    rows: int | None = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw, for each target, the past and the forecast on the left, and what the forecast is made of on the right.

    On the left, the darker a row of the past is shaded, the more it moves the forecast; the dashed line is the
    baseline.
    On the right each step has a bar: parts that raise the forecast above zero, parts that lower it below. The line is
    their sum, the forecast minus the baseline.

    Args:
        result: of `explain`.
        series: of a panel, the series to draw, one or a list; by default the first three.
        rows: of the past to draw; by default all that were read.
        title: of the whole figure.
        ax: matplotlib axes to draw on, two for each target of each series.

    Returns:
        The matplotlib Figure.

    Raises:
        TypeError: `result` is not of `explain`.
        ValueError: an unknown series, or other axes than two for each target and series.

    Example:
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> days = pd.date_range("2024-03-01", periods=2, freq="D")
        >>> why = sk.Explanation(
        ...     parts=pd.DataFrame({"own past": [5.0, 4.0], "promotion": [0.0, 30.0]}, days),
        ...     forecast=pd.DataFrame({"forecast": [105.0, 134.0], "baseline": [100.0, 100.0]}, days),
        ...     without=pd.DataFrame({"own past": [100.0, 129.0], "promotion": [105.0, 104.0]}, days),
        ...     reference=pd.DataFrame({"sales": [100.0], "promotion": [0.0]}),
        ...     past=pd.DataFrame({"value": [98.0, 105], "part": [1, 4.0], "weight": [1, 4.0]}, days - 2 * days.freq),
        ...     remainder=0.0,
        ...     verdict="The promotion raises the forecast most.",
        ... )
        >>> [axes.get_ylabel() for axes in sk.plot_explanation(why).axes]
        ['forecast', 'contribution']
    """
    if not isinstance(result, Explanation):
        problem = f"result must be what explain returned, got {_checks.type_name(result)}."
        raise InvalidType(WHERE, problem, "Write result = explain(model, frame).", argument="result")
    rows = None if rows is None else _checks.whole_number(WHERE, "rows", rows)
    shown = _shown(result, series)
    colors = _colors(pd.concat([of_one.parts for of_one in shown.values()]))
    with readable_fonts([*shown, *colors, title]) as write:
        names = [f"{name}: {panel}" for name in shown for panel in ("forecast", "parts")]
        size = (5.4, 3.4 if len(shown) == 1 else 2.7)
        figure, panels = canvas.prepare_panels(WHERE, ax, names, size=size, columns=2)
        for left, right, (name, of_one) in zip(panels[::2], panels[1::2], shown.items(), strict=True):
            _draw_past(left, of_one.past if rows is None else of_one.past.iloc[-rows:])
            _draw_forecast(left, of_one)
            canvas.style_panel(left, write, ylabel=name)
            _draw_parts(right, of_one, colors)
            canvas.style_panel(right, write, ylabel="contribution")
        canvas.draw_legend(panels[0])
        panels[1].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, fontsize="x-small", frameon=False)
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _shown(result: Explanation, series: Any) -> dict[str, Explanation]:
    """The explanation of each target and series to draw, indexed by time alone, by what stands beside it."""
    index = result.parts.index
    if not isinstance(index, pd.MultiIndex):
        if series is not None:
            raise InvalidValue(WHERE, "the result is of one series.", "Leave series out.", argument="series")
        return {"forecast": result}
    groups = index.droplevel(-1).unique()
    of_series = index.names[0] != "target" or index.nlevels > 2
    if series is not None or of_series:
        known = list(index.unique(0)) if of_series else []
        chosen = known[:MOST_SERIES] if series is None else canvas.as_list(series)
        for name in chosen:
            if name not in known:
                problem = f"series {name!r} is not in the result, which has {_checks.listed(known)}."
                raise InvalidValue(WHERE, problem, argument="series")
        groups = groups[groups.get_level_values(0).isin(chosen)]
    return {_label(group): _of_group(result, group) for group in groups}


def _label(group: Any) -> str:
    return ": ".join(map(str, group)) if isinstance(group, tuple) else str(group)


def _of_group(result: Explanation, group: Any) -> Explanation:
    tables = {name: getattr(result, name).loc[group] for name in ("parts", "forecast", "without", "past")}
    return result._replace(**tables)


def _colors(parts: pd.DataFrame) -> dict[Any, str]:
    """The colour of each of the largest parts."""
    sizes = parts.abs().sum().sort_values(ascending=False)
    kept = [name for name in parts.columns if name in sizes.index[:MOST_PARTS] and sizes[name] > 0]
    return dict(zip(kept, COLORS, strict=False))


def _draw_past(panel: Axes, past: pd.DataFrame) -> None:
    x, weight = canvas.axis_positions(past.index), past["weight"].to_numpy(float)
    half = np.median(np.diff(x)) / 2 if len(x) > 1 else 0.5
    shades = colormaps["Oranges"](DARKEST * weight / weight.max() if weight.max() > 0 else weight)
    for at, color in zip(x, shades, strict=True):
        panel.axvspan(at - half, at + half, color=color, linewidth=0, zorder=0)
    canvas.draw_curve(panel, "history", x, past["value"].to_numpy(float))


def _draw_forecast(panel: Axes, result: Explanation) -> None:
    x = canvas.axis_positions(result.forecast.index)
    panel.plot(x, result.forecast["baseline"], label="baseline", **canvas.LINE_STYLES["naive"])
    canvas.draw_curve(panel, "forecast", x, result.forecast["forecast"].to_numpy(float))
    canvas.label_dates(panel.xaxis, result.past.index)


def _draw_parts(panel: Axes, result: Explanation, colors: dict[Any, str]) -> None:
    parts = result.parts.fillna(0.0)
    drawn = {str(name): parts[name] for name in colors}
    rest = parts.drop(columns=list(colors)).sum(axis=1)
    if (rest != 0).any():
        drawn[OTHERS] = rest
    x = canvas.axis_positions(parts.index)
    width = BAR * (np.median(np.diff(x)) if len(x) > 1 else 1.0)
    above, below = np.zeros(len(x)), np.zeros(len(x))
    for (name, values), color in zip(drawn.items(), [*colors.values(), OTHERS_COLOR], strict=False):
        heights = values.to_numpy(float)
        bottom = np.where(heights >= 0, above, below)
        panel.bar(x, heights, width, bottom=bottom, color=color, label=canvas.on_one_line(name, 20))
        above, below = above + np.maximum(heights, 0), below + np.minimum(heights, 0)
    total = (result.forecast["forecast"] - result.forecast["baseline"]).to_numpy(float)
    panel.plot(x, total, color=canvas.DARK, marker="o", markersize=3, linewidth=1.2, label="sum")
    panel.axhline(0, color=canvas.DARK, linewidth=0.8)
    canvas.label_dates(panel.xaxis, parts.index)
