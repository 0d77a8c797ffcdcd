"""Watch what a model's layers are called with while the model runs, whatever model it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from seqkit._errors import InvalidType, InvalidValue
from seqkit.task.model import Task

RECURRENT = (layers.SimpleRNN, layers.LSTM, layers.GRU)
ONE_BATCH = 2**31 - 1  # samples; more than there are


class Call(NamedTuple):
    """One call of one layer."""

    layer: layers.Layer
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    result: Any


def model_input(model: keras.Model, x: Any, where: str) -> Any:
    """What the graph reads of raw samples of a model of ours; of a table its latest window; arrays as they are."""
    if isinstance(model, Task):
        model.refuse_unadapted(where)
        return model.network_input(x, where) if model.reads(x) else x
    if isinstance(x, (pd.DataFrame, pd.Series)):
        raise InvalidType(where, "only a Forecaster reads tables.", "Pass an array [samples, timesteps, features].")
    return x


class Pair(NamedTuple):
    """What a model's loss compares, as tensors."""

    x: Any  # the inputs of its graph, in the form it takes them
    y: Any


def model_pair(model: keras.Model, x: Any, y: Any, where: str) -> Pair:
    """Raw samples and answers of a model of ours as one batch; arrays as they are."""
    if isinstance(model, Task):
        model.refuse_unadapted(where)
        if model.reads(x):
            x, y = _one_batch(model.batches(where, x, y, ONE_BATCH))
    elif isinstance(x, (pd.DataFrame, pd.Series)):
        raise InvalidType(where, "only a Forecaster reads tables.", "Pass an array [samples, timesteps, features].")
    return Pair(*keras.tree.map_structure(ops.convert_to_tensor, (x, y)))


def _one_batch(batches: Any) -> tuple[Any, Any]:
    if isinstance(batches, dict):
        return batches["x"], batches["y"]
    x, y, *_ = next(iter(batches))
    return x, y


def all_layers(model: keras.Model) -> list[layers.Layer]:
    """Every layer of a model, those inside others too, in the order they were made."""
    flatten: Callable[..., Any] = model._flatten_layers
    found = [layer for layer in flatten(include_self=False) if not isinstance(layer, layers.InputLayer)]
    return [layer for number, layer in enumerate(found) if layer not in found[:number]]


def recurrent_layers(model: keras.Model, where: str) -> list[layers.Layer]:
    """The SimpleRNN, LSTM and GRU layers of a model, also inside stacks and Bidirectional."""
    wrapped = [inner for layer in all_layers(model) if isinstance(layer, layers.Bidirectional) for inner in both(layer)]
    found = [layer for layer in all_layers(model) if isinstance(layer, RECURRENT)]
    found += [layer for layer in wrapped if layer not in found]
    if not found:
        raise InvalidValue(
            where,
            "the model has no SimpleRNN, LSTM or GRU layer, its layers are "
            f"{', '.join(type(layer).__name__ for layer in all_layers(model))}.",
            "Pass a recurrent model.",
        )
    return found


def both(layer: layers.Bidirectional) -> tuple[layers.Layer, layers.Layer]:
    """Forward and backward layer."""
    return layer.forward_layer, layer.backward_layer


@contextlib.contextmanager
def replaced_calls(watched: Sequence[layers.Layer], replace: Callable[[layers.Layer, Any], Any]) -> Iterator[None]:
    """Let `replace(layer, its call)` stand in for each layer's `call` meanwhile."""
    for layer in watched:
        object.__setattr__(layer, "call", replace(layer, layer.call))
    try:
        yield
    finally:
        for layer in watched:
            object.__delattr__(layer, "call")


def watch(model: keras.Model, x: Any, watched: Sequence[layers.Layer]) -> list[Call]:
    """Run the model on `x` once, without training, and return the calls of the watched layers in order."""
    calls: list[Call] = []

    def recorder(layer: layers.Layer, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(*arguments: Any, **options: Any) -> Any:
            result = call(*arguments, **options)
            calls.append(Call(layer, arguments, options, result))
            return result

        return recorded

    with replaced_calls(watched, recorder):
        model(x, training=False)
    return calls


def to_numpy(tensor: Any) -> np.ndarray:
    """A tensor of any backend as an array."""
    return np.asarray(ops.convert_to_numpy(tensor))


def unique_names(found: Sequence[layers.Layer]) -> list[str]:
    """A name for each layer: its own, numbered where two share one."""
    names: list[str] = []
    for layer in found:
        name, number = layer.name, 2
        while name in names:
            name, number = f"{layer.name}_{number}", number + 1
        names.append(name)
    return names
