"""Any keras.Model plus names to a SavedModel that needs TensorFlow alone, checked before it is called done."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from seqkit._places import refuse_to_replace

RELATIVE_TOLERANCE = 1e-5


def export_saved_model(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    timesteps: int,
    description: Mapping[str, Any],
    conditions: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Path:
    """Write `model` as a SavedModel: raw units in, raw units out.

    Endpoints: `serve` (also `serving_default`) takes `past` `[B, >= T, F]` float32, uses its last T rows and
    returns `forecast`; `describe` takes nothing and returns `description`. The folder is written beside
    `path`, loaded again and compared with the live model, and only then renamed, so there never is half a
    model at `path`.

    Args:
        model: a built model with one input `[B, T, F]` and one output.
        path: the folder to make, by TensorFlow Serving's habit `<name>/<version number>`. A SavedModel that is
            there already is replaced; any other file or folder is refused.
        timesteps: T.
        description: names and plain values (numbers, strings, lists of strings).
        conditions: what `serve` asks of its window `[B, T, F]`: a message, and the function whose False
            refuses with it.

    Returns:
        The path.

    Raises:
        FileExistsError: something that is not a SavedModel stands at `path`.
        RuntimeError: the written model does not agree with the live one.
    """
    target = Path(path)
    refuse_to_replace("export", target)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        _write(model, scratch / "model", timesteps, description, conditions or {})
        _compare(model, scratch / "model", timesteps)
        _put_in_place(scratch / "model", target, scratch / "replaced")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _put_in_place(written: Path, target: Path, replaced: Path) -> None:
    if target.exists():
        target.rename(replaced)
    try:
        written.rename(target)
    except OSError:
        if replaced.exists():
            replaced.rename(target)
        raise


def _write(
    model: keras.Model,
    path: Path,
    timesteps: int,
    description: Mapping[str, Any],
    conditions: Mapping[str, Callable[[Any], Any]],
) -> None:
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

    def describe() -> dict[str, tf.Tensor]:
        return {name: tf.constant(value) for name, value in description.items()}

    archive = keras.export.ExportArchive()
    archive.track(model)
    signature = [tf.TensorSpec((None, None, features), tf.float32, name="past")]
    with portable_recurrence(model), _without_chatter():
        archive.add_endpoint("serve", serve, input_signature=signature)
        archive.add_endpoint("describe", describe, input_signature=[])
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


def _compare(model: keras.Model, path: Path, timesteps: int) -> None:
    import tensorflow as tf

    shape = (2, timesteps, model.inputs[0].shape[-1])
    past = np.random.default_rng(0).uniform(1.0, 2.0, shape).astype("float32")
    loaded = tf.saved_model.load(str(path))
    difference = relative_difference(loaded.serve(past)["forecast"].numpy(), model.predict_on_batch(past))
    if not difference <= RELATIVE_TOLERANCE:
        raise RuntimeError(
            f"export: the written model differs from the live one by {difference:.1e} relative, more than "
            f"{RELATIVE_TOLERANCE:.0e}. Nothing was kept; please report this with model.summary()."
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
