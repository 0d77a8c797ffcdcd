"""What an encoder-decoder answers by itself: texts or series, where it looked, its code, and what is unlike others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.texts import as_texts
from seqkit.seq2seq import inputs
from seqkit.seq2seq.copying import Written, write
from seqkit.seq2seq.decoding import answer, decode_values
from seqkit.seq2seq.reconstruction import reconstruction_error
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import batch_size_of, pad
from seqkit.text.numbers import numbers_of
from seqkit.text.vocabulary import PADDING

BATCH = 64


class Alignment(NamedTuple):
    """Where the decoder looked as it said each word."""

    source: tuple[str, ...]  # S words
    target: tuple[str, ...]  # T words, without the end mark
    weights: np.ndarray  # (T, S), each row sums to 1


class Said(NamedTuple):
    """The answer to one text, in numbers."""

    tokens: np.ndarray  # (L,), end mark included, then padding
    weights: np.ndarray | None  # (L, S) of attention


def say(
    model: Any,
    where: str,
    texts: list[str],
    beam: Any,
    penalty: Any,
    batch_size: int | None,
    *,
    callbacks: Any = None,
    verbose: Any = 0,
) -> list[Said]:
    """Numbers of the words that answer each text."""
    beam, penalty = _checks.whole_number(where, "beam", beam), _penalty(where, penalty)
    graph = model.graphs.of((beam, penalty), lambda source: answer(model.network, source, beam, penalty))
    rows = numbers_of(where, "texts", texts, model.vocabularies[0], model.settings.longest[0])

    def of_batch(positions: np.ndarray) -> list[Said]:
        tokens, _, *weights = graph(pad([rows[position] for position in positions], PADDING))
        return [Said(row, weights[0][place] if weights else None) for place, row in enumerate(tokens)]

    size = batch_size_of(where, batch_size, BATCH)
    return answer_in_batches(model, list(map(len, rows)), size, of_batch, callbacks=callbacks, verbose=verbose)


def written(
    model: Any, where: str, texts: Any, beam: Any, penalty: Any, batch_size: int | None, **progress: Any
) -> list[Written]:
    """The answer to each text in words, and where the decoder looked."""
    if not model.settings.is_text:
        raise InvalidType(where, "this model reads and writes series.", "Use predict.")
    texts = as_texts(where, texts)
    said = say(model, where, texts, beam, penalty, batch_size, **progress)
    words = model.vocabularies[0].split(texts)
    longest = model.settings.longest[0]
    return [write(model, row[:longest], one.tokens, one.weights) for row, one in zip(words, said, strict=True)]


def alignments(model: Any, texts: Any, beam: Any, penalty: Any) -> list[Alignment]:
    """For each text its words, those of the answer, and the weights of attention."""
    if model.settings.attention == "none":
        raise InvalidValue("alignments", "the model has no attention.", 'Build with attention="general".')
    answers = written(model, "alignments", texts, beam, penalty, None)
    return [Alignment(one.source, one.target, one.weights) for one in answers]


def continued(model: Any, where: str, sources: Any, batch_size: int | None, **progress: Any) -> np.ndarray:
    """The series `[B, H, K]` that answer series."""
    return of_each(model, where, sources, batch_size, lambda one: decode_values(model.network, one), **progress)


def codes(model: Any, sources: Any, batch_size: int | None) -> np.ndarray:
    """The code of each source `[B, C]`."""
    network = model.network
    return of_each(model, "encode", sources, batch_size, lambda one: network.code(network.encode(one)))


def reconstruction_errors(model: Any, sources: Any, batch_size: int | None) -> np.ndarray:
    """The error of each source `[B]`; refuse a model that is no autoencoder."""
    where = "reconstruction_error"
    if not model.settings.is_autoencoder:
        raise InvalidValue(where, "only an autoencoder has one.", "Build with autoencoder=True and like= the sources.")
    return of_each(model, where, sources, batch_size, lambda one: reconstruction_error(model.network, one))


def of_each(
    model: Any,
    where: str,
    sources: Any,
    batch_size: int | None,
    of_layers: Callable[[Any], Any],
    **progress: Any,
) -> np.ndarray:
    """What the layers give for each source, in its order."""
    rows = source_rows(model, where, sources)
    graph = model.graphs.of(where, of_layers, 0 if model.settings.is_text else 2)
    size = batch_size_of(where, batch_size, BATCH)

    def of_batch(positions: np.ndarray) -> np.ndarray:
        return graph(pad([rows[position] for position in positions], PADDING))

    return np.stack(answer_in_batches(model, list(map(len, rows)), size, of_batch, **progress))


def source_rows(model: Any, where: str, sources: Any) -> list[np.ndarray]:
    """What the encoder reads of each source: numbers of tokens `[S_i]`, or a series `[S, F]`."""
    settings = model.settings
    if settings.is_text:
        return numbers_of(where, "texts", as_texts(where, sources), model.vocabularies[0], settings.longest[0])
    model.refuse_unadapted(where)
    return list(inputs.one_series(where, sources, settings.longest[0], settings.features[0]))


def _penalty(where: str, value: Any) -> float:
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or not 0 <= value < np.inf:
        raise InvalidValue(
            where, f"length_penalty must be a number from 0 up, got {value!r}.", argument="length_penalty"
        )
    return float(value)
