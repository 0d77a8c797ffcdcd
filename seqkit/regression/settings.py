"""The settings of a regressor: plain values that a saved model's config can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.texts import is_text
from seqkit.data.zeros import never_below_zero
from seqkit.layers.attended import check_attention
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.scaling import SERIES_SCALINGS
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.regression.targets import as_targets, check_names, named_targets
from seqkit.task.series_settings import (
    CONVOLUTIONS,
    MISSING_CHOICES,
    SegmentedSettings,
    segment_of,
    series_input,
)

WHERE = "build_regressor"
NOTHING_GIVEN = "give like=<the training series>, or features= (and timesteps=)."


@dataclass(frozen=True)
class RegressorSettings(SegmentedSettings):
    """The complete, checked settings; `build_regressor` makes them, `Regressor` and its network read them."""

    targets: tuple[str, ...]
    is_one: bool  # whether targets and predictions are one number for each sample, [B]
    features: int  # of a timestep
    timesteps: int | None  # of every series, or None for any length
    longest: int  # timesteps of the longest training series
    cell: str
    units: tuple[int, ...]
    bidirectional: bool
    dropout: tuple[float, ...]
    attention: tuple[str, ...]
    convolution: str
    scaling: str
    missing: str
    segment: int
    activation: str
    initial_state: str
    feature_names: tuple[str, ...] = ()  # of the columns, where the training series are tables
    at_least_zero: tuple[bool, ...] = ()  # of each target, whether no answer is below zero; () for none

    def check(self) -> None:
        """Refuse what `build_regressor` refuses."""
        check_names(WHERE, self.targets)
        if self.is_one and len(self.targets) > 1:
            problem = f"one number for each sample cannot be {len(self.targets)} targets."
            raise InvalidValue(WHERE, problem, argument="targets")
        if len(self.at_least_zero) not in (0, len(self.targets)):
            problem = "at_least_zero must have a mark for each of {} targets, got {}."
            problem = problem.format(len(self.targets), len(self.at_least_zero))
            raise InvalidValue(WHERE, problem, argument="at_least_zero")
        for name in ("features", "segment"):
            _checks.whole_number(WHERE, name, getattr(self, name))
        for name in ("longest", "timesteps"):
            _checks.whole_number(WHERE, name, getattr(self, name) or 0, least=0)
        self.check_recurrent(WHERE)
        check_attention(WHERE, self.attention, self.units)
        _checks.choice(WHERE, "scaling", self.scaling, SERIES_SCALINGS)
        _checks.choice(WHERE, "missing", self.missing, MISSING_CHOICES)
        _checks.choice(WHERE, "convolution", self.convolution, CONVOLUTIONS)


def settle(
    *,
    like: Any,
    targets: Any,
    features: int | None,
    timesteps: int | None,
    cell: str,
    units: int | Sequence[int],
    activation: str,
    initial_state: str,
    bidirectional: bool,
    dropout: float | Sequence[float],
    attention: str | Sequence[str],
    convolution: str,
    scaling: str,
    missing: str,
) -> RegressorSettings:
    """Check the builder's arguments and fill in what the training samples decide."""
    if like is not None and is_text(like):
        problem = "series of numbers are needed, got text."
        raise InvalidValue(WHERE, problem, "Texts are read by build_classifier.", "like")
    _checks.choice(WHERE, "missing", missing, MISSING_CHOICES)
    read_input = series_input(WHERE, like, features, timesteps, missing, NOTHING_GIVEN)
    names, is_one, at_least_zero = _named(like, targets)
    sizes = layer_units(WHERE, units)
    length = None if missing == "mask" else read_input.timesteps  # any length: only then the network has a mask
    settings = RegressorSettings(
        targets=names,
        is_one=is_one,
        **read_input._replace(timesteps=length)._asdict(),
        cell=cell_name(WHERE, cell, CELLS),
        units=sizes,
        bidirectional=bool(bidirectional),
        dropout=layer_dropout(WHERE, dropout, len(sizes)),
        attention=check_attention(WHERE, attention, sizes),
        convolution=convolution,
        scaling=scaling,
        missing=missing,
        segment=segment_of(length),
        activation=activation_name(WHERE, activation),
        initial_state=initial_state,
        at_least_zero=at_least_zero,
    )
    settings.check()
    return settings


def _named(like: Any, targets: Any) -> tuple[tuple[str, ...], bool, tuple[bool, ...]]:
    """The names of the targets; whether they are one number for each sample; which of them are never below zero."""
    if like is None:
        return *named_targets(WHERE, targets), ()
    if targets is None:
        problem = "give targets=, the numbers of the training series."
        raise InvalidValue(WHERE, problem, argument="targets")
    found = as_targets(WHERE, targets)
    return check_names(WHERE, found.names), found.is_one, never_below_zero(found.values)
