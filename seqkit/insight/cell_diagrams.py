"""Where the parts of a cell's diagram stand: its layers, pointwise operations, lines and labels, in the articles' form.

The axes go from 0 to 12 across and from 0 to 6 up.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

Point = tuple[float, float]


class Part(NamedTuple):
    """A layer with weights (σ or tanh), or a pointwise operation."""

    place: Point
    text: str


class Label(NamedTuple):
    """A name in the articles' notation, and the value that is written beside it."""

    place: Point
    math: str
    value: str | None = None  # a field of the gates; "... before" is that of the step before
    align: str = "center"
    value_offset: Point = (0.0, -0.42)


class Diagram(NamedTuple):
    """A cell."""

    layers: tuple[Part, ...]
    operations: tuple[Part, ...]
    paths: tuple[tuple[Point, ...], ...]  # lines that end in an arrow
    lines: tuple[tuple[Point, ...], ...]  # lines that meet another line
    labels: tuple[Label, ...]


TOP, BOTTOM, GATES, LEFT, RIGHT = 4.5, 1.5, 2.45, 0.9, 11.1
RIGHT_OF_NAME, LEFT_OF_NAME = (0.5, 0.0), (-0.5, 0.0)
INPUT_LINE = ((2.5, 0.3), (2.5, BOTTOM))  # x_t joins h_{t-1}
INPUT_LABEL = Label((2.5, 0.05), "$x_t$")

LSTM = Diagram(
    layers=(Part((3.4, GATES), "σ"), Part((4.9, GATES), "σ"), Part((6.3, GATES), "tanh"), Part((8.1, GATES), "σ")),
    operations=(
        Part((3.4, TOP), "×"),
        Part((6.3, TOP), "+"),
        Part((6.3, 3.5), "×"),
        Part((9.8, 3.7), "tanh"),
        Part((9.8, 2.9), "×"),
    ),
    paths=(
        ((LEFT, TOP), (3.4, TOP)),
        ((3.4, TOP), (6.3, TOP)),
        ((6.3, TOP), (RIGHT, TOP)),
        *(((x, BOTTOM), (x, GATES)) for x in (3.4, 4.9, 6.3, 8.1)),
        ((3.4, GATES), (3.4, TOP)),
        ((4.9, GATES), (4.9, 3.5), (6.3, 3.5)),
        ((6.3, GATES), (6.3, 3.5)),
        ((6.3, 3.5), (6.3, TOP)),
        ((8.1, GATES), (8.1, 2.9), (9.8, 2.9)),
        ((9.8, TOP), (9.8, 3.7)),
        ((9.8, 3.7), (9.8, 2.9)),
        ((9.8, 2.9), (9.8, BOTTOM), (RIGHT, BOTTOM)),
    ),
    lines=(((LEFT, BOTTOM), (8.1, BOTTOM)), INPUT_LINE),
    labels=(
        Label((0.7, TOP), "$C_{t-1}$", "cell before", "right"),
        Label((0.7, BOTTOM), "$h_{t-1}$", "hidden before", "right"),
        INPUT_LABEL,
        Label((3.2, 3.5), "$f_t$", "forget", "right"),
        Label((4.7, 3.5), "$i_t$", "input", "right"),
        Label((6.45, 3.0), r"$\tilde{C}_t$", "candidate", "left", RIGHT_OF_NAME),
        Label((8.1, 3.2), "$o_t$", "output", "left", RIGHT_OF_NAME),
        Label((11.3, TOP), "$C_t$", "cell", "left"),
        Label((11.3, BOTTOM), "$h_t$", "hidden", "left"),
    ),
)
GRU_TOP = 4.85
GRU = Diagram(
    layers=(Part((3.6, GATES), "σ"), Part((5.8, GATES), "σ"), Part((8.9, GATES), "tanh")),
    operations=(
        Part((3.6, 3.5), "×"),
        Part((7.3, 4.15), "1−"),
        Part((7.3, GRU_TOP), "×"),
        Part((8.9, 3.5), "×"),
        Part((8.9, GRU_TOP), "+"),
    ),
    paths=(
        ((LEFT, GRU_TOP), (7.3, GRU_TOP)),
        ((7.3, GRU_TOP), (8.9, GRU_TOP)),
        ((8.9, GRU_TOP), (RIGHT, GRU_TOP)),
        ((3.6, BOTTOM), (3.6, GATES)),
        ((5.8, BOTTOM), (5.8, GATES)),
        ((8.9, 0.9), (8.9, GATES)),
        ((3.6, GATES), (3.6, 3.5)),
        ((1.9, GRU_TOP), (1.9, 3.5), (3.6, 3.5)),
        ((5.8, GATES), (5.8, 3.5), (8.9, 3.5)),
        ((7.3, 3.5), (7.3, 4.15)),
        ((7.3, 4.15), (7.3, GRU_TOP)),
        ((8.9, GATES), (8.9, 3.5)),
        ((8.9, 3.5), (8.9, GRU_TOP)),
    ),
    lines=(
        ((1.4, GRU_TOP), (1.4, BOTTOM), (5.8, BOTTOM)),  # h_{t-1} goes to both gates
        ((3.6, 3.5), (4.4, 3.5), (4.4, 0.9), (8.9, 0.9)),  # r_t h_{t-1} goes to the candidate
        INPUT_LINE,
        ((2.5, 0.9), (4.4, 0.9)),
    ),
    labels=(
        Label((0.7, GRU_TOP), "$h_{t-1}$", "hidden before", "right"),
        INPUT_LABEL,
        Label((3.45, 2.95), "$r_t$", "reset", "right", LEFT_OF_NAME),
        Label((5.65, 2.95), "$z_t$", "articles' update", "right", LEFT_OF_NAME),
        Label((9.05, 2.95), r"$\tilde{h}_t$", "candidate", "left", RIGHT_OF_NAME),
        Label((11.3, GRU_TOP), "$h_t$", "hidden", "left"),
    ),
)
SIMPLE_RNN = Diagram(
    layers=(Part((6.0, 3.0), "tanh"),),
    operations=(),
    paths=(((LEFT, 3.0), (5.58, 3.0)), ((6.0, 3.0), (RIGHT, 3.0))),
    lines=(((3.6, 0.3), (3.6, 3.0)),),
    labels=(
        Label((0.7, 3.0), "$h_{t-1}$", "hidden before", "right"),
        Label((3.6, 0.05), "$x_t$"),
        Label((11.3, 3.0), "$h_t$", "hidden", "left"),
    ),
)
DIAGRAMS: Mapping[str, Diagram] = MappingProxyType({"lstm": LSTM, "gru": GRU, "simple_rnn": SIMPLE_RNN})
EQUATIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lstm": (
            r"$f_t, i_t, o_t = \sigma(W\,[h_{t-1}, x_t] + b)$",
            r"$\tilde{C}_t = \tanh(W_C\,[h_{t-1}, x_t] + b_C)$",
            r"$C_t = f_t\,C_{t-1} + i_t\,\tilde{C}_t$",
            r"$h_t = o_t \tanh(C_t)$",
        ),
        "gru": (
            r"$r_t, z_t = \sigma(W\,[h_{t-1}, x_t])$",
            r"$\tilde{h}_t = \tanh(W_h\,[r_t\,h_{t-1}, x_t])$",
            r"$h_t = (1 - z_t)\,h_{t-1} + z_t\,\tilde{h}_t$",
        ),
        "simple_rnn": (r"$h_t = \tanh(W\,[h_{t-1}, x_t] + b)$",),
    }
)
