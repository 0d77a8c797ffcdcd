"""A classifier's labels and probabilities, and the temperature that calibrates them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.classification.settings import MULTI_LABEL_THRESHOLD
from seqkit.classification.temperature import fit_temperature

CALIBRATION_TEMPERATURE = 20.0  # keeps probabilities far from 0 and 1, where float32 would round scores away


def tabulate_probabilities(model: Any, x: Any, batch_size: int | None) -> pd.DataFrame:
    """Predict probabilities as a table, a column for each class."""
    probabilities = model.predict(x, batch_size, verbose=0)
    index = x.index if isinstance(x, pd.Series) else None
    return pd.DataFrame(probabilities, index=index, columns=pd.Index(list(model.labels), name="class"))


def choose_labels(model: Any, probabilities: np.ndarray) -> Any:
    """Choose the labels of probabilities `[B, K]`: the most probable one, or with `multi_label` all of 0.5 or more."""
    if model.settings.multi_label:
        return [
            tuple(label for label, p in zip(model.labels, row, strict=True) if p >= MULTI_LABEL_THRESHOLD)
            for row in probabilities
        ]
    return np.array(model.labels)[probabilities.argmax(axis=1)]


def get_temperature(model: Any) -> float:
    """The number that divides the scores."""
    return float(ops.convert_to_numpy(model.network.answer.temperature))


def set_temperature(model: Any, value: float) -> None:
    """Divide the scores by `value`."""
    if not 0 < value < np.inf:
        problem = f"a number above 0 is needed, got {value}."
        raise InvalidValue("set_temperature", problem, "1 is as trained.", "temperature")
    model.network.answer.temperature.assign(value)


def calibrate(model: Any, x: Any, targets: np.ndarray) -> float:
    """Fit the temperature on samples and their labels as zeros and ones `[B, K]`."""
    fitted = get_temperature(model)
    try:
        set_temperature(model, CALIBRATION_TEMPERATURE)
        probabilities = model.predict(x, verbose=0)
        multi_label = model.settings.multi_label
        fitted = fit_temperature(probabilities, targets, CALIBRATION_TEMPERATURE, multi_label).temperature
    finally:
        set_temperature(model, fitted)
    return fitted
