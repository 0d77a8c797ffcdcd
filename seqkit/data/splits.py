"""The split of a table by time: training, validation and test rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import whole_number
from seqkit._errors import InvalidValue, SeqkitWarning, listed, warn
from seqkit._shown import shown_shortly
from seqkit.data.context import FIRST_TARGET, WHOLE, Whole
from seqkit.data.panel_context import Cut, rows_between
from seqkit.data.panels import Panel, is_panel, require_panel
from seqkit.data.regular import require_regular


@shown_shortly
class Split(NamedTuple):
    """Three tables in the order of time. `attrs["targets_from"]` is the first stamp after a table's context rows.

    Example:
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> sales = pd.DataFrame({"sales": range(10)}, pd.date_range("2024", periods=10, freq="D"))
        >>> train, validation, test = sk.split(sales, validation=3, test=2)
        >>> len(train), len(validation), len(test)
        (5, 3, 2)
    """

    train: pd.DataFrame  # (rows, columns)
    validation: pd.DataFrame  # (context + rows, columns); the first `context` rows are input only
    test: pd.DataFrame  # (context + rows, columns); the first `context` rows are input only


def split(frame: pd.DataFrame, *, validation: int, test: int, context: int = 0) -> Split:
    """Split a table by time: first the training rows, then the validation rows, last the test rows.

    No row is a target in two of the tables. A forecaster and `make_windows` find the rows before a table by themselves,
    so that a model of any timesteps can forecast the first target. With `context`, the validation and test tables show
    such rows: they begin with them. These rows are input only. `attrs["targets_from"]` is the stamp of the first
    target.

    Of a panel, the rows of each series are split at the series' own end. A series that is too short for that stays
    whole among the training rows, and a warning names it.

    Args:
        frame: A table with a regular time index, as from `read_csv`, or a panel, as from `as_panel`.
        validation: Rows for choosing a model (may be 0).
        test: The last rows, for judging a model (may be 0).
        context: Earlier rows that the validation and test tables begin with. Code of your own that makes windows
            needs as many as the model has timesteps.

    Returns:
        `Split(train, validation, test)`; a table of 0 rows is empty.

    Raises:
        ValueError: There are fewer rows than the tables and the context need, in every series of a panel.

    Example:
        >>> index = pd.date_range("2024", periods=10, freq="D")
        >>> tables = split(pd.DataFrame({"sales": range(10)}, index), validation=3, test=2, context=4)
        >>> [len(table) for table in tables]
        [5, 7, 6]
    """
    panel = require_panel(frame, "split", ()) if is_panel(frame) else None
    frame = require_regular(frame, "split", ()) if panel is None else panel.frame
    validation = whole_number("split", "validation", validation, least=0)
    test = whole_number("split", "test", test, least=0)
    context = whole_number("split", "context", context, least=0)
    if panel is not None:
        return _split_panel(panel, validation, test, context)
    needed = validation + test + max(context, 1)
    if len(frame) < needed:
        first = f"context={context}" if context else "1 row to train on"
        problem = f"validation={validation}, test={test} and {first} need {needed} rows or more, got {len(frame)}."
        raise InvalidValue("split", problem, "Shorten one of them, or pass more rows.")
    test_start = len(frame) - test
    train_rows = test_start - validation
    return Split(
        frame.iloc[:train_rows],
        _with_context(frame, train_rows, test_start, context),
        _with_context(frame, test_start, len(frame), context),
    )


def _with_context(frame: pd.DataFrame, start: int, stop: int, context: int) -> pd.DataFrame:
    if start == stop:
        return frame.iloc[:0]
    table = frame.iloc[start - context : stop]
    table.attrs = {**frame.attrs, FIRST_TARGET: frame.index[start], WHOLE: Whole(frame)}
    return table


def _split_panel(panel: Panel, validation: int, test: int, context: int) -> Split:
    """Cut each series at its own end; one that is too short for that stays whole among the training rows."""
    needed = validation + test + max(context, 1)
    is_long = panel.rows >= needed
    if not is_long.any():
        problem = f"validation={validation}, test={test} and the rows before them need {needed} rows of a series, and "
        problem += f"the longest of {len(panel.rows)} series has {int(panel.rows.max())}."
        raise InvalidValue("split", problem, "Shorten one of them, or pass more rows.")
    if not is_long.all():
        short = panel.names[~is_long]
        problem = f"fewer than {needed} rows in {len(short)} of {len(panel.rows)} series: {listed(short, most=5)}."
        way_out = "All of their rows are training rows, and none is held out."
        warn(SeqkitWarning("split", problem, way_out))
    first, stop = panel.first, panel.first + panel.rows
    test_start = np.where(is_long, stop - test, stop)
    validation_start = np.where(is_long, test_start - validation, stop)
    return Split(
        panel.frame.iloc[rows_between(first, validation_start)],
        _panel_with_context(panel, is_long, validation_start, test_start, context),
        _panel_with_context(panel, is_long, test_start, stop, context),
    )


def _panel_with_context(
    panel: Panel, is_long: np.ndarray, target: np.ndarray, stop: np.ndarray, context: int
) -> pd.DataFrame:
    first, target, stop = panel.first[is_long], target[is_long], stop[is_long]
    begin = np.where(target < stop, target - context, target)
    cut = Cut(panel.frame, first, begin, target, stop)
    table = panel.frame.iloc[rows_between(begin, stop)]
    table.attrs = {**panel.frame.attrs, WHOLE: cut}
    return table
