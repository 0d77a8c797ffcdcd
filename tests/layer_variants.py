"""Every layer that seqkit registers with Keras: what it is made with, what it is called with, what it returns."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from keras import layers

from seqkit.forecasting.member_forecasts import MemberForecasts
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
from seqkit.layers.calendar import CalendarFeatures
from seqkit.layers.categories import CategoryColumns
from seqkit.layers.covariates import CovariateEffects
from seqkit.layers.gap_channels import ZeroWhereUnknown
from seqkit.layers.output_bias import OutputBias
from seqkit.seq2seq.sampling import ScheduledSampling

B, T, F, S, U = 2, 7, 3, 5, 11
SEQUENCES = (B, T, F)
SEVERAL = {"run_training_check": False}  # Keras's step of training passes one tensor and takes a tensor or a tuple
SERIES = {"input_shape": SEQUENCES}
OWN_PRECISION = SERIES | {"run_mixed_precision_check": False}  # an activation that is a layer has its own, as in Keras
SCORES = {"input_shape": (B, F)}
NUMBERS = {"input_shape": (B, T), "input_dtype": "int32"}
SPELT = {"input_shape": (B, T, S), "input_dtype": "int32"}
QUERY = SEVERAL | {"input_shape": {"query_shape": (B, T, U), "source_shape": (B, S, U)}}
RAW = SEVERAL | {"input_shape": {"scaled_shape": SEQUENCES, "level_shape": (B, 1, F), "spread_shape": (B, 1, F)}}
STEPS = {"steps_shape": SEQUENCES}
SOURCE = {"source_shape": (B, S, U)}
DECODED = SEVERAL | {"input_shape": STEPS | SOURCE}
FED = SEVERAL | {"input_shape": STEPS | SOURCE | {"context_shape": (B, S)}}
TAGGED = SEVERAL | {
    "input_shape": {"outputs_shape": (B, T, 4), "numbers_shape": (B, T)},
    "input_dtype": {"outputs_shape": "float32", "numbers_shape": "int32"},
}
TOKENS = SEVERAL | {
    "input_shape": {"previous_shape": (B, T), "predictions_shape": SEQUENCES},
    "input_dtype": {"previous_shape": "int32", "predictions_shape": "float32"},
}
VALUES = SEVERAL | {"input_shape": {"previous_shape": SEQUENCES, "predictions_shape": SEQUENCES}}
PAST_AND_TRAINED = {"past_shape": SEQUENCES, "trained_shape": (B, 5, F)}
MIXED = SEVERAL | {"input_shape": PAST_AND_TRAINED}
RAW_SHAPES = {"raw_shape": SEQUENCES, "level_shape": (B, 1, F), "spread_shape": (B, 1, F)}
MIXED_RAW = SEVERAL | {"input_shape": PAST_AND_TRAINED | RAW_SHAPES}
UNCHANGED = ("none",) * F
TIMED = SEVERAL | {"input_shape": {"time_shape": (B, 2), "past_shape": SEQUENCES}}
DAILY = {"unit": "seconds", "count": 86400}
MONTHLY = {"unit": "months", "count": 1, "at": "end"}
STATIC = {"columns_shape": (B, T, S), "spread_shape": (B, 1, F), "static_shape": (B, 2)}
KNOWN_AHEAD = SEVERAL | {"input_shape": {"columns_shape": (B, T, S), "spread_shape": (B, 1, F)}}
CODES = SEVERAL | {"input_shape": {"columns_shape": SEQUENCES, "codes_shape": (B, T, 1)}}
CODES_OF_TWO = SEVERAL | {"input_shape": {"columns_shape": SEQUENCES, "codes_shape": (B, T, 2)}}
STATE = {"input_shape": (B, U)}
STATE_AND_CONTEXT = SEVERAL | {"input_shape": {"state_shape": (B, U), "context_shape": (B, S)}}
LAYERS_OUTPUTS = SEVERAL | {"input_shape": [(B, U)] * 3}
CELL = {"call_kwargs": {"states": [np.ones((B, U), "float32")] * 2}} | SCORES | SEVERAL
CELL |= {"run_mixed_precision_check": False}  # it would call the cell without its states


class Variant(NamedTuple):
    """A layer, what it is made with, what it is called with, and the shape of its first output."""

    layer: type[layers.Layer]
    arguments: dict[str, Any]
    called: dict[str, Any]
    output: tuple[int, ...]


VARIANTS = [
    Variant(AttentionDecoder, {"units": (5, U)}, DECODED, (B, T, U)),
    Variant(AttentionDecoder, {"units": U, "cell": "gru", "attention": "dot", "dropout": 0.3}, DECODED, (B, T, U)),
    Variant(AttentionDecoder, {"units": U, "attention": "additive", "width": 2}, FED, (B, T, 2)),
    Variant(
        AttentionDecoder,
        {"units": U, "cell": "simple_rnn", "attention": "none"},
        {"input_shape": STEPS} | SEVERAL,
        (B, T, U),
    ),
    Variant(CategoryColumns, {"positions": [1], "sizes": [2]}, CODES, (B, T, F + 1)),
    Variant(CategoryColumns, {"positions": (2, 0), "sizes": (40, 3)}, CODES_OF_TWO, (B, T, F + 9)),
    Variant(CharacterWords, {"characters": 7}, SPELT, (B, T, 50)),
    Variant(CharacterWords, {"characters": 7, "filters": 5, "embedding": 3, "widths": (2, 3)}, SPELT, (B, T, 5)),
    Variant(ClassProbabilities, {}, SCORES, (B, F)),
    Variant(ClassProbabilities, {"classes": "many"}, SCORES, (B, F)),
    Variant(ColumnSequences, {"targets": [2, 0]}, SERIES, (2 * B, T, 2)),
    Variant(ColumnSequences, {"targets": (0, 1, 2)}, SERIES, (3 * B, T, 1)),
    Variant(ColumnVectors, {"columns": B, "size": U}, SERIES, (B, U)),
    Variant(ColumnsTogether, {"columns": B}, {"input_shape": (B, T, 1)}, (1, T, B)),
    Variant(CalendarFeatures, {"horizon": 2, "step": DAILY, "holidays": (3, 5)}, TIMED, (B, T + 2, 10)),
    Variant(CalendarFeatures, {"horizon": 5, "step": MONTHLY, "parts": ("month", "year")}, TIMED, (B, T + 5, 16)),
    Variant(CovariateEffects, {"horizon": 2, "in_spreads": [True, False, False]}, KNOWN_AHEAD, (B, T - 2, F)),
    Variant(
        CovariateEffects,
        {"horizon": 2, "in_spreads": [True, False, True], "units": 5},
        SEVERAL | {"input_shape": STATIC},
        (B, T - 2, F),
    ),
    Variant(ConformalIntervals, {}, SCORES, (B, F)),
    Variant(ExponentialSmoothing, {"horizon": 5}, SERIES, (B, 5, F)),
    Variant(ExponentialSmoothing, {"horizon": 5, "season": 2, "long_season": 4}, SERIES, (B, 5, F)),
    Variant(FeatureAttention, {}, SERIES, SEQUENCES),
    Variant(FillMissing, {"how": "last"}, SERIES, SEQUENCES),
    Variant(FillMissing, {"how": "mean"}, SERIES, SEQUENCES),
    Variant(FixedConvolutions, {"timesteps": T, "numbers": 100}, SERIES, (B, 84)),
    Variant(FixedConvolutions, {"timesteps": 31, "numbers": 600, "seed": 3}, SERIES, (B, 504)),
    Variant(GapChannels, {}, SERIES, (B, T, 2 * F)),
    Variant(GapChannels, {"longest": 7}, SERIES, (B, T, 2 * F)),
    Variant(IncreasingQuantiles, {}, SERIES, SEQUENCES),
    Variant(IntervalWidths, {"levels": (0.1, 0.5, 0.9)}, SERIES, SEQUENCES),
    Variant(KnownSteps, {}, SERIES, SEQUENCES),
    Variant(LastValue, {"horizon": 5}, SERIES, (B, 5, F)),
    Variant(LayerAttention, {}, LAYERS_OUTPUTS, (B, U)),
    Variant(LearnedConvolutions, {"filters": (5, 2), "widths": (3, 1)}, SERIES, (B, 2)),
    Variant(LearnedConvolutions, {"filters": (5,), "widths": (2,)}, SERIES, (B, 5)),
    Variant(LinearChainCRF, {}, SERIES, (B, T)),
    Variant(LinearChainCRF, {"forbidden": ((0, 1), (1, 1)), "never_first": (1,)}, SERIES, (B, T)),
    Variant(MemberForecasts, {"members": ("ets", "theta"), "horizon": 5}, MIXED, (B, 5, F)),
    Variant(MemberForecasts, {"members": ["smoothed"], "horizon": 5, "season": 3}, MIXED, (B, 5, F)),
    Variant(MemberForecasts, {"members": "pretrained", "horizon": 5, "transforms": UNCHANGED}, MIXED_RAW, (B, 5, F)),
    Variant(
        MemberForecasts,
        {"members": ["theta", "pretrained"], "horizon": 5, "transforms": UNCHANGED, "weighed": True},
        MIXED_RAW,
        (B, 5, F),
    ),
    Variant(NeighbourWords, {"words": 5}, TAGGED, (B, T, 4)),
    Variant(NeighbourWords, {"words": 5, "weight": 0.3, "hidden": 7}, TAGGED, (B, T, 4)),
    Variant(NoScaling, {}, SERIES, SEQUENCES),
    Variant(OutputBias, {}, SERIES, SEQUENCES),
    Variant(OutputBias, {}, SCORES, (B, F)),
    Variant(PeepholeLSTMCell, {"units": U}, CELL, (B, U)),
    Variant(
        PeepholeLSTMCell,
        {"units": U, "activation": "relu", "use_bias": False, "dropout": 0.1, "recurrent_dropout": 0.1},
        CELL,
        (B, U),
    ),
    Variant(PeepholeLSTMCell, {"units": U, "activation": layers.LeakyReLU(0.3)}, CELL, (B, U)),
    Variant(PhraseConvolutions, {}, SERIES, (B, 300)),
    Variant(PhraseConvolutions, {"filters": 5, "widths": (2, 9)}, SERIES, (B, 10)),
    Variant(QueryAttention, {}, QUERY, (B, T, U)),
    Variant(QueryAttention, {"units": 3}, QUERY, (B, T, U)),
    Variant(QueryAttention, {"score": "dot"}, QUERY, (B, T, U)),
    Variant(QueryAttention, {"score": "general"}, QUERY, (B, T, U)),
    Variant(RareWords, {"first": 2}, NUMBERS, (B, T)),
    Variant(RareWords, {"first": 2, "rate": 0.0}, NUMBERS, (B, T)),
    Variant(RawUnits, {"kinds": ("log", "none", "asinh")}, RAW, SEQUENCES),
    Variant(RawUnits, {"kinds": ["none"] * F}, RAW, SEQUENCES),
    Variant(RawUnits, {"kinds": ["none"] * F, "at_least_zero": [True] * F}, RAW, SEQUENCES),
    Variant(RecurrentStack, {"units": U}, SERIES, (B, U)),
    Variant(RecurrentStack, {"units": (5, U), "cell": "gru", "return_sequences": True}, SERIES, (B, T, U)),
    Variant(RecurrentStack, {"units": U, "depth": 2, "cell": "simple_rnn", "bidirectional": True}, SERIES, (B, 2 * U)),
    Variant(RecurrentStack, {"units": (5, U), "return_state": True}, SERIES | SEVERAL, (B, U)),
    Variant(RecurrentStack, {"units": U, "return_state": True, "states": "dict"}, SERIES, (B, U)),
    Variant(RecurrentStack, {"units": U, "cell": "peephole_lstm", "go_backwards": True}, SERIES, (B, U)),
    Variant(RecurrentStack, {"units": (5, U), "dropout": (0.1, 0.3), "initial_state": "random"}, SERIES, (B, U)),
    Variant(RecurrentStack, {"units": (5, U), "first_dropout": 0.1, "initial_state": "learned"}, SERIES, (B, U)),
    Variant(RecurrentStack, {"units": U, "cell": "gru", "reset_after": False, "memory": 9}, SERIES, (B, U)),
    Variant(RecurrentStack, {"units": U, "cell": "simple_rnn", "activation": "relu"}, SERIES, (B, U)),
    Variant(
        RecurrentStack,
        {"units": U, "cell": "simple_rnn", "activation": layers.LeakyReLU(negative_slope=0.3)},
        OWN_PRECISION,
        (B, U),
    ),
    Variant(RecurrentStack, {"units": (5, U), "activation": layers.LeakyReLU(0.3)}, OWN_PRECISION, (B, U)),
    Variant(
        RecurrentStack, {"units": U, "cell": "gru", "recurrent_activation": layers.ReLU(1.0)}, OWN_PRECISION, (B, U)
    ),
    Variant(ScheduledSampling, {}, TOKENS, (B, T)),
    Variant(ScheduledSampling, {}, VALUES, SEQUENCES),
    Variant(SegmentDecoder, {"horizon": 5, "segment": 2}, STATE, (B, 5, 1)),
    Variant(SegmentDecoder, {"horizon": 5, "segment": 3, "columns": 2, "dropout": 0.3}, STATE_AND_CONTEXT, (B, 5, 2)),
    Variant(Segments, {"length": 7}, SERIES, (B, 1, 7 * F)),
    Variant(Segments, {"length": 1}, SERIES, SEQUENCES),
    Variant(SeriesScaling, {}, SERIES, SEQUENCES),
    Variant(SmoothedBaseline, {"horizon": 5}, SERIES, (B, 5, F)),
    Variant(SmoothedBaseline, {"horizon": 5, "season": 3}, SERIES, (B, 5, F)),
    Variant(StandardScaling, {}, SERIES, SEQUENCES),
    Variant(StepAttention, {}, SERIES, (B, F)),
    Variant(StepAttention, {"score": "dense"}, SERIES, (B, F)),
    Variant(TakeColumns, {"positions": [2, 0]}, SERIES, (B, T, 2)),
    Variant(TakeColumns, {"positions": (1,)}, SERIES, (B, T, 1)),
    Variant(TargetScaling, {"at_least_zero": [True] * F}, SCORES, (B, F)),
    Variant(Theta, {"horizon": 5, "season": 3}, SERIES, (B, 5, F)),
    Variant(Theta, {"horizon": 5, "season": 3, "judges_trend": True}, SERIES, (B, 5, F)),
    Variant(ValueTransform, {"kinds": ("log", "none", "asinh")}, SERIES, SEQUENCES),
    Variant(ValueTransform, {"kinds": ["none"] * F}, SERIES, SEQUENCES),
    Variant(WindowScaling, {}, SERIES, SEQUENCES),
    Variant(WindowScaling, {"season": 3, "least_spread": (0.5, 1.0, 2.0)}, SERIES, SEQUENCES),
    Variant(WindowScaling, {"least_spread": [0.5, 1.0, 2.0]}, SERIES, SEQUENCES),
    Variant(ZeroWhereUnknown, {}, SERIES, SEQUENCES),
]

TAKES_MASKS = {
    AttentionDecoder,
    FeatureAttention,
    FixedConvolutions,
    KnownSteps,
    LearnedConvolutions,
    LinearChainCRF,
    NeighbourWords,
    PhraseConvolutions,
    QueryAttention,
    RareWords,
    RecurrentStack,
    Segments,
    StepAttention,
}


def inputs_of(variant, make):
    """What the layer is called with; `make` makes a tensor of a shape and a type."""
    shapes, types = variant.called["input_shape"], variant.called.get("input_dtype")
    if isinstance(shapes, dict):
        types = types or dict.fromkeys(shapes, "float32")
        return {name.removesuffix("_shape"): make(shape, types[name]) for name, shape in shapes.items()}
    if isinstance(shapes, list):
        return [make(shape, "float32") for shape in shapes]
    return make(shapes, types or "float32")


def call(layer, variant, inputs):
    """Everything the layer returns."""
    options = variant.called.get("call_kwargs", {})
    return layer(**inputs, **options) if isinstance(inputs, dict) else layer(inputs, **options)


def random_values(shape, dtype="float32"):
    return np.random.default_rng(7).uniform(1, 3, shape).astype(dtype)


def parametrized(chosen, slow_after_first=False):
    """A test for each of these variants, which may warn that the cuDNN kernel is lost.

    With `slow_after_first`, the second variant of a layer and those after it run with the slow tests.
    """
    params, seen = [], set()
    for variant in chosen:
        is_slow = slow_after_first and variant.layer in seen
        seen.add(variant.layer)
        name = f"{variant.layer.__name__}-{VARIANTS.index(variant)}"
        params.append(pytest.param(variant, id=name, marks=[pytest.mark.slow] if is_slow else []))
    cases = pytest.mark.parametrize("variant", params)
    return lambda test: pytest.mark.filterwarnings("ignore:RecurrentStack.*cannot use the cuDNN kernel")(cases(test))
