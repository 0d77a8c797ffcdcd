"""The classifier: a Keras model that reads series or raw strings and answers in the user's own labels."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.classification.answers import AnsweringClassifier
from seqkit.classification.network import classifier_network
from seqkit.classification.serving import export_classifier
from seqkit.classification.settings import ClassifierSettings
from seqkit.data import sequences
from seqkit.data import series as inputs
from seqkit.layers.convolution import FixedConvolutions
from seqkit.layers.scaling import StandardScaling
from seqkit.task import fitting
from seqkit.text.vocabulary import Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Classifier(AnsweringClassifier):
    """A compiled `keras.Model` from sequences to class probabilities `[B, K]`; made by `build_classifier`.

    Labels, vocabulary, scaling and temperature are inside. `fit`, `evaluate`, `predict` and the methods below take
    series (an array `[B, T, F]`, or a list of arrays `[T_i, F]`, filled up and masked for you) or, where it was
    built on text, raw strings, with labels as they were given to the builder; or whatever Keras takes: tf.data
    batches of arrays, or of numbers of words, with labels as zeros and ones `[B, K]`.

    Shapes: B samples, T timesteps, F features, K classes.

    Attributes:
        settings: what it is made of, checked and complete.
        labels: the classes, in the order of the probabilities.
        vocabulary: of a text classifier, else None.
        chosen_epochs: how long `train_classifier` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    def __init__(
        self, settings: ClassifierSettings | dict[str, Any], *, chosen_epochs: int | None = None, **kwargs: Any
    ) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = ClassifierSettings.from_config(settings)
        network = classifier_network(settings)
        super().__init__(inputs=network.inputs, outputs=network.outputs, **kwargs)
        self.settings = settings
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self.vocabulary = Vocabulary(settings.words) if settings.is_text else None
        self._scaling, self._convolution = network.scaling, network.convolution
        self._probabilities = network.probabilities
        self._attention = network.attention
        self.__dict__["_known"] = network.known  # past Keras, which would save its layers, the model's own, twice
        self.input_spec = None  # series, or the pair that `batches` makes where their convolutions are kept

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}

    def adapt(self, x: Any) -> None:
        """Take from the training series what is not learnt by steps: mean and spread, thresholds of convolutions."""
        if self.settings.is_text:
            return
        series = inputs.as_series("adapt", x, self.settings.features, self.settings.missing)
        if isinstance(self._scaling, StandardScaling):
            self._scaling.adapt(np.concatenate(series))
        if isinstance(self._convolution, FixedConvolutions):
            scaled = ops.convert_to_numpy(self.get_layer("scaling")(sequences.pad(series))[0])
            known = ~np.isnan(scaled).any(axis=-1)
            self._convolution.adapt(np.where(known[..., None], scaled, 0), None if self.settings.timesteps else known)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Probabilities `[B, K]` of series, of numbers of words, or of the pair (series, their fixed convolutions)."""
        if isinstance(inputs, (tuple, list)):
            return self._known(list(inputs), training=training)
        return super().call(inputs, training=training, mask=mask)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss, each sample weighed by its class."""
        if not self.settings.multi_label and set(self.settings.class_weights) != {1.0}:
            weights = ops.convert_to_tensor(self.settings.class_weights, "float32")
            own = ops.sum(ops.cast(y, "float32") * weights, axis=-1)  # (B,)
            sample_weight = own if sample_weight is None else own * ops.reshape(sample_weight, (-1,))
        return super().compute_loss(x, y, y_pred, sample_weight, training)

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
        """`keras.Model.fit`, which also takes lists of series or raw strings, and labels as they are.

        Args:
            x: series or texts, as the class says.
            y: a label for each; with `multi_label` a list of labels for each.
            batch_size: samples in a batch, 32 by default.
            epochs: times through all samples.
            validation_data: a pair `(x, y)` like these, or `(x, y, sample_weight)`.
            shuffle: a new order each epoch.
            sample_weight: a number for each sample.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history.

        Raises:
            TypeError, ValueError: labels missing, of mixed types or unknown to the model; series without steps, of
                other features or with missing values; text that is none; a model that has not been adapted.
        """
        self._refuse_unadapted("fit")
        if y is None and self._is_ours(x):
            raise ValueError("fit: the labels are missing. Pass fit(x, y).")
        if y is not None:
            fitting.refuse_options(kwargs, "samples")
            x = self.batches("fit", x, y, batch_size, shuffle, sample_weight, keep=epochs > 1)
        if isinstance(validation_data, (tuple, list)):
            held_x, held_y, held_weights = fitting.held_parts(validation_data)
            validation_data = self.batches(
                "fit: validation_data", held_x, held_y, batch_size, weights=held_weights, keep=epochs > 1
            )
        self.set_temperature(1.0)  # whatever it was, it was fitted to other weights
        return super().fit(x, epochs=epochs, validation_data=validation_data, shuffle=False, **kwargs)

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, *, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """`keras.Model.evaluate` on series or texts and labels."""
        self._refuse_unadapted("evaluate")
        if y is None and self._is_ours(x):
            raise ValueError("evaluate: the labels are missing. Pass evaluate(x, y).")
        if y is not None:
            x = self.batches("evaluate", x, y, batch_size, weights=sample_weight)
        else:
            fitting.refuse_beside_batches("evaluate", sample_weight=sample_weight)
        return super().evaluate(x, **kwargs)

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw arrays or raw strings in, class, probabilities and attention out, by name.

        Endpoints: `serve` takes `series` `[B, T, F]` (shorter ones filled up with NaN) or `text` `[B]` and returns
        `class` `[B]`, `probabilities` `[B, K]`, and with attention over steps `attention` `[B, T]`; of text also
        `tokens`. `describe` returns the labels and features. Any other `format` goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        self._refuse_unadapted("export")
        return export_classifier(self, filepath)
