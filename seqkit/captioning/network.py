"""The captioner's layers: an encoder of images, and a decoder that begins with what it makes of them.

Shapes: B images, T words, E size of the code, U units, K numbers of the vocabulary.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import layers, ops

from seqkit._errors import InvalidType, InvalidValue
from seqkit.captioning.settings import CaptionerSettings
from seqkit.layers.decoder import AttentionDecoder
from seqkit.task.search import MARKS, beam_search
from seqkit.text.vocabulary import END, PADDING, START, UNKNOWN

FILTERS, MOST_FILTERS = 32, 128
SMALLEST = 4  # rows or columns, from which on images are not halved again
POOLS = {4: layers.GlobalAveragePooling2D, 3: layers.GlobalAveragePooling1D}


class Encoded(NamedTuple):
    """What the decoder is given of an image."""

    states: dict[str, Any]  # its first states, (B, U) each
    seen: dict[str, Any]  # the code (B, E), where it is fed at every step


class CaptionerNetwork:
    """The layers, and the two ways through them: `encode` images, `describe` words one after another.

        c = encoder(image)      s_0 = tanh(W c + b)      s_t = cell(word vector_t, s_{t-1})      p = softmax(V o_t + d)

    With o_t as in `AttentionDecoder`, without attention. Vinyals et al. 2015 (section 3) show the image once too, as
    a first word; here the first states are made from it, as in Xu et al. 2015 (section 3.1.2).
    """

    def __init__(self, settings: CaptionerSettings, encoder: keras.Model | None) -> None:
        """Make the layers."""
        self.settings = settings
        self.encoder = default_encoder(settings) if encoder is None else _of_images(encoder, settings.image_shape)
        self.vectors = layers.Embedding(len(settings.words) + 2, settings.embedding, name="vectors")
        self.drop = layers.Dropout(settings.dropout, name="dropped") if settings.dropout else None
        self.decoder = AttentionDecoder(
            settings.units, settings.cell, attention="none", dropout=settings.dropout, name="decoder"
        )
        names = self.decoder.recurrent.state_names
        self.first = {
            name: layers.Dense(size, activation="tanh", name=f"first_{name}")
            for size, of_layer in zip(settings.units, names, strict=True)
            for name in of_layer
        }
        self.pool: layers.Layer | None = None
        self.scores = layers.Dense(len(settings.words) + 2, dtype="float32", name="scores")

    def graph(self) -> tuple[list[Any], Any]:
        """Inputs and output of training: images and what was said before, to scores `(B, T, K)`."""
        images = keras.Input(self.settings.image_shape, name="images")
        said = keras.Input((None,), dtype="int32", name="said")
        self._pool_for(self.encoder(images))
        return [images, said], self.describe(said, self.encode(images))[0]

    def _pool_for(self, code: Any) -> None:
        rank = len(code.shape)
        if rank in POOLS:
            self.pool = POOLS[rank](name="pooled")
        elif rank != 2:
            raise InvalidValue(
                "build_captioner",
                "encoder= must return one vector for each image, [samples, features], or a map of them, got the "
                f"shape {tuple(code.shape)}.",
                argument="encoder",
            )

    def encode(self, images: Any) -> Encoded:
        """Read images `(B, H, W, C)` or vectors `(B, F)`."""
        code = self.encoder(images)
        code = code if self.pool is None else self.pool(code)  # (B, E)
        dropped = code if self.drop is None else self.drop(code)
        seen = {"context": dropped} if self.settings.context == "every step" else {}
        return Encoded({name: layer(dropped) for name, layer in self.first.items()}, seen)

    def describe(self, said: Any, encoded: Encoded) -> tuple[Any, dict[str, Any]]:
        """Scores of the next word after each of any number of steps `(B, T, K)`, and the states after the last."""
        vectors = self.vectors(said)
        vectors = vectors if self.drop is None else self.drop(vectors)
        described, states = self.decoder(vectors, initial_state=encoded.states, **encoded.seen)
        return self.scores(described), states

    def caption(self, images: Any, beam: Any) -> tuple[Any, Any]:
        """The best caption of each image by beam search: tokens `(B, L)`, and their log probability `(B,)`.

        The log probability is divided by the length penalty 1 of `length_penalty`.
        """
        encoded = self.encode(images)

        def step(last: Any, states: Any, seen: Any) -> tuple[Any, Any]:
            scores, after = self.describe(last[:, None], Encoded(states, seen))
            return scores[:, 0], after

        found = beam_search(
            step,
            encoded.states,
            encoded.seen,
            samples=ops.shape(images)[0],
            width=beam,
            longest=self.settings.longest + 1,
            start=MARKS[START],
            end=MARKS[END],
            penalty=1.0,
            never=(PADDING, UNKNOWN, MARKS[START]),
        )
        return found.tokens[:, 0], found.scores[:, 0]


def _of_images(encoder: Any, shape: tuple[int, ...]) -> Any:
    """A Keras model or layer that takes images of this shape, or a refusal."""
    if not isinstance(encoder, keras.layers.Layer):
        raise InvalidType(
            "build_captioner",
            f"encoder= must be a Keras model or layer of images, got {encoder!r}.",
            argument="encoder",
        )
    wanted = getattr(encoder, "input_shape", None)
    if isinstance(wanted, tuple) and not _agree(wanted[1:], shape):
        raise InvalidValue(
            "build_captioner",
            f"encoder= reads {wanted[1:]}, and the images are {shape}.",
            "Bring them to its size first, with keras.ops.image.resize say.",
            argument="encoder",
        )
    return encoder


def _agree(wanted: tuple[int | None, ...], shape: tuple[int, ...]) -> bool:
    return len(wanted) == len(shape) and all(one in (None, size) for one, size in zip(wanted, shape, strict=True))


def default_encoder(settings: CaptionerSettings) -> keras.Model:
    """Of images convolutions, halved until they are small, and a dense layer; of vectors the dense layer alone.

    What it reads is scaled by the mean and standard deviation of all training values.
    """
    images = keras.Input(settings.image_shape)
    steps = layers.Rescaling(1 / settings.spread, -settings.level / settings.spread)(images)
    if len(settings.image_shape) == 3:
        size, filters = min(settings.image_shape[:2]), FILTERS
        while True:
            steps = layers.Conv2D(filters, 3, padding="same", activation="relu")(steps)
            if size < SMALLEST:
                break
            steps, size = layers.MaxPooling2D()(steps), size // 2
            filters = min(2 * filters, MOST_FILTERS)
        steps = layers.Flatten()(steps)
    code = layers.Dense(settings.units[-1], activation="relu", name="code")(steps)
    return keras.Model(images, code, name="encoder")
