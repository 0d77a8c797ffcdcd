"""Each layer against its equation in NumPy, and all of them against one contract."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from keras import ops

import seqkit.layers
from seqkit.layers import (
    AttentionDecoder,
    CharacterWords,
    ClassProbabilities,
    ColumnSequences,
    ColumnsTogether,
    ColumnVectors,
    ConformalIntervals,
    ExponentialSmoothing,
    FeatureAttention,
    FillMissing,
    FixedConvolutions,
    GapChannels,
    IncreasingQuantiles,
    IntervalWidths,
    KnownScaling,
    KnownSteps,
    LastValue,
    LayerAttention,
    LearnedConvolutions,
    LinearChainCRF,
    NeighbourWords,
    NoScaling,
    PeepholeLSTMCell,
    PhraseConvolutions,
    QueryAttention,
    RareWords,
    RawUnits,
    RecurrentStack,
    SeasonalInputs,
    SegmentDecoder,
    Segments,
    SeriesScaling,
    SmoothedBaseline,
    StandardScaling,
    StepAttention,
    TakeColumns,
    TargetScaling,
    Theta,
    ValueTransform,
    WindowScaling,
)

NAN = np.nan
CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "simple_rnn": keras.layers.SimpleRNN}


def random_values(*shape, low=1.0, high=3.0):
    return np.random.default_rng(7).uniform(low, high, shape).astype("float32")


def assert_close(result, expected, rtol=1e-5):
    np.testing.assert_allclose(ops.convert_to_numpy(result), expected, rtol=rtol, atol=1e-6)


# FillMissing


@pytest.mark.parametrize(
    ("how", "column", "expected"),
    [
        ("last", [3, NAN, NAN, NAN, NAN, 7, NAN], [3, 3, 3, 3, 3, 7, 7]),
        ("last", [NAN, NAN, 3, NAN, 8, 1, NAN], [4, 4, 3, 3, 8, 1, 1]),
        ("mean", [NAN, NAN, 3, NAN, 8, 1, NAN], [4, 4, 3, 4, 8, 1, 4]),
        ("mean", [3, 5, 7, 11, 13, 17, 19], [3, 5, 7, 11, 13, 17, 19]),
        ("last", [NAN] * 6 + [5], [5] * 7),
        ("last", [NAN] * 7, [NAN] * 7),
        ("mean", [NAN] * 7, [NAN] * 7),
    ],
)
def test_missing_values_are_filled_by_what_came_before_or_by_the_mean_of_the_known(how, column, expected):
    past = np.stack([np.array(column, "float32"), np.arange(7, dtype="float32")], axis=1)[None]
    filled = ops.convert_to_numpy(FillMissing(how)(past))
    np.testing.assert_allclose(filled[0, :, 0], expected, rtol=1e-6)
    assert filled[0, :, 1].tolist() == list(range(7))


@pytest.mark.parametrize("steps", [1, 2, 5, 16, 17])
def test_the_last_value_is_carried_over_gaps_of_any_length(steps):
    past = np.full((1, steps, 1), NAN, "float32")
    past[0, 0] = 11
    assert ops.convert_to_numpy(FillMissing("last")(past)).ravel().tolist() == [11] * steps


def test_a_window_filled_backwards_does_not_depend_on_what_comes_later():
    past = np.array([2, NAN, NAN, 5, 7], "float32").reshape(1, 5, 1)
    changed = past.copy()
    changed[0, 3:] = 1000
    layer = FillMissing("last")
    assert ops.convert_to_numpy(layer(past))[0, :3].tolist() == ops.convert_to_numpy(layer(changed))[0, :3].tolist()


# ValueTransform and RawUnits


def test_each_column_is_transformed_by_its_own_kind_and_back():
    values = random_values(2, 5, 3)
    layer = ValueTransform(["log", "none", "asinh"])
    transformed = layer(values)
    expected = np.stack([np.log(values[..., 0]), values[..., 1], np.arcsinh(values[..., 2])], axis=-1)
    assert_close(transformed, expected)
    assert_close(layer.invert(transformed), values)


def test_asinh_takes_zero_and_below():
    values = np.array([-1000, -1, 0, 1, 1000], "float32").reshape(1, 5, 1)
    layer = ValueTransform(["asinh"])
    assert_close(layer.invert(layer(values)), values, rtol=1e-4)


@pytest.mark.parametrize("kind", ["log", "asinh"])
def test_a_wild_forecast_stays_finite_in_raw_units(kind):
    wild = np.array([-1e6, 1e6], "float32").reshape(1, 2, 1)
    assert np.isfinite(ops.convert_to_numpy(ValueTransform([kind]).invert(wild))).all()


def test_raw_units_multiply_by_the_spread_add_the_level_and_invert():
    scaled, level, spread = random_values(2, 3, 2), random_values(2, 1, 2), random_values(2, 1, 2)
    layer = RawUnits(["none", "log"])
    raw = layer(scaled, level, spread)
    measured = scaled * spread + level
    assert_close(raw, np.stack([measured[..., 0], np.exp(measured[..., 1])], axis=-1))
    assert_close(layer.scale(raw, level, spread), scaled, rtol=1e-4)


# Scaling


@pytest.mark.parametrize("season", [1, 3, 5, 7])
def test_window_scaling_measures_from_the_recent_mean_in_standard_deviations(season):
    past = random_values(2, 5, 3)
    scaled, level, spread = WindowScaling(season)(past)
    expected = past[:, -season:].mean(axis=1, keepdims=True), past.std(axis=1, keepdims=True)
    assert_close(level, expected[0])
    assert_close(spread, expected[1], rtol=1e-4)
    assert_close(scaled, (past - expected[0]) / expected[1], rtol=1e-4)


def test_the_spread_of_a_constant_window_is_floored_relative_to_its_level():
    scaled, level, spread = WindowScaling()(np.full((1, 5, 1), 2000.0, "float32"))
    assert ops.convert_to_numpy(scaled).ravel().tolist() == [0] * 5
    assert_close(level, 2000)
    assert_close(spread, 0.2)


def test_window_scaling_of_one_window_does_not_see_the_others():
    past = random_values(3, 5, 2)
    assert_close(WindowScaling(3)(past)[0][1:2], WindowScaling(3)(past[1:2])[0])


def test_standard_scaling_takes_its_statistics_from_the_adapted_rows_without_gaps():
    rows = random_values(11, 2)
    rows[3, 0] = NAN
    layer = StandardScaling()
    layer.build((None, 5, 2))
    assert not layer.is_adapted
    layer.adapt(rows)
    assert layer.is_adapted
    past = random_values(3, 5, 2, low=-5)
    scaled, level, spread = layer(past)
    assert_close(level, np.broadcast_to(np.nanmean(rows, axis=0), (3, 1, 2)))
    assert_close(spread, np.broadcast_to(np.nanstd(rows, axis=0), (3, 1, 2)))
    assert_close(scaled, (past - np.nanmean(rows, axis=0)) / np.nanstd(rows, axis=0), rtol=1e-4)


def test_standard_scaling_forgets_the_rows_it_was_adapted_to_before():
    layer = StandardScaling()
    layer.build((None, 5, 1))
    layer.adapt(random_values(11, 1))
    layer(random_values(2, 5, 1))
    layer.adapt(np.array([[3.0], [7.0]], "float32"))
    assert ops.convert_to_numpy(layer.mean).ravel().tolist() == [5]
    assert ops.convert_to_numpy(layer.spread).ravel().tolist() == [2]


def test_series_scaling_measures_each_series_by_its_known_steps_alone():
    past = np.where(random_values(2, 7, 3) > 2.5, NAN, random_values(2, 7, 3))
    past[1, 5:] = NAN
    past[0, 0], past[1, 0] = 1, 2  # something is known of every feature
    scaled, level, spread = SeriesScaling()(past)
    mean, deviation = np.nanmean(past, axis=1, keepdims=True), np.nanstd(past, axis=1, keepdims=True)
    assert_close(level, mean)
    assert_close(spread, deviation, rtol=1e-4)
    assert_close(scaled, (past - mean) / deviation, rtol=1e-4)


def test_a_feature_that_never_changes_or_is_never_known_has_a_floored_spread():
    past = np.stack([np.full(5, 2000), np.full(5, NAN), np.zeros(5)], axis=1).astype("float32")[None]
    scaled, _, spread = SeriesScaling()(past)
    assert ops.convert_to_numpy(scaled)[0, :, [0, 2]].tolist() == [[0] * 5] * 2
    assert np.isnan(ops.convert_to_numpy(scaled)[0, :, 1]).all()
    assert_close(spread[0, 0], [0.2, 1e-7, 1e-7])


def test_no_scaling_leaves_values_as_they_are():
    past = random_values(2, 5, 3)
    scaled, level, spread = NoScaling()(past)
    assert_close(scaled, past)
    assert not ops.convert_to_numpy(level).any()
    assert (ops.convert_to_numpy(spread) == 1).all()


def test_columns_are_taken_by_position_in_the_order_given():
    values = random_values(2, 5, 3)
    assert_close(TakeColumns([2, 0])(values), values[..., [2, 0]])


# KnownSteps


def test_a_step_where_any_feature_is_missing_is_zeroed_and_masked():
    series = random_values(2, 5, 3)
    series[0, 3:], series[1, 2, 1] = NAN, NAN
    layer = KnownSteps()
    is_step = ~np.isnan(series).any(axis=-1)
    assert ops.convert_to_numpy(layer.compute_mask(series)).tolist() == is_step.tolist()
    assert_close(layer(series), np.where(is_step[..., None], series, 0))


def test_the_mask_of_known_steps_reaches_the_layers_that_follow():
    series = random_values(2, 7, 3)
    series[:, 5:] = NAN
    stack = RecurrentStack((5, 3), bidirectional=True)
    assert_close(stack(KnownSteps()(series)), stack(series[:, :5]))


# ClassProbabilities


@pytest.mark.parametrize("temperature", [1.0, 0.5, 3.0])
def test_scores_become_probabilities_at_a_temperature(temperature):
    scores = random_values(5, 3, low=-7)
    softmax, sigmoid = ClassProbabilities("one"), ClassProbabilities("many")
    for layer in (softmax, sigmoid):
        layer.build(scores.shape)
        layer.temperature.assign(temperature)
    grown = np.exp(scores / temperature)
    assert_close(softmax(scores), grown / grown.sum(axis=1, keepdims=True))
    assert_close(sigmoid(scores), 1 / (1 + 1 / grown))


def test_the_temperature_begins_at_one_and_is_not_trained():
    layer = ClassProbabilities()
    layer.build((None, 3))
    assert layer.trainable_weights == []
    assert float(layer.temperature) == 1


# Baselines


def smoothed_by_hand(window, horizon, season, season_decay, level_decay):
    """The equations of the class docstring for one series, loop by loop."""
    seasons = len(window) // season
    folded = window[-seasons * season :].reshape(seasons, season)

    def weights(decay, count):
        grown = np.exp(np.log1p(np.exp(decay)) * np.arange(count))
        return grown / grown.sum()

    shape = weights(season_decay, seasons) @ (folded - folded.mean(axis=1, keepdims=True))
    level = weights(level_decay, seasons * season) @ (folded - shape).ravel()
    return [level + shape[step % season] for step in range(horizon)]


@pytest.mark.parametrize(("timesteps", "season"), [(11, 3), (11, 1), (7, 7), (13, 5)])
def test_the_smoothed_baseline_adds_a_level_and_a_season(timesteps, season):
    past = random_values(2, timesteps, 3)
    layer = SmoothedBaseline(horizon=8, season=season)
    layer.build(past.shape)
    layer.season_decay.assign(0.5)
    layer.level_decay.assign(-0.3)
    expected = [[smoothed_by_hand(window[:, column], 8, season, 0.5, -0.3) for column in range(3)] for window in past]
    assert_close(layer(past), np.swapaxes(expected, 1, 2))


def test_a_window_shorter_than_a_season_is_smoothed_without_one():
    past = random_values(2, 5, 1)
    assert_close(SmoothedBaseline(horizon=3, season=7)(past), SmoothedBaseline(horizon=3, season=1)(past))


def test_a_window_of_one_step_is_repeated():
    assert ops.convert_to_numpy(SmoothedBaseline(3, season=7)(np.full((1, 1, 1), 5.0))).ravel().tolist() == [5] * 3


def test_a_series_that_only_repeats_its_season_is_continued():
    season = np.array([2, 3, 5, 7, 11], "float32")
    forecast = SmoothedBaseline(horizon=7, season=5)(np.tile(season, 3).reshape(1, 15, 1))
    assert_close(forecast[0, :, 0], np.tile(season, 2)[:7])


def test_the_smoothing_weights_are_learnt_only_where_there_is_something_to_weigh():
    for timesteps, learnt in ((15, 2), (5, 1), (1, 0)):
        layer = SmoothedBaseline(horizon=3, season=5 if timesteps > 1 else 1)
        layer.build((None, timesteps, 1))
        assert len(layer.trainable_weights) == learnt


def test_the_last_value_is_repeated():
    past = random_values(2, 5, 3)
    assert_close(LastValue(horizon=7)(past), np.repeat(past[:, -1:], 7, axis=1))


# Segments


def test_each_run_of_timesteps_becomes_one_long_step():
    past = np.arange(2 * 6 * 3, dtype="float32").reshape(2, 6, 3)
    segments = ops.convert_to_numpy(Segments(2)(past))
    assert segments.shape == (2, 3, 6)
    assert segments[1, 2].tolist() == [*past[1, 4], *past[1, 5]]


def test_a_window_that_segments_do_not_fill_is_refused():
    with pytest.raises(ValueError, match="timesteps=7 is not a whole number of segments of 3. Use timesteps=9"):
        Segments(3)(np.zeros((2, 7, 1)))


def test_segments_of_series_of_any_length_end_in_zeros_and_pass_a_mask_on():
    series = np.arange(1, 2 * 7 * 2 + 1, dtype="float32").reshape(2, 7, 2)
    series[0, 2:] = np.nan
    inputs = keras.Input((None, 2))
    joined = Segments(3)(KnownSteps()(inputs))
    model = keras.Model(inputs, [joined, keras.layers.SimpleRNN(4)(joined)])
    segments, last = model(series)
    assert segments.shape == (2, 3, 6)
    assert ops.convert_to_numpy(segments)[1, 2].tolist() == [*series[1, 6], 0, 0, 0, 0]
    assert ops.convert_to_numpy(segments)[0].tolist() == [[1, 2, 3, 4, 0, 0], [0] * 6, [0] * 6]
    assert_close(last[:1], model(series[:1, :2])[1])


# RecurrentStack


@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_a_stack_is_keras_layers_one_above_the_other(cell, bidirectional, return_sequences):
    stack = RecurrentStack((5, 3), cell, bidirectional=bidirectional, return_sequences=return_sequences)
    x = random_values(2, 7, 3)
    output = stack(x)
    by_hand = [CELLS[cell](5, return_sequences=True), CELLS[cell](3, return_sequences=return_sequences)]
    if bidirectional:
        by_hand = [keras.layers.Bidirectional(layer) for layer in by_hand]
    model = keras.Sequential([keras.Input((7, 3)), *by_hand])
    model.set_weights(stack.get_weights())
    assert_close(output, model(x))
    assert output.shape == (*((2, 7) if return_sequences else (2,)), 6 if bidirectional else 3)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_masked_steps_change_nothing(bidirectional):
    x = random_values(2, 7, 3)
    mask = np.arange(7)[None] < np.array([[4], [7]])
    stack = RecurrentStack((5, 3), "gru", bidirectional=bidirectional)
    changed = np.where(mask[..., None], x, 99).astype("float32")
    assert_close(stack(x, mask=mask), stack(changed, mask=mask))
    assert_close(stack(x, mask=mask)[:1], stack(x[:1, :4]))


def test_a_mask_reaches_the_stack_and_is_passed_on_only_where_steps_are():
    x = random_values(2, 7, 3)
    x[:, 5:] = 0
    stack = RecurrentStack((5, 3))
    assert_close(stack(keras.layers.Masking()(x)), stack(x[:, :5]))
    mask = np.ones((2, 7), bool)
    assert stack.compute_mask(x, mask) is None
    assert RecurrentStack(3, return_sequences=True).compute_mask(x, mask) is mask


def test_a_first_dropout_follows_the_first_layer_and_only_in_training():
    stack = RecurrentStack((5, 3, 2), first_dropout=0.5)
    assert stack.dropout == (0.5, 0.0, 0.0)
    assert [drop.rate if drop else None for drop in stack.drops] == [0.5, None, None]
    x = random_values(2, 7, 3)
    assert_close(stack(x), stack(x, training=False))
    assert not np.allclose(stack(x, training=True), stack(x, training=False))


def test_defaults_keep_the_fast_kernel():
    for layer in RecurrentStack((5, 3), "lstm").recurrent:
        assert (layer.activation, layer.recurrent_activation) == (keras.activations.tanh, keras.activations.sigmoid)
        assert (layer.recurrent_dropout, layer.unroll, layer.use_bias) == (0, False, True)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: RecurrentStack(3, "lstn"),
            ValueError,
            "cell must be one of 'simple_rnn', 'lstm', 'gru', 'peephole_lstm', got 'lstn'.",
        ),
        (lambda: RecurrentStack(3, "lstn"), ValueError, "Did you mean 'lstm'?"),
        (lambda: RecurrentStack(0), ValueError, "units must be 1 or more, got 0"),
        (lambda: RecurrentStack((5, -3)), ValueError, "units must be 1 or more, got -3"),
        (lambda: RecurrentStack(()), ValueError, "units is empty"),
        (lambda: RecurrentStack(2.5), TypeError, "units must be a whole number, got 2.5"),
        (lambda: RecurrentStack(True), TypeError, "units must be a whole number, got True"),
        (lambda: RecurrentStack(3, dropout=1.7), ValueError, "dropout must be from 0 to below 1, got 1.7"),
        (lambda: RecurrentStack(3, dropout=-0.1), ValueError, "dropout must be from 0 to below 1, got -0.1"),
        (lambda: RecurrentStack(3, dropout=NAN), ValueError, "dropout must be from 0 to below 1, got nan"),
        (lambda: RecurrentStack(3, dropout="half"), TypeError, "dropout must be a number from 0 to below 1"),
        (lambda: RecurrentStack((5, 3), dropout=(0.1,)), ValueError, "dropout has 1 numbers for 2 layers"),
        (lambda: FillMissing("next"), ValueError, "how must be one of 'last', 'mean', got 'next'"),
        (lambda: ValueTransform(["sqrt"]), ValueError, "transform must be one of 'none', 'log', 'asinh', got 'sqrt'"),
        (lambda: RawUnits(["lgo"]), ValueError, "Did you mean 'log'?"),
        (lambda: WindowScaling(0), ValueError, "season must be 1 or more, got 0"),
        (lambda: SmoothedBaseline(0), ValueError, "horizon must be 1 or more, got 0"),
        (lambda: SmoothedBaseline(3, 1.5), TypeError, "season must be a whole number, got 1.5"),
        (lambda: ExponentialSmoothing(0), ValueError, "ExponentialSmoothing: horizon must be 1 or more, got 0"),
        (lambda: Theta(3, 0), ValueError, "Theta: season must be 1 or more, got 0"),
        (lambda: LastValue(-1), ValueError, "horizon must be 1 or more, got -1"),
        (lambda: Segments(0), ValueError, "length must be 1 or more, got 0"),
        (lambda: ClassProbabilities("two"), ValueError, "classes must be one of 'one', 'many', got 'two'"),
        (lambda: FixedConvolutions(0), ValueError, "timesteps must be 1 or more, got 0"),
        (lambda: FixedConvolutions(7, numbers=0.5), TypeError, "numbers must be a whole number, got 0.5"),
        (lambda: FixedConvolutions(7, seed=-1), ValueError, "seed must be 0 or more, got -1"),
        (lambda: LearnedConvolutions((5, 3), (2,)), ValueError, "filters has 2 numbers, but widths has 1"),
        (lambda: LearnedConvolutions((5, 0), (3, 2)), ValueError, "filters must be 1 or more, got 0"),
        (lambda: PhraseConvolutions(5, ()), ValueError, "widths is empty. Name one or more"),
        (lambda: PhraseConvolutions(0), ValueError, "filters must be 1 or more, got 0"),
    ],
)
def test_bad_arguments_are_refused_in_words(make, error, message):
    with pytest.raises(error) as refused:
        make()
    assert message in str(refused.value)


# The contract: every public layer keeps it


def adapted():
    layer = StandardScaling()
    layer.build((None, 7, 3))
    layer.adapt(random_values(11, 3))
    return layer


def adapted_targets():
    layer = TargetScaling()
    layer.build((None, 7, 3))
    layer.adapt(random_values(11, 3))
    return layer


def adapted_convolutions():
    layer = FixedConvolutions(**FIXED)
    layer.build((None, 7, 3))
    layer.adapt(random_values(11, 7, 3))
    return layer


def alone(past):
    return [past]


def numbers_of(past):
    return [ops.cast(past, "int32")]


class Row(NamedTuple):
    """What the contract needs to know of one layer."""

    make: Callable[[], keras.layers.Layer]
    attributes: Mapping[str, Any] = MappingProxyType({})  # that its config must bring back
    inputs: Callable[[Any], list[Any]] = alone  # what it is called with, made of past (2, 7, 3)
    past: np.ndarray = random_values(2, 7, 3)
    always_float32: bool = True  # also under a policy of mixed precision


def decoder_states(past):
    """First states of 5 and 3 units, made of past."""
    wide = ops.concatenate([past[:, 0], past[:, 1]], axis=-1)
    return {"layer_1_hidden": wide[:, :5], "layer_2_hidden": past[:, 2]}


def with_seasons(past, seasons=2):
    """One column of past, all of it known, with a season of 3 steps, and others of 6."""
    column = past[..., 0]
    three = ops.cast(3 * ops.ones_like(column[:, :1]), "int32")
    return [column, ops.ones_like(column), three, 2 * three][: 2 + seasons]


KINDS = ("log", "none", "asinh")
GAPS = np.where(random_values(2, 7, 3) > 2.5, NAN, random_values(2, 7, 3))
STACK = {"units": (5, 3), "cell": "gru", "bidirectional": True, "dropout": (0.1, 0.3), "return_sequences": True}
STACK |= {"return_state": True, "initial_state": "learned", "memory": 11, "states": "list", "reset_after": False}
STACK_ATTRIBUTES = {name: value for name, value in STACK.items() if name != "states"}  # `states` is Keras's
FIXED = {"timesteps": 7, "numbers": 200, "seed": 11}
LEARNED = {"filters": (5, 3), "widths": (3, 2)}
PHRASES = {"filters": 5, "widths": (2, 3)}
CRF = {"forbidden": ((0, 1), (1, 1)), "never_first": (1,)}
SPELLING = {"characters": 7, "filters": 5, "embedding": 3, "widths": (2, 3)}
SPELT = np.floor(random_values(2, 7, 3, low=0, high=7))
SEGMENT_DECODER = {"horizon": 7, "segment": 3, "columns": 2, "positions": 5, "dropout": 0.1}
NEIGHBOURS = {"words": 5, "weight": 0.3, "hidden": 7}
QUERY = {"score": "additive", "units": 5}
DECODER = {"units": (5, 3), "cell": "gru", "attention": "additive", "width": 2, "dropout": 0.1}
CONTRACT = {
    "AttentionDecoder": Row(
        lambda: AttentionDecoder(**DECODER),
        DECODER,
        lambda past: [past[:, :2], past, past[:, 0], decoder_states(past)],
        always_float32=False,
    ),
    "CharacterWords": Row(lambda: CharacterWords(**SPELLING), SPELLING, numbers_of, past=SPELT, always_float32=False),
    "ClassProbabilities": Row(lambda: ClassProbabilities("many"), {"classes": "many"}),
    "ColumnSequences": Row(lambda: ColumnSequences([2, 0]), {"targets": [2, 0]}, always_float32=False),
    "ColumnVectors": Row(lambda: ColumnVectors(2, 5), {"columns": 2, "size": 5}, always_float32=False),
    "ColumnsTogether": Row(
        lambda: ColumnsTogether(2), {"columns": 2}, lambda past: [past[..., :1]], always_float32=False
    ),
    "ConformalIntervals": Row(ConformalIntervals),
    "ExponentialSmoothing": Row(lambda: ExponentialSmoothing(5, 3), {"horizon": 5, "season": 3}),
    "FeatureAttention": Row(FeatureAttention, always_float32=False),
    "FillMissing": Row(lambda: FillMissing("last"), {"how": "last"}, past=GAPS),
    "FixedConvolutions": Row(adapted_convolutions, FIXED),
    "GapChannels": Row(lambda: GapChannels(7), {"longest": 7}, past=GAPS),
    "IncreasingQuantiles": Row(IncreasingQuantiles, always_float32=False),
    "IntervalWidths": Row(lambda: IntervalWidths((0.1, 0.5, 0.9)), {"levels": (0.1, 0.5, 0.9)}),
    "KnownScaling": Row(KnownScaling, inputs=lambda past: with_seasons(past, 1)),
    "KnownSteps": Row(KnownSteps, past=GAPS, always_float32=False),
    "LastValue": Row(lambda: LastValue(5), {"horizon": 5}, always_float32=False),
    "LayerAttention": Row(LayerAttention, inputs=lambda past: [[past[:, 0], past[:, 1]]], always_float32=False),
    "LearnedConvolutions": Row(lambda: LearnedConvolutions(**LEARNED), LEARNED, always_float32=False),
    "LinearChainCRF": Row(lambda: LinearChainCRF(**CRF), CRF),
    "NeighbourWords": Row(
        lambda: NeighbourWords(**NEIGHBOURS),
        NEIGHBOURS,
        lambda past: [past[..., :2], ops.cast(past[..., 2], "int32")],
        always_float32=False,
    ),
    "NoScaling": Row(NoScaling),
    "PeepholeLSTMCell": Row(
        lambda: PeepholeLSTMCell(3),
        {"units": 3},
        lambda past: [past[:, 0], [past[:, 1], past[:, 2]]],
        always_float32=False,
    ),
    "PhraseConvolutions": Row(lambda: PhraseConvolutions(**PHRASES), PHRASES, always_float32=False),
    "QueryAttention": Row(
        lambda: QueryAttention(**QUERY), QUERY, lambda past: [past[:, :2], past], always_float32=False
    ),
    "RareWords": Row(
        lambda: RareWords(2, 0.3), {"first": 2, "rate": 0.3}, numbers_of, past=SPELT, always_float32=False
    ),
    "RawUnits": Row(lambda: RawUnits(KINDS), {"kinds": KINDS}, lambda past: [past, past[:, :1], past[:, 1:2]]),
    "RecurrentStack": Row(lambda: RecurrentStack(**STACK), STACK_ATTRIBUTES, always_float32=False),
    "SeasonalInputs": Row(lambda: SeasonalInputs(5), {"horizon": 5}, with_seasons),
    "SegmentDecoder": Row(
        lambda: SegmentDecoder(**SEGMENT_DECODER),
        SEGMENT_DECODER,
        lambda past: [past[:, 0], past[:, 1]],
        always_float32=False,
    ),
    "Segments": Row(lambda: Segments(7), {"length": 7}, always_float32=False),
    "SeriesScaling": Row(SeriesScaling, past=GAPS),
    "SmoothedBaseline": Row(lambda: SmoothedBaseline(5, 3), {"horizon": 5, "season": 3}, always_float32=False),
    "StandardScaling": Row(adapted),
    "StepAttention": Row(lambda: StepAttention("dense"), {"score": "dense"}, always_float32=False),
    "TakeColumns": Row(lambda: TakeColumns([2, 0]), {"positions": [2, 0]}),
    "TargetScaling": Row(adapted_targets),
    "Theta": Row(lambda: Theta(5, 3), {"horizon": 5, "season": 3}),
    "ValueTransform": Row(lambda: ValueTransform(KINDS), {"kinds": KINDS}),
    "WindowScaling": Row(lambda: WindowScaling(3, 0.5), {"season": 3, "least_spread": 0.5}),
}
contract = pytest.mark.parametrize("row", CONTRACT.values(), ids=CONTRACT)


def outputs_of(layer, row, past):
    """Everything the layer returns, as a list."""
    return keras.tree.flatten(layer(*row.inputs(past)))


def small_model(layer, row):
    """A functional model around the layer; every output flattened and joined, so that none is left out."""
    past = keras.Input((7, 3), name="past")
    unmasked = [ops.add(tensor, 0) for tensor in outputs_of(layer, row, past)]  # Flatten warns of a mask
    flat = [keras.layers.Flatten(dtype="float32")(tensor) for tensor in unmasked]
    return keras.Model(
        past,
        keras.layers.Concatenate(dtype="float32")(flat) if len(flat) > 1 else flat[0],
    )


def test_every_public_layer_is_in_the_contract():
    assert set(CONTRACT) == set(seqkit.layers.__all__)


@contract
def test_a_layer_comes_back_from_its_config_with_the_same_attributes(row):
    layer = row.make()
    again = type(layer).from_config(layer.get_config())
    for attribute, expected in row.attributes.items():
        assert getattr(layer, attribute) == getattr(again, attribute) == expected
    assert (again.name, again.dtype_policy.name) == (layer.name, layer.dtype_policy.name)
    assert again.get_config() == layer.get_config()
    assert set(row.attributes) <= set(layer.get_config())


@contract
def test_a_layer_is_saved_and_loaded_inside_a_model(row, tmp_path):
    model = small_model(row.make(), row)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(row.past), model(row.past))


@contract
def test_a_layer_exports_to_a_saved_model(row, tmp_path):
    import tensorflow as tf

    model = small_model(row.make(), row)
    model.export(tmp_path / "exported", verbose=False)
    served = tf.saved_model.load(tmp_path / "exported")
    assert_close(served.serve(row.past), ops.convert_to_numpy(model(row.past)))


@contract
def test_a_layer_says_the_shape_it_returns(row):
    layer = row.make()
    symbolic = outputs_of(layer, row, keras.KerasTensor(row.past.shape))
    assert [tensor.shape for tensor in symbolic] == [tuple(tensor.shape) for tensor in outputs_of(layer, row, row.past)]


@contract
def test_a_layer_works_in_mixed_precision_and_scaling_stays_in_float32(row):
    plain = small_model(row.make(), row)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        layer = row.make()
        mixed = small_model(layer, row)
        mixed.set_weights(plain.get_weights())
        output = mixed(row.past)
    finally:
        keras.config.set_dtype_policy("float32")
    assert layer.compute_dtype == ("float32" if row.always_float32 else "float16")
    assert all(weight.dtype == "float32" for weight in layer.weights)
    np.testing.assert_allclose(output, plain(row.past), rtol=1e-6 if row.always_float32 else 5e-3, atol=1e-3)


def test_a_stack_in_float32_under_a_mixed_policy_is_in_float32_throughout():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        stack = RecurrentStack((5, 3), bidirectional=True, first_dropout=0.5, dtype="float32")
    finally:
        keras.config.set_dtype_policy("float32")
    assert {layer.compute_dtype for layer in stack._flatten_layers()} == {"float32"}


def test_a_window_that_never_changes_is_scaled_by_the_floor_of_its_spread():
    flat = np.zeros((1, 5, 2), "float32")
    _, level, spread = WindowScaling(least_spread=(0.5, 2.0))(flat)
    assert_close(level, np.zeros((1, 1, 2)))
    assert_close(spread, np.array([0.5, 2.0]).reshape(1, 1, 2))
