"""The gates and states of a model on the time axis: a heat map for each, steps across and units down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidValue
from seqkit.drawing.panels import largest_size
from seqkit.forecasting.model import Forecaster
from seqkit.insight.cell_gates import gates
from seqkit.insight.plots import FIELD_TITLES, GATES
from seqkit.reports import look
from seqkit.reports.columns import Columns
from seqkit.reports.page import Figure, Folded, Section, Words

TITLE = "Inside the network: gates and states"
HEIGHT = 300
DECIMALS = 3
MOST_TICKS = 8
TO = " to "
UNTRAINED = "It has its first weights, since no training of it was better than the simple forecast."


def gates_section(columns: Columns, model: Forecaster, table: pd.DataFrame, stamps: list[str], of: str) -> Section:
    """What the cells do in the last window.

    Args:
        columns: of the page.
        model: the forecaster.
        table: of one series, or a panel of which the first series is shown.
        stamps: of the last rows, those that the model reads or more.
        of: the words that name the series; "" for the only one.
    """
    try:
        found = gates(model, table)
    except InvalidValue as error:
        return Section(TITLE, [Words([f"There are none to show: {error.written()}"])])
    parts: list[Any] = []
    for at, (name, arrays) in enumerate(found.items()):
        figures = _figures(columns, arrays, stamps, model.settings.timesteps)
        parts += figures if not at else [Folded(f"Layer {name}", figures)]
    lead = f"The recurrent network read the last window{of}. Each row is a unit of the layer, each column a step."
    untrained = [UNTRAINED] if model.chosen_epochs == 0 else []
    return Section(TITLE, [Words([lead, *untrained]), *parts])


def _figures(columns: Columns, arrays: Any, stamps: list[str], timesteps: int) -> list[Figure]:
    figures = []
    for field, values in arrays._asdict().items():
        shown = np.asarray(values)[0]  # (steps, units)
        limit = largest_size(shown)
        limits = (0.0, 1.0) if field in GATES else (-limit, limit)
        names = step_names(stamps, len(shown), timesteps)
        z = [columns.keep(np.round(row.astype("float64"), DECIMALS).tolist()) for row in shown.T]
        hover = f"<b>%{{x}}</b><br>unit %{{y}}<br>{FIELD_TITLES[field].split(':')[0]}: %{{z}}"
        spec = look.heat_map(z, columns.keep(names), list(range(shown.shape[1])), limits, hover, HEIGHT)
        spec["layout"]["yaxis"]["title"] = look.titled("unit")
        spec["layout"]["xaxis"] |= _ticks(names)
        title = FIELD_TITLES[field]
        figures.append(Figure(spec, f"{title}, {len(shown)} steps", HEIGHT, title[:1].upper() + title[1:]))
    return figures


def _ticks(names: list[str]) -> dict[str, Any]:
    """A few of the steps, written by the stamp of their first row."""
    at = np.unique(np.linspace(0, len(names) - 1, MOST_TICKS).round().astype(int))
    return {"tickvals": [names[one] for one in at], "ticktext": [names[one].split(TO)[0] for one in at]}


def step_names(stamps: list[str], steps: int, timesteps: int) -> list[str]:
    """The stamps of the steps of a recurrent layer; a step of several rows has those of its first and last row.

    Steps that are neither the rows of a window nor its segments are numbered.
    """
    window = stamps[-timesteps:]
    length = -(-timesteps // steps)
    if len(window) < timesteps or -(-timesteps // length) != steps or len(set(window)) < len(window):
        return [f"step {number}" for number in range(1, steps + 1)]
    before = steps * length - timesteps  # zeros that fill up the first step
    edges = [(max(0, at * length - before), (at + 1) * length - before - 1) for at in range(steps)]
    return [window[first] if first == last else f"{window[first]}{TO}{window[last]}" for first, last in edges]
