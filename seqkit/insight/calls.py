"""Record the calls of any Keras model's layers while the model runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from seqkit._errors import InvalidType, InvalidValue
from seqkit.layers.peephole import PeepholeLSTMCell
from seqkit.task.arguments import keras_arguments
from seqkit.task.model import Task

RECURRENT_LAYERS = (layers.SimpleRNN, layers.LSTM, layers.GRU)
OTHER_CELLS = (PeepholeLSTMCell,)  # cells that run in a plain `keras.layers.RNN`
UNLIMITED_BATCH_SIZE = 2**31 - 1


class Call(NamedTuple):
    """A call of a layer."""

    layer: layers.Layer
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    result: Any


def model_input(model: keras.Model, x: Any, where: str) -> Any:
    """The input of the graph: converted from raw samples for a seqkit model, else `x` itself."""
    if isinstance(model, Task):
        model.refuse_unadapted(where)
        return model.network_input(x, where) if model.reads(x) else x
    _refuse_table(where, x)
    return x


def model_batch(model: keras.Model, x: Any, y: Any, where: str) -> tuple[Any, Any]:
    """The input of the graph and the targets of its loss, as tensors of one batch."""
    if isinstance(model, Task):
        model.refuse_unadapted(where)
        if model.reads(x):
            x, y = _only_batch(keras_arguments(model, where, x, y, UNLIMITED_BATCH_SIZE, False, None))
    else:
        _refuse_table(where, x)
    return keras.tree.map_structure(ops.convert_to_tensor, (x, y))


def _refuse_table(where: str, x: Any) -> None:
    if isinstance(x, (pd.DataFrame, pd.Series)):
        way_out = "Pass an array [samples, timesteps, features]."
        raise InvalidType(where, "only a Forecaster reads tables.", way_out, argument="x")


def _only_batch(arguments: dict[str, Any]) -> tuple[Any, Any]:
    x, y = arguments["x"], arguments.get("y")
    if y is not None:
        return x, y
    x, y, *_ = next(iter(x))
    return x, y


def all_layers(model: keras.Model) -> list[layers.Layer]:
    """Every layer of a model and of its layers, in the order they were made."""
    flatten: Callable[..., Any] = model._flatten_layers
    unique = {id(layer): layer for layer in flatten(include_self=False) if not isinstance(layer, layers.InputLayer)}
    return list(unique.values())


def layer_types(model: keras.Model) -> str:
    """The types of a model's layers, for a message."""
    return ", ".join(type(layer).__name__ for layer in all_layers(model))


def is_recurrent(layer: layers.Layer) -> bool:
    """Whether this is a recurrent layer whose equations are known here."""
    return isinstance(layer, RECURRENT_LAYERS) or isinstance(getattr(layer, "cell", None), OTHER_CELLS)


def recurrent_layers(model: keras.Model, where: str) -> list[layers.Layer]:
    """The SimpleRNN, LSTM and GRU layers of a model, also inside stacks and Bidirectional."""
    recurrent = [layer for layer in all_layers(model) if is_recurrent(layer)]
    for layer in all_layers(model):
        if isinstance(layer, layers.Bidirectional):
            directions = layer.forward_layer, layer.backward_layer
            recurrent += [direction for direction in directions if direction not in recurrent]
    if not recurrent:
        problem = f"the model has no SimpleRNN, LSTM or GRU layer, its layers are {layer_types(model)}."
        raise InvalidValue(where, problem, "Pass a recurrent model.", "model")
    return recurrent


@contextlib.contextmanager
def replaced_calls(chosen: Sequence[layers.Layer], replace: Callable[[layers.Layer, Any], Any]) -> Iterator[None]:
    """Replace each layer's `call` by `replace(layer, layer.call)`, inside the `with` block."""
    for layer in chosen:
        object.__setattr__(layer, "call", replace(layer, layer.call))
    try:
        yield
    finally:
        for layer in chosen:
            object.__delattr__(layer, "call")


def record_calls(model: keras.Model, x: Any, chosen: Sequence[layers.Layer]) -> list[Call]:
    """Run the model on `x` once, without training, and return the calls of the chosen layers in order."""
    calls: list[Call] = []

    def recorder(layer: layers.Layer, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*arguments: Any, **options: Any) -> Any:
            result = call(*arguments, **options)
            calls.append(Call(layer, arguments, options, result))
            return result

        return recorded

    with replaced_calls(chosen, recorder):
        model(x, training=False)
    return calls


def to_numpy(tensor: Any) -> np.ndarray:
    """Convert a tensor of any backend to an array."""
    return np.asarray(ops.convert_to_numpy(tensor))


def unique_names(chosen: Sequence[layers.Layer]) -> list[str]:
    """The name of each layer, with a number where two layers have the same name."""
    names: list[str] = []
    for layer in chosen:
        name, number = layer.name, 2
        while name in names:
            name, number = f"{layer.name}_{number}", number + 1
        names.append(name)
    return names
