"""Reshape a table with one sample in each row into `[samples, timesteps, features]`."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.float32 import numeric_rows


def reshape(values: Any, *, timesteps: int | None = None, features: int | None = None) -> np.ndarray:
    """Turn a table with one sample in each row into `[samples, timesteps, features]`.

    A row remains a sample: `(n, T*F) -> (n, T, F)`. A row holds the features of the first step, then those of the
    second step, and so on. Give `timesteps` or `features`; the other follows from the length of a row.

    Args:
        values: array or DataFrame `[samples, timesteps * features]`.
        timesteps: steps in one sample.
        features: values at one step.

    Returns:
        Array `[samples, timesteps, features]` of the same numbers.

    Raises:
        ValueError: not 2-D, no rows, not numeric, or the length of a row is not `timesteps * features`.

    Example:
        >>> reshape(np.arange(12).reshape(2, 6), timesteps=6).shape   # each row is a series
        (2, 6, 1)
        >>> reshape(np.arange(12).reshape(2, 6), timesteps=1).shape   # each row holds the features of one step
        (2, 1, 6)
        >>> reshape(np.arange(12).reshape(2, 6), features=2).shape
        (2, 3, 2)
    """
    array = numeric_rows("reshape", values, "[samples, timesteps * features]")
    samples, length = array.shape
    if timesteps is None and features is None:
        raise InvalidValue("reshape", f"give timesteps or features; a row holds {length} values.")
    if timesteps is None:
        timesteps = length // _checks.whole_number("reshape", "features", features)
    timesteps = _checks.whole_number("reshape", "timesteps", timesteps, least=0)
    if features is None:
        features = length // max(timesteps, 1)
    features = _checks.whole_number("reshape", "features", features, least=0)
    if timesteps * features != length or not length:
        raise InvalidValue(
            "reshape",
            f"timesteps={timesteps} x features={features} makes {timesteps * features} values a row, got rows of "
            f"{length}.",
            f"Choose two whole numbers whose product is {length}.",
        )
    return array.reshape(samples, timesteps, features)
