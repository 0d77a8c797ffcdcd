"""The classifier: a Keras model that reads series or raw strings and returns the user's own labels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.classification import answers
from seqkit.classification.network import classifier_network
from seqkit.classification.serving import served_classifier
from seqkit.classification.settings import ClassifierSettings
from seqkit.data import labels as class_labels
from seqkit.data.series import as_series
from seqkit.data.texts import as_texts
from seqkit.export import Served
from seqkit.task.series_model import SeriesTask
from seqkit.task.settings import Connected
from seqkit.text.token_numbers import encode_and_shorten
from seqkit.text.vocabulary import PADDING, Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Classifier(SeriesTask):
    """A compiled `keras.Model` from sequences to class probabilities `[B, K]`; `build_classifier` makes it.

    The model holds labels, vocabulary, scaling and temperature. `fit`, `evaluate`, `predict` and the methods below take
    series: an array `[B, T, F]`, or a list of arrays `[T_i, F]`, which the model pads and masks. A text classifier
    takes raw strings. Labels are those of the builder. `predict` returns an array of probabilities `[B, K]`, classes in
    the order of `labels`. All of them also take what Keras takes: tf.data batches of arrays or of token numbers, with
    labels as zeros and ones `[B, K]`; of raw strings, with these or with labels. A batch has 32 samples by default.
    `class_weight` of `fit` goes by label, as in `{"rain": 2.0}`; other labels have the weight 1.

    `export` writes two endpoints. `serve` takes `series` `[B, T, F]` (pad shorter series with NaN) or `text` `[B]`. It
    returns `class` `[B]` (`classes` with `multi_label`), `probabilities` `[B, K]`, with attention over steps
    `attention` `[B, T]`, and for text `tokens`. `describe` returns the labels and features.

    Shapes: B samples, T timesteps, F features, K classes.

    Attributes:
        settings: the complete, checked settings.
        labels: the classes, in the order of the probabilities.
        vocabulary: the vocabulary of a text classifier, else None.
        chosen_epochs: the epochs that `train_classifier` trained it for, else None.
        validation_history: the validation curve that chose the epochs; None without one, and after loading.
        training_seconds: how long `train_classifier` took; None without it, and after loading.

    Example:
        >>> import seqkit as sk
        >>> texts, labels = ["so good", "good", "bad", "so bad"], ["pos", "pos", "neg", "neg"]
        >>> model = sk.build_classifier(like=texts, labels=labels, units=3, embedding=2)
        >>> model.labels, model.predict_proba(["good", "bad"]).shape
        (('neg', 'pos'), (2, 2))
    """

    Settings, called, answers_are, refused_options = ClassifierSettings, "classifier", "labels", ()
    parts_shown = ("labels", "words", "features", "timesteps")

    def __init__(self, settings: ClassifierSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.vocabulary = Vocabulary(self.settings.words) if self.settings.is_text else None

    def connect(self, settings: ClassifierSettings) -> Connected:
        """Connect the layers, and return the inputs and outputs of their graph."""
        network = classifier_network(settings)
        return Connected(network, network.inputs, network.outputs)

    @property
    def labels(self) -> tuple[class_labels.Label, ...]:
        """The classes, in the order of the probabilities."""
        return self.settings.labels

    def adapt(self, x: Any) -> None:
        """Compute from the training series what gradients do not learn: mean, spread, thresholds of convolutions."""
        if self.settings.is_text:
            return
        self.adapt_to(
            as_series("adapt", x, self.settings.features, self.settings.missing, names=self.settings.feature_names)
        )

    @property
    def padding(self) -> float:
        """The value that pads a sample after its end."""
        return PADDING if self.settings.is_text else super().padding

    def read_samples(self, where: str, x: Any) -> list[np.ndarray]:
        """Series `[T_i, F]`, or token numbers `[T_i]`."""
        if self.vocabulary is not None:
            return encode_and_shorten(where, "texts", as_texts(where, x), self.vocabulary)
        return super().read_samples(where, x)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss, each sample weighted by its class."""
        if not self.settings.multi_label and set(self.settings.class_weights) != {1.0}:
            weights = ops.convert_to_tensor(self.settings.class_weights, "float32")
            class_weight = ops.sum(ops.cast(y, "float32") * weights, axis=-1)  # (B,)
            sample_weight = class_weight if sample_weight is None else class_weight * ops.reshape(sample_weight, (-1,))
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    @property
    def takes_token_numbers(self) -> bool:  # type: ignore[override]
        """Whether it reads texts, so that integers are numbers of tokens."""
        return self.settings.is_text

    def refuse_options(self, where: str, x: Any, options: dict[str, Any]) -> None:
        """Refuse options of Keras that mean something else here."""
        if self.settings.multi_label and options.get("class_weight") is not None:
            problem = "class_weight needs one class for each sample, and multi_label samples have several."
            raise InvalidValue(where, problem, "Pass sample_weight= instead.", argument="class_weight")
        super().refuse_options(where, x, options)

    def keras_options(self, where: str, options: dict[str, Any]) -> dict[str, Any]:
        """Turn `class_weight` by label into Keras's, by position."""
        if options.get("class_weight") is None:
            return options
        by_position = class_labels.weights_by_position(where, options["class_weight"], self.labels)
        return {**options, "class_weight": by_position}

    def answers_of_batches(self, y: Any) -> Any:
        """Labels; zeros and ones `[B, K]`, as Keras's datasets hold them, become labels."""
        if self.settings.multi_label or not class_labels.is_encoded(y, len(self.labels)):
            return y
        return [self.labels[position] for position in y.argmax(axis=1)]

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """Set the temperature back to 1 before training: it was fitted to the old weights."""
        if verb == "fit":
            self.set_temperature(1.0)
        yield []

    def served(self, **options: Any) -> Served:
        """The endpoints `serve` and `describe`."""
        return served_classifier(self, **options)

    def predict_proba(self, x: Any, batch_size: int | None = None) -> pd.DataFrame:
        """Predict probabilities as a DataFrame, a column for each class; a pandas column `x` gives its index."""
        return answers.tabulate_probabilities(self, x, batch_size)

    def predict_classes(self, x: Any, batch_size: int | None = None) -> Any:
        """Predict the most probable label of each sample, `[B]`; with `multi_label` all labels of 0.5 or more."""
        return answers.choose_labels(self, self.predict(x, batch_size, verbose=0))

    def labels_of(self, probabilities: np.ndarray) -> Any:
        """Choose the labels of probabilities `[B, K]`, as `predict_classes` does."""
        return answers.choose_labels(self, probabilities)

    @property
    def temperature(self) -> float:
        """The number that divides the scores; 1 before `calibrate`."""
        return answers.get_temperature(self)

    def set_temperature(self, temperature: float) -> None:
        """Divide the scores by `temperature` until the next `fit`."""
        answers.set_temperature(self, temperature)

    def calibrate(self, x: Any, y: Any) -> float:
        """Fit the temperature on held-out samples, and return it.

        Args:
            x: series or texts.
            y: their labels.

        Returns:
            The temperature; above 1 where the model was too sure. `fit` sets it back to 1.
        """
        count = len(self.read_samples("calibrate", x))
        return answers.calibrate(self, x, self.encoded_answers("calibrate", y, count))

    def encode(self, y: Any) -> np.ndarray:
        """Encode labels as zeros and ones `[B, K]`."""
        return self.encoded_answers("encode", y)

    def encoded_answers(self, where: str, y: Any, samples: int | None = None) -> np.ndarray:
        """Encode labels as zeros and ones `[B, K]`; refuse others than `samples` of them."""
        return class_labels.encode(where, y, self.labels, self.settings.multi_label, samples)
