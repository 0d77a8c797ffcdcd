"""The table `like` of `build_forecaster`: its rows as numbers, its words, and what the settings take from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from seqkit._errors import InvalidValue, keywords
from seqkit.data.categories import checked_unseen, in_codes
from seqkit.data.panels import is_panel, require_panel
from seqkit.forecasting.categories import chosen_words, named_categories
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.facts import PanelFacts, TableFacts
from seqkit.forecasting.statics import checked_static_columns, refuse_static_of_one
from seqkit.forecasting.tables import as_table


class Like(NamedTuple):
    """A checked table; without one, all is empty."""

    table: pd.DataFrame | None = None
    rows: pd.DataFrame | None = None  # the same, with numbers for words
    facts: TableFacts | None = None
    words: Mapping[Any, tuple[str, ...]] = {}  # that the model will know, by column
    static: tuple[Any, ...] = ()  # the columns with one value a series


def read_like(table: pd.DataFrame | None, arguments: Mapping[str, Any]) -> Like:
    """Check the table, with the arguments of `build_forecaster` that name its columns."""
    categories, static_columns = arguments["categories"], arguments["static_columns"]
    checked_unseen(WHERE, arguments["unseen"])
    if is_panel(table):
        return _panel(table, arguments)
    if table is None and categories:
        problem = keywords(categories=categories) + " names columns of words, and arrays hold numbers."
        raise InvalidValue(WHERE, problem, "Pass a table as like=, or leave it out.", "categories")
    if table is not None:
        table = as_table(table, WHERE, named_categories(categories))
        words = chosen_words(table, categories)
        rows = in_codes(WHERE, table, words)
    if static_columns is not None:
        refuse_static_of_one(static_columns)
    return Like() if table is None else Like(table, rows, TableFacts(rows), words)


def _panel(table: Any, arguments: Mapping[str, Any]) -> Like:
    categories = arguments["categories"]
    panel = require_panel(table, WHERE, named_categories(categories))
    named = (arguments[name] for name in ("targets", "future_columns", "static_columns"))
    static = checked_static_columns(panel.frame.columns, *named)
    words = chosen_words(panel.frame, categories)
    rows = in_codes(WHERE, panel.frame, words)
    facts = PanelFacts(panel._replace(frame=rows.drop(columns=static)))
    return Like(panel.frame, rows, facts, words, tuple(static))
