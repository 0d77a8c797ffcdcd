"""Export any keras.Model as a SavedModel that needs TensorFlow alone, and compare it with the live model."""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np
from keras import layers

from seqkit._saved_model_folder import checked_folder
from seqkit._whole_paths import whole_folder

if TYPE_CHECKING:
    pass

RELATIVE_TOLERANCE = 1e-5
WRITES_TEXTS = "writes texts, found by a search"  # `not_in_files` of several models


class Endpoint(NamedTuple):
    """A function of a SavedModel and its signature."""

    function: Callable[..., dict[str, Any]]  # takes the tensors of the signature, returns tensors by name
    signature: Sequence[Any]  # a tf.TensorSpec with a name for each argument


class Served(NamedTuple):
    """What a model serves, in whatever format, and an example with the answers of the live model."""

    model: keras.Model  # a built model, whose weights the endpoints use
    endpoints: Mapping[str, Endpoint]  # by name; the first, `serve`, is also `serving_default`
    example: Any  # an input of `serve`; of several inputs a dict by their names
    expected: Mapping[str, np.ndarray]  # what the live model makes of it: outputs of `serve`, by name
    tracked: Sequence[Any] = ()  # other layers that the endpoints use, such as a vocabulary
    signature: Sequence[Any] | None = None  # of `serve` in a single file, whose runtime checks the sizes
    not_in_files: str = ""  # what keeps it from being a single file, if anything does


def write_saved_model(served: Served, path: str | os.PathLike[str]) -> Path:
    """Write a SavedModel that needs TensorFlow alone, and check its outputs.

    The folder is written beside `path`. Then it is loaded, and its `serve` is compared with the live model. Only then
    it is renamed to `path`, so `path` never holds half a model.

    Args:
        served: what to write.
        path: the folder to make; TensorFlow Serving expects `<name>/<version number>`. A SavedModel at `path` is
            replaced; any other file or folder is refused.

    Returns:
        The path.

    Raises:
        FileExistsError: `path` exists and is not a SavedModel.
        OSError: the disk is full, read-only or gone.
        RuntimeError: the outputs of the written model differ from those of the live model.
    """
    folder = checked_folder("export", path)
    with whole_folder("export", folder) as written:
        _write(served, written)
        _compare(written, served)
    return folder


def refuse_other_backends() -> None:
    """Refuse to export where Keras does not run on TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"export: the TensorFlow backend of Keras is needed, got {keras.backend.backend()}. Save the "
            "model with model.save, set KERAS_BACKEND=tensorflow, then load and export it."
        )


def describe_endpoint(description: Mapping[str, Any]) -> Endpoint:
    """Return an endpoint that takes nothing and returns `description`, plain values by name."""
    import tensorflow as tf

    return Endpoint(lambda: {name: tf.constant(value) for name, value in description.items()}, [])


def _write(served: Served, path: Path) -> None:
    """Trace each endpoint once, and write it; Keras's own archive would trace it twice and look through all layers."""
    import tensorflow as tf

    archive = tf.Module()
    # TensorFlow's message "Assets written to" would name the scratch folder.
    with without_cudnn(served.model), quiet("tensorflow", logging.WARNING):
        for name, endpoint in served.endpoints.items():
            setattr(archive, name, _traced_once(endpoint))
        signatures = {name: getattr(archive, name).get_concrete_function() for name in served.endpoints}
        used = {id(variable): variable for traced in signatures.values() for variable in traced.graph.variables}
        archive.weights, archive.lookups = list(used.values()), _lookup_tables(served)
        first = next(iter(signatures.values()))
        tf.saved_model.save(archive, str(path), signatures={**signatures, "serving_default": first})


def _traced_once(endpoint: Endpoint) -> Any:
    """The endpoint as a function of TensorFlow. Saving one traces it anew, which here is a call of a traced graph."""
    import tensorflow as tf

    signature = list(endpoint.signature)
    graph = tf.function(endpoint.function, input_signature=signature, autograph=False).get_concrete_function()

    def call(*tensors: Any, **named: Any) -> Any:
        return graph(*tensors, **named)

    call.__signature__ = inspect.signature(endpoint.function)  # type: ignore[attr-defined]
    return tf.function(call, input_signature=signature, autograph=False)


def _lookup_tables(served: Served) -> list[Any]:
    """The tables of words of all layers, which TensorFlow does not find by itself."""
    found = [layer for root in (served.model, *served.tracked) for layer in _layers_within(root)]
    tables = [getattr(layer, "lookup_table", None) for layer in found]
    return list({id(table): table for table in tables if table is not None}.values())


def _layers_within(layer: keras.Layer) -> list[keras.Layer]:
    """The layer and all layers inside; only Keras's own list enters Bidirectional and nested models."""
    flatten: Callable[..., Any] = layer._flatten_layers
    return list(flatten())


@contextlib.contextmanager
def quiet(name: str, level: int) -> Iterator[None]:
    """Let a logger tell only what is of a level or above."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)


def _compare(path: Path, served: Served) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    example, by_name = served.example, len(served.endpoints["serve"].signature) > 1
    outputs = loaded.serve(**example) if by_name else loaded.serve(example)
    refuse_other_answers({name: outputs[name].numpy() for name in served.expected}, served.expected)


def refuse_other_answers(
    answers: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray], tolerance: float = RELATIVE_TOLERANCE
) -> None:
    """Refuse what was written if its answers, by name, are not those of the live model; texts must be equal."""
    for name, live_output in expected.items():
        if live_output.dtype.kind in "fc":
            difference = relative_difference(answers[name], live_output)
            problem = f"by {difference:.1e}, relative to its largest value; {tolerance:.0e} is allowed"
            is_equal = difference <= tolerance
        else:
            problem, is_equal = "in whole numbers or texts", np.array_equal(answers[name], live_output)
        if not is_equal:
            raise RuntimeError(
                f"export: {name} of the written model differs from that of the live model {problem}. The written "
                "model was deleted. Please report this with model.summary()."
            )


def relative_difference(output: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest absolute difference divided by the largest absolute value of `expected`."""
    largest = float(np.max(np.abs(expected)))
    return float(np.max(np.abs(output - expected))) / (largest or 1.0)


@contextlib.contextmanager
def without_cudnn(model: keras.Model) -> Iterator[None]:
    """Trace LSTM and GRU without the cuDNN kernel: a machine without a GPU cannot load a graph with it."""
    recurrent = [layer for layer in _layers_within(model) if isinstance(layer, (layers.LSTM, layers.GRU))]
    settings = [layer.use_cudnn for layer in recurrent]
    for layer in recurrent:
        layer.use_cudnn = False
    try:
        yield
    finally:
        for layer, use_cudnn in zip(recurrent, settings, strict=True):
            layer.use_cudnn = use_cudnn
