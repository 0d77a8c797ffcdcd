"""A classifier of series from training to score, by whatever backend Keras has; `make test-jax` runs it on JAX."""

import numpy as np
import pytest

import seqkit as sk


@pytest.mark.slow
def test_a_classifier_of_series_is_trained_by_its_recipe_answers_and_is_scored():
    x = np.random.default_rng(0).normal(size=(60, 20, 2)).astype("float32")
    y = np.where(x[:, :, 0].mean(axis=1) > 0, "up", "down")
    model = sk.train_classifier(x, y, verbose=0, seed=0)
    probabilities = model.predict(x, verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    score = sk.score_classifier(model, x, y, train=(x, y))
    assert score.scores.loc["classifier", "accuracy"] > 0.9
