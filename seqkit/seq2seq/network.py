"""The layers of an encoder-decoder, and how training and decoding connect them.

Shapes: B samples, S timesteps of the source, T of the target, F features, U units of the decoder, V of the encoder, A
of the decoder's output, C size of the code, K words or values.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit.layers.attention import StepAttention
from seqkit.layers.decoder import AttentionDecoder
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.output_bias import OutputBias
from seqkit.layers.scaling import StandardScaling
from seqkit.layers.segments import Segments
from seqkit.layers.stack import RecurrentStack
from seqkit.seq2seq.sampling import ScheduledSampling
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.seq2seq.sources import SEPARATOR
from seqkit.text.vocabulary import PADDING


class Encoded(NamedTuple):
    """What the decoder is given of a source."""

    states: dict[str, Any]  # the decoder's initial states, (B, U) each
    fixed: dict[str, Any]  # inputs of every step: the encoder's outputs (B, S, V), their mask, the context (B, V)


class DecoderOutput(NamedTuple):
    """What the decoder returns for T timesteps."""

    outputs: Any  # (B, T, A), which `score` takes
    states: dict[str, Any]  # after the last timestep
    weights: Any  # (B, T, S) of attention, or None


class Seq2SeqNetwork:
    """The layers, and the ways through them: `encode` the source, `decode` the target, `score` the outputs."""

    def __init__(self, settings: Seq2SeqSettings) -> None:
        """Make the layers."""
        self.settings = settings
        rate, units = settings.dropout, settings.units
        directions = 2 if settings.bidirectional else 1
        names = ["encoder", *(f"encoder_{number}" for number in range(2, len(settings.source_names) + 1))]
        self.encoders = [
            RecurrentStack(
                [size // directions for size in units],
                settings.cell,
                bidirectional=settings.bidirectional,
                dropout=(rate,) * len(units),
                return_sequences=True,
                return_state=True,
                states="dict",
                activation=settings.activation,
                name=name,
            )
            for name in names
        ]
        self.pooling = StepAttention(name="pool") if settings.context == "pooled" else None
        width = settings.features[1] if settings.tied else units[-1]
        self.decoder = AttentionDecoder(
            units,
            settings.cell,
            attention=settings.attention,
            width=width,
            dropout=rate,
            activation=settings.activation,
            name="decoder",
        )
        state_sizes = {
            name: size for size, names in zip(units, self.decoder.recurrent.state_names, strict=True) for name in names
        }
        self.state_names = list(state_sizes)
        self.joins: dict[str, layers.Layer] = {}
        if settings.source_names:
            self.joins = {
                name: layers.Dense(size, activation="tanh", name=f"joined_{name}") for name, size in state_sizes.items()
            }
        self.state_transforms: dict[str, layers.Layer] = {}
        if settings.context in ("transform", "pooled"):
            self.state_transforms = {
                name: layers.Dense(size, activation="tanh", name=f"first_{name}") for name, size in state_sizes.items()
            }
        self.dropout = layers.Dropout(rate, name="dropped_vectors") if rate else None
        self.sampling = ScheduledSampling(name="sampling", dtype="float32") if settings.scheduled_sampling else None
        if settings.reads_text:
            self.source_embedding = self._embedding("source_vectors", len(settings.source_words), settings.features[0])
        else:
            self.source_scaling = StandardScaling(name="source_scaling")
        if settings.writes_text:
            self._make_text_layers()
        else:
            self._make_series_layers()
        if settings.writes_text and not settings.reads_text:
            self.known_steps = KnownSteps(name="known_steps")
            self.segments = Segments(settings.shorten, name="shortened")

    def _embedding(self, name: str, words: int, size: int, kind: Any = layers.Embedding) -> Any:
        initializer = keras.initializers.RandomNormal(stddev=size**-0.5)
        return kind(words + 2, size, embeddings_initializer=initializer, name=name)

    def _make_text_layers(self) -> None:
        settings = self.settings
        words, target_size = len(settings.target_words), len(settings.target_words) + 2
        kind = layers.ReversibleEmbedding if settings.tied else layers.Embedding
        self.target_embedding = self._embedding("target_vectors", words, settings.features[1], kind)
        scores = OutputBias if settings.tied else functools.partial(layers.Dense, target_size)
        self.scores = scores(dtype="float32", name="scores")

    def _make_series_layers(self) -> None:
        is_autoencoder = self.settings.is_autoencoder
        self.target_scaling = self.source_scaling if is_autoencoder else StandardScaling(name="target_scaling")
        self.values = layers.Dense(self.settings.features[1], dtype="float32", name="values")

    def graph(self) -> tuple[list[Any], Any]:
        """The graph of training: its inputs are the source and the previous tokens or values, its output the scores."""
        settings = self.settings
        if settings.reads_text:
            source = keras.Input((None,), dtype="int32", name="source")
        else:
            source = keras.Input((settings.longest[0] or None, settings.features[0]), name="source")
        if settings.writes_text:
            previous = keras.Input((None,), dtype="int32", name="said")
        else:
            previous = keras.Input((settings.longest[1], settings.features[1]), name="said")
        encoded, mixed = self.encode(source), previous
        if self.sampling is not None:
            mixed = self.sampling(previous, self.score(self.decode(previous, encoded).outputs))
        return [source, previous], self.score(self.decode(mixed, encoded).outputs)

    def encode(self, source: Any) -> Encoded:
        """Encode tokens `(B, S)` or series `(B, T, F)`."""
        vectors, mask = self._read(source)
        if self.settings.source_names:
            outputs, states, mask = self._encode_apart(vectors, source)
        else:
            outputs, states = self.encoders[0](vectors, mask=mask)  # (B, S, V)
            states = self._joined_directions(states)
        summary = states[f"layer_{len(self.settings.units)}_hidden"]
        if self.pooling is not None:
            summary = self.pooling(outputs, mask=mask)
        if self.state_transforms:  # of the pooled outputs, or of the last hidden state of the same layer
            states = {
                name: transform(states[name.replace("cell", "hidden")] if self.pooling is None else summary)
                for name, transform in self.state_transforms.items()
            }
        fixed: dict[str, Any] = {"context": summary} if self.settings.context == "every step" else {}
        if self.settings.attention != "none":
            fixed["source"] = outputs
            if mask is not None:
                fixed["source_mask"] = mask
        return Encoded(states, fixed)

    def _read(self, source: Any) -> tuple[Any, Any]:
        """What the encoder reads at each step, and the mask of the steps; None where all are data.

        Series that become texts are shortened: the neighbouring timesteps of a segment are read as one, as in Chan et
        al. 2016, equation 5, but before the recurrent layers, not between them.
        """
        if self.settings.reads_text:
            return self._dropped(self.source_embedding(source)), ops.not_equal(source, PADDING)
        scaled, _, _ = self.source_scaling(source)  # (B, T, F)
        if not self.settings.writes_text:
            return scaled, None
        mask = self.segments.compute_mask(scaled, self.known_steps.compute_mask(scaled))
        return self.segments(self.known_steps(scaled)), mask  # (B, S, F * shorten)

    def _encode_apart(self, vectors: Any, source: Any) -> tuple[Any, dict[str, Any], Any]:
        """Outputs `(B, S, V)` and last states of tokens `(B, S)`, each text by its own encoder, and the mask of all.

        A text's encoder skips the other texts. The initial states of the decoder are a learnt transform of the last
        states of all texts together.
        """
        is_separator = ops.equal(source, self.settings.source_words.index(SEPARATOR) + 2)
        text_numbers = ops.cumsum(ops.cast(is_separator, "int32"), axis=1)
        is_word = ops.logical_and(ops.not_equal(source, PADDING), ops.logical_not(is_separator))
        outputs, states = 0.0, []
        for number, encoder in enumerate(self.encoders):
            mask = ops.logical_and(is_word, ops.equal(text_numbers, number))
            read, last = encoder(vectors, mask=mask)
            outputs = outputs + read * ops.cast(mask, read.dtype)[..., None]
            states.append(self._joined_directions(last))
        joined = {
            name: join(ops.concatenate([one[name] for one in states], axis=-1)) for name, join in self.joins.items()
        }
        return outputs, joined, is_word

    def _joined_directions(self, states: dict[str, Any]) -> dict[str, Any]:
        """The last states of the encoder under the decoder's names; the two directions are concatenated."""
        if not self.settings.bidirectional:
            return dict(states)
        joined = {}
        for name in self.state_names:
            layer, state = name.rsplit("_", 1)
            directions = [states[f"{layer}_{direction}_{state}"] for direction in ("forward", "backward")]
            joined[name] = ops.concatenate(directions, axis=-1)
        return joined

    def code(self, encoded: Encoded) -> Any:
        """The initial states of the decoder, concatenated `(B, C)`."""
        return ops.concatenate([ops.cast(encoded.states[name], "float32") for name in self.state_names], axis=-1)

    def decode(self, previous: Any, encoded: Encoded, states: Any = None) -> DecoderOutput:
        """Decode T timesteps from the previous tokens `(B, T)` or values `(B, T, K)`.

        The decoder starts at `states`, by default at the initial states of `encoded`.
        """
        if self.settings.writes_text:
            vectors = self._dropped(self.target_embedding(previous))
        else:
            scaled, _, _ = self.target_scaling(previous)
            vectors = ops.where(ops.isnan(scaled), ops.zeros_like(scaled), scaled)
            if not self.settings.feedback:
                vectors = ops.zeros_like(vectors)
        initial_state = encoded.states if states is None else states
        outputs, states, *weights = self.decoder(vectors, initial_state=initial_state, **encoded.fixed)
        return DecoderOutput(outputs, states, weights[0] if weights else None)

    def score(self, outputs: Any) -> Any:
        """Scores of the words before the softmax, or values in raw units, `(B, T, K)`."""
        if not self.settings.writes_text:
            values = self.values(outputs)
            return values * self.target_scaling.spread + self.target_scaling.mean
        return self.scores(self.target_embedding(outputs, reverse=True) if self.settings.tied else outputs)

    def _dropped(self, vectors: Any) -> Any:
        return vectors if self.dropout is None else self.dropout(vectors)
