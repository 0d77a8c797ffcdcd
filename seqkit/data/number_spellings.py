"""Numbers in other spellings, rewritten as plain ones: truth values, units, brackets, groups by blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from seqkit._errors import SeqkitWarning, warn
from seqkit.data.text_columns import known_cells, rewritten

TRUTH = {"true": "1", "false": "0"}
BLANKS = " \u00a0\u2009\u202f"
NUMBER = rf"[+\-\u2212]?\d[\d.,'’{BLANKS}]*(?:[eE][+\-]?\d+)?|[+\-\u2212]?[.,]\d+"
UNIT_BEFORE, UNIT_BEHIND = r"(?P<sign>[+\-\u2212]?)(?P<before>[^\d+\-\u2212.,()]*?)", r"(?P<after>[^\d.,()]*)"
WITH_UNIT = re.compile(rf"^{UNIT_BEFORE}[{BLANKS}]*(?P<number>{NUMBER})[{BLANKS}]*{UNIT_BEHIND}$")
MULTIPLIERS = {"k", "K", "m", "M", "b", "B", "bn", "Mio", "Mrd", "万", "亿"}  # 1.51K is not 1.51
BRACKETS = re.compile(r"^\((.*\d.*)\)$")
MINUS_BEHIND = re.compile(r"^(.*\d.*)[\-\u2212]$")
GROUPED = re.compile(rf"(?<=\d)[{BLANKS}'’](?=\d{{3}}(?:\D|$))")
LAKH = re.compile(r"^([+\-\u2212]?)(\d{1,2}(?:,\d{2})+,\d{3})(\.\d*)?$")
BELOW_OR_ABOVE = re.compile(r"^[<>≤≥]\s*\d")


def plain_numbers(where: str, name: str, texts: pd.Series) -> pd.Series:
    """The cells of a column with numbers as plain text; what is no number stays as it is, for the refusal.

    Truth values become 1 and 0. A unit or currency sign goes where all cells have the same one. A number below a limit
    of detection, such as <1, becomes missing, with a warning.

    Args:
        where: the function and the file, for messages.
        name: the name of the column.
        texts: its cells, NaN where they are missing.
    """
    known = known_cells(texts)
    if all(cell.lower() in TRUTH for cell in known):
        return rewritten(texts, lambda cell: TRUTH[cell.lower()])
    limits = [cell for cell in known if BELOW_OR_ABOVE.match(cell)]
    if limits:
        problem = f"column {name!r} has {len(limits)} cells that name a limit, such as {limits[0]!r}"
        warn(
            SeqkitWarning(
                where, problem + "; they are missing values.", "Write a number there to keep them.", "columns"
            )
        )
        texts = rewritten(texts, lambda cell: np.nan if BELOW_OR_ABOVE.match(cell) else cell)
    texts = rewritten(texts, _with_minus_before)
    if _have_one_unit(known_cells(texts)):
        texts = rewritten(texts, _without_unit)
    return rewritten(texts, _without_groups)


def _with_minus_before(cell: str) -> str:
    return MINUS_BEHIND.sub(r"-\1", BRACKETS.sub(r"-\1", cell))


def _have_one_unit(known: Iterable[str]) -> bool:
    """Whether all cells are numbers with the same unit before or behind."""
    units = set()
    for cell in known:
        parts = WITH_UNIT.match(cell)
        if parts is None:
            return False
        units.add((parts["before"].strip(BLANKS), parts["after"].strip(BLANKS)))
        if len(units) > 1:
            return False
    return bool(units) and units != {("", "")} and units.isdisjoint(("", after) for after in MULTIPLIERS)


def _without_unit(cell: str) -> str:
    parts = WITH_UNIT.match(cell)
    return "" if parts is None else parts["sign"] + parts["number"].strip(BLANKS)


def _without_groups(cell: str) -> str:
    return LAKH.sub(lambda match: match[0].replace(",", ""), GROUPED.sub("", cell))
