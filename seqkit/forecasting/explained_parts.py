"""The parts of a forecaster's input that `explain` tells apart, and the reference that each is compared with.

Shapes: T timesteps, F features, H horizon, F2 columns known ahead, F3 static columns, P parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from seqkit._checks import did_you_mean
from seqkit._errors import InvalidType, InvalidValue, listed
from seqkit.data.known_ahead import FUTURE, PAST, STATIC, TIME
from seqkit.forecasting.covariates import STATIC_SCALING
from seqkit.forecasting.integrated_gradients import WHERE
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.calendar import HOLIDAYS

MOST_SEASONS = 7  # of the past that have a part each
LONGER = 3  # times, where there is no season: a block of the past is so much longer than the later one


class Part(NamedTuple):
    """A part of an input."""

    name: Any
    source: str  # the input in which it stands: past, future, static or time
    cells: tuple[slice, int] | int | slice  # rows and column, the position of a static column, or all of the time


def parts_of_input(settings: ForecasterSettings, target: Any) -> list[Part]:
    """The parts for a target: known ahead, the calendar, other columns of the past, static ones, and its own past."""
    everything, own = slice(None), settings.columns.index(target)
    parts = [Part(name, FUTURE, (everything, at)) for at, name in enumerate(settings.future_columns)]
    parts += [Part(name, TIME, everything) for name in calendar_parts(settings)]
    others = [(at, name) for at, name in enumerate(settings.columns) if at != own]
    parts += [Part(f"{name}: past", PAST, (everything, at)) for at, name in others]
    parts += [Part(name, STATIC, at) for at, name in enumerate(settings.static_columns)]
    return parts + [Part(name, PAST, (rows, own)) for name, rows in blocks_of_past(settings).items()]


def calendar_parts(settings: ForecasterSettings) -> list[str]:
    """The parts that the calendar makes, such as "calendar: weekday"."""
    return [part_of_calendar(name) for name in (*settings.calendar, *([HOLIDAYS] if settings.holidays else []))]


def part_of_calendar(feature: str) -> str:
    """The part to which a feature of the calendar belongs."""
    return f"calendar: {feature}"


def blocks_of_past(settings: ForecasterSettings) -> dict[str, slice]:
    """The rows of a window by season, the last one first; without a season, blocks that grow with their age."""
    timesteps, season = settings.timesteps, settings.season
    if season > 1:
        ends = [season * number for number in range(1, MOST_SEASONS + 1)]
        names = ["last season", *(f"{number} seasons back" for number in range(2, MOST_SEASONS + 1))]
    else:
        ends, names = [1], ["last row"]
        while ends[-1] < timesteps and len(ends) < MOST_SEASONS:
            ends.append(LONGER * ends[-1])
            names.append(f"rows {ends[-2] + 1} to {min(ends[-1], timesteps)} back")
    begins = [0, *ends]
    blocks = {
        name: slice(max(timesteps - end, 0), timesteps - begin)
        for name, begin, end in zip(names, begins, ends, strict=False)
        if begin < timesteps
    }
    return blocks | ({"older": slice(0, timesteps - ends[-1])} if ends[-1] < timesteps else {})


def cells_of(part: Part, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Which cells of its input are of this part and known."""
    values = inputs[part.source]
    found = np.zeros(values.shape, bool)
    found[part.cells] = True
    return found & ~np.isnan(values)


def at_reference(part: Part, inputs: Mapping[str, np.ndarray], reference: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The inputs with this part at its reference."""
    moved = np.where(cells_of(part, inputs), reference[part.source], inputs[part.source])
    return {**inputs, part.source: moved}


def reference_of(model: Any, inputs: Mapping[str, np.ndarray], given: Mapping[Any, float]) -> dict[str, np.ndarray]:
    """The reference of an input: each column at its usual value in the window, static ones at that of the training.

    A target, and a column of more than two values, is usually at its mean; one of two values, or of words, at the most
    frequent. Static words are unknown ones. The columns that are known ahead have the reference of their past.

    Args:
        model: a forecaster.
        inputs: of one window, `past` `[T, F]`, `future` `[H, F2]` and `static` `[F3]`, as far as the model reads them.
        given: values of the user's, by column.
    """
    settings, past = model.settings, inputs[PAST]
    usual = [
        given[name] if name in given else _usual_of(settings, name, past[:, at])
        for at, name in enumerate(settings.columns)
    ]
    reference = {PAST: np.where(np.isnan(past), np.nan, np.array(usual))}
    if FUTURE in inputs:
        ahead = [
            _usual_of(settings, name, inputs[FUTURE][:, at]) if np.isnan(usual[position]) else usual[position]
            for at, (name, position) in enumerate(zip(settings.future_columns, settings.future_positions, strict=True))
        ]
        reference[FUTURE] = np.broadcast_to(np.array(ahead), inputs[FUTURE].shape)
    if TIME in inputs:  # the calendar's reference is within the model, see explained_calendar
        reference[TIME] = inputs[TIME]
    if STATIC in inputs:
        means = np.ravel(ops.convert_to_numpy(model.get_layer(STATIC_SCALING).mean))  # words have more after these
        static = enumerate(settings.static_columns)
        usual = [given.get(name, 0.0 if name in settings.categories else means[at]) for at, name in static]
        reference[STATIC] = np.array(usual, "float64")
    return reference


def _usual_of(settings: ForecasterSettings, name: Any, values: np.ndarray) -> float:
    """The usual value of a column, or the code of its usual word."""
    if name in settings.categories:
        return most_frequent(values[values > 0]) if (values > 0).any() else 0.0
    return usual_value(values, name in settings.targets)


def usual_value(values: np.ndarray, is_target: bool) -> float:
    """The mean of the known values; of a column of two values the more frequent one; NaN of none."""
    known = values[~np.isnan(values)].astype("float64")
    if not len(known):
        return float("nan")
    return most_frequent(known) if len(np.unique(known)) <= 2 and not is_target else float(known.mean())


def most_frequent(known: np.ndarray) -> float:
    """The most frequent value, of equals the smallest."""
    different, counts = np.unique(known, return_counts=True)
    return float(different[np.argmax(counts)])


def checked_reference(settings: ForecasterSettings, reference: Any) -> dict[Any, float]:
    """The user's reference values by column, words as their codes; refuse what the columns cannot have."""
    if reference is None:
        return {}
    if not isinstance(reference, Mapping):
        problem = f"reference must be values by column, got {type(reference).__name__}."
        raise InvalidType(WHERE, problem, 'Pass a dict such as {"price": 3.5}.', argument="reference")
    found = {}
    for name, value in reference.items():
        if name not in settings.table_columns:
            problem = f"reference has {name!r}, and the model reads {listed(settings.table_columns)}."
            raise InvalidValue(WHERE, problem, did_you_mean(name, settings.table_columns), argument="reference")
        if name in settings.words:
            found[name] = _code_of(settings.words[name], name, value)
            continue
        is_number = isinstance(value, (int, float, np.number)) and np.isfinite(value)
        is_log = name in settings.columns and settings.transform[settings.columns.index(name)] == "log"
        if not is_number or (is_log and value <= 0):
            wanted = "a number above zero, since its log is read" if is_log else "a finite number"
            problem = f"the reference of {name!r} must be {wanted}, got {value!r}."
            raise InvalidValue(WHERE, problem, argument="reference")
        found[name] = float(value)
    return found


def _code_of(words: tuple[str, ...], name: Any, word: Any) -> float:
    if word not in words:
        problem = f"the reference of {name!r} must be one of its words, {listed(words)}, got {word!r}."
        raise InvalidValue(WHERE, problem, did_you_mean(word, words), argument="reference")
    return float(words.index(word) + 1)
