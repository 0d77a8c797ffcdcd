"""The captioner: a Keras model that looks at an image and says what it shows."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit.captioning import inputs
from seqkit.captioning.network import CaptionerNetwork
from seqkit.captioning.serving import export_captioner
from seqkit.captioning.settings import CaptionerSettings
from seqkit.task import fitting
from seqkit.task.graphs import Graphs
from seqkit.task.model import RebuiltModel
from seqkit.text.tokens import flat, token_weights
from seqkit.text.vocabulary import Vocabulary

BATCH = 32
AT_ONCE = 256  # images that are captioned together


@keras.saving.register_keras_serializable("seqkit")
class Captioner(RebuiltModel):
    """A compiled `keras.Model` from images to sentences; made by `build_captioner`.

    Vocabulary, settings and encoder are inside. `fit` and `evaluate` take images and captions as they are; `caption`
    says what new ones show. The graph itself reads images and what was said before, and gives scores: it is what
    trains, and what Keras sees as inputs and output; tf.data batches of `((images, said), caption)` are taken as well.

    Shapes: B images `[B, H, W, C]` or vectors `[B, F]`, T words.

    Attributes:
        settings: what it is made of, checked and complete.
        vocabulary: the words it can say.
    """

    def __init__(self, settings: CaptionerSettings | dict[str, Any], *, encoder: Any = None, **kwargs: Any) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = CaptionerSettings.from_config(settings)
        if isinstance(encoder, dict):
            encoder = keras.saving.deserialize_keras_object(encoder)
        network = CaptionerNetwork(settings, encoder)
        graph_inputs, scores = network.graph()
        super().__init__(inputs=graph_inputs, outputs=scores, **kwargs)
        self.settings, self.network = settings, network
        self._has_own_encoder = encoder is not None
        self.vocabulary = Vocabulary(settings.words, settings.splitting, settings.lower)
        self._graphs = Graphs()

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        encoder = keras.saving.serialize_keras_object(self.network.encoder) if self._has_own_encoder else None
        return {"settings": self.settings.to_config(), "encoder": encoder, "name": self.name}

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss of every token that is not padding."""
        return super().compute_loss(x, y, y_pred, token_weights(y, sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics of every token that is not padding."""
        return super().compute_metrics(x, *flat(y, y_pred, token_weights(y, sample_weight)))

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        *,
        validation_data: Any = None,
        shuffle: bool = True,
        sample_weight: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """`keras.Model.fit` on images and their captions; each word is told the right ones before it.

        Args:
            x: images `[B, H, W, C]` or feature vectors `[B, F]`; or tf.data batches of `((images, said), caption)`.
            y: a caption for each.
            batch_size: pairs in a batch, 32 by default.
            epochs: times through all pairs.
            validation_data: a pair `(images, captions)` like these, or `(images, captions, sample_weight)`.
            shuffle: a new order each epoch.
            sample_weight: a number for each pair.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history.

        Raises:
            TypeError, ValueError: images and captions that do not pair up, empty captions, images of another shape or
                with missing values.
        """
        fitting.refuse_options(kwargs, "pairs of image and caption", "class_weight")
        if fitting.is_batches(x):
            fitting.refuse_beside_batches("fit", y=y, batch_size=batch_size, sample_weight=sample_weight)
        else:
            x = self.batches("fit", x, y, batch_size, shuffle, sample_weight)
        if validation_data is not None and not fitting.is_batches(validation_data):
            held_images, held_captions, held_weights = fitting.held_parts(validation_data)
            validation_data = self.batches(
                "fit: validation_data", held_images, held_captions, batch_size, weights=held_weights
            )
        return super().fit(x, epochs=epochs, validation_data=validation_data, shuffle=False, **kwargs)

    def batches(
        self, where: str, x: Any, y: Any, batch_size: int | None = None, shuffle: bool = False, weights: Any = None
    ) -> Any:
        """Images and captions as batches for Keras."""
        if y is None:
            raise ValueError(f"{where}: the captions are missing. Pass {where.split(':')[0]}(images, captions).")
        images, captions = inputs.pairs(where, x, y, self.settings.image_shape)
        return inputs.batches(
            where,
            images,
            captions,
            vocabulary=self.vocabulary,
            longest=self.settings.longest,
            batch_size=BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size),
            shuffle=shuffle,
            weights=fitting.checked_weights(where, weights, len(images), "pairs"),
        )

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, *, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """`keras.Model.evaluate` on images and captions, each word told the right ones before it."""
        if fitting.is_batches(x):
            fitting.refuse_beside_batches("evaluate", y=y, sample_weight=sample_weight)
        else:
            x = self.batches("evaluate", x, y, batch_size, weights=sample_weight)
        return super().evaluate(x, **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> np.ndarray:
        """The captions that `caption` gives, as an array `[B]`; always silent."""
        return np.array(self.caption(x, batch_size=batch_size), dtype=object)

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
        beam = _checks.whole_number("caption", "beam", beam)
        size = AT_ONCE if batch_size is None else _checks.whole_number("caption", "batch_size", batch_size)
        read = inputs.as_images("caption", images, self.settings.image_shape)
        captioning = self._graphs.of(self, beam, lambda images: list(self.network.caption(images, beam)))
        found: list[str] = []
        for first in range(0, len(read), size):
            tokens, _ = captioning.predict_on_batch(read[first : first + size])
            found += self.vocabulary.join(tokens)
        return found

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw images in, raw strings out.

        Endpoints: `serve` takes `images` and returns `text` `[B]` and `score` `[B]`, its log probability over the
        length penalty; `caption` takes also `beam`; `describe` returns the shape of an image and the words. Any other
        `format` goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        return export_captioner(self, filepath)
