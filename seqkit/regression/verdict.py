"""What the scores of a regressor say in plain words.

Shapes: B samples, L levels.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import binomtest, ttest_rel

BASELINES = {"mean": "the mean", "median": "the median", "linear": "the linear baseline"}
SIGNIFICANCE_LEVEL = 0.05  # the verdict says "may be chance" when p is 0.05 or more


def verdict_of(scores: pd.DataFrame, errors: Mapping[str, np.ndarray], intervals: pd.DataFrame | None) -> str:
    """The verdict on one target.

    Args:
        scores: `mae`, `rmse` and `r2` of the regressor and of each baseline.
        errors: absolute errors `[B]` of each of them.
        intervals: `coverage` and `width` by level, or None without intervals.
    """
    rows = {
        str(method): dict(zip(scores.columns, map(float, row), strict=True)) for method, *row in scores.itertuples()
    }
    own, samples = rows["regressor"], len(errors["regressor"])
    first = (
        f"On {samples} sample{'s' * (samples > 1)} the regressor's mean absolute error is {own['mae']:.4g} (RMSE "
        f"{own['rmse']:.4g}{_r2(own['r2'])})."
    )
    constant = min("mean", "median", key=lambda method: rows[method]["mae"])
    compared = "; it ".join(_compared(rows, errors, method) for method in (constant, "linear"))
    return f"{first} It {compared}." + _on_intervals(intervals, samples)


def _r2(value: float) -> str:
    return "" if np.isnan(value) else f", R2 {value:.3f}"


def _compared(rows: Mapping[str, Mapping[str, float]], errors: Mapping[str, np.ndarray], method: str) -> str:
    own, other, name = rows["regressor"], rows[method], BASELINES[method]
    if own["mae"] >= other["mae"]:
        rmse = f", though its RMSE is below the {other['rmse']:.4g} there" if own["rmse"] < other["rmse"] else ""
        return f"is no better than {name}, whose error is {other['mae']:.4g}{rmse}"
    p = _paired_p(errors["regressor"], errors[method])
    chance = f" (p = {p:.2g}, so this may be chance)" if p >= SIGNIFICANCE_LEVEL else ""
    rmse = f", though not by RMSE ({other['rmse']:.4g} there)" if own["rmse"] >= other["rmse"] else ""
    return f"beats {name}, whose error is {other['mae']:.4g}, by {1 - own['mae'] / other['mae']:.0%}{chance}{rmse}"


def _paired_p(own: np.ndarray, other: np.ndarray) -> float:
    """The p-value of the paired t-test that both have the same mean absolute error; 1 where nothing can be said."""
    difference = own - other
    if len(difference) < 2 or np.ptp(difference) == 0:
        return 1.0
    return float(ttest_rel(own, other).pvalue)


def _on_intervals(intervals: pd.DataFrame | None, samples: int) -> str:
    if intervals is None:
        return " It has no intervals."
    parts = []
    for level, row in intervals.iterrows():
        share = float(level) / 100  # type: ignore[arg-type]
        p = binomtest(round(row["coverage"] * samples), samples, share, alternative="less").pvalue
        short = f", less than promised (p = {p:.2g})" if p < SIGNIFICANCE_LEVEL else ""
        parts.append(f"{level:g} % intervals hold {row['coverage']:.1%} of the truths{short}, {row['width']:.4g} wide")
    return f" Its {'; its '.join(parts)}."
