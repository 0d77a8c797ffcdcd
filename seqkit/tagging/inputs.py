"""What a tagger reads: sentences as lists of tokens or raw strings, or series of numbers; checked, and as arrays.

Shapes: B sequences, T_i steps of sequence i, C characters, F features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data import series as inputs
from seqkit.data.texts import is_text, refuse_unwritable
from seqkit.layers.crf import NO_TAG
from seqkit.task import batches as batching
from seqkit.text.vocabulary import split_words

if TYPE_CHECKING:
    import tensorflow as tf

WORDS, EXTRA, CHARACTERS, SERIES = "words", "extra", "characters", "series"
Sample = Mapping[str, np.ndarray]  # of one sequence, by the name of the network's input


class Sentences(NamedTuple):
    """Tokens, and what else is said of each."""

    tokens: list[list[str]]
    extra: list[list[str]] | None


class Read(NamedTuple):
    """Sequences as the network reads them, and as they were given."""

    samples: list[Sample]
    rows: Sequence[Any]  # tokens or steps of each


class Paired(NamedTuple):
    """Sequences with a tag for each step."""

    samples: list[Sample]
    given: list[list[Any]]
    targets: list[np.ndarray]  # numbers of the tags


def is_words(x: Any) -> bool:
    """Whether these are sentences: a dict of words and extras, or rows of which one is a string or holds one."""
    if isinstance(x, Mapping):
        return True
    if not isinstance(x, (str, list, tuple, np.ndarray, pd.Series, pd.Index)):
        return False
    return is_text(x) or any(is_text(row) for row in x if not isinstance(row, np.ndarray) or row.ndim)


def as_sentences(where: str, x: Any, splitting: str) -> Sentences:
    """Lists of tokens; refuse what is none, by the number of its sentence."""
    if not isinstance(x, Mapping):
        return Sentences(_as_tokens(where, x, splitting), None)
    if set(x) != {WORDS, EXTRA}:
        raise InvalidValue(
            where,
            "words with an extra feature are the dict {'words': sentences, 'extra': features}, got the keys "
            f"{_checks.listed(x) or 'none'}.",
        )
    tokens, extra = _as_tokens(where, x[WORDS], splitting), _as_tokens(f"{where}: extra", x[EXTRA], splitting)
    pair_up(where, tokens, extra, "extra features")
    return Sentences(tokens, extra)


def _as_tokens(where: str, x: Any, splitting: str) -> list[list[str]]:
    if isinstance(x, str):
        raise InvalidType(where, "a list of sentences is needed, got one string.", "Pass [text].")
    if isinstance(x, pd.DataFrame) or not isinstance(x, Iterable):
        raise InvalidType(where, f"a list of sentences is needed, each a list of tokens, got {type(x).__name__}.")
    rows = list(x)
    if not rows:
        raise InvalidValue(where, "no sentences at all.", "Pass one or more.")
    texts = [row for row in rows if isinstance(row, str)]
    split = iter(split_words(texts, splitting, lower=False)) if texts else iter(())
    return [next(split) if isinstance(row, str) else _one(where, number, row) for number, row in enumerate(rows)]


def _one(where: str, number: int, row: Any) -> list[str]:
    if isinstance(row, Mapping) or not isinstance(row, Iterable) or getattr(row, "ndim", 1) != 1:
        raise InvalidType(where, f"sentence {number} is {shortened(row)}; a list of tokens or a string is needed.")
    tokens = [str(one) if isinstance(one, np.str_) else one for one in row]
    for place, token in enumerate(tokens):
        if not isinstance(token, str):
            raise InvalidType(
                where,
                f"token {place} of sentence {number} is {shortened(token)}, {_checks.type_name(token)}; strings "
                "are needed.",
            )
        if not token:
            raise InvalidValue(where, f"token {place} of sentence {number} is empty.", "Leave it out, with its tag.")
        refuse_unwritable(where, f"token {place} of sentence {number}", token)
    return tokens


def pair_up(where: str, rows: Sequence[Any], others: Sequence[Any], name: str, unit: str = "tokens") -> None:
    """Refuse another number of rows, or a row of another length, by its number."""
    kind = "sentences" if unit == "tokens" else "series"
    if len(rows) != len(others):
        raise InvalidValue(where, f"{len(rows)} {kind} and {name} of {len(others)}.", "They must pair up one to one.")
    for number, (row, other) in enumerate(zip(rows, others, strict=True)):
        if len(row) != len(other):
            which = f"sentence {number} ({shortened(' '.join(row))})" if unit == "tokens" else f"series {number}"
            raise InvalidValue(
                where, f"{which} has {len(row)} {unit} and {len(other)} {name}.", f"Each of the {unit} needs one."
            )


def refuse_empty(where: str, tokens: Sequence[Sequence[str]]) -> None:
    """There is nothing to learn from a sentence without tokens."""
    for number, row in enumerate(tokens):
        if not row:
            raise InvalidValue(where, f"sentence {number} has no tokens.", "Leave it out, with its tags.")


def as_series(where: str, x: Any, features: int | None) -> list[np.ndarray]:
    """Arrays `[T_i, F]`, with NaN at the end taken off; refuse missing values elsewhere."""
    if is_words(x):
        raise InvalidType(where, "this tagger reads series of numbers, got text.")
    return inputs.as_series(where, x, features, way_out="Fill them: every step gets a tag.")


def pad_samples(samples: Sequence[Sample], round_up: int = 1) -> dict[str, np.ndarray]:
    """Stack what has the same name, filled up with 0 (numbers of words) or NaN (measurements)."""
    padded = {}
    for name in samples[0]:
        rows = [sample[name] for sample in samples]
        if name == CHARACTERS:
            rows = _as_wide_as_the_longest_word(rows, round_up)
        padded[name] = batching.pad(rows, np.nan if name == SERIES else 0, round_up)
    return padded


def _as_wide_as_the_longest_word(rows: Sequence[np.ndarray], round_up: int) -> list[np.ndarray]:
    """Characters `[T_i, C]`, C no more than the longest word of these has."""
    used = max(1, *(int((row > 0).any(axis=0).sum()) for row in rows))
    width = -(-used // round_up) * round_up
    return [np.pad(row[:, :width], [(0, 0), (0, max(0, width - row.shape[1]))]) for row in rows]


def tag_batches(
    paired: Paired, batch_size: int, shuffle: bool, weights: np.ndarray | None, passes: int
) -> tf.data.Dataset:
    """Batches of what the network reads by name, numbers of tags `[B, T]`, and weights if there are any."""
    round_up = batching.rounding()
    gather = {}
    for name in paired.samples[0]:
        rows = [sample[name] for sample in paired.samples]
        if name == CHARACTERS:
            gather[name] = batching.gather_spelt(rows, round_up)
        else:
            gather[name] = batching.gather_padded(rows, np.nan if name == SERIES else 0, round_up)
    tags = batching.gather_padded(paired.targets, NO_TAG, round_up)
    others = [] if weights is None else [batching.gather_whole(weights)]

    def take(positions: tf.Tensor) -> Any:
        x = {name: read(positions) for name, read in gather.items()}
        return (x, tags(positions), *(other(positions) for other in others))

    lengths = np.array([len(row) for row in paired.targets])
    order = batching.orders_of_like_length(lengths, batch_size, shuffle=shuffle, passes=passes)
    return batching.pipeline(order, take)
