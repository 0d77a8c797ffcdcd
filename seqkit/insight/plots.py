"""Pictures of a model's gates and gradient flow; `plot_attention` comes from `attention_plots`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit.drawing import canvas
from seqkit.drawing import panels as panels_of
from seqkit.drawing.fonts import readable_fonts
from seqkit.drawing.steps import (
    STEP_LABEL,
    Steps,
    axis_label,
    inches_below,
    label_steps,
    place_steps,
    whole_number_ticks,
)
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
FIELD_TITLES = MappingProxyType({**GATES, **STATES})


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

    The scale of gates goes from 0, closed, to 1, open. The scale of candidates and states is centred on 0.

    Args:
        found: The result of `gates`, or one of its layers.
        layer: The layer to draw; the first when left out.
        sample: The sample to draw.
        units: The units to draw, by number; all when left out.
        index: The time stamps of the window, such as `frame.index[-36:]`, or a list of words.
        title: A title for the whole figure; the layer's name when left out.
        ax: matplotlib axes to draw on instead of a new figure: one for each gate and state, in the order of `found`.

    Returns:
        The matplotlib Figure. `figure.savefig("gates.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `found` is not the result of `gates`.
        ValueError: the layer, sample or a unit is unknown, or `index` or `ax` has the wrong length.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> import seqkit as sk
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.GRU(3)])
        >>> figure = sk.plot_gates(sk.gates(model, np.ones((1, 7, 2))))
        >>> [axes.get_title("left") for axes in figure.axes][:2]
        ['update gate: 1 keeps the state', 'reset gate: 1 uses the state']
    """
    where = "plot_gates"
    name, arrays = checks.choose_layer(where, found, layer, FIELD_TITLES)
    chosen = checks.choose_units(where, units, np.shape(arrays[0])[2])
    maps = {
        field: checks.choose_sample(where, field, array, sample)[:, chosen] for field, array in arrays._asdict().items()
    }
    steps = place_steps(where, "index", index, len(next(iter(maps.values()))))
    title = name if title is None and ax is None else title
    columns = {6: 3, 4: 2}.get(len(maps), 1)
    width = {3: 4.0, 2: 5.0}.get(columns, 8.4)
    size = (width, 2.9 + inches_below(steps, width - 1) / math.ceil(len(maps) / columns))
    with readable_fonts([*(steps.words or ()), title]) as write:
        figure, panels = canvas.prepare_panels(where, ax, list(maps), size=size, columns=columns, share=True)
        for number, (panel, field) in enumerate(zip(panels, maps, strict=True)):
            is_own = ax is not None  # the caller's axes may stand anywhere
            is_bottom, is_left = is_own or number >= len(maps) - columns, is_own or number % columns == 0
            canvas.style_panel(panel, write, ylabel="unit" if is_left else "")
            panel.xaxis.label.set_text(axis_label(steps) if is_bottom else "")
            _draw_gate(panel, field, maps[field], steps)
            panels_of.label_rows(panel, chosen)
            label_steps(panel, steps, write)
            panel_title = FIELD_TITLES[field]
            if is_own and not number and title is not None:
                panel_title = f"{title}\n{panel_title}"
            canvas.title_panel(panel, panel_title, write, color="#333333")
        canvas.finish_figure(figure, panels, write, title if ax is None else None, owned=ax is None)
    return figure


def plot_gradient_flow(flow: Any, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw how far a loss reaches back: the norm of its derivative by every hidden state, on a logarithmic axis.

    A line that falls towards timestep 0 is a vanishing gradient; a line that rises towards it is an exploding gradient.
    A triangle on the lower edge marks a norm of exactly 0, a triangle on the upper edge a norm that has overflowed.

    Args:
        flow: The result of `gradient_flow`, with a line for each layer; or a dict of label and result, to compare
            models. Where the table's index holds time stamps, the axis shows dates.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure. `figure.savefig("gradients.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `flow` is not the result of `gradient_flow`.
        ValueError: there is nothing to draw, or `ax` is not one axes.

    Example:
        >>> flow = pd.DataFrame({"memory": [0.001, 0.01, 0.1]})
        >>> figure = plot_gradient_flow({"SimpleRNN": flow, "LSTM": flow * 10})
        >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
        ['SimpleRNN', 'LSTM']
    """
    where = "plot_gradient_flow"
    flows = checks.named_flows(where, flow)
    index = next(iter(flows.values())).index
    with readable_fonts([*flows, title]) as write:
        figure, panels = canvas.prepare_panels(where, ax, ["gradient flow"], size=(8.4, 3.8))
        (panel,) = panels
        lines = {
            name: (canvas.axis_positions(norms.index), norms.to_numpy(dtype=float, na_value=np.nan))
            for name, norms in flows.items()
        }
        drawn = panels_of.draw_log_lines(panel, lines)
        canvas.style_panel(panel, write, ylabel="norm of d loss / d h_t")
        panels_of.draw_line_legend(panel, drawn, write)
        if isinstance(index, pd.DatetimeIndex):
            canvas.label_dates(panel.xaxis, index)
        else:
            panel.set_xlabel(STEP_LABEL)
            panel.xaxis.set_major_locator(whole_number_ticks(9))
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _draw_gate(panel: Axes, field: str, cells: np.ndarray, steps: Steps) -> None:
    down = np.arange(cells.shape[1] + 1) - 0.5
    limit = panels_of.largest_size(cells)
    scale, colours = ((0, 1), "viridis") if field in GATES else ((-limit, limit), panels_of.diverging_colours())
    panels_of.draw_heat_map(panel, cells.T, steps.edges, down, scale, colours)
