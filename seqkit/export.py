"""Export any keras.Model as a SavedModel that needs TensorFlow alone, and compare it with the live model."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from seqkit._guards import guarded, shape_as_text
from seqkit._refusals import Refusal
from seqkit._saved_model_folder import checked_folder
from seqkit._whole_paths import whole_folder

RELATIVE_TOLERANCE = 1e-5

OTHER_SHAPE = Refusal(
    "past must have the shape (samples, {timesteps} or more timesteps, {features} features), got {came}.",
    "The last timesteps are used.",
)


class Endpoint(NamedTuple):
    """A function of a SavedModel and its signature."""

    function: Callable[..., dict[str, Any]]  # takes the tensors of the signature, returns tensors by name
    signature: Sequence[Any]  # a tf.TensorSpec with a name for each argument


def export_saved_model(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    timesteps: int,
    description: Mapping[str, Any],
    checked: Callable[[Any], Any] = lambda window: window,
) -> Path:
    """Write a model that reads windows as a SavedModel: raw units in, raw units out.

    Endpoints: `serve` (also `serving_default`) takes `past` `[B, >= T, F]` float32, uses its last T rows and
    returns `forecast`; `describe` takes nothing and returns `description`.

    Args:
        model: a built model with one input `[B, T, F]` and one output.
        path: as in `write_saved_model`.
        timesteps: T.
        description: names and plain values (numbers, strings, lists of strings).
        checked: takes the window `[B, T, F]` of `serve` and returns it; it may refuse it, as `_guards.guarded` does.

    Returns:
        The path.

    Raises:
        FileExistsError, RuntimeError: as `write_saved_model`.
    """
    refuse_other_backends()
    shape = (2, timesteps, model.inputs[0].shape[-1])
    past = np.random.default_rng(0).uniform(1.0, 2.0, shape).astype("float32")
    endpoints = {
        "serve": _serve_endpoint(model, timesteps, checked),
        "describe": describe_endpoint(description),
    }
    expected = {"forecast": model.predict_on_batch(past)}
    return write_saved_model(model, path, endpoints=endpoints, example=past, expected=expected)


def write_saved_model(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    endpoints: Mapping[str, Endpoint],
    example: Any,
    expected: Mapping[str, np.ndarray],
    tracked: Sequence[Any] = (),
) -> Path:
    """Write a SavedModel that needs TensorFlow alone, and check its outputs.

    The folder is written beside `path`. Then it is loaded, and its `serve` is compared with the live model. Only then
    it is renamed to `path`, so `path` never holds half a model.

    Args:
        model: a built model.
        path: the folder to make; TensorFlow Serving expects `<name>/<version number>`. A SavedModel at `path` is
            replaced; any other file or folder is refused.
        endpoints: the functions to write, by name; the first is also `serving_default`.
        example: an input for `serve`.
        expected: outputs of the live model for `example`, by name.
        tracked: other layers that the endpoints use, such as a vocabulary.

    Returns:
        The path.

    Raises:
        FileExistsError: `path` exists and is not a SavedModel.
        OSError: the disk is full, read-only or gone.
        RuntimeError: the outputs of the written model differ from those of the live model.
    """
    folder = checked_folder("export", path)
    with whole_folder("export", folder) as written:
        _write(model, written, endpoints, tracked)
        _compare(written, example, expected)
    return folder


def refuse_other_backends() -> None:
    """Refuse to export where Keras does not run on TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"export: a SavedModel needs the TensorFlow backend of Keras, got {keras.backend.backend()}. Save the "
            "model with model.save, set KERAS_BACKEND=tensorflow, then load and export it."
        )


def describe_endpoint(description: Mapping[str, Any]) -> Endpoint:
    """Return an endpoint that takes nothing and returns `description`, plain values by name."""
    import tensorflow as tf

    return Endpoint(lambda: {name: tf.constant(value) for name, value in description.items()}, [])


def _serve_endpoint(model: keras.Model, timesteps: int, checked: Callable[[Any], Any]) -> Endpoint:
    import tensorflow as tf

    features = model.inputs[0].shape[-1]

    def serve(past: tf.Tensor) -> dict[str, tf.Tensor]:
        shape = tf.shape(past)
        is_other = (shape[0] < 1) | (shape[1] < timesteps) | (shape[2] != features)
        wanted = {"timesteps": timesteps, "features": features}
        past = guarded(OTHER_SHAPE, past, is_other, came=shape_as_text(shape), **wanted)
        window = tf.ensure_shape(past[:, -timesteps:], (None, timesteps, features))
        return {"forecast": model(checked(window), training=False)}

    # A signature that names the features does not refuse others; the graph does.
    return Endpoint(serve, [tf.TensorSpec((None, None, None), tf.float32, name="past")])


def _write(model: keras.Model, path: Path, endpoints: Mapping[str, Endpoint], tracked: Sequence[Any]) -> None:
    archive = keras.export.ExportArchive()
    for layer in (model, *tracked):
        archive.track(layer)
    with without_cudnn(model), _quiet_tensorflow():
        for name, endpoint in endpoints.items():
            archive.add_endpoint(name, endpoint.function, input_signature=list(endpoint.signature))
        archive.write_out(str(path), verbose=False)


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """Silence TensorFlow's message "Assets written to", which would name the scratch folder."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _compare(path: Path, example: Any, expected: Mapping[str, np.ndarray]) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    outputs = loaded.serve(example)
    for name, live_output in expected.items():
        difference = relative_difference(outputs[name].numpy(), live_output)
        if not difference <= RELATIVE_TOLERANCE:
            raise RuntimeError(
                f"export: {name} of the written model differs from that of the live model by {difference:.1e}, "
                f"relative to its largest value; {RELATIVE_TOLERANCE:.0e} is allowed. The written model was deleted. "
                "Please report this with model.summary()."
            )


def relative_difference(output: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest absolute difference divided by the largest absolute value of `expected`."""
    largest = float(np.max(np.abs(expected)))
    return float(np.max(np.abs(output - expected))) / (largest or 1.0)


@contextlib.contextmanager
def without_cudnn(model: keras.Model) -> Iterator[None]:
    """Trace LSTM and GRU without the cuDNN kernel: a machine without a GPU cannot load a graph with it."""
    flatten: Callable[..., Any] = model._flatten_layers  # only this one enters Bidirectional and nested models
    recurrent = [layer for layer in flatten(include_self=False) if isinstance(layer, (layers.LSTM, layers.GRU))]
    settings = [layer.use_cudnn for layer in recurrent]
    for layer in recurrent:
        layer.use_cudnn = False
    try:
        yield
    finally:
        for layer, use_cudnn in zip(recurrent, settings, strict=True):
            layer.use_cudnn = use_cudnn
