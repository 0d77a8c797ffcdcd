"""Missing values in the table to forecast: a few rows are filled, columns with long gaps left out, others refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from seqkit import _checks
from seqkit._errors import MessageText, SeqkitWarning, keywords, warn
from seqkit.cli.many import extent_of, is_panel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_MISSING = 0.02  # of the rows, to be filled without being asked
MOST_STAMPS_LISTED = 5


def without_long_gaps(csv: str, frame: pd.DataFrame, named: list[str], sizes: dict[str, Any]) -> pd.DataFrame:
    """Leave out the columns with a gap as long as a window, which nothing inside the window can fill.

    Args:
        csv: the file, for messages.
        frame: the table.
        named: the columns that the user named; such a gap in one of them is refused.
        sizes: horizon and timesteps, None where they are left open.
    """
    if (
        not frame.isna().to_numpy().any() or not len(frame.columns) or is_panel(frame)
    ):  # a panel's windows go round them
        return frame
    window = _window(frame, **sizes)
    gaps = {name: _longest_run(frame[name].isna().to_numpy()) for name in frame.columns}
    long = {name: gap for name, gap in gaps.items() if gap[1] >= window}
    refused = [name for name in long if name in named] or (list(long) if len(long) == len(gaps) else [])
    if refused:
        problem = _described(frame, refused[0], *long[refused[0]], window)
        way_out = "Fill the gap in the file, cut the file there" + (", or do not name the column." if named else ".")
        raise click.ClickException(f"{csv}: {problem} {way_out}")
    for name, gap in long.items():
        problem, longer = "left out: " + _described(frame, name, *gap, window), gap[1] + 1
        fits = longer + (sizes["horizon"] or 1) <= len(frame)
        way_back: str | MessageText = (
            "To read it, pass " + keywords(timesteps=longer, fill="last") + "." if fits else ""
        )
        warn(SeqkitWarning(f"read_csv: {csv}", problem, way_back))
    return frame.drop(columns=list(long))


def _window(frame: pd.DataFrame, horizon: int | None, timesteps: int | None) -> int:
    """The rows that a forecast reads, as `build_forecaster` chooses them."""
    from seqkit.data.steps import code_of
    from seqkit.forecasting import defaults, seasons

    if timesteps is not None:
        return timesteps
    frequency = code_of(frame.index.freq)  # type: ignore[attr-defined]
    horizon = horizon or defaults.default_horizon(frequency, len(frame))
    calendar = seasons.calendar_seasons(frequency)
    shown = seasons.shown_seasons(frame.to_numpy("float64"), calendar, horizon)
    return defaults.default_timesteps(len(frame), horizon, calendar.short, shown)


def _longest_run(is_missing: np.ndarray) -> tuple[int, int]:
    """First position and length of the longest run of missing rows."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_missing, [False]]).astype(int)))
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts)) if len(starts) else -1
    return (int(starts[longest]), int(stops[longest] - starts[longest])) if len(starts) else (0, 0)


def _described(frame: pd.DataFrame, name: str, first: int, length: int, window: int) -> str:
    from seqkit.data.own_stamps import own_stamps

    start, stop = own_stamps(frame.iloc[[first, first + length - 1]])
    return (
        f"column {name!r} has no value in {length} rows, {start} to {stop}; a forecast reads {window} rows, and a gap "
        "must be shorter."
    )


def choose_filling(csv: str, frame: pd.DataFrame, fill: str | None) -> str | None:
    """How to fill the missing values: as `--fill` says; a few by the value before; None where nothing is missing.

    Few are at most 2 % of the rows, never a whole season in a row, and neither the first row, which has no value before
    it, nor the last one, from which the forecast starts. More are refused.
    """
    rows = frame.isna().any(axis=1).to_numpy()
    if fill in ("last", "mean", "mask") or not rows.any():
        return None if fill == "none" else fill
    reason = "--fill none" if fill == "none" else _why_not_few(frame, rows)
    if reason is not None:
        raise click.ClickException(_refusal(csv, frame, rows, reason))
    places = _places(frame[rows][:MOST_STAMPS_LISTED])
    listed = ", ".join(places) + (" and so on" if rows.sum() > MOST_STAMPS_LISTED else "")
    is_one = rows.sum() == 1
    warn(
        SeqkitWarning(
            f"read_csv: {csv}",
            f"{int(rows.sum())} of {len(frame)} rows {'has' if is_one else 'have'} missing values: {listed}. "
            f"{'It is' if is_one else 'Each is'} filled from the values before it.",
            "To refuse them, pass " + keywords(fill="none") + ".",
            argument="fill",
        )
    )
    return "last"


def _why_not_few(frame: pd.DataFrame, rows: np.ndarray) -> str | None:
    from seqkit.forecasting.seasons import natural_period

    extent = extent_of(frame)
    season = natural_period(extent.frequency)
    of_each = "the {} row of a series" if is_panel(frame) else "the {} row"
    if rows[extent.first + extent.rows - 1].any():
        return of_each.format("last") + " is one of them, and the forecast starts from it"
    if rows[extent.first].any():
        return of_each.format("first") + " is one of them, and no value is before it"
    if rows.mean() > MOST_MISSING:
        return f"more than {MOST_MISSING:.0%}"
    return f"{season} in a row, a whole season" if 1 < season <= _longest_run(rows)[1] else None


def _refusal(csv: str, frame: pd.DataFrame, rows: np.ndarray, reason: str) -> str:
    first = frame.iloc[[int(rows.argmax())]]
    column = frame.columns[int(first.iloc[0].isna().argmax())]
    return (
        f"{csv}: {int(rows.sum())} of {len(frame)} rows have missing values ({reason}), the first in column "
        f"{column!r} at {_places(first)[0]}. Fill them from earlier rows with --fill last (or "
        "--fill mean), the same and tell the network which are missing with --fill mask, or fill them in the file."
    )


def _places(frame: pd.DataFrame) -> list[str]:
    """The time of each row, and its series in a panel."""
    from seqkit.data.own_stamps import own_stamps

    stamps = own_stamps(frame)
    if not is_panel(frame):
        return stamps
    return [f"{stamp} of {name!r}" for stamp, name in zip(stamps, frame.index.get_level_values(0), strict=True)]


def refuse_use(target: list[str], use: list[str], columns: list[str] | None = None) -> None:
    """Refuse a column that is to be forecast and only to be read, and a table where none is left to forecast."""
    both = [name for name in use if name in target]
    if both:
        raise click.ClickException(
            f"seqkit forecast: {_checks.listed(both)} is named by --target, and again by --use, --future-columns, "
            "--static or --categories. A column is either forecast or only read. Name it once."
        )
    if columns is not None and not set(columns) - set(use):
        raise click.ClickException(
            f"seqkit forecast: --use names {_checks.listed(use)}, and no other column is left to forecast. Name a "
            "column with --target."
        )
