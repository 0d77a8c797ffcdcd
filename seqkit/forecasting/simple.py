"""The simple forecast inside a model, to which the recurrent network adds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seqkit.forecasting.model import Forecaster


def simple_forecast(model: Forecaster, table: pd.DataFrame) -> pd.DataFrame | None:
    """Forecast a table by the model's trained baseline alone, `[H, C]`; None where the model has no baseline."""
    if model.settings.baseline == "none":
        return None
    head = model.get_layer("head")
    weights = head.get_weights()
    head.set_weights([np.zeros_like(weight) for weight in weights])
    try:
        return model.forecast(table)
    finally:
        head.set_weights(weights)
