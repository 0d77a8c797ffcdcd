"""Layers that take raw values to the network's units and back.

Shapes: B samples, T timesteps, F features, C columns of whatever is scaled. Statistics are `[B, 1, F]`
or `[1, 1, F]`. All of them compute in float32 even under mixed precision, because raw units do not fit in 16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

LEAST_RELATIVE_SPREAD = 1e-4  # of the level: a constant window then a step gave a loss of 2e9 with an absolute floor
LARGEST_LOG = 80.0  # exp and sinh of more overflow float32
FILLS = {"last": "the last value seen before", "mean": "the mean of the window's known values"}
TRANSFORMS = {"none": "as it is", "log": "natural logarithm", "asinh": "inverse hyperbolic sine"}


class Statistics(NamedTuple):
    """What scaled values are measured from and in."""

    level: Any  # (B or 1, 1, F)
    spread: Any  # (B or 1, 1, F)


@keras.saving.register_keras_serializable("seqkit")
class FillMissing(layers.Layer):
    """Replace NaN inside each window by what came before it, never by what came later.

    `"last"` repeats the last known value of the column, `"mean"` takes the mean of the window's known
    values. A window that begins with NaN has nothing before it: there both use the mean. A column that is
    NaN throughout the window stays NaN.

    Args:
        how: `"last"` or `"mean"`.
    """

    def __init__(self, how: str, **kwargs: Any) -> None:
        """Choose how to fill."""
        super().__init__(**_float32(kwargs))
        _checks.choice("FillMissing", "how", how, FILLS)
        self.how = how

    def call(self, past: Any) -> Any:
        """Fill `[B, T, F]`."""
        missing = ops.isnan(past)
        known = ops.sum(ops.cast(~missing, past.dtype), axis=1, keepdims=True)  # (B, 1, F)
        mean = ops.sum(ops.where(missing, 0.0, past), axis=1, keepdims=True) / known
        if self.how == "last":
            past = self._carry_forward(past)
        return ops.where(ops.isnan(past), mean, past)

    @staticmethod
    def _carry_forward(past: Any) -> Any:
        steps, shift = past.shape[1], 1
        while shift < steps:  # after shifts 1, 2, 4, ... gaps of up to 1, 3, 7, ... steps are closed
            earlier = ops.concatenate([past[:, :shift], past[:, :-shift]], axis=1)
            past = ops.where(ops.isnan(past), earlier, past)
            shift *= 2
        return past

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape is kept."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "how": self.how}


@keras.saving.register_keras_serializable("seqkit")
class ValueTransform(layers.Layer):
    """Take chosen columns to a scale on which they vary evenly, and back.

    `"log"` is log(x), for values above zero whose swings grow with their level; `"asinh"` is
    asinh(x) = log(x + sqrt(x^2 + 1)), which also takes zero and below.

    Args:
        kinds: `"none"`, `"log"` or `"asinh"` for each column.
    """

    def __init__(self, kinds: Sequence[str], **kwargs: Any) -> None:
        """Choose a kind for each column."""
        super().__init__(**_float32(kwargs))
        for kind in kinds:
            _checks.choice("ValueTransform", "transform", kind, TRANSFORMS)
        self.kinds = tuple(kinds)
        self._is_log = np.array([kind == "log" for kind in kinds])
        self._is_asinh = np.array([kind == "asinh" for kind in kinds])

    def call(self, values: Any) -> Any:
        """Transform `[B, T, C]`."""
        return self.apply(values)

    def apply(self, values: Any) -> Any:
        """Transform `[B, T, C]`, outside of a graph of layers."""
        if self._is_asinh.any():
            values = ops.where(self._is_asinh, _asinh(values), values)
        if self._is_log.any():  # the inner where keeps the gradient of the other columns finite
            values = ops.where(self._is_log, ops.log(ops.where(self._is_log, values, 1.0)), values)
        return values

    def invert(self, values: Any) -> Any:
        """Return `[B, H, C]` to raw units."""
        small = ops.clip(values, -LARGEST_LOG, LARGEST_LOG)
        if self._is_asinh.any():
            values = ops.where(self._is_asinh, _sinh(small), values)
        if self._is_log.any():
            values = ops.where(self._is_log, ops.exp(small), values)
        return values

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape is kept."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "kinds": self.kinds}


class _Scaling(layers.Layer):
    """(x - level) / spread with statistics from `statistics(past)`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**_float32(kwargs))

    def call(self, past: Any) -> Any:
        """Return the scaled past with its statistics: `(B, T, F)`, level, spread."""
        level, spread = self.statistics(past)
        return (past - level) / spread, level, spread

    def statistics(self, past: Any) -> Statistics:
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        one = (input_shape[0], 1, input_shape[2])
        return input_shape, one, one


@keras.saving.register_keras_serializable("seqkit")
class WindowScaling(_Scaling):
    """Scale each window by itself: its recent mean as the level, its standard deviation as the spread.

    Nothing is fitted, so nothing can leak, and series of different size share one network
    (reversible instance normalisation, Kim et al. 2022, without the affine part; the level is the mean of
    the last `season` steps instead of all, so that a trend does not leave the forecast behind).

    Args:
        season: steps whose mean is the level; 1 is "subtract the last value".
        least_spread: floor of the spread, one number or one for each feature, in the input's units; beside it
            stands a floor of 1/10,000 of the level. A window that never changes has no spread of its own.
    """

    def __init__(self, season: int = 1, least_spread: float | Sequence[float] = 0.0, **kwargs: Any) -> None:
        """Choose how many steps make the level, and the floor of the spread."""
        super().__init__(**kwargs)
        self.season = _checks.whole_number("WindowScaling", "season", season)
        self.least_spread = tuple(least_spread) if isinstance(least_spread, Sequence) else float(least_spread)

    def statistics(self, past: Any) -> Statistics:
        """Level and spread of each window."""
        level = ops.mean(past[:, -self.season :], axis=1, keepdims=True)
        floor = LEAST_RELATIVE_SPREAD * ops.abs(level) + keras.config.epsilon()
        floor = ops.maximum(floor, ops.cast(self.least_spread, floor.dtype))
        return Statistics(level, ops.maximum(ops.std(past, axis=1, keepdims=True), floor))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "season": self.season, "least_spread": self.least_spread}


@keras.saving.register_keras_serializable("seqkit")
class SeriesScaling(_Scaling):
    """Scale each series by its own mean and standard deviation over all its known steps (NaN is left out).

    For classes that differ in shape, whatever the level: the habit of the UCR archive (Dau et al. 2019).
    """

    def statistics(self, past: Any) -> Statistics:
        """Mean and spread of each series."""
        known = ops.logical_not(ops.isnan(past))
        count = ops.maximum(ops.sum(ops.cast(known, past.dtype), axis=1, keepdims=True), 1.0)
        mean = ops.sum(ops.where(known, past, 0.0), axis=1, keepdims=True) / count
        away = ops.where(known, past - mean, 0.0)
        spread = ops.sqrt(ops.sum(ops.square(away), axis=1, keepdims=True) / count)
        return Statistics(mean, ops.maximum(spread, LEAST_RELATIVE_SPREAD * ops.abs(mean) + keras.config.epsilon()))


@keras.saving.register_keras_serializable("seqkit")
class StandardScaling(_Scaling):
    """Scale by one mean and standard deviation a column, taken from the training rows by `adapt`.

    They are non-trainable weights, so they are saved, exported and counted with the model.
    """

    def build(self, input_shape: Any) -> None:
        """Make the weights; a spread of NaN says that `adapt` has not run."""
        shape = (1, 1, input_shape[-1])
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")
        self.spread = self.add_weight(
            shape=shape, initializer=keras.initializers.Constant(np.nan), trainable=False, name="spread"
        )
        self.built = True

    def adapt(self, rows: np.ndarray) -> None:
        """Take the statistics of the training rows `[N, F]` (NaN left out)."""
        mean = np.nanmean(rows, axis=0)
        spread = np.maximum(np.nanstd(rows, axis=0), LEAST_RELATIVE_SPREAD * np.abs(mean) + keras.config.epsilon())
        self.mean.assign(mean[None, None])
        self.spread.assign(spread[None, None])

    @property
    def is_adapted(self) -> bool:
        """Whether the statistics are known."""
        return bool(np.isfinite(ops.convert_to_numpy(self.spread)).all())

    def statistics(self, past: Any) -> Statistics:
        """The same level and spread for every window."""
        ones = ops.ones_like(past[:, :1])  # (B, 1, F)
        return Statistics(self.mean * ones, self.spread * ones)


@keras.saving.register_keras_serializable("seqkit")
class NoScaling(_Scaling):
    """Leave the values as they are (they were scaled before, or a textbook is being followed)."""

    def statistics(self, past: Any) -> Statistics:
        """Level 0 and spread 1."""
        return Statistics(ops.zeros_like(past[:, :1]), ops.ones_like(past[:, :1]))


@keras.saving.register_keras_serializable("seqkit")
class TakeColumns(layers.Layer):
    """Pick columns by position: `[B, T, F]` to `[B, T, C]`."""

    def __init__(self, positions: Sequence[int], **kwargs: Any) -> None:
        """Choose the positions on the last axis."""
        super().__init__(**_float32(kwargs))
        self.positions = list(positions)

    def call(self, columns: Any) -> Any:
        """Pick."""
        return ops.take(columns, self.positions, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """C columns instead of F."""
        return (*input_shape[:-1], len(self.positions))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "positions": self.positions}


@keras.saving.register_keras_serializable("seqkit")
class RawUnits(ValueTransform):
    """Take scaled forecasts back to raw units, raw = T^-1(scaled spread + level), and raw values to scaled.

    Shapes: values `[B, H, C]`, level and spread `[B, 1, C]`.

    Args:
        kinds: the transform T of each target, as in `ValueTransform`.
    """

    def call(self, scaled: Any, level: Any, spread: Any) -> Any:  # type: ignore[override]
        """To raw units."""
        return self.invert(scaled * spread + level)

    def scale(self, raw: Any, level: Any, spread: Any) -> Any:
        """From raw units."""
        return (self.apply(raw) - level) / spread

    def compute_output_shape(self, scaled_shape: Any, level_shape: Any = None, spread_shape: Any = None) -> Any:
        """Shape is kept."""
        return scaled_shape


def _asinh(x: Any) -> Any:
    """log(x + sqrt(x^2 + 1)), exact near zero; `ops.arcsinh` exported from JAX does not load in TensorFlow 2.21."""
    sign = ops.where(x < 0, -1.0, 1.0)
    size = sign * x
    return sign * ops.log1p(size + ops.square(x) / (1 + ops.sqrt(1 + ops.square(x))))


def _sinh(x: Any) -> Any:
    """(exp(x) - exp(-x)) / 2, exact near zero; for `ops.sinh` the same holds."""
    sign = ops.where(x < 0, -1.0, 1.0)
    grown = ops.expm1(sign * x)
    return sign * (grown + grown / (grown + 1)) / 2


def _float32(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {**kwargs, "dtype": "float32"}


SERIES_SCALINGS = {
    "standard": StandardScaling,  # by the training series
    "series": SeriesScaling,  # each series by itself
    "none": NoScaling,
}
