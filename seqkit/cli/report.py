"""What `seqkit forecast` says of the model that it made: seasons, window, transform, and what the network adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqkit.cli.messages import say

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.forecasting.model import Forecaster


def describe(model: Forecaster) -> str:
    """Return one line: the seasons, the rows that a forecast reads, and the columns that are read in another form."""
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
    if settings.fill:
        parts.append(f"missing values filled by the {settings.value_filled}{', and told' * settings.tells_gaps}")
    return f"The model: {'; '.join(parts)}."


def say_what_the_network_changed(model: Forecaster, frame: pd.DataFrame, forecast: pd.DataFrame, **known: Any) -> None:
    """Say by how much the recurrent network changed the simple forecast, where the model adds it to one."""
    from seqkit.forecasting.simple import simple_forecast

    simple = simple_forecast(model, frame, **known)
    if simple is None:
        return
    size = float(simple.abs().mean().mean())
    change = float((forecast[simple.columns] - simple).abs().mean().mean())
    share = f", {change / size:.1%} of it" if size > 0 else ""
    say(f"The network changed the simple forecast (level and season) by {change:.4g} on average{share}.")
