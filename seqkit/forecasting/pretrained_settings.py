"""The settings of a pretrained forecaster, and what `build_forecaster` takes beside `weights=`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.data.steps import offset_of_code
from seqkit.forecasting.choices import MASK, WHERE, checked_targets, fitting_seasons
from seqkit.forecasting.facts import TableFacts
from seqkit.forecasting.seasons import Seasons
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.settling import columns_of, horizon_of, most_windows_of, seasons_of
from seqkit.layers.quantiles import LEVELS, check_levels
from seqkit.pretraining.network import SEGMENT, TIMESTEPS, UNITS
from seqkit.pretraining.weights import SYNTHETIC, WEIGHTS


@dataclass(frozen=True)
class PretrainedSettings(ForecasterSettings):
    """Those of `ForecasterSettings`, where the weights decide about the network, and the levels of its quantiles."""

    weights: str = SYNTHETIC
    levels: tuple[float, ...] = LEVELS  # of the quantiles; () for a loss that makes none

    @property
    def least_known(self) -> int:
        """The rows that a first window needs; those before them may be unknown."""
        return min(self.timesteps, max(self.season, 2))

    @property
    def tells_gaps(self) -> bool:
        """No channels beside the columns: the network has inputs of its own for what is known."""
        return False

    @property
    def levels_to_calibrate(self) -> tuple[float, ...]:
        """None: the network tells the quantiles."""
        return ()

    def check(self) -> None:
        """Refuse what `build_forecaster` refuses."""
        for name in ("timesteps", "horizon", "season", "long_season"):
            _checks.whole_number(WHERE, name, getattr(self, name))
        _checks.require_columns(WHERE, "column", self.columns, self.columns)
        checked_targets(self.columns, list(self.targets))
        fitting_seasons((self.season, self.long_season), Seasons(self.season, self.long_season), self.timesteps)
        _checks.choice(WHERE, "weights", self.weights, WEIGHTS)
        checked_timesteps(self.timesteps)
        if self.levels:
            checked_levels(self.levels)
        if self.frequency is not None:
            offset_of_code(self.frequency)
        self.check_recurrent(WHERE)


def settle_pretrained(
    *,
    weights: str,
    facts: TableFacts | None,
    horizon: int | None,
    timesteps: int | None,
    features: int | None,
    targets: Any,
    season: Any,
    most_windows: int | None,
    levels: Sequence[float] | None,
) -> PretrainedSettings:
    """Check the arguments, and choose the missing ones from the table or by default."""
    _checks.choice(WHERE, "weights", weights, WEIGHTS)
    columns = columns_of(facts, features)
    target_columns = checked_targets(columns, targets)
    horizon = horizon_of(horizon, facts, None)
    steps = TIMESTEPS if timesteps is None else checked_timesteps(timesteps)
    calendar, shown = seasons_of(season, facts, target_columns, horizon)
    if max(shown) > TIMESTEPS and season is not None:
        problem = keywords(season=season) + f", and the pretrained network reads {TIMESTEPS} timesteps at most."
        raise InvalidValue(WHERE, problem, "Use " + keywords(season=1) + ", or leave weights out.", argument="season")
    if shown.short > 1 and shown.long == 1:  # a week of hours is told with the day: M4 Hourly, held back, 1.00 for 1.05
        shown = shown._replace(long=calendar.long)
    shown = fitting_seasons(season, shown, steps)
    settings = PretrainedSettings(
        weights=weights,
        levels=LEVELS if levels is None else checked_levels(levels) if len(levels) else (),
        timesteps=steps,
        horizon=horizon,
        columns=columns,
        targets=target_columns,
        season=shown.short,
        long_season=shown.long,
        cell="gru",
        units=(UNITS,),
        bidirectional=False,
        dropout=(0.0,),
        segment=SEGMENT,
        baseline="none",
        scaling="none",
        transform=("none",) * len(columns),
        least_spread=(0.0,) * len(columns),
        fill=MASK,  # missing values stay so: the network reads what is known
        frequency=None if facts is None else facts.frequency,
        time=None if facts is None else facts.time,
        series=None if facts is None else facts.series,
        most_windows=most_windows_of(most_windows, facts),
        channels="independent",
        at_least_zero=_at_least_zero(facts, target_columns),
    )
    settings.check()
    return settings


def _at_least_zero(facts: TableFacts | None, targets: Sequence[Any]) -> tuple[bool, ...]:
    """Whether no quantile of each target is below zero: as of a forecaster that has its transform by default."""
    if facts is None:
        return ()
    transforms = dict(zip(facts.columns, facts.default_transform(), strict=True))
    return facts.never_below_zero(targets, [transforms[name] for name in targets])


def refuse_beside_weights(weights: str, given: Mapping[str, Any]) -> None:
    """Refuse arguments that say what the weights have decided; None is for those that were not given."""
    for name, value in given.items():
        if value is not None and (name, value) != ("channels", "independent"):
            problem = f"{name}={value!r} beside weights={weights!r}, whose network is fixed."
            raise InvalidValue(WHERE, problem, f"Leave {name} out, or leave weights out.", argument=name)


def checked_timesteps(timesteps: Any) -> int:
    """Refuse windows that are longer than the network reads."""
    timesteps = _checks.whole_number(WHERE, "timesteps", timesteps)
    if timesteps > TIMESTEPS:
        problem = f"the pretrained network reads {TIMESTEPS} timesteps at most, got {keywords(timesteps=timesteps)}."
        raise InvalidValue(WHERE, problem, "Leave it out.", argument="timesteps")
    return timesteps


def checked_levels(levels: Sequence[float]) -> tuple[float, ...]:
    """Levels within those of the network."""
    levels = check_levels(WHERE, levels)
    if levels[0] < LEVELS[0] or levels[-1] > LEVELS[-1]:
        problem = f"quantiles={list(levels)} go beyond those of the weights, {LEVELS[0]} to {LEVELS[-1]}."
        raise InvalidValue(WHERE, problem, "Leave the outer ones out.", argument="quantiles")
    return levels
