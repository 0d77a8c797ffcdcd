"""Pictures of attention weights: bars, a shaded curve or a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit._errors import InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing import panels as panels_of
from seqkit.drawing.fonts import readable_fonts
from seqkit.drawing.steps import STEP_LABEL, axis_label, inches_below, inches_beside, label_steps, place_steps
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

    Weights over steps or features become bars. With `values`, weights shade the background of the input curve. Weights
    of queries over source steps become a matrix, with a row for each query.

    Args:
        weights: A layer's array from `attention_weights`, `[samples, timesteps]`, `[samples, features]` or
            `[samples, queries, source steps]`; or the whole dict, where it holds one layer.
        tokens: The words or feature names of the weights; for a matrix a pair, `(source words, target words)`.
        index: The time stamps of the weights, instead of words.
        values: The input curve, `[timesteps]`; a Series with a time index needs no `index`.
        sample: The sample to draw.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("attention.png")` writes it; a notebook shows it.

    Raises:
        TypeError: the names are not a list of words or time stamps, or `values` are not numbers.
        ValueError: `weights` is not one layer's, the sample is unknown, or a length does not match.

    Example:
        >>> figure = plot_attention([[0.1, 0.7, 0.2]], tokens=["not", "bad", "at all"])
        >>> [float(bar.get_height()) for bar in figure.axes[0].patches]
        [0.1, 0.7, 0.2]
    """
    where = "plot_attention"
    weights = checks.choose_sample(where, "weights", checks.attention_of_one_layer(where, weights), sample)
    if tokens is not None and index is not None:
        raise InvalidValue(where, "tokens and index both name the steps.", "Pass words as tokens or stamps as index.")
    if weights.ndim == 2:
        return _plot_matrix(weights, checks.source_and_query_names(where, tokens, index), values, title, ax)
    if index is None and tokens is None and isinstance(getattr(values, "index", None), pd.DatetimeIndex):
        index = values.index
    argument, names = ("index", index) if tokens is None else ("tokens", tokens)
    steps = place_steps(where, argument, names, len(weights))
    curve = None if values is None else _curve(where, values, len(weights))
    with readable_fonts([*(steps.words or ()), title, getattr(values, "name", None)]) as write:
        figure, panels = canvas.prepare_panels(where, ax, ["weights"], size=(8.4, 3.0 + inches_below(steps, 7.5)))
        (panel,) = panels
        ylabel = "weight" if curve is None else getattr(values, "name", None) or "value"
        canvas.style_panel(panel, write, ylabel=ylabel)
        panel.xaxis.label.set_text(axis_label(steps, "position (0 is the first)" if curve is None else STEP_LABEL))
        if curve is None:
            panels_of.draw_bars(panel, weights, steps)
        else:
            panels_of.draw_shaded_curve(panel, curve, weights, steps).set_label("weight", color="#333333")
        label_steps(panel, steps, write)
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _plot_matrix(
    weights: np.ndarray, names: tuple[Any, Any], values: Any, title: str | None, ax: Axes | None
) -> Figure:
    where = "plot_attention"
    if values is not None:
        raise InvalidValue(where, "values need one row of weights.", "Choose one query: weights[:, query].", "values")
    queries, sources = weights.shape
    has_stamps = isinstance(names[0], pd.DatetimeIndex)
    across = place_steps(where, "index" if has_stamps else "tokens[0]", names[0], sources)
    down = place_steps(where, "tokens[1]", names[1], queries)
    width, height = float(np.clip(0.3 * sources, 3, 7)), float(np.clip(0.28 * queries, 1.6, 5.5))
    size = (width + 1.4 + inches_beside(down), height + 1.0 + inches_below(across, width))
    with readable_fonts([*(across.words or ()), *(down.words or ()), title]) as write:
        figure, panels = canvas.prepare_panels(where, ax, ["weights"], size=size)
        (panel,) = panels
        canvas.style_panel(panel, write, xlabel=axis_label(across, "source step"), ylabel=axis_label(down, "query"))
        scale = (0, panels_of.largest_size(weights))
        bar = panels_of.draw_heat_map(panel, weights, across.edges, down.edges, scale, panels_of.WEIGHT_COLOURS)
        bar.set_label("weight", color="#333333")
        label_steps(panel, across, write)
        label_steps(panel, down, write, side="y")
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _curve(where: str, values: Any, count: int) -> np.ndarray:
    curve = checks.as_floats(where, "values", values)
    if curve.ndim != 1:
        raise InvalidValue(where, f"values must be one curve, got shape {curve.shape}.", "Pass one column.", "values")
    place_steps(where, "values", curve, count)
    return curve
