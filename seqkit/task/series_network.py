"""The graph that describes a whole series by one vector: scaling, recurrent layers, attention, convolutions beside.

Shapes: B samples, T timesteps, F features, U numbers of the recurrent branch, S segments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.layers.attended import summarize, weighted_features
from seqkit.layers.convolution import FixedConvolutions, LearnedConvolutions
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.phrases import PhraseConvolutions
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.segments import in_segments


class Network(NamedTuple):
    """The graph, and the layers that are adapted to the training samples."""

    inputs: Any  # (B, T, F), or token numbers (B, T)
    outputs: Any
    scaling: layers.Layer | None
    convolution: layers.Layer | None
    answer: Any  # the last layer, which holds what is adapted or calibrated
    attention: Any  # over the timesteps (B, T), or None
    precomputed: keras.Model | None  # the same layers; reads series and their precomputed fixed convolutions


class SeriesSteps(NamedTuple):
    """Series as the layers read them."""

    inputs: Any  # (B, T, F)
    steps: Any  # the same, scaled and masked
    scaling: layers.Layer


def series_steps(settings: Any) -> SeriesSteps:
    """The input of series and their scaling; `settings` has `timesteps`, `features` and `scaling`."""
    inputs = keras.Input((settings.timesteps, settings.features), dtype="float32", name="series")
    scaling = SERIES_SCALINGS[settings.scaling](name="scaling")
    scaled, _, _ = scaling(inputs)
    return SeriesSteps(inputs, scaled if settings.timesteps else KnownSteps(name="known")(scaled), scaling)


def described_network(
    settings: Any,
    inputs: Any,
    steps: Any,
    scaling: layers.Layer | None,
    head: Callable[[], tuple[layers.Layer, layers.Layer]],
) -> Network:
    """Describe each sample by a vector, and answer it.

    Args:
        settings: `SegmentedSettings` with `attention`, `convolution`, `dropout`, `longest`, `missing` and
            `recurrent_options`.
        inputs: of the graph.
        steps: `[B, T, F]`, what the layers read of them.
        scaling: the layer that scales them, or None.
        head: makes the last two layers: a dense one from the vector, and the answer.
    """
    summary, attention = _recurrent_branch(settings, steps)
    convolution = _convolution(settings)
    dense, answer = head()
    if convolution is None:
        return Network(inputs, answer(dense(summary)), scaling, None, answer, attention, None)
    join = layers.Concatenate(name="described")
    numbers = convolution(steps)
    if settings.convolution == "phrases" and settings.dropout[-1]:
        numbers = layers.Dropout(settings.dropout[-1], name="dropped_phrases")(numbers)
    outputs = answer(dense(join([summary, numbers])))
    precomputed = None
    if settings.convolution == "fixed":
        given_numbers = keras.Input(numbers.shape[1:], name="numbers")
        precomputed = keras.Model([inputs, given_numbers], answer(dense(join([summary, given_numbers]))))
    return Network(inputs, outputs, scaling, convolution, answer, attention, precomputed)


def _recurrent_branch(settings: Any, steps: Any) -> tuple[Any, Any]:
    """The recurrent branch's summary of a sample, `(B, U)`, and its attention over the timesteps, if any."""
    steps = weighted_features(steps, settings.attention)
    summary = summarize(
        in_segments(steps, settings.segment, settings.leading_zeros),
        settings.attention,
        use_cudnn=settings.missing != "mask",  # cuDNN refuses a mask with gaps
        **settings.recurrent_options,
    )
    weights = summary.step_weights
    return summary.vector, None if weights is None else _spread_over_steps(settings, weights)


def _spread_over_steps(settings: Any, weights: Any) -> Any:
    """Spread the weights of segments `(B, S)` evenly over their timesteps `(B, T)`; they sum to one.

    The leading zeros of the first segment lose their weight.
    """
    if settings.segment == 1:
        return weights
    spread = ops.repeat(weights, settings.segment, axis=1)[:, settings.leading_zeros :]
    return spread / ops.sum(spread, axis=1, keepdims=True)


def _convolution(settings: Any) -> layers.Layer | None:
    if settings.convolution == "fixed":
        return FixedConvolutions(settings.longest, name="convolution")
    if settings.convolution == "phrases":
        return PhraseConvolutions(name="convolution")
    return LearnedConvolutions(name="convolution") if settings.convolution == "learned" else None
