"""The regressor's graph: scaling, recurrent layers, attention, convolutions beside; numbers in raw units.

Shapes: B samples, T timesteps, F features, C targets.
"""

from __future__ import annotations

from typing import Any

from keras import layers

from seqkit.layers.target_scaling import ConformalIntervals, TargetScaling
from seqkit.regression.settings import RegressorSettings
from seqkit.task.series_network import Network, described_network, series_steps


def regressor_network(settings: RegressorSettings) -> Network:
    """Connect the layers."""

    def head() -> tuple[Any, layers.Layer]:
        scaled = layers.Dense(len(settings.targets), dtype="float32", name="scaled")
        raw_units = TargetScaling(settings.at_least_zero, name="raw_units")
        return lambda vector: raw_units(scaled(vector)), ConformalIntervals(name="intervals")

    return described_network(settings, *series_steps(settings), head)
