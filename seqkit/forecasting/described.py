"""A forecaster in words: its seasons, its window, and the columns that it reads in another form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqkit.forecasting.model import Forecaster


def described(model: Forecaster) -> str:
    """Say without a full stop what its seasons are, how many rows it reads, and which columns in another form."""
    settings = model.settings
    seasons = [str(season) for season in (settings.season, settings.long_season) if season > 1]
    words = ["no season", "a season of {} rows", "seasons of {} and {} rows"]
    parts = [words[len(seasons)].format(*seasons)]
    parts.append(f"each forecast reads {settings.timesteps} row{'s' * (settings.timesteps > 1)}")
    for transform in sorted(set(settings.transform) - {"none"}):
        names = [str(name) for name, of in zip(settings.columns, settings.transform, strict=True) if of == transform]
        parts.append(f"{transform} of {', '.join(names)}" if len(names) < 4 else f"{transform} of {len(names)} columns")
    named = {"future_columns": "known ahead", "static_columns": "one value a series"}
    named |= {"categories": "words", "calendar": "of the calendar"}
    for kind, what in named.items():
        if getattr(settings, kind, ()):
            parts.append(f"{what}: {', '.join(map(str, getattr(settings, kind)))}")
    if getattr(settings, "holidays", None):
        parts.append(f"the holidays of {settings.holidays}")
    is_bounded = getattr(settings, "at_least_zero", ())
    if any(is_bounded):
        bounded = [str(name) for name, is_so in zip(settings.targets, is_bounded, strict=True) if is_so]
        parts.append(f"no forecast of {', '.join(bounded)} is below zero")
    if settings.fill:
        parts.append(f"missing values filled by the {settings.value_filled}{', and told' * settings.tells_gaps}")
    return "; ".join(parts)
