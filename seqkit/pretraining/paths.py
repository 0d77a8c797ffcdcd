"""Sample paths from quantiles of steps, and quantiles from sample paths.

Shapes: N series, P paths, H steps, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.special import ndtri

PATHS = 256
CORRELATION = 0.5  # of the ranks of neighbouring steps; benchmarks/beyond_horizon.py chose it
SEED = 20_261_128  # of the ranks, which are the same for all series, so that a forecast is the same each time


@lru_cache(maxsize=8)
def path_weights(steps: int, levels: tuple[float, ...], block: int = 0) -> np.ndarray:
    """Weights `[P, H, Q]` that make paths `[P, H]` of quantiles `[H, Q]`, by `sum_q weights[p, h, q] quantiles[h, q]`.

    A path has a rank between 0 and 1 at each step, from a Gaussian AR(1) process, and takes the value of that rank
    between the two quantiles around it. At each step the ranks of all paths are spread evenly (a Latin hypercube,
    McKay et al. 1979). A rank beyond the outermost level takes the outermost quantile.

    Args:
        steps: H.
        levels: of the quantiles, Q.
        block: the number of the horizon's block, each of which has paths of its own.
    """
    generator = np.random.default_rng([SEED, block])
    noise = generator.standard_normal((PATHS, steps))
    process = noise.copy()
    for step in range(1, steps):
        process[:, step] = CORRELATION * process[:, step - 1] + np.sqrt(1 - CORRELATION**2) * noise[:, step]
    order = process.argsort(axis=0).argsort(axis=0)
    return between_levels((order + 0.5) / PATHS, levels)


def between_levels(ranks: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Weights `[..., Q]` of quantiles that make the value of each rank `[...]` by straight lines in normal scores."""
    if len(levels) == 1:
        return np.ones((*np.shape(ranks), 1), "float32")
    scores, at = ndtri(np.asarray(levels)), ndtri(ranks)
    at = np.clip(at, scores[0], scores[-1])
    upper = np.clip(np.searchsorted(scores, at), 1, len(scores) - 1)
    share = (at - scores[upper - 1]) / (scores[upper] - scores[upper - 1])
    weights = np.zeros((*np.shape(ranks), len(scores)), "float32")
    np.put_along_axis(weights, upper[..., None], share[..., None], -1)
    np.put_along_axis(weights, upper[..., None] - 1, 1 - share[..., None], -1)
    return weights


def weights_of_sorted_paths(levels: Sequence[float]) -> np.ndarray:
    """Weights `[Q, P]` that make quantiles of the sorted values of P paths, by straight lines between them."""
    places = np.clip(np.asarray(levels) * PATHS - 0.5, 0, PATHS - 1)
    lower = np.minimum(places.astype(int), PATHS - 2)
    weights = np.zeros((len(places), PATHS), "float32")
    weights[np.arange(len(places)), lower] = 1 - (places - lower)
    weights[np.arange(len(places)), lower + 1] = places - lower
    return weights
