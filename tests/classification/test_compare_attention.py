"""compare_attention: everything equal but the attention, samples that no classifier has seen, refusals."""

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.classification import compare

LABELS = ["a", "b"] * 10
QUICK = {"units": 3, "cell": "simple_rnn", "epochs": 1, "folds": 0}


def series():
    return np.random.default_rng(7).normal(0, 1, (20, 5, 2)).astype("float32")


@pytest.fixture
def trainings(monkeypatch):
    """What train_classifier is called with, while it trains."""
    calls = []

    def watched(x, y, **options):
        calls.append((x, y, options))
        return sk.train_classifier(x, y, **options)

    monkeypatch.setattr(compare, "train_classifier", watched)
    return calls


@pytest.mark.slow
def test_classifiers_of_a_seed_differ_in_attention_alone_and_are_scored_on_the_same_unseen_samples(trainings):
    x = series()
    table = sk.compare_attention(x, LABELS, ["none", ("dense", "features")], seeds=2, **QUICK)
    assert list(table.index) == ["none", "dense and features"]
    assert list(table.columns) == ["accuracy", "spread", "seed 0", "seed 1"]
    np.testing.assert_allclose(table["accuracy"], table[["seed 0", "seed 1"]].mean(axis=1))
    np.testing.assert_allclose(table["spread"], table[["seed 0", "seed 1"]].std(axis=1, ddof=0))
    for first, second in (trainings[:2], trainings[2:]):
        np.testing.assert_array_equal(first[0], second[0])
        assert len(first[0]) == 16
        assert sorted(first[1]).count("a") == 8
        assert {**first[2], "attention": None} == {**second[2], "attention": None}
        assert not first[2]["bidirectional"]
        assert first[2]["convolution"] == "none"
    assert not np.array_equal(trainings[0][0], trainings[2][0])


def test_texts_and_chosen_seeds_and_options_are_taken(trainings):
    texts = [f"{word} {number}" for number in range(10) for word in ("good", "bad")]
    table = sk.compare_attention(texts, LABELS, ["tanh"], seeds=[3], bidirectional=True, embedding=3, **QUICK)
    assert list(table.columns) == ["accuracy", "spread", "seed 3"]
    assert trainings[0][2]["bidirectional"]


def test_samples_that_cannot_be_compared_are_refused_in_words():
    with pytest.raises(ValueError, match="compare_attention: 20 samples and 19 labels"):
        sk.compare_attention(series(), LABELS[:19])
    with pytest.raises(ValueError, match="1 of class 'c'"):
        sk.compare_attention(series(), [*LABELS[:19], "c"])
    with pytest.raises(ValueError, match="seeds must be 1 or more"):
        sk.compare_attention(series(), LABELS, seeds=0)
    with pytest.raises(ValueError, match="jobs must be a whole number from 1 up, or -1 for all cores, got 0"):
        sk.compare_attention(series(), LABELS, jobs=0)
    with pytest.raises(ValueError, match="attention must be one of"):
        sk.compare_attention(series(), LABELS, ["tan"], **QUICK)


@pytest.mark.slow
def test_two_processes_find_what_one_does():
    one, two = (
        sk.compare_attention(series(), LABELS, ["none", "dense"], seeds=2, jobs=jobs, **QUICK) for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
