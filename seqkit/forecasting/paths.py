"""Sample paths of a forecast: values of each step by its quantiles, correlated between neighbouring steps.

Shapes: S series, H horizon, C targets, Q quantiles, P paths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from seqkit._errors import InvalidValue, listed
from seqkit.forecasting.interval_scores import own_levels
from seqkit.forecasting.intervals import bounds_of
from seqkit.pretraining.paths import between_levels
from seqkit.task.interval_levels import interval_columns

if TYPE_CHECKING:
    from seqkit.forecasting.model import Forecaster

CORRELATION = 0.85  # of the ranks of neighbouring steps; benchmarks/interval_ways.py chose it by the coverage of sums


def paths_table(model: Forecaster, table: pd.DataFrame, paths: int, seed: int, **known: Any) -> pd.DataFrame:
    """The rows after a table, or after each series of a panel, along so many paths; `known` is for `forecast`."""
    own = model.quantile_levels
    levels = own_levels(own)
    forecast = model.forecast(table, levels=levels, **known)
    targets = list(model.settings.targets)
    found = []
    for at, target in enumerate(targets):
        columns = interval_columns([target], levels)
        ends = [0.5, *(end for level in levels for end in bounds_of(level))]
        quantiles = forecast[columns].to_numpy()[:, np.argsort(ends)]  # (S * H, Q)
        random = np.random.default_rng([seed, at])
        found.append(_paths(quantiles.reshape(-1, model.settings.horizon, len(own)), own, paths, random))
    _refuse_without_quantiles(forecast)
    values = np.concatenate(found, axis=1)
    names = pd.MultiIndex.from_product([targets, range(paths)], names=["target", "path"])
    return pd.DataFrame(values, forecast.index, names if len(targets) > 1 else pd.RangeIndex(paths, name="path"))


def _refuse_without_quantiles(forecast: pd.DataFrame) -> None:
    """Refuse series whose forecast is naive: they have no bounds, and a sum of paths would leave them out."""
    lacks = forecast.isna().any(axis=1).to_numpy()
    if lacks.any():
        names = forecast.index.get_level_values(0)[lacks].unique()
        problem = f"the forecast of {len(names)} series is naive, without an interval: {listed(names, most=5)}."
        way_out = "Leave them out, or add rows: the network has no window of theirs with known values."
        raise InvalidValue("sample_paths", problem, way_out, argument="table")


def _paths(quantiles: np.ndarray, own: tuple[float, ...], paths: int, random: np.random.Generator) -> np.ndarray:
    """Paths `[S * H, P]` of quantiles `[S, H, Q]`: their ranks are a Gaussian process of order 1."""
    series, horizon, _ = quantiles.shape
    found = np.empty((series, horizon, paths))
    for at in range(series):
        noise = random.standard_normal((horizon, paths))
        process = noise.copy()
        for step in range(1, horizon):
            process[step] = CORRELATION * process[step - 1] + np.sqrt(1 - CORRELATION**2) * noise[step]
        found[at] = np.einsum("hpq,hq->hp", between_levels(ndtr(process), own), quantiles[at])
    return found.reshape(-1, paths)
