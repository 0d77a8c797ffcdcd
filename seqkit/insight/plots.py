"""Pictures of a model's inside: its gates, how far its gradients reach and, from `attention_plots`, where it looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit.drawing import canvas as _canvas
from seqkit.drawing import panels as panels_of
from seqkit.drawing.fonts import Writer, readable
from seqkit.drawing.steps import STEP, Steps, counted, label_steps, room_below, steps_of, whole_ticks
from seqkit.insight import checks
from seqkit.insight.attention_plots import plot_attention

__all__ = ["plot_attention", "plot_gates", "plot_gradient_flow"]

GATES = MappingProxyType(
    {
        "forget": "forget gate: 1 keeps the cell",
        "input": "input gate: 1 adds the candidate",
        "output": "output gate: 1 shows the cell",
        "update": "update gate: 1 keeps the state",
        "reset": "reset gate: 1 uses the state",
    }
)
STATES = MappingProxyType({"candidate": "candidate", "cell": "cell state", "hidden": "hidden state"})
PARTS = MappingProxyType({**GATES, **STATES})


def plot_gates(
    found: Any,
    *,
    layer: str | None = None,
    sample: int = 0,
    units: int | Sequence[int] | None = None,
    index: Any = None,
    title: str | None = None,
    ax: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Draw the gates and states of one recurrent layer: a heat map for each, units down and time across.

    Gates stand on a scale from 0, closed, to 1, open; candidates and states on one centred on 0.

    Args:
        found: What `gates` returned, or one of its layers.
        layer: The layer to draw; the first when left out.
        sample: The sample to draw.
        units: The units to draw, by number; all when left out.
        index: What the layer read: the time stamps of its window, such as `frame.index[-36:]`, or a list of words.
        title: A title for the whole figure; the layer's name when left out.
        ax: matplotlib axes to draw on, one for each part in the order of `found`, instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("gates.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If `found` is not what `gates` returns.
        ValueError: If the layer, sample or a unit is unknown, or `index` or `ax` has the wrong length.

    Example:
        `plot_gates(gates(model, x), index=frame.index[-36:])`
    """
    where = "plot_gates"
    name, parts = checks.one_layer(where, found, layer, PARTS)
    chosen = checks.chosen_units(where, units, np.shape(parts[0])[2])
    maps = {part: checks.one_sample(where, part, array, sample)[:, chosen] for part, array in parts._asdict().items()}
    steps = steps_of(where, "index", index, len(next(iter(maps.values()))))
    title = name if title is None and ax is None else title
    columns = {6: 3, 4: 2}.get(len(maps), 1)
    width = {3: 4.0, 2: 5.0}.get(columns, 8.4)
    size = (width, 2.9 + room_below(steps, width - 1) / math.ceil(len(maps) / columns))
    with readable([*(steps.words or ()), title]) as write:
        figure, panels = _canvas.panels_for(where, ax, list(maps), size=size, columns=columns, share=True)
        for number, (panel, part) in enumerate(zip(panels, maps, strict=True)):
            outer = ax is not None
            bottom, left = outer or number >= len(maps) - columns, outer or number % columns == 0
            _canvas.dress(panel, write, ylabel="unit" if left else "")
            panel.xaxis.label.set_text(counted(steps) if bottom else "")
            _draw_gate(panel, part, maps[part], steps)
            panels_of.number_rows(panel, chosen)
            label_steps(panel, steps, write)
            _head(panel, PARTS[part], write, title if outer and not number else None)
        _canvas.finish(figure, panels, write, title if ax is None else None, owned=ax is None)
    return figure


def plot_gradient_flow(flow: Any, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw how far a loss reaches back: the norm of its derivative by every hidden state, over powers of ten.

    A line that falls towards step 0 is a gradient that vanishes, one that rises there explodes. A triangle on
    the lower edge marks a norm of exactly 0, one on the upper edge a norm that has overflowed.

    Args:
        flow: What `gradient_flow` returned, a line for each layer; or a dict of several, by label, to compare
            models. An index of time stamps, set on the table, is drawn as dates.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("gradients.png")` writes it; a notebook shows it.

    Raises:
        TypeError: If `flow` is not what `gradient_flow` returns.
        ValueError: If there is nothing to draw, or `ax` is not one axes.

    Example:
        >>> flow = pd.DataFrame({"memory": [0.001, 0.01, 0.1]})
        >>> figure = plot_gradient_flow({"SimpleRNN": flow, "LSTM": flow * 10})
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['SimpleRNN', 'LSTM']
    """
    where = "plot_gradient_flow"
    flows = checks.named_flows(where, flow)
    index = next(iter(flows.values())).index
    by_time = isinstance(index, pd.DatetimeIndex)
    with readable([*flows, title]) as write:
        figure, panels = _canvas.panels_for(where, ax, ["gradient flow"], size=(8.4, 3.8))
        (panel,) = panels
        lines = {
            name: (_canvas.positions(one.index), one.to_numpy(dtype=float, na_value=np.nan))
            for name, one in flows.items()
        }
        drawn = panels_of.draw_fading(panel, lines)
        _canvas.dress(panel, write, ylabel="norm of d loss / d h_t")
        panels_of.name_lines(panel, drawn, write)
        if by_time:
            _canvas.dress_time(panel, index)
        else:
            panel.set_xlabel(STEP)
            panel.xaxis.set_major_locator(whole_ticks(9))
        _canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _draw_gate(panel: Axes, part: str, cells: np.ndarray, steps: Steps) -> None:
    down = np.arange(cells.shape[1] + 1) - 0.5
    limit = panels_of.largest(cells)
    scale, colours = ((0, 1), "viridis") if part in GATES else ((-limit, limit), panels_of.diverging())
    panels_of.draw_heat(panel, cells.T, steps.edges, down, scale, colours)


def _head(panel: Axes, text: str, write: Writer, above: object | None) -> None:
    look: dict[str, Any] = {"fontfamily": write.families, "parse_math": False, "color": "#333333"}
    heading = text if above is None else f"{write(above)}\n{text}"
    panel.set_title(heading, loc="left", fontsize="medium", **look)
