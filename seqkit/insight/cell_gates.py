"""Gates, candidates and states inside the cells of a trained model, at every timestep."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit.insight.calls import model_input, recurrent_layers, show_calls, to_numpy
from seqkit.insight.cell_steps import Gates, GRUGates, LSTMGates, SimpleRNNStates, equations_of
from seqkit.insight.recurrent_calls import (
    Steps,
    by_steps,
    cell_names,
    cells_of,
    kinds_of_cells,
    read_if_shown,
    why_different,
)

__all__ = ["GRUGates", "Gates", "LSTMGates", "SimpleRNNStates", "gates"]


def gates(model: keras.Model, x: Any) -> dict[str, Gates]:
    """Give the gates and states of every call of every recurrent layer of any Keras model.

    A copy of the model runs on `x` once; the model and the states of its stateful layers stay as they are, so other
    threads may use it. Each call's steps are computed again from weights, activations, mask and initial state:

        LSTM   f, i, o = sigmoid(x W + h U + b), g = tanh(x W + h U + b), c = f c' + i g, h = o tanh(c)
        GRU    z, r = sigmoid(x W + h U + b), g = tanh(x W_h + b + r (h' U_h + b')), h = z h' + (1 - z) g

    c' and h' are the states of the timestep before. This GRU is Keras's default (`reset_after=True`). With
    `reset_after=False` the candidate is tanh(x W_h + (r h') U_h + b). The articles write h = (1 - z) h' + z g (Cho et
    al. 2014, equation 7): their z is one minus Keras's z. A masked timestep keeps the state before it, as in Keras.

    The hidden states are compared with what the layer gave. A layer that gave something else, such as one with a cell
    of your own, is left out, and a warning names it.

    Args:
        model: a built model with SimpleRNN, LSTM or GRU layers or cells, alone, stacked, in Bidirectional or
            TimeDistributed, shared, stateful or nested.
        x: the model's input; for a seqkit model also raw samples, for a `Forecaster` a table, whose latest window the
            model reads.

    Returns:
        A dict of name and `LSTMGates`, `GRUGates` or `SimpleRNNStates`, in the order of the calls. The name is the
        layer's; `name (call 2)` is its second call, `name cell 2` the second cell of an `RNN([cell, cell])`. The
        arrays are in the order of time, also for a layer that reads backwards.

    Raises:
        ValueError: the model has no recurrent layer, or none that can be shown.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.LSTM(3, name="memory")])
        >>> gates(model, np.ones((5, 7, 2)))["memory"].forget.shape
        (5, 7, 3)
    """
    shown = show_calls("gates", model, model_input(model, x, "gates"), recurrent_layers(model, "gates"), _watch)
    return {
        of_cell: found
        for name, (layer, by_cell) in shown.items()
        for of_cell, found in zip(cell_names(layer, name), by_cell, strict=True)
    }


def _watch(_: str, layer: layers.RNN, call: Any, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    """What the layer gives, and its gates for each cell, or in words why there are none."""
    read = read_if_shown(layer, call, arguments, options)
    result = call(*arguments, **options)
    if isinstance(read, str):
        return result, read
    cells = cells_of(layer)
    equations = [equations_of(cell) for cell in cells]
    if None in equations:
        return result, f"the equations of {kinds_of_cells(layer)} are not known here"
    steps = by_steps(layer, read, lambda cell, _, *now: equations[cell][1](cells[cell], *now))
    different = why_different(layer, steps, result)
    return result, different or (layer, _gates_by_cell(layer, steps))


def _gates_by_cell(layer: layers.RNN, steps: Steps) -> list[Gates]:
    found = []
    for cell, shown in zip(cells_of(layer), zip(*steps.shown, strict=True), strict=True):
        result_type, _ = equations_of(cell)  # type: ignore[misc]
        arrays: list[np.ndarray] = [to_numpy(ops.stack(values, axis=1)) for values in zip(*shown, strict=True)]
        found.append(result_type(*(array[:, ::-1] if layer.go_backwards else array for array in arrays)))
    return found
