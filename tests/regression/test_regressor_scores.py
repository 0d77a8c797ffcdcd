"""Scores of a regressor: right figures, baselines that see the training samples alone, plain words."""

import numpy as np
import pandas as pd
import pytest
from tiny_classifiers import one_length
from tiny_regressors import BOTH, DOSES, SERIES, build

import seqkit as sk
from seqkit.regression.verdict import verdict_of


def series(count, seed=3):
    return np.random.default_rng(seed).normal(size=(count, 5, 2)).astype("float32")


@pytest.fixture(scope="module")
def scored():
    """A regressor of a linear truth, calibrated, on samples of its own."""
    x, y = series(23), 100 + 7 * series(23)[:, 2, 1]
    model = build(x, y)
    model.calibrate(series(29, 5), 100 + 7 * series(29, 5)[:, 2, 1])
    held, truth = series(11, 11), 100 + 7 * series(11, 11)[:, 2, 1]
    return sk.score_regressor(model, held, truth, train=(x, y)), model.predict(held, verbose=0), truth, y


def test_the_figures_are_those_of_their_equations(scored):
    result, predicted, truth, y = scored
    guesses = {"regressor": predicted, "mean": np.full(11, y.mean()), "median": np.full(11, np.median(y))}
    for method, guess in guesses.items():
        wanted = [
            np.abs(truth - guess).mean(),
            np.sqrt(((truth - guess) ** 2).mean()),
            1 - ((truth - guess) ** 2).sum() / ((truth - truth.mean()) ** 2).sum(),
        ]
        np.testing.assert_allclose(result.scores.loc[method], wanted, rtol=1e-4)


def test_the_linear_baseline_finds_a_linear_truth_and_the_verdict_says_so(scored):
    result = scored[0]
    assert result.scores.loc["linear", "r2"] > 0.99
    assert "is no better than the linear baseline" in result.verdict


def test_the_coverage_is_the_share_of_truths_inside(scored):
    result, predicted, truth, _ = scored
    assert list(result.intervals.index) == [80, 95]
    for row in result.intervals.itertuples():
        assert row.coverage == pytest.approx((np.abs(truth - predicted) <= row.width / 2 + 1e-4).mean())


def test_series_of_any_length_and_several_targets_are_scored_by_target():
    result = sk.score_regressor(build(targets=BOTH), SERIES, BOTH, train=(SERIES, BOTH))
    assert result.scores.index.names == ["target", "method"]
    assert set(result.scores.loc["days"].index) == {"regressor", "mean", "median", "linear"}
    assert result.intervals is None
    assert [line.split(":")[0] for line in result.verdict.splitlines()] == ["dose", "days"]
    assert result.verdict.count("It has no intervals") == 2


def test_one_sample_is_scored_without_r2():
    model = build(one_length())
    result = sk.score_regressor(model, one_length()[:1], DOSES[:1], train=(one_length(), DOSES))
    assert np.isnan(result.scores.loc["regressor", "r2"])
    assert "R2" not in result.verdict


def rows(regressor, median, linear):
    """Scores of constant errors; the mean is the worst of all."""
    found = {"regressor": regressor, "mean": 9.0, "median": median, "linear": linear}
    table = pd.DataFrame({name: {"mae": mae, "rmse": mae, "r2": 0.5} for name, mae in found.items()}).T
    noise = np.linspace(-0.1, 0.1, 50)
    return table, {name: mae + noise * (1 + number) for number, (name, mae) in enumerate(found.items())}


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        (
            (1.0, 4.0, 2.0),
            "It beats the median, whose error is 4, by 75%; it beats the linear baseline, whose error is 2, ",
        ),
        ((1.0, 4.0, 0.5), "it is no better than the linear baseline, whose error is 0.5"),
        ((1.0, 1.001, 2.0), r"by 0% \(p = 0.\d+, so this may be chance\)"),
    ],
)
def test_the_verdict_compares_with_the_better_constant_and_the_linear_model(figures, words):
    import re

    assert re.search(words, verdict_of(*rows(*figures), None))


@pytest.mark.parametrize(
    ("coverage", "words"), [(0.7, "less than promised"), (0.94, "hold 94.0% of the truths, 3 wide")]
)
def test_the_verdict_says_where_intervals_hold_too_few(coverage, words):
    intervals = pd.DataFrame({"coverage": [coverage], "width": [3.0]}, index=pd.Index([95.0], name="level"))
    assert words in verdict_of(*rows(1.0, 4.0, 2.0), intervals)
