"""Intervals of each series of a panel: a factor on the widths of all series, from the errors of its own windows.

Shapes: B samples, K windows, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit.forecasting.conformal import shrunk_factor

if TYPE_CHECKING:
    from seqkit.data.windows import Windows

Factors = dict[str, list[float]]  # one for each target, by the name of the series


def factors_of_series(
    errors: np.ndarray, deviations: np.ndarray, levels: Sequence[float], names: np.ndarray, windows: Mapping[str, int]
) -> Factors:
    """The factor of each series that has windows: above 1 where its intervals must be wider than the pooled ones.

    It is that of `conformal.shrunk_factor`: k windows without overlap move it by k / (k + 8) of its logarithm, as
    `benchmarks/series_intervals.py` chose it.

    Args:
        errors: actual values less forecasts `[K, H, C]`, in scaled units; NaN where the value is unknown.
        deviations: of the pooled quantiles from the forecast `[K, H, C, Q]`, in scaled units.
        levels: of the quantiles, Q.
        names: the series of each window `[K]`.
        windows: how many windows of each series do not overlap, by its name.
    """
    found: Factors = {}
    for name in dict.fromkeys(names):
        own = names == name
        parts = ((errors[own, :, at], deviations[own, :, at]) for at in range(errors.shape[2]))
        found[name] = [shrunk_factor(*part, levels, windows[name]) for part in parts]
    return found


def series_of_windows(windows: Windows, starts: np.ndarray) -> np.ndarray | None:
    """The names of the series of the windows that start at these rows `[K]`, as texts; None of a single table."""
    if windows.series is None:
        return None
    first, names = windows.series
    own = np.asarray(names, object)[np.searchsorted(first, starts, side="right") - 1]
    return np.array([text_of_name(name) for name in own], object)


def text_of_name(name: Any) -> str:
    """The name of a series as a text, under which its factors are kept: that of 1.0 is that of 1."""
    is_whole = isinstance(name, numbers.Real) and float(name).is_integer()
    return str(int(name) if is_whole else name)


def factors_for(factors: Factors, names: Any, targets: int) -> np.ndarray | None:
    """The factors `[B, C]` of samples of these series, 1 for a series without any; None where there are none at all."""
    if not factors or names is None:
        return None
    pooled = [1.0] * targets
    return np.array([factors.get(text_of_name(name), pooled) for name in names], "float32").reshape(-1, targets)
