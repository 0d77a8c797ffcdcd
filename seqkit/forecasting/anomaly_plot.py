"""The picture of a table's anomalies, on its time axis."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing.fonts import readable_fonts
from seqkit.forecasting.anomalies import Anomalies

WHERE = "plot_anomalies"
MOST_SERIES = 6


def plot_anomalies(
    result: Any,
    *,
    series: Hashable | Sequence[Hashable] | None = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw values, the intervals in which they were expected, and the anomalies: a panel for each target.

    Args:
        result: of `anomalies`.
        series: of a panel, the series to draw; by default the six with the highest scores.
        title: of the whole figure.
        ax: matplotlib axes to draw on, one for each target of each series.

    Returns:
        The matplotlib Figure.

    Raises:
        TypeError: `result` is not of `anomalies`.
        ValueError: an unknown series, or other axes than targets and series.

    Example:
        >>> import seqkit as sk
        >>> table = sk.load_example("air_passengers")[-60:]
        >>> model = sk.build_forecaster(like=table, horizon=1, weights="synthetic")
        >>> figure = sk.plot_anomalies(sk.anomalies(model, table))
        >>> figure.axes[0].get_ylabel()
        'passengers'
    """
    if not isinstance(result, Anomalies):
        problem = f"result must be what anomalies returned, got {_checks.type_name(result)}."
        raise InvalidType(WHERE, problem, "Write result = anomalies(model, frame).", argument="result")
    parts = _parts(result.rows, series)
    with readable_fonts([*parts, title]) as write:
        size = (8.4, 3.6 if len(parts) == 1 else 2.5)
        figure, panels = canvas.prepare_panels(WHERE, ax, list(parts), share=False, size=size)
        for panel, (name, rows) in zip(panels, parts.items(), strict=True):
            _draw(panel, rows, result.level)
            canvas.style_panel(panel, write, ylabel=name)
        canvas.draw_legend(panels[0])
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _parts(rows: pd.DataFrame, series: Any) -> dict[str, pd.DataFrame]:
    """The rows of each panel, by what stands beside it."""
    if "series" not in rows:
        if series is not None:
            raise InvalidValue(WHERE, "the result is of one series.", "Leave series out.", argument="series")
        return {str(target): part for target, part in rows.groupby("target", sort=False)}
    known = rows.groupby("series", sort=False)["score"].max().sort_values(ascending=False)
    chosen = list(known.index[:MOST_SERIES]) if series is None else canvas.as_list(series)
    for name in chosen:
        if name not in known.index:
            problem = f"series {name!r} is not in the result, which has {_checks.listed(list(known.index))}."
            raise InvalidValue(WHERE, problem, argument="series")
    grouped: Any = rows[rows["series"].isin(chosen)].groupby(["series", "target"], sort=False)
    return {f"{name}: {target}": part for (name, target), part in grouped}


def _draw(panel: Axes, rows: pd.DataFrame, level: float) -> None:
    x = canvas.axis_positions(pd.Index(rows["time"]))
    values = {name: rows[name].to_numpy(float) for name in ("actual", "low", "high")}
    canvas.shade_between(panel, x, values["low"], values["high"], label=f"{level:g} %")
    canvas.draw_curve(panel, "history", x, values["actual"], label="actual")
    at = rows["is_anomaly"].to_numpy()
    look: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5, "markerfacecolor": "none"}
    panel.plot(x[at], values["actual"][at], color=canvas.ORANGE, label="anomaly", **look)
    canvas.label_dates(panel.xaxis, pd.Index(rows["time"]))
