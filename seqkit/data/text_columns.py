"""The columns of a file as text, each made when it is asked for: most columns are only needed as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

# The texts that pandas reads as missing, and the marks of statistical offices.
MISSING = {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"}
MISSING |= {"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
MISSING |= {"?", "-", "--", "\u2013", "\u2014", ".", "..", "...", ":", "\\N", "na", "n.a."}
MISSING |= {"#DIV/0!", "#VALUE!", "#REF!", "#NUM!", "#NAME?"}

PLAIN_NUMBER = re.compile(r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)?")
LONGEST_VALUE = 1000  # characters; the patterns of numbers and stamps take long for long texts


class TextColumns:
    """Columns of text by their names, made by `make(name)` and then kept.

    Args:
        columns: the names.
        rows: the number of rows.
        make: the cells `(rows,)` of the column of this name.
    """

    def __init__(self, columns: list[str], rows: int, make: Callable[[str], pd.Series]) -> None:
        self.columns = columns
        self.index = pd.RangeIndex(rows)
        self._make = make
        self._made: dict[str, pd.Series] = {}

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, name: str) -> pd.Series:
        if name not in self._made:
            self._made[name] = self._make(name).rename(name)
        return self._made[name]

    def table(self, names: list[str]) -> pd.DataFrame:
        """These columns beside each other."""
        return pd.DataFrame({name: self[name] for name in names}, index=self.index, columns=names)

    def kept(self, chosen: np.ndarray, columns: list[str]) -> TextColumns:
        """These columns in the chosen rows alone."""
        return TextColumns(columns, int(chosen.sum()), lambda name: self[name][chosen].reset_index(drop=True))


def numbers_of(cells: list[str]) -> np.ndarray | None:
    """The numbers of cells that are all plain numbers or empty, NaN where empty; None where one is neither."""
    stripped = [cell.strip() for cell in cells]
    if not all(PLAIN_NUMBER.fullmatch(cell) for cell in stripped):
        return None
    numbers = pd.to_numeric(np.array(stripped, dtype=object), errors="coerce").astype("float64")
    is_read = np.isfinite(numbers).sum() == len(stripped) - stripped.count("")  # pandas drops very long whole numbers
    return numbers if is_read else None


def as_values(texts: pd.Series) -> pd.Series:
    """The cells as numbers or stamps: NaN where one is a usual mark of a missing value, cut where it is too long."""
    is_missing = texts.isin(MISSING)
    texts = texts.mask(is_missing) if is_missing.any() else texts
    is_long = texts.str.len() > LONGEST_VALUE
    return texts.mask(is_long, texts.str.slice(stop=LONGEST_VALUE) + " ...") if is_long.any() else texts


def holds_nothing(cells: pd.Series) -> bool:
    """Whether every cell is missing; the first that is not ends the search."""
    return all(not isinstance(cell, str) or cell.strip() in MISSING for cell in cells)


def known_cells(texts: pd.Series) -> list[str]:
    """The cells that are not missing."""
    return [cell for cell in texts.tolist() if isinstance(cell, str)]


def rewritten(texts: pd.Series, rewrite: Callable[[str], object]) -> pd.Series:
    """Each cell rewritten, those that are missing left out; in a wide file the methods of pandas take longer to begin.

    `rewrite` gives a text, or NaN.
    """
    return pd.Series(
        [rewrite(cell) if isinstance(cell, str) else np.nan for cell in texts.tolist()], texts.index, "str"
    )
