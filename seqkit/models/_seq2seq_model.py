"""The encoder-decoder: a Keras model that reads raw texts or series and answers with others of another length."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from seqkit import _checks
from seqkit._texts import as_texts
from seqkit.models import _fitting as fitting
from seqkit.models import _seq2seq_batches as batching
from seqkit.models import _seq2seq_inputs as inputs
from seqkit.models._decoding import MARKS
from seqkit.models._graphs import Graphs
from seqkit.models._output_bias import log_shares
from seqkit.models._rebuilt import RebuiltModel
from seqkit.models._seq2seq_decoding import BEAM, PENALTY, answer
from seqkit.models._seq2seq_loss import averaging_weights
from seqkit.models._seq2seq_network import Seq2SeqNetwork
from seqkit.models._seq2seq_sampling import RisingProbability
from seqkit.models._seq2seq_serving import export_seq2seq
from seqkit.models._seq2seq_settings import Seq2SeqSettings
from seqkit.models._seq2seq_words import Written, write
from seqkit.models._tokens import flat, token_weights
from seqkit.sequences import pad
from seqkit.vocabulary import END, PADDING, START, Vocabulary

BATCH = 64


class Alignment(NamedTuple):
    """Where the decoder looked as it said each word."""

    source: tuple[str, ...]  # S words
    target: tuple[str, ...]  # T words, without the end mark
    weights: np.ndarray  # (T, S), each row sums to 1


@keras.saving.register_keras_serializable("seqkit")
class Seq2Seq(RebuiltModel):
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
            known = inputs.numbers_of("adapt", "targets", as_texts("adapt", targets), words)
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
            validation_data: a pair `(sources, targets)` like these (an autoencoder: the sources).
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
            fitting.refuse_beside_batches(y=y, batch_size=batch_size, sample_weight=sample_weight)
        else:
            x = self.batches("fit", x, y, batch_size, shuffle, sample_weight)
        if validation_data is not None and not fitting.is_batches(validation_data):
            held = inputs.pair_of("fit", "validation_data", validation_data, self.settings.is_autoencoder)
            validation_data = self.batches("fit: validation_data", *held, batch_size)
        if self.network.mixed is not None:
            rising = RisingProbability(self.network.mixed, self.settings.scheduled_sampling, epochs)
            callbacks = fitting.with_callback(callbacks, rising)
        return super().fit(
            x, epochs=epochs, validation_data=validation_data, shuffle=False, callbacks=callbacks, **kwargs
        )

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
        named = zip(("sources", "targets"), texts_of, self.vocabularies, self.settings.longest, strict=True)
        numbers = [inputs.numbers_of(where, name, texts, words, most) for name, texts, words, most in named]
        weights = fitting.checked_weights(where, weights, len(numbers[0]), "pairs")
        marks: dict[str, Any] = {"start": MARKS[START], "end": MARKS[END]}
        return batching.token_batches(*numbers, **marks, batch_size=size, shuffle=shuffle, weights=weights)

    def _series_pairs(self, where: str, sources: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
        both = (f"{where}: sources", sources), (f"{where}: targets", targets)
        shapes = zip(self.settings.longest, self.settings.features, strict=True)
        found = [inputs.one_series(*one, *shape) for one, shape in zip(both, shapes, strict=True)]
        return inputs.series_pairs(where, *found)

    def _refuse_unadapted(self, where: str) -> None:
        if not self.settings.is_text and not self.network.source_scaling.is_adapted:
            raise ValueError(f"{where}: the model has not seen the training series yet. Build with like=.")

    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None, **kwargs: Any) -> Any:
        """`keras.Model.evaluate` on pairs: loss and metrics where the right answer so far is told each time."""
        return super().evaluate(x if fitting.is_batches(x) else self.batches("evaluate", x, y, batch_size), **kwargs)

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> np.ndarray:
        """The answers: series `[B, H, K]`, or an array of texts by `translate` with its defaults; always silent."""
        if self.settings.is_text:
            return np.array(self.translate(x, batch_size=batch_size), dtype=object)
        return self._answers("predict", x, batch_size)

    def _answers(self, where: str, sources: Any, batch_size: int | None) -> np.ndarray:
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        series = self._series(where, sources)
        answering = self._answering(1, 0.0)
        parts = [answering.predict_on_batch(series[first : first + size]) for first in range(0, len(series), size)]
        return np.concatenate(parts)

    def _answering(self, beam: int, penalty: float) -> keras.Model:
        return self._graphs.of(self, (beam, penalty), lambda source: answer(self.network, source, beam, penalty))

    def _series(self, where: str, sources: Any) -> np.ndarray:
        if self.settings.is_text:
            raise TypeError(f"{where}: this model reads and writes text; it has no series. Use translate.")
        self._refuse_unadapted(where)
        return inputs.one_series(where, sources, self.settings.longest[0], self.settings.features[0])

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
        return [one.text for one in self._written("translate", texts, beam, length_penalty, batch_size)]

    def alignments(self, texts: Any, *, beam: int = BEAM, length_penalty: float = PENALTY) -> list[Alignment]:
        """Where `translate` looked: for each text its words, those it said, and the weights of attention.

        Raises:
            TypeError, ValueError: as `translate`; a model without attention.
        """
        if self.settings.attention == "none":
            raise ValueError('alignments: the model has no attention. Build with attention="general".')
        written = self._written("alignments", texts, beam, length_penalty, None)
        return [Alignment(one.source, one.target, one.weights) for one in written]

    def _written(self, where: str, texts: Any, beam: int, penalty: float, batch_size: int | None) -> list[Written]:
        if not self.settings.is_text:
            raise TypeError(f"{where}: this model reads and writes series. Use predict.")
        beam, penalty = _checks.whole_number(where, "beam", beam), _penalty(where, penalty)
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        texts = as_texts(where, texts)
        numbers = inputs.numbers_of(where, "texts", texts, self.vocabularies[0], self.settings.longest[0])
        answering, found = self._answering(beam, penalty), dict[int, Written]()
        for positions in batching.like_length(numbers, size):
            answers = answering.predict_on_batch(pad([numbers[position] for position in positions], PADDING))
            tokens, _, *weights = answers
            words = self.vocabularies[0].split([texts[position] for position in positions])
            for row, position in enumerate(positions):
                looked = weights[0][row] if weights else None
                read = words[row][: self.settings.longest[0]]
                found[position] = write(self, read, tokens[row], looked)
        return [found[position] for position in range(len(texts))]

    def encode(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """The code of each source `[B, C]`: the states that the decoder begins with, side by side.

        Of an autoencoder it is all that the answer is made from.
        """
        size = BATCH if batch_size is None else _checks.whole_number("encode", "batch_size", batch_size)
        if self.settings.is_text:
            texts = as_texts("encode", sources)
            rows = inputs.numbers_of("encode", "texts", texts, self.vocabularies[0], self.settings.longest[0])
        else:
            rows = list(self._series("encode", sources))
        coding = self._graphs.of(self, "code", lambda source: self.network.code(self.network.encode(source)))
        codes: dict[int, np.ndarray] = {}
        for positions in batching.like_length(rows, size):
            found = coding.predict_on_batch(pad([rows[position] for position in positions], PADDING))
            codes |= dict(zip(positions, found, strict=True))
        return np.stack([codes[position] for position in range(len(rows))])

    def reconstruction_error(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """How far an autoencoder's series are from what its codes give back `[B]`; what is unlike training is far.

        The root of the mean squared difference over steps and features, each in standard deviations of training.
        """
        if not self.settings.is_autoencoder or self.settings.is_text:
            raise ValueError(
                "reconstruction_error: only an autoencoder of series has one. Build with autoencoder=True and like= "
                "the series."
            )
        series = self._series("reconstruction_error", sources)
        spread = ops.convert_to_numpy(self.network.target_scaling.spread)
        away = (self._answers("reconstruction_error", series, batch_size) - series) / spread
        return np.sqrt(np.mean(np.square(away), axis=(1, 2)))

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """Write a SavedModel: raw strings in and out, or raw series in and out, by name.

        Of text, `serve` takes `text` `[B]` and returns `text` `[B]`, `score` `[B]`, `left_out` `[B]` (how many tokens a
        text had beyond `longest`, which are not read), and with attention `alignment` `[B, L, S]`, by a beam of 5;
        `translate` takes also `beam` and `length_penalty`. Of series, `serve` takes `series` `[B, T, F]` and returns
        `answer` `[B, H, K]`, an autoencoder's also `code` and `reconstruction_error`. Any other `format` goes to
        `keras.Model.export`.
        """
        if format != "tf_saved_model":
            return super().export(filepath, format=format, **kwargs)
        self._refuse_unadapted("export")
        return export_seq2seq(self, filepath)


def _of_each_step(sample_weight: Any) -> Any:
    return None if sample_weight is None else ops.reshape(sample_weight, (-1, 1))


def _penalty(where: str, value: Any) -> float:
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or not 0 <= value < np.inf:
        raise ValueError(f"{where}: length_penalty must be a number from 0 up, got {value!r}.")
    return float(value)
