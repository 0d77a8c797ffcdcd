"""The columns of a file as numbers and, where they are named, as categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqkit._checks import require_columns
from seqkit._errors import InvalidValue
from seqkit.data.cells import Cells
from seqkit.data.numbers import to_numbers
from seqkit.data.sentinels import without_sentinels
from seqkit.data.text_columns import PLAIN_NUMBER

if TYPE_CHECKING:
    from seqkit.data.long_files import Reading


def refuse_unknown_categories(cells: Cells, how: Reading, time_names: list[str]) -> None:
    """Refuse categories that the file lacks, and those that are the time."""
    require_columns(cells.where, "categories", how.categories, cells.texts.columns)
    both = [name for name in how.categories if name in time_names]
    if both:
        problem = f"{both[0]!r} is named in categories, and it is the time."
        raise InvalidValue(cells.where, problem, "Name it once.", "categories")


def values_of_cells(cells: Cells, names: list[str], how: Reading, codes: np.ndarray | None = None) -> pd.DataFrame:
    """The columns in the order of `names`: numbers as float64, NaN where missing, and categories as dtype category.

    Args:
        cells: the file.
        names: the columns.
        how: the arguments of `read_csv`.
        codes: the number of each row's series `(rows,)` in a long file.
    """
    plain = [name for name in names if name not in how.categories]
    numbers = pd.DataFrame(index=pd.RangeIndex(len(cells.texts)))
    if plain:
        numbers = without_sentinels(
            cells.where, to_numbers(cells, plain, how.decimal, beside=how.used), how.missing, codes
        )
    words = {name: _words(cells, name) for name in names if name in how.categories}
    return numbers if not words else numbers.assign(**words)[names]


def _words(cells: Cells, name: str) -> pd.Series:
    """A column as categories in the order of the alphabet; refuse numbers among words, and an empty column."""
    texts = cells.texts[name].reset_index(drop=True)
    held = sorted(texts.dropna().unique())
    if not held:
        problem = f"the category column {name!r} is empty in every row."
        raise InvalidValue(cells.where, problem, "Leave it out.", "categories")
    numbers = [text for text in held if PLAIN_NUMBER.fullmatch(text)]
    if numbers and len(numbers) < len(held):
        word = next(text for text in held if text not in numbers)
        line = cells.lines[int(np.argmax(texts.isin(numbers).to_numpy()))]
        number = texts[texts.isin(numbers)].iloc[0]
        problem = f"line {line}: the category column {name!r} holds the number {number!r} among words such as {word!r}."
        raise InvalidValue(cells.where, problem, "Write all of them as words, such as 'none' for 0.", "categories")
    return texts.astype(pd.CategoricalDtype(held))
