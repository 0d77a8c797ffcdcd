"""The encoder-decoder: a Keras model that reads raw texts or series and answers with others of another length."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.texts import as_texts
from seqkit.export import Served
from seqkit.layers.output_bias import log_frequencies
from seqkit.seq2seq import answers, inputs
from seqkit.seq2seq import batches as pair_batches
from seqkit.seq2seq.answers import DEFAULT_BATCH_SIZE, Alignment
from seqkit.seq2seq.decoding import DEFAULT_BEAM, DEFAULT_PENALTY, previous_tokens
from seqkit.seq2seq.loss import averaging_weights
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.sampling import RisingProbability
from seqkit.seq2seq.serving import served_seq2seq
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.task import fitting
from seqkit.task.batches import batch_size_of, pad
from seqkit.task.model import Task
from seqkit.task.progress import AUTO
from seqkit.task.search import MARK_NUMBERS
from seqkit.task.settings import Connected
from seqkit.text.token_numbers import encode_and_shorten
from seqkit.text.tokens import flatten_tokens, token_weights
from seqkit.text.vocabulary import END, PADDING, START, Vocabulary


@keras.saving.register_keras_serializable("seqkit")
class Seq2Seq(Task):
    """A compiled `keras.Model` from sequences to sequences of another length; made by `build_seq2seq`.

    Vocabularies, scaling and settings are inside. `fit` and `evaluate` take sources and targets, 64 pairs in a batch by
    default: raw strings, or series `[B, T, F]` and `[B, H, K]`, or a list of series `[T_i, F]` of any length and raw
    strings, such as speech and what was said. A model that was built with several texts in each
    sample, such as an article and a question, takes a tuple of lists, or a dict of their names. An autoencoder takes
    the sources alone, also as `validation_data=`. If shuffled, a batch holds pairs of similar length. In `translate`
    (texts) and `predict`, the decoder reads its own previous tokens or values. `predict` returns series `[B, H, K]`, or
    an array of texts. The graph that trains reads the source and the right previous tokens or values (teacher forcing),
    and returns scores; Keras sees these as inputs and output. So `fit` also takes tf.data batches of `((source,
    previous), target)`.

    `export` writes these endpoints. For texts, `serve` takes `text` `[B]` and searches with a beam of 5. It returns
    `text` `[B]`, `score` `[B]`, `left_out` `[B]` (the number of tokens beyond `longest`, which are not read), and with
    attention `alignment` `[B, L, S]`. `translate` also takes `beam` and `length_penalty`. From series to texts, both
    take `series` `[B, T, F]` instead (pad shorter ones with NaN), and there is no `left_out`. From series to series,
    `serve` takes `series` `[B, T, F]` and returns `answer` `[B, H, K]`. An autoencoder also returns `code` `[B, C]` and
    `reconstruction_error` `[B]`.

    Shapes: B samples, S or T timesteps of the source, L or H of the answer, F and K features, C size of the code.

    Attributes:
        settings: the checked and complete settings.
        vocabularies: those of sources and targets; None for series, for one side or both.
        chosen_epochs: the epoch that `train_seq2seq` kept; None after plain `fit`.
        validation_history: the validation curve of `train_seq2seq`; None after plain `fit` or loading.

    Example:
        >>> import seqkit as sk
        >>> spelt, digits = ["one two", "two", "two one"], ["1 2", "2", "2 1"]
        >>> model = sk.build_seq2seq(like=(spelt, digits), units=4, embedding=3)
        >>> len(model.translate(["two one", "one"]))
        2
    """

    Settings = Seq2SeqSettings
    parts_shown = ("source_words", "target_words")
    samples_are, answers_are, asked_for = "pairs of sequences", "targets", "sources, targets"
    network: Seq2SeqNetwork

    def __init__(self, settings: Seq2SeqSettings | dict[str, Any], **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.vocabularies: Any = None
        if self.settings.writes_text:
            words = (self.settings.source_words, self.settings.target_words)
            pairs = zip(words, self.settings.splittings, strict=True)
            self.vocabularies = tuple(Vocabulary(*pair, self.settings.lower) if pair[0] else None for pair in pairs)

    def connect(self, settings: Seq2SeqSettings) -> Connected:
        """The layers, and the inputs and outputs of their graph."""
        network = Seq2SeqNetwork(settings)
        return Connected(network, *network.graph())

    def adapt(self, sources: Any, targets: Any = None) -> None:
        """Learn from the training pairs: the mean and spread of series, and how frequent each target word is."""
        targets = sources if self.settings.is_autoencoder else targets
        if self.settings.writes_text:
            vocabulary = self.vocabularies[1]
            tokens = encode_and_shorten("adapt", "targets", as_texts("adapt", targets), vocabulary)
            ends = np.full(len(tokens), MARK_NUMBERS[END])
            self.network.scores.bias.assign(log_frequencies([*tokens, ends], len(vocabulary)))
            if not self.settings.reads_text:  # series to texts
                recordings, _ = inputs.speech_pairs("adapt", sources, targets, self.settings.features[0])
                self.network.source_scaling.adapt(np.concatenate(recordings))
            return
        source, target = inputs.series_pairs("adapt", sources, targets)
        for scaling, series in ((self.network.target_scaling, target), (self.network.source_scaling, source)):
            scaling.adapt(series.reshape(-1, series.shape[-1]))

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model of series without the mean and spread of the training series."""
        if not self.settings.reads_text and not self.network.source_scaling.is_adapted:
            raise InvalidValue(
                where,
                "the model has not seen the training series yet, from which it takes mean and spread.",
                "Build with like=(sources, targets), or call model.adapt(sources, targets) first.",
            )

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss: for texts, of all tokens but padding; for series, in scaled units."""
        if self.settings.writes_text:
            return super().compute_loss(x, y, y_pred, averaging_weights(y, sample_weight), training)
        scale = self.network.target_scaling
        y, y_pred = ((ops.cast(values, "float32") - scale.mean) / scale.spread for values in (y, y_pred))
        return super().compute_loss(x, y, y_pred, _timestep_weights(sample_weight), training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics: for texts, of all tokens but padding; for series, in raw units."""
        if self.settings.writes_text:
            return super().compute_metrics(x, *flatten_tokens(y, y_pred, token_weights(y, sample_weight)))
        return super().compute_metrics(x, y, y_pred, _timestep_weights(sample_weight))

    def needs_answers(self, x: Any) -> bool:
        """Whether targets are needed; an autoencoder uses its sources."""
        return not self.settings.is_autoencoder

    def held_parts(self, validation_data: Any) -> tuple[Any, Any, Any]:
        """Sources, targets and weights of `validation_data`, which is the sources alone for an autoencoder."""
        weights = None
        if isinstance(validation_data, tuple) and len(validation_data) == 3 and not self.settings.is_autoencoder:
            *validation_data, weights = validation_data
        pair = inputs.as_pair("fit", "validation_data", validation_data, self.settings.is_autoencoder)
        return *pair, weights

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """With scheduled sampling, yield a callback that raises its probability over the epochs."""
        if verb == "fit" and self.network.sampling is not None:
            yield [RisingProbability(self.network.sampling, self.settings.scheduled_sampling, epochs)]
        else:
            yield []

    def batches(
        self, where: str, x: Any, y: Any, batch_size: Any = None, shuffle: bool = False, sample_weight: Any = None
    ) -> Any:
        """Pairs as batches for Keras."""
        size, settings = batch_size_of(where, batch_size, DEFAULT_BATCH_SIZE), self.settings
        y = x if settings.is_autoencoder and y is None else y
        if not settings.writes_text:
            self.refuse_unadapted(where)
            pairs = inputs.series_pairs(where, x, y, settings)
            weights = fitting.checked_weights(where, sample_weight, len(pairs[0]), "pairs")
            return pair_batches.series_batches(*pairs, size, shuffle, weights)
        rows = self._rows_to_write(where, x, y)
        weights = fitting.checked_weights(where, sample_weight, len(rows[0]), "pairs")
        marks: dict[str, Any] = {"start": MARK_NUMBERS[START], "end": MARK_NUMBERS[END], "longest": settings.longest[1]}
        marks |= {"source_padding": settings.source_padding}
        return pair_batches.token_batches(*rows, **marks, batch_size=size, shuffle=shuffle, weights=weights)

    def _rows_to_write(self, where: str, x: Any, y: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Numbers of tokens or series as sources, and numbers of tokens as targets."""
        settings = self.settings
        if settings.reads_text:
            sources, targets = inputs.text_pairs(where, x, y, settings.source_names)
            rows = encode_and_shorten(where, "sources", sources, self.vocabularies[0], settings.longest[0], 0)
        else:
            self.refuse_unadapted(where)
            rows, targets = inputs.speech_pairs(where, x, y, settings.features[0])
        return rows, encode_and_shorten(where, "targets", targets, self.vocabularies[1], settings.longest[1], 1)

    def network_input(self, x: Any, where: str) -> list[np.ndarray]:
        """The inputs of the graph: sources, and the previous tokens or values of the model's own answers."""
        source = pad(answers.source_rows(self, where, x), self.settings.source_padding)
        if self.settings.writes_text:
            rows = answers.answer_with_tokens(self, where, x, 1, DEFAULT_PENALTY, None)
            tokens = pad([row.tokens for row in rows], PADDING)
            tokens = tokens[:, : max(1, int((tokens != PADDING).sum(axis=1).max()))]
            return [source, ops.convert_to_numpy(previous_tokens(ops.convert_to_tensor(tokens)))]
        values = answers.answer_with_series(self, where, x, None)
        return [source, np.concatenate([np.full_like(values[:, :1], np.nan), values[:, :-1]], axis=1)]

    @property
    def serves_texts(self) -> bool:
        """Whether the endpoints of `export` take texts."""
        return self.settings.reads_text

    def served(self, **options: Any) -> Served:
        """The endpoints `serve` and `describe`, and for texts `translate`."""
        return served_seq2seq(self, **options)

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> np.ndarray:
        """The answers: series `[B, H, K]`, or an array of texts, those of `translate` with its defaults."""
        if not self.settings.writes_text:
            return answers.answer_with_series(self, "predict", x, batch_size, **options)
        written = answers.answer_with_words(self, "predict", x, DEFAULT_BEAM, DEFAULT_PENALTY, batch_size, **options)
        return np.array([answer.text for answer in written], dtype=object)

    def translate(
        self,
        texts: Any,
        *,
        beam: int = DEFAULT_BEAM,
        length_penalty: float = DEFAULT_PENALTY,
        batch_size: int | None = None,
        verbose: Any = AUTO,
    ) -> list[str]:
        """Write the target of each text or series, with beam search.

        Args:
            texts: raw strings; series `[T_i, F]` for a model that reads series and writes texts.
            beam: how many hypotheses the search follows; 1 takes the most probable token each time.
            length_penalty: exponent of Wu et al. 2016, equation 14; 0 prefers short answers, 1 nearly ignores length.
            batch_size: sources in a batch, 64 by default.
            verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence.

        Returns:
            A target for each text.

        Raises:
            TypeError, ValueError: for anything but texts or series, as the model reads them; a beam below 1; a model
                that writes series.
        """
        written = answers.answer_with_words(self, "translate", texts, beam, length_penalty, batch_size, verbose=verbose)
        return [answer.text for answer in written]

    def alignments(
        self, texts: Any, *, beam: int = DEFAULT_BEAM, length_penalty: float = DEFAULT_PENALTY
    ) -> list[Alignment]:
        """The words of each text, the words of its target by `translate`, and the weights of attention between them.

        Of a series, the words of the source are the numbers of the first timesteps that the encoder joins into one.

        Raises:
            TypeError, ValueError: as for `translate`, and for a model without attention.
        """
        return answers.align(self, texts, beam, length_penalty)

    def encode(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """The code of each source `[B, C]`: the initial states of the decoder, concatenated.

        The answer of an autoencoder depends on the code alone.
        """
        return answers.encode(self, sources, batch_size)

    def reconstruction_error(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """The error of an autoencoder's answer to each source `[B]`; it is large for sources unlike those of training.

        For series, it is the root of the mean squared difference over timesteps and features, in standard deviations of
        the training series. For texts, it is the mean of -log p, in nats, over the tokens and the end mark, each
        predicted from the code and the tokens before it. To find anomalies, choose a limit by how many alarms can be
        checked: a high quantile of the errors of held-back sources.

        Raises:
            ValueError: for a model that is no autoencoder, and for sources that `predict` or `translate` refuse.
        """
        return answers.reconstruction_errors(self, sources, batch_size)


def _timestep_weights(sample_weight: Any) -> Any:
    """The weights of samples `(B,)` as `(B, 1)`, for all timesteps."""
    return None if sample_weight is None else ops.reshape(sample_weight, (-1, 1))
