"""The tagger: a Keras model that reads sentences or series and predicts a tag for every step."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.labels import Label
from seqkit.export import Served
from seqkit.layers.scaling import StandardScaling
from seqkit.tagging import answers, inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.network import Network, tagger_network
from seqkit.tagging.reader import WordReader
from seqkit.tagging.serving import served_tagger
from seqkit.tagging.settings import TaggerSettings
from seqkit.task import fitting
from seqkit.task.batches import batch_size_of
from seqkit.task.model import Task
from seqkit.task.progress import AUTO
from seqkit.task.settings import Connected
from seqkit.text.tokens import flatten_tokens
from seqkit.text.vocabulary import Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Tagger(Task):
    """A compiled `keras.Model` that predicts a tag for every step of a sequence; made by `build_tagger`.

    The tags, vocabulary, characters and scaling are inside the model. `fit`, `evaluate`, `predict` and the methods
    below take sentences (each a list of tokens, or a raw string, which is split) or series (an array `[B, T, F]` or a
    list of `[T_i, F]`), and a list of tags for each. A tagger that was built with an extra feature takes the dict
    `{"words": sentences, "extra": features}`. They also take what Keras takes: tf.data batches of dicts of arrays, with
    the numbers of the tags `[B, T]`, -1 for padding. A batch has 32 sequences by default; `fit` with `shuffle=True`
    makes batches of sequences of about the same length. `predict` returns probabilities `[B, T, K]`.

    The graph returns `{"scores", "tags", "probabilities"}`. The loss is in nats per step. With `output="crf"` it is
    the loss of all tags of a sequence together; with `"softmax"`, the loss of each step's tag alone. In training, the
    loss of guessing the neighbours is added (`neighbours`). Accuracy leaves out padding.

    `export` writes these endpoints. For words, `serve` takes `text` `[B]` and splits it, and `serve_tokens` takes
    `tokens` `[B, T]`, padded with `""`. With an extra feature there is only `serve`, which takes a dict of `tokens`
    and `extra`. For series, `serve` takes `series` `[B, T, F]`, padded with NaN. All return `tags` `[B, T]` as strings,
    `""` after the end, and `probabilities` `[B, T, K]`; for words also `tokens`. `describe` returns the tags.

    Shapes: B sequences, T steps, F features, K tags.

    Attributes:
        settings: the checked, complete settings of the builder.
        tags: the tags, in the order of the probabilities.
        vocabulary: the vocabulary of a tagger of words; None for series.
        chosen_epochs: the number of epochs that `train_tagger` chose; None if it did not train the model.
        validation_history: the validation curve behind that choice; None without one, and after loading.

    Example:
        >>> import seqkit as sk
        >>> x, y = [["so", "it", "is"], ["it", "was"]], [["ADV", "PRON", "VERB"], ["PRON", "VERB"]]
        >>> model = sk.build_tagger(like=x, tags=y, units=2)
        >>> model.tags, [token.token for token in model.tag("it was so")]
        (('ADV', 'PRON', 'VERB'), ['it', 'was', 'so'])
    """

    Settings, samples_are, answers_are = TaggerSettings, "sequences of tags", "tags"
    parts_shown = ("tags",)
    network: Network

    def __init__(self, settings: TaggerSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        is_text = self.settings.is_text
        self.vocabulary = Vocabulary(self.settings.words, self.settings.splitting) if is_text else None

    def connect(self, settings: TaggerSettings) -> Connected:
        """Return the layers, and the inputs and outputs of their graph."""
        network = tagger_network(settings)
        return Connected(network, network.inputs, network.outputs)

    @property
    def tags(self) -> tuple[Label, ...]:
        """The tags, in the order of the probabilities."""
        return self.settings.tags

    @functools.cached_property
    def reader(self) -> WordReader:
        """Turns tokens into the numbers that the network reads."""
        return WordReader(self.settings.words, self.settings.characters, self.settings.extras)

    def adapt(self, x: Any) -> None:
        """Take the mean and the standard deviation for scaling from the training series."""
        if isinstance(self.network.scaling, StandardScaling):
            self.network.scaling.adapt(
                np.concatenate(inputs.as_series("adapt", x, self.settings.features, self.settings.feature_names))
            )

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a tagger that has not seen the training series."""
        if not getattr(self.network.scaling, "is_adapted", True):
            problem = "the tagger has not seen the training series yet, so its scaling has no mean and no spread."
            raise InvalidValue(where, problem, "Build with like=x, or call model.adapt(x) first.")

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the mean loss in nats of the steps of a batch that have a tag."""
        y = ops.cast(y, "int32")
        mask, scores = y >= 0, y_pred["scores"]
        if self.network.crf is not None:
            nats = -self.network.crf.log_likelihood(scores, y, mask)  # (B,)
        else:
            targets = ops.expand_dims(ops.maximum(y, 0), -1)
            logs = ops.squeeze(ops.take_along_axis(ops.log_softmax(scores, axis=-1), targets, axis=-1), -1)
            nats = -ops.sum(logs * ops.cast(mask, logs.dtype), axis=1)
        steps = ops.sum(ops.cast(mask, "float32"), axis=1)
        if sample_weight is not None:
            weights = ops.reshape(ops.cast(sample_weight, "float32"), (-1,))
            nats, steps = nats * weights, steps * weights
        return ops.sum(nats) / ops.maximum(ops.sum(steps), 1e-6) + sum(self.losses)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compare the predicted tags with the true ones, without padding."""
        weights = ops.cast(y >= 0, "float32")
        if sample_weight is not None:
            weights = weights * ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
        return super().compute_metrics(x, *flatten_tokens(y, y_pred["tags"], weights))

    @property
    def takes_token_numbers(self) -> bool:  # type: ignore[override]
        """Whether it reads words, so that integers are numbers of tokens."""
        return self.settings.is_text

    def reads(self, x: Any) -> bool:
        """Whether `x` holds sentences or series; the dict with an extra feature has the name of an input, too."""
        if isinstance(x, Mapping) and inputs.WORDS in x:
            return self.reads(x[inputs.WORDS])
        return super().reads(x)

    def read(self, where: str, x: Any) -> inputs.Sequences:
        """Return the arrays of each sequence for the network, and its tokens or steps."""
        settings = self.settings
        if not settings.is_text:
            series = inputs.as_series(where, x, settings.features, settings.feature_names)
            return inputs.Sequences([{inputs.SERIES: array} for array in series], series)
        sentences = inputs.as_sentences(where, x, settings.splitting)
        if settings.extras and sentences.extra is None:
            way_out = "Pass {'words': sentences, 'extra': features}."
            raise InvalidValue(where, "the tagger was built with an extra feature for each token.", way_out)
        if not settings.extras and sentences.extra is not None:
            raise InvalidValue(where, "the tagger was built without an extra feature.", "Pass the sentences alone.")
        return inputs.Sequences(list(self.reader.samples(sentences.tokens, sentences.extra)), sentences.tokens)

    def paired(self, where: str, x: Any, y: Any) -> inputs.TaggedSequences:
        """Return sequences with their tags; refuse them if they do not pair up or a tag is unknown."""
        sequences = self.read(where, x)
        tags = tag_rows.as_rows(where, y)
        inputs.refuse_unpaired(where, sequences.rows, tags, "tags", "tokens" if self.settings.is_text else "steps")
        if self.settings.is_text:
            inputs.refuse_empty(where, sequences.rows)
        return inputs.TaggedSequences(sequences.samples, tags, tag_rows.encode(where, tags, self.tags))

    def batches(
        self, where: str, x: Any, y: Any, batch_size: Any = None, shuffle: bool = False, sample_weight: Any = None
    ) -> Any:
        """Return batches of sequences and their tags for Keras."""
        sequences = self.paired(where, x, y)
        if self.network.crf is not None and self.settings.spans:
            tag_rows.refuse_forbidden(where, sequences.tags, sequences.targets, self.tags)
        weights = fitting.checked_weights(where, sample_weight, len(sequences.samples), "sequences")
        return inputs.tag_batches(sequences, batch_size_of(where, batch_size), shuffle, weights)

    def network_input(self, x: Any, where: str) -> dict[str, np.ndarray]:
        """Return the padded arrays that the graph reads, by name."""
        return inputs.pad_samples(self.read(where, x).samples)

    def served(self, **options: Any) -> Served:
        """The endpoints `serve`, `serve_tokens` and `describe`."""
        return served_tagger(self, **options)

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> np.ndarray:
        """Return probabilities `[B, T, K]`, 0 for padding."""
        return answers.padded_probabilities(answers.tag_sequences(self, "predict", x, batch_size, **options))

    def predict_tags(self, x: Any, batch_size: int | None = None, verbose: Any = AUTO) -> list[list[Label]]:
        """Return the tags of each sequence: the best path of the CRF, or without one the most probable of each step.

        With `verbose=0` no progress bar is shown in a terminal or in Jupyter.
        """
        rows = answers.tag_sequences(self, "predict_tags", x, batch_size, verbose=verbose)
        return [tag_rows.decode(row.tags, self.tags) for row in rows]

    def predict_proba(self, x: Any, batch_size: int | None = None) -> list[pd.DataFrame]:
        """Return the probabilities of each sequence, a DataFrame with a row for each step and a column for each tag."""
        return answers.probability_tables(answers.tag_sequences(self, "predict_proba", x, batch_size), self.tags)

    def tag(self, text: str | Sequence[str]) -> list[Any]:
        """Tag the tokens of a raw string, or of each string in a list.

        Args:
            text: one string, or a list of strings. They are split as the builder's `by=` says.

        Returns:
            A list of `TaggedToken`, pairs of token and tag; for a list of strings, a list of such lists.
        """
        return answers.tag_text(self, text)
