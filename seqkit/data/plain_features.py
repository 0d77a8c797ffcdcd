"""Numbers of a whole series that linear baselines read: its values, or simple statistics of them.

Shapes: T_i timesteps of sample i, F features.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def plain_features(samples: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The values of series `[T_i, F]` of one length, flat; their statistics where lengths differ or a value lacks."""
    has_one_shape = len({series.shape for series in samples}) == 1
    is_regular = has_one_shape and not any(np.isnan(series).any() for series in samples)
    features_of = np.ravel if is_regular else compute_statistics
    return [features_of(series.astype(float)) for series in samples]


def compute_statistics(series: np.ndarray) -> np.ndarray:
    """Six statistics of each feature of series `[T, F]`, and T."""
    steps = series[~np.isnan(series).any(axis=1)]  # without missing values
    statistics = (steps.mean(axis=0), steps.std(axis=0), steps.min(axis=0), steps.max(axis=0), steps[0], steps[-1])
    return np.concatenate([*statistics, [len(series)]])
