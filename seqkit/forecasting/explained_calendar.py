"""Contributions of the calendar: its features come from the time stamp, so the model reads their mean instead.

Shapes: H horizon, C targets, K calendar features; an input is a dict of arrays `[...]` of one window.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from seqkit.data.known_ahead import TIME
from seqkit.forecasting.calendar_effects import CALENDAR
from seqkit.forecasting.covariates import effects_layer
from seqkit.forecasting.explained_parts import Part, at_reference, calendar_parts, part_of_calendar
from seqkit.forecasting.explained_words import contributions_with_words, shared_out, subsets_between
from seqkit.forecasting.integrated_gradients import Arrays, Contributions, answers_of


class State(NamedTuple):
    """A window of which some parts are at their reference."""

    inputs: dict[str, np.ndarray]
    calendar: frozenset[str]  # the parts of the calendar that are not


def state_of(model: Any, inputs: Arrays) -> State:
    """A window with all its parts."""
    return State(dict(inputs), frozenset(calendar_parts(model.settings)))


def state_without(part: Part, state: State, reference: Arrays) -> State:
    """The window with one more part at its reference."""
    if part.source == TIME:
        return state._replace(calendar=state.calendar - {part.name})
    return state._replace(inputs=at_reference(part, state.inputs, reference))


def answers_of_states(model: Any, states: list[State]) -> np.ndarray:
    """The forecasts `[B, H, C]` of windows."""
    found: dict[int, np.ndarray] = {}
    for calendar in dict.fromkeys(state.calendar for state in states):
        places = [at for at, state in enumerate(states) if state.calendar == calendar]
        inputs = {name: np.stack([states[at].inputs[name] for at in places]) for name in states[0].inputs}
        with calendar_of(model, calendar):
            found |= dict(zip(places, answers_of(model, inputs), strict=True))
    return np.stack([found[at] for at in range(len(states))])


def contributions_with_calendar(model: Any, reference: Arrays, inputs: Arrays) -> Contributions:
    """The contributions of numbers and words, and of each part of the calendar, which sum exactly.

    In the reference, the calendar is at its mean over the training rows. The mean of two ways counts: everything else
    first and the calendar first. Of several parts of the calendar, each counts by the mean over the orders in which
    they are put in (Shapley 1953), as words do.

    Args:
        model: a forecaster.
        reference: of one window; NaN where the input is NaN.
        inputs: the window.
    """
    parts = calendar_parts(model.settings)
    if not parts:
        return contributions_with_words(model, reference, inputs)
    with calendar_of(model, ()):
        without = contributions_with_words(model, reference, inputs)
    found = contributions_with_words(model, reference, inputs)
    cells = {name: (without.cells[name] + found.cells[name]) / 2 for name in inputs}
    ends = {name: np.stack([reference[name], inputs[name]]) for name in inputs}
    answers = {
        frozenset(): np.stack([without.baseline, without.forecast]),
        frozenset(range(len(parts))): np.stack([found.baseline, found.forecast]),
    }
    for chosen in subsets_between(len(parts)):
        with calendar_of(model, [parts[at] for at in chosen]):
            answers[chosen] = answers_of(model, ends)
    moved = shared_out(len(parts), answers).mean(axis=1)  # (parts, H, C)
    remainder = max(without.remainder, found.remainder)
    return Contributions(cells, found.forecast, without.baseline, remainder, dict(zip(parts, moved, strict=True)))


@contextlib.contextmanager
def calendar_of(model: Any, parts: Collection[str]) -> Iterator[None]:
    """Let the model read these parts of its calendar alone; the others are at their mean."""
    layer = effects_layer(model)
    if layer is None or set(calendar_parts(model.settings)) == set(parts):
        yield
        return
    factor, names = layer.factor, model.get_layer(CALENDAR).names  # the features of the calendar are the last columns
    before = np.array(ops.convert_to_numpy(factor))
    is_read = np.ones(len(before))
    is_read[len(before) - len(names) :] = [part_of_calendar(name) in parts for name in names]
    factor.assign(before * is_read)
    try:
        yield
    finally:
        factor.assign(before)
