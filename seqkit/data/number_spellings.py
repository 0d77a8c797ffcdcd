"""Numbers in other spellings, rewritten as plain ones: truth values, units, brackets, groups by blanks."""

from __future__ import annotations

import pandas as pd

from seqkit._errors import SeqkitWarning, warn

TRUTH = {"true": "1", "false": "0"}
BLANKS = " \u00a0\u2009\u202f"
NUMBER = rf"[+\-\u2212]?\d[\d.,'’{BLANKS}]*(?:[eE][+\-]?\d+)?|[+\-\u2212]?[.,]\d+"
UNIT_BEFORE, UNIT_BEHIND = r"(?P<sign>[+\-\u2212]?)(?P<before>[^\d+\-\u2212.,()]*?)", r"(?P<after>[^\d.,()]*)"
WITH_UNIT = rf"^{UNIT_BEFORE}[{BLANKS}]*(?P<number>{NUMBER})[{BLANKS}]*{UNIT_BEHIND}$"
MULTIPLIERS = {"k", "K", "m", "M", "b", "B", "bn", "Mio", "Mrd", "万", "亿"}  # 1.51K is not 1.51
BRACKETS = r"^\((.*\d.*)\)$"
MINUS_BEHIND = r"^(.*\d.*)[\-\u2212]$"
GROUPED = rf"(?<=\d)[{BLANKS}'’](?=\d{{3}}(?:\D|$))"
LAKH = r"^([+\-\u2212]?)(\d{1,2}(?:,\d{2})+,\d{3})(\.\d*)?$"
BELOW_OR_ABOVE = r"^[<>≤≥]\s*\d"


def plain_numbers(where: str, name: str, texts: pd.Series) -> pd.Series:
    """The cells of a column with numbers as plain text; what is no number stays as it is, for the refusal.

    Truth values become 1 and 0. A unit or currency sign goes where all cells have the same one. A number below a limit
    of detection, such as <1, becomes missing, with a warning.

    Args:
        where: the function and the file, for messages.
        name: the name of the column.
        texts: its cells, NaN where they are missing.
    """
    known = texts.dropna()
    if known.str.lower().isin(list(TRUTH)).all():
        return texts.str.lower().map(TRUTH)
    texts = _without_limits(where, name, texts)
    texts = texts.str.replace(BRACKETS, r"-\1", regex=True).str.replace(MINUS_BEHIND, r"-\1", regex=True)
    texts = _without_unit(texts)
    texts = texts.str.replace(GROUPED, "", regex=True)
    return texts.str.replace(LAKH, lambda match: match[0].replace(",", ""), regex=True)


def _without_limits(where: str, name: str, texts: pd.Series) -> pd.Series:
    is_limit = texts.str.contains(BELOW_OR_ABOVE, na=False)
    if not is_limit.any():
        return texts
    problem = f"column {name!r} has {int(is_limit.sum())} cells that name a limit, such as {texts[is_limit].iloc[0]!r}"
    warn(SeqkitWarning(where, problem + "; they are missing values.", "Write a number there to keep them.", "columns"))
    return texts.mask(is_limit)


def _without_unit(texts: pd.Series) -> pd.Series:
    """The numbers alone, where all have the same unit before or behind."""
    parts = texts.dropna().str.extract(WITH_UNIT)
    units = parts[["before", "after"]].apply(lambda column: column.str.strip(BLANKS))
    if parts["number"].isna().any() or len(units.drop_duplicates()) != 1 or not len(units):
        return texts
    before, after = units.iloc[0]
    if not (before or after) or after in MULTIPLIERS:
        return texts
    return (parts["sign"] + parts["number"].str.strip(BLANKS)).reindex(texts.index)
