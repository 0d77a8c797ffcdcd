"""What a tagger answers: tags and their probabilities, of sentences or series."""

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
from seqkit.task.batches import batch_size_of, rounding


class TaggedToken(NamedTuple):
    """A word or mark, and its tag."""

    token: str
    tag: Label


class Tagged(NamedTuple):
    """The answer to one sequence."""

    tags: np.ndarray  # (T_i,) numbers of tags
    probabilities: np.ndarray  # (T_i, K)


def tag_sequences(
    model: Any, where: str, x: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = 0
) -> list[Tagged]:
    """The answer to each sequence."""
    model.refuse_unadapted(where)
    read = model.read(where, x)
    lengths = [len(row) for row in read.rows]
    graph = model.graphs.of("tags", lambda arrays: model(arrays, training=False), 0 if model.settings.is_text else 1)

    def answer(positions: np.ndarray) -> list[Tagged]:
        found = graph(inputs.pad_samples([read.samples[place] for place in positions], rounding()))
        pairs = zip(positions, found["tags"], found["probabilities"], strict=True)
        return [Tagged(tags[: lengths[place]], shares[: lengths[place]]) for place, tags, shares in pairs]

    size = batch_size_of(where, batch_size)
    return answer_in_batches(model, lengths, size, answer, callbacks=callbacks, verbose=verbose)


def padded_probabilities(answers: Sequence[Tagged]) -> np.ndarray:
    """Probabilities `[B, T, K]`, 0 after the end of a sequence."""
    steps, tags = max(len(one.tags) for one in answers), answers[0].probabilities.shape[1]
    padded = np.zeros((len(answers), steps, tags), "float32")
    for row, answer in zip(padded, answers, strict=True):
        row[: len(answer.probabilities)] = answer.probabilities
    return padded


def probability_tables(answers: Sequence[Tagged], tags: Sequence[Label]) -> list[pd.DataFrame]:
    """A table for each sequence, a row for each step and a column for each tag."""
    columns = pd.Index(list(tags), name="tag")
    return [pd.DataFrame(answer.probabilities, columns=columns) for answer in answers]


def tag_text(model: Any, text: str | Sequence[str]) -> list[Any]:
    """Tokens of a raw string with their tags; of several strings a list of these."""
    if not model.settings.is_text:
        raise InvalidType("tag", "this tagger reads series of numbers.", "Use predict_tags(series).")
    is_many = isinstance(text, (list, tuple, pd.Series, pd.Index, np.ndarray))
    if not isinstance(text, str) and not (is_many and all(isinstance(one, str) for one in text)):
        raise InvalidType(
            "tag",
            f"a string or a list of strings is needed, got {shortened(text)}.",
            "Lists of tokens go to predict_tags.",
        )
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
