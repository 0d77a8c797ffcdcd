"""The tagger's graph: what is known of each step, read in both directions, to a tag for each.

Shapes: B sequences, T steps, C characters, F features, U units, K tags.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.layers.crf import NO_TAG, LinearChainCRF
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.neighbours import NeighbourWords
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack import RecurrentStack
from seqkit.layers.words import CharacterWords, RareWords
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.settings import TaggerSettings
from seqkit.text.vocabulary import PADDING

MOST_GUESSED = 2000  # words that neighbours are guessed among; with the 7500 of Rei 2017 a step takes 1.5 times as long
EXTRA_SIZE = 20  # of the vector of an extra feature's value


class Network(NamedTuple):
    """The graph, and the layers that the loss or the training sequences need."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]  # scores and probabilities (B, T, K), tags (B, T) with -1 where there is no step
    scaling: layers.Layer | None
    crf: LinearChainCRF | None


def tagger_network(settings: TaggerSettings) -> Network:
    """Connect the layers."""
    inputs, steps, known, scaling = _words(settings) if settings.is_text else _series(settings)
    if settings.is_text and settings.dropout[0]:
        steps = layers.Dropout(settings.dropout[0], name="dropped_words")(steps)
    stack = RecurrentStack(
        settings.units,
        settings.cell,
        bidirectional=settings.bidirectional,
        dropout=settings.dropout,
        return_sequences=True,
        name="recurrent",
    )
    outputs = stack(steps, mask=known)
    if settings.neighbours:
        words = min(MOST_GUESSED, len(settings.words)) + 2
        outputs = NeighbourWords(words, settings.neighbours, name="neighbours")(outputs, inputs["words"])
    scores = layers.Dense(len(settings.tags), dtype="float32", name="scores")(outputs)
    crf = None
    if settings.output == "crf":
        pairs, first = tag_rows.impossible(settings.tags) if settings.spans else ([], [])
        crf = LinearChainCRF(forbidden=pairs, never_first=first, name="crf")
        best, probabilities = crf(scores, mask=known)
    else:
        best = ops.where(known, ops.cast(ops.argmax(scores, axis=-1), "int32"), NO_TAG)
        probabilities = ops.softmax(scores, axis=-1) * ops.cast(ops.expand_dims(known, -1), "float32")
    return Network(inputs, {"scores": scores, "tags": best, "probabilities": probabilities}, scaling, crf)


def _words(settings: TaggerSettings) -> tuple[dict[str, Any], Any, Any, None]:
    """Vectors of words, of their characters and of the extra feature, side by side."""
    words = keras.Input((None,), dtype="int32", name="words")
    inputs, parts = {"words": words}, []
    read = RareWords(settings.first_rare, name="rare")(words)
    parts.append(layers.Embedding(len(settings.words) + 2, settings.embedding, name="vectors")(read))
    if settings.characters:
        inputs["characters"] = keras.Input((None, None), dtype="int32", name="characters")
        count = len(settings.characters) + 2
        spelt = CharacterWords(count, settings.filters, widths=settings.widths, name="spelling")
        parts.append(spelt(inputs["characters"]))
    if settings.extras:
        inputs["extra"] = keras.Input((None,), dtype="int32", name="extra")
        parts.append(layers.Embedding(len(settings.extras) + 2, EXTRA_SIZE, name="extra_vectors")(inputs["extra"]))
    steps = layers.Concatenate(name="steps")(parts) if len(parts) > 1 else parts[0]
    return inputs, steps, ops.not_equal(words, PADDING), None


def _series(settings: TaggerSettings) -> tuple[dict[str, Any], Any, Any, layers.Layer]:
    series = keras.Input((None, settings.features), dtype="float32", name="series")
    scaling = SERIES_SCALINGS[settings.scaling](name="scaling")
    scaled, _, _ = scaling(series)
    known = ops.all(ops.logical_not(ops.isnan(series)), axis=-1)
    return {"series": series}, KnownSteps(name="known")(scaled), known, scaling
