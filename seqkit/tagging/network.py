"""The tagger's graph: vectors of words or values of series, a recurrent stack, and a tag for every step.

Shapes: B sequences, T steps, C characters, F features, U units, K tags.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.layers.character_words import CharacterWords
from seqkit.layers.crf import NO_TAG, LinearChainCRF
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.neighbours import NeighbourWords
from seqkit.layers.rare_words import RareWords
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import RecurrentStack
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.settings import TaggerSettings
from seqkit.text.vocabulary import PADDING

NEIGHBOUR_VOCABULARY = 2000  # words that a neighbour may be; with the 7500 of Rei 2017 a step takes 1.5 times as long
EXTRA_VECTOR_SIZE = 20


class Network(NamedTuple):
    """The graph, and the layers that the loss and `adapt` need."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]  # scores and probabilities (B, T, K), tags (B, T), -1 for padding
    scaling: layers.Layer | None
    crf: LinearChainCRF | None


def tagger_network(settings: TaggerSettings) -> Network:
    """Connect the layers."""
    inputs, steps, mask, scaling = _word_inputs(settings) if settings.is_text else _series_inputs(settings)
    if settings.is_text and settings.dropout[0]:
        steps = layers.Dropout(settings.dropout[0], name="dropped_words")(steps)
    stack = RecurrentStack(**settings.recurrent_options, return_sequences=True, name="recurrent")
    outputs = stack(steps, mask=mask)
    if settings.neighbours:
        vocabulary_size = min(NEIGHBOUR_VOCABULARY, len(settings.words)) + 2
        outputs = NeighbourWords(vocabulary_size, settings.neighbours, name="neighbours")(outputs, inputs["words"])
    scores = layers.Dense(len(settings.tags), dtype="float32", name="scores")(outputs)
    crf = None
    if settings.output == "crf":
        forbidden, never_first = tag_rows.forbidden_transitions(settings.tags) if settings.spans else ([], [])
        crf = LinearChainCRF(forbidden=forbidden, never_first=never_first, name="crf")
        best, probabilities = crf(scores, mask=mask)
    else:
        best = ops.where(mask, ops.cast(ops.argmax(scores, axis=-1), "int32"), NO_TAG)
        probabilities = ops.softmax(scores, axis=-1) * ops.cast(ops.expand_dims(mask, -1), "float32")
    return Network(inputs, {"scores": scores, "tags": best, "probabilities": probabilities}, scaling, crf)


def _word_inputs(settings: TaggerSettings) -> tuple[dict[str, Any], Any, Any, None]:
    """Return the inputs, and the vectors of words, characters and extra feature side by side; the mask, no scaling."""
    words = keras.Input((None,), dtype="int32", name="words")
    inputs = {"words": words}
    frequent_words = RareWords(settings.first_rare, name="rare")(words)
    vectors = [layers.Embedding(len(settings.words) + 2, settings.embedding, name="vectors")(frequent_words)]
    if settings.characters:
        inputs["characters"] = keras.Input((None, None), dtype="int32", name="characters")
        vocabulary_size = len(settings.characters) + 2
        spelling = CharacterWords(vocabulary_size, settings.filters, widths=settings.widths, name="spelling")
        vectors.append(spelling(inputs["characters"]))
    if settings.extras:
        inputs["extra"] = keras.Input((None,), dtype="int32", name="extra")
        extra_vectors = layers.Embedding(len(settings.extras) + 2, EXTRA_VECTOR_SIZE, name="extra_vectors")
        vectors.append(extra_vectors(inputs["extra"]))
    steps = layers.Concatenate(name="steps")(vectors) if len(vectors) > 1 else vectors[0]
    return inputs, steps, ops.not_equal(words, PADDING), None


def _series_inputs(settings: TaggerSettings) -> tuple[dict[str, Any], Any, Any, layers.Layer]:
    """Return the input, the scaled series, the mask and the scaling layer."""
    series = keras.Input((None, settings.features), dtype="float32", name="series")
    scaling = SERIES_SCALINGS[settings.scaling](name="scaling")
    scaled, _, _ = scaling(series)
    mask = ops.all(ops.logical_not(ops.isnan(series)), axis=-1)
    return {"series": series}, KnownSteps(name="known")(scaled), mask, scaling
