"""What a network reads that was trained on series of every season: values one season before, and the phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

LAGS = 3  # of the steps ahead: the last known seasons of each phase
PAST_FEATURES = 8
FUTURE_FEATURES = 2 * LAGS + 5


@keras.saving.register_keras_serializable("seqkit")
class SeasonalInputs(layers.Layer):
    """The features of each past and each future step of a series, whatever its season is.

    Of a past step: its value, whether it is known, the value one season before it and whether that is known, the same
    of the second season, and the sine and cosine of its phase in the season. Of a future step: the values one, two and
    three seasons before it, as far as the past has them, and whether they are known; the value of the latest second
    season and whether it is known; the sine and cosine of the phase; and the share of the horizon that has passed. A
    series without a season has a season of one step and no phase. The baseline of a future step is the value of the
    latest season that is known, and zero, the level, where none is.

    Shapes: B series, T timesteps, H steps ahead. Input scaled values `[B, T]`, known `[B, T]` (1 or 0), season and
    second season `[B, 1]` (1 for none). Output `[B, T, 8]`, `[B, H, 11]`, baseline `[B, H]`.

    Args:
        horizon: steps ahead, H.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import SeasonalInputs
        >>> scaled, one = np.arange(12.0).reshape(1, 12), np.ones((1, 1))
        >>> past, ahead, baseline = SeasonalInputs(horizon=2)(scaled, np.ones((1, 12)), 4 * one, one)
        >>> tuple(past.shape), tuple(ahead.shape), baseline.numpy().ravel()
        ((1, 12, 8), (1, 2, 11), array([8., 9.], dtype=float32))
    """

    def __init__(self, horizon: int, **kwargs: Any) -> None:
        """Choose the horizon."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.horizon = _checks.whole_number("SeasonalInputs", "horizon", horizon)

    def call(self, scaled: Any, known: Any, season: Any, second: Any) -> Any:
        """Return the features of the past and of the future, and the baseline."""
        season, second = ops.cast(season, "int32"), ops.cast(second, "int32")
        timesteps = scaled.shape[1]
        past, future = (
            np.arange(timesteps, dtype="int32")[None],
            timesteps + np.arange(self.horizon, dtype="int32")[None],
        )
        ahead = np.arange(self.horizon, dtype="int32")[None]
        seasons_ahead = ops.floor_divide(ahead, season)
        lags = [future - season * (seasons_ahead + lag) for lag in range(1, LAGS + 1)]
        lag_second = future - second * (ops.floor_divide(ahead, second) + 1)
        before, before_second, lag_second, *lags = _taken(
            scaled,
            known,
            [past - season, past - second, lag_second, *lags],
            [True, second > 1, second > 1, *LAGS * [True]],
        )
        past_features = [scaled, known, *before, *before_second, *_phase(past - timesteps, season)]
        passed = ops.zeros_like(lag_second[0]) + (ahead / self.horizon).astype("float32")
        future_features = [part for lag in lags for part in lag] + [*lag_second, *_phase(ahead, season), passed]
        baseline = ops.zeros_like(passed)
        for value, is_known in reversed(lags):
            baseline = is_known * value + (1 - is_known) * baseline
        return ops.stack(past_features, axis=-1), ops.stack(future_features, axis=-1), baseline

    def compute_output_shape(self, scaled_shape: Any, *others: Any) -> Any:
        """Shapes of the features of the past and of the future, and of the baseline."""
        batch, timesteps = scaled_shape
        return (batch, timesteps, PAST_FEATURES), (batch, self.horizon, FUTURE_FEATURES), (batch, self.horizon)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "horizon": self.horizon}


def _taken(scaled: Any, known: Any, positions: Sequence[Any], wanted: Sequence[Any]) -> list[tuple[Any, Any]]:
    """The values at each of the positions `[B, N]`, and whether each is known; 0 before the first step.

    All are taken at once, since that is many operations of a graph.
    """
    inside = [ops.logical_and(steps >= 0, is_wanted) for steps, is_wanted in zip(positions, wanted, strict=True)]
    ends = np.cumsum([steps.shape[1] for steps in positions])[:-1].tolist()
    joined = ops.maximum(ops.concatenate(list(positions), axis=1), 0)
    is_known = ops.take_along_axis(known, joined, axis=1) * ops.cast(ops.concatenate(inside, axis=1), "float32")
    values = ops.take_along_axis(scaled, joined, axis=1) * is_known
    return list(zip(ops.split(values, ends, axis=1), ops.split(is_known, ends, axis=1), strict=True))


def _phase(steps: Any, season: Any) -> tuple[Any, Any]:
    """Sine and cosine `[B, N]` of the phase of steps `[1, N]` in seasons `[B, 1]`; zero without a season."""
    has_season = ops.cast(season > 1, "float32")
    within = ops.cast(ops.mod(ops.cast(steps, "int32"), season), "float32")
    angle = 2 * np.pi * within / ops.cast(season, "float32")
    return ops.sin(angle) * has_season, ops.cos(angle) * has_season
