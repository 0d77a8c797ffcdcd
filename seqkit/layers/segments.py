"""Cut a long window into segments, so that a recurrent layer takes few long steps instead of many short ones."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue


@keras.saving.register_keras_serializable("seqkit")
class Segments(layers.Layer):
    """Join each run of `length` timesteps to one step (SegRNN, Lin et al. 2023, section 4.1).

    720 hourly steps in segments of 48 become 15 steps: faster, and gradients reach back to the first.
    Shapes: `[B, T, F]` to `[B, T / length, length * F]`.

    Args:
        length: timesteps in one segment; T must be a multiple of it.
    """

    def __init__(self, length: int, **kwargs: Any) -> None:
        """Choose the segment's length."""
        super().__init__(**kwargs)
        self.length = _checks.whole_number("Segments", "length", length)

    def build(self, input_shape: Any) -> None:
        """Refuse a window that the segments do not fill."""
        if input_shape[1] % self.length:
            raise InvalidValue(
                "Segments",
                f"timesteps={input_shape[1]} is not a whole number of segments of {self.length}.",
                f"Use timesteps={-(-input_shape[1] // self.length) * self.length} or another segment.",
                argument="timesteps",
            )
        self.built = True

    def call(self, past: Any) -> Any:
        """Fold time into features."""
        _, timesteps, features = past.shape
        return ops.reshape(past, (-1, timesteps // self.length, self.length * features))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Fewer, wider steps."""
        return (input_shape[0], input_shape[1] // self.length, input_shape[2] * self.length)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "length": self.length}
