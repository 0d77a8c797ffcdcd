"""What a classifier answers: labels and their probabilities, and the temperature that makes them honest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.classification.temperature import fit_temperature

COOLED = 20.0  # temperature at which no probability is so near to zero or one that float32 loses its score
LEAST_PROBABILITY = 0.5  # of a class that holds, where any number may


def probability_table(model: Any, x: Any, batch_size: int | None) -> pd.DataFrame:
    """Probabilities as a table, a column for each class."""
    probabilities = model.predict(x, batch_size, verbose=0)
    index = x.index if isinstance(x, pd.Series) else None
    return pd.DataFrame(probabilities, index=index, columns=pd.Index(list(model.labels), name="class"))


def most_probable_labels(model: Any, probabilities: np.ndarray) -> Any:
    """The labels that probabilities `[B, K]` stand for."""
    if model.settings.multi_label:
        return [
            tuple(label for label, one in zip(model.labels, row, strict=True) if one >= LEAST_PROBABILITY)
            for row in probabilities
        ]
    return np.array(model.labels)[probabilities.argmax(axis=1)]


def temperature(model: Any) -> float:
    """What scores are divided by."""
    return float(ops.convert_to_numpy(model.network.probabilities.temperature))


def set_temperature(model: Any, value: float) -> None:
    """Divide scores by this."""
    if not 0 < value < np.inf:
        raise InvalidValue("set_temperature", f"a number above 0 is needed, got {value}.", "1 is as trained.")
    model.network.probabilities.temperature.assign(value)


def calibrate(model: Any, x: Any, targets: np.ndarray) -> float:
    """Fit the temperature on samples and their labels as zeros and ones `[B, K]`."""
    fitted = temperature(model)
    try:
        set_temperature(model, COOLED)
        probabilities = model.predict(x, verbose=0)
        fitted = fit_temperature(probabilities, targets, COOLED, model.settings.multi_label).temperature
    finally:
        set_temperature(model, fitted)
    return fitted
