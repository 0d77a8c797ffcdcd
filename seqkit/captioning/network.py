"""The captioner's layers: an encoder of images, and a decoder whose initial states are computed from the code.

Shapes: B images, T tokens, L most tokens of a caption, E size of the code, U units, K tokens in the vocabulary.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit._errors import InvalidType, InvalidValue
from seqkit.captioning.settings import CaptionerSettings
from seqkit.layers.decoder import AttentionDecoder
from seqkit.task.search import MARK_NUMBERS, beam_search
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN

FIRST_FILTERS, MOST_FILTERS = 32, 128
LEAST_SIZE_TO_HALVE = 4  # rows or columns
POOLING_BY_RANK = {4: layers.GlobalAveragePooling2D, 3: layers.GlobalAveragePooling1D}


class Encoded(NamedTuple):
    """What the decoder is given of an image."""

    states: dict[str, Any]  # the decoder's initial states, (B, U) each
    fixed: dict[str, Any]  # the code (B, E), if it is an input at every step; the places (B, P, E), for attention


class Decoded(NamedTuple):
    """What the decoder gives for T tokens."""

    scores: Any  # (B, T, K)
    states: dict[str, Any]  # after the last token
    weights: Any  # (B, T, P) of attention over P places, or None


class CaptionerNetwork:
    """The layers, and the two ways through them: `encode` images, `decode` tokens.

        c = encoder(image)      s_0 = tanh(W c + b)      s_t = cell(word vector_t, s_{t-1})      p = softmax(V o_t + d)

    o_t is as in `AttentionDecoder`. With attention, each token has its own weighted sum of the places of the encoder's
    map (Xu et al. 2015, section 3.1.2), and c is the mean of the map. Vinyals et al. 2015 (section 3) also give the
    decoder the image once, as a first word. Here the initial states are computed from the image, as in Xu et al. 2015
    (section 3.1.2).
    """

    def __init__(self, settings: CaptionerSettings, encoder: keras.Model | None) -> None:
        """Make the layers."""
        self.settings = settings
        self.encoder = default_encoder(settings) if encoder is None else _checked_encoder(encoder, settings.image_shape)
        self.embedding = layers.Embedding(len(settings.words) + 2, settings.embedding, name="vectors")
        self.dropout = layers.Dropout(settings.dropout, name="dropped") if settings.dropout else None
        self.decoder = AttentionDecoder(
            settings.units,
            settings.cell,
            attention=settings.attention,
            dropout=settings.dropout,
            activation=settings.activation,
            name="decoder",
        )
        state_names = self.decoder.recurrent.state_names
        self.initial_states = {
            name: layers.Dense(size, activation="tanh", name=f"first_{name}")
            for size, names in zip(settings.units, state_names, strict=True)
            for name in names
        }
        self.pooling: layers.Layer | None = None
        self.places: layers.Layer | None = None  # of the encoder's map as a sequence (B, P, E), for attention
        self.scores = layers.Dense(len(settings.words) + 2, dtype="float32", name="scores")

    def graph(self) -> tuple[list[Any], Any]:
        """The graph of training: its inputs are images and the previous tokens, its output the scores `(B, T, K)`."""
        images = keras.Input(self.settings.image_shape, name="images")
        previous = keras.Input((None,), dtype="int32", name="said")
        self._add_pooling(self.encoder(images))
        return [images, previous], self.decode(previous, self.encode(images)).scores

    def _add_pooling(self, code: Any) -> None:
        rank = len(code.shape)
        if self.settings.attention != "none":
            _refuse_no_map(code.shape)
            self.places = layers.Reshape((-1, code.shape[-1]), name="places")
        if rank in POOLING_BY_RANK:
            self.pooling = POOLING_BY_RANK[rank](name="pooled")
        elif rank != 2:
            raise InvalidValue(
                "build_captioner",
                "encoder= must return one vector for each image, [samples, features], or a map of vectors, got the "
                f"shape {tuple(code.shape)}.",
                argument="encoder",
            )

    def encode(self, images: Any) -> Encoded:
        """Encode images `(B, H, W, C)` or vectors `(B, F)`."""
        encoded = self.encoder(images)
        code = self._dropped(encoded if self.pooling is None else self.pooling(encoded))  # (B, E)
        fixed = {"context": code} if self.settings.context == "every step" else {}
        if self.places is not None:
            fixed["source"] = self._dropped(self.places(encoded))
        return Encoded({name: layer(code) for name, layer in self.initial_states.items()}, fixed)

    def decode(self, previous: Any, encoded: Encoded) -> Decoded:
        """Scores of the next token after each previous token `(B, T)`, the states after the last, and attention."""
        vectors = self._dropped(self.embedding(previous))
        outputs, states, *weights = self.decoder(vectors, initial_state=encoded.states, **encoded.fixed)
        return Decoded(self.scores(outputs), states, weights[0] if weights else None)

    def _dropped(self, vectors: Any) -> Any:
        return vectors if self.dropout is None else self.dropout(vectors)

    def caption(self, images: Any, beam: Any) -> tuple[Any, Any]:
        """The best caption of each image by beam search: tokens `(B, L)`, and their score `(B,)`.

        The score is the log probability divided by `length_penalty` with an exponent of 1.
        """
        encoded = self.encode(images)

        def step(last: Any, states: Any, fixed: Any) -> tuple[Any, Any]:
            decoded = self.decode(last[:, None], Encoded(states, fixed))
            return decoded.scores[:, 0], decoded.states

        hypotheses = beam_search(
            step,
            encoded.states,
            encoded.fixed,
            samples=ops.shape(images)[0],
            width=beam,
            longest=self.settings.longest + 1,
            start=MARK_NUMBERS[START],
            end=MARK_NUMBERS[END],
            penalty=1.0,
            never=(PADDING, UNKNOWN, MARK_NUMBERS[START]),
        )
        return hypotheses.tokens[:, 0], hypotheses.scores[:, 0]


def _refuse_no_map(shape: tuple[int | None, ...]) -> None:
    if len(shape) not in POOLING_BY_RANK:
        raise InvalidValue(
            "build_captioner",
            f"attention looks at the places of a map, and the encoder returns the shape {tuple(shape)}.",
            'Pass images [samples, height, width, channels] and an encoder that returns a map, or attention="none".',
            argument="attention",
        )


def _checked_encoder(encoder: Any, shape: tuple[int, ...]) -> Any:
    """The encoder, if it is a Keras model or layer that takes images of this shape."""
    if not isinstance(encoder, keras.layers.Layer):
        raise InvalidType(
            "build_captioner",
            f"encoder= must be a Keras model or layer of images, got {encoder!r}.",
            argument="encoder",
        )
    input_shape = getattr(encoder, "input_shape", None)
    if isinstance(input_shape, tuple) and not _is_compatible(input_shape[1:], shape):
        raise InvalidValue(
            "build_captioner",
            f"encoder= reads images of the shape {input_shape[1:]}, got images of the shape {shape}.",
            "Resize the images first, for example with keras.ops.image.resize.",
            argument="encoder",
        )
    return encoder


def _is_compatible(input_shape: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    if len(input_shape) != len(shape):
        return False
    return all(needed in (None, size) for needed, size in zip(input_shape, shape, strict=True))


def default_encoder(settings: CaptionerSettings) -> keras.Model:
    """For images, convolutions and pooling until they are small, then a dense layer; for vectors, the dense layer.

    For attention, the dense layer is one for each place, so that a map is returned.
    Its inputs are scaled by the mean and standard deviation of all training values.
    """
    images = keras.Input(settings.image_shape)
    hidden = layers.Rescaling(1 / settings.spread, -settings.level / settings.spread)(images)
    if len(settings.image_shape) == 3:
        size, filters = min(settings.image_shape[:2]), FIRST_FILTERS
        while True:
            hidden = layers.Conv2D(filters, 3, padding="same", activation="relu")(hidden)
            if size < LEAST_SIZE_TO_HALVE:
                break
            hidden, size = layers.MaxPooling2D()(hidden), size // 2
            filters = min(2 * filters, MOST_FILTERS)
        hidden = hidden if settings.attention != "none" else layers.Flatten()(hidden)
    code = layers.Dense(settings.units[-1], activation="relu", name="code")(hidden)
    return keras.Model(images, code, name="encoder")
