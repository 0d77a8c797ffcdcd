"""Intervals from quantiles: which bounds a level has, how their columns are named, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqkit._errors import InvalidValue
from seqkit.forecasting.calibration import not_calibrated
from seqkit.task.interval_levels import checked_levels

if TYPE_CHECKING:
    from seqkit.forecasting.model import Forecaster

WHERE = "forecast"
ROUNDING = 1e-9
OF_A_BOUND = re.compile(r"(.+)-(lo|hi)-([\d.]+)", re.DOTALL)


def bounds_of(level: float) -> tuple[float, float]:
    """The levels of the quantiles that bound an interval of so many percent in the middle."""
    return (1 - level / 100) / 2, (1 + level / 100) / 2


def without_bounds(columns: Sequence[Any]) -> list[Any]:
    """The columns of a forecast that are no bounds of the intervals of another one."""
    names = set(map(str, columns))
    return [name for name in columns if not ((found := OF_A_BOUND.fullmatch(str(name))) and found[1] in names)]


def levels_of(columns: Sequence[Any], target: Any) -> list[float]:
    """The levels of the intervals of a target among the columns of a forecast, the widest first."""
    found = [OF_A_BOUND.fullmatch(str(name)) for name in columns]
    of_target = [one for one in found if one is not None and one[1] == str(target)]
    return sorted({float(one[3]) for one in of_target}, reverse=True)


def checked_intervals(
    levels: Any, model: Forecaster, where: str = WHERE, argument: str = "levels"
) -> tuple[float, ...]:
    """The levels of intervals in percent, which rise; refuse those that the quantiles of the model do not reach."""
    if levels is None or (isinstance(levels, Sequence) and not len(levels)):
        return ()
    quantiles = model.quantile_levels
    if not quantiles:
        problem, way_out = not_calibrated(model)
        raise InvalidValue(where, "levels= asks for intervals, and " + problem, way_out, argument=argument)
    found = checked_levels(where, levels, argument)
    widest = 100 * (quantiles[-1] - quantiles[0])
    beyond = [level for level in found if level > widest + ROUNDING]
    if beyond:
        problem = f"a level of {beyond[0]:g} % is beyond the outermost quantiles of the model, {widest:g} %."
        raise InvalidValue(where, problem, f"Ask for {widest:g} at most.", argument=argument)
    return found
