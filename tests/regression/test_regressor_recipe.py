"""train_regressor: held-out samples say how long and how far off, then all samples train that long."""

import numpy as np
import pandas as pd
import pytest
from tiny_regressors import TINY

import seqkit as sk
from seqkit.regression import train as recipe

X = np.random.default_rng(7).normal(3, 2, (31, 5, 2)).astype("float32")
Y = 100 + 10 * X[:, :, 0].mean(axis=1)


def train(y=Y, x=X, **options):
    return sk.train_regressor(x, y, **{**TINY, "epochs": 2, "folds": 2, "seed": 7, "verbose": 0, **options})


@pytest.fixture(scope="module")
def trained():
    return train()


def test_a_trained_regressor_says_how_it_was_trained_and_has_intervals(trained):
    history = trained.validation_history
    assert sorted(history) == ["epochs", "val_loss"]
    assert trained.chosen_epochs == history["epochs"][int(np.argmin(history["val_loss"]))]
    assert trained.intervals.count == 13  # of 31 samples, two fifths: 7 and 6
    assert list(trained.predict_interval(X[:3], levels=(50, 90)).shape) == [3, 5]


def test_the_intervals_are_the_residuals_of_the_held_out_samples_at_the_chosen_epochs(trained, monkeypatch):
    seen = []
    original = recipe.train_by_folds
    monkeypatch.setattr(recipe, "train_by_folds", lambda *how: seen.append(original(*how)) or seen[0])
    train()
    residuals = np.concatenate([fold.targets - fold.predictions_at(seen[0].look) for fold in seen[0].validations])
    held = np.concatenate([fold.targets for fold in seen[0].validations])
    assert set(held.ravel()) <= set(Y.astype("float32"))
    assert len(set(held.ravel())) == 13
    half_width = float(trained.intervals.half_widths_at((50.0,))[0, 0])
    assert half_width == pytest.approx(np.sort(np.abs(residuals).ravel())[6], rel=1e-5)  # the 7th: ceil(14 / 2)


def test_a_seed_makes_the_recipe_repeatable(trained):
    again = train()
    assert again.validation_history == trained.validation_history
    for weight, other in zip(again.weights, trained.weights, strict=True):
        np.testing.assert_array_equal(weight, other)


def test_intervals_are_left_out_where_asked_and_where_nothing_is_held_out():
    assert train(intervals=False, folds=1).intervals.count == 0
    few = train(Y[:9], X[:9], folds=None)
    assert (few.intervals.count, few.validation_history) == (0, None)


def test_the_targets_of_a_table_keep_their_names():
    model = train(pd.DataFrame({"dose": Y, "days": Y[::-1]}), folds=1, epochs=1, loss="mae")
    assert model.targets == ("dose", "days")
    assert model.predict(X[:3], verbose=0).shape == (3, 2)


def test_a_part_whose_targets_are_all_alike_is_scaled_by_all():
    y = np.zeros(11)
    y[3] = 5.0
    model = train(y, X[:11], folds=5, epochs=1)
    assert np.isfinite(model.validation_history["val_loss"]).all()
    assert model.intervals.count == 11
