"""A forecaster as a SavedModel: raw past, and what is known ahead, in; the forecast and its quantiles out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from seqkit.export import Served
from seqkit.export_windows import served_windows
from seqkit.forecasting import tables
from seqkit.forecasting.categories_served import WordInputs
from seqkit.forecasting.covariates_served import served_with_future
from seqkit.forecasting.parts import parts_in_a_graph, parts_of
from seqkit.forecasting.series_served import with_series
from seqkit.forecasting.served_checks import checked_forecast, checked_window


def served_forecaster(model: Any, **options: Any) -> Served:
    """What the model serves, and its answers to an example; the options are those of `served_windows`."""
    words = WordInputs(model.settings) if model.settings.categories else None
    settings = model.settings if words is None else words.numbers
    checks: dict[str, Any] = {"checked": partial(checked_window, settings), "answered": checked_forecast}
    description, gaps = tables.description(settings), settings.fill is not None
    if model.quantile_levels:
        description |= {"levels": list(model.quantile_levels)}
        own: dict[str, Any] = {
            "answers": partial(served_answers, model, parts_in_a_graph(model)),
            "live": partial(served_answers, model, partial(parts_of, model)),
        }
        options = own | options
    if model.series_factors:
        description |= {"interval_series": list(model.series_factors)}

    def served(**changed: Any) -> Served:
        how = options | changed
        if model.settings.known is not None or words is not None:
            return served_with_future(model, description, **checks, **how, words=words)
        return served_windows(model, settings.timesteps, description, **checks, gaps=gaps, **how)

    if not model.series_factors:
        return served()
    parts = parts_in_a_graph(model)
    return with_series(
        model, served, lambda window, factors: served_answers(model, partial(parts, factors=factors), window)
    )


def served_answers(model: Any, parts_after: Callable[[Any], dict[str, Any]], window: Any) -> dict[str, Any]:
    """The outputs of `serve` after a window, from a function that returns the parts of a forecast."""
    parts = parts_after(window)
    forecast = parts["raw"][:, :, 0] if model.settings.squeeze else parts["raw"]
    return {"forecast": forecast, "quantiles": parts["quantiles"]}
