"""Columns of categories: words of a few kinds, in tables of pandas dtype category; and their codes.

Shapes: N rows. A code is 0 for a gap, 1 for the first word, and so on.
"""

from __future__ import annotations

import numbers
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, listed

REFUSE, UNKNOWN = "refuse", "unknown"
UNSEEN = {REFUSE: "refuse a word that the model does not know", UNKNOWN: "take it as a gap"}
MOST_WORDS_LISTED = 10


def is_category(column: pd.Series) -> bool:
    """Whether a column has the pandas dtype category."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def is_text(column: pd.Series) -> bool:
    """Whether a column may hold words: of dtype category, objects or texts."""
    return is_category(column) or column.dtype == object or isinstance(column.dtype, pd.StringDtype)


def category_names(frame: pd.DataFrame, categories: Collection[Any] | None) -> list[Any]:
    """The columns that stay words: those of dtype category and those that are named; none if `categories` is None."""
    if categories is None:
        return []
    return [name for name, column in frame.items() if is_category(column) or name in categories]


def as_category(where: str, column: pd.Series) -> pd.Series:
    """A column of words as pandas dtype category; a blank one is a gap. Refuse numbers, and words among numbers."""
    way_out = f"Write them as words: table[{column.name!r}].astype(str).astype('category')."
    if not is_text(column):
        problem = f"column {column.name!r} is a category, and it holds numbers, of dtype {column.dtype}."
        raise InvalidType(where, problem, way_out)
    known = column.cat.categories if is_category(column) else pd.Index(column.dropna().unique(), dtype=object)
    others = [value for value in known.tolist() if not isinstance(value, str)]
    if others:
        at = column.index[int(np.argmax((column == others[0]).to_numpy(bool, na_value=False)))]
        kind = "number" if isinstance(others[0], numbers.Number) else type(others[0]).__name__
        words = [value for value in known.tolist() if isinstance(value, str)]
        problem = f"the category column {column.name!r} holds the {kind} {others[0]!r} at {place(at)}"
        problem += f", among words such as {words[0]!r}." if words else "; a category is a word."
        raise InvalidType(where, problem, way_out)
    if not is_category(column):
        column = column.astype(pd.CategoricalDtype(sorted(known)))
    blank = [word for word in column.cat.categories if not word.strip()]
    return column.cat.remove_categories(blank) if blank else column


def place(at: Any) -> str:
    """A time stamp, or that of a series."""
    return f"{at[1]} of series {at[0]!r}" if isinstance(at, tuple) else str(at)


def words_in(where: str, column: pd.Series) -> tuple[str, ...]:
    """The words that a category column holds, in its own order; refuse one without any."""
    held = column.cat.remove_unused_categories().cat.categories
    if not len(held):
        problem = f"the category column {column.name!r} has no known value."
        raise InvalidValue(where, problem, "Leave it out.", "like")
    return tuple(held.tolist())


def codes_of(where: str, column: pd.Series, words: Sequence[str], unseen: str = UNKNOWN) -> np.ndarray:
    """The codes `(N,)` of a category column; a word that is unknown is refused by name and place, or a gap."""
    codes = pd.Index(words).get_indexer(pd.Index(column.cat.categories, dtype=object))
    codes = np.append(codes, -1)[column.cat.codes.to_numpy()] + 1  # a gap has the last place, -1
    is_unseen = (codes == 0) & column.notna().to_numpy()
    if unseen == REFUSE and is_unseen.any():
        row = int(np.argmax(is_unseen))
        problem = f"column {column.name!r} has the category {column.iloc[row]!r} at {place(column.index[row])}, which "
        problem += f"the model has not seen; it knows {listed(words, most=MOST_WORDS_LISTED)}."
        raise InvalidValue(where, problem, 'Correct it, or build with unseen="unknown", which takes it as a gap.')
    return codes.astype("float64")


def in_codes(
    where: str, frame: pd.DataFrame, words: Mapping[Any, Sequence[str]], unseen: str = UNKNOWN, gaps: Iterable[Any] = ()
) -> pd.DataFrame:
    """The table with codes in the place of words.

    Args:
        where: the function, for messages.
        frame: a table whose category columns `require_numbers` has checked.
        words: of each category column.
        unseen: what to do about other words, of `UNSEEN`.
        gaps: columns in which a gap is NaN rather than 0.
    """
    others = [name for name, column in frame.items() if is_category(column) and name not in words]
    if others:
        problem = f"column {others[0]!r} has dtype category, and the model was built for numbers there."
        raise InvalidType(where, problem, "Leave it out, or use pd.to_numeric.")
    names = [name for name in words if name in frame.columns]
    if not names:
        return frame
    coded = frame.copy(deep=False)
    for name in names:
        codes = codes_of(where, frame[name], words[name], unseen)
        coded[name] = np.where(frame[name].isna(), np.nan, codes) if name in gaps else codes
    coded.attrs = frame.attrs
    return coded


def in_words(frame: pd.DataFrame, words: Mapping[Any, Sequence[str]]) -> pd.DataFrame:
    """The table with words in the place of codes; what has no code is a gap."""
    spelt = frame.copy(deep=False)
    for name in (name for name in words if name in frame.columns):
        codes = np.nan_to_num(frame[name].to_numpy("float64")).astype(int) - 1
        dtype: Any = pd.CategoricalDtype(list(words[name]))
        spelt[name] = pd.Categorical.from_codes(codes, dtype=dtype)
    spelt.attrs = frame.attrs
    return spelt


def without_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of numbers alone."""
    words = category_names(frame, ())
    return frame.drop(columns=words) if words else frame


def own_words(frame: pd.DataFrame) -> dict[Any, list[str]]:
    """All words of the dtype of each category column."""
    return {name: column.cat.categories.tolist() for name, column in frame.items() if is_category(column)}


def checked_unseen(where: str, unseen: Any) -> str:
    """Check what becomes of words that are not known."""
    _checks.choice(where, "unseen", unseen, UNSEEN)
    return str(unseen)
