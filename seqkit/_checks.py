"""The wording of every bad-argument message: where, what was wanted, what came, and the way out."""

from __future__ import annotations

import difflib
import numbers
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")
LARGEST_SEED = 2**32 - 1  # of NumPy


def whole_number(where: str, name: str, value: object, least: int = 1) -> int:
    """Return `value` as an int, or refuse fractions, booleans, NaN and anything below `least`."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole:
        raise TypeError(f"{where}: {name} must be a whole number, got {value!r}. Pass {name}={max(least, 1)} or more.")
    if int(value) < least:  # type: ignore[call-overload]
        raise ValueError(f"{where}: {name} must be {least} or more, got {value}.")
    return int(value)  # type: ignore[call-overload]


def seed(where: str, value: object) -> int:
    """Return what `keras.utils.set_random_seed` takes, or refuse it."""
    number = whole_number(where, "seed", value, least=0)
    if number > LARGEST_SEED:
        raise ValueError(f"{where}: seed must be at most {LARGEST_SEED}, got {value}.")
    return number


def fraction(where: str, name: str, value: object) -> float:
    """Return `value` as a float in [0, 1), or refuse it (Keras would clip it silently)."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number:
        raise TypeError(f"{where}: {name} must be a number from 0 to below 1, got {value!r}.")
    if not 0 <= float(value) < 1:  # type: ignore[arg-type]
        raise ValueError(f"{where}: {name} must be from 0 to below 1, got {value}. Pass 0 for none.")
    return float(value)  # type: ignore[arg-type]


def choice(where: str, name: str, value: object, choices: Mapping[str, Value]) -> Value:
    """Look `value` up in `choices`, or list them and suggest the nearest."""
    if isinstance(value, str) and value in choices:
        return choices[value]
    raise ValueError(f"{where}: {name} must be one of {listed(choices)}, got {value!r}.{did_you_mean(value, choices)}")


def known_names(where: str, name: str, wanted: Iterable[Any], available: Collection[Any]) -> list[Any]:
    """Return `wanted` as a list, or refuse names that are not available or are given twice."""
    names = list(wanted)
    for one in names:
        if one not in available:
            raise ValueError(
                f"{where}: {name} {one!r} is not in the table, whose columns are "
                f"{listed(available)}.{did_you_mean(one, available)}"
            )
        if names.count(one) > 1:
            raise ValueError(f"{where}: {name} {one!r} is named twice. Name it once.")
    return names


def listed(names: Iterable[Any], most: int = 12) -> str:
    """Names as a readable list, cut after `most`."""
    names = [repr(name) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def did_you_mean(value: object, choices: Iterable[Any]) -> str:
    """A suggestion with a leading space, or nothing where no choice is near."""
    near = difflib.get_close_matches(str(value).lower(), [str(one).lower() for one in choices], n=1)
    found = [one for one in choices if near and str(one).lower() == near[0]]
    return f" Did you mean {found[0]!r}?" if found else ""
