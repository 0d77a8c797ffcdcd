"""Baseline forecasts inside the graph, to which a network adds: exponential smoothing, and the last value."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks

INITIAL_DECAY = -1.0  # softplus(-1) = 0.31: each step has 0.73 of the weight of the next step


@keras.saving.register_keras_serializable("seqkit")
class SmoothedBaseline(layers.Layer):
    r"""Forecast each window by its exponentially smoothed level plus its exponentially smoothed season.

    Let z[j, i] be the last k whole seasons of the window (season j = 0 .. k-1, step i = 0 .. m-1):

        s[i]  = sum_j w[j] (z[j, i] - mean_i z[j, i])       w = softmax(a j)      the season's shape
        l     = sum_t v[t] (z[t] - s[t mod m])              v = softmax(b t)      the level
        out[h] = l + s[h mod m]

    The softmax of a rising ramp is an exponential decay into the past. So `a` and `b` are the smoothing parameters
    of Holt and Winters (1960), additive and without trend. They are trained by gradient together with the network,
    as in ES-RNN (Smyl 2020, section 3). A window shorter than one season is smoothed without a season.

    Shapes: input `[B, T, C]`, output `[B, H, C]`.

    Args:
        horizon: steps to forecast, H.
        season: steps in a season, m; 1 for none.
    """

    def __init__(self, horizon: int, season: int = 1, **kwargs: Any) -> None:
        """Choose the horizon and the season."""
        super().__init__(**kwargs)
        self.horizon = _checks.whole_number("SmoothedBaseline", "horizon", horizon)
        self.season = _checks.whole_number("SmoothedBaseline", "season", season)

    def build(self, input_shape: Any) -> None:
        """Make the two decays. A decay over a single season or a single step is not trainable: it changes nothing."""
        season, seasons = self._season_and_count(input_shape[1])
        initial = keras.initializers.Constant(INITIAL_DECAY)
        self.season_decay = self.add_weight(shape=(), initializer=initial, trainable=seasons > 1, name="season_decay")
        self.level_decay = self.add_weight(
            shape=(), initializer=initial, trainable=season * seasons > 1, name="level_decay"
        )
        self.built = True

    def _season_and_count(self, timesteps: int) -> tuple[int, int]:
        """Steps in a season, and the number of whole seasons in the window."""
        season = self.season if self.season <= timesteps else 1
        return season, timesteps // season

    def call(self, past: Any) -> Any:
        """Forecast each window."""
        timesteps, columns = past.shape[1], past.shape[2]
        season, seasons = self._season_and_count(timesteps)
        folded = ops.reshape(past[:, -seasons * season :], (-1, seasons, season, columns))
        centred = folded - ops.mean(folded, axis=2, keepdims=True)
        shape = ops.sum(centred * self._weights(self.season_decay, seasons)[:, None, None], axis=1)  # (B, m, C)
        deseasonalised = ops.reshape(folded - shape[:, None], (-1, seasons * season, columns))
        level_weights = self._weights(self.level_decay, seasons * season)[:, None]
        level = ops.sum(deseasonalised * level_weights, axis=1, keepdims=True)
        repeats = -(-self.horizon // season)
        return level + ops.tile(shape, (1, repeats, 1))[:, : self.horizon]

    def _weights(self, decay: Any, count: int) -> Any:
        if count == 1:
            return ops.ones((1,), dtype=self.compute_dtype)
        ramp = ops.arange(count, dtype=self.compute_dtype)
        return ops.softmax(ramp * ops.softplus(ops.cast(decay, self.compute_dtype)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return (input_shape[0], self.horizon, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "horizon": self.horizon, "season": self.season}


@keras.saving.register_keras_serializable("seqkit")
class LastValue(layers.Layer):
    """The naive forecast: repeat the last value of each column. Shapes: `[B, T, C]` to `[B, H, C]`."""

    def __init__(self, horizon: int, **kwargs: Any) -> None:
        """Choose the horizon."""
        super().__init__(**kwargs)
        self.horizon = _checks.whole_number("LastValue", "horizon", horizon)

    def call(self, past: Any) -> Any:
        """Repeat the last step."""
        return ops.repeat(past[:, -1:], self.horizon, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return (input_shape[0], self.horizon, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "horizon": self.horizon}
