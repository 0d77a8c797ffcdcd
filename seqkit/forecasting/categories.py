"""Category columns of a forecaster: the words that it knows, their codes in its rows, and their numbers in its graph.

Shapes: B samples, N steps or rows, F columns, F2 columns that are known ahead, F3 static columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from keras import ops

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, SeqkitWarning, listed, warn
from seqkit.data import categories as words_of_tables
from seqkit.data.categories import UNKNOWN, in_codes, is_category, words_in
from seqkit.data.context import WHOLE
from seqkit.data.panel_context import Cut
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.categories import MOST_ONE_HOT, CategoryColumns
from seqkit.layers.scaling import TakeColumns


def named_categories(asked: Any) -> list[Any]:
    """The names of the columns that `categories=` calls so."""
    if asked is None:
        return []
    return [asked] if isinstance(asked, (str, int)) else list(asked)


def chosen_words(frame: pd.DataFrame, asked: Any) -> dict[Any, tuple[str, ...]]:
    """The words of each category column of a table, in the order of its dtype, or as `categories=` lists them.

    Args:
        frame: a table or panel, checked by `require_numbers`.
        asked: names of columns, or a mapping of names to words.
    """
    _checks.require_columns(WHERE, "categories", named_categories(asked), frame.columns)
    held = {name: words_in(WHERE, column) for name, column in frame.items() if is_category(column)}
    for name, words in asked.items() if isinstance(asked, Mapping) else ():
        if isinstance(words, str) or not all(isinstance(word, str) and word.strip() for word in words):
            problem = f"categories[{name!r}] must be a list of words, got {words!r:.80}."
            raise InvalidType(WHERE, problem, argument="categories")
        lacking = [word for word in held[name] if word not in words]
        if lacking:
            problem = f"categories[{name!r}] lacks {listed(lacking)}, which the table holds."
            raise InvalidValue(WHERE, problem, "Add it.", argument="categories")
        held[name] = tuple(dict.fromkeys(words))
    return held


def warn_of_constant(frame: pd.DataFrame, words: Mapping[Any, Sequence[str]], others: Sequence[Any]) -> None:
    """Warn of category columns with one word in all rows; of `others`, future and static ones, `adapt` does."""
    constant = [
        name for name in words if name not in others and frame[name].notna().all() and frame[name].nunique() == 1
    ]
    if constant:
        problem = f"the category column {listed(constant)} is the same in all rows, so it tells nothing."
        warn(SeqkitWarning(WHERE, problem, "Leave it out."))


def coded(settings: ForecasterSettings, frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The table in numbers, as the model reads it; a panel that `split` cut keeps its earlier rows, in numbers too."""
    if not settings.categories:
        return frame
    words, static = settings.words, settings.static_columns
    gaps = () if settings.unseen == UNKNOWN else static
    numbers = in_codes(where, frame, words, settings.unseen, gaps)
    cut = frame.attrs.get(WHOLE)
    if isinstance(cut, Cut) and set(words) <= set(cut.whole.columns):
        whole = in_codes(where, cut.whole, words, UNKNOWN, gaps)
        numbers.attrs = {**frame.attrs, WHOLE: Cut(whole, cut.first, cut.begin, cut.target, cut.stop)}
    return numbers


def in_words(settings: ForecasterSettings, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the model's numbers with words again, where it has categories."""
    return words_of_tables.in_words(frame, settings.words) if settings.categories else frame


def word_of(settings: ForecasterSettings, name: Any, value: float) -> str:
    """A value of a column in messages: a number, or the word of a code."""
    if name not in settings.words:
        return f"{value:g}"
    return repr(settings.words[name][int(value) - 1]) if value else "an unknown word"


def category_columns(settings: ForecasterSettings, columns: Sequence[Any], name: str) -> CategoryColumns | None:
    """The layer for some columns of the model; None where no category is among them."""
    positions = [at for at, column in enumerate(columns) if column in settings.words]
    sizes = [len(settings.words[columns[at]]) for at in positions]
    return CategoryColumns(positions, sizes, name=name) if positions else None


def with_numbers(settings: ForecasterSettings, columns: Sequence[Any], values: Any, codes: Any, name: str) -> Any:
    """Values `(B, N, F)` with the numbers of their categories; `codes` are the same columns before any scaling."""
    layer = category_columns(settings, columns, name)
    if layer is None:
        return values
    return layer(values, TakeColumns(layer.positions, name=f"{name}_codes")(codes))


def expanded(layer: CategoryColumns | None, columns: np.ndarray) -> np.ndarray:
    """Rows `(N, F2)` as the effects read them, `(N, O)`."""
    if layer is None:
        return columns
    made = layer(columns[None].astype("float32"), columns[None][..., layer.positions].astype("float32"))
    return np.asarray(ops.convert_to_numpy(made)[0], "float64")


def of_categories(
    layer: CategoryColumns | None, level: np.ndarray, spread: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The level and spread `(O,)` by which effects scale: a gap is zero in a category, and learnt vectors stay so."""
    if layer is None:
        return level, spread
    places = layer.places(len(level) - sum(layer.widths) + len(layer.sizes))
    for position, size in zip(layer.positions, layer.sizes, strict=True):
        level[places[position]] = 0.0
        if size > MOST_ONE_HOT:
            spread[places[position]] = 1.0
    return level, spread
