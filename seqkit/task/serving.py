"""What the served graphs of all tasks share: groups of similar length, checks of numbers, an example series.

Shapes: B samples, T timesteps, F features.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from seqkit._checks import TOO_SMALL
from seqkit._guards import guarded
from seqkit._refusals import Refusal
from seqkit.layers.scaling import StandardScaling

if TYPE_CHECKING:
    import tensorflow as tf

EXAMPLE_TIMESTEPS = 7  # of models that read any length
MOST_TIMESTEPS = 2**15  # of samples that are answered together, padding counted: some 1000 words of 32 texts
TOO_LARGE = Refusal("{name} must be at most {most}, got {value}.", "Export with a larger longest=.")


def example_series(scaling: keras.Layer, timesteps: int, features: int, padded: bool = False) -> np.ndarray:
    """Two random series `[2, T, F]`, with the mean and spread of the training series where `scaling` holds them.

    Of the second series the last half is NaN where series may be `padded`.
    """
    series = np.random.default_rng(0).normal(size=(2, timesteps, features))
    if isinstance(scaling, StandardScaling):
        series = series * ops.convert_to_numpy(scaling.spread) + ops.convert_to_numpy(scaling.mean)
    if padded:
        series[1, timesteps // 2 :] = np.nan
    return series.astype("float32")


def whole_number_served(name: str, value: tf.Tensor, most: int | None = None) -> tf.Tensor:
    """The same number; a graph that is run refuses one below 1, or above `most`."""
    value = guarded(TOO_SMALL, value, value < 1, name=name, least=1, value=value)
    return value if most is None else guarded(TOO_LARGE, value, value > most, name=name, most=most, value=value)


def answered_in_groups(
    answer: Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]],
    inputs: dict[str, tf.Tensor],
    lengths: tf.Tensor,
    by_step: Collection[str] = (),
    timesteps: tf.Tensor | None = None,
) -> dict[str, tf.Tensor]:
    """Answer samples of similar length together, so that a long one does not pad all the others.

    Args:
        answer: takes some of the samples, returns an answer for each, by name.
        inputs: tensors `[B, ...]` by name.
        lengths: the timesteps of each sample `[B]`.
        by_step: names of the answers `[B, T, ...]`, which are padded.
        timesteps: T, by default that of the longest sample.
    """
    import tensorflow as tf

    order = tf.argsort(lengths, stable=True)
    steps = tf.maximum(tf.cast(tf.gather(lengths, order), tf.int64), 1)
    timesteps = tf.cast(tf.reduce_max(steps), tf.int32) if timesteps is None else timesteps
    samples = tf.size(order)
    specs = {name: tf.TensorSpec([None, *tensor.shape[1:]], tensor.dtype) for name, tensor in inputs.items()}
    traced = tf.function(answer, input_signature=[specs], autograph=False).get_concrete_function()

    def padded(name: str, output: tf.Tensor) -> tf.Tensor:
        if name not in by_step:
            return output
        missing = timesteps - tf.shape(output)[1]
        return tf.pad(output, [[0, 0], [0, missing], *[[0, 0]] * (output.shape.rank - 2)], constant_values=_no(output))

    def answer_group(first: tf.Tensor, group: tf.Tensor, arrays: dict[str, tf.TensorArray]) -> Any:
        padded_sizes = tf.range(1, samples - first + 1, dtype=tf.int64) * steps[first:]
        size = tf.maximum(tf.reduce_sum(tf.cast(padded_sizes <= MOST_TIMESTEPS, tf.int32)), 1)
        positions = order[first : first + size]
        outputs = traced({name: tf.gather(tensor, positions) for name, tensor in inputs.items()})
        written = {name: array.write(group, padded(name, outputs[name])) for name, array in arrays.items()}
        return first + size, group + 1, written

    empty = {
        name: tf.TensorArray(output.dtype, 0, dynamic_size=True, infer_shape=False, element_shape=output.shape)
        for name, output in traced.structured_outputs.items()
    }
    _, _, arrays = tf.while_loop(lambda first, *_: first < samples, answer_group, (0, 0, empty), parallel_iterations=1)
    places = tf.argsort(order)
    return {name: tf.gather(array.concat(), places) for name, array in arrays.items()}


def _no(output: tf.Tensor) -> Any:
    """The value that pads an answer."""
    return "" if output.dtype.name == "string" else 0
