"""What columns that are known ahead do to the targets, at each step.

Shapes: B samples, T timesteps, H horizon, N = T + H steps, F columns known ahead, F3 static, C targets, U hidden units.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

LARGEST = 10.0  # spreads from the level that a column counts at most
PACE = 10.0  # the linear effects learn so much faster than a weight: a promotion is known before the rest overfits
LEAST_RELATIVE_SPREAD = 1e-6  # of the level; float32 holds no smaller one


@keras.saving.register_keras_serializable("seqkit")
class CovariateEffects(layers.Layer):
    r"""The effect of known columns x on the targets at each step of the past and of the horizon.

        z[t]      = (x[t] - level) / spread                         by the training rows, `adapt`
        r[t]      = z[t] - mean of z over the past of the window
        effect[t] = 10 K z[t] + W tanh(V [z[t], r[t], s] + v)       s: scaled static numbers, if any

    A model takes the effects of the past out of it, forecasts what remains, and adds the effects of the horizon: the
    regression with errors that are themselves a time series (Hyndman & Athanasopoulos 2021, chapter 10). K and W are
    zero at first, so that an untrained model is one without these columns.

    The effect on a target under a transform is in its units, such as logs, where a promotion that sells 30 % more is
    the same number for all series; on another target it is in spreads of the window. A value that is NaN counts as the
    level, which has no linear effect.

    Shapes: columns `[B, N, F]`, the spread of the targets `[B, 1, C]`, static `[B, F3]`; outputs the effects
    `[B, T, C]` and `[B, H, C]`, in scaled units. It computes in float32.

    Args:
        horizon: steps that are forecast, H.
        in_spreads: of each target, whether the effect is in spreads of the window.
        units: hidden units, U.
    """

    def __init__(self, horizon: int, in_spreads: Sequence[bool], units: int = 16, **kwargs: Any) -> None:
        """Make the layers."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.horizon = _checks.whole_number("CovariateEffects", "horizon", horizon)
        self.units = _checks.whole_number("CovariateEffects", "units", units)
        self.in_spreads = [bool(one) for one in in_spreads]
        self.hidden = layers.Dense(self.units, activation="tanh", dtype="float32", name="hidden")
        self.bent = layers.Dense(
            len(self.in_spreads), use_bias=False, kernel_initializer="zeros", dtype="float32", name="bent"
        )

    def build(self, columns_shape: Any, spread_shape: Any = None, static_shape: Any = None) -> None:
        """Make the weights. A factor of NaN means that `adapt` has not run."""
        columns = columns_shape[-1]
        unknown = keras.initializers.Constant(np.nan)
        self.level = self.add_weight(shape=(columns,), initializer="zeros", trainable=False, name="level")
        self.factor = self.add_weight(shape=(columns,), initializer=unknown, trainable=False, name="factor")
        self.kernel = self.add_weight(shape=(columns, len(self.in_spreads)), initializer="zeros", name="kernel")
        self.hidden.build((None, None, 2 * columns + (0 if static_shape is None else static_shape[-1])))
        self.bent.build((None, None, self.units))
        self.built = True

    def adapt(self, level: np.ndarray, spread: np.ndarray) -> None:
        """Set the level and the spread `(F,)` of the columns; a constant column, with a spread of 0, has no effect."""
        is_constant = spread <= LEAST_RELATIVE_SPREAD * np.abs(level)
        self.level.assign(np.asarray(level, "float32"))
        self.factor.assign(np.where(is_constant, 0.0, 1 / np.where(is_constant, 1.0, spread)).astype("float32"))

    @property
    def is_adapted(self) -> bool:
        """Whether `adapt` has set the statistics."""
        return bool(ops.all(ops.isfinite(self.factor)))

    def call(self, columns: Any, spread: Any, static: Any = None) -> Any:
        """The effects in the past and over the horizon."""
        columns = ops.where(ops.isnan(columns), self.level, columns)
        scaled = ops.clip((columns - self.level) * self.factor, -LARGEST, LARGEST)
        around = scaled - ops.mean(scaled[:, : -self.horizon], axis=1, keepdims=True)
        read = [scaled, around]
        if static is not None:
            read.append(ops.ones_like(scaled[..., :1]) * static[:, None])
        effects = PACE * ops.matmul(scaled, self.kernel)
        effects = effects + self.bent(self.hidden(ops.concatenate(read, axis=-1)))  # (B, N, C)
        effects = effects / ops.where(np.array(self.in_spreads), 1.0, spread)
        # Of windows of any length, a graph does not know how many steps a slice has.
        ahead = ops.reshape(effects[:, -self.horizon :], (-1, self.horizon, len(self.in_spreads)))
        return effects[:, : -self.horizon], ahead

    def compute_output_shape(self, columns_shape: Any, spread_shape: Any = None, static_shape: Any = None) -> Any:
        """Return `[B, T, C]` and `[B, H, C]`."""
        samples, steps, targets = columns_shape[0], columns_shape[1], len(self.in_spreads)
        past = None if steps is None else steps - self.horizon
        return (samples, past, targets), (samples, self.horizon, targets)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "horizon": self.horizon, "in_spreads": self.in_spreads, "units": self.units}
