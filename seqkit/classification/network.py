"""The classifier's graph: scaling or embedding, recurrent layers, attention, probabilities.

Shapes: B samples, T timesteps, F features, U units, K classes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.classification.settings import ClassifierSettings
from seqkit.layers.attended import summarize, weighted_features
from seqkit.layers.convolution import FixedConvolutions, LearnedConvolutions
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.phrases import PhraseConvolutions
from seqkit.layers.probabilities import ClassProbabilities
from seqkit.layers.rare_words import RareWords
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.segments import in_segments


class Network(NamedTuple):
    """The graph, and the layers that are adapted to the training samples or calibrated."""

    inputs: Any  # (B, T, F), or token numbers (B, T)
    outputs: Any  # (B, K)
    scaling: layers.Layer | None
    convolution: layers.Layer | None
    probabilities: ClassProbabilities
    attention: Any  # over the timesteps (B, T), or None
    precomputed: keras.Model | None  # the same layers; reads series and their precomputed fixed convolutions


def classifier_network(settings: ClassifierSettings) -> Network:
    """Connect the layers."""
    inputs, steps, scaling = _text_steps(settings) if settings.is_text else _series_steps(settings)
    summary, attention = _recurrent_branch(settings, steps)
    convolution = _convolution(settings)
    scores = layers.Dense(len(settings.labels), dtype="float32", name="scores")
    probabilities = ClassProbabilities("many" if settings.multi_label else "one", name="probabilities")
    if convolution is None:
        return Network(inputs, probabilities(scores(summary)), scaling, None, probabilities, attention, None)
    join = layers.Concatenate(name="described")
    numbers = convolution(steps)
    if settings.convolution == "phrases" and settings.dropout[-1]:
        numbers = layers.Dropout(settings.dropout[-1], name="dropped_phrases")(numbers)
    outputs = probabilities(scores(join([summary, numbers])))
    precomputed = None
    if settings.convolution == "fixed":
        given_numbers = keras.Input(numbers.shape[1:], name="numbers")
        precomputed = keras.Model([inputs, given_numbers], probabilities(scores(join([summary, given_numbers]))))
    return Network(inputs, outputs, scaling, convolution, probabilities, attention, precomputed)


def _text_steps(settings: ClassifierSettings) -> tuple[Any, Any, None]:
    inputs = keras.Input((None,), dtype="int32", name="words")
    words = RareWords(settings.rare, name="rare")(inputs)
    vectors = layers.Embedding(len(settings.words) + 2, settings.features, mask_zero=True, name="vectors")(words)
    return inputs, vectors, None


def _series_steps(settings: ClassifierSettings) -> tuple[Any, Any, layers.Layer]:
    inputs = keras.Input((settings.timesteps, settings.features), dtype="float32", name="series")
    scaling = SERIES_SCALINGS[settings.scaling](name="scaling")
    scaled, _, _ = scaling(inputs)
    return inputs, scaled if settings.timesteps else KnownSteps(name="known")(scaled), scaling


def _recurrent_branch(settings: ClassifierSettings, steps: Any) -> tuple[Any, Any]:
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


def _spread_over_steps(settings: ClassifierSettings, weights: Any) -> Any:
    """Spread the weights of segments `(B, S)` evenly over their timesteps `(B, T)`; they sum to one.

    The leading zeros of the first segment lose their weight.
    """
    if settings.segment == 1:
        return weights
    spread = ops.repeat(weights, settings.segment, axis=1)[:, settings.leading_zeros :]
    return spread / ops.sum(spread, axis=1, keepdims=True)


def _convolution(settings: ClassifierSettings) -> layers.Layer | None:
    if settings.convolution == "fixed":
        return FixedConvolutions(settings.longest, name="convolution")
    if settings.convolution == "phrases":
        return PhraseConvolutions(name="convolution")
    return LearnedConvolutions(name="convolution") if settings.convolution == "learned" else None
