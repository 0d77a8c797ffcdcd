"""Intermittent series, whose values are zero on most days: recognised, and trained by a loss that suits them.

Shapes: N rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import SeqkitWarning, keywords, warn
from seqkit.data.categories import is_category
from seqkit.data.panels import is_panel, require_panel
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.facts import PanelFacts, TableFacts
from seqkit.forecasting.seasons import natural_period
from seqkit.forecasting.tables import as_table

LONGEST_INTERVAL = 1.32  # between demands, of a series that is smooth (Syntetos, Boylan & Croston 2005)
FEWEST_DEMANDS = 2
LOSS = "mse"  # its best forecast is the mean; that of "mae" is the median, 0 (benchmarks/intermittent.py)


def is_intermittent(values: np.ndarray, period: int = 1) -> bool:
    """Whether a series `[N]` is intermittent: no value below zero, and the median of most demand is zero.

    The mean interval between values above zero is longer than 1.32 rows (Syntetos, Boylan & Croston 2005), counted from
    the first of them. Half or more of the sum of values stands in phases of the season whose median is zero: sunshine
    is zero each night, and its median at noon forecasts it well.

    Args:
        values: of one series; NaN is left out.
        period: rows in the season of the calendar; 1 for none.

    Example:
        >>> is_intermittent(np.array([0, 3, 0, 0, 1, 0, 0, 0, 2, 0.0]))
        True
        >>> is_intermittent(np.tile([0.0, 0, 5, 0], 9), period=4)
        False
    """
    values = np.asarray(values, "float64")
    demands = np.flatnonzero(values > 0)
    if len(demands) < FEWEST_DEMANDS or (values < 0).any():
        return False
    values = values[demands[0] :]
    if np.isfinite(values).sum() <= LONGEST_INTERVAL * len(demands):
        return False
    phases = np.arange(len(values)) % period
    total = unforeseen = 0.0
    for phase in range(min(period, len(values))):
        known = values[phases == phase]
        known = known[np.isfinite(known)]
        total += known.sum()
        unforeseen += known.sum() if len(known) and np.median(known) == 0 else 0.0
    return bool(unforeseen >= total / 2)


def shows_intermittent(facts: TableFacts | None, targets: Sequence[Any]) -> bool:
    """Whether half or more of the targets are intermittent, of a panel in half or more of its series with a demand."""
    if facts is None:
        return False
    period = natural_period(facts.frequency)
    series = [values[:, at] for values in facts.series_values(targets) for at in range(len(targets))]
    series = [values for values in series if np.nansum(np.abs(values)) > 0]
    return bool(series) and 2 * sum(is_intermittent(values, period) for values in series) >= len(series)


def chosen_loss(loss: Any, is_open: bool, facts: TableFacts | None, targets: Sequence[Any]) -> Any:
    """The loss of a forecaster; where it is left open, intermittent targets get one of the mean, which a warning says.

    Args:
        loss: as it was asked for, or the default.
        is_open: whether nobody asked for it.
        facts: of the training table; None for arrays.
        targets: the names of the target columns.
    """
    if not is_open or not shows_intermittent(facts, targets):
        return loss
    problem = f"most {'targets' if facts is None or facts.series is None else 'series'} are intermittent: zero on so "
    problem += f"many rows that the median is 0. So loss={LOSS!r} is chosen, whose forecast is the mean."
    warn(SeqkitWarning(WHERE, problem, "To forecast the median, pass " + keywords(loss="mae") + ".", argument="loss"))
    return LOSS


def is_intermittent_table(table: Any, targets: Any, *others: Any, categories: Sequence[Any] = ()) -> bool:
    """Whether `build_forecaster(like=table)` would choose the loss of intermittent targets.

    Args:
        table: the training table or panel.
        targets: as `build_forecaster` takes them.
        others: names of columns that are no targets by default.
        categories: names of columns of words, beside those of dtype category.
    """
    facts: PanelFacts | TableFacts
    if is_panel(table):
        panel = require_panel(table, WHERE, categories)
        facts = PanelFacts(panel._replace(frame=_numbers_of(panel.frame)))
    else:
        facts = TableFacts(_numbers_of(as_table(table, WHERE, categories)))
    left_out = [name for names in others for name in _listed(names)]
    names = [name for name in facts.columns if name not in left_out] if targets is None else _listed(targets)
    return all(name in facts.columns for name in names) and shows_intermittent(facts, names)


def _numbers_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns that hold no words."""
    return frame[[name for name, column in frame.items() if not is_category(column)]]


def remark_on_mean(model: Any, table: Any) -> str:
    """What a verdict says of a model that forecasts the mean of intermittent targets; nothing of another one."""
    if model.loss != LOSS or not is_intermittent_table(
        table, list(model.settings.targets), categories=model.settings.categories
    ):
        return ""
    words = (
        f"The values are intermittent, and the model forecasts their mean (loss={LOSS!r}): judge it by rmse, since by "
    )
    return words + "mean absolute error a forecast of zeros is hard to beat."


def _listed(names: Any) -> list[Any]:
    if names is None:
        return []
    return list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [names]
