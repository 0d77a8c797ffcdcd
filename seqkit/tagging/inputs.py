"""What a tagger reads: sentences as lists of tokens or raw strings, or series of numbers; checked, and made plain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from reprlib import repr as shortened
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit.data import series as inputs
from seqkit.data.texts import is_text, refuse_unwritable
from seqkit.text.vocabulary import split_words

WORDS, EXTRA = "words", "extra"


class Sentences(NamedTuple):
    """Tokens, and what else is said of each."""

    tokens: list[list[str]]
    extra: list[list[str]] | None


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
        raise ValueError(
            f"{where}: words with an extra feature are the dict {{'words': sentences, 'extra': features}}, got the "
            f"keys {_checks.listed(x) or 'none'}."
        )
    tokens, extra = _as_tokens(where, x[WORDS], splitting), _as_tokens(f"{where}: extra", x[EXTRA], splitting)
    pair_up(where, tokens, extra, "extra features")
    return Sentences(tokens, extra)


def _as_tokens(where: str, x: Any, splitting: str) -> list[list[str]]:
    if isinstance(x, str):
        raise TypeError(f"{where}: a list of sentences is needed, got one string. Pass [text].")
    if isinstance(x, pd.DataFrame) or not isinstance(x, Iterable):
        raise TypeError(f"{where}: a list of sentences is needed, each a list of tokens, got {type(x).__name__}.")
    rows = list(x)
    if not rows:
        raise ValueError(f"{where}: no sentences at all. Pass one or more.")
    texts = [row for row in rows if isinstance(row, str)]
    split = iter(split_words(texts, splitting, lower=False)) if texts else iter(())
    return [next(split) if isinstance(row, str) else _one(where, number, row) for number, row in enumerate(rows)]


def _one(where: str, number: int, row: Any) -> list[str]:
    if isinstance(row, Mapping) or not isinstance(row, Iterable) or getattr(row, "ndim", 1) != 1:
        raise TypeError(f"{where}: sentence {number} is {shortened(row)}; a list of tokens or a string is needed.")
    tokens = [str(one) if isinstance(one, np.str_) else one for one in row]
    for place, token in enumerate(tokens):
        if not isinstance(token, str):
            raise TypeError(
                f"{where}: token {place} of sentence {number} is {shortened(token)}, a {type(token).__name__}; strings "
                "are needed."
            )
        if not token:
            raise ValueError(f"{where}: token {place} of sentence {number} is empty. Leave it out, with its tag.")
        refuse_unwritable(f"{where}: token {place} of sentence {number}", token)
    return tokens


def pair_up(where: str, rows: Sequence[Any], others: Sequence[Any], name: str, unit: str = "tokens") -> None:
    """Refuse another number of rows, or a row of another length, by its number."""
    kind = "sentences" if unit == "tokens" else "series"
    if len(rows) != len(others):
        raise ValueError(f"{where}: {len(rows)} {kind} and {name} of {len(others)}. They must pair up one to one.")
    for number, (row, other) in enumerate(zip(rows, others, strict=True)):
        if len(row) != len(other):
            which = f"sentence {number} ({shortened(' '.join(row))})" if unit == "tokens" else f"series {number}"
            raise ValueError(
                f"{where}: {which} has {len(row)} {unit} and {len(other)} {name}. Each of the {unit} needs one."
            )


def refuse_empty(where: str, tokens: Sequence[Sequence[str]]) -> None:
    """There is nothing to learn from a sentence without tokens."""
    for number, row in enumerate(tokens):
        if not row:
            raise ValueError(f"{where}: sentence {number} has no tokens. Leave it out, with its tags.")


def as_series(where: str, x: Any, features: int | None) -> list[np.ndarray]:
    """Arrays `[T_i, F]`, with NaN at the end taken off; refuse missing values elsewhere."""
    if is_words(x):
        raise TypeError(f"{where}: this tagger reads series of numbers, got text.")
    return inputs.as_series(where, x, features, way_out="Fill them: every step gets a tag.")
