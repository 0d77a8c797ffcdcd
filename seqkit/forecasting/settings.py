"""What a forecaster is made of: plain values that fit in a saved model's config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.forecasting import defaults
from seqkit.layers.scaling import FILLS, TRANSFORMS
from seqkit.layers.stack import CELLS, first_layer_dropout, layer_units
from seqkit.task.settings import PlainSettings

Name = str | int
WHERE = "build_forecaster"
SCALINGS = {"window": "each window by itself", "standard": "training rows", "none": "as it is"}
FIRST_DROPOUT = 0.2
BASELINES = {"smoothed": "level and season", "last": "last value", "none": "nothing"}


@dataclass(frozen=True)
class ForecasterSettings(PlainSettings):
    """Checked and complete; `build_forecaster` makes it, `Forecaster` and its network read it."""

    timesteps: int
    horizon: int
    columns: tuple[Name, ...]  # features, in the order of the input's last axis
    targets: tuple[Name, ...]
    season: int
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    segment: int
    baseline: str
    scaling: str
    transform: tuple[str, ...]  # one for each column
    least_spread: tuple[float, ...]  # of a window, one for each column, after the transform
    fill: str | None
    frequency: str | None = None
    time: str | None = None

    @property
    def target_positions(self) -> list[int]:
        """Where the targets stand among the columns."""
        return [self.columns.index(name) for name in self.targets]


def settle(
    *,
    like: pd.DataFrame | None,
    horizon: int,
    timesteps: int | None,
    features: int | None,
    targets: Name | Sequence[Name] | None,
    season: int | None,
    cell: str,
    units: int | Sequence[int],
    bidirectional: bool,
    dropout: float | Sequence[float] | None,
    first_dropout: float | None,
    segment: int | None,
    baseline: str,
    scaling: str,
    transform: str | None,
    fill: str | None,
) -> ForecasterSettings:
    """Check the builder's arguments and fill in what the table, or else plain habit, decides."""
    horizon = _checks.whole_number(WHERE, "horizon", horizon)
    columns = _columns(like, features)
    names = _targets(columns, targets)
    frequency = None if like is None else pd.DatetimeIndex(like.index).freqstr
    period = _checks.whole_number(WHERE, "season", defaults.natural_period(frequency) if season is None else season)
    seasonal = season is not None or _is_seasonal(like, names, period)
    steps = _timesteps(like, timesteps, horizon, period, seasonal)
    sizes = layer_units(WHERE, units)
    _refuse_unknown_words(cell, scaling, baseline, fill)
    transforms = _transform(like, transform, columns)
    return ForecasterSettings(
        timesteps=steps,
        horizon=horizon,
        columns=columns,
        targets=names,
        season=_season(season, period, steps) if seasonal else 1,
        cell=cell,
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=first_layer_dropout(WHERE, dropout, first_dropout, len(sizes), FIRST_DROPOUT),
        segment=_segment(segment, steps, period),
        baseline=baseline,
        scaling=scaling,
        transform=transforms,
        least_spread=_least_spread(like, transforms),
        fill=fill,
        frequency=frequency,
        time=None if like is None or like.index.name is None else str(like.index.name),
    )


def _refuse_unknown_words(cell: str, scaling: str, baseline: str, fill: str | None) -> None:
    _checks.choice(WHERE, "cell", cell, CELLS)
    _checks.choice(WHERE, "scaling", scaling, SCALINGS)
    _checks.choice(WHERE, "baseline", baseline, BASELINES)
    if fill is not None:
        _checks.choice(WHERE, "fill", fill, FILLS)


def _columns(like: pd.DataFrame | None, features: Any) -> tuple[Name, ...]:
    if like is None:
        if features is None:
            raise InvalidValue(
                WHERE,
                "give like=<the training table>, or timesteps= and features= for bare arrays [samples, timesteps, "
                "features].",
            )
        return tuple(range(_checks.whole_number(WHERE, "features", features)))
    if features is not None and features != like.shape[1]:
        raise InvalidValue(
            WHERE,
            f"features={features}, but the table has {like.shape[1]} columns ({_checks.listed(like.columns)}).",
            "Leave features out, or choose the columns.",
            argument="features",
        )
    empty = [name for name in like.columns if len(like) and like[name].isna().all()]
    if empty:
        raise InvalidValue(WHERE, f"column {empty[0]!r} has no known value.", "Leave it out.")
    return tuple(like.columns)


def _targets(columns: tuple[Name, ...], targets: Any) -> tuple[Name, ...]:
    if targets is None:
        return columns
    wanted = [targets] if isinstance(targets, (str, int)) else list(targets)
    if not wanted:
        raise InvalidValue(
            WHERE, "targets is empty.", f"Name one or more of {_checks.listed(columns)}.", argument="targets"
        )
    return tuple(_checks.known_names(WHERE, "target", wanted, columns))


def _timesteps(like: pd.DataFrame | None, timesteps: Any, horizon: int, period: int, seasonal: bool) -> int:
    if timesteps is None:
        if like is None:
            raise InvalidValue(
                WHERE, "give " + keywords(timesteps=...) + ", the rows a window reads, or like=<the training table>."
            )
        timesteps = defaults.default_timesteps(len(like), horizon, period, seasonal)
    timesteps = _checks.whole_number(WHERE, "timesteps", timesteps)
    if like is not None and len(like) < timesteps + horizon:
        raise InvalidValue(
            WHERE,
            keywords(timesteps=timesteps)
            + " and "
            + keywords(horizon=horizon)
            + f" need {timesteps + horizon} rows or more, the table has {len(like)}.",
            "Shorten either, or pass more rows.",
        )
    return timesteps


def _is_seasonal(like: pd.DataFrame | None, targets: tuple[Name, ...], period: int) -> bool:
    if like is None:
        return False
    seasonal = [defaults.is_seasonal(like[name].to_numpy("float64"), period) for name in targets]
    return sum(seasonal) * 2 >= len(seasonal)


def _season(given: Any, period: int, timesteps: int) -> int:
    if period <= timesteps:
        return period
    if given is None:
        return 1
    raise InvalidValue(
        WHERE,
        f"season={period} does not fit in " + keywords(timesteps=timesteps) + ".",
        "Use " + keywords(timesteps=period) + " or more, or season=1.",
    )


def _segment(segment: Any, timesteps: int, period: int) -> int:
    if segment is None:
        return defaults.default_segment(timesteps, period)
    segment = _checks.whole_number(WHERE, "segment", segment)
    if timesteps % segment:
        raise InvalidValue(
            WHERE,
            keywords(timesteps=timesteps) + f" is not a whole number of segments of {segment}.",
            "Use " + keywords(timesteps=-(-timesteps // segment) * segment) + ", or segment=1.",
            argument="segment",
        )
    return segment


def _transform(like: pd.DataFrame | None, transform: Any, columns: tuple[Name, ...]) -> tuple[str, ...]:
    if transform is not None:
        _checks.choice(WHERE, "transform", transform, TRANSFORMS)
        return (transform,) * len(columns)
    return ("none",) * len(columns) if like is None else defaults.default_transform(like.to_numpy("float64"))


def _least_spread(like: pd.DataFrame | None, transforms: tuple[str, ...]) -> tuple[float, ...]:
    if like is None:
        return (0.0,) * len(transforms)
    return defaults.least_spread(like.to_numpy("float64"), transforms)
