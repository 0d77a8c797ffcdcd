"""The answers of an encoder-decoder: texts or series, alignments, codes and reconstruction errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.data.series import as_series
from seqkit.seq2seq import inputs
from seqkit.seq2seq.copying import Written, write
from seqkit.seq2seq.decoding import BAD_PENALTY, decode_tokens_to_list, decode_values
from seqkit.seq2seq.reconstruction import reconstruction_error
from seqkit.seq2seq.sources import as_source_texts
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import batch_size_of, pad
from seqkit.text.token_numbers import encode_and_shorten

DEFAULT_BATCH_SIZE = 64


@shown_shortly
class Alignment(NamedTuple):
    """Where the decoder looked as it wrote each word.

    Example:
        >>> import seqkit as sk
        >>> model = sk.build_seq2seq(like=(["one two", "two"], ["eins zwei", "zwei"]), units=4, embedding=3)
        >>> looked = model.alignments(["two one"])[0]
        >>> looked.source, looked.weights.shape == (len(looked.target), 2)
        (('two', 'one'), True)
    """

    source: tuple[str, ...]  # S words; of a series, the first timestep of each step that the encoder reads
    target: tuple[str, ...]  # T words, without the end mark
    weights: np.ndarray  # (T, S), each row sums to 1


class TokenAnswer(NamedTuple):
    """The answer to one text, in numbers of tokens."""

    tokens: np.ndarray  # (L,), the end mark included, then padding
    weights: np.ndarray | None  # (L, S) of attention


def answer_with_tokens(
    model: Any,
    where: str,
    sources: Any,
    beam: Any,
    penalty: Any,
    batch_size: int | None,
    **progress: Any,
) -> list[TokenAnswer]:
    """The tokens that answer each source."""
    beam, penalty = _checks.whole_number(where, "beam", beam), _checked_penalty(where, penalty)
    graph = model.graphs.compiled(
        (beam, penalty),
        lambda source: decode_tokens_to_list(model.network, source, beam, penalty),
        fixed_axes=0 if model.settings.reads_text else 1,
    )
    rows = source_rows(model, where, sources)

    def answer_batch(batch: np.ndarray) -> list[TokenAnswer]:
        tokens, _, *weights = graph(batch)
        return [TokenAnswer(row, weights[0][place] if weights else None) for place, row in enumerate(tokens)]

    return _answer_rows(model, where, rows, answer_batch, batch_size, **progress)


def answer_with_words(
    model: Any, where: str, sources: Any, beam: Any, penalty: Any, batch_size: int | None, **progress: Any
) -> list[Written]:
    """The answer to each source in words, and the weights of attention."""
    if not model.settings.writes_text:
        raise InvalidType(where, "this model reads and writes series.", "Use predict.")
    answers = answer_with_tokens(model, where, sources, beam, penalty, batch_size, **progress)
    steps = _names_of_steps(model, where, sources)
    return [write(model, source, *answer) for source, answer in zip(steps, answers, strict=True)]


def _names_of_steps(model: Any, where: str, sources: Any) -> list[list[str]]:
    """The words of each text; of a series the number of the first timestep in each step that the encoder reads."""
    settings = model.settings
    if not settings.reads_text:
        return [
            [str(step) for step in range(0, len(row), settings.shorten)] for row in source_rows(model, where, sources)
        ]
    texts = as_source_texts(where, sources, settings.source_names)
    return [words[: settings.longest[0]] for words in model.vocabularies[0].split(texts)]


def align(model: Any, sources: Any, beam: Any, penalty: Any) -> list[Alignment]:
    """The words or timesteps of each source, the words of its answer, and the weights of attention."""
    if model.settings.attention == "none":
        raise InvalidValue("alignments", "the model has no attention.", 'Build with attention="general".')
    answers = answer_with_words(model, "alignments", sources, beam, penalty, None)
    return [Alignment(answer.source, answer.target, answer.weights) for answer in answers]


def answer_with_series(model: Any, where: str, sources: Any, batch_size: int | None, **progress: Any) -> np.ndarray:
    """The series `[B, H, K]` that answer series."""
    return _run(model, where, sources, batch_size, lambda source: decode_values(model.network, source), **progress)


def encode(model: Any, sources: Any, batch_size: int | None) -> np.ndarray:
    """The code of each source `[B, C]`."""
    network = model.network
    return _run(model, "encode", sources, batch_size, lambda source: network.code(network.encode(source)))


def reconstruction_errors(model: Any, sources: Any, batch_size: int | None) -> np.ndarray:
    """The reconstruction error of each source `[B]`; a model that is no autoencoder is refused."""
    where = "reconstruction_error"
    if not model.settings.is_autoencoder:
        raise InvalidValue(where, "only an autoencoder has one.", "Build with autoencoder=True and like= the sources.")
    return _run(model, where, sources, batch_size, lambda source: reconstruction_error(model.network, source))


def _run(
    model: Any,
    where: str,
    sources: Any,
    batch_size: int | None,
    function: Callable[[Any], Any],
    **progress: Any,
) -> np.ndarray:
    """The result of a function of the layers for each source."""
    rows = source_rows(model, where, sources)
    fixed_axes = 0 if model.settings.reads_text else 1 if model.settings.writes_text else 2
    graph = model.graphs.compiled(where, function, fixed_axes)
    return np.stack(_answer_rows(model, where, rows, graph, batch_size, **progress))


def _answer_rows(
    model: Any,
    where: str,
    rows: list[np.ndarray],
    answer_batch: Callable[[np.ndarray], Any],
    batch_size: int | None,
    **progress: Any,
) -> list[Any]:
    """An answer to each row of tokens or values; `answer_batch` takes padded rows."""

    def answer(positions: np.ndarray) -> Any:
        return answer_batch(pad([rows[position] for position in positions], model.settings.source_padding))

    size = batch_size_of(where, batch_size, DEFAULT_BATCH_SIZE)
    return answer_in_batches(model, list(map(len, rows)), size, answer, **progress)


def source_rows(model: Any, where: str, sources: Any) -> list[np.ndarray]:
    """The encoder's input for each source: numbers of tokens `[S_i]`, or a series `[T_i, F]`."""
    settings = model.settings
    if settings.reads_text:
        texts = as_source_texts(where, sources, settings.source_names)
        return encode_and_shorten(where, "texts", texts, model.vocabularies[0], settings.longest[0])
    model.refuse_unadapted(where)
    if settings.writes_text:
        return as_series(where, sources, settings.features[0], way_out=inputs.FILL)
    return list(inputs.as_series_array(where, sources, settings.longest[0], settings.features[0]))


def _checked_penalty(where: str, penalty: Any) -> float:
    is_number = isinstance(penalty, (int, float, np.integer, np.floating)) and not isinstance(penalty, bool)
    if not is_number or not 0 <= penalty < np.inf:
        raise BAD_PENALTY.error(where, argument="length_penalty", penalty=repr(penalty))
    return float(penalty)
