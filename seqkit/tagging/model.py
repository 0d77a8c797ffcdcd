"""The tagger: a Keras model that reads sentences or series and answers with a tag for every step."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from seqkit import _checks
from seqkit.data.labels import Label
from seqkit.layers.scaling import StandardScaling
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.answers import BATCH, AnsweringTagger
from seqkit.tagging.network import tagger_network
from seqkit.tagging.reader import WordReader
from seqkit.tagging.serving import export_tagger
from seqkit.tagging.settings import TaggerSettings
from seqkit.task import batches as padded
from seqkit.task import fitting
from seqkit.text.tokens import flat
from seqkit.text.vocabulary import Vocabulary


class Paired(NamedTuple):
    """Sequences with a tag for each step."""

    samples: list[padded.Sample]  # what the network reads
    given: list[list[Label]]
    targets: list[np.ndarray]  # numbers of the tags


@keras.saving.register_keras_serializable("seqkit")
class Tagger(AnsweringTagger):
    """A compiled `keras.Model` from sequences to a tag for every step; made by `build_tagger`.

    Tags, vocabulary, characters and scaling are inside. `fit`, `evaluate`, `predict` and the methods below take
    sentences (each a list of tokens, or a raw string that is split), the dict `{"words": sentences, "extra": features}`
    where it was built with one, or series (an array `[B, T, F]` or a list of `[T_i, F]`), with a list of tags for each;
    or whatever Keras takes: tf.data batches of dicts of arrays, with numbers of tags `[B, T]`, -1 where there is none.

    The graph itself answers `{"scores", "tags", "probabilities"}`. Its loss is in nats a step: of the sequence's tags
    together with `output="crf"`, of each step's tag by itself with `"softmax"`; while it trains, that of guessing
    neighbours is added (`neighbours`). Accuracy leaves out padding.

    Shapes: B sequences, T steps, F features, K tags.

    Attributes:
        settings: what it is made of, checked and complete.
        tags: the tags, in the order of the probabilities.
        vocabulary: of a tagger of words, else None.
        chosen_epochs: how long `train_tagger` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    def __init__(
        self, settings: TaggerSettings | dict[str, Any], *, chosen_epochs: int | None = None, **kwargs: Any
    ) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = TaggerSettings.from_config(settings)
        network = tagger_network(settings)
        super().__init__(inputs=network.inputs, outputs=network.outputs, **kwargs)
        self.settings = settings
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self.vocabulary = Vocabulary(settings.words, settings.splitting) if settings.is_text else None
        self._scaling, self._crf = network.scaling, network.crf
        self._reader: WordReader | None = None
        self._answers = padded.Answers(self)

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}

    def adapt(self, x: Any) -> None:
        """Take mean and spread from the training series."""
        if isinstance(self._scaling, StandardScaling):
            self._scaling.adapt(np.concatenate(inputs.as_series("adapt", x, self.settings.features)))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Nats a step, over all steps of a batch that have a tag."""
        y = ops.cast(y, "int32")
        known, scores = y >= 0, y_pred["scores"]
        if self._crf is not None:
            found = -self._crf.log_likelihood(scores, y, known)  # (B,)
        else:
            chosen = ops.expand_dims(ops.maximum(y, 0), -1)
            said = ops.squeeze(ops.take_along_axis(ops.log_softmax(scores, axis=-1), chosen, axis=-1), -1)
            found = -ops.sum(said * ops.cast(known, said.dtype), axis=1)
        steps = ops.sum(ops.cast(known, "float32"), axis=1)
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
            found, steps = found * weights, steps * weights
        return ops.sum(found) / ops.maximum(ops.sum(steps), 1e-6) + sum(self.losses)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compare the best tags, where there are any."""
        known = ops.cast(y >= 0, "float32")
        if sample_weight is not None:
            known = known * ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
        return super().compute_metrics(x, *flat(y, y_pred["tags"], known))

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
        """`keras.Model.fit`, which also takes sentences or series, and tags as they are.

        Args:
            x: sentences or series, as the class says.
            y: a list of tags for each, one a step.
            batch_size: sequences in a batch, 32 by default; shuffled ones are of about the same length.
            epochs: times through all sequences.
            validation_data: a pair `(x, y)` like these, or `(x, y, sample_weight)`.
            shuffle: a new order each epoch.
            sample_weight: a number for each sequence.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history.

        Raises:
            TypeError, ValueError: tags missing, unknown to the model, or not as many as there are tokens or steps;
                sentences without tokens; series with missing values; a model that has not been adapted.
        """
        self._refuse_unadapted("fit")
        if y is None and self._is_ours(x):
            raise ValueError("fit: the tags are missing. Pass fit(x, y).")
        if y is None:
            fitting.refuse_beside_batches("fit", batch_size=batch_size, sample_weight=sample_weight)
        else:
            fitting.refuse_options(kwargs, "sequences of tags", "class_weight")
            x = self.batches("fit", x, y, batch_size, shuffle, sample_weight)
        if isinstance(validation_data, (tuple, list)):
            held_x, held_y, held_weights = fitting.held_parts(validation_data)
            validation_data = self.batches("fit: validation_data", held_x, held_y, batch_size, weights=held_weights)
        return super().fit(x, epochs=epochs, validation_data=validation_data, shuffle=False, **kwargs)

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        weights: Any = None,
        passes: int = 1,
    ) -> Any:
        """Sequences with their tags as batches for Keras; see `_tagger_batches.batches`."""
        samples, given, targets = self.paired(where, x, y)
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        if self._crf is not None and self.settings.spans:
            tag_rows.refuse_impossible(where, given, targets, self.tags)
        weights = fitting.checked_weights(where, weights, len(samples), "sequences")
        return padded.batches(samples, targets, batch_size=size, shuffle=shuffle, weights=weights, passes=passes)

    def paired(self, where: str, x: Any, y: Any) -> Paired:
        """Sequences and their tags, refused where they do not pair up or a tag is unknown."""
        samples, rows = self._samples(where, x)
        given = tag_rows.as_rows(where, y)
        inputs.pair_up(where, rows, given, "tags", "tokens" if self.settings.is_text else "steps")
        if self.settings.is_text:
            inputs.refuse_empty(where, rows)
        return Paired(samples, given, tag_rows.encode(where, given, self.tags))

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, *, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """`keras.Model.evaluate` on sentences or series, tags, and a weight for each if there is one."""
        self._refuse_unadapted("evaluate")
        if y is None and self._is_ours(x):
            raise ValueError("evaluate: the tags are missing. Pass evaluate(x, y).")
        if y is not None:
            x = self.batches("evaluate", x, y, batch_size, weights=sample_weight)
        else:
            fitting.refuse_beside_batches("evaluate", sample_weight=sample_weight)
        return super().evaluate(x, **kwargs)

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw strings or arrays in, tags and their probabilities out, by name.

        Endpoints: of words, `serve` takes `text` `[B]` and splits it, `serve_tokens` takes `tokens` `[B, T]`, filled up
        with `""`; with an extra feature there is `serve` alone, which takes a dict of `tokens` and `extra`. Of series,
        `serve` takes `series` `[B, T, F]`, filled up with NaN. All return `tags` `[B, T]` as strings, `""` after the
        end, and `probabilities` `[B, T, K]`; of words also `tokens`. `describe` returns the tags. Any other `format`
        goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        self._refuse_unadapted("export")
        return export_tagger(self, filepath)
