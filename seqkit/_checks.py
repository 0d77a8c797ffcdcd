"""The checks of arguments that many functions share, and the words of what they refuse."""

from __future__ import annotations

import difflib
import numbers
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from seqkit._errors import InvalidType, InvalidValue, keywords, listed

Value = TypeVar("Value")
LARGEST_SEED = 2**32 - 1  # of NumPy


def whole_number(where: str, name: str, value: object, least: int = 1) -> int:
    """Return `value` as an int, or refuse fractions, booleans, NaN and anything below `least`."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole:
        way_out = "Pass " + keywords(**{name: max(least, 1)}) + " or more."
        raise InvalidType(where, f"{name} must be a whole number, got {value!r}.", way_out, name)
    if int(value) < least:  # type: ignore[call-overload]
        raise InvalidValue(where, f"{name} must be {least} or more, got {value}.", argument=name)
    return int(value)  # type: ignore[call-overload]


def seed(where: str, value: object) -> int:
    """Return what `keras.utils.set_random_seed` takes, or refuse it."""
    number = whole_number(where, "seed", value, least=0)
    if number > LARGEST_SEED:
        raise InvalidValue(where, f"seed must be at most {LARGEST_SEED}, got {value}.", argument="seed")
    return number


def fraction(where: str, name: str, value: object) -> float:
    """Return `value` as a float in [0, 1), or refuse it (Keras would clip it silently)."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number:
        raise InvalidType(where, f"{name} must be a number from 0 to below 1, got {value!r}.", argument=name)
    if not 0 <= float(value) < 1:  # type: ignore[arg-type]
        raise InvalidValue(where, f"{name} must be from 0 to below 1, got {value}.", "Pass 0 for none.", name)
    return float(value)  # type: ignore[arg-type]


def choice(where: str, name: str, value: object, choices: Mapping[str, Value]) -> Value:
    """Look `value` up in `choices`, or list them and suggest the nearest."""
    if isinstance(value, str) and value in choices:
        return choices[value]
    problem = f"{name} must be one of {listed(choices)}, got {value!r}."
    raise InvalidValue(where, problem, did_you_mean(value, choices), name)


def known_names(where: str, name: str, wanted: Iterable[Any], available: Collection[Any]) -> list[Any]:
    """Return `wanted` as a list, or refuse names that are not available or are given twice."""
    names = list(wanted)
    for one in names:
        if one not in available:
            problem = f"{name} {one!r} is not in the table, whose columns are {listed(available)}."
            raise InvalidValue(where, problem, did_you_mean(one, available), name)
        if names.count(one) > 1:
            raise InvalidValue(where, f"{name} {one!r} is named twice.", "Name it once.", name)
    return names


def a_type_of(value: object) -> str:
    """The name of its type behind its article: "a list", "an int"."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def did_you_mean(value: object, choices: Iterable[Any]) -> str:
    """A suggestion with a leading space, or nothing where no choice is near."""
    near = difflib.get_close_matches(str(value).lower(), [str(one).lower() for one in choices], n=1)
    found = [one for one in choices if near and str(one).lower() == near[0]]
    return f" Did you mean {found[0]!r}?" if found else ""
