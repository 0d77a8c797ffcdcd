"""The choice of a forecaster's settings: the arguments of `build_forecaster`, checked, and what they leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.data.categories import REFUSE
from seqkit.forecasting import defaults
from seqkit.forecasting.calendar_inputs import settled_calendar
from seqkit.forecasting.choices import (
    FIRST_DROPOUT,
    WHERE,
    ColumnName,
    checked_channel_vectors,
    checked_future_columns,
    checked_segment,
    checked_targets,
    fitting_seasons,
    refuse_category_targets,
    refuse_squeeze,
    refuse_unknown_choices,
)
from seqkit.forecasting.facts import TableFacts
from seqkit.forecasting.member_forecasts import checked_members
from seqkit.forecasting.seasons import Seasons, asked_seasons, calendar_seasons
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.attended import check_attention
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.quantiles import LEVELS, check_levels
from seqkit.layers.stack import INITIAL_STATES
from seqkit.layers.stack_arguments import activation_name, first_layer_dropout, layer_units
from seqkit.layers.transform import TRANSFORMS


def settle(
    *,
    facts: TableFacts | None,
    horizon: int | None,
    timesteps: int | None,
    features: int | None,
    targets: ColumnName | Sequence[ColumnName] | None,
    season: int | Sequence[int] | None,
    cell: str,
    units: int | Sequence[int],
    activation: str,
    initial_state: str,
    attention: str | Sequence[str],
    bidirectional: bool,
    dropout: float | Sequence[float] | None,
    first_dropout: float | None,
    segment: int | None,
    baseline: str,
    scaling: str,
    transform: str | None,
    fill: str | None,
    squeeze: bool,
    most_windows: int | None,
    channels: str,
    channel_vectors: int,
    head: str,
    members: Sequence[str] | None = None,
    levels: Sequence[float] | None = None,
    future_columns: Any = None,
    static_columns: tuple[ColumnName, ...] = (),
    calendar: Any = None,
    holidays: Any = None,
    words: Mapping[ColumnName, Sequence[str]] | None = None,
    unseen: str = REFUSE,
) -> ForecasterSettings:
    """Check the arguments of `build_forecaster`, and choose the missing ones from the table or by default."""
    columns = columns_of(facts, features)
    future = checked_future_columns(columns, (), future_columns)
    words = words or {}
    apart = {*future, *words}
    targets = [name for name in columns if name not in apart] if targets is None and apart else targets
    target_columns = checked_targets(columns, targets)
    refuse_category_targets(target_columns, list(words))
    refuse_squeeze(squeeze, target_columns)
    frequency = None if facts is None else facts.frequency
    horizon = horizon_of(horizon, facts, timesteps)
    cycles, shown = seasons_of(season, facts, target_columns, horizon)
    steps = _timesteps(facts, timesteps, horizon, cycles.short, shown)
    shown = fitting_seasons(season, shown, steps)
    sizes = layer_units(WHERE, units)
    refuse_unknown_choices(scaling, baseline, fill)
    transforms = _transform(facts, transform, columns, future)
    transforms = tuple("none" if name in words else kind for name, kind in zip(columns, transforms, strict=True))
    _checks.choice(WHERE, "initial_state", initial_state, INITIAL_STATES)
    settings = ForecasterSettings(
        timesteps=steps,
        horizon=horizon,
        columns=columns,
        targets=target_columns,
        season=shown.short,
        long_season=shown.long,
        shrinks_long_season=facts is not None and facts.series is not None,
        cell=cell_name(WHERE, cell, CELLS),
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=first_layer_dropout(WHERE, dropout, first_dropout, len(sizes), FIRST_DROPOUT),
        segment=checked_segment(segment, steps, cycles.short),
        baseline=baseline,
        scaling=scaling,
        transform=transforms,
        least_spread=(0.0,) * len(columns) if facts is None else facts.least_spread(transforms),
        fill=fill,
        frequency=frequency,
        time=None if facts is None else facts.time,
        series=None if facts is None else facts.series,
        most_windows=most_windows_of(most_windows, facts),
        squeeze=bool(squeeze),
        activation=activation_name(WHERE, activation),
        initial_state=initial_state,
        attention=check_attention(WHERE, attention, sizes),
        channels=channels,
        channel_vectors=checked_channel_vectors(channel_vectors, channels),
        head=head,
        members=checked_members(WHERE, members or ()),
        weighs_members=True,
        judges_trend=facts is None or facts.series is None,
        judges_members=facts is not None and facts.series is not None,
        levels=LEVELS if levels is None else tuple(levels) and check_levels(WHERE, levels),
        future_columns=future,
        static_columns=static_columns,
        **settled_calendar(frequency, calendar, holidays),
        categories=tuple(words),
        category_sizes=tuple(map(len, words.values())),
        category_words=tuple(word for known in words.values() for word in known),
        unseen=unseen,
        at_least_zero=_at_least_zero(facts, target_columns, dict(zip(columns, transforms, strict=True))),
    )
    settings.check()
    return settings


def _at_least_zero(
    facts: TableFacts | None, targets: Sequence[ColumnName], transforms: Mapping[ColumnName, str]
) -> tuple[bool, ...]:
    """Whether no forecast of each target is below zero; under a log none is, whatever the layer does."""
    kinds = ["none" if transforms[name] == "log" else transforms[name] for name in targets]
    return () if facts is None else facts.never_below_zero(targets, kinds)


def horizon_of(horizon: Any, facts: TableFacts | None, timesteps: Any) -> int:
    """The horizon that was asked for, or that of the table."""
    if horizon is None:
        if facts is None:
            raise InvalidValue(
                WHERE, "give " + keywords(horizon=...) + ", the rows to predict at once.", argument="horizon"
            )
        horizon = defaults.default_horizon(facts.frequency, facts.rows - (timesteps or 0))
    return _checks.whole_number(WHERE, "horizon", horizon)


def columns_of(facts: TableFacts | None, features: Any) -> tuple[ColumnName, ...]:
    """The columns of the table, or of arrays with so many features."""
    if facts is None:
        if features is None:
            raise InvalidValue(
                WHERE,
                "give like=<the training table>, or timesteps= and features= for arrays [samples, timesteps, "
                "features].",
            )
        return tuple(range(_checks.whole_number(WHERE, "features", features)))
    if features is not None and features != len(facts.columns):
        raise InvalidValue(
            WHERE,
            f"features={features}, but the table has {len(facts.columns)} columns ({_checks.listed(facts.columns)}).",
            "Leave features out, or choose the columns.",
            argument="features",
        )
    empty = facts.unknown_columns()
    if empty:
        raise InvalidValue(WHERE, f"column {empty[0]!r} has no known value.", "Leave it out.", "like")
    return facts.columns


def seasons_of(
    season: Any, facts: TableFacts | None, targets: tuple[ColumnName, ...], horizon: int
) -> tuple[Seasons, Seasons]:
    """Return the seasons that the calendar has, and those that the table shows; both as asked where they are."""
    if season is not None:
        asked = asked_seasons(WHERE, season)
        return asked, asked
    calendar = calendar_seasons(None if facts is None else facts.frequency)
    return calendar, Seasons(1, 1) if facts is None else facts.shown_seasons(targets, calendar, horizon)


def _timesteps(facts: TableFacts | None, timesteps: Any, horizon: int, period: int, shown: Seasons) -> int:
    if timesteps is None:
        if facts is None:
            problem = "give " + keywords(timesteps=...) + ", the rows of an input window, or like=<the training table>."
            raise InvalidValue(WHERE, problem, argument="timesteps")
        timesteps = facts.default_timesteps(horizon, period, shown)
    timesteps = _checks.whole_number(WHERE, "timesteps", timesteps)
    if facts is not None and facts.longest < timesteps + horizon:
        problem = keywords(timesteps=timesteps) + " and " + keywords(horizon=horizon)
        what = "table" if facts.series is None else "longest series"
        problem += f" need {timesteps + horizon} rows or more, the {what} has {facts.longest}."
        raise InvalidValue(WHERE, problem, "Shorten either, or pass more rows.")
    return timesteps


def _transform(
    facts: TableFacts | None, transform: Any, columns: tuple[ColumnName, ...], future: tuple[ColumnName, ...]
) -> tuple[str, ...]:
    """The transform of each column; a log that was asked for spares future columns with values that have none."""
    found = ("none",) * len(columns) if facts is None else facts.default_transform()
    if transform is None:
        return found
    _checks.choice(WHERE, "transform", transform, TRANSFORMS)
    if transform != "log":
        return (transform,) * len(columns)
    return tuple(own if name in future else transform for name, own in zip(columns, found, strict=True))


def most_windows_of(most_windows: Any, facts: TableFacts | None) -> int | None:
    """The windows that a series may give to an epoch, which only a panel limits."""
    if most_windows is None:
        return None
    if facts is None or facts.series is None:
        problem = keywords(most_windows=most_windows) + " limits what each series of a panel gives to an epoch."
        raise InvalidValue(WHERE, problem, "Pass a panel as like=, or leave it out.", argument="most_windows")
    return _checks.whole_number(WHERE, "most_windows", most_windows)
