"""Integrated gradients of a forecast: how much each cell of its input moves it away from the forecast of a reference.

Shapes: B windows, N points of a path, H horizon, C targets; an input is a dict of arrays `[...]` of one window.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.known_ahead import PAST
from seqkit.insight.derivatives import gradients_of

WHERE = "explain"
FIRST_POINTS, MOST_POINTS = 8, 128
LARGEST_REMAINDER = 0.01  # of the sum of the sizes of the contributions
WINDOWS_AT_ONCE = 256

Arrays = Mapping[str, np.ndarray]


class Contributions(NamedTuple):
    """What each cell of an input contributes to each value of the forecast."""

    cells: dict[str, np.ndarray]  # [H, C, ...], 0 where a cell is missing or as the reference has it
    forecast: np.ndarray  # (H, C)
    baseline: np.ndarray  # (H, C), the forecast of the reference
    remainder: float  # that was spread over the cells, as a share of the sum of their sizes; the largest
    calendar: Mapping[str, np.ndarray] = {}


def answers_of(model: Any, inputs: Arrays) -> np.ndarray:
    """Forecasts `[B, H, C]` of inputs by name, each `[B, ...]`."""
    inputs = {name: np.asarray(array, "float32") for name, array in inputs.items()}
    found: np.ndarray = model.ahead(_as_read(inputs), model.settings.horizon)
    return found.astype("float64")


def contributions_of(model: Any, reference: Arrays, inputs: Arrays) -> Contributions:
    r"""Integrated gradients (Sundararajan et al. 2017, equation 1), at the middle of N equal steps.

        contribution of x_i = (x_i - x'_i) mean over n of d f(x' + t_n (x - x')) / d x_i,    t_n = (n - 1/2) / N

    x is the input, x' its reference. Their sum over all cells is f(x) - f(x') but for a remainder; N is doubled, from 8
    to 128, until that is 1 % of the sizes of the contributions or less. What is left is spread over the cells by their
    size, so that the sum is exact.

    Args:
        model: a forecaster.
        reference: x', of one window; NaN where the input is NaN.
        inputs: x.
    """
    ends = {name: np.stack([reference[name], array]) for name, array in inputs.items()}
    baseline, forecast = answers_of(model, ends)
    points = FIRST_POINTS
    while True:
        cells = _at(model, reference, inputs, points)
        sums, sizes = (sum(_over_cells(change(array)) for array in cells.values()) for change in (np.asarray, np.abs))
        left = forecast - baseline - sums  # (H, C)
        largest = float(np.max(np.abs(left)) / sizes.max()) if sizes.max() > 0 else 0.0
        if largest <= LARGEST_REMAINDER or points >= MOST_POINTS:
            break
        points *= 2
    share = np.divide(left, sizes, out=np.zeros_like(left), where=sizes > 0)
    for name, array in cells.items():
        cells[name] = array + np.abs(array) * share.reshape(share.shape + (1,) * (array.ndim - 2))
    return Contributions(cells, forecast, baseline, largest)


def _over_cells(array: np.ndarray) -> Any:
    return array.reshape(*array.shape[:2], -1).sum(axis=-1)


def _at(model: Any, reference: Arrays, inputs: Arrays, points: int) -> dict[str, np.ndarray]:
    """The contributions `[H, C, ...]` from the gradients at so many points."""
    horizon, targets = model.settings.horizon, len(model.settings.targets)
    outputs = horizon * targets
    chosen = np.eye(outputs, dtype="float32").reshape(outputs, horizon, targets)
    at_once = min(points, max(1, 1 << (WINDOWS_AT_ONCE // outputs).bit_length() >> 1))  # a power of two, as points is
    distance = {name: np.asarray(array - reference[name], "float64") for name, array in inputs.items()}
    total = {name: np.zeros((outputs, *array.shape)) for name, array in inputs.items()}
    for first in range(0, points, at_once):
        way = (first + np.arange(at_once) + 0.5) / points
        moved = {name: reference[name] + np.multiply.outer(way, distance[name]) for name in inputs}
        moved = {name: np.repeat(array.astype("float32"), outputs, axis=0) for name, array in moved.items()}
        found = _gradients(model, moved, np.tile(chosen, (at_once, 1, 1)))
        for name, array in found.items():
            total[name] += array.reshape(at_once, outputs, *inputs[name].shape).sum(axis=0, dtype="float64")
    cells = {}
    for name, way_there in distance.items():
        stays = np.isnan(way_there) | (way_there == 0)
        array = np.where(stays, 0.0, total[name] / points * np.where(stays, 0.0, way_there))
        cells[name] = array.reshape(horizon, targets, *way_there.shape)
    if not all(np.isfinite(array).all() for array in cells.values()):
        problem = "the gradients of this forecast are not finite, so its parts cannot be told."
        raise InvalidValue(WHERE, problem, "Look for values of extreme size in its past.", argument="table")
    return cells


def _gradients(model: Any, inputs: Arrays, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """The gradients of one chosen value of each window's forecast; `chosen` `[B, H, C]` is 1 there, else 0."""

    def gradients(arrays: Any) -> Any:
        inputs, chosen = arrays

        def total(inputs: Any) -> Any:
            forecast = model(_as_read(inputs), training=False)
            return ops.sum(ops.reshape(forecast, ops.shape(chosen)) * chosen)

        return gradients_of(WHERE, total, inputs)

    compiled = model.graphs.compiled("integrated gradients", gradients, 1 if model.any_length else 2)
    found: dict[str, np.ndarray] = compiled((inputs, chosen))
    return found


def _as_read(inputs: Any) -> Any:
    """The input of the graph: the past alone, or all by name."""
    return inputs[PAST] if list(inputs) == [PAST] else inputs
