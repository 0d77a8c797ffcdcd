"""The settings of a forecaster: plain values that a saved model keeps in its config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.data.steps import offset_of_code
from seqkit.forecasting import defaults
from seqkit.forecasting.facts import TableFacts
from seqkit.forecasting.seasons import Seasons, asked_seasons, calendar_seasons
from seqkit.layers.attended import check_attention
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.scaling import FILLS
from seqkit.layers.stack import INITIAL_STATES
from seqkit.layers.stack_arguments import activation_name, first_layer_dropout, layer_units
from seqkit.layers.transform import TRANSFORMS
from seqkit.task.settings import PlainSettings

ColumnName = str | int | float
WHERE = "build_forecaster"
SCALINGS = {"window": "each window by itself", "standard": "by the training rows", "none": "no scaling"}
FIRST_DROPOUT = 0.2
LONGEST_SEASON = 10_000  # rows
CHANNELS = {"joint": "one sequence of all columns", "independent": "a sequence of each target column"}
HEADS = {"dense": "one layer for the whole horizon", "segments": "the same layers for each segment of the horizon"}
BASELINES = {"smoothed": "smoothed level and season", "last": "last value", "none": "no baseline"}


@dataclass(frozen=True)
class ForecasterSettings(PlainSettings):
    """Checked and complete settings; `build_forecaster` makes them, `Forecaster` and its network read them."""

    timesteps: int
    horizon: int
    columns: tuple[ColumnName, ...]  # the features, in the order of the input's last axis
    targets: tuple[ColumnName, ...]
    season: int
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    segment: int
    baseline: str
    scaling: str
    transform: tuple[str, ...]  # one for each column
    least_spread: tuple[float, ...]  # smallest spread of a window after the transform, one for each column
    fill: str | None
    frequency: str | None = None
    time: str | None = None
    squeeze: bool = False  # whether the output is (B, H), without the axis of its only target
    activation: str = "tanh"
    initial_state: str = "zeros"
    attention: tuple[str, ...] = ()  # none: the last step alone
    long_season: int = 1
    series: str | None = None  # the name of the index of many series
    most_windows: int | None = None  # that a series gives to an epoch; None for the median over the series
    channels: str = "joint"
    channel_vectors: int = 0  # numbers in the learnt vector of each target column; 0 for none
    head: str = "dense"

    @property
    def target_positions(self) -> list[int]:
        """The positions of the targets in `columns`."""
        return [self.columns.index(name) for name in self.targets]

    @property
    def leading_zeros(self) -> int:
        """Timesteps of zeros, the level of a window, that fill up the first segment."""
        return -self.timesteps % self.segment

    @property
    def sequences(self) -> int:
        """The sequences that the recurrent layers read of a window: one, or one for each target."""
        return len(self.targets) if self.channels == "independent" else 1

    @property
    def features_of_a_sequence(self) -> int:
        """The columns that the recurrent layers read of a timestep."""
        return len(self.columns) - self.sequences + 1

    def check(self) -> None:
        """Refuse what `build_forecaster` refuses."""
        for name in ("timesteps", "horizon", "season", "long_season"):
            _checks.whole_number(WHERE, name, getattr(self, name))
        _checks.require_columns(WHERE, "column", self.columns, self.columns)
        _refuse_squeeze(self.squeeze, _targets(self.columns, list(self.targets)))
        _refuse_long_year(self.long_season)
        _fitting((self.season, self.long_season), Seasons(self.season, self.long_season), self.timesteps)
        _segment(self.segment, self.timesteps, self.season)
        _refuse_unknown_choices(self.scaling, self.baseline, self.fill)
        _checks.choice(WHERE, "head", self.head, HEADS)
        _channel_vectors(self.channel_vectors, self.channels)
        for kind in self.transform:
            _checks.choice(WHERE, "transform", kind, TRANSFORMS)
        _refuse_other_count(len(self.columns), transform=self.transform, least_spread=self.least_spread)
        if self.frequency is not None:
            offset_of_code(self.frequency)
        self.check_recurrent(WHERE)
        check_attention(WHERE, self.attention, self.units)


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
) -> ForecasterSettings:
    """Check the arguments of `build_forecaster`, and choose the missing ones from the table or by default."""
    columns = _columns(facts, features)
    target_columns = _targets(columns, targets)
    _refuse_squeeze(squeeze, target_columns)
    frequency = None if facts is None else facts.frequency
    horizon = _horizon(horizon, facts, timesteps)
    calendar, shown = _seasons(season, facts, target_columns, horizon)
    steps = _timesteps(facts, timesteps, horizon, calendar.short, shown)
    shown = _fitting(season, shown, steps)
    sizes = layer_units(WHERE, units)
    _refuse_unknown_choices(scaling, baseline, fill)
    transforms = _transform(facts, transform, columns)
    _checks.choice(WHERE, "initial_state", initial_state, INITIAL_STATES)
    settings = ForecasterSettings(
        timesteps=steps,
        horizon=horizon,
        columns=columns,
        targets=target_columns,
        season=shown.short,
        long_season=shown.long,
        cell=cell_name(WHERE, cell, CELLS),
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=first_layer_dropout(WHERE, dropout, first_dropout, len(sizes), FIRST_DROPOUT),
        segment=_segment(segment, steps, calendar.short),
        baseline=baseline,
        scaling=scaling,
        transform=transforms,
        least_spread=(0.0,) * len(columns) if facts is None else facts.least_spread(transforms),
        fill=fill,
        frequency=frequency,
        time=None if facts is None else facts.time,
        series=None if facts is None else facts.series,
        most_windows=_most_windows(most_windows, facts),
        squeeze=bool(squeeze),
        activation=activation_name(WHERE, activation),
        initial_state=initial_state,
        attention=check_attention(WHERE, attention, sizes),
        channels=channels,
        channel_vectors=_channel_vectors(channel_vectors, channels),
        head=head,
    )
    settings.check()
    return settings


def _refuse_long_year(long_season: int) -> None:
    if long_season > LONGEST_SEASON:
        problem = (
            f"a season of {long_season} rows is smoothed over the square of its rows, and {LONGEST_SEASON} is the most."
        )
        raise InvalidValue(WHERE, problem, "Sum the rows up to longer steps before.", argument="season")


def _refuse_other_count(columns: int, **settings: tuple[Any, ...]) -> None:
    for name, values in settings.items():
        if len(values) != columns:
            raise InvalidValue(WHERE, f"{name} has {len(values)} values for {columns} columns.", argument=name)


def _horizon(horizon: Any, facts: TableFacts | None, timesteps: Any) -> int:
    if horizon is None:
        if facts is None:
            raise InvalidValue(
                WHERE, "give " + keywords(horizon=...) + ", the rows to predict at once.", argument="horizon"
            )
        horizon = defaults.default_horizon(facts.frequency, facts.rows - (timesteps or 0))
    return _checks.whole_number(WHERE, "horizon", horizon)


def _refuse_squeeze(squeeze: bool, targets: tuple[ColumnName, ...]) -> None:
    if squeeze and len(targets) > 1:
        problem = f"squeeze=True leaves out the axis of the only target, and there are {len(targets)} targets."
        raise InvalidValue(WHERE, problem, "Name one target, or leave squeeze out.", argument="squeeze")


def _refuse_unknown_choices(scaling: str, baseline: str, fill: str | None) -> None:
    _checks.choice(WHERE, "scaling", scaling, SCALINGS)
    _checks.choice(WHERE, "baseline", baseline, BASELINES)
    if fill is not None:
        _checks.choice(WHERE, "fill", fill, FILLS)


def _channel_vectors(size: Any, channels: str) -> int:
    """Check the size of the columns' vectors beside `channels`, and return it."""
    _checks.choice(WHERE, "channels", channels, CHANNELS)
    size = _checks.whole_number(WHERE, "channel_vectors", size, least=0)
    if size and channels == "joint":
        problem = f'channel_vectors={size} are of columns by themselves, and channels="joint".'
        raise InvalidValue(WHERE, problem, 'Use channels="independent", or leave it out.', argument="channel_vectors")
    return size


def _columns(facts: TableFacts | None, features: Any) -> tuple[ColumnName, ...]:
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


def _targets(columns: tuple[ColumnName, ...], targets: Any) -> tuple[ColumnName, ...]:
    if targets is None:
        return columns
    names = [targets] if isinstance(targets, (str, int)) else list(targets)
    if not names:
        raise InvalidValue(WHERE, "targets is empty.", f"Name one or more of {_checks.listed(columns)}.", "targets")
    return tuple(_checks.require_columns(WHERE, "target", names, columns))


def _seasons(
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


def _fitting(asked: Any, seasons: Seasons, timesteps: int) -> Seasons:
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


def _segment(segment: Any, timesteps: int, period: int) -> int:
    if segment is None:
        return defaults.default_segment(timesteps, period)
    segment = _checks.whole_number(WHERE, "segment", segment)
    if segment > timesteps:
        problem = f"segment={segment} is longer than the window of " + keywords(timesteps=timesteps) + "."
        raise InvalidValue(WHERE, problem, f"Use {timesteps} at most, or 1 for none.", argument="segment")
    return segment


def _transform(facts: TableFacts | None, transform: Any, columns: tuple[ColumnName, ...]) -> tuple[str, ...]:
    if transform is not None:
        _checks.choice(WHERE, "transform", transform, TRANSFORMS)
        return (transform,) * len(columns)
    return ("none",) * len(columns) if facts is None else facts.default_transform()


def _most_windows(most_windows: Any, facts: TableFacts | None) -> int | None:
    if most_windows is None:
        return None
    if facts is None or facts.series is None:
        problem = keywords(most_windows=most_windows) + " limits what each series of a panel gives to an epoch."
        raise InvalidValue(WHERE, problem, "Pass a panel as like=, or leave it out.", argument="most_windows")
    return _checks.whole_number(WHERE, "most_windows", most_windows)
