"""The classifier's graph: scaling or embedding, recurrent layers, attention, probabilities.

Shapes: B samples, T timesteps, F features, K classes.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from seqkit.classification.settings import ClassifierSettings
from seqkit.layers.probabilities import ClassProbabilities
from seqkit.layers.rare_words import RareWords
from seqkit.task.series_network import Network, described_network, series_steps


def classifier_network(settings: ClassifierSettings) -> Network:
    """Connect the layers."""
    inputs, steps, scaling = _text_steps(settings) if settings.is_text else series_steps(settings)

    def head() -> tuple[layers.Layer, layers.Layer]:
        scores = layers.Dense(len(settings.labels), dtype="float32", name="scores")
        return scores, ClassProbabilities("many" if settings.multi_label else "one", name="probabilities")

    return described_network(settings, inputs, steps, scaling, head)


def _text_steps(settings: ClassifierSettings) -> tuple[Any, Any, None]:
    inputs = keras.Input((None,), dtype="int32", name="words")
    words = RareWords(settings.rare, name="rare")(inputs)
    vectors = layers.Embedding(len(settings.words) + 2, settings.features, mask_zero=True, name="vectors")(words)
    return inputs, vectors, None
