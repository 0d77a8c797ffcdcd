"""Pictures of where a model's attention looks: bars, a shaded curve or a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit._errors import InvalidValue
from seqkit.drawing import canvas as _canvas
from seqkit.drawing import panels as panels_of
from seqkit.drawing.fonts import readable
from seqkit.drawing.steps import STEP, counted, label_steps, room_below, room_beside, steps_of
from seqkit.insight import checks


def plot_attention(
    weights: Any,
    *,
    tokens: Any = None,
    index: Any = None,
    values: Any = None,
    sample: int = 0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw where a model's attention looks.

    Weights over steps or features are bars, or with `values` the shading behind the curve that was read; weights
    of queries over source steps are a matrix, queries down.

    Args:
        weights: A layer's array from `attention_weights`, `[samples, timesteps]`, `[samples, features]` or
            `[samples, queries, source steps]`; or the whole dict, where it holds one layer.
        tokens: The words, or the features' names, that the weights stand for; of a matrix a pair,
            `(source words, target words)`.
        index: The time stamps that the weights stand for, instead of words.
        values: The curve that was read, `[timesteps]`; a Series on a time index needs no `index`.
        sample: The sample to draw.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("attention.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If the names are no list of words or time stamps, or `values` no numbers.
        ValueError: If `weights` is not one layer's, the sample is unknown, or a length does not match.

    Example:
        >>> figure = plot_attention([[0.1, 0.7, 0.2]], tokens=["not", "bad", "at all"])
        >>> [float(bar.get_height()) for bar in figure.axes[0].patches]
        [0.1, 0.7, 0.2]
    """
    where = "plot_attention"
    one = checks.one_sample(where, "weights", checks.one_map(where, weights), sample)
    if tokens is not None and index is not None:
        raise InvalidValue(where, "tokens and index both name the steps.", "Pass words as tokens or stamps as index.")
    if one.ndim == 2:
        return _plot_matrix(one, checks.source_and_target(where, tokens, index), values, title, ax)
    if index is None and tokens is None and isinstance(getattr(values, "index", None), pd.DatetimeIndex):
        index = values.index
    argument, names = ("index", index) if tokens is None else ("tokens", tokens)
    steps = steps_of(where, argument, names, len(one))
    curve = None if values is None else _curve(where, values, len(one))
    with readable([*(steps.words or ()), title, getattr(values, "name", None)]) as write:
        figure, panels = _canvas.panels_for(where, ax, ["weights"], size=(8.4, 3.0 + room_below(steps, 7.5)))
        (panel,) = panels
        ylabel = "weight" if curve is None else getattr(values, "name", None) or "value"
        _canvas.dress(panel, write, ylabel=ylabel)
        panel.xaxis.label.set_text(counted(steps, "position (0 is the first)" if curve is None else STEP))
        if curve is None:
            panels_of.draw_bars(panel, one, steps)
        else:
            panels_of.draw_shaded_curve(panel, curve, one, steps).set_label("weight", color="#333333")
        label_steps(panel, steps, write)
        _canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _plot_matrix(one: np.ndarray, names: tuple[Any, Any], values: Any, title: str | None, ax: Axes | None) -> Figure:
    where = "plot_attention"
    if values is not None:
        raise InvalidValue(where, "values go with one row of weights.", "Choose one query: weights[:, query].")
    queries, sources = one.shape
    named_by_index = isinstance(names[0], pd.DatetimeIndex)
    across = steps_of(where, "index" if named_by_index else "tokens[0]", names[0], sources)
    down = steps_of(where, "tokens[1]", names[1], queries)
    width, height = float(np.clip(0.3 * sources, 3, 7)), float(np.clip(0.28 * queries, 1.6, 5.5))
    size = (width + 1.4 + room_beside(down), height + 1.0 + room_below(across, width))
    with readable([*(across.words or ()), *(down.words or ()), title]) as write:
        figure, panels = _canvas.panels_for(where, ax, ["weights"], size=size)
        (panel,) = panels
        _canvas.dress(panel, write, xlabel=counted(across, "source step"), ylabel=counted(down, "query"))
        scale = (0, panels_of.largest(one))
        bar = panels_of.draw_heat(panel, one, across.edges, down.edges, scale, panels_of.WEIGHTS)
        bar.set_label("weight", color="#333333")
        label_steps(panel, across, write)
        label_steps(panel, down, write, side="y")
        _canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _curve(where: str, values: Any, count: int) -> np.ndarray:
    curve = checks.numbers(where, "values", values)
    if curve.ndim != 1:
        raise InvalidValue(
            where, f"values must be one curve, got shape {curve.shape}.", "Pass one column.", argument="values"
        )
    steps_of(where, "values", curve, count)
    return curve
