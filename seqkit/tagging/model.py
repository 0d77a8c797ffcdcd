"""The tagger: a Keras model that reads sentences or series and answers with a tag for every step."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.labels import Label
from seqkit.layers.scaling import StandardScaling
from seqkit.tagging import answers, inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.network import Network, tagger_network
from seqkit.tagging.reader import WordReader
from seqkit.tagging.serving import export_tagger
from seqkit.tagging.settings import TaggerSettings
from seqkit.task import fitting
from seqkit.task.batches import batch_size_of
from seqkit.task.model import Connected, Task
from seqkit.text.tokens import flat
from seqkit.text.vocabulary import Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Tagger(Task):
    """A compiled `keras.Model` from sequences to a tag for every step; made by `build_tagger`.

    Tags, vocabulary, characters and scaling are inside. `fit`, `evaluate`, `predict` and the methods below take
    sentences (each a list of tokens, or a raw string that is split), the dict `{"words": sentences, "extra": features}`
    where it was built with one, or series (an array `[B, T, F]` or a list of `[T_i, F]`), with a list of tags for each;
    or whatever Keras takes: tf.data batches of dicts of arrays, with numbers of tags `[B, T]`, -1 where there is none.
    Batches have 32 sequences by default; shuffled ones are of about the same length.

    The graph itself answers `{"scores", "tags", "probabilities"}`. Its loss is in nats a step: of the sequence's tags
    together with `output="crf"`, of each step's tag by itself with `"softmax"`; while it trains, that of guessing
    neighbours is added (`neighbours`). Accuracy leaves out padding.

    `export` writes these endpoints. Of words, `serve` takes `text` `[B]` and splits it, `serve_tokens` takes `tokens`
    `[B, T]`, filled up with `""`; with an extra feature there is `serve` alone, which takes a dict of `tokens` and
    `extra`. Of series, `serve` takes `series` `[B, T, F]`, filled up with NaN. All return `tags` `[B, T]` as strings,
    `""` after the end, and `probabilities` `[B, T, K]`; of words also `tokens`. `describe` returns the tags.

    Shapes: B sequences, T steps, F features, K tags.

    Attributes:
        settings: what it is made of, checked and complete.
        tags: the tags, in the order of the probabilities.
        vocabulary: of a tagger of words, else None.
        chosen_epochs: how long `train_tagger` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    Settings, samples_are, answers_are = TaggerSettings, "sequences of tags", "tags"
    network: Network

    def __init__(self, settings: TaggerSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        own = self.settings
        self.vocabulary = Vocabulary(own.words, own.splitting) if own.is_text else None

    def connect(self, settings: TaggerSettings) -> Connected:
        """The layers, and their graph."""
        network = tagger_network(settings)
        return Connected(network, network.inputs, network.outputs)

    @property
    def tags(self) -> tuple[Label, ...]:
        """The tags, in the order of the probabilities."""
        return self.settings.tags

    @functools.cached_property
    def reader(self) -> WordReader:
        """From tokens to numbers."""
        return WordReader(self.settings.words, self.settings.characters, self.settings.extras)

    def adapt(self, x: Any) -> None:
        """Take mean and spread from the training series."""
        if isinstance(self.network.scaling, StandardScaling):
            self.network.scaling.adapt(np.concatenate(inputs.as_series("adapt", x, self.settings.features)))

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a tagger that has not seen the training series."""
        if not getattr(self.network.scaling, "is_adapted", True):
            raise InvalidValue(
                where,
                "the tagger has not seen the training series yet, from which it takes mean and spread.",
                "Build with like=x, or call model.adapt(x) first.",
            )

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Nats a step, over all steps of a batch that have a tag."""
        y = ops.cast(y, "int32")
        known, scores = y >= 0, y_pred["scores"]
        if self.network.crf is not None:
            nats = -self.network.crf.log_likelihood(scores, y, known)  # (B,)
        else:
            chosen = ops.expand_dims(ops.maximum(y, 0), -1)
            said = ops.squeeze(ops.take_along_axis(ops.log_softmax(scores, axis=-1), chosen, axis=-1), -1)
            nats = -ops.sum(said * ops.cast(known, said.dtype), axis=1)
        steps = ops.sum(ops.cast(known, "float32"), axis=1)
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
            nats, steps = nats * weights, steps * weights
        return ops.sum(nats) / ops.maximum(ops.sum(steps), 1e-6) + sum(self.losses)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compare the best tags, where there are any."""
        known = ops.cast(y >= 0, "float32")
        if sample_weight is not None:
            known = known * ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
        return super().compute_metrics(x, *flat(y, y_pred["tags"], known))

    def reads(self, x: Any) -> bool:
        """Whether these are sentences or series as they are."""
        if isinstance(x, Mapping):
            return inputs.WORDS in x and self.reads(x[inputs.WORDS])
        return fitting.is_raw(x, self.settings.is_text)

    def read(self, where: str, x: Any) -> inputs.Read:
        """What the network reads of each sequence, and the tokens or steps themselves."""
        own = self.settings
        if not own.is_text:
            series = inputs.as_series(where, x, own.features)
            return inputs.Read([{inputs.SERIES: one} for one in series], series)
        sentences = inputs.as_sentences(where, x, own.splitting)
        if own.extras and sentences.extra is None:
            way_out = "Pass {'words': sentences, 'extra': features}."
            raise InvalidValue(where, "the tagger was built with an extra feature for each token.", way_out)
        if not own.extras and sentences.extra is not None:
            raise InvalidValue(where, "the tagger was built without an extra feature.", "Pass the sentences alone.")
        return inputs.Read(list(self.reader.samples(sentences.tokens, sentences.extra)), sentences.tokens)

    def paired(self, where: str, x: Any, y: Any) -> inputs.Paired:
        """Sequences and their tags, refused where they do not pair up or a tag is unknown."""
        read = self.read(where, x)
        given = tag_rows.as_rows(where, y)
        inputs.pair_up(where, read.rows, given, "tags", "tokens" if self.settings.is_text else "steps")
        if self.settings.is_text:
            inputs.refuse_empty(where, read.rows)
        return inputs.Paired(read.samples, given, tag_rows.encode(where, given, self.tags))

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
    ) -> Any:
        """Sequences with their tags as batches for Keras."""
        paired = self.paired(where, x, y)
        if self.network.crf is not None and self.settings.spans:
            tag_rows.refuse_impossible(where, paired.given, paired.targets, self.tags)
        weights = fitting.checked_weights(where, sample_weight, len(paired.samples), "sequences")
        return inputs.tag_batches(paired, batch_size_of(where, batch_size), shuffle, weights, passes)

    def network_input(self, x: Any, where: str) -> dict[str, np.ndarray]:
        """What the graph reads, by name."""
        return inputs.pad_samples(self.read(where, x).samples)

    def write_saved_model(self, path: str | os.PathLike[str]) -> Any:
        """`serve`, `serve_tokens` and `describe`."""
        return export_tagger(self, path)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = 0, steps: int | None = None, callbacks: Any = None
    ) -> Any:
        """Probabilities `[B, T, K]`, 0 after the end of a sequence; of Keras's own inputs all the graph's answers."""
        self.refuse_unadapted("predict")
        if not self.reads(x):
            return super().predict(x, batch_size, verbose=verbose, steps=steps, callbacks=callbacks)
        return answers.padded_probabilities(
            answers.tag_sequences(self, "predict", x, batch_size, callbacks=callbacks, verbose=verbose)
        )

    def predict_tags(self, x: Any, batch_size: int | None = None) -> list[list[Label]]:
        """The tags of each sequence: with a CRF those of the best path, else the most probable of each step."""
        tagged = answers.tag_sequences(self, "predict_tags", x, batch_size)
        return [tag_rows.decode(one.tags, self.tags) for one in tagged]

    def predict_proba(self, x: Any, batch_size: int | None = None) -> list[pd.DataFrame]:
        """Probabilities of each sequence as a DataFrame, a row for each step and a column for each tag."""
        return answers.probability_tables(answers.tag_sequences(self, "predict_proba", x, batch_size), self.tags)

    def tag(self, text: str | Sequence[str]) -> list[Any]:
        """Tokens of a raw string with their tags; of several strings a list of these.

        Args:
            text: one string, or a list of them. They are split as `by=` of the builder says.

        Returns:
            A list of `TaggedToken`, pairs of token and tag; for several strings a list of such lists.
        """
        return answers.tag_text(self, text)
