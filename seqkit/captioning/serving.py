"""A captioner as a SavedModel: it takes raw images, returns raw strings, and holds beam search and vocabulary."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from keras import ops

from seqkit.export import Endpoint, describe_endpoint, refuse_other_backends, write_saved_model
from seqkit.task.serving import any_sizes, of_sizes


def export_captioner(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write the SavedModel, and compare its answer to an example with that of the live model."""
    refuse_other_backends()
    import tensorflow as tf

    settings = model.settings
    images = any_sizes("images", len(settings.image_shape))
    beam = tf.TensorSpec((), tf.int32, name="beam")
    random = np.random.default_rng(0)
    example = random.normal(settings.level, settings.spread, (2, *settings.image_shape)).astype("float32")
    endpoints = {
        "serve": Endpoint(lambda images: _caption(model, images, 1), [images]),
        "caption": Endpoint(lambda images, beam: _caption_with_beam(model, images, beam), [images, beam]),
        "describe": describe_endpoint(
            {"image_shape": list(settings.image_shape), "words": list(model.vocabulary.names)}
        ),
    }
    _, score = model.network.caption(ops.convert_to_tensor(example), 1)
    return write_saved_model(
        model, path, endpoints=endpoints, example=example, expected={"score": ops.convert_to_numpy(score)}
    )


def _caption_with_beam(model: Any, images: Any, beam: Any) -> dict[str, Any]:
    import tensorflow as tf

    check = tf.debugging.assert_greater_equal(beam, 1, message="beam must be 1 or more")
    with tf.control_dependencies([check]):
        return _caption(model, images, tf.identity(beam))


def _caption(model: Any, images: Any, beam: Any) -> dict[str, Any]:
    import tensorflow as tf

    images = of_sizes(images, *model.settings.image_shape)
    all_finite = tf.debugging.Assert(
        tf.reduce_all(tf.math.is_finite(images)), ["images has missing or infinite values"]
    )
    not_empty = tf.debugging.assert_positive(tf.shape(images)[0], "no images at all")
    with tf.control_dependencies([all_finite, not_empty]):
        tokens, score = model.network.caption(tf.identity(images), beam)
    return {"text": model.vocabulary.joined(tokens), "score": score}
