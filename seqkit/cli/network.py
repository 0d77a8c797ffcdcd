"""What `seqkit forecast` says of the network that it trained: by how much it changes the simple forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seqkit.cli.messages import say

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.forecasting.model import Forecaster


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
