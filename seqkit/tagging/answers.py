"""Answers of a tagger: the tags of sentences or series, and their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as shortened
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType
from seqkit.data.labels import Label
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import batch_size_of, length_multiple
from seqkit.task.progress import AUTO


class TaggedToken(NamedTuple):
    """A word or a mark of punctuation, and its tag.

    Example:
        >>> import seqkit as sk
        >>> token = sk.TaggedToken("Rome", "B-LOC")
        >>> token.token, token.tag
        ('Rome', 'B-LOC')
    """

    token: str
    tag: Label


class SequenceAnswer(NamedTuple):
    """The answer for one sequence."""

    tags: np.ndarray  # (T_i,), the numbers of the tags
    probabilities: np.ndarray  # (T_i, K)


def tag_sequences(
    model: Any, where: str, x: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = AUTO
) -> list[SequenceAnswer]:
    """Return the answer for each sequence."""
    model.refuse_unadapted(where)
    sequences = model.read(where, x)
    lengths = [len(row) for row in sequences.rows]
    graph = model.graphs.compiled(
        "tags", lambda arrays: model(arrays, training=False), 0 if model.settings.is_text else 1
    )

    def answer(positions: np.ndarray) -> list[SequenceAnswer]:
        outputs = graph(inputs.pad_samples([sequences.samples[position] for position in positions], length_multiple()))
        rows = zip(
            [lengths[position] for position in positions], outputs["tags"], outputs["probabilities"], strict=True
        )
        return [SequenceAnswer(tags[:length], probabilities[:length]) for length, tags, probabilities in rows]

    size = batch_size_of(where, batch_size)
    return answer_in_batches(model, lengths, size, answer, callbacks=callbacks, verbose=verbose)


def padded_probabilities(answers: Sequence[SequenceAnswer]) -> np.ndarray:
    """Return probabilities `[B, T, K]`, 0 after the end of a sequence."""
    steps, tag_count = max(len(answer.tags) for answer in answers), answers[0].probabilities.shape[1]
    padded = np.zeros((len(answers), steps, tag_count), "float32")
    for row, answer in zip(padded, answers, strict=True):
        row[: len(answer.probabilities)] = answer.probabilities
    return padded


def probability_tables(answers: Sequence[SequenceAnswer], tags: Sequence[Label]) -> list[pd.DataFrame]:
    """Return a table for each sequence, with a row for each step and a column for each tag."""
    columns = pd.Index(list(tags), name="tag")
    return [pd.DataFrame(answer.probabilities, columns=columns) for answer in answers]


def tag_text(model: Any, text: str | Sequence[str]) -> list[Any]:
    """Return the tokens of a raw string with their tags; for several strings, a list of such lists."""
    if not model.settings.is_text:
        raise InvalidType("tag", "this tagger reads series of numbers.", "Use predict_tags(series).")
    is_list = isinstance(text, (list, tuple, pd.Series, pd.Index, np.ndarray))
    if not isinstance(text, str) and not (is_list and all(isinstance(string, str) for string in text)):
        problem = f"a string or a list of strings is needed, got {shortened(text)}."
        raise InvalidType("tag", problem, "For lists of tokens use predict_tags.", "text")
    texts = [text] if isinstance(text, str) else list(text)
    if not texts:
        return []
    tokens = inputs.as_sentences("tag", texts, model.settings.splitting).tokens
    answers = tag_sequences(model, "tag", texts, None)
    tagged = [
        [TaggedToken(*pair) for pair in zip(row, tag_rows.decode(answer.tags, model.tags), strict=True)]
        for row, answer in zip(tokens, answers, strict=True)
    ]
    return tagged[0] if isinstance(text, str) else tagged
