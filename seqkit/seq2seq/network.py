"""The layers of an encoder-decoder, and how training and decoding put them together.

Shapes: B samples, S steps of the source, T of the target, F features, U units, V of the encoder, K words or values.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.layers.attention import StepAttention
from seqkit.layers.decoder import AttentionDecoder
from seqkit.layers.output_bias import OutputBias
from seqkit.layers.scaling import StandardScaling
from seqkit.layers.stack import RecurrentStack
from seqkit.seq2seq.sampling import ScheduledSampling
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.text.vocabulary import PADDING


class Encoded(NamedTuple):
    """What the decoder is given of a source."""

    states: dict[str, Any]  # its first states, (B, U) each
    seen: dict[str, Any]  # what it can look at in every step: the source (B, S, V), its mask, the context (B, C)


class Answer(NamedTuple):
    """Of any number of steps."""

    described: Any  # (B, T, A)
    states: dict[str, Any]
    weights: Any  # (B, T, S), or None without attention


class Seq2SeqNetwork:
    """The layers, and the two ways through them: `encode` the source, `describe` and `score` steps of the target."""

    def __init__(self, settings: Seq2SeqSettings) -> None:
        """Make the layers."""
        self.settings = settings
        rate, units = settings.dropout, settings.units
        ways = 2 if settings.bidirectional else 1
        self.encoder = RecurrentStack(
            [size // ways for size in units],
            settings.cell,
            bidirectional=settings.bidirectional,
            dropout=(rate,) * len(units),
            return_sequences=True,
            return_state=True,
            name="encoder",
        )
        self.pool = StepAttention(name="pool") if settings.context == "pooled" else None
        self.transforms: dict[str, layers.Layer] = {}
        width = settings.features[1] if settings.tied else units[-1]
        self.decoder = AttentionDecoder(
            units, settings.cell, attention=settings.attention, width=width, dropout=rate, name="decoder"
        )
        self.first_names = [name for names in self.decoder.recurrent.state_names for name in names]
        if settings.context in ("transform", "pooled"):
            sizes = [size for size, names in zip(units, self.decoder.recurrent.state_names, strict=True) for _ in names]
            self.transforms = {
                name: layers.Dense(size, activation="tanh", name=f"first_{name}")
                for name, size in zip(self.first_names, sizes, strict=True)
            }
        self.drop = layers.Dropout(rate, name="dropped_vectors") if rate else None
        self.mixed = ScheduledSampling(name="sampling", dtype="float32") if settings.scheduled_sampling else None
        self._make_ends()

    def _make_ends(self) -> None:
        """What turns raw values to vectors, and vectors to scores or values."""
        settings = self.settings
        if settings.is_text:
            source_size, target_size = len(settings.source_words) + 2, len(settings.target_words) + 2
            wide = {"embeddings_initializer": keras.initializers.RandomNormal(stddev=settings.features[0] ** -0.5)}
            self.source_vectors = layers.Embedding(source_size, settings.features[0], **wide, name="source_vectors")
            kind = layers.ReversibleEmbedding if settings.tied else layers.Embedding
            self.target_vectors = kind(target_size, settings.features[1], **wide, name="target_vectors")
            kind = OutputBias if settings.tied else functools.partial(layers.Dense, target_size)
            self.scores = kind(dtype="float32", name="scores")
        else:
            self.source_scaling = StandardScaling(name="source_scaling")
            self.target_scaling = self.source_scaling
            if not settings.is_autoencoder:
                self.target_scaling = StandardScaling(name="target_scaling")
            self.values = layers.Dense(settings.features[1], dtype="float32", name="values")

    def graph(self) -> tuple[list[Any], Any]:
        """Inputs and output of training: source and what was said before, to scores `(B, T, K)`."""
        settings = self.settings
        if settings.is_text:
            source = keras.Input((None,), dtype="int32", name="source")
            said = keras.Input((None,), dtype="int32", name="said")
        else:
            source = keras.Input((settings.longest[0], settings.features[0]), name="source")
            said = keras.Input((settings.longest[1], settings.features[1]), name="said")
        encoded, before = self.encode(source), said
        if self.mixed is not None:
            before = self.mixed(said, self.score(self.describe(said, encoded).described))
        return [source, said], self.score(self.describe(before, encoded).described)

    def encode(self, source: Any) -> Encoded:
        """Read the source `(B, S)` or `(B, S, F)`."""
        mask = None
        if self.settings.is_text:
            mask = ops.not_equal(source, PADDING)
            vectors = self._dropped(self.source_vectors(source))
        else:
            vectors, _, _ = self.source_scaling(source)
        outputs, states = self.encoder(vectors, mask=mask)  # (B, S, V)
        joined = self._joined(states)
        last = joined[self._last_hidden]
        if self.pool is not None:
            last = self.pool(outputs, mask=mask)
        if self.transforms:  # each first state from what its own layer said last, or all of them from the pooled
            joined = {
                name: transform(last if self.pool is not None else joined[name.replace("cell", "hidden")])
                for name, transform in self.transforms.items()
            }
        seen: dict[str, Any] = {"context": last} if self.settings.context == "every step" else {}
        if self.settings.attention != "none":
            seen["source"] = outputs
            if mask is not None:
                seen["source_mask"] = mask
        return Encoded(joined, seen)

    @property
    def _last_hidden(self) -> str:
        return f"layer_{len(self.settings.units)}_hidden"

    def _joined(self, states: dict[str, Any]) -> dict[str, Any]:
        """Last states of the encoder under the decoder's names, both directions joined."""
        if not self.settings.bidirectional:
            return dict(states)
        ways = ("forward", "backward")
        found = {}
        for name in self.first_names:
            layer, part = name.rsplit("_", 1)
            found[name] = ops.concatenate([states[f"{layer}_{way}_{part}"] for way in ways], axis=-1)
        return found

    def code(self, encoded: Encoded) -> Any:
        """First states of the decoder, side by side `(B, C)`."""
        return ops.concatenate([ops.cast(encoded.states[name], "float32") for name in self.first_names], axis=-1)

    def describe(self, said: Any, encoded: Encoded, states: Any = None) -> Answer:
        """Any number of steps `(B, T)` or `(B, T, K)`, given what was said before each."""
        if self.settings.is_text:
            vectors = self._dropped(self.target_vectors(said))
        else:
            scaled, _, _ = self.target_scaling(said)
            vectors = ops.where(ops.isnan(scaled), ops.zeros_like(scaled), scaled)
            if not self.settings.feedback:
                vectors = ops.zeros_like(vectors)
        first = encoded.states if states is None else states
        described, after, *weights = self.decoder(vectors, initial_state=first, **encoded.seen)
        return Answer(described, after, weights[0] if weights else None)

    def score(self, described: Any) -> Any:
        """Scores of the words before the softmax, or values in raw units, `(B, T, K)`."""
        if not self.settings.is_text:
            values = self.values(described)
            return values * self.target_scaling.spread + self.target_scaling.mean
        return self.scores(self.target_vectors(described, reverse=True) if self.settings.tied else described)

    def _dropped(self, vectors: Any) -> Any:
        return vectors if self.drop is None else self.drop(vectors)
