"""Forms of time stamps that strptime has no code for: half years, quarters, ISO weeks, fiscal years, short years."""

from __future__ import annotations

import re

import pandas as pd

FISCAL_YEAR = "fiscal year"
ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
FORMS = {  # the name of a form, and its pattern with named groups
    "half year": r"(?P<year>\d{4})[- ]?[HhSs](?P<half>[12])",
    "half year first": r"[HhSs](?P<half>[12])[-/ ]?(?P<year>\d{4})",
    "quarter before year": r"(?P<quarter>[1-4])[Qq][-/. ]?(?P<year>\d{4})",
    "quarter in Roman numbers": r"(?P<year>\d{4})[-/. ](?P<roman>IV|I{1,3})",
    "ISO week": r"(?P<year>\d{4})[- ]?[WwKk]+(?P<week>\d{1,2})(?:-(?P<weekday>[1-7]))?",
    FISCAL_YEAR: r"(?P<year>\d{4})\s?[-/–]\s?(?P<next>\d{4}|\d\d)",
    "number of month and short year": r"(?P<number>\d{1,2})[-/ ']+(?P<short>\d\d)",
    "month and short year": r"(?P<month>[A-Z][a-z]{2})[-/ ']+(?P<short>\d\d)",
}
LONGEST_MONTH = 31
MONTHS_OF_HALF, MONTHS_OF_QUARTER = 6, 3


def forms_of(text: str) -> list[str]:
    """The names of the forms that match a text."""
    return [name for name, pattern in FORMS.items() if re.fullmatch(pattern, text)]


def parse_form(texts: pd.Series, form: str) -> pd.Series:
    """Stamps of one form; NaT where a text has another one."""
    return _READERS[form](texts.str.extract(f"^{FORMS[form]}$"))


def _of_months(year: pd.Series, month: pd.Series) -> pd.Series:
    month = pd.to_numeric(month, errors="coerce")
    table = pd.DataFrame({"year": pd.to_numeric(year, errors="coerce"), "month": month, "day": 1})
    return pd.to_datetime(table, errors="coerce")


def _half_years(parts: pd.DataFrame) -> pd.Series:
    return _of_months(parts["year"], (pd.to_numeric(parts["half"]) - 1) * MONTHS_OF_HALF + 1)


def _quarters(parts: pd.DataFrame) -> pd.Series:
    return _of_months(parts["year"], (pd.to_numeric(parts["quarter"]) - 1) * MONTHS_OF_QUARTER + 1)


def _roman_quarters(parts: pd.DataFrame) -> pd.Series:
    return _of_months(parts["year"], (parts["roman"].map(ROMAN) - 1) * MONTHS_OF_QUARTER + 1)


def _iso_weeks(parts: pd.DataFrame) -> pd.Series:
    texts = parts["year"] + "-" + parts["week"].str.zfill(2) + "-" + parts["weekday"].fillna("1")
    return pd.to_datetime(texts, format="%G-%V-%u", errors="coerce")


def _fiscal_years(parts: pd.DataFrame) -> pd.Series:
    """The first year of each pair, where all pairs are a year and the next: 2001-02 alone may be a month."""
    year, following = pd.to_numeric(parts["year"]), pd.to_numeric(parts["next"])
    is_pair = (following == year + 1) | (following == (year + 1) % 100)
    are_pairs = bool(is_pair[year.notna()].all()) and year.nunique() > 1
    return _of_months(year if are_pairs else year * float("nan"), year * 0 + 1)


def _short_years_of_numbers(parts: pd.DataFrame) -> pd.Series:
    """Months of two-digit years, where a number above 31 shows that these are years: 1/86 is January 1986."""
    short = pd.to_numeric(parts["short"])
    are_years = bool((short > LONGEST_MONTH).any())
    month = pd.to_numeric(parts["number"])
    return _in_order(short if are_years else short * float("nan"), month)


def _short_years(parts: pd.DataFrame) -> pd.Series:
    """Months of two-digit years, in the past where that keeps their order: Jan-49 is January 1949.

    The numbers may also be days of a month; they are years if no stamp stands twice and all run one way.
    """
    month = pd.to_datetime(parts["month"], format="%b", errors="coerce").dt.month
    return _in_order(pd.to_numeric(parts["short"]), month)


def _in_order(short: pd.Series, month: pd.Series) -> pd.Series:
    """Months of two-digit years in the century that puts them in order, the past one first; NaT if none does."""
    year = short + 2000
    past = year.where(year <= pd.Timestamp.today().year + 1, year - 100)
    for years in (past, year):
        stamps = _of_months(years, month)
        if stamps.is_unique and (stamps.is_monotonic_increasing or stamps.is_monotonic_decreasing):
            return stamps if month.nunique() > 1 else _of_months(years * float("nan"), month)
    return _of_months(year * float("nan"), month)


_READERS = {
    "half year": _half_years,
    "half year first": _half_years,
    "quarter before year": _quarters,
    "quarter in Roman numbers": _roman_quarters,
    "ISO week": _iso_weeks,
    FISCAL_YEAR: _fiscal_years,
    "number of month and short year": _short_years_of_numbers,
    "month and short year": _short_years,
}
