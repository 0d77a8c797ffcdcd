"""The last layers of a network that answers numbers: their raw units, and how far from them the truth may lie.

Shapes: B samples, N training samples, n samples to calibrate with, C targets, L levels. Both layers compute in float32
even under mixed precision, because raw units do not fit in 16 bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit.layers.scaling import LEAST_RELATIVE_SPREAD, TINY

LEVELS = (*map(float, range(1, 100)), 99.5, 99.9)  # of intervals, in percent
UNKNOWN = -1.0  # a half width that was not calibrated, or that so few samples do not promise
ROUNDING = 1e-9


@keras.saving.register_keras_serializable("seqkit")
class TargetScaling(layers.Layer):
    """Turn scaled numbers into raw units, raw = scaled * spread + level; `scale` is the way back.

    Level and spread of each target are the mean and the standard deviation of its training values, which `adapt` takes.
    They are non-trainable weights, so they are saved and exported with the model.

    Shapes: `[B, C]` to `[B, C]`.

    Args:
        at_least_zero: of each target, whether a number below zero becomes zero, but not in training, where it has to
            have a gradient; () for none.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import TargetScaling
        >>> scaling = TargetScaling()
        >>> scaling.build((None, 1))
        >>> scaling.adapt(np.array([[10.0], [30.0]]))
        >>> scaling(np.array([[0.0], [1.0]])).numpy().ravel(), scaling.scale(np.array([[40.0]]))
        (array([20., 30.], dtype=float32), array([[2.]]))
    """

    def __init__(self, at_least_zero: Sequence[bool] = (), **kwargs: Any) -> None:
        """Choose which targets are never below zero; raw units need float32."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.at_least_zero = tuple(bool(one) for one in at_least_zero)

    def build(self, scaled_shape: Any) -> None:
        """Make the weights. A spread of NaN means that `adapt` has not run."""
        shape, unknown = (scaled_shape[-1],), keras.initializers.Constant(np.nan)
        self.level = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="level")
        self.spread = self.add_weight(shape=shape, initializer=unknown, trainable=False, name="spread")
        self.built = True

    def adapt(self, targets: np.ndarray) -> None:
        """Set level and spread from training targets `[N, C]`."""
        targets = np.asarray(targets, "float64")  # float32 does not hold the squares of 1e20
        level = targets.mean(axis=0)
        self.level.assign(level)
        self.spread.assign(np.maximum(targets.std(axis=0), LEAST_RELATIVE_SPREAD**2 * np.abs(level) + TINY))

    @property
    def is_adapted(self) -> bool:
        """Whether `adapt` has set the statistics."""
        return bool(ops.all(ops.isfinite(self.spread)))

    def call(self, scaled: Any, training: bool | None = None) -> Any:
        """Return raw numbers."""
        raw = scaled * self.spread + self.level
        return raw if training else self.bounded(raw)

    def bounded(self, raw: Any) -> Any:
        """Raw numbers `[B, C]` or `[B, C, L]`, zero in place of those below of targets that never are."""
        if not any(self.at_least_zero):
            return raw
        is_bounded = np.array(self.at_least_zero).reshape(-1, *[1] * (len(raw.shape) - 2))
        return ops.where(is_bounded, ops.maximum(raw, 0.0), raw)

    def scale(self, raw: Any) -> Any:
        """Return scaled numbers."""
        return (raw - self.level) / self.spread

    def compute_output_shape(self, scaled_shape: Any) -> Any:
        """Return the shape of the scaled numbers."""
        return scaled_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "at_least_zero": self.at_least_zero}


@keras.saving.register_keras_serializable("seqkit")
class ConformalIntervals(layers.Layer):
    """Pass numbers on unchanged, and hold the half width of the interval around them at each of 101 levels.

        half width = the k-th smallest of the absolute residuals of n samples, k = ceil((n + 1) level)

    This is split conformal prediction (Lei et al. 2018, section 2.2). Where the n samples were not in the training, and
    come from where a new sample comes from, the interval holds the truth of the new sample with a probability of
    `level` or more, whatever the model. So n samples promise n / (n + 1) at most. Each target has intervals of its
    own. The half widths are non-trainable weights in raw units.

    Shapes: `[B, C]` to `[B, C]`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ConformalIntervals
        >>> intervals = ConformalIntervals()
        >>> intervals.build((None, 1))
        >>> intervals.calibrate(np.arange(1.0, 20.0)[:, None])
        >>> intervals.half_widths_at((50, 90)).numpy().ravel(), intervals.promises(99)
        (array([10., 18.], dtype=float32), False)
    """

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of a Keras layer; raw units need float32."""
        super().__init__(**{**kwargs, "dtype": "float32"})

    def build(self, values_shape: Any) -> None:
        """Make the weights, of an interval that is not known."""
        unknown, shape = keras.initializers.Constant(UNKNOWN), (len(LEVELS), values_shape[-1])
        self.half_widths = self.add_weight(shape=shape, initializer=unknown, trainable=False, name="half_widths")
        self.samples = self.add_weight(shape=(), initializer="zeros", trainable=False, name="samples")
        self.built = True

    def calibrate(self, residuals: np.ndarray) -> None:
        """Set the half widths from residuals `[n, C]`, truth minus prediction, of samples that were held out."""
        count, ranks = len(residuals), [_rank(level, len(residuals)) for level in LEVELS]
        widths = np.full(self.half_widths.shape, UNKNOWN)
        is_promised = np.array(ranks) <= count
        widths[is_promised] = np.sort(np.abs(residuals), axis=0)[np.array(ranks)[is_promised] - 1]
        self.half_widths.assign(widths)
        self.samples.assign(float(count))

    def forget(self) -> None:
        """Hold no intervals, as at first."""
        self.half_widths.assign(np.full(self.half_widths.shape, UNKNOWN))
        self.samples.assign(0.0)

    @property
    def count(self) -> int:
        """How many samples calibrated the intervals; 0 before."""
        return int(self.samples)

    def promises(self, level: float) -> bool:
        """Whether so many samples promise an interval of so many percent."""
        return _rank(level, self.count) <= self.count

    def half_widths_at(self, levels: tuple[float, ...]) -> Any:
        """Half widths `(C, L)` of levels that are in `LEVELS`, as a tensor."""
        places = [LEVELS.index(level) for level in levels]
        return ops.transpose(ops.take(ops.convert_to_tensor(self.half_widths), places, axis=0))

    def call(self, values: Any) -> Any:
        """Return the numbers."""
        return values

    def compute_output_shape(self, values_shape: Any) -> Any:
        """Return the shape of the numbers."""
        return values_shape


def samples_needed(level: float) -> int:
    """The fewest samples that promise an interval of so many percent."""
    return math.ceil(level / (100 - level) - ROUNDING)


def _rank(level: float, count: int) -> int:
    """Which residual of `count`, from 1 for the smallest, is the half width; above `count` where none is."""
    return max(1, math.ceil((count + 1) * level / 100 - ROUNDING))
