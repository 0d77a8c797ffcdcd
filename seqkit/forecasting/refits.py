"""A forecaster in a backtest: trained anew at each origin, on the rows before it, or scored as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from seqkit._errors import InvalidValue, keywords
from seqkit.data.panels import is_panel
from seqkit.forecasting.categories import in_words
from seqkit.forecasting.futures import known_futures, remark_on_futures
from seqkit.forecasting.intermittent import remark_on_mean
from seqkit.forecasting.interval_scores import own_levels
from seqkit.forecasting.members import SHARE, share_of
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.origins import WHERE, Judged, Refits
from seqkit.forecasting.panels import model_panel
from seqkit.forecasting.pretrained import PretrainedForecaster
from seqkit.forecasting.tables import UNKNOWN_STAMP, last_stamp, model_table
from seqkit.forecasting.train import train_forecaster
from seqkit.task.jobs import run_jobs

EARLIER = "earlier"  # the forecaster that was trained last in this process; it lends its compiled graph


def judged_forecaster(
    model: Forecaster, table: pd.DataFrame, sizes: Mapping[str, Any], refits: Refits | None
) -> Judged:
    """Take a forecaster; `sizes` are those that the call names, if it names any."""
    settings = model.settings
    _refuse_other_sizes(model, sizes)
    whole = model_panel(settings, table, WHERE).frame if is_panel(table) else model_table(settings, table, WHERE)
    whole = in_words(settings, whole)
    known = known_futures(settings, whole)

    def forecasts(pasts: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
        if isinstance(model, PretrainedForecaster) and model.trained_until is None:  # it has seen no row of the table
            return [_with_intervals(model, past) for past in pasts]
        if refits is None:
            _refuse_origins_in_training(model, pd.Timestamp(last_stamp(pasts[0])))
            return [_with_share(model, _with_intervals(model, past, known(past))) for past in pasts]
        return _refit_forecasts(model, pasts, refits, known)

    return Judged(
        whole,
        settings.targets,
        settings.horizon,
        settings.horizon + 1,
        settings.frequency,
        model.asked.get("season"),
        forecasts,
        " ".join(filter(None, (remark_on_futures(settings), remark_on_mean(model, whole)))),
        "rmse" if remark_on_mean(model, whole) else "mae",
    )


def _refit_forecasts(
    model: Forecaster, pasts: Sequence[pd.DataFrame], refits: Refits, known: Callable[[pd.DataFrame], Any]
) -> list[pd.DataFrame]:
    options = refit_options(model) | {"epochs": refits.epochs, "budget": refits.budget}
    return run_jobs(
        WHERE,
        refit_forecast,
        [(past, {**options, "seed": seed}, known(past)) for past, seed in zip(pasts, refits.seeds, strict=True)],
        names=[pd.Timestamp(last_stamp(past)) for past in pasts],
        jobs=refits.jobs,
        unit="origin",
        verbose=refits.verbose,
        kept={EARLIER: model},
    )


def refit_options(model: Forecaster) -> dict[str, Any]:
    """The arguments from which `train_forecaster` makes such a model again."""
    settings = model.settings
    if isinstance(model, PretrainedForecaster):
        of_the_model = {"horizon": settings.horizon, "targets": list(settings.targets), "loss": model.loss}
        return {**model.asked, **of_the_model}
    return {
        "channels": settings.channels,  # a model from before there was a choice is joint, and so is its refit
        **model.asked,
        "members": list(settings.members),
        "dropout": settings.dropout,  # one number for each layer: a single number is the old spelling
        "horizon": settings.horizon,
        "targets": list(settings.targets),
        "loss": model.loss,
    }


def refit_forecast(
    kept: dict[str, Any], past: pd.DataFrame, options: Mapping[str, Any], future: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Train a forecaster on these rows, and return what it forecasts after them, with a known future if it reads one.

    The graph is compiled once for all origins of a process, and for the model if that was trained with `reuse`.
    """
    kept[EARLIER] = train_forecaster(past, reuse=kept.get(EARLIER, True), verbose=0, **options)
    return _with_share(kept[EARLIER], _with_intervals(kept[EARLIER], past, future))


def _with_intervals(model: Forecaster, past: pd.DataFrame, future: Any = None) -> pd.DataFrame:
    """The forecast, with the bounds of the intervals that the model's quantiles bound."""
    return model.forecast(past, levels=own_levels(model.quantile_levels), future=future)


def _with_share(model: Forecaster, forecast: pd.DataFrame) -> pd.DataFrame:
    """The forecast, which knows the share of the trained network, for the verdict."""
    share = share_of(model)
    if share is not None:
        forecast.attrs[SHARE] = share
    return forecast


def _refuse_other_sizes(model: Forecaster, sizes: Mapping[str, Any]) -> None:
    """Refuse timesteps, a horizon or targets other than the model's own."""
    for name, asked in sizes.items():
        own = getattr(model.settings, name)
        if asked is not None and asked != own and _as_tuple(asked) != own:
            problem = "the model has " + keywords(**{name: list(own) if isinstance(own, tuple) else own})
            raise InvalidValue(
                WHERE,
                problem + " of its own, got " + keywords(**{name: asked}) + ".",
                "Leave it out, or build a forecaster with it.",
                argument=name,
            )


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _refuse_origins_in_training(model: Forecaster, first_origin: Any) -> None:
    if model.trained_until in (None, UNKNOWN_STAMP):
        raise InvalidValue(
            WHERE,
            "refit=False needs a model that knows until when it was trained, but this model was fitted on arrays, or "
            "not at all.",
            "Fit it on the rows before the first origin, or use refit=True.",
            argument="refit",
        )
    if pd.Timestamp(model.trained_until) > first_origin:
        raise InvalidValue(
            WHERE,
            f"the model was trained until {model.trained_until}, past the first origin {first_origin}. Its score would "
            "be too good, because it was trained on rows that it is to forecast.",
            "Use refit=True, fewer origins, or train on the rows before the first origin.",
            argument="refit",
        )
