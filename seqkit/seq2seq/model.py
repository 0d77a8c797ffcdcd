"""The encoder-decoder: a Keras model that reads raw texts or series and answers with others of another length."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.texts import as_texts
from seqkit.layers.output_bias import log_shares
from seqkit.seq2seq import answers, inputs
from seqkit.seq2seq import batches as pair_batches
from seqkit.seq2seq.answers import BATCH, Alignment
from seqkit.seq2seq.decoding import BEAM, PENALTY, said_before
from seqkit.seq2seq.loss import averaging_weights
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.sampling import RisingProbability
from seqkit.seq2seq.serving import export_seq2seq
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.task import fitting
from seqkit.task.batches import batch_size_of, pad
from seqkit.task.model import Connected, Task
from seqkit.task.search import MARKS
from seqkit.text.numbers import numbers_of
from seqkit.text.tokens import flat, token_weights
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Seq2Seq(Task):
    """A compiled `keras.Model` from sequences to sequences of another length; made by `build_seq2seq`.

    Vocabularies, scaling and settings are inside. `fit` and `evaluate` take sources and targets, 64 pairs in a batch by
    default: raw strings, or series `[B, T, F]` and `[B, H, K]`; an autoencoder takes the sources alone. Shuffled pairs
    of like length stand in a batch. `translate` (texts) and `predict` answer by themselves, feeding back what they
    said. The graph itself reads the source and what was said before, and gives scores: it is what trains, and what
    Keras sees as inputs and output; tf.data batches of `((source, said), target)` are taken as well.

    `export` writes these endpoints. Of text, `serve` takes `text` `[B]` and returns `text` `[B]`, `score` `[B]`,
    `left_out` `[B]` (how many tokens a text had beyond `longest`, which are not read), and with attention `alignment`
    `[B, L, S]`, by a beam of 5; `translate` takes also `beam` and `length_penalty`. Of series, `serve` takes `series`
    `[B, T, F]` and returns `answer` `[B, H, K]`. An autoencoder's answers hold also `code` `[B, C]` and
    `reconstruction_error` `[B]`.

    Shapes: B samples, S or T steps of the source, L or H of the answer, F and K features, C of the code.

    Attributes:
        settings: what it is made of, checked and complete.
        vocabularies: of sources and targets where they are texts, else None.
        chosen_epochs: how long `train_seq2seq` trained it, else None.
        validation_history: the validation curve that chose it; None without one, and after loading.
    """

    Settings = Seq2SeqSettings
    samples_are, answers_are, asked_for = "pairs of sequences", "targets", "sources, targets"
    network: Seq2SeqNetwork

    def __init__(self, settings: Seq2SeqSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        own = self.settings
        self.vocabularies: Any = None
        if own.is_text:
            words = (own.source_words, own.target_words)
            both = [Vocabulary(one, how, own.lower) for one, how in zip(words, own.splittings, strict=True)]
            self.vocabularies = tuple(both)

    def connect(self, settings: Seq2SeqSettings) -> Connected:
        """The layers, and their graph."""
        network = Seq2SeqNetwork(settings)
        return Connected(network, *network.graph())

    def adapt(self, sources: Any, targets: Any = None) -> None:
        """Take mean and spread from the training series; from texts how frequent each word of the targets is."""
        targets = sources if self.settings.is_autoencoder else targets
        if self.settings.is_text:
            words = self.vocabularies[1]
            numbers = numbers_of("adapt", "targets", as_texts("adapt", targets), words)
            self.network.scores.bias.assign(log_shares([*numbers, np.full(len(numbers), MARKS[END])], len(words)))
            return
        source, target = inputs.series_pairs("adapt", sources, targets)
        for scaling, one in ((self.network.target_scaling, target), (self.network.source_scaling, source)):
            scaling.adapt(one.reshape(-1, one.shape[-1]))

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model of series that has not seen the training series."""
        if not self.settings.is_text and not self.network.source_scaling.is_adapted:
            raise InvalidValue(
                where,
                "the model has not seen the training series yet, from which it takes mean and spread.",
                "Build with like=(sources, targets), or call model.adapt(sources, targets) first.",
            )

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

    def needs_answers(self, x: Any) -> bool:
        """Whether targets are needed: an autoencoder's are its sources."""
        return not self.settings.is_autoencoder

    def held_parts(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """Sources, targets and weights; of an autoencoder the sources alone."""
        weights = None
        if isinstance(validation_data, tuple) and len(validation_data) == 3 and not self.settings.is_autoencoder:
            *validation_data, weights = validation_data
        pair = inputs.pair_of("fit", "validation_data", validation_data, self.settings.is_autoencoder)
        return *pair, weights

    @contextlib.contextmanager
    def running(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """With scheduled sampling the share of its own words rises over the epochs."""
        if verb == "fit" and self.network.mixed is not None:
            yield [RisingProbability(self.network.mixed, self.settings.scheduled_sampling, epochs)]
        else:
            yield []

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sample_weight: Any = None,
    ) -> Any:
        """Pairs as batches for Keras."""
        size, settings = batch_size_of(where, batch_size, BATCH), self.settings
        y = x if settings.is_autoencoder and y is None else y
        if not settings.is_text:
            self.refuse_unadapted(where)
            pairs = inputs.checked_series(where, x, y, settings)
            weights = fitting.checked_weights(where, sample_weight, len(pairs[0]), "pairs")
            return pair_batches.series_batches(*pairs, size, shuffle, weights)
        texts = inputs.text_pairs(where, x, y)
        named = zip(("sources", "targets"), texts, self.vocabularies, settings.longest, (0, 1), strict=True)
        numbers = [numbers_of(where, *one) for one in named]
        weights = fitting.checked_weights(where, sample_weight, len(numbers[0]), "pairs")
        marks: dict[str, Any] = {"start": MARKS[START], "end": MARKS[END], "longest": settings.longest[1]}
        return pair_batches.token_batches(*numbers, **marks, batch_size=size, shuffle=shuffle, weights=weights)

    def network_input(self, x: Any, where: str) -> list[np.ndarray]:
        """What the graph reads: sources, and what the model itself says of each, one step later."""
        source = pad(answers.source_rows(self, where, x), PADDING)
        if self.settings.is_text:
            said = answers.say(self, where, as_texts(where, x), 1, PENALTY, None)
            tokens = pad([one.tokens for one in said], PADDING)
            tokens = tokens[:, : max(1, int((tokens != PADDING).sum(axis=1).max()))]
            return [source, ops.convert_to_numpy(said_before(ops.convert_to_tensor(tokens)))]
        values = answers.continued(self, where, x, None)
        return [source, np.concatenate([np.full_like(values[:, :1], np.nan), values[:, :-1]], axis=1)]

    def write_saved_model(self, path: str | os.PathLike[str]) -> Any:
        """`serve`, `describe`, and of text `translate`."""
        return export_seq2seq(self, path)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = 0, steps: int | None = None, callbacks: Any = None
    ) -> Any:
        """The answers: series `[B, H, K]`, or an array of texts by `translate` with its defaults.

        Of Keras's own inputs the graph's scores.
        """
        self.refuse_unadapted("predict")
        if not self.reads(x):
            return super().predict(x, batch_size, verbose=verbose, steps=steps, callbacks=callbacks)
        progress = {"verbose": verbose, "callbacks": callbacks}
        if not self.settings.is_text:
            return answers.continued(self, "predict", x, batch_size, **progress)
        written = answers.written(self, "predict", x, BEAM, PENALTY, batch_size, **progress)
        return np.array([one.text for one in written], dtype=object)

    def translate(
        self, texts: Any, *, beam: int = BEAM, length_penalty: float = PENALTY, batch_size: int | None = None
    ) -> list[str]:
        """Say each text in the other language, as `fit` was shown.

        Args:
            texts: raw strings.
            beam: hypotheses that are followed at a time; 1 takes the most probable word each time.
            length_penalty: exponent of Wu et al. 2016, equation 14; 0 prefers short answers, 1 nearly ignores length.
            batch_size: texts that are answered together, 64 by default.

        Returns:
            A text for each.

        Raises:
            TypeError, ValueError: no text, a beam below 1, a model of numbers.
        """
        return [one.text for one in answers.written(self, "translate", texts, beam, length_penalty, batch_size)]

    def alignments(self, texts: Any, *, beam: int = BEAM, length_penalty: float = PENALTY) -> list[Alignment]:
        """Where `translate` looked: for each text its words, those it said, and the weights of attention.

        Raises:
            TypeError, ValueError: as `translate`; a model without attention.
        """
        return answers.alignments(self, texts, beam, length_penalty)

    def encode(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """The code of each source `[B, C]`: the states that the decoder begins with, side by side.

        Of an autoencoder it is all that the answer is made from.
        """
        return answers.codes(self, sources, batch_size)

    def reconstruction_error(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """How far an autoencoder's sources are from what their codes give back `[B]`; what is unlike training is far.

        Of series: the root of the mean squared difference over steps and features, each in standard deviations of
        training. Of texts: the mean of -log p, in nats, of its tokens and its end mark, each predicted from the code
        and the tokens before it. What is an anomaly is a matter of how many alarms can be looked at: take a high
        quantile of the errors of held-back sources as the limit.

        Raises:
            ValueError: a model that is no autoencoder; sources that `predict` or `translate` refuse.
        """
        return answers.reconstruction_errors(self, sources, batch_size)


def _of_each_step(sample_weight: Any) -> Any:
    return None if sample_weight is None else ops.reshape(sample_weight, (-1, 1))
