"""Packing: a mask with gaps, or on the left, becomes one on the right, which the cuDNN kernel takes.

Shapes: B samples, T timesteps, F features.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import keras
from keras import ops


class Packed(NamedTuple):
    """Sequences whose data come first."""

    sequences: Any  # (B, T, F)
    mask: Any  # (B, T), True for at least the first step of each sample
    original_mask: Any  # (B, T)
    total: Any  # (B, 1): steps of data


def needs_packing() -> bool:
    """Whether the cuDNN kernel may be used: TensorFlow on a GPU refuses masks with data after padding."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def may_use_kernel(recurrent: Iterable[Any]) -> bool:
    """Whether one of these layers may run on the cuDNN kernel, so that what they read is packed for it."""
    directions = [
        one
        for layer in recurrent
        for one in ([layer.forward_layer, layer.backward_layer] if hasattr(layer, "forward_layer") else [layer])
    ]
    return any(getattr(one, "use_cudnn", False) is not False for one in directions)


def pack(sequences: Any, mask: Any) -> Packed:
    """Move the steps of data to the left, in their order; a sample of padding alone keeps one step of zeros."""
    is_data = ops.cast(mask, "int32")
    order = ops.argsort(1 - is_data, axis=1)  # stable: data first, each in its order
    moved = ops.take_along_axis(sequences, order[:, :, None], axis=1)
    total = ops.sum(is_data, axis=1, keepdims=True)
    steps = ops.arange(ops.shape(mask)[1])[None]
    moved = ops.where((steps < total)[:, :, None], moved, ops.zeros_like(moved))
    return Packed(moved, steps < ops.maximum(total, 1), mask, total)


def unpack(packed: Packed, outputs: Any, return_sequences: bool, zero_output_for_mask: bool) -> Any:
    """The outputs of layers that read packed sequences, at their own steps, as without packing.

    At a masked step Keras's layers repeat the output of the step before it, zero where there is none. Bidirectional
    ones give zero (`zero_output_for_mask`). A sample without data gives zero.
    """
    if not return_sequences:
        return ops.where(packed.total > 0, outputs, ops.zeros_like(outputs))
    place = ops.cumsum(ops.cast(packed.original_mask, "int32"), axis=1) - 1  # (B, T): of the last step of data
    exists = packed.original_mask if zero_output_for_mask else place >= 0
    found = ops.take_along_axis(outputs, ops.maximum(place, 0)[:, :, None], axis=1)
    return ops.where(exists[:, :, None], found, ops.zeros_like(found))


def keep_initial_states(packed: Packed, states: list[Any], initial_states: list[Any] | None) -> list[Any]:
    """The last states of a layer; a sample without data keeps its initial states."""
    initial_states = initial_states or [ops.zeros_like(state) for state in states]
    return [ops.where(packed.total > 0, *pair) for pair in zip(states, initial_states, strict=True)]
