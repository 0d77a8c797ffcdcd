"""The classifier: a Keras model that reads series or raw strings and answers in the user's own labels."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.classification import answers, inputs
from seqkit.classification.network import Network, classifier_network
from seqkit.classification.serving import export_classifier
from seqkit.classification.settings import ClassifierSettings
from seqkit.data import labels as class_labels
from seqkit.data.series import as_series
from seqkit.layers.convolution import FixedConvolutions
from seqkit.layers.scaling import StandardScaling
from seqkit.task import batches as batching
from seqkit.task import fitting
from seqkit.task.model import Connected, Task
from seqkit.text.vocabulary import Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Classifier(Task):
    """A compiled `keras.Model` from sequences to class probabilities `[B, K]`; made by `build_classifier`.

    Labels, vocabulary, scaling and temperature are inside. `fit`, `evaluate`, `predict` and the methods below take
    series (an array `[B, T, F]`, or a list of arrays `[T_i, F]`, filled up and masked for you) or, where it was
    built on text, raw strings, with labels as they were given to the builder; or whatever Keras takes: tf.data
    batches of arrays, or of numbers of words, with labels as zeros and ones `[B, K]`. Batches have 32 samples by
    default.

    `export` writes these endpoints: `serve` takes `series` `[B, T, F]` (shorter ones filled up with NaN) or `text`
    `[B]` and returns `class` `[B]`, `probabilities` `[B, K]`, and with attention over steps `attention` `[B, T]`; of
    text also `tokens`. `describe` returns the labels and features.

    Shapes: B samples, T timesteps, F features, K classes.

    Attributes:
        settings: what it is made of, checked and complete.
        labels: the classes, in the order of the probabilities.
        vocabulary: of a text classifier, else None.
        chosen_epochs: how long `train_classifier` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    Settings, answers_are, refused_options = ClassifierSettings, "labels", ()
    network: Network

    def __init__(self, settings: ClassifierSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.vocabulary = Vocabulary(self.settings.words) if self.settings.is_text else None
        self.input_spec = None  # series, or the pair that `batches` makes where their convolutions are kept

    def connect(self, settings: ClassifierSettings) -> Connected:
        """The layers, and their graph."""
        network = classifier_network(settings)
        return Connected(network, network.inputs, network.outputs)

    @property
    def labels(self) -> tuple[class_labels.Label, ...]:
        """The classes, in the order of the probabilities."""
        return self.settings.labels

    def adapt(self, x: Any) -> None:
        """Take from the training series what is not learnt by steps: mean and spread, thresholds of convolutions."""
        if self.settings.is_text:
            return
        series = as_series("adapt", x, self.settings.features, self.settings.missing)
        scaling, convolution = self.network.scaling, self.network.convolution
        if isinstance(scaling, StandardScaling):
            scaling.adapt(np.concatenate(series))
        if isinstance(convolution, FixedConvolutions):
            scaled = ops.convert_to_numpy(self.get_layer("scaling")(batching.pad(series))[0])
            known = ~np.isnan(scaled).any(axis=-1)
            convolution.adapt(np.where(known[..., None], scaled, 0), None if self.settings.timesteps else known)

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model that has not seen the training series."""
        for layer in (self.network.scaling, self.network.convolution):
            if not getattr(layer, "is_adapted", True):
                raise InvalidValue(
                    where,
                    "the classifier has not seen the training series yet, from which it takes their mean and "
                    "spread and its thresholds.",
                    "Build with like=x, or call model.adapt(x) first.",
                )

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Probabilities `[B, K]` of series, of numbers of words, or of the pair (series, their fixed convolutions)."""
        if isinstance(inputs, (tuple, list)) and self.network.known is not None:
            return self.network.known(list(inputs), training=training)
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

    def reads(self, x: Any) -> bool:
        """Whether these are series or texts as they are."""
        return fitting.is_raw(x, self.settings.is_text)

    def reading(self, epochs: int) -> dict[str, Any]:
        """Fixed convolutions are kept where they are read more than once."""
        return {"keep": epochs > 1}

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sample_weight: Any = None,
        *,
        passes: int = 1,
        keep: bool = False,
    ) -> Any:
        """Series or texts, with their labels if any, as batches for Keras.

        With `keep`, fixed convolutions are computed now, once, and handed to the model with their series.
        """
        samples = inputs.samples_of(where, x, self.settings, self.vocabulary)
        keep = keep and isinstance(self.network.convolution, FixedConvolutions)
        return batching.padded_batches(
            samples,
            None if y is None else self._encoded(where, y, len(samples)),
            batch_size=batching.batch_size_of(where, batch_size),
            shuffle=shuffle,
            passes=passes,
            padding=inputs.filling(self.settings),
            weights=fitting.checked_weights(where, sample_weight, len(samples), self.samples_are),
            length=self.settings.timesteps,
            extra_inputs=inputs.convolved(self, samples) if keep else None,
        )

    @contextlib.contextmanager
    def running(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """A new training begins without the temperature, which was fitted to other weights."""
        if verb == "fit":
            self.set_temperature(1.0)
        yield []

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """What the graph reads: series filled up with NaN `[B, T, F]`, or numbers of words `[B, T]`."""
        samples = inputs.samples_of(where, x, self.settings, self.vocabulary)
        return batching.pad(samples, inputs.filling(self.settings))

    def with_attention(self) -> keras.Model:
        """The same layers, with the weights of each timestep `[B, T]` as a second output if there is such attention."""
        attention = self.network.attention
        return keras.Model(self.input, self.output if attention is None else [self.output, attention])

    def write_saved_model(self, path: str | os.PathLike[str]) -> Any:
        """`serve` and `describe`."""
        return export_classifier(self, path)

    def predict(self, x: Any, batch_size: int | None = None, **kwargs: Any) -> np.ndarray:
        """Probabilities `[B, K]` as an array, classes in the order of `labels`."""
        self.refuse_unadapted("predict")
        if self.reads(x):
            return super().predict(self.batches("predict", x, None, batch_size), **kwargs)
        return super().predict(x, None if fitting.is_batches(x) else batch_size, **kwargs)

    def predict_proba(self, x: Any, batch_size: int | None = None) -> pd.DataFrame:
        """Probabilities as a DataFrame, a column for each class; indexed as `x` where that is a pandas column."""
        return answers.probability_table(self, x, batch_size)

    def predict_classes(self, x: Any, batch_size: int | None = None) -> Any:
        """The most probable label of each sample, `[B]`; with `multi_label` a list of those above one half."""
        return answers.most_probable_labels(self, self.predict(x, batch_size, verbose=0))

    def labels_of(self, probabilities: np.ndarray) -> Any:
        """The labels that probabilities `[B, K]` stand for."""
        return answers.most_probable_labels(self, probabilities)

    @property
    def temperature(self) -> float:
        """What scores are divided by; 1 before `calibrate`."""
        return answers.temperature(self)

    def set_temperature(self, temperature: float) -> None:
        """Divide scores by this from now on, until the next `fit`."""
        answers.set_temperature(self, temperature)

    def calibrate(self, x: Any, y: Any) -> float:
        """Fit the temperature on samples that were not trained on, and return it.

        Args:
            x: series or texts.
            y: their labels.

        Returns:
            The temperature; above 1 where the model was surer than right. `fit` sets it back to 1.
        """
        count = len(inputs.samples_of("calibrate", x, self.settings, self.vocabulary))
        return answers.calibrate(self, x, self._encoded("calibrate", y, count))

    def encode(self, y: Any) -> np.ndarray:
        """Labels as zeros and ones `[B, K]`."""
        return self._encoded("encode", y)

    def _encoded(self, where: str, y: Any, samples: int | None = None) -> np.ndarray:
        return class_labels.encode(where, y, self.labels, self.settings.multi_label, samples)
