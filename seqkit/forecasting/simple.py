"""The simple forecast inside a model, to which the recurrent network adds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seqkit.forecasting.members import set_share, share_of
from seqkit.forecasting.model import Forecaster


def simple_forecast(model: Forecaster, table: pd.DataFrame, **known: Any) -> pd.DataFrame | None:
    """Forecast a table by the model's members alone, or without any by its trained baseline, `[H, C]`.

    None where the model has neither. `known` is the `future` or `static` of `Forecaster.forecast`.
    """
    share = share_of(model)
    if share is not None:
        set_share(model, 0.0)
        try:
            return model.forecast(table, **known)
        finally:
            set_share(model, share)
    if model.settings.baseline == "none":
        return None
    head = model.get_layer("head")
    weights = head.get_weights()
    head.set_weights([np.zeros_like(weight) for weight in weights])
    try:
        return model.forecast(table, **known)
    finally:
        head.set_weights(weights)
