"""Baseline forecasts inside the graph, to which a network adds: exponential smoothing, and the last value."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

INITIAL_DECAY = -1.0  # softplus(-1) = 0.31: each step has 0.73 of the weight of the next step
LONGEST_QUICK_HORIZON = 48  # steps; a level that is to hold for more of them remembers a sixth of them
DECAY_OVER_LONG_HORIZON = 6.0  # 4 to 8 were best on training and validation rows of ETTh1 and ETTm1, not 2 and not 15
INITIAL_WIDTH = 0.35  # steps that a long season of whole short ones is smoothed by; neighbours count 0.02
INITIAL_WIDTH_OF_YEAR = 0.02  # the same of another long season, as a share of its steps


@keras.saving.register_keras_serializable("seqkit")
class SmoothedBaseline(layers.Layer):
    r"""Forecast each window by its exponentially smoothed level plus its exponentially smoothed seasons.

    Let z[j, i] be the last k whole seasons of the window (season j = 0 .. k-1, step i = 0 .. m-1):

        s[i]  = sum_j w[j] (z[j, i] - mean_i z[j, i])       w = softmax(a j)      the season's shape
        l     = sum_t v[t] (z[t] - s[t mod m])              v = softmax(b t)      the level
        out[h] = l + s[h mod m]

    The softmax of a rising ramp is an exponential decay into the past. So `a` and `b` are the smoothing parameters
    of Holt and Winters (1960), additive and without trend. They are trained by gradient together with the network,
    as in ES-RNN (Smyl 2020, section 3). A window shorter than one season is smoothed without a season.

    A second, longer season is taken in the same way from z[t] - s[t mod m], as in the double seasonal method of
    Taylor (2003). Its neighbouring steps are averaged by a Gaussian kernel of learnt width, since a window holds few
    seasons of it.

    Shapes: input `[B, T, C]`, output `[B, H, C]`.

    Args:
        horizon: steps to forecast, H.
        season: steps in a season, m; 1 for none.
        long_season: steps in the longer season; 1 for none.
    """

    def __init__(self, horizon: int, season: int = 1, long_season: int = 1, **kwargs: Any) -> None:
        """Choose the horizon and the seasons."""
        super().__init__(**kwargs)
        self.horizon = _checks.whole_number("SmoothedBaseline", "horizon", horizon)
        self.season = _checks.whole_number("SmoothedBaseline", "season", season)
        self.long_season = _checks.whole_number("SmoothedBaseline", "long_season", long_season)

    def build(self, input_shape: Any) -> None:
        """Make the decays. A decay over a single season or a single step is not trainable: it changes nothing."""
        timesteps = input_shape[1]
        seasons = timesteps // self._fitting(self.season, timesteps)
        self.season_decay = self._number("season_decay", INITIAL_DECAY, trainable=seasons > 1)
        self.level_decay = self._number("level_decay", self._initial_level_decay(), trainable=timesteps > 1)
        long_season = self._fitting(self.long_season, timesteps)
        self._seasons = self._fitting(self.season, timesteps), long_season
        if long_season > 1:
            self.long_season_decay = self._number(
                "long_season_decay", INITIAL_DECAY, trainable=timesteps // long_season > 1
            )
            is_multiple = self.season > 1 and long_season % self.season == 0
            width = INITIAL_WIDTH if is_multiple else INITIAL_WIDTH_OF_YEAR * long_season
            self.smoothing = self._number("smoothing", float(np.log(width)), trainable=True)
        self.built = True

    def call(self, past: Any) -> Any:
        """Forecast each window."""
        timesteps = ops.shape(past)[1]  # a number where it is fixed, else a tensor
        season, long_season = self._seasons
        whole = past[:, -(timesteps // season) * season :]
        shape = self._shape(whole, season, self.season_decay)  # (B, m, C)
        rest = self._without(whole, shape)
        seasonal = self._ahead(shape)
        if long_season > 1:
            rest = self._without(past, shape)
            long_shape = self._smoothed(self._shape(rest, long_season, self.long_season_decay))
            rest = self._without(rest, long_shape)
            seasonal = seasonal + self._ahead(long_shape)
        weights = self._weights(self.level_decay, ops.shape(rest)[1])[:, None]
        return ops.sum(rest * weights, axis=1, keepdims=True) + seasonal

    @staticmethod
    def _fitting(season: int, timesteps: int) -> int:
        """The steps of a season that fits in the window, else 1."""
        return season if season <= timesteps else 1

    def _number(self, name: str, initial: float, trainable: bool) -> Any:
        return self.add_weight(
            shape=(), initializer=keras.initializers.Constant(initial), trainable=trainable, name=name
        )

    def _initial_level_decay(self) -> float:
        """The decay whose memory holds for the horizon, as a number of which softplus is taken."""
        if self.horizon <= LONGEST_QUICK_HORIZON:
            return INITIAL_DECAY
        return float(np.log(np.expm1(DECAY_OVER_LONG_HORIZON / self.horizon)))

    def _shape(self, past: Any, season: int, decay: Any) -> Any:
        """The weighted mean of the last whole seasons, each without its mean `(B, m, C)`."""
        seasons, columns = ops.shape(past)[1] // season, past.shape[2]
        folded = ops.reshape(past[:, -seasons * season :], (-1, seasons, season, columns))
        centred = folded - ops.mean(folded, axis=2, keepdims=True)
        return ops.sum(centred * self._weights(decay, seasons)[:, None, None], axis=1)

    @staticmethod
    def _without(past: Any, shape: Any) -> Any:
        """The past `(B, T, C)` less a season's shape `(B, m, C)`, whose last step is the last of the past."""
        timesteps = ops.shape(past)[1]
        repeated = ops.tile(shape, (1, -(-timesteps // shape.shape[1]), 1))
        return past - repeated[:, -timesteps:]

    def _ahead(self, shape: Any) -> Any:
        """The season's shape `(B, m, C)` over the horizon `(B, H, C)`."""
        return ops.tile(shape, (1, -(-self.horizon // shape.shape[1]), 1))[:, : self.horizon]

    def _smoothed(self, shape: Any) -> Any:
        """The shape `(B, m, C)` averaged over neighbouring steps, around the year."""
        steps = shape.shape[1]
        distance = np.arange(steps)
        distance = np.minimum(distance, steps - distance).astype(self.compute_dtype)
        width = ops.exp(ops.cast(self.smoothing, self.compute_dtype))
        kernel = ops.softmax(-ops.square(ops.convert_to_tensor(distance) / width) / 2)
        circle = (np.arange(steps)[:, None] - np.arange(steps)) % steps
        return ops.einsum("ij,bjc->bic", ops.take(kernel, circle), shape)

    def _weights(self, decay: Any, count: Any) -> Any:
        if isinstance(count, int) and count == 1:
            return ops.ones((1,), dtype=self.compute_dtype)
        ramp = ops.arange(count, dtype=self.compute_dtype)
        return ops.softmax(ramp * ops.softplus(ops.cast(decay, self.compute_dtype)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        return (input_shape[0], self.horizon, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "horizon": self.horizon, "season": self.season, "long_season": self.long_season}


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
