"""The captioner: a Keras model that reads images and writes a caption for each."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.captioning import answers, inputs
from seqkit.captioning.network import CaptionerNetwork
from seqkit.captioning.serving import served_captioner
from seqkit.captioning.settings import CaptionerSettings
from seqkit.export import Served
from seqkit.task import fitting
from seqkit.task.batches import batch_size_of, pad
from seqkit.task.model import Task
from seqkit.task.progress import AUTO
from seqkit.task.settings import Connected
from seqkit.text.tokens import flatten_tokens, token_weights
from seqkit.text.vocabulary import PADDING, START, Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Captioner(Task):
    """A compiled `keras.Model` from images to sentences; made by `build_captioner`.

    Vocabulary, settings and encoder are inside. `fit` and `evaluate` take raw images and captions, 32 pairs in a batch
    by default. In training the decoder reads the right previous tokens (teacher forcing). `caption` writes captions of
    new images, and `predict` returns them as an array `[B]`. The graph that trains reads images and previous tokens,
    and returns scores; Keras sees these as inputs and output. So `fit` also takes tf.data batches of `((images,
    previous), caption)`.

    `export` writes these endpoints. `serve` takes `images` and returns `text` `[B]` and `score` `[B]`, the log
    probability of the text divided by the length penalty. `caption` also takes `beam`. `describe` returns the shape of
    an image and the words.

    Shapes: B images `[B, H, W, C]` or vectors `[B, F]`.

    Attributes:
        settings: the checked and complete settings.
        vocabulary: the words that captions are written with.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> images, captions = np.eye(3), ["a cat", "a dog", "two dogs"]
        >>> model = sk.build_captioner(like=(images, captions), units=8, embedding=5)
        >>> len(model.caption(images))
        3
    """

    Settings = CaptionerSettings
    parts_shown = ("image_shape", "words")
    samples_are, answers_are, asked_for = "pairs of image and caption", "captions", "images, captions"
    network: CaptionerNetwork

    def __init__(self, settings: CaptionerSettings | dict[str, Any], *, encoder: Any = None, **kwargs: Any) -> None:
        """Connect the layers."""
        encoder = keras.saving.deserialize_keras_object(encoder) if isinstance(encoder, dict) else encoder
        self.__dict__["_own_encoder"] = encoder  # past Keras, which allows no attributes before its own __init__
        super().__init__(settings, **kwargs)
        self.vocabulary = Vocabulary(self.settings.words, self.settings.splitting, self.settings.lower)

    def connect(self, settings: CaptionerSettings) -> Connected:
        """The layers, and the inputs and outputs of their graph."""
        network = CaptionerNetwork(settings, self.__dict__["_own_encoder"])
        return Connected(network, *network.graph())

    def get_config(self) -> dict[str, Any]:
        """The settings, and the encoder if the user passed one."""
        has_own_encoder = self.__dict__["_own_encoder"] is not None
        encoder = keras.saving.serialize_keras_object(self.network.encoder) if has_own_encoder else None
        return {**super().get_config(), "encoder": encoder}

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss of all tokens but padding."""
        return super().compute_loss(x, y, y_pred, token_weights(y, sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics of all tokens but padding."""
        return super().compute_metrics(x, *flatten_tokens(y, y_pred, token_weights(y, sample_weight)))

    def batches(
        self, where: str, x: Any, y: Any, batch_size: Any = None, shuffle: bool = False, sample_weight: Any = None
    ) -> Any:
        """Images and captions as batches for Keras."""
        images, captions = inputs.image_caption_pairs(where, x, y, self.settings.image_shape)
        return inputs.caption_batches(
            images,
            inputs.marked_captions(where, captions, self.vocabulary, self.settings.longest),
            batch_size=batch_size_of(where, batch_size),
            shuffle=shuffle,
            weights=fitting.checked_weights(where, sample_weight, len(images), "pairs"),
        )

    def network_input(self, x: Any, where: str) -> list[np.ndarray]:
        """The inputs of the graph: images, and the tokens of each image's own caption, the start mark first."""
        images = inputs.as_images(where, x, self.settings.image_shape)
        tokens = pad(answers.caption_tokens(self, where, images, 1, None), PADDING)
        previous = np.pad(tokens[:, :-1], [(0, 0), (1, 0)], constant_values=self.vocabulary.number_of(START))
        longest = int((previous != PADDING).sum(axis=1).max())
        return [images, previous[:, : max(1, longest)]]

    def served(self, **options: Any) -> Served:
        """The endpoints `serve`, `caption` and `describe`."""
        return served_captioner(self, **options)

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> np.ndarray:
        """The captions of `caption` as an array `[B]`."""
        return np.array(answers.caption_images(self, "predict", x, 1, batch_size, **options), dtype=object)

    def caption(self, images: Any, *, beam: int = 1, batch_size: int | None = None, verbose: Any = AUTO) -> list[str]:
        """Write a caption for each image, token by token in the graph, until the end mark.

        Args:
            images: `[B, H, W, C]`, or feature vectors `[B, F]`.
            beam: how many hypotheses the search follows; 1 takes the most probable token each time.
            batch_size: images in a batch, 256 by default.
            verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence.

        Returns:
            A caption for each.

        Raises:
            TypeError, ValueError: images of another shape or with missing values, a beam below 1.
        """
        return answers.caption_images(self, "caption", images, beam, batch_size, verbose=verbose)

    def attention_maps(self, images: Any, *, beam: int = 1) -> list[answers.AttentionMap]:
        """The words of each image's caption, and where the decoder looked as it wrote each of them.

        Args:
            images: `[B, H, W, C]`.
            beam: as in `caption`.

        Returns:
            For each image a pair of `words` (T of them) and `weights` `[T, H', W']`, over the H' x W' places of the
            encoder's map; the weights of each word sum to 1.

        Raises:
            ValueError: a model without attention; images that `caption` refuses.
        """
        return answers.attention_maps(self, images, beam)
