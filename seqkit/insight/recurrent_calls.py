"""What a call of a recurrent layer reads, and the same steps again, compared with what the layer gave.

Shapes: B samples, T timesteps, F features, U units of a cell.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.insight.calls import COMPILED, is_readable, why_far

Step = Callable[..., tuple[tuple[Any, ...], list[Any]]]  # (cell number, step number, inputs, states): gates, new states


class Read(NamedTuple):
    """What a call of a recurrent layer reads."""

    sequences: Any  # (B, T, F)
    states: list[list[Any]]  # before the first timestep, for each cell, (B, U) each
    mask: Any  # (B, T), or None


class Steps(NamedTuple):
    """What the steps of a call give."""

    output: Any  # as the layer gives it, (B, U) or (B, T, U)
    states: list[list[Any]]  # after the last timestep, for each cell
    shown: list[list[tuple[Any, ...]]]  # of each step as read, of each cell: gates, cell state, hidden


def cells_of(layer: layers.RNN) -> list[Any]:
    """The cells of a layer, in the order in which they run in a timestep."""
    return list(layer.cell.cells) if isinstance(layer.cell, layers.StackedRNNCells) else [layer.cell]


def kinds_of_cells(layer: layers.RNN) -> str:
    """The types of a layer's cells, for a message."""
    return ", ".join(type(cell).__name__ for cell in cells_of(layer))


def cell_names(layer: layers.RNN, name: str) -> list[str]:
    """A name for each cell: the layer's, with a number where there are several."""
    count = len(cells_of(layer))
    return [name] if count == 1 else [f"{name} cell {number}" for number in range(1, count + 1)]


def read_if_shown(layer: layers.RNN, call: Callable[..., Any], arguments: Any, options: Any) -> Read | str:
    """What a call that is about to run reads; or in words why it cannot be shown."""
    sequences = keras.tree.flatten((arguments, options))[0]
    if len(sequences.shape) != 3:
        return f"{type(layer).__name__} reads {len(sequences.shape)} axes, [samples, timesteps, features] are shown"
    return what_it_reads(layer, call, arguments, options) if is_readable(sequences) else COMPILED


def what_it_reads(layer: layers.RNN, call: Callable[..., Any], arguments: Any, options: Any) -> Read:
    """The sequences, states and mask of a call that is about to run; the states are its own, the layer's, or zeros."""
    bound = inspect.signature(call).bind(*arguments, **options).arguments
    sequences, mask = keras.tree.flatten((arguments, options))[0], bound.get("mask")
    states = bound.get("initial_state")
    if states is None:
        states = layer.states if layer.stateful else layer.get_initial_state(sequences.shape[0])
    states = _as_list(states) if isinstance(layer.cell, layers.StackedRNNCells) else [states]
    mask = None if mask is None else keras.tree.flatten(mask)[0]
    mask = None if mask is None else ops.cast(ops.reshape(mask, sequences.shape[:2]), "bool")
    kind = layer.cell.compute_dtype
    return Read(sequences, [[_value_now(state, kind) for state in _as_list(of_cell)] for of_cell in states], mask)


def by_steps(layer: layers.RNN, read: Read, step: Step) -> Steps:
    """Run a call timestep by timestep, where `step` is the cell; masks and outputs are those of Keras."""
    states, outputs, shown = read.states, [], []
    times = range(read.sequences.shape[1])
    output = _output_before(states)
    for number, time in enumerate(reversed(times) if layer.go_backwards else times):
        values, new_states, gates = read.sequences[:, time], [], []
        for cell, before in enumerate(states):
            of_cell, after = step(cell, number, ops.cast(values, before[0].dtype), before)
            values = after[0]
            new_states.append(after)
            gates.append(of_cell)
        if read.mask is None:
            states, output = new_states, values
        else:
            is_step = read.mask[:, time, None]
            states = keras.tree.map_structure(lambda *pair, here=is_step: ops.where(here, *pair), new_states, states)
            output = ops.where(is_step, values, ops.zeros_like(values) if layer.zero_output_for_mask else output)
        outputs.append(output)
        shown.append([(*one, *reversed(state)) for one, state in zip(gates, states, strict=True)])
    return Steps(ops.stack(outputs, axis=1) if layer.return_sequences else output, states, shown)


def why_different(layer: layers.RNN, steps: Steps, given: Any) -> str | None:
    """How far the steps are from what the layer gave, in words; None where they agree."""
    found = [steps.output, *keras.tree.flatten(steps.states)]
    for one, wanted in zip(found, keras.tree.flatten(given), strict=False):
        different = why_far(layer, wanted, one)
        if different:
            return f"{different} from the equations known for {kinds_of_cells(layer)}"
    return None


def _value_now(state: Any, dtype: str) -> Any:
    """A state as a tensor, since TensorFlow reads a variable only where it is used, after the call has changed it."""
    return ops.cast(state.value if isinstance(state, keras.Variable) else state, dtype) + 0


def _as_list(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else [values]


def _output_before(states: list[list[Any]]) -> Any:
    """What a masked step repeats where it comes first: Keras has zeros on TensorFlow, on JAX the initial state."""
    hidden = states[-1][0]
    return ops.zeros_like(hidden) if keras.backend.backend() == "tensorflow" else hidden
