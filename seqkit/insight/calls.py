"""What the views of any Keras model share: its input, its layers by name, their calls, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit._errors import InvalidValue, SeqkitWarning, warn
from seqkit.insight import plain_arrays
from seqkit.insight.copies import Watch, unchanged_variables, watched_copy
from seqkit.task.arguments import keras_arguments
from seqkit.task.model import Task

UNLIMITED_BATCH_SIZE = 2**31 - 1
COMPILED = "it runs inside a compiled function, where it has no values to show"


def model_input(model: keras.Model, x: Any, where: str) -> Any:
    """The input of the graph: converted from raw samples for a seqkit model, else `x` as tensors."""
    plain_arrays.refuse_batches(where, x)
    if not isinstance(model, Task):
        return plain_arrays.as_inputs(where, model, x)
    model.refuse_unadapted(where)
    return model.network_input(x, where) if model.reads(x) else x


def model_batch(model: keras.Model, x: Any, y: Any, where: str) -> tuple[Any, Any, Any]:
    """The input of the graph, and the targets and weights of its loss, as tensors of one batch."""
    plain_arrays.refuse_batches(where, x)
    if not isinstance(model, Task):
        x, y = plain_arrays.as_inputs(where, model, x), plain_arrays.as_targets(where, model, y)
        plain_arrays.refuse_other_lengths(where, x, y)
        return x, y, None
    model.refuse_unadapted(where)
    weights = None
    if model.reads(x):
        x, y, weights = _only_batch(keras_arguments(model, where, x, y, UNLIMITED_BATCH_SIZE, False, None))
    return keras.tree.map_structure(ops.convert_to_tensor, (x, y, weights), none_is_leaf=False)


def _only_batch(arguments: dict[str, Any]) -> tuple[Any, Any, Any]:
    if arguments.get("y") is not None:
        return arguments["x"], arguments["y"], arguments.get("sample_weight")
    return keras.utils.unpack_x_y_sample_weight(next(iter(arguments["x"])))


def all_layers(model: keras.Model) -> list[layers.Layer]:
    """Every layer of a model and of its layers, in the order they were made."""
    flatten: Callable[..., Any] = model._flatten_layers
    unique = {id(layer): layer for layer in flatten(include_self=False) if not isinstance(layer, layers.InputLayer)}
    return list(unique.values())


def layer_types(model: keras.Model) -> str:
    """The types of a model's layers, for a message."""
    return ", ".join(type(layer).__name__ for layer in all_layers(model))


def recurrent_layers(model: keras.Model, where: str) -> dict[str, layers.RNN]:
    """Keras's recurrent layers of a model by name, also inside stacks and Bidirectional, whatever their cells.

    Those of a layer whose `looked_into` is False are left out: a finished network beside the one that is trained.
    """
    members = [layer for layer in all_layers(model) if not getattr(layer, "looked_into", True)]
    left_out = {id(layer) for member in members for layer in member._flatten_layers()}
    recurrent = [layer for layer in all_layers(model) if isinstance(layer, layers.RNN) and id(layer) not in left_out]
    if not recurrent:
        problem = f"the model has no SimpleRNN, LSTM or GRU layer, its layers are {layer_types(model)}."
        raise InvalidValue(where, problem, "Pass a recurrent model.", "model")
    return dict(zip(unique_names(recurrent), recurrent, strict=True))


def run_watched(where: str, model: keras.Model, x: Any, chosen: Mapping[str, layers.Layer], watch: Watch) -> Any:
    """Run a watched copy of the model on `x` without training; give the copy and its output.

    `watch` gets the name of the call: the layer's for its first call, `name (call 2)` for its second.
    """
    counts: Counter[str] = Counter()

    def watch_call(name: str, *called: Any, **options: Any) -> Any:
        counts[name] += 1
        return watch(name if counts[name] == 1 else f"{name} (call {counts[name]})", *called, **options)

    copy = watched_copy(where, model, chosen, watch_call)
    return copy, copy(x, training=False)


def show_calls(where: str, model: keras.Model, x: Any, chosen: Mapping[str, layers.Layer], watch: Watch) -> Any:
    """Run a copy of the model on `x` once; give what `watch` finds in each call, by name, in their order.

    `watch` returns what the layer gives, and what is found, or in words why nothing is. A layer of which something is
    not shown is named: in a warning, or in a refusal where nothing else is shown.
    """
    found: dict[str, Any] = {}

    def keep(name: str, *called: Any, **options: Any) -> Any:
        result, found[name] = watch(name, *called, **options)
        return result

    with unchanged_variables(model):
        run_watched(where, model, x, chosen, keep)
    reasons = {name: why for name, why in found.items() if isinstance(why, str)}
    reasons |= {name: "the model did not call it" for name in chosen if name not in found}
    shown = {name: one for name, one in found.items() if name not in reasons}
    named = "; ".join(f"{name!r}: {why}" for name, why in reasons.items())
    if not shown:
        raise InvalidValue(where, f"nothing of the model can be shown. {named}.", argument="model")
    if reasons:
        warn(SeqkitWarning(where, f"left out are {named}.", argument="model"))
    return shown


def to_numpy(tensor: Any) -> np.ndarray:
    """Convert a tensor of any backend to an array; half precision becomes float32."""
    array = np.asarray(ops.convert_to_numpy(tensor))
    is_half = keras.backend.is_float_dtype(array.dtype.name) and array.dtype.itemsize < 4
    return array.astype("float32") if is_half else array


def is_readable(tensor: Any) -> bool:
    """Whether a tensor has values now; it has none while a function is compiled."""
    try:
        ops.convert_to_numpy(tensor)
    except (TypeError, NotImplementedError, AttributeError):
        return False
    return True


def why_far(layer: layers.Layer, given: Any, found: Any) -> str | None:
    """How far what is found is from what a layer gave, in words; None where they agree.

    They agree within the square root of the precision in which the layer computes: 0.0003 in float32 on a CPU, 0.03 in
    float16 and on a GPU, 0.09 in bfloat16. Values above 1 may differ by as large a share.
    """
    given, found = to_numpy(given), to_numpy(found)
    if given.shape != found.shape:
        return f"what it gave has shape {given.shape}, not {found.shape}"
    off = np.nan_to_num(np.abs(found - given) / np.maximum(1, np.abs(given))).max(initial=0.0)
    return f"what it gave is off by {off:.2g}" if off > np.sqrt(_precision(layer.compute_dtype)) else None


def _precision(dtype: str) -> float:
    """Of a product: GPUs multiply float32 with the ten binary places of float16."""
    if dtype == "bfloat16":
        return 2.0**-7
    is_on_cpu = all(device.lower().startswith("cpu") for device in keras.distribution.list_devices())
    return 2.0**-23 if is_on_cpu and dtype != "float16" else 2.0**-10


def unique_names(chosen: Sequence[layers.Layer]) -> list[str]:
    """The name of each layer, with a number where two layers have the same name."""
    names: list[str] = []
    for layer in chosen:
        name, number = layer.name, 2
        while name in names:
            name, number = f"{layer.name}_{number}", number + 1
        names.append(name)
    return names
