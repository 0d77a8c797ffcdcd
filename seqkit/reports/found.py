"""What was found in the table, and what the model is: names and values for a reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from seqkit import __version__
from seqkit.data.panels import is_panel
from seqkit.forecasting.described import described
from seqkit.forecasting.facts import lengths_of
from seqkit.forecasting.members import pretrained_shares, share_of
from seqkit.forecasting.model import Forecaster
from seqkit.reports.columns import as_text
from seqkit.task.model import Task

MOST_NAMES = 12
MEMBERS = {"theta": "Theta", "pretrained": "a network pretrained on synthetic series", "baseline": "the baseline"}

Rows = list[tuple[str, str]]


def facts_of_table(table: pd.DataFrame, first: str, last: str) -> Rows:
    """Rows, series, times, columns and gaps of a table or a panel; `first` and `last` are its stamps."""
    rows: Rows = [("rows", f"{len(table)}, {first} to {last}")]
    if is_panel(table):
        count, usual = lengths_of(table)
        sizes = table.groupby(level=0, sort=False).size()
        rows.append(("series", f"{count}, of {sizes.min()} to {sizes.max()} rows, half of them {usual} or more"))
    rows.append(("columns", named(list(table.columns))))
    missing = table.isna().sum()
    gaps = [f"{name}: {count}" for name, count in missing.items() if count]
    rows.append(("missing values", ", ".join(gaps[:MOST_NAMES]) + _more(gaps) if gaps else "none"))
    return rows


def facts_of_forecaster(model: Forecaster) -> Rows:
    """What a forecaster is, and how it was trained."""
    settings = model.settings
    rows: Rows = [
        ("in a sentence", described(model)),
        ("forecasts", f"{named(settings.targets)}; {settings.horizon} rows at once, step {settings.frequency}"),
        ("network", network_in_words(model)),
    ]
    share = share_of(model)
    if share is not None:
        own = pretrained_shares(model)
        of_pretrained = (
            {} if own is None else {"pretrained": f" ({', '.join(f'{share:.0%}' for share in own)} of them)"}
        )
        members = " and ".join(MEMBERS.get(name, name) + of_pretrained.get(name, "") for name in settings.members)
        rows.append(("beside the network", f"{members}; the network's share of the forecast is {share:.0%}"))
    return [*rows, *facts_of_training(model), ("trained until", str(model.trained_until or "not trained"))]


def network_in_words(model: Task) -> str:
    """The cells, their units and the weights."""
    settings = model.settings
    units = ", ".join(map(str, settings.units))
    cell = str(settings.cell).replace("_", " ").upper()
    both = ", in both directions" if getattr(settings, "bidirectional", False) else ""
    return f"{cell} with {units} units{both}; {model.count_params():,} weights"


def facts_of_training(model: Task) -> Rows:
    """Epochs, seconds and versions."""
    epochs = "unknown" if model.chosen_epochs is None else f"{model.chosen_epochs:g}"
    if model.chosen_epochs == 0:
        epochs = "0: validation rows showed no gain of the network over the simple forecast"
    seconds = "unknown: not kept in a file, and by hand nobody counts them"
    if model.training_seconds is not None:
        seconds = f"{model.training_seconds:.0f} seconds"
    versions = f"seqkit {__version__}, Keras {keras.__version__} on {keras.backend.backend()}"
    return [("epochs", epochs), ("training took", seconds), ("made by", versions)]


def named(names: Sequence[Any]) -> str:
    """Names in a row, cut where they are many."""
    texts = [str(name) for name in names]
    return ", ".join(texts[:MOST_NAMES]) + _more(texts)


def _more(texts: Sequence[str]) -> str:
    return f" and {len(texts) - MOST_NAMES} more" if len(texts) > MOST_NAMES else ""


def in_words(target: Any, past: pd.Series, future: pd.Series, stamps: Sequence[str], last: str) -> str:
    """A forecast in a sentence: where it starts, where it ends, its highest and its lowest value."""
    values = future.to_numpy("float64")
    high, low = int(np.nanargmax(values)), int(np.nanargmin(values))
    known = past.dropna()
    words = f"{target}: from {as_text(known.iloc[-1])} in {last} to {as_text(values[-1])} in {stamps[-1]}"
    if len(values) < 3:
        return words + "."
    return (
        f"{words}; the highest value is {as_text(values[high])} in {stamps[high]}, the lowest "
        f"{as_text(values[low])} in {stamps[low]}."
    )
