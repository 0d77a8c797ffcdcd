"""The choices that a builder of forecasters has, and what it refuses of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.forecasting import defaults
from seqkit.forecasting.seasons import Seasons
from seqkit.layers.scaling import FILLS

ColumnName = str | int | float
WHERE = "build_forecaster"
SCALINGS = {"window": "each window by itself", "standard": "by the training rows", "none": "no scaling"}
FIRST_DROPOUT = 0.2
LONGEST_SEASON = 10_000  # rows
CHANNELS = {"joint": "one sequence of all columns", "independent": "a sequence of each target column"}
MASK = "mask"
WAYS_TO_FILL = {**FILLS, MASK: "the last known value, and channels that tell what is known and since when"}
HEADS = {"dense": "one layer for the whole horizon", "segments": "the same layers for each segment of the horizon"}
BASELINES = {"smoothed": "smoothed level and season", "last": "last value", "none": "no baseline"}


def refuse_long_year(long_season: int) -> None:
    """Refuse a second season that takes more work than a window is worth."""
    if long_season > LONGEST_SEASON:
        problem = (
            f"a season of {long_season} rows is smoothed over the square of its rows, and {LONGEST_SEASON} is the most."
        )
        raise InvalidValue(WHERE, problem, "Sum the rows up to longer steps before.", argument="season")


def refuse_other_count(columns: int, **settings: tuple[Any, ...]) -> None:
    """Refuse a setting that has another number of values than there are columns."""
    for name, values in settings.items():
        if len(values) != columns:
            raise InvalidValue(WHERE, f"{name} has {len(values)} values for {columns} columns.", argument=name)


def refuse_squeeze(squeeze: bool, targets: tuple[ColumnName, ...]) -> None:
    """Refuse an output without the axis of the targets where there are several."""
    if squeeze and len(targets) > 1:
        problem = f"squeeze=True leaves out the axis of the only target, and there are {len(targets)} targets."
        raise InvalidValue(WHERE, problem, "Name one target, or leave squeeze out.", argument="squeeze")


def refuse_unknown_choices(scaling: str, baseline: str, fill: str | None) -> None:
    """Refuse words that name no way of scaling, no baseline or no filling."""
    _checks.choice(WHERE, "scaling", scaling, SCALINGS)
    _checks.choice(WHERE, "baseline", baseline, BASELINES)
    if fill is not None:
        _checks.choice(WHERE, "fill", fill, WAYS_TO_FILL)


def checked_channel_vectors(size: Any, channels: str) -> int:
    """Check the size of the columns' vectors beside `channels`, and return it."""
    _checks.choice(WHERE, "channels", channels, CHANNELS)
    size = _checks.whole_number(WHERE, "channel_vectors", size, least=0)
    if size and channels == "joint":
        problem = f'channel_vectors={size} are of columns by themselves, and channels="joint".'
        raise InvalidValue(WHERE, problem, 'Use channels="independent", or leave it out.', argument="channel_vectors")
    return size


def checked_targets(columns: tuple[ColumnName, ...], targets: Any) -> tuple[ColumnName, ...]:
    """Return the names of the targets, all columns by default; refuse unknown and repeated ones."""
    if targets is None:
        return columns
    names = [targets] if isinstance(targets, str) or not isinstance(targets, Iterable) else list(targets)
    if not names:
        raise InvalidValue(WHERE, "targets is empty.", f"Name one or more of {_checks.listed(columns)}.", "targets")
    names = _checks.require_columns(WHERE, "target", names, columns)
    return tuple(columns[columns.index(name)] for name in names)  # the table's own names: plain numbers, not NumPy's


def refuse_category_targets(targets: Sequence[ColumnName], categories: Sequence[ColumnName]) -> None:
    """Refuse to forecast words."""
    both = [name for name in targets if name in categories]
    if both:
        problem = f"{both[0]!r} is a target and a category: a forecast is a number."
        raise InvalidValue(WHERE, problem, "Name the columns of numbers in targets.", argument="targets")


def checked_future_columns(
    columns: tuple[ColumnName, ...], targets: tuple[ColumnName, ...], future: Any
) -> tuple[ColumnName, ...]:
    """Return the names of the columns that are known ahead; refuse unknown ones, repeated ones and targets."""
    names = _checks.require_columns(WHERE, "future column", () if future is None else future, columns)
    both = [name for name in names if name in targets]
    if both:
        problem = f"{both[0]!r} is a target and a future column: what is forecast is not known ahead."
        raise InvalidValue(WHERE, problem, "Name it once.", argument="future_columns")
    return tuple(names)


def fitting_seasons(asked: Any, seasons: Seasons, timesteps: int) -> Seasons:
    """Return the seasons that fit in a window; others are refused where they were asked for, else left out."""
    too_long = [season for season in seasons if season > timesteps]
    if asked is None or not too_long:
        return Seasons(*(1 if season in too_long else season for season in seasons))
    raise InvalidValue(
        WHERE,
        keywords(season=tuple(asked) if isinstance(asked, Sequence) else asked)
        + " does not fit in "
        + keywords(timesteps=timesteps)
        + ".",
        "Use " + keywords(timesteps=max(too_long)) + " or more, or " + keywords(season=1) + ".",
        argument="season",
    )


def checked_segment(segment: Any, timesteps: int, period: int) -> int:
    """Return the timesteps that are joined to one step, by default those of the calendar's period."""
    if segment is None:
        return defaults.default_segment(timesteps, period)
    segment = _checks.whole_number(WHERE, "segment", segment)
    if segment > timesteps:
        problem = f"segment={segment} is longer than the window of " + keywords(timesteps=timesteps) + "."
        raise InvalidValue(WHERE, problem, f"Use {timesteps} at most, or 1 for none.", argument="segment")
    return segment
