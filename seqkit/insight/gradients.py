"""How far a loss reaches back in time: its total derivative by every hidden state."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from seqkit._errors import InvalidValue
from seqkit.insight.calls import model_batch, recurrent_layers, run_watched, show_calls, to_numpy
from seqkit.insight.copies import unchanged_variables
from seqkit.insight.derivatives import gradients_of
from seqkit.insight.recurrent_calls import by_steps, cell_names, cells_of, read_if_shown, what_it_reads, why_different


def gradient_flow(model: keras.Model, x: Any, y: Any) -> pd.DataFrame:
    """Give the norm of d loss / d h_t for every timestep and every call of a recurrent layer of a compiled Keras model.

    It is the *total* derivative, through every later timestep of the recurrence (Pascanu et al. 2013, equation 5): this
    function adds e_t = 0 to each hidden state before the next timestep reads it, and differentiates the loss by e_t.
    (Where a model uses only a layer's last output, the plain gradient by the output sequence is zero at all other
    timesteps.) Where the norm shrinks towards the first timesteps, the model cannot learn from them.

    The loss is the compiled one, with the weights of losses and of the batch, masks and added losses, times the number
    of samples. Copies of the model run, and the model does not change, so other threads may use it. Each layer is run
    step by step with its own cell, and compared with what it gave; a layer that gave something else is left out, and a
    warning names it.

    Args:
        model: a built and compiled model with recurrent layers of any cell, also nested, shared or bidirectional.
        x: one batch of the model's input; for a seqkit model also raw samples.
        y: its targets; for a seqkit model also raw targets, or None where it needs none.

    Returns:
        DataFrame `[timesteps, calls]`: the norm over units of the derivative of each sample's loss, averaged over
        samples. Columns are named as in `gates`. The index is the timestep, from 0 (the first in time). A layer with
        fewer timesteps ends in NaN.

    Raises:
        TypeError: `x` or `y` are not numbers, or a table where the model reads sequences.
        ValueError: the model has no recurrent layer, none that can be shown, or is not compiled; there are no targets,
            or not as many as samples.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.SimpleRNN(3, name="memory")])
        >>> model.compile(loss="mse")
        >>> gradient_flow(model, np.ones((5, 7, 2)), np.ones((5, 3))).shape
        (7, 1)
    """
    flows = {}
    for name, gradient in hidden_gradients(model, x, y).items():
        flows[name] = pd.Series(np.linalg.norm(gradient, axis=-1).mean(axis=-1))  # (T,)
    return pd.DataFrame(flows).rename_axis("timestep")


def hidden_gradients(model: keras.Model, x: Any, y: Any) -> dict[str, np.ndarray]:
    """The derivative of the sum of the samples' losses by every h_t, `[T, B, U]` in the order of time, by call."""
    where = "gradient_flow"
    if not model.compiled:
        raise _no_loss(where)
    recurrent = recurrent_layers(model, where)
    x, y, weights = model_batch(model, x, y, where)
    shown = show_calls(where, model, x, recurrent, _try_steps)
    samples = len(keras.tree.flatten(x)[0])

    def loss_of_all(offsets: Mapping[str, list[Any]]) -> Any:
        """The loss of the batch, times its samples, with offsets added to the hidden states of each call."""

        def watch(name: str, layer: layers.RNN, call: Any, *arguments: Any, **options: Any) -> Any:
            if name not in offsets:
                return call(*arguments, **options)
            return _result_by_steps(layer, call, arguments, options, offsets[name])

        with unchanged_variables(model):
            copy, predictions = run_watched(where, model, x, recurrent, watch)
            return samples * _loss(where, copy, x, y, predictions, weights)

    gradients = gradients_of(where, loss_of_all, {name: one.offsets for name, one in shown.items()})
    return {
        of_cell: to_numpy(gradient)[:: -1 if one.go_backwards else 1]
        for name, one in shown.items()
        for of_cell, gradient in zip(one.cells, gradients[name], strict=True)
    }


def _loss(where: str, model: keras.Model, x: Any, y: Any, predictions: Any, weights: Any) -> Any:
    """The mean loss of the batch, by the model's own `compute_loss` if it has one."""
    has_own = type(model).compute_loss is not keras.Model.compute_loss
    if model.loss is None and not model.losses and not has_own:
        raise _no_loss(where)
    options = {"training": False} if "training" in inspect.signature(model.compute_loss).parameters else {}
    return model.compute_loss(x, y, predictions, sample_weight=weights, **options)


def _no_loss(where: str) -> InvalidValue:
    way_out = 'Compile it first, e.g. model.compile(loss="mse").'
    return InvalidValue(where, "the model has no loss.", way_out, "model")


class _Shown(NamedTuple):
    """A call of a recurrent layer whose steps are known."""

    cells: list[str]
    offsets: list[Any]  # e_t of each cell, zeros (T, B, U), in the order of reading
    go_backwards: bool


def _try_steps(name: str, layer: layers.RNN, call: Any, *arguments: Any, **options: Any) -> tuple[Any, Any]:
    """What the layer gives, and its offsets, or in words why it has none."""
    read = read_if_shown(layer, call, arguments, options)
    result = call(*arguments, **options)
    if isinstance(read, str):
        return result, read
    samples, timesteps = read.sequences.shape[:2]
    offsets = [ops.zeros((timesteps, samples, states[0].shape[-1])) for states in read.states]
    different = why_different(layer, by_steps(layer, read, _with_offsets(layer, offsets)), result)
    return result, different or _Shown(cell_names(layer, name), offsets, layer.go_backwards)


def _result_by_steps(layer: layers.RNN, call: Any, arguments: Any, options: Any, offsets: list[Any]) -> Any:
    """What the layer gives with offsets added to its hidden states; a stateful layer keeps its states."""
    read = what_it_reads(layer, call, arguments, options)
    steps = by_steps(layer, read, _with_offsets(layer, offsets))
    if layer.stateful:
        for variable, state in zip(*map(keras.tree.flatten, (layer.states, steps.states)), strict=True):
            variable.assign(state)
    states = steps.states if isinstance(layer.cell, layers.StackedRNNCells) else steps.states[0]
    return (steps.output, *states) if layer.return_state else steps.output


def _with_offsets(layer: layers.RNN, offsets: list[Any]) -> Any:
    """The layer's own cells, with an offset added to each hidden state."""

    def step(number: int, place: int, values: Any, states: list[Any]) -> tuple[tuple[Any, ...], list[Any]]:
        cell = cells_of(layer)[number]
        options = {"training": False} if getattr(cell, "_call_has_training_arg", False) else {}
        _, after = cell(values, states, **options)
        hidden, *others = after if isinstance(after, (list, tuple)) else [after]
        return (), [hidden + ops.cast(offsets[number][place], hidden.dtype), *others]

    return step
