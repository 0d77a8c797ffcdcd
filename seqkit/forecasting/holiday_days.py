"""The public holidays of a country, from the `holidays` package (extra `holidays`), kept as plain days.

The package is read when a model is built, never when it is loaded or served.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue

WHERE, PACKAGE, EXTRA = "build_forecaster", "holidays", "holidays"
FIRST_YEAR, LAST_YEAR = 1950, 2100  # as far as the package knows the country


class Holidays(NamedTuple):
    """The holidays of a country, or of a part of it."""

    country: str  # its code, such as "DE", or with a part of the country "DE-BY"
    days: tuple[int, ...]  # since 1970-01-01, ascending
    years: tuple[int, int]  # the first and the last for which they are known


def holidays_of(country: Any) -> Holidays:
    """The holidays of a country.

    Args:
        country: its ISO code, such as `"DE"`, or with the code of a part of it, such as `"DE-BY"`.

    Raises:
        InvalidType, InvalidValue: no text, a country or a part that the package does not know, or no package.
    """
    if not isinstance(country, str):
        problem = f"holidays must be the code of a country, got {_checks.type_name(country)}."
        raise InvalidType(WHERE, problem, 'Pass one as in "DE", or "DE-BY" with a part of it.', argument="holidays")
    if importlib.util.find_spec(PACKAGE) is None:
        problem = f"holidays={country!r} needs the package {PACKAGE}, which is not installed."
        raise InvalidValue(WHERE, problem, f"Install it: pip install 'seqkit[{EXTRA}]'.", argument="holidays")
    code, _, part = country.upper().partition("-")
    whole = _country(country, code, part)
    years = _fully_known(
        country, code, part, range(max(FIRST_YEAR, whole.start_year), min(LAST_YEAR, whole.end_year) + 1)
    )
    days = _country(country, code, part, years)
    numbers = np.unique(np.array(list(days), "datetime64[D]").astype("int64"))
    return Holidays(country.upper(), tuple(numbers.tolist()), (years[0], years[-1]))


def _fully_known(asked: str, code: str, part: str, years: Sequence[int]) -> Sequence[int]:
    """The years of which the package does not warn that some days are not known, such as the feasts of India."""
    known = []
    for year in years:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _country(asked, code, part, year)
        if not caught:
            known.append(year)
    return range(known[0], known[-1] + 1) if known else years


def _country(asked: str, code: str, part: str, years: Any = ()) -> Any:
    import holidays

    parts = holidays.list_supported_countries(include_aliases=True)
    if code not in parts:
        problem = f"there is no holiday calendar of {asked!r}."
        names = "Pass the ISO code of a country, as in 'DE'; holidays.list_supported_countries() has them all."
        raise InvalidValue(WHERE, problem, names, argument="holidays")
    try:
        return holidays.country_holidays(code, subdiv=part or None, years=years)
    except NotImplementedError as error:
        problem = f"{code} has no part {part!r} with a holiday calendar of its own."
        known = f"Its parts are {_checks.listed(parts[code])}." if parts[code] else f"Pass {code!r} alone."
        raise InvalidValue(WHERE, problem, known, argument="holidays") from error
