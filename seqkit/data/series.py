"""Series of numbers as arrays: the check of series of equal or different length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue
from seqkit._refusals import Refusal
from seqkit.data.feature_names import in_order, names_of_features
from seqkit.data.float32 import in_float32, without_mask
from seqkit.data.texts import is_text

NO_SAMPLES = Refusal("no samples at all.", "Pass one or more.")
OTHER_FEATURES = Refusal(
    "series {position} has {came} features, {features} are needed.", "All must be [timesteps, {features}].{hint}"
)
OTHER_LENGTH = Refusal(
    "series {position} has {steps} steps, the model was built for {timesteps}.",
    "Build it with like= a list that holds different lengths, or with features= and no timesteps=, to read any length.",
)
NOTHING = ("steps", "known value")  # of a series of no timesteps, and of one that is all NaN
NOTHING_KNOWN = Refusal("series {position} has no {nothing}.", "Leave it out.")
INFINITE = Refusal("series {position} is infinite, or too large for float32, at step {step}, feature {feature}.")
MISSING = Refusal("series {position} has missing values, the first at step {step}.", "{way_out}")
NO_COMPLETE_STEP = Refusal("series {position} has no step where every feature is known.", "Leave it out.")
FILL_OR_MASK = 'Fill them, or build with missing="mask", which skips such steps.'


def as_series(
    where: str,
    x: Any,
    features: int | None,
    missing: str = "refuse",
    way_out: str = FILL_OR_MASK,
    names: Sequence[str] = (),
) -> list[np.ndarray]:
    """Series as float32 arrays `[T_i, F]` without NaN at the end; refuse values that a network cannot read.

    The columns of tables are taken in the order of `names`, by default in that of the first table.
    """
    x = without_mask(x)
    array = _finite_array(x, features)
    if array is not None:
        return list(array)
    given = _as_list(where, x)
    names = names or names_of_features(given)
    samples = [_as_array(where, at, in_order(where, at, values, names)) for at, values in enumerate(given)]
    if not samples:
        raise NO_SAMPLES.error(where)
    if features is None:
        features = samples[0].shape[1]
    for position, series in enumerate(samples):
        if series.shape[1] != features:
            hint = " One series alone is x[None]." if isinstance(x, np.ndarray) and x.ndim == 2 else ""
            came = series.shape[1]
            raise OTHER_FEATURES.error(where, position=position, came=came, features=features, hint=hint)
        samples[position] = _without_padding(where, position, series)
        _refuse_values(where, position, samples[position], missing, way_out)
    return samples


def _finite_array(x: Any, features: int | None) -> np.ndarray | None:
    """`x` in float32 if it is one array of finite numbers, which needs no check of each series; else None."""
    is_numbers = isinstance(x, np.ndarray) and x.dtype.kind in "fiub" and x.ndim == 3 and x.size > 0
    if not is_numbers or features not in (None, x.shape[2]):
        return None
    array = in_float32(x)
    return array if np.isfinite(array).all() else None


def _as_list(where: str, x: Any) -> list[Any]:
    if isinstance(x, pd.DataFrame):
        problem = "series are needed as an array [samples, timesteps, features] or a list, got a DataFrame."
        raise InvalidType(where, problem, "seqkit.take_sequences takes them from a table in long form.")
    if is_text(x):
        raise InvalidType(where, "series of numbers are needed, got text.")
    if isinstance(x, Iterator):
        raise InvalidType(
            where, "a list of series is needed, got an iterator, which can be read only once.", "Pass list(series)."
        )
    if not isinstance(x, Iterable):
        raise InvalidType(
            where, f"series are needed as an array [samples, timesteps, features] or a list, got {shortened(x)}."
        )
    if not isinstance(x, np.ndarray):
        return list(x)
    if x.dtype != object and x.ndim not in (2, 3):
        raise InvalidValue(
            where,
            f"wanted [samples, timesteps, features] (or [samples, timesteps] of one feature), got {x.ndim}-D of "
            f"shape {x.shape}.",
            "One series is x[None].",
        )
    return list(x)


def _as_array(where: str, position: int, values: Any) -> np.ndarray:
    try:
        array = np.asarray(without_mask(values))
    except ValueError:
        raise InvalidValue(
            where,
            f"series {position} is a list of unequal rows.",
            "All must be [timesteps, features], each step with the same features.",
        ) from None
    if array.dtype.kind not in "fiub":
        raise InvalidType(where, f"series {position} holds {array.dtype}, numbers are needed.")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise InvalidValue(where, f"series {position} has shape {array.shape}; [timesteps, features] is needed.")
    return in_float32(array)


def _without_padding(where: str, position: int, series: np.ndarray) -> np.ndarray:
    steps = np.flatnonzero(~np.isnan(series).all(axis=1))
    if not len(steps):
        raise NOTHING_KNOWN.error(where, position=position, nothing=NOTHING[len(series) > 0])
    return series[: steps[-1] + 1]


def _refuse_values(where: str, position: int, series: np.ndarray, missing: str, way_out: str) -> None:
    if np.isinf(series).any():
        step, feature = np.argwhere(np.isinf(series))[0]
        raise INFINITE.error(where, position=position, step=step, feature=feature)
    is_missing = np.isnan(series).any(axis=1)
    if missing == "refuse" and is_missing.any():
        raise MISSING.error(where, position=position, step=int(is_missing.argmax()), way_out=way_out)
    if is_missing.all():
        raise NO_COMPLETE_STEP.error(where, position=position)


def stacked(where: str, samples: Sequence[np.ndarray], timesteps: int) -> np.ndarray:
    """Stack series of one length to an array `[B, T, F]`; refuse other lengths."""
    for position, series in enumerate(samples):
        if len(series) != timesteps:
            raise OTHER_LENGTH.error(where, position=position, steps=len(series), timesteps=timesteps)
    return np.stack(list(samples))
