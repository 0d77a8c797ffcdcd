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


def as_inputs(where: str, model: keras.Model, x: Any) -> Any:
    """The inputs of a plain Keras model as tensors, in the structure in which they come."""
    if fitting.is_batches(x):
        problem = f"x must be one batch, got {type(x).__name__}."
        raise InvalidType(where, problem, "Take one: x, y = next(iter(data)).", "x")
    shapes = [tensor.shape for tensor in getattr(model, "inputs", None) or []]
    reads_sequences = not shapes or any(len(shape) > 2 for shape in shapes)
    if isinstance(x, TABLES) and reads_sequences:
        way_out = "Pass an array [samples, timesteps, features]."
        raise InvalidType(where, "only a Forecaster reads tables.", way_out, argument="x")
    return _as_tensors(where, "x", x, is_single=len(shapes) == 1 and not isinstance(x, Mapping))


def as_targets(where: str, model: keras.Model, y: Any) -> Any:
    """The targets of a plain Keras model's loss as tensors, in the structure in which they come."""
    if y is None:
        problem = "the targets are missing, which the model's loss needs."
        raise InvalidValue(where, problem, f"Pass {where}(model, x, y).", "y")
    outputs = getattr(model, "outputs", None) or []
    return _as_tensors(where, "y", y, is_single=len(outputs) == 1 and not isinstance(y, Mapping))


def refuse_other_lengths(where: str, x: Any, y: Any) -> None:
    """Refuse inputs and targets that are not of the same samples."""
    counts = {argument: {len(one) for one in keras.tree.flatten(values)} for argument, values in (("x", x), ("y", y))}
    if len(counts["x"] | counts["y"]) > 1:
        told = " and ".join(f"{argument} has {'/'.join(map(str, sorted(one)))}" for argument, one in counts.items())
        raise InvalidValue(where, f"x and y must have as many samples, {told}.", argument="y")


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
