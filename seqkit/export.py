"""Any keras.Model plus names to a SavedModel that needs TensorFlow alone, checked before it is called done."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from seqkit._places import checked_place

RELATIVE_TOLERANCE = 1e-5


class Endpoint(NamedTuple):
    """What a SavedModel answers under one name."""

    function: Callable[..., dict[str, Any]]  # of tensors, named as in the signature; returns named tensors
    signature: Sequence[Any]  # a tf.TensorSpec with a name for each argument


def export_saved_model(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    timesteps: int,
    description: Mapping[str, Any],
    conditions: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Path:
    """Write a model of windows as a SavedModel: raw units in, raw units out.

    Endpoints: `serve` (also `serving_default`) takes `past` `[B, >= T, F]` float32, uses its last T rows and
    returns `forecast`; `describe` takes nothing and returns `description`.

    Args:
        model: a built model with one input `[B, T, F]` and one output.
        path: as in `write_saved_model`.
        timesteps: T.
        description: names and plain values (numbers, strings, lists of strings).
        conditions: what `serve` asks of its window `[B, T, F]`: a message, and the function whose False
            refuses with it.

    Returns:
        The path.

    Raises:
        FileExistsError, RuntimeError: as `write_saved_model`.
    """
    refuse_other_backends()
    shape = (2, timesteps, model.inputs[0].shape[-1])
    past = np.random.default_rng(0).uniform(1.0, 2.0, shape).astype("float32")
    endpoints = {"serve": _serve_window(model, timesteps, conditions or {}), "describe": describing(description)}
    return write_saved_model(
        model, path, endpoints=endpoints, example=past, expected={"forecast": model.predict_on_batch(past)}
    )


def write_saved_model(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    endpoints: Mapping[str, Endpoint],
    example: Any,
    expected: Mapping[str, np.ndarray],
    tracked: Sequence[Any] = (),
) -> Path:
    """Write a SavedModel that needs TensorFlow alone, and be sure of it.

    The folder is written beside `path`, loaded again and its `serve` compared with the live model, and only then
    renamed, so there never is half a model at `path`.

    Args:
        model: a built model.
        path: the folder to make, by TensorFlow Serving's habit `<name>/<version number>`. A SavedModel that is
            there already is replaced; any other file or folder is refused.
        endpoints: what it answers, by name; the first is also `serving_default`.
        example: an input for `serve`.
        expected: outputs of the live model for it, by name.
        tracked: further layers that the endpoints use, such as a vocabulary.

    Returns:
        The path.

    Raises:
        FileExistsError: something that is not a SavedModel stands at `path`.
        RuntimeError: the written model does not agree with the live one.
    """
    target = checked_place("export", path)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _write(model, scratch / "model", endpoints, tracked)
        _compare(scratch / "model", example, expected)
        _put_in_place(scratch / "model", target, scratch / "replaced")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def refuse_other_backends() -> None:
    """The graph of a SavedModel is TensorFlow's."""
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"export: a SavedModel is written on TensorFlow, and this is {keras.backend.backend()}. Save the model "
            "with model.save, and load and export it with KERAS_BACKEND=tensorflow."
        )


def describing(description: Mapping[str, Any]) -> Endpoint:
    """An endpoint that takes nothing and returns plain values by name."""
    import tensorflow as tf

    return Endpoint(lambda: {name: tf.constant(value) for name, value in description.items()}, [])


def _put_in_place(written: Path, target: Path, replaced: Path) -> None:
    if target.exists():
        target.rename(replaced)
    try:
        written.rename(target)
    except OSError:
        if replaced.exists():
            replaced.rename(target)
        raise


def _serve_window(model: keras.Model, timesteps: int, conditions: Mapping[str, Callable[[Any], Any]]) -> Endpoint:
    import tensorflow as tf

    features = model.inputs[0].shape[-1]

    def serve(past: tf.Tensor) -> dict[str, tf.Tensor]:
        steps = tf.shape(past)[1]
        enough = tf.debugging.assert_greater_equal(
            steps, timesteps, message=f"past must hold {timesteps} timesteps or more, [batch, timesteps, features]"
        )
        with tf.control_dependencies([enough]):
            window = tf.ensure_shape(past[:, -timesteps:], (None, timesteps, features))
        asked = [tf.debugging.Assert(holds(window), [message]) for message, holds in conditions.items()]
        with tf.control_dependencies(asked):
            return {"forecast": model(tf.identity(window), training=False)}

    return Endpoint(serve, [tf.TensorSpec((None, None, features), tf.float32, name="past")])


def _write(model: keras.Model, path: Path, endpoints: Mapping[str, Endpoint], tracked: Sequence[Any]) -> None:
    archive = keras.export.ExportArchive()
    for one in (model, *tracked):
        archive.track(one)
    with portable_recurrence(model), _without_chatter():
        for name, endpoint in endpoints.items():
            archive.add_endpoint(name, endpoint.function, input_signature=list(endpoint.signature))
        archive.write_out(str(path), verbose=False)


@contextlib.contextmanager
def _without_chatter() -> Iterator[None]:
    """Keep TensorFlow's "Assets written to" of a scratch folder to itself."""
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
    found = loaded.serve(example)
    for name, wanted in expected.items():
        difference = relative_difference(found[name].numpy(), wanted)
        if not difference <= RELATIVE_TOLERANCE:
            raise RuntimeError(
                f"export: {name} of the written model differs from the live one's by {difference:.1e} relative, more "
                f"than {RELATIVE_TOLERANCE:.0e}. Nothing was kept; please report this with model.summary()."
            )


def relative_difference(found: np.ndarray, wanted: np.ndarray) -> float:
    """Largest absolute difference over the largest wanted size."""
    return float(np.max(np.abs(found - wanted)) / max(float(np.max(np.abs(wanted))), 1e-12))


@contextlib.contextmanager
def portable_recurrence(model: keras.Model) -> Iterator[None]:
    """Trace LSTM and GRU without the cuDNN kernel, whose graph a machine without a GPU cannot load."""
    recurrent = [one for one in _all_layers(model) if isinstance(one, (layers.LSTM, layers.GRU))]
    before = [one.use_cudnn for one in recurrent]
    for one in recurrent:
        one.use_cudnn = False
    try:
        yield
    finally:
        for one, kept in zip(recurrent, before, strict=True):
            one.use_cudnn = kept


def _all_layers(model: keras.Model) -> list[layers.Layer]:
    flatten: Callable[..., Any] = model._flatten_layers  # the only walk that enters Bidirectional and nested models
    return list(flatten(include_self=False))
