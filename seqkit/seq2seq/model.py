"""The encoder-decoder: a Keras model that reads raw texts or series and answers with others of another length."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit import _checks
from seqkit.data.texts import as_texts
from seqkit.layers.output_bias import log_shares
from seqkit.seq2seq import batches as batching
from seqkit.seq2seq import inputs
from seqkit.seq2seq.answers import BATCH, AnsweringSeq2Seq
from seqkit.seq2seq.loss import averaging_weights
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.sampling import RisingProbability
from seqkit.seq2seq.serving import export_seq2seq
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.task import fitting
from seqkit.task.graphs import Graphs
from seqkit.task.search import MARKS
from seqkit.text.numbers import numbers_of
from seqkit.text.tokens import flat, token_weights
from seqkit.text.vocabulary import END, START, Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Seq2Seq(AnsweringSeq2Seq):
    """A compiled `keras.Model` from sequences to sequences of another length; made by `build_seq2seq`.

    Vocabularies, scaling and settings are inside. `fit` and `evaluate` take sources and targets: raw strings, or
    series `[B, T, F]` and `[B, H, K]`. `translate` (texts) and `predict` answer by themselves, feeding back what they
    said. The graph itself reads the source and what was said before, and gives scores: it is what trains, and what
    Keras sees as inputs and output; tf.data batches of `((source, said), target)` are taken as well.

    Shapes: B samples, S or T steps of the source, L or H of the answer, F and K features, C of the code.

    Attributes:
        settings: what it is made of, checked and complete.
        vocabularies: of sources and targets where they are texts, else None.
        chosen_epochs: how long `train_seq2seq` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    def __init__(
        self, settings: Seq2SeqSettings | dict[str, Any], *, chosen_epochs: int | None = None, **kwargs: Any
    ) -> None:
        """Connect the layers."""
        if isinstance(settings, dict):
            settings = Seq2SeqSettings.from_config(settings)
        network = Seq2SeqNetwork(settings)
        graph_inputs, scores = network.graph()
        super().__init__(inputs=graph_inputs, outputs=scores, **kwargs)
        self.settings, self.network = settings, network
        self.chosen_epochs = chosen_epochs
        self.validation_history: dict[str, list[float]] | None = None
        self.vocabularies: Any = None
        if settings.is_text:
            words = (settings.source_words, settings.target_words)
            both = [Vocabulary(one, how, settings.lower) for one, how in zip(words, settings.splittings, strict=True)]
            self.vocabularies = tuple(both)
        self._graphs = Graphs()

    def get_config(self) -> dict[str, Any]:
        """Plain values from which `__init__` makes the same network."""
        return {"settings": self.settings.to_config(), "chosen_epochs": self.chosen_epochs, "name": self.name}

    def adapt(self, sources: Any, targets: Any = None) -> None:
        """Take mean and spread from the training series; from texts how frequent each word of the targets is."""
        targets = sources if self.settings.is_autoencoder else targets
        if self.settings.is_text:
            words = self.vocabularies[1]
            known = numbers_of("adapt", "targets", as_texts("adapt", targets), words)
            said = [*known, np.full(len(known), MARKS[END])]
            self.network.scores.bias.assign(log_shares(said, len(words)))
            return
        source, target = inputs.series_pairs("adapt", sources, targets)
        for scaling, one in ((self.network.target_scaling, target), (self.network.source_scaling, source)):
            scaling.adapt(one.reshape(-1, one.shape[-1]))

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss: of tokens, over those that are no padding; of values, in scaled units."""
        if self.settings.is_text:
            return super().compute_loss(x, y, y_pred, averaging_weights(y, sample_weight), training)
        scale = self.network.target_scaling
        y, y_pred = ((ops.cast(one, "float32") - scale.mean) / scale.spread for one in (y, y_pred))
        return super().compute_loss(x, y, y_pred, _of_each_step(sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics: of tokens that are no padding, or of values in raw units."""
        if self.settings.is_text:
            return super().compute_metrics(x, *flat(y, y_pred, token_weights(y, sample_weight)))
        return super().compute_metrics(x, y, y_pred, _of_each_step(sample_weight))

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
        callbacks: Any = None,
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """`keras.Model.fit` on pairs of raw strings, or of series.

        Args:
            x: sources: texts, or series `[B, T, F]`; or tf.data batches of `((source, said), target)`.
            y: targets: texts, or series `[B, H, K]`; none for an autoencoder.
            batch_size: pairs in a batch, 64 by default.
            epochs: times through all pairs.
            validation_data: a pair `(sources, targets)` like these, or `(sources, targets,
                sample_weight)`; of an autoencoder the sources.
            shuffle: a new order each epoch; pairs of like length stand in a batch.
            sample_weight: a number for each pair.
            callbacks: as in Keras.
            kwargs: anything else `keras.Model.fit` takes.

        Returns:
            Keras's history.

        Raises:
            TypeError, ValueError: sources and targets that do not pair up, are empty, are no text or no numbers.
        """
        fitting.refuse_options(kwargs, "pairs of sequences", "class_weight")
        if fitting.is_batches(x):
            fitting.refuse_beside_batches("fit", y=y, batch_size=batch_size, sample_weight=sample_weight)
        else:
            x = self.batches("fit", x, y, batch_size, shuffle, sample_weight)
        if validation_data is not None and not fitting.is_batches(validation_data):
            validation_data = self._held_back(validation_data, batch_size)
        if self.network.mixed is not None:
            rising = RisingProbability(self.network.mixed, self.settings.scheduled_sampling, epochs)
            callbacks = fitting.with_callback(callbacks, rising)
        return super().fit(
            x, epochs=epochs, validation_data=validation_data, shuffle=False, callbacks=callbacks, **kwargs
        )

    def _held_back(self, given: Any, batch_size: int | None) -> Any:
        weights = None
        if isinstance(given, tuple) and len(given) == 3 and not self.settings.is_autoencoder:
            *given, weights = given
        held = inputs.pair_of("fit", "validation_data", given, self.settings.is_autoencoder)
        return self.batches("fit: validation_data", *held, batch_size, weights=weights)

    def batches(
        self,
        where: str,
        sources: Any,
        targets: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        weights: Any = None,
    ) -> Any:
        """Pairs as batches for Keras."""
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        if self.settings.is_autoencoder:
            targets = sources if targets is None else targets
        elif targets is None:
            raise ValueError(f"{where}: the targets are missing. Pass {where.split(':')[0]}(sources, targets).")
        if not self.settings.is_text:
            self._refuse_unadapted(where)
            pairs = self._series_pairs(where, sources, targets)
            weights = fitting.checked_weights(where, weights, len(pairs[0]), "pairs")
            return batching.series_batches(*pairs, size, shuffle, weights)
        texts_of = inputs.text_pairs(where, sources, targets)
        named = zip(("sources", "targets"), texts_of, self.vocabularies, self.settings.longest, (0, 1), strict=True)
        numbers = [numbers_of(where, *one) for one in named]
        weights = fitting.checked_weights(where, weights, len(numbers[0]), "pairs")
        marks: dict[str, Any] = {"start": MARKS[START], "end": MARKS[END], "longest": self.settings.longest[1]}
        return batching.token_batches(*numbers, **marks, batch_size=size, shuffle=shuffle, weights=weights)

    def _series_pairs(self, where: str, sources: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
        both = (f"{where}: sources", sources), (f"{where}: targets", targets)
        shapes = zip(self.settings.longest, self.settings.features, strict=True)
        found = [inputs.one_series(*one, *shape) for one, shape in zip(both, shapes, strict=True)]
        return inputs.series_pairs(where, *found)

    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, *, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """`keras.Model.evaluate` on pairs: loss and metrics where the right answer so far is told each time."""
        if fitting.is_batches(x):
            fitting.refuse_beside_batches("evaluate", y=y, sample_weight=sample_weight)
        else:
            x = self.batches("evaluate", x, y, batch_size, weights=sample_weight)
        return super().evaluate(x, **kwargs)

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw strings in and out, or raw series in and out, by name.

        Of text, `serve` takes `text` `[B]` and returns `text` `[B]`, `score` `[B]`, `left_out` `[B]` (how many tokens a
        text had beyond `longest`, which are not read), and with attention `alignment` `[B, L, S]`, by a beam of 5;
        `translate` takes also `beam` and `length_penalty`. Of series, `serve` takes `series` `[B, T, F]` and returns
        `answer` `[B, H, K]`. An autoencoder's answers hold also `code` `[B, C]` and `reconstruction_error` `[B]`. Any
        other `format` goes to `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        self._refuse_unadapted("export")
        return export_seq2seq(self, filepath)


def _of_each_step(sample_weight: Any) -> Any:
    return None if sample_weight is None else ops.reshape(sample_weight, (-1, 1))
