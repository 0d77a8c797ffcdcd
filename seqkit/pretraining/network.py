"""The network that is pretrained: it forecasts a series that it has never seen, of any season, as quantiles.

Shapes: B series, T timesteps, H steps ahead, Q quantiles, w steps in a segment, U units.

The past is read in segments by a GRU (SegRNN, Lin et al. 2023, section 4.1), and the segments of the horizon are
decoded by a second GRU from the state of the first (Cho et al. 2014). It reads what is known ahead: the values of the
latest seasons and the phase (`SeasonalInputs`). Its output is added to the last season that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit.layers.known_scaling import KnownScaling
from seqkit.layers.quantiles import LEVELS, IncreasingQuantiles, check_levels, pinball_loss
from seqkit.layers.seasonal_inputs import SeasonalInputs
from seqkit.layers.segments import Segments

TIMESTEPS, HORIZON, SEGMENT, UNITS = 256, 64, 8, 128
SMALLEST_ERROR, LARGEST_LOSS = 0.1, 10.0  # of the seasonal naive forecast, in spreads; of a step, in naive errors


def pretrained_network(
    timesteps: int = TIMESTEPS,
    horizon: int = HORIZON,
    *,
    segment: int = SEGMENT,
    units: int = UNITS,
    levels: Sequence[float] = LEVELS,
) -> keras.Model:
    """Make the network, with random weights.

    Inputs, by name: `scaled` `[B, T]` and `known` `[B, T]` (`KnownScaling`), `season` and `second_season` `[B, 1]`.
    Output: quantiles `[B, H, Q]` on the same bent scale, which cannot cross.

    Args:
        timesteps: steps of the past, T, a whole number of segments.
        horizon: steps ahead, H, a whole number of segments.
        segment: steps that are one step of a GRU, w.
        units: units of each GRU, U.
        levels: of the quantiles, Q: they rise from above 0 to below 1, mirrored around .5.

    Raises:
        ValueError: other levels.
    """
    levels = check_levels("pretrained_network", levels)
    scaled = keras.Input((timesteps,), name="scaled", dtype="float32")
    known = keras.Input((timesteps,), name="known", dtype="float32")
    season = keras.Input((1,), name="season", dtype="int32")
    second = keras.Input((1,), name="second_season", dtype="int32")
    past, future, baseline = SeasonalInputs(horizon, name="seasonal_inputs")(scaled, known, season, second)
    facts = SeriesFacts(name="facts")(known, season, second)
    read = _segments_of("past", past, facts, segment, units)  # (B, T / w, U)
    state = layers.GRU(units, name="encoder")(read)
    ahead = _segments_of("future", future, facts, segment, units)  # (B, H / w, U)
    decoded = layers.GRU(units, return_sequences=True, name="decoder")(ahead, initial_state=state)
    decoded = layers.Concatenate(name="with_what_is_known")([decoded, ahead])
    numbers = layers.Dense(segment * len(levels), kernel_initializer="zeros", name="head")(decoded)
    numbers = layers.Reshape((horizon, len(levels)), dtype="float32", name="steps")(numbers)
    quantiles = IncreasingQuantiles(dtype="float32", name="increasing")(numbers)
    baseline = layers.Reshape((horizon, 1), dtype="float32", name="baseline")(baseline)
    outputs = layers.Add(dtype="float32", name="quantiles")([quantiles, baseline])
    return keras.Model([scaled, known, season, second], outputs, name="pretrained")


def _segments_of(name: str, steps: Any, facts: Any, segment: int, units: int) -> Any:
    """Segments of steps `[B, N, F]` beside the facts of the series `[B, V]`, as vectors `[B, N / w, U]`."""
    cut = Segments(segment, name=f"{name}_segments")(steps)
    repeated = layers.RepeatVector(cut.shape[1], name=f"{name}_facts")(facts)
    both = layers.Concatenate(name=f"{name}_with_facts")([cut, repeated])
    return layers.Dense(units, activation="relu", name=f"{name}_vectors")(both)


@keras.saving.register_keras_serializable("seqkit")
class SeriesFacts(layers.Layer):
    """What is true of a whole series: how long its seasons and its history are, on a logarithmic scale.

    Shapes: known `[B, T]`, season and second season `[B, 1]`; output `[B, 5]`.
    """

    def call(self, known: Any, season: Any, second: Any) -> Any:
        """Return the logarithms, and whether there is a season at all."""
        length = ops.sum(known, axis=1, keepdims=True)
        lengths = [ops.cast(season, "float32"), ops.cast(second, "float32"), length]
        season_count = length / lengths[0]
        logarithms = [ops.log(ops.maximum(number, 1.0)) / 5.0 for number in (*lengths, season_count)]
        return ops.concatenate([*logarithms, ops.cast(season > 1, "float32")], axis=1)

    def compute_output_shape(self, known_shape: Any, *others: Any) -> Any:
        """Return `[B, 5]`."""
        return known_shape[0], 5


@keras.saving.register_keras_serializable("seqkit")
class ForecastLoss(layers.Layer):
    """Quantile loss of each series on the straight scale, over the error of its seasonal naive forecast.

    The naive error is that of the past, as in MASE (Hyndman & Koehler 2006), of 0.1 spreads at least. The loss of a
    step is at most 10.

    Shapes: quantiles `[B, H, Q]` and the past `[B, T]` on the bent scale, the actual values `[B, H]` in spreads off
    the level. Output `[B]`.
    """

    def __init__(self, levels: Sequence[float] = LEVELS, **kwargs: Any) -> None:
        """Choose the levels."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.levels = tuple(levels)

    def call(self, quantiles: Any, actual: Any, scaled: Any, known: Any, season: Any) -> Any:
        """Return the mean over steps and levels."""
        losses = pinball_loss(actual, KnownScaling.straight(quantiles), self.levels)
        naive = naive_error(KnownScaling.straight(scaled), known, season)
        return ops.mean(in_naive_errors(losses, naive, 1.0), axis=1)

    def compute_output_shape(self, quantiles_shape: Any, *others: Any) -> Any:
        """Return `[B]`."""
        return (quantiles_shape[0],)


def in_naive_errors(losses: Any, naive: Any, spread: Any) -> Any:
    """Losses over the error of the seasonal naive forecast, which counts as 0.1 spreads at least; at most 10."""
    return ops.minimum(losses / ops.maximum(naive, SMALLEST_ERROR * spread), LARGEST_LOSS)


def naive_error(values: Any, known: Any, season: Any) -> Any:
    """Mean distance `[B, 1]` of known values `[B, T]` from those one season before; 0 where no pair is known."""
    positions = np.arange(values.shape[1], dtype="int32")[None] - ops.cast(season, "int32")
    inside = ops.cast(positions >= 0, "float32")
    positions = ops.maximum(positions, 0)
    pairs = known * ops.take_along_axis(known, positions, axis=1) * inside
    distance = ops.abs(values - ops.take_along_axis(values, positions, axis=1))
    return ops.sum(distance * pairs, axis=1, keepdims=True) / ops.maximum(ops.sum(pairs, axis=1, keepdims=True), 1.0)


def loss_network(network: keras.Model, levels: Sequence[float] = LEVELS) -> keras.Model:
    """The loss `[B]` of each series, from raw values; its weights are those of the network.

    Inputs, by name: `past` `[B, T]`, `known` `[B, T]`, `season` and `second_season` `[B, 1]`, `future` `[B, H]`.
    """
    (_, timesteps), (_, horizon, _) = network.inputs[0].shape, network.output_shape
    past = keras.Input((timesteps,), name="past", dtype="float32")
    known = keras.Input((timesteps,), name="known", dtype="float32")
    season = keras.Input((1,), name="season", dtype="int32")
    second = keras.Input((1,), name="second_season", dtype="int32")
    future = keras.Input((horizon,), name="future", dtype="float32")
    scaled, level, spread = KnownScaling(name="scaling")(past, known, season)
    quantiles = network([scaled, known, season, second])
    actual = StraightValues(name="actual")(future, level, spread)
    loss = ForecastLoss(levels, name="loss")(quantiles, actual, scaled, known, season)
    return keras.Model([past, known, season, second, future], loss, name="loss_of_forecast")


@keras.saving.register_keras_serializable("seqkit")
class StraightValues(layers.Layer):
    """Raw values `[B, H]` in spreads off the level, as far as the bent scale reaches."""

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of a Keras layer; raw units need float32."""
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, values: Any, level: Any, spread: Any) -> Any:
        """Scale, and cut what the bent scale does not reach."""
        return KnownScaling.straight(KnownScaling.scaled(values, level, spread))

    def compute_output_shape(self, values_shape: Any, *others: Any) -> Any:
        """Return the shape of the values."""
        return values_shape
