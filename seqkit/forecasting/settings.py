"""The settings of a forecaster: plain values that a saved model keeps in its config."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.categories import REFUSE, checked_unseen
from seqkit.data.known_ahead import Known
from seqkit.data.steps import offset_of_code
from seqkit.forecasting.calendar_parts import check_calendar
from seqkit.forecasting.choices import (
    HEADS,
    MASK,
    WHERE,
    ColumnName,
    checked_channel_vectors,
    checked_future_columns,
    checked_segment,
    checked_targets,
    fitting_seasons,
    refuse_category_targets,
    refuse_long_year,
    refuse_other_count,
    refuse_squeeze,
    refuse_unknown_choices,
)
from seqkit.forecasting.member_forecasts import checked_members
from seqkit.forecasting.seasons import Seasons
from seqkit.layers.attended import check_attention
from seqkit.layers.categories import width_of
from seqkit.layers.quantiles import check_levels
from seqkit.layers.transform import TRANSFORMS
from seqkit.task.settings import PlainSettings


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
    shrinks_long_season: bool = False  # whether its shape is the smaller, the more its seasons differ
    series: str | None = None  # the name of the index of many series
    most_windows: int | None = None  # that a series gives to an epoch; None for the median over the series
    channels: str = "joint"
    channel_vectors: int = 0  # numbers in the learnt vector of each target column; 0 for none
    head: str = "dense"
    members: tuple[str, ...] = ()  # simple forecasts beside the trained one
    weighs_members: bool = False  # whether the pretrained one has a share of its own among them
    judges_trend: bool = False  # whether Theta finds in each window how much of its trend goes on
    judges_members: bool = False  # whether the last steps of each window weigh them
    levels: tuple[float, ...] = ()  # of the quantiles; () for a model without any
    future_columns: tuple[ColumnName, ...] = ()  # those of the columns that are known ahead
    static_columns: tuple[ColumnName, ...] = ()  # beside the columns: one value a series
    calendar: tuple[str, ...] = ()  # parts of the calendar that are read off the time stamps
    holidays: str | None = None  # the country
    holiday_days: tuple[int, ...] = ()  # since 1970-01-01
    holiday_years: tuple[int, ...] = ()  # the first and last year of these
    categories: tuple[ColumnName, ...] = ()  # those of the columns, and of the static ones, that hold words
    category_sizes: tuple[int, ...] = ()  # how many words each of them has
    category_words: tuple[str, ...] = ()  # the words of the first, then those of the second ...
    unseen: str = REFUSE  # what becomes of other words
    at_least_zero: tuple[bool, ...] = ()  # of each target, whether no forecast is below zero; () for none

    def unknown_rows(self, rows: int) -> int:
        """The unknown rows that go before a series of so many rows, so that it has a window."""
        return self.timesteps - min(self.least_known, rows) if self.least_known < self.timesteps else 0

    @property
    def least_known(self) -> int:
        """The rows of a series that a first window needs, T; fewer where rows before the first may be unknown."""
        return self.timesteps

    @property
    def levels_to_calibrate(self) -> tuple[float, ...]:
        """The levels of the quantiles whose distance from the forecast `calibrate` sets."""
        return self.levels

    @property
    def target_positions(self) -> list[int]:
        """The positions of the targets in `columns`."""
        return [self.columns.index(name) for name in self.targets]

    @property
    def future_positions(self) -> list[int]:
        """The positions of the future columns in `columns`."""
        return [self.columns.index(name) for name in self.future_columns]

    @property
    def known(self) -> Known | None:
        """What the model reads besides the past; None for the past alone."""
        if not (self.future_columns or self.static_columns or self.reads_time):
            return None
        features, rows = len(self.columns), len(self.table_columns)
        time = (rows, rows + 1) if self.reads_time else ()
        return Known(features, tuple(self.future_positions), tuple(range(features, rows)), time)

    @property
    def reads_time(self) -> bool:
        """Whether the model reads the time stamp of the last row."""
        return bool(self.calendar or self.holidays)

    @property
    def has_effects(self) -> bool:
        """Whether something is known of each step ahead: columns, or the calendar."""
        return bool(self.future_columns) or self.reads_time

    @property
    def columns_of_windows(self) -> int:
        """The columns of the rows in which windows are cut: those of the table, and the two numbers of the stamp."""
        return len(self.table_columns) + 2 * self.reads_time

    @property
    def words(self) -> dict[ColumnName, tuple[str, ...]]:
        """The words of each category column; the code of the first is 1, and 0 is a gap."""
        ends = list(accumulate(self.category_sizes, initial=0))
        parts = [self.category_words[first:end] for first, end in pairwise(ends)]
        return dict(zip(self.categories, parts, strict=True))

    @property
    def table_columns(self) -> tuple[ColumnName, ...]:
        """The columns of a table in the order of the model: those of the past, then the static ones."""
        return self.columns + self.static_columns

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
        """The channels that the recurrent layers read of a timestep: the columns, and what is told of their gaps."""
        columns = len(self.columns) - self.sequences + 1
        numbers = sum(width_of(len(words)) - 1 for name, words in self.words.items() if name in self.columns)
        return (3 * columns if self.tells_gaps else columns) + numbers

    @property
    def tells_gaps(self) -> bool:
        """Whether the recurrent layers read which values are known, and how long ago the last reading was."""
        return self.fill == MASK

    @property
    def value_filled(self) -> str:
        """The value that stands for a missing one, where `fill` is not None."""
        return "last" if self.fill in (None, MASK) else str(self.fill)

    @property
    def needed_positions(self) -> list[int]:
        """The positions of the columns of which a window needs a known value."""
        return self.target_positions if self.fill == MASK else list(range(len(self.columns)))

    def check(self) -> None:
        """Refuse what `build_forecaster` refuses."""
        for name in ("timesteps", "horizon", "season", "long_season"):
            _checks.whole_number(WHERE, name, getattr(self, name))
        _checks.require_columns(WHERE, "column", self.columns, self.columns)
        refuse_squeeze(self.squeeze, checked_targets(self.columns, list(self.targets)))
        checked_future_columns(self.columns, self.targets, self.future_columns)
        if self.reads_time:
            check_calendar(self.frequency, self.calendar, self.holidays, self.holiday_days, self.holiday_years)
        _checks.require_columns(WHERE, "column", self.table_columns, self.table_columns)
        self._check_categories()
        refuse_long_year(self.long_season)
        fitting_seasons((self.season, self.long_season), Seasons(self.season, self.long_season), self.timesteps)
        checked_segment(self.segment, self.timesteps, self.season)
        refuse_unknown_choices(self.scaling, self.baseline, self.fill)
        _checks.choice(WHERE, "head", self.head, HEADS)
        checked_members(WHERE, self.members)
        if self.levels:
            check_levels(WHERE, self.levels)
        checked_channel_vectors(self.channel_vectors, self.channels)
        for kind in self.transform:
            _checks.choice(WHERE, "transform", kind, TRANSFORMS)
        refuse_other_count(len(self.columns), transform=self.transform, least_spread=self.least_spread)
        if self.frequency is not None:
            offset_of_code(self.frequency)
        self.check_recurrent(WHERE)
        check_attention(WHERE, self.attention, self.units)

    def _check_categories(self) -> None:
        checked_unseen(WHERE, self.unseen)
        _checks.require_columns(WHERE, "category column", self.categories, self.table_columns)
        refuse_category_targets(self.targets, self.categories)
        sizes = self.category_sizes
        is_whole = len(sizes) == len(self.categories) and sum(sizes) == len(self.category_words)
        if not is_whole or any(size < 1 for size in sizes):
            problem = f"category_sizes={sizes} do not fit {len(self.categories)} categories of "
            raise InvalidValue(WHERE, problem + f"{len(self.category_words)} words.", argument="categories")
