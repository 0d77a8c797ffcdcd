"""What an encoder-decoder answers by itself: texts or series, where it looked, its code, and what is unlike others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit import _checks
from seqkit.data.sequences import pad
from seqkit.data.texts import as_texts
from seqkit.seq2seq import batches as batching
from seqkit.seq2seq import inputs
from seqkit.seq2seq.copying import Written, write
from seqkit.seq2seq.decoding import BEAM, PENALTY, answer, decode_values
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.reconstruction import reconstruction_error
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.task.graphs import Graphs
from seqkit.task.model import RebuiltModel
from seqkit.text.numbers import numbers_of
from seqkit.text.vocabulary import PADDING

BATCH = 64


class Alignment(NamedTuple):
    """Where the decoder looked as it said each word."""

    source: tuple[str, ...]  # S words
    target: tuple[str, ...]  # T words, without the end mark
    weights: np.ndarray  # (T, S), each row sums to 1


class AnsweringSeq2Seq(RebuiltModel):
    """The part of `Seq2Seq` that answers.

    Shapes: B samples, S or T steps of the source, L or H of the answer, F and K features, C of the code.
    """

    settings: Seq2SeqSettings
    network: Seq2SeqNetwork
    vocabularies: Any
    _graphs: Graphs

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> np.ndarray:
        """The answers: series `[B, H, K]`, or an array of texts by `translate` with its defaults; always silent."""
        if self.settings.is_text:
            return np.array(self.translate(x, batch_size=batch_size), dtype=object)
        return self._of_each("predict", x, batch_size, lambda one: decode_values(self.network, one))

    def _answering(self, beam: int, penalty: float) -> keras.Model:
        return self._graphs.of(self, (beam, penalty), lambda source: answer(self.network, source, beam, penalty))

    def _series(self, where: str, sources: Any) -> np.ndarray:
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
        numbers = numbers_of(where, "texts", texts, self.vocabularies[0], self.settings.longest[0])
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
        return self._of_each("encode", sources, batch_size, lambda one: self.network.code(self.network.encode(one)))

    def reconstruction_error(self, sources: Any, batch_size: int | None = None) -> np.ndarray:
        """How far an autoencoder's sources are from what their codes give back `[B]`; what is unlike training is far.

        Of series: the root of the mean squared difference over steps and features, each in standard deviations of
        training. Of texts: the mean of -log p, in nats, of its tokens and its end mark, each predicted from the code
        and the tokens before it. What is an anomaly is a matter of how many alarms can be looked at: take a high
        quantile of the errors of held-back sources as the limit.

        Raises:
            ValueError: a model that is no autoencoder; sources that `predict` or `translate` refuse.
        """
        if not self.settings.is_autoencoder:
            raise ValueError(
                "reconstruction_error: only an autoencoder has one. Build with autoencoder=True and like= the sources."
            )
        where = "reconstruction_error"
        return self._of_each(where, sources, batch_size, lambda one: reconstruction_error(self.network, one))

    def _of_each(self, where: str, sources: Any, batch_size: int | None, answer: Callable[[Any], Any]) -> np.ndarray:
        """What the layers say of each source, in its order."""
        size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
        if self.settings.is_text:
            texts = as_texts(where, sources)
            rows = numbers_of(where, "texts", texts, self.vocabularies[0], self.settings.longest[0])
        else:
            rows = list(self._series(where, sources))
        graph, found = self._graphs.of(self, where, answer), dict[int, np.ndarray]()
        for positions in batching.like_length(rows, size):
            answers = graph.predict_on_batch(pad([rows[position] for position in positions], PADDING))
            found |= dict(zip(positions, answers, strict=True))
        return np.stack([found[position] for position in range(len(rows))])

    def _refuse_unadapted(self, where: str) -> None:
        if not self.settings.is_text and not self.network.source_scaling.is_adapted:
            raise ValueError(f"{where}: the model has not seen the training series yet. Build with like=.")


def _penalty(where: str, value: Any) -> float:
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or not 0 <= value < np.inf:
        raise ValueError(f"{where}: length_penalty must be a number from 0 up, got {value!r}.")
    return float(value)
