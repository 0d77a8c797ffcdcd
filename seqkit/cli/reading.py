"""Reading the CSV of `seqkit forecast`: its options as arguments of `read_csv`, and the rows that are missing."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import click

from seqkit._errors import SeqkitWarning
from seqkit.cli.gaps import choose_filling, refuse_use, without_long_gaps
from seqkit.cli.many import extent_of, is_panel
from seqkit.cli.messages import LINE_OPTIONS, READING_OPTIONS, SEPARATOR_NAMES, say_what_takes_long

if TYPE_CHECKING:
    import pandas as pd

SIZES = ("horizon", "timesteps")


def read(csv: str, options: dict[str, Any]) -> tuple[pd.DataFrame, str | None]:
    """Return the table to forecast, and how to fill its missing values."""
    from seqkit.data.categories import without_categories

    named = [*options["target"], *options["use"]]
    refuse_use(options["target"], options["use"])
    say_what_takes_long(csv)
    with warnings.catch_warnings(record=True) as caught:
        frame = _read_table(csv, options)
        kept = numbers = without_categories(frame)
        if options["fill"] != "mask":  # it reads windows without any known value of a column
            kept = without_long_gaps(csv, numbers, named, {name: options[name] for name in SIZES})
        frame = frame.drop(columns=numbers.columns.difference(kept.columns))
    refuse_use(options["target"], options["use"], list(frame.columns))
    with warnings.catch_warnings(record=True) as caught_filling:  # an error comes alone, without warnings before it
        fill = choose_filling(csv, kept, options["fill"])
    for message in (warning.message for warning in caught):
        if isinstance(message, SeqkitWarning) and message.argument == "fill":  # of the rows that the grid lacks
            if caught_filling:
                continue
            message = message.with_way_out("They are filled as --fill says.")
        warnings.warn(message, stacklevel=1)
    for warning in caught_filling:
        warnings.warn(warning.message, stacklevel=1)
    return frame, fill


def _read_table(csv: str, options: dict[str, Any]) -> pd.DataFrame:
    from seqkit.data.tables import read_csv

    if options["no_time"] and options["time"]:
        raise click.ClickException(
            "seqkit forecast: --time names a time column, --no-time says there is none. Give one of them."
        )
    if options["start"] is not None and not options["no_time"]:
        raise click.ClickException(
            "seqkit forecast: --start is for a table without time stamps. Add --no-time, or leave it out."
        )
    reading = {name: options[name] for name in (*READING_OPTIONS, *LINE_OPTIONS)}
    if options["start"] is not None:
        reading["start"] = options["start"]
    return read_csv(
        csv,
        time=None if options["no_time"] else list(options["time"]) or "auto",
        columns=list(options["target"]) or None,
        use=list(options["use"]) or None,
        series=list(options["series"]) or None,
        separator=SEPARATOR_NAMES.get(options["separator"], options["separator"]),
        categories=options["categories"] or None,
        missing="none" if options["missing"] == ("none",) else list(options["missing"]) or None,
        **reading,
    )


def refuse_too_few_rows(csv: str, frame: pd.DataFrame, timesteps: int | None, horizon: int | None) -> None:
    """Refuse a table that cannot hold one window and one horizon."""
    needed = (timesteps or 1) + (horizon or 1)
    longest = int(extent_of(frame).rows.max())
    if longest < needed:
        which = "the longest series" if is_panel(frame) else "the table"
        flags = [f"{flag} {value}" for flag, value in (("--timesteps", timesteps), ("--horizon", horizon)) if value]
        flags = flags or ["a forecast"]
        raise click.ClickException(
            f"{csv}: {' and '.join(flags)} {'needs' if len(flags) == 1 else 'need'} {needed} rows or more, {which} "
            f"has {longest}. Shorten, or add rows."
        )
