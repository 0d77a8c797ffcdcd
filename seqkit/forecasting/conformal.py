"""Widths of intervals from the errors of held-out forecasts: conformal prediction, with a prior where they are few.

The levels follow split conformal prediction (Vovk et al. 2005; Lei et al. 2018, section 2): of n scores, the quantile p
is the one at ceil((n + 1) p). Scores are errors over the deviations of another model's quantiles, as in conformalised
quantile regression (Romano et al. 2019), but by a factor. `benchmarks/interval_ways.py` chose between the ways.

Shapes: K windows, H horizon, C targets, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MANY_WINDOWS = 100  # without overlap, from which each step and level has a width of its own
WINDOWS_OF_HALF_TRUST = 8  # k windows without overlap move the factor by k / (k + 8) of its logarithm
MIDDLE_LEVELS = (0.5, 0.8)  # of intervals, whose widths make the one factor: scores enough lie outside them
SMALLEST = 1e-6  # of a deviation


def interval_widths(
    errors: np.ndarray, deviations: np.ndarray | None, levels: Sequence[float], windows: int
) -> np.ndarray:
    """Widths `[H, C, Q]` in deviations, from 0 up.

    From many windows, each step and level has its own width. From few ones, all have one factor, which is shrunk
    towards 1; or without deviations, a quantile of all steps together times a scale a + b sqrt(h).

    Args:
        errors: actual values less forecasts `[K, H, C]`, in scaled units; NaN where the value is unknown.
        deviations: of another model's quantiles from their median `[K, H, C, Q]`; None for one spread of the window.
        levels: of the quantiles, Q.
        windows: how many of the K do not overlap.
    """
    columns = range(errors.shape[2])
    if windows >= MANY_WINDOWS:
        found = [_by_step(errors[:, :, at], _of_column(deviations, at), levels) for at in columns]
    elif deviations is not None:
        found = [_one_factor(errors[:, :, at], deviations[:, :, at], levels, windows) for at in columns]
    else:
        found = [_by_smooth_scale(errors[:, :, at], levels) for at in columns]
    return np.stack(found, axis=1).astype("float32")


def _of_column(deviations: np.ndarray | None, at: int) -> np.ndarray | None:
    return None if deviations is None else deviations[:, :, at]


def conformal_quantile(scores: np.ndarray, level: float) -> float:
    """The score at ceil((n + 1) p) of n, or the largest; below .5 mirrored; 0 without scores."""
    scores = np.sort(scores[np.isfinite(scores)])
    count = len(scores)
    if not count:
        return 0.0
    place = np.ceil((count + 1) * level) - 1 if level >= 0.5 else np.floor((count + 1) * level) - 1
    return float(scores[int(np.clip(place, 0, count - 1))])


def _by_step(errors: np.ndarray, deviations: np.ndarray | None, levels: Sequence[float]) -> np.ndarray:
    """Widths `[H, Q]`, each the quantile of the scores of its step and level."""
    widths = np.zeros((errors.shape[1], len(levels)))
    for at, level in enumerate(levels):
        side = np.sign(level - 0.5)
        sizes = np.ones_like(errors) if deviations is None else side * deviations[:, :, at]
        scores = side * errors / np.maximum(sizes, SMALLEST)
        for step in range(errors.shape[1]):
            widths[step, at] = max(0.0, conformal_quantile(scores[:, step], max(level, 1 - level)))
    return widths


def _one_factor(errors: np.ndarray, deviations: np.ndarray, levels: Sequence[float], windows: int) -> np.ndarray:
    """Widths `[H, Q]`, all of them the factor by which the deviations are too narrow or too wide, shrunk."""
    return np.full((errors.shape[1], len(levels)), shrunk_factor(errors, deviations, levels, windows))


def shrunk_factor(errors: np.ndarray, deviations: np.ndarray, levels: Sequence[float], windows: int) -> float:
    """The factor by which deviations are too narrow or too wide, shrunk towards 1 where windows are few.

    Args:
        errors: `[K, H]`, NaN where the value is unknown.
        deviations: `[K, H, Q]`, negative below the median.
        levels: of the quantiles, Q.
        windows: how many of the K do not overlap.
    """
    factors = [_factor(errors, deviations, levels, level) for level in MIDDLE_LEVELS]
    known = [np.log(factor) for factor in factors if factor > 0]
    trust = windows / (windows + WINDOWS_OF_HALF_TRUST)
    return float(np.exp(trust * np.mean(known))) if known else 1.0


def _factor(errors: np.ndarray, deviations: np.ndarray, levels: Sequence[float], level: float) -> float:
    """How many times its width an interval needs to hold its level of all errors."""
    upper = int(np.argmin(np.abs(np.asarray(levels) - (1 + level) / 2)))
    above, below = deviations[..., upper], -deviations[..., len(levels) - 1 - upper]
    scores = np.where(errors > 0, errors / np.maximum(above, SMALLEST), -errors / np.maximum(below, SMALLEST))
    return conformal_quantile(scores.ravel(), 2 * levels[upper] - 1)


def _by_smooth_scale(errors: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Widths `[H, Q]` in spreads: quantiles of the errors of all steps over a + b sqrt(h), times that scale."""
    scale = _smooth_scale(errors)
    scores = (errors / scale).ravel()
    sides = np.sign(np.asarray(levels) - 0.5)
    quantiles = np.array([conformal_quantile(scores, level) for level in levels])
    return scale[:, None] * np.maximum(0.0, sides * quantiles)


def _smooth_scale(errors: np.ndarray) -> np.ndarray:
    """The mean absolute error `[H]` of each step as a + b sqrt(h), least squares; level where that falls."""
    known = np.isfinite(errors)
    sizes = np.where(known, np.abs(errors), 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    roots = np.sqrt(np.arange(1, len(sizes) + 1))
    grows, start = np.polyfit(roots, sizes, 1) if len(sizes) > 1 else (0.0, sizes[0])
    scale = start + grows * roots
    if grows < 0 or (scale <= 0).any():
        scale = np.full(len(sizes), sizes.mean())
    return np.maximum(scale, SMALLEST)
