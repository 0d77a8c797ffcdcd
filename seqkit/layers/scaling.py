"""Layers that fill missing values, scale raw values for the network, and pick columns.

Shapes: B samples, T timesteps, F features, C columns. Statistics are `[B, 1, F]`. All layers compute in float32 even
under mixed precision, because raw units do not fit in 16 bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

LEAST_RELATIVE_SPREAD = 1e-4  # of the level; an absolute floor gave a loss of 2e9 for a step after a constant window
TINY = 1e-30  # keeps a constant series of zeros from 0 / 0, and no other one from its own spread
FILLS = {"last": "the last known value before the gap", "mean": "the mean of the window's known values"}


class Statistics(NamedTuple):
    """Level and spread: scaled = (raw - level) / spread."""

    level: Any  # (B, 1, F)
    spread: Any  # (B, 1, F)


@keras.saving.register_keras_serializable("seqkit")
class FillMissing(layers.Layer):
    """Replace NaN inside each window by values of the same window.

    `"last"` repeats the last known value of the column. `"mean"` takes the mean of the column's known values in the
    window. A window that begins with NaN has no earlier value, so both use the mean there. A column that is NaN in
    the whole window stays NaN.

    Args:
        how: `"last"` or `"mean"`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import FillMissing
        >>> FillMissing("last")(np.array([[[1.0], [np.nan], [3.0]]])).numpy().ravel()
        array([1., 1., 3.], dtype=float32)
    """

    def __init__(self, how: str, **kwargs: Any) -> None:
        """Choose the filling value."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        _checks.choice("FillMissing", "how", how, FILLS)
        self.how = how

    def call(self, past: Any) -> Any:
        """Fill `[B, T, F]`."""
        is_missing = ops.isnan(past)
        count = ops.sum(ops.cast(~is_missing, past.dtype), axis=1, keepdims=True)  # (B, 1, F)
        mean = ops.sum(ops.where(is_missing, 0.0, past), axis=1, keepdims=True) / count
        if self.how == "last":
            past = self._carry_forward(past)
        return ops.where(ops.isnan(past), mean, past)

    @staticmethod
    def _carry_forward(past: Any) -> Any:
        steps, shift = past.shape[1], 1
        while shift < steps:  # the shifts 1, 2, 4, ... close gaps of up to 1, 3, 7, ... steps
            earlier = ops.concatenate([past[:, :shift], past[:, :-shift]], axis=1)
            past = ops.where(ops.isnan(past), earlier, past)
            shift *= 2
        return past

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "how": self.how}


class _Scaling(layers.Layer):
    """(x - level) / spread with statistics from `statistics(past)`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, past: Any) -> Any:
        """Return the scaled past `(B, T, F)`, its level and its spread."""
        level, spread = self.statistics(past)
        return (past - level) / spread, level, spread

    def statistics(self, past: Any) -> Statistics:
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        statistics_shape = (input_shape[0], 1, input_shape[2])
        return input_shape, statistics_shape, statistics_shape


@keras.saving.register_keras_serializable("seqkit")
class WindowScaling(_Scaling):
    """Scale each window by its own statistics: the level is its recent mean, the spread its standard deviation.

    This is reversible instance normalisation (Kim et al. 2022) without the affine part. The level is the mean of the
    last `season` steps, not of all steps, so that the forecast follows a trend. The layer is not fitted, so no
    statistics leak from held-out data, and series of different size can share one network.

    Args:
        season: steps whose mean is the level; with 1 the level is the last value.
        least_spread: least spread in the input's units, one number or one for each feature; 0 for not known, which is
            Keras's epsilon. The spread is also at least 1/10,000 of the level. A window that never changes would
            otherwise have a spread of zero.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import WindowScaling
        >>> scaled, level, spread = WindowScaling()(np.array([[[4.0], [6.0]]]))
        >>> scaled.numpy().ravel(), level.numpy().ravel(), spread.numpy().ravel()
        (array([-2.,  0.], dtype=float32), array([6.], dtype=float32), array([1.], dtype=float32))
    """

    def __init__(self, season: int = 1, least_spread: float | Sequence[float] = 0.0, **kwargs: Any) -> None:
        """Choose the number of steps in the level, and the least spread."""
        super().__init__(**kwargs)
        self.season = _checks.whole_number("WindowScaling", "season", season)
        self.least_spread = tuple(least_spread) if isinstance(least_spread, Sequence) else float(least_spread)
        self._floor = _number_of_graph(self._known_floor())

    def set_least_spread(self, least_spread: Sequence[float]) -> None:
        """Take the least spread of another table; with TensorFlow, compiled graphs read it from now on."""
        self.least_spread = tuple(least_spread)
        if keras.backend.backend() == "tensorflow":
            self._floor.assign(self._known_floor())
        else:
            self._floor = self._known_floor()

    def _known_floor(self) -> np.ndarray:
        return np.where(np.array(self.least_spread) > 0, self.least_spread, keras.config.epsilon()).astype("float32")

    def statistics(self, past: Any) -> Statistics:
        """Compute the level and the spread of each window."""
        level = ops.mean(past[:, -self.season :], axis=1, keepdims=True)
        floor = LEAST_RELATIVE_SPREAD * ops.abs(level)
        floor = ops.maximum(floor, ops.cast(ops.convert_to_tensor(self._floor), floor.dtype))
        return Statistics(level, ops.maximum(ops.std(past, axis=1, keepdims=True), floor))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "season": self.season, "least_spread": self.least_spread}


def _number_of_graph(number: Any) -> Any:
    """The number as a variable of TensorFlow, which is no weight: the config holds it, and compiled graphs read it."""
    if keras.backend.backend() != "tensorflow":
        return number
    import tensorflow as tf

    with tf.init_scope():
        return tf.Variable(number, trainable=False, dtype="float32", name="least_spread")


@keras.saving.register_keras_serializable("seqkit")
class SeriesScaling(_Scaling):
    """Scale each series by its own mean and standard deviation over its known values (NaN is left out).

    Use it for classes that differ in shape, not in level, as is usual for the UCR archive (Dau et al. 2019).

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import SeriesScaling
        >>> scaled, level, spread = SeriesScaling()(np.array([[[4.0], [6.0], [np.nan]]]))
        >>> scaled.numpy().ravel(), level.numpy().ravel(), spread.numpy().ravel()
        (array([-1.,  1., nan], dtype=float32), array([5.], dtype=float32), array([1.], dtype=float32))
    """

    def statistics(self, past: Any) -> Statistics:
        """Compute the mean and the standard deviation of each series."""
        is_known = ops.logical_not(ops.isnan(past))
        count = ops.maximum(ops.sum(ops.cast(is_known, past.dtype), axis=1, keepdims=True), 1.0)
        mean = ops.sum(ops.where(is_known, past / count, 0.0), axis=1, keepdims=True)
        deviations = ops.where(is_known, past - mean, 0.0)
        largest = ops.maximum(ops.max(ops.abs(deviations), axis=1, keepdims=True), TINY)
        relative = deviations / largest  # float32 holds their squares, but not those of 1e20 and of 1e-25
        spread = largest * ops.sqrt(ops.sum(ops.square(relative), axis=1, keepdims=True) / count)
        return Statistics(mean, ops.maximum(spread, LEAST_RELATIVE_SPREAD * ops.abs(mean) + TINY))


@keras.saving.register_keras_serializable("seqkit")
class StandardScaling(_Scaling):
    """Scale each column by the mean and standard deviation that `adapt` takes from the training rows.

    These statistics are non-trainable weights, so they are saved and exported with the model.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import StandardScaling
        >>> scaling = StandardScaling()
        >>> scaling.build((None, None, 1))
        >>> scaling.adapt(np.array([[4.0], [6.0]]))
        >>> scaling(np.array([[[5.0], [7.0]]]))[0].numpy().ravel()
        array([0., 2.], dtype=float32)
    """

    def build(self, input_shape: Any) -> None:
        """Make the weights. A spread of NaN means that `adapt` has not run."""
        shape = (1, 1, input_shape[-1])
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")
        self.spread = self.add_weight(
            shape=shape, initializer=keras.initializers.Constant(np.nan), trainable=False, name="spread"
        )
        self.built = True

    def adapt(self, rows: np.ndarray) -> None:
        """Set the statistics from the training rows `[N, F]`; NaN is left out."""
        rows = np.asarray(rows, "float64")  # float32 does not hold the squares of 1e20
        mean = np.nanmean(rows, axis=0)
        spread = np.maximum(np.nanstd(rows, axis=0), LEAST_RELATIVE_SPREAD * np.abs(mean))
        spread = np.where(spread > 0, spread, keras.config.epsilon())
        self.mean.assign(mean[None, None])
        self.spread.assign(spread[None, None])

    @property
    def is_adapted(self) -> bool:
        """Whether `adapt` has set the statistics."""
        return bool(ops.all(ops.isfinite(self.spread)))

    def statistics(self, past: Any) -> Statistics:
        """Return the same level and spread for every window."""
        ones = ops.ones_like(past[:, :1])  # (B, 1, F)
        return Statistics(self.mean * ones, self.spread * ones)


@keras.saving.register_keras_serializable("seqkit")
class NoScaling(_Scaling):
    """Leave the values unscaled, for values that were scaled before.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import NoScaling
        >>> scaled, level, spread = NoScaling()(np.array([[[4.0], [6.0]]]))
        >>> scaled.numpy().ravel(), level.numpy().ravel(), spread.numpy().ravel()
        (array([4., 6.], dtype=float32), array([0.], dtype=float32), array([1.], dtype=float32))
    """

    def statistics(self, past: Any) -> Statistics:
        """Return a level of 0 and a spread of 1."""
        return Statistics(ops.zeros_like(past[:, :1]), ops.ones_like(past[:, :1]))


@keras.saving.register_keras_serializable("seqkit")
class TakeColumns(layers.Layer):
    """Pick columns by position. Shapes: `[B, T, F]` to `[B, T, C]`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import TakeColumns
        >>> TakeColumns([2, 0])(np.array([[[1.0, 2.0, 3.0]]])).numpy()
        array([[[3., 1.]]], dtype=float32)
    """

    def __init__(self, positions: Sequence[int], **kwargs: Any) -> None:
        """Choose the positions on the last axis."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.positions = list(positions)

    def call(self, columns: Any) -> Any:
        """Pick the columns."""
        return ops.take(columns, self.positions, axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the input's shape with C columns."""
        return (*input_shape[:-1], len(self.positions))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "positions": self.positions}


SERIES_SCALINGS = {
    "standard": StandardScaling,  # by the statistics of the training series
    "series": SeriesScaling,  # each series by its own statistics
    "none": NoScaling,
}
