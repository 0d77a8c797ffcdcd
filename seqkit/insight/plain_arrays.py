"""What users pass to a plain Keras model, as the arrays that it reads, or refused in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidType, InvalidValue
from seqkit.task import fitting

TABLES = (pd.DataFrame, pd.Series, pd.Index)


def refuse_batches(where: str, x: Any) -> None:
    """Refuse what yields batches: one is shown."""
    if fitting.is_batches(x):
        problem = f"x must be one batch, got {type(x).__name__}."
        raise InvalidType(where, problem, "Take one: x, y = next(iter(data)).", "x")


def as_inputs(where: str, model: keras.Model, x: Any) -> Any:
    """The inputs of a plain Keras model as tensors, in the structure in which they come."""
    inputs = getattr(model, "inputs", None) or []  # a model with a `call` of its own has none
    if isinstance(x, TABLES) and (not inputs or any(len(tensor.shape) > 2 for tensor in inputs)):
        way_out = "Pass an array [samples, timesteps, features]."
        raise InvalidType(where, "only a Forecaster reads tables.", way_out, argument="x")
    x = _as_tensors(where, "x", x, is_single=len(inputs) == 1)
    if inputs and isinstance(x, Mapping):
        given = [(f"x[{tensor.name!r}]", x[tensor.name], tensor) for tensor in inputs if tensor.name in x]
    else:
        arrays = keras.tree.flatten(x)
        if inputs and len(arrays) != len(inputs):
            problem = f"the model reads one array for each of its {len(inputs)} inputs, got {len(arrays)}."
            raise InvalidValue(where, problem, "Join samples in one array: np.stack(x)." * (len(inputs) == 1), "x")
        given = [("x", array, tensor) for array, tensor in zip(arrays, inputs, strict=False)]
    for name, array, tensor in given:
        _refuse_other_shape(where, name, tuple(array.shape), tuple(tensor.shape))
    return x


def as_targets(where: str, model: keras.Model, y: Any) -> Any:
    """The targets of a plain Keras model's loss as tensors, in the structure in which they come."""
    if y is None and model.loss is None:
        return None
    if y is None:
        problem = "the targets are missing, which the model's loss needs."
        raise InvalidValue(where, problem, f"Pass {where}(model, x, y).", "y")
    outputs = getattr(model, "outputs", None) or []
    return _as_tensors(where, "y", y, is_single=len(outputs) == 1)


def refuse_other_lengths(where: str, x: Any, y: Any) -> None:
    """Refuse inputs and targets that are not of the same samples."""
    if y is None:
        return
    counts = {argument: {len(one) for one in keras.tree.flatten(values)} for argument, values in (("x", x), ("y", y))}
    if len(counts["x"] | counts["y"]) > 1:
        told = " and ".join(f"{argument} has {'/'.join(map(str, sorted(one)))}" for argument, one in counts.items())
        raise InvalidValue(where, f"x and y must have as many samples, {told}.", argument="y")


def _refuse_other_shape(where: str, name: str, found: tuple[int, ...], wanted: tuple[int | None, ...]) -> None:
    if len(found) == len(wanted) + 1 and found[-1] == 1:  # which Keras takes off
        found = found[:-1]
    if len(found) == len(wanted) - 1 and wanted[-1] == 1:  # which Keras puts on
        found = (*found, 1)
    if len(found) != len(wanted) or any(size not in (None, real) for real, size in zip(found, wanted, strict=True)):
        told = ", ".join("any" if size is None else str(size) for size in wanted)
        raise InvalidValue(where, f"{name} must be of shape ({told}), samples first, got {found}.", argument="x")


def _as_tensors(where: str, argument: str, values: Any, is_single: bool) -> Any:
    if isinstance(values, Mapping):
        return {name: _as_tensor(where, f"{argument}[{name!r}]", one, argument) for name, one in values.items()}
    is_many = isinstance(values, (list, tuple)) and any(_is_array(one) for one in values)
    if is_many and not (is_single and np.ndim(values[0]) == 0):
        return [_as_tensor(where, f"{argument}[{number}]", one, argument) for number, one in enumerate(values)]
    return _as_tensor(where, argument, values, argument)


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, *TABLES)) or ops.is_tensor(value)


def _as_tensor(where: str, name: str, values: Any, argument: str) -> Any:
    if ops.is_tensor(values):
        return values
    try:
        array = np.asarray(values)
        array = np.asarray(array.tolist()) if array.dtype == object else array
    except ValueError as error:
        problem = f"the samples in {name} have different lengths."
        raise InvalidValue(where, problem, "Pad them: keras.utils.pad_sequences.", argument) from error
    if array.dtype.kind not in "biuf" and not (argument == "x" and array.dtype.kind in "US"):
        held = next(iter(array.ravel().tolist()), None)
        way_out = "Number the classes: y = np.unique(y, return_inverse=True)[1]." if isinstance(held, str) else ""
        raise InvalidType(where, f"{name} must hold numbers, got {held!r}.", way_out, argument)
    return ops.convert_to_tensor(array)
