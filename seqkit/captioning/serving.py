"""A captioner as a SavedModel: it takes raw images, returns raw strings, and holds beam search and vocabulary."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from seqkit._guards import guarded, shape_as_text
from seqkit.captioning.inputs import NO_IMAGES, NOT_FINITE, OTHER_SHAPE
from seqkit.export import WRITES_TEXTS, Endpoint, Served, describe_endpoint
from seqkit.task.served_series import any_sizes
from seqkit.task.serving import whole_number_served


def served_captioner(model: Any) -> Served:
    """What the model serves, and its answer to an example."""
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
    expected = {"score": ops.convert_to_numpy(score)}
    return Served(model, endpoints, example, expected, not_in_files=WRITES_TEXTS)


def _caption_with_beam(model: Any, images: Any, beam: Any) -> dict[str, Any]:
    return _caption(model, images, whole_number_served("beam", beam))


def _caption(model: Any, images: Any, beam: Any) -> dict[str, Any]:
    tokens, score = model.network.caption(_checked(images, model.settings.image_shape), beam)
    return {"text": model.vocabulary.joined(tokens), "score": score}


def _checked(images: Any, shape: tuple[int, ...]) -> Any:
    """The same images; the served graph refuses what the live model refuses."""
    import tensorflow as tf

    came = tf.shape(images)
    images = guarded(NO_IMAGES, images, tf.equal(tf.size(images), 0), came=shape_as_text(came))
    is_other = tf.reduce_any(came[1:] != tf.constant(shape))
    images = guarded(OTHER_SHAPE, images, is_other, came=shape_as_text(came[1:]), shape=str(shape))
    images = tf.ensure_shape(images, (None, *shape))
    is_wrong = ~tf.reduce_all(tf.math.is_finite(images), axis=list(range(1, 1 + len(shape))))
    return guarded(NOT_FINITE, images, is_wrong, position=tf.range(tf.size(is_wrong)))
