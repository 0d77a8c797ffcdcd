"""Sample paths of quantiles, and quantiles of sample paths."""

import numpy as np
import pytest
from scipy.stats import norm

from seqkit.layers.quantiles import LEVELS
from seqkit.pretraining.paths import PATHS, between_levels, path_weights, weights_of_sorted_paths

NORMAL = norm.ppf(LEVELS)


def test_a_level_of_the_quantiles_is_that_quantile_and_one_between_two_lies_between_in_normal_scores():
    weights = between_levels(np.array([*LEVELS, 0.6]), LEVELS)
    np.testing.assert_allclose(weights[:-1], np.eye(len(LEVELS)), atol=1e-7)
    assert weights[-1] @ NORMAL == pytest.approx(norm.ppf(0.6), rel=1e-6)


def test_a_rank_beyond_the_outermost_level_has_the_outermost_quantile():
    np.testing.assert_array_equal(between_levels(np.array([0.0001]), LEVELS)[0], np.eye(len(LEVELS))[0])


def test_paths_of_normal_quantiles_are_normal_at_each_step_and_alike_at_neighbouring_ones():
    paths = path_weights(64, LEVELS) @ NORMAL
    assert paths.shape == (PATHS, 64)
    np.testing.assert_allclose(np.quantile(paths, [0.1, 0.5, 0.9], axis=0)[:, 7], norm.ppf([0.1, 0.5, 0.9]), atol=0.03)
    neighbours = np.corrcoef(paths[:, :-1].ravel(), paths[:, 1:].ravel())[0, 1]
    assert 0.4 < neighbours < 0.6


def test_each_block_has_paths_of_its_own_and_the_same_ones_each_time():
    assert np.abs(path_weights(8, LEVELS, 0) - path_weights(8, LEVELS, 1)).max() > 0.5
    np.testing.assert_array_equal(path_weights(8, LEVELS, 1), path_weights.__wrapped__(8, LEVELS, 1))


def test_quantiles_of_sorted_paths_are_those_of_numpy():
    values = np.sort(np.random.default_rng(3).normal(size=PATHS))
    wanted = np.quantile(values, LEVELS, method="hazen")
    np.testing.assert_allclose(weights_of_sorted_paths(LEVELS) @ values, wanted, rtol=1e-5)
