"""`--future-columns`, `--future` and `--static`: the columns that are known ahead, and the file that knows them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from seqkit._errors import Message, SeqkitWarning
from seqkit.cli.many import is_panel
from seqkit.cli.messages import READING_OPTIONS, SEPARATOR_NAMES, as_flags, with_flags

if TYPE_CHECKING:
    import pandas as pd

WHERE = "seqkit forecast"


def names(context: click.Context, option: click.Parameter, text: str | None) -> list[str]:
    """Read `COL,COL` (a click callback)."""
    return [] if text is None else [name.strip() for name in text.split(",") if name.strip()]


def settle_known(options: dict[str, Any]) -> None:
    """Read the columns known ahead and the static ones beside the targets; refuse flags that do not go together."""
    future, static = options["future_columns"], options["static_columns"]
    if options["model"] is None and bool(future) != bool(options["future"]):
        lacks = "--future F.csv, a file of these columns for the rows to forecast" if future else "--future-columns"
        given = "--future-columns" if future else "--future"
        raise click.ClickException(f"{WHERE}: {given} needs {lacks}.")
    if options["future"] and options["no_time"]:
        problem = "--future names the rows to forecast by their time stamps, and --no-time says that there are none."
        raise click.ClickException(f"{WHERE}: {problem} Leave one of them out.")
    if static and not options["series"]:
        raise click.ClickException(f"{WHERE}: --static tells series apart, so it needs --series.")
    options["use"] = tuple(dict.fromkeys([*options["use"], *future, *static, *options["categories"]]))


def read_future(frame: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame | None:
    """The file of `--future` on the step of the table to forecast; None without that file.

    Of its columns those of `--future-columns` are read, and others of the table that have a value, which are refused
    later. Rows that the file lacks bring no warning: those that the forecast needs are refused by date.
    """
    if options["future"] is None:
        return None
    try:
        with warnings.catch_warnings(record=True) as caught:
            table = _read_known(frame, options)
    except Message as error:
        raise click.ClickException(with_flags(error, _flags_of_known)) from error
    for warning in caught:
        if not isinstance(warning.message, SeqkitWarning) or warning.message.argument != "fill":
            warnings.warn(warning.message, stacklevel=1)
    return table


def _flags_of_known(arguments: Mapping[str, object]) -> str:
    """Arguments as flags; the columns of this file are those of `--future-columns`."""
    named = dict(arguments)
    if "columns" in named:
        columns = named.pop("columns")
        named["future_columns"] = tuple(columns) if isinstance(columns, list) else columns
    return as_flags(named)


def _read_known(frame: pd.DataFrame, options: dict[str, Any]) -> pd.DataFrame:
    from seqkit.data.cells import read_cells
    from seqkit.data.notes import Notes
    from seqkit.data.numbers import is_empty
    from seqkit.data.tables import read_csv

    separator = SEPARATOR_NAMES.get(options["separator"], options["separator"])
    form = {"encoding": options["encoding"], "separator": separator, "header": options["header"]}
    cells = read_cells(options["future"], **form, notes=Notes())
    others = [name for name in frame.columns if name in cells.texts.columns and name not in options["future_columns"]]
    reading = {name: options[name] for name in READING_OPTIONS if name not in ("freq", "sheet", *form)}
    step = frame.index.levels[1].freq if is_panel(frame) else frame.index.freq  # type: ignore[attr-defined]
    return read_csv(
        options["future"],
        time=list(options["time"]) or "auto",
        columns=[*options["future_columns"], *(name for name in others if not is_empty(cells, name))],
        series=list(options["series"]) or None,
        freq=options["freq"] or step,
        categories=[name for name in options["categories"] if name in options["future_columns"]] or None,
        **form,
        **reading,
    )


def refuse_other_future(frame: pd.DataFrame, options: dict[str, Any], future: Any, horizon: int) -> None:
    """Refuse a future table that lacks a column, a series, a date or a value, before the training."""
    from seqkit.data.categories import REFUSE, own_words
    from seqkit.data.panels import require_panel
    from seqkit.forecasting.futures import future_of_panel, future_of_table

    columns = options["future_columns"]
    if not columns:
        return
    asked: Any = SimpleNamespace(
        future_columns=tuple(columns),
        targets=tuple(name for name in frame.columns if name not in options["use"]),
        transform=("none",) * len(columns),
        future_positions=list(range(len(columns))),
        static_columns=tuple(options["static_columns"]),
        categories=tuple(options["categories"]),
        words={name: words for name, words in own_words(frame).items() if name in columns},
        unseen=options["unseen"] or REFUSE,
    )
    if is_panel(frame):
        future_of_panel(asked, require_panel(frame, WHERE, ()), future, horizon)
    else:
        future_of_table(asked, frame, future, horizon)
