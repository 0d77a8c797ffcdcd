"""Layers that transform values to a scale of even variation, and back to raw units.

Shapes: B samples, T timesteps, H horizon, C columns. The layers compute in float32 even under mixed precision,
because raw units do not fit in 16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

LARGEST_EXPONENT = 80.0  # exp and sinh of a larger number overflow float32
TRANSFORMS = {"none": "as it is", "log": "natural logarithm", "asinh": "inverse hyperbolic sine"}


@keras.saving.register_keras_serializable("seqkit")
class ValueTransform(layers.Layer):
    """Transform columns to a scale on which their variation is even, and back.

    `"log"` is log(x), for values above zero whose variation grows with their level. `"asinh"` is
    asinh(x) = log(x + sqrt(x^2 + 1)), which also accepts zero and negative values.

    Args:
        kinds: `"none"`, `"log"` or `"asinh"` for each column.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ValueTransform
        >>> transform = ValueTransform(["log", "none"])
        >>> transform(np.array([[[1.0, 5.0]]])).numpy().ravel()
        array([0., 5.], dtype=float32)
    """

    def __init__(self, kinds: Sequence[str], **kwargs: Any) -> None:
        """Choose the transform of each column."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        for kind in kinds:
            _checks.choice("ValueTransform", "transform", kind, TRANSFORMS)
        self.kinds = tuple(kinds)
        self._is_log = np.array([kind == "log" for kind in kinds])
        self._is_asinh = np.array([kind == "asinh" for kind in kinds])

    def call(self, values: Any) -> Any:
        """Transform `[B, T, C]`."""
        return self.apply(values)

    def apply(self, values: Any) -> Any:
        """Transform `[B, T, C]` without calling the layer."""
        if self._is_asinh.any():
            values = ops.where(self._is_asinh, _asinh(values), values)
        if self._is_log.any():  # the inner `where` keeps the gradients of the other columns finite
            values = ops.where(self._is_log, ops.log(ops.where(self._is_log, values, 1.0)), values)
        return values

    def invert(self, values: Any) -> Any:
        """Transform `[B, H, C]` back to raw units."""
        clipped = ops.clip(values, -LARGEST_EXPONENT, LARGEST_EXPONENT)
        if self._is_asinh.any():
            values = ops.where(self._is_asinh, _sinh(clipped), values)
        if self._is_log.any():
            values = ops.where(self._is_log, ops.exp(clipped), values)
        return values

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the values."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "kinds": self.kinds}


@keras.saving.register_keras_serializable("seqkit")
class RawUnits(ValueTransform):
    """Turn scaled forecasts into raw units, raw = T^-1(scaled * spread + level); `scale` is the way back.

    Shapes: values `[B, H, C]`, level and spread `[B, 1, C]`.

    Args:
        kinds: the transform T of each target, as in `ValueTransform`.
        at_least_zero: of each target, whether a value below zero becomes zero, but not in training, where it has to
            have a gradient; () for none.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import RawUnits
        >>> scaled, level, spread = np.array([[[0.0], [1.0]]]), np.array([[[5.0]]]), np.array([[[0.5]]])
        >>> RawUnits(["log"])(scaled, level, spread).numpy().round(1).ravel()
        array([148.4, 244.7], dtype=float32)
        >>> RawUnits(["none"], [True])(scaled, -level, spread).numpy().ravel()
        array([0., 0.], dtype=float32)
    """

    def __init__(self, kinds: Sequence[str], at_least_zero: Sequence[bool] = (), **kwargs: Any) -> None:
        """Choose the transforms, and which targets are never below zero."""
        super().__init__(kinds, **kwargs)
        self.at_least_zero = tuple(bool(one) for one in at_least_zero)

    def build(self, scaled_shape: Any, level_shape: Any = None, spread_shape: Any = None) -> None:
        """Make nothing: the layer has no weights."""
        self.built = True

    def call(self, scaled: Any, level: Any, spread: Any, training: bool | None = None) -> Any:  # type: ignore[override]
        """Turn scaled values into raw units."""
        raw = self.invert(scaled * spread + level)
        if training or not any(self.at_least_zero):
            return raw
        return ops.where(np.array(self.at_least_zero), ops.maximum(raw, 0.0), raw)

    def scale(self, raw: Any, level: Any, spread: Any) -> Any:
        """Turn raw values into scaled ones."""
        return (self.apply(raw) - level) / spread

    def compute_output_shape(self, scaled_shape: Any, level_shape: Any = None, spread_shape: Any = None) -> Any:
        """Return the shape of the values."""
        return scaled_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "at_least_zero": self.at_least_zero}


def _asinh(x: Any) -> Any:
    """log(x + sqrt(x^2 + 1)), exact near zero; `ops.arcsinh` exported from JAX does not load in TensorFlow 2.21."""
    sign = ops.where(x < 0, -1.0, 1.0)
    return sign * ops.log1p(sign * x + ops.square(x) / (1 + ops.sqrt(1 + ops.square(x))))


def _sinh(x: Any) -> Any:
    """(exp(x) - exp(-x)) / 2, exact near zero; an exported `ops.sinh` does not load either."""
    sign = ops.where(x < 0, -1.0, 1.0)
    growth = ops.expm1(sign * x)
    return sign * (growth + growth / (growth + 1)) / 2
