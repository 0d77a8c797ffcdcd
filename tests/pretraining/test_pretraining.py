"""The training on drawn series: its batches, its rate, and going on after a stop."""

import csv
from itertools import islice

import numpy as np
import pytest

from seqkit.pretraining import train
from seqkit.pretraining.network import HORIZON, TIMESTEPS, pretrained_network


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(train, "BATCH", 8)
    monkeypatch.setattr(train, "DRAWN_AT_ONCE", 24)
    monkeypatch.setattr(train, "VALIDATION_SERIES", 16)
    monkeypatch.setattr(train, "pretrained_network", lambda: pretrained_network(units=4))


def test_batches_from_the_middle_are_those_from_the_start():
    whole, later = list(islice(train.batches(3), 6)), list(islice(train.batches(3, first=4), 2))
    for batch, again in zip(whole[4:], later, strict=True):
        for name in batch:
            np.testing.assert_array_equal(batch[name], again[name])
    assert whole[0]["past"].shape == (8, TIMESTEPS)
    assert whole[0]["future"].shape == (8, HORIZON)
    assert not np.array_equal(whole[0]["future"], next(train.batches(4))["future"])


def test_the_rate_rises_holds_and_falls():
    rate = train.RiseHoldFall(2.0, 100)
    np.testing.assert_allclose([float(rate(step)) for step in (0, 4, 30, 64, 99)], [0.4, 2, 2, 2, 0], atol=1e-5)
    assert 0 < float(rate(80)) < 2


def test_a_new_training_may_begin_from_the_weights_of_another(tmp_path):
    earlier = pretrained_network(units=4)
    earlier.save_weights(tmp_path / "synthetic.weights.h5")
    network = train.new_training(5, 1, tmp_path / "synthetic.weights.h5").get_layer("pretrained")
    for weight, again in zip(earlier.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, again)


@pytest.mark.slow
def test_a_training_that_was_stopped_ends_with_the_same_weights(tmp_path):
    train.train(tmp_path / "whole", steps=5, minutes=10, seed=1)
    train.train(tmp_path / "parts", steps=5, minutes=0, seed=1)  # one step
    train.train(tmp_path / "parts", steps=5, minutes=10, seed=1)
    networks = [pretrained_network(units=4) for _ in range(2)]
    for network, folder in zip(networks, ("whole", "parts"), strict=True):
        network.load_weights(tmp_path / folder / "synthetic.weights.h5")
    for weight, again in zip(*(network.get_weights() for network in networks), strict=True):
        np.testing.assert_allclose(weight, again, rtol=1e-6, atol=1e-8)
    with (tmp_path / "parts" / "progress.csv").open(newline="") as file:
        assert [row["steps"] for row in csv.DictReader(file)] == ["1", "5"]
