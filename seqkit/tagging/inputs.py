"""Inputs of a tagger: sentences (lists of tokens or raw strings) or numeric series, checked and turned into arrays.

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
from seqkit._refusals import Refusal
from seqkit.data import series as numeric_series
from seqkit.data.frames import as_pandas
from seqkit.data.texts import is_text, refuse_unwritable
from seqkit.layers.crf import NO_TAG
from seqkit.task import batches as batching
from seqkit.text.splitting import split_words

if TYPE_CHECKING:
    import tensorflow as tf

WORDS, EXTRA, CHARACTERS, SERIES = "words", "extra", "characters", "series"  # inputs of the network
NO_SENTENCES = Refusal("no sentences at all.", "Pass one or more.")
EMPTY_TOKEN = Refusal("{which} is empty.", "Leave it out, with its tag.")
TOKEN = "token {position} of sentence {number}"
FILL = "Fill them: every step gets a tag."
Sample = Mapping[str, np.ndarray]  # the arrays of one sequence, by the name of the network's input


class Sentences(NamedTuple):
    """The tokens of sentences, and an extra feature of each token."""

    tokens: list[list[str]]
    extra: list[list[str]] | None


class Sequences(NamedTuple):
    """Sequences as arrays for the network, and as tokens or steps."""

    samples: list[Sample]
    rows: Sequence[Any]  # the tokens or the steps of each sequence


class TaggedSequences(NamedTuple):
    """Sequences with a tag for each step."""

    samples: list[Sample]
    tags: list[list[Any]]
    targets: list[np.ndarray]  # the numbers of the tags


def is_words(x: Any) -> bool:
    """Whether `x` holds sentences: a dict of words and extra features, or rows that are strings or hold strings."""
    if isinstance(x, Mapping):
        return True
    x = as_pandas(x)
    if not isinstance(x, (str, list, tuple, np.ndarray, pd.Series, pd.Index)):
        return False
    return is_text(x) or any(is_text(row) for row in x if not isinstance(row, np.ndarray) or row.ndim)


def as_sentences(where: str, x: Any, splitting: str) -> Sentences:
    """Return sentences as lists of tokens; refuse anything else, with the number of its sentence."""
    if not isinstance(x, Mapping):
        return Sentences(_as_tokens(where, x, splitting), None)
    if set(x) != {WORDS, EXTRA}:
        problem = "words with an extra feature must be the dict {'words': sentences, 'extra': features}"
        raise InvalidValue(where, f"{problem}, got the keys {_checks.listed(x) or 'none'}.")
    tokens, extra = _as_tokens(where, x[WORDS], splitting), _as_tokens(f"{where}: extra", x[EXTRA], splitting)
    refuse_unpaired(where, tokens, extra, "extra features")
    return Sentences(tokens, extra)


def _as_tokens(where: str, x: Any, splitting: str) -> list[list[str]]:
    if isinstance(x, str):
        raise InvalidType(where, "a list of sentences is needed, got one string.", "Pass [text].")
    x = as_pandas(x)
    if isinstance(x, pd.DataFrame) or not isinstance(x, Iterable):
        raise InvalidType(where, f"a list of sentences is needed, each a list of tokens, got {type(x).__name__}.")
    sentences = list(x)
    if not sentences:
        raise NO_SENTENCES.error(where)
    texts = [row for row in sentences if isinstance(row, str)]
    split = iter(split_words(texts, splitting, lower=False)) if texts else iter(())
    return [
        next(split) if isinstance(row, str) else _checked_tokens(where, number, row)
        for number, row in enumerate(sentences)
    ]


def _checked_tokens(where: str, number: int, sentence: Any) -> list[str]:
    if isinstance(sentence, Mapping) or not isinstance(sentence, Iterable) or getattr(sentence, "ndim", 1) != 1:
        raise InvalidType(where, f"sentence {number} is {shortened(sentence)}; a list of tokens or a string is needed.")
    tokens = [str(token) if isinstance(token, np.str_) else token for token in sentence]
    for position, token in enumerate(tokens):
        name = TOKEN.format(position=position, number=number)
        if not isinstance(token, str):
            raise InvalidType(where, f"{name} is {shortened(token)}, {_checks.type_name(token)}; strings are needed.")
        if not token:
            raise EMPTY_TOKEN.error(where, which=name)
        refuse_unwritable(where, name, token)
    return tokens


def refuse_unpaired(where: str, rows: Sequence[Any], values: Sequence[Any], name: str, unit: str = "tokens") -> None:
    """Refuse `values` (tags or extra features, as `name` says) unless each step of each row has one."""
    samples = "sentences" if unit == "tokens" else "series"
    if len(rows) != len(values):
        raise InvalidValue(
            where, f"got {len(rows)} {samples}, but {name} for {len(values)}.", "They must pair up one to one."
        )
    for number, (row, row_values) in enumerate(zip(rows, values, strict=True)):
        if len(row) != len(row_values):
            which = f"sentence {number} ({shortened(' '.join(row))})" if unit == "tokens" else f"series {number}"
            raise InvalidValue(
                where, f"{which} has {len(row)} {unit} and {len(row_values)} {name}.", f"Each of the {unit} needs one."
            )


def as_pair(where: str, name: str, pair: Any) -> tuple[Any, Any]:
    """Return the pair (x, y) of sequences and their tags; refuse anything else."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        problem = f"{name} must be the pair (x, y) of sequences and their tags, got {_checks.type_name(pair)}."
        raise InvalidType(where, problem, f"Pass {name}=(x, y).", argument=name)
    return pair[0], pair[1]


def refuse_empty(where: str, tokens: Sequence[Sequence[str]]) -> None:
    """Refuse a sentence without tokens: it teaches nothing."""
    for number, row in enumerate(tokens):
        if not row:
            raise InvalidValue(where, f"sentence {number} has no tokens.", "Leave it out, with its tags.")


def as_series(where: str, x: Any, features: int | None, names: Sequence[str] = ()) -> list[np.ndarray]:
    """Return arrays `[T_i, F]`, without the NaN rows at their end; refuse missing values elsewhere."""
    if is_words(x):
        raise InvalidType(where, "this tagger reads series of numbers, got text.")
    return numeric_series.as_series(where, x, features, way_out=FILL, names=names)


def pad_samples(samples: Sequence[Sample], round_up: int = 1) -> dict[str, np.ndarray]:
    """Stack the arrays of each input, padded with 0 (numbers of words and characters) or NaN (series)."""
    padded = {}
    for name in samples[0]:
        rows = [sample[name] for sample in samples]
        if name == CHARACTERS:
            rows = _trim_characters(rows, round_up)
        padded[name] = batching.pad(rows, np.nan if name == SERIES else 0, round_up)
    return padded


def _trim_characters(rows: Sequence[np.ndarray], round_up: int) -> list[np.ndarray]:
    """Return the numbers of characters `[T_i, C]`, where C is the length of the longest word, rounded up."""
    longest = max(1, *(int((row > 0).any(axis=0).sum()) for row in rows))
    width = -(-longest // round_up) * round_up
    return [np.pad(row[:, :width], [(0, 0), (0, max(0, width - row.shape[1]))]) for row in rows]


def tag_batches(
    sequences: TaggedSequences, batch_size: int, shuffle: bool, weights: np.ndarray | None
) -> tf.data.Dataset:
    """Return batches of the network's inputs by name, the numbers of tags `[B, T]`, and the weights if any."""
    round_up = batching.length_multiple()
    gather = {}
    for name in sequences.samples[0]:
        rows = [sample[name] for sample in sequences.samples]
        if name == CHARACTERS:
            gather[name] = batching.gather_characters(rows, round_up)
        else:
            gather[name] = batching.gather_padded(rows, np.nan if name == SERIES else 0, round_up)
    gather_targets = [batching.gather_padded(sequences.targets, NO_TAG, round_up)]
    if weights is not None:
        gather_targets.append(batching.gather_rows(weights))

    def take(positions: tf.Tensor) -> Any:
        x = {name: gather_input(positions) for name, gather_input in gather.items()}
        return (x, *(gather_target(positions) for gather_target in gather_targets))

    lengths = np.array([len(row) for row in sequences.targets])
    order = batching.batches_of_similar_length(lengths, batch_size, shuffle=shuffle)
    return batching.pipeline(order, take)
