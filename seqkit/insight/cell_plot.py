"""plot_cell: a recurrent cell as the articles draw it, with the values of one timestep where a model is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing.fonts import readable_fonts
from seqkit.insight import checks
from seqkit.insight.cell_diagrams import DIAGRAMS, EQUATIONS, Diagram, Point
from seqkit.insight.cell_gates import GRUGates, LSTMGates, SimpleRNNStates, gates
from seqkit.layers.cell_names import cell_name

WHERE = "plot_cell"
KINDS: dict[type, str] = {LSTMGates: "lstm", GRUGates: "gru", SimpleRNNStates: "simple_rnn"}
CELL_COLOR, LAYER_COLOR, OPERATION_COLOR, EDGE_COLOR = "#eef4ee", "#ffe9a8", "#fbd3d0", "#4d4d4d"
LEGEND = "Box: a layer with weights.  Circle: value by value.  Lines that meet are joined, lines that part are copied."
LARGEST_X, LARGEST_Y = 12, 6
RADIUS = 0.26  # of a pointwise operation, and half the height of a layer


def plot_cell(
    cell: str | None = None,
    model: Any = None,
    x: Any = None,
    *,
    layer: str | None = None,
    sample: int = 0,
    step: int = -1,
    unit: int = 0,
    title: str | None = None,
) -> Figure:
    """Draw a cell with its gates, in the articles' notation; with a model and samples, the values at one timestep.

    The values are those of one unit, as `gates` gives them. The update gate is written as the articles have it,
    h_t = (1 - z_t) h_{t-1} + z_t h~_t (Cho et al. 2014, equation 7): this z_t is 1 minus the update gate of `gates`,
    which is Keras's.

    Args:
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`; by default the model's.
        model: any Keras model with recurrent layers.
        x: what the model reads, as in `gates`.
        layer: the layer, by name; the first one by default.
        sample: the sample, by number.
        step: the timestep, by number; negative numbers count from the end.
        unit: the unit of the layer, by number.
        title: a title for the figure; the layer, unit and timestep by default.

    Returns:
        The matplotlib Figure. `figure.savefig("cell.png")` writes it; a notebook shows it.

    Raises:
        ValueError: neither a cell nor a model; a cell that is not the layer's; an unknown layer, sample, step or unit.

    Example:
        >>> figure = plot_cell("gru")
        >>> any("tilde{h}" in text.get_text() for text in figure.axes[0].texts)
        True
    """
    cell = None if cell is None else cell_name(WHERE, cell, DIAGRAMS)
    values: dict[str, float] = {}
    if model is not None:
        found = gates(model, x)
        name = next(iter(found)) if layer is None else layer
        arrays: Any = _checks.choice(WHERE, "layer", name, found)
        cell = _checked_cell(cell, KINDS[type(arrays)], name)
        values = _values_at(arrays, sample, step, unit)
        title = f"{name}, unit {unit}, timestep {step}" if title is None else title
    elif cell is None:
        raise InvalidValue(WHERE, "give a cell, or a model and samples.", 'plot_cell("lstm") draws an LSTM.', "cell")
    with readable_fonts([title, *"σ×−"]) as write:
        figure = canvas.Picture(figsize=(8.4, 4.9), dpi=110)
        panel = figure.add_axes((0.02, 0.14, 0.96, 0.76), xlim=(-0.6, LARGEST_X + 0.6), ylim=(-0.5, LARGEST_Y))
        panel.set_axis_off()
        panel.set_aspect("equal")
        _draw_cell(panel, DIAGRAMS[cell])
        _write_labels(panel, DIAGRAMS[cell], values)
        figure.text(0.03, 0.09, "    ".join(EQUATIONS[cell]), fontsize="small", parse_math=True)
        figure.text(0.03, 0.03, LEGEND, fontsize="x-small", color="#8c8c8c")
        canvas.finish_figure(figure, [panel], write, title, owned=True)
    return figure


def _checked_cell(cell: str | None, kind: str, layer: str) -> str:
    if cell not in (None, kind):
        raise InvalidValue(WHERE, f"the layer {layer!r} is {kind!r}, got cell={cell!r}.", "Leave cell out.", "cell")
    return kind


def _values_at(arrays: Any, sample: int, step: int, unit: int) -> dict[str, float]:
    """The values of one unit by field, and of the states before where there is a step before."""
    (number,) = checks.choose_units(WHERE, unit, np.shape(arrays[0])[2])
    fields = {
        field: checks.choose_sample(WHERE, field, array, sample)[:, number] for field, array in arrays._asdict().items()
    }
    steps = len(fields["hidden"])
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or not -steps <= step < steps:
        raise InvalidValue(WHERE, f"step must be a number from {-steps} to {steps - 1}, got {step!r}.", argument="step")
    values = {field: float(steps_of[step]) for field, steps_of in fields.items()}
    before = step % steps - 1
    if before >= 0:
        values |= {f"{state} before": float(fields[state][before]) for state in ("cell", "hidden") if state in fields}
    if "update" in values:
        values["articles' update"] = 1 - values["update"]
    return values


def _draw_cell(panel: Axes, diagram: Diagram) -> None:
    frame = FancyBboxPatch((1.1, 0.6), 9.6, 4.7, boxstyle="round,pad=0,rounding_size=0.3", fc=CELL_COLOR, ec="#9db89d")
    panel.add_patch(frame)
    for points in diagram.lines:
        panel.plot(*zip(*points, strict=True), color=EDGE_COLOR, linewidth=1.2, zorder=1)
    ends = {part.place for part in (*diagram.layers, *diagram.operations)}
    for points in diagram.paths:
        path = Path(_up_to_the_edge(points) if points[-1] in ends else points)
        panel.add_patch(
            FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=9, color=EDGE_COLOR, linewidth=1.2, zorder=1)
        )
    for (center, height), text in diagram.layers:
        corner, style = (center - 0.42, height - RADIUS), "round,pad=0,rounding_size=0.08"
        panel.add_patch(FancyBboxPatch(corner, 0.84, 2 * RADIUS, fc=LAYER_COLOR, boxstyle=style))
        panel.text(center, height, text, ha="center", va="center")
    for place, text in diagram.operations:
        panel.add_patch(Circle(place, RADIUS, fc=OPERATION_COLOR, ec=EDGE_COLOR, zorder=2))
        size = "x-small" if len(text) > 1 else "medium"
        panel.text(*place, text, ha="center", va="center", fontsize=size, zorder=3)


def _up_to_the_edge(points: Sequence[Point]) -> list[Point]:
    """The path, shortened by the radius of the part in which it ends."""
    before, end = np.array(points[-2:], float)
    way = end - before
    shortened = end - way / np.linalg.norm(way) * RADIUS
    return [*points[:-1], (float(shortened[0]), float(shortened[1]))]


def _write_labels(panel: Axes, diagram: Diagram, values: dict[str, float]) -> None:
    for label in diagram.labels:
        place: Any = {"ha": label.align, "va": "center", "zorder": 3}
        panel.text(*label.place, label.math, parse_math=True, fontsize="large", **place)
        if label.value is not None and label.value in values:
            across, up = np.add(label.place, label.value_offset)
            panel.text(across, up, f"{values[label.value]:.2f}", color=canvas.BLUE, **place)
