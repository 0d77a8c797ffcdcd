"""Levels of intervals in percent, and the columns of a table that holds them."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqkit._errors import InvalidValue

USUAL_LEVELS = (80.0, 95.0)


def interval_columns(targets: Sequence[Any], levels: Sequence[float]) -> list[Any]:
    """Each target, then the lower and the upper bound of each level.

    Example:
        >>> interval_columns(["dose"], (80, 99.5))
        ['dose', 'dose-lo-80', 'dose-hi-80', 'dose-lo-99.5', 'dose-hi-99.5']
    """
    ends = ["", *(f"-{side}-{level:g}" for level in levels for side in ("lo", "hi"))]
    return [f"{target}{end}" if end else target for target in targets for end in ends]


def checked_levels(where: str, levels: Any, argument: str = "levels") -> tuple[float, ...]:
    """The levels as numbers that rise between 0 and 100; refuse others, by the name of the argument."""
    try:
        listed = [levels] if isinstance(levels, (numbers.Real, str)) else list(levels)
        if any(isinstance(level, (str, bool, np.bool_)) for level in listed):
            raise TypeError
        found = tuple(float(level) for level in listed)
    except (TypeError, ValueError):
        problem = f"levels must be numbers of percent, got {levels!r}."
        raise InvalidValue(where, problem, "Pass levels such as (80, 95).", argument=argument) from None
    if found and min(found) > 0 and max(found) < 1:
        problem = f"levels are in percent, got {list(found)}."
        way_out = f"Pass {', '.join(f'{100 * level:g}' for level in found)}."
        raise InvalidValue(where, problem, way_out, argument=argument)
    if not found or any(not 0 < level < 100 for level in found) or list(found) != sorted(set(found)):
        problem = f"levels must rise between 0 and 100 percent, got {list(found)}."
        raise InvalidValue(where, problem, "Pass levels such as (80, 95).", argument=argument)
    return found
