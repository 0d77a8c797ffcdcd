"""A forecaster whose training graph is compiled once, and trains the weights of many forecasters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit import _checks
from seqkit._errors import InvalidType
from seqkit.forecasting.member_forecasts import has_fold
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.parts import TRAINER
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.scaling import WindowScaling
from seqkit.task.recipe import compiled_with, copy_state, restore_state

FOUND_BY_TRAINING = ("trained_until", "chosen_epochs", "validation_history", "series_factors")


class Trainer:
    """A compiled forecaster that is trained in the place of others whose graphs differ in the timesteps at most.

    Its graph reads windows of any length where the layers can, so tables of different length share it. What it lends
    its graph to has its own weights; those of the trainer itself are nobody's.

    Attributes:
        model: the compiled forecaster.
    """

    def __init__(self, model: Forecaster) -> None:
        """Take a forecaster that nobody else uses."""
        self.model = model
        self.model.any_length = reads_any_length(model.settings)
        self._holds: Forecaster | None = None  # has the same weights

    def fits(self, other: Forecaster) -> bool:
        """Whether another forecaster differs in nothing that is compiled: settings, loss, metrics and optimizer."""
        ours, theirs = self.model.settings, other.settings
        same = {"least_spread": ours.least_spread}
        like = (_seasons_within, _is_judged, lambda settings: settings.leading_zeros)
        if self.model.any_length and all(part(ours) == part(theirs) for part in like):
            same["timesteps"] = ours.timesteps
        return replace(theirs, **same) == ours and compiled_with(self.model) == compiled_with(other)

    @contextlib.contextmanager
    def lent_to(self, other: Forecaster) -> Iterator[Forecaster]:
        """Yield the compiled forecaster, as `other` is; `other` then takes what it has learnt."""
        self._holds = None
        restore_state(self.model, copy_state(other))
        self.model.settings = other.settings
        if isinstance(self.model.network.scaling, WindowScaling):
            self.model.network.scaling.set_least_spread(other.settings.least_spread)
        for name in FOUND_BY_TRAINING:
            setattr(self.model, name, getattr(other, name))
        yield self.model
        restore_state(other, copy_state(self.model))
        for name in FOUND_BY_TRAINING:
            setattr(other, name, getattr(self.model, name))
        other.__dict__[TRAINER] = self
        self._holds = other

    def holds(self, other: Forecaster) -> bool:
        """Whether the compiled forecaster has the weights of `other`, which trained last, and was not set since."""
        return self._holds is other and all(
            np.array_equal(ops.convert_to_numpy(ours), ops.convert_to_numpy(theirs), equal_nan=ours.dtype == "float32")
            for ours, theirs in zip(self.model.weights, other.weights, strict=True)
        )


def trainer_for(where: str, reuse: Any, fresh: Forecaster, twin: Any) -> Trainer | None:
    """Return the trainer of an earlier model if its graph fits, else a new one; None without `reuse`.

    Args:
        where: the recipe that asks.
        reuse: an earlier forecaster, True, or None.
        fresh: the forecaster that is to be trained.
        twin: makes another forecaster like `fresh`.
    """
    if reuse is None or reuse is False:
        return None
    if reuse is not True and not isinstance(reuse, Forecaster):
        problem = f"reuse must be a forecaster of an earlier call, or True, got {_checks.type_name(reuse)}."
        raise InvalidType(where, problem, argument="reuse")
    earlier = None if reuse is True else reuse.__dict__.get(TRAINER)
    return earlier if earlier is not None and earlier.fits(fresh) else Trainer(twin())


def reads_any_length(settings: ForecasterSettings) -> bool:
    """Whether every layer can read windows whose length the graph does not know; weights over steps cannot."""
    return keras.backend.backend() == "tensorflow" and not settings.attention and not settings.fill


def _seasons_within(settings: ForecasterSettings) -> list[int]:
    """How many of each season a window has, as far as it decides about the baseline: none, one, or more."""
    return [min(2, settings.timesteps // season) for season in (settings.season, settings.long_season)]


def _is_judged(settings: ForecasterSettings) -> bool:
    """Whether the last steps of a window weigh the members, which a window that is too short does not."""
    seasons = settings.season, settings.long_season
    return settings.judges_members and has_fold(settings.timesteps, settings.horizon, *seasons)
