"""Segments of a long window: a recurrent layer then runs few wide steps instead of many narrow ones."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue


def in_segments(steps: Any, length: int, leading_zeros: int = 0) -> Any:
    """Cut steps `[B, T, F]` into segments; zeros before the first step fill up the first segment."""
    if length == 1:
        return steps
    if leading_zeros:
        steps = layers.ZeroPadding1D((leading_zeros, 0), name="front")(steps)
    return Segments(length, name="segments")(steps)


@keras.saving.register_keras_serializable("seqkit")
class Segments(layers.Layer):
    """Join every `length` neighbouring timesteps into one step (SegRNN, Lin et al. 2023, section 4.1).

    For example, 720 hourly steps in segments of 48 become 15 steps. Training is faster, and gradients reach the
    first step. Shapes: input `[B, T, F]`, output `[B, T / length, length * F]`.

    Series of any length (T is None in the graph) are filled with zeros at their end, up to a whole number of segments.
    A mask `[B, T]` becomes the mask of the segments: True where any timestep of a segment is data.

    Args:
        length: timesteps in one segment; a fixed T must be a multiple of it.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import Segments
        >>> Segments(2)(np.array([1.0, 2, 3, 4]).reshape(1, 4, 1)).numpy().tolist()
        [[[1.0, 2.0], [3.0, 4.0]]]
    """

    def __init__(self, length: int, **kwargs: Any) -> None:
        """Choose the length of a segment."""
        super().__init__(**kwargs)
        self.length = _checks.whole_number("Segments", "length", length)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Refuse a window whose length is not a multiple of the segment's length."""
        if input_shape[1] is not None and input_shape[1] % self.length:
            raise InvalidValue(
                "Segments",
                f"timesteps={input_shape[1]} is not a whole number of segments of {self.length}.",
                f"Use timesteps={-(-input_shape[1] // self.length) * self.length} or another segment.",
                argument="timesteps",
            )
        self.built = True

    def call(self, past: Any) -> Any:
        """Join the timesteps of each segment."""
        timesteps = ops.shape(past)[1]  # a number where it is fixed, else a tensor
        missing = -timesteps % self.length
        if past.shape[1] is None or missing:
            past = ops.pad(past, [[0, 0], [0, missing], [0, 0]])
        return ops.reshape(past, (-1, (timesteps + missing) // self.length, self.length * past.shape[2]))

    def compute_mask(self, past: Any, mask: Any = None) -> Any:
        """True where any timestep of a segment is data, `[B, T / length]`."""
        if mask is None:
            return None
        is_step = ops.pad(ops.cast(mask, "float32"), [[0, 0], [0, self.length - 1]])  # symbolic masks have no length
        return ops.max_pool(is_step[..., None], self.length, self.length, "valid")[..., 0] > 0

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, T / length, length * F]`."""
        timesteps = None if input_shape[1] is None else -(-input_shape[1] // self.length)
        return (input_shape[0], timesteps, input_shape[2] * self.length)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "length": self.length}
