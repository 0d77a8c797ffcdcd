"""Checks of arguments that many functions share, with their messages."""

from __future__ import annotations

import difflib
import numbers
import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from seqkit._errors import InvalidType, InvalidValue, keywords, listed
from seqkit._refusals import Refusal

Value = TypeVar("Value")
TOO_SMALL = Refusal("{name} must be {least} or more, got {value}.")
SECONDS = {"s": 1, "m": 60, "h": 3600}
LARGEST_SEED = 2**32 - 1  # NumPy accepts no larger one


def whole_number(where: str, name: str, value: object, least: int = 1) -> int:
    """Return `value` as an int, or refuse fractions, booleans, NaN and anything below `least`."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole:
        way_out = "Pass " + keywords(**{name: max(least, 1)}) + " or more."
        raise InvalidType(where, f"{name} must be a whole number, got {value!r}.", way_out, name)
    if int(value) < least:  # type: ignore[call-overload]
        raise TOO_SMALL.error(where, argument=name, name=name, least=least, value=value)
    return int(value)  # type: ignore[call-overload]


def seed(where: str, value: object) -> int:
    """Return a seed for `keras.utils.set_random_seed`, or refuse a value that it does not take."""
    number = whole_number(where, "seed", value, least=0)
    if number > LARGEST_SEED:
        raise InvalidValue(where, f"seed must be at most {LARGEST_SEED}, got {value}.", argument="seed")
    return number


def fraction(where: str, name: str, value: object) -> float:
    """Return `value` as a float in [0, 1), or refuse it; Keras clips it silently."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number:
        raise InvalidType(where, f"{name} must be a number from 0 to below 1, got {value!r}.", argument=name)
    if not 0 <= float(value) < 1:  # type: ignore[arg-type]
        raise InvalidValue(where, f"{name} must be from 0 to below 1, got {value}.", "Pass 0 for none.", name)
    return float(value)  # type: ignore[arg-type]


def positive_number(where: str, name: str, value: object) -> float:
    """Return `value` as a float above zero, or refuse it."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number:
        raise InvalidType(where, f"{name} must be a number above 0, got {value!r}.", argument=name)
    if not 0 < float(value) < float("inf"):  # type: ignore[arg-type]
        raise InvalidValue(where, f"{name} must be a finite number above 0, got {value}.", argument=name)
    return float(value)  # type: ignore[arg-type]


def seconds(where: str, name: str, value: Any) -> float | None:
    """Return a time in seconds: None, a number, or text such as "30s", "2m", "1h"."""
    if value is None:
        return None
    written = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", value) if isinstance(value, str) else None
    number = float(written[1]) * SECONDS[written[2] or "s"] if written else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < float("inf"):
        problem = keywords(**{name: value}) + " must be a time above zero."
        way_out = (
            "Pass seconds, or text in s, m or h: " + keywords(**{name: "30s"}) + ", " + keywords(**{name: "2m"}) + "."
        )
        raise InvalidValue(where, problem, way_out, argument=name)
    return float(number)


def choice(where: str, name: str, value: object, choices: Mapping[str, Value]) -> Value:
    """Return `choices[value]`, or refuse an unknown value, list the choices and suggest the nearest."""
    if isinstance(value, str) and value in choices:
        return choices[value]
    problem = f"{name} must be one of {listed(choices)}, got {value!r}."
    raise InvalidValue(where, problem, did_you_mean(value, choices), name)


def require_columns(where: str, name: str, columns: Any, table_columns: Collection[Any]) -> list[Any]:
    """Return the column or columns as a list, or refuse one that the table lacks or that is named twice."""
    columns = [columns] if isinstance(columns, str) or not isinstance(columns, Iterable) else list(columns)
    for column in columns:
        if not isinstance(column, Hashable) or column not in table_columns:
            problem = f"{name} {column!r} is not in the table, whose columns are {listed(table_columns)}."
            raise InvalidValue(where, problem, did_you_mean(column, table_columns), name)
        if columns.count(column) > 1:
            raise InvalidValue(where, f"{name} {column!r} is named twice.", "Name it once.", name)
    return columns


def type_name(value: object) -> str:
    """Return the name of the value's type with its article: "a list", "an int"."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def did_you_mean(value: object, choices: Iterable[Any]) -> str:
    """Return a suggestion with a leading space, or "" where no choice is near."""
    by_lower_case = {str(choice).lower(): choice for choice in reversed(list(choices))}
    nearest = difflib.get_close_matches(str(value).lower(), by_lower_case, n=1)
    return f" Did you mean {by_lower_case[nearest[0]]!r}?" if nearest else ""
