"""The captioner: a Keras model that looks at an image and says what it shows."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np

from seqkit.captioning import answers, inputs
from seqkit.captioning.network import CaptionerNetwork
from seqkit.captioning.serving import export_captioner
from seqkit.captioning.settings import CaptionerSettings
from seqkit.task import fitting
from seqkit.task.batches import batch_size_of, pad
from seqkit.task.model import Connected, Task
from seqkit.text.tokens import flat, token_weights
from seqkit.text.vocabulary import PADDING, START, Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Captioner(Task):
    """A compiled `keras.Model` from images to sentences; made by `build_captioner`.

    Vocabulary, settings and encoder are inside. `fit` and `evaluate` take images and captions as they are, 32 in a
    batch by default; each word is told the right ones before it. `caption` says what new ones show. The graph itself
    reads images and what was said before, and gives scores: it is what trains, and what Keras sees as inputs and
    output; tf.data batches of `((images, said), caption)` are taken as well.

    `export` writes these endpoints: `serve` takes `images` and returns `text` `[B]` and `score` `[B]`, its log
    probability over the length penalty; `caption` takes also `beam`; `describe` returns the shape of an image and the
    words.

    Shapes: B images `[B, H, W, C]` or vectors `[B, F]`, T words.

    Attributes:
        settings: what it is made of, checked and complete.
        vocabulary: the words it can say.
    """

    Settings = CaptionerSettings
    samples_are, answers_are, asked_for = "pairs of image and caption", "captions", "images, captions"
    network: CaptionerNetwork

    def __init__(self, settings: CaptionerSettings | dict[str, Any], *, encoder: Any = None, **kwargs: Any) -> None:
        """Connect the layers."""
        own = keras.saving.deserialize_keras_object(encoder) if isinstance(encoder, dict) else encoder
        self.__dict__["_own_encoder"] = own  # past Keras, which takes no attributes yet
        super().__init__(settings, **kwargs)
        self.vocabulary = Vocabulary(self.settings.words, self.settings.splitting, self.settings.lower)

    def connect(self, settings: CaptionerSettings) -> Connected:
        """The layers, and their graph."""
        network = CaptionerNetwork(settings, self.__dict__["_own_encoder"])
        return Connected(network, *network.graph())

    def get_config(self) -> dict[str, Any]:
        """With the encoder, where it is the user's own."""
        own = self.__dict__["_own_encoder"]
        encoder = None if own is None else keras.saving.serialize_keras_object(self.network.encoder)
        return {**super().get_config(), "encoder": encoder}

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss of every token that is not padding."""
        return super().compute_loss(x, y, y_pred, token_weights(y, sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics of every token that is not padding."""
        return super().compute_metrics(x, *flat(y, y_pred, token_weights(y, sample_weight)))

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sample_weight: Any = None,
    ) -> Any:
        """Images and captions as batches for Keras."""
        images, captions = inputs.pairs(where, x, y, self.settings.image_shape)
        return inputs.caption_batches(
            images,
            inputs.marked_captions(where, captions, self.vocabulary, self.settings.longest),
            batch_size=batch_size_of(where, batch_size),
            shuffle=shuffle,
            weights=fitting.checked_weights(where, sample_weight, len(images), "pairs"),
        )

    def network_input(self, x: Any, where: str) -> list[np.ndarray]:
        """What the graph reads: images, and the words that the captioner says of each, from the mark of the start."""
        images = inputs.as_images(where, x, self.settings.image_shape)
        tokens = pad(answers.caption_tokens(self, where, images, 1, None), PADDING)
        said = np.pad(tokens[:, :-1], [(0, 0), (1, 0)], constant_values=self.vocabulary.number_of(START))
        return [images, said[:, : max(1, int((said != PADDING).sum(axis=1).max()))]]

    def write_saved_model(self, path: str | os.PathLike[str]) -> Any:
        """`serve`, `caption` and `describe`."""
        return export_captioner(self, path)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = 0, steps: int | None = None, callbacks: Any = None
    ) -> Any:
        """The captions that `caption` gives, as an array `[B]`; of Keras's own inputs the graph's scores."""
        if not self.reads(x):
            return super().predict(x, batch_size, verbose=verbose, steps=steps, callbacks=callbacks)
        texts = answers.caption_images(self, "predict", x, 1, batch_size, callbacks, verbose)
        return np.array(texts, dtype=object)

    def caption(self, images: Any, *, beam: int = 1, batch_size: int | None = None) -> list[str]:
        """Say what each image shows, word by word in the graph, until the end mark.

        Args:
            images: `[B, H, W, C]`, or feature vectors `[B, F]`.
            beam: hypotheses that are followed at a time; 1 takes the most probable word each time.
            batch_size: images that are captioned together, 256 by default.

        Returns:
            A caption for each.

        Raises:
            TypeError, ValueError: images of another shape or with missing values, a beam below 1.
        """
        return answers.caption_images(self, "caption", images, beam, batch_size)
