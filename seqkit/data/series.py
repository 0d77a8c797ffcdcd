"""What a classifier reads: series of one length or of any, or raw strings, checked and turned to arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.texts import is_text

MASK = 'Fill them, or build with missing="mask", which skips such steps.'


def as_series(
    where: str, x: Any, features: int | None, missing: str = "refuse", way_out: str = MASK
) -> list[np.ndarray]:
    """Arrays `[T_i, F]`, with NaN at the end taken off; refuse what the network must not read."""
    clean = _clean(x, features)
    if clean is not None:
        return list(clean)
    samples = [_one(where, position, one) for position, one in enumerate(_listed(where, x, features))]
    if not samples:
        raise InvalidValue(where, "no samples at all.", "Pass one or more.")
    wanted = samples[0].shape[1] if features is None else features
    for position, one in enumerate(samples):
        if one.shape[1] != wanted:
            alone = " One series alone is x[None]." if isinstance(x, np.ndarray) and x.ndim == 2 else ""
            raise InvalidValue(
                where,
                f"series {position} has {one.shape[1]} features, {wanted} are needed.",
                f"All must be [timesteps, {wanted}].{alone}",
            )
        samples[position] = _without_padding(where, position, one)
        _refuse_values(where, position, samples[position], missing, way_out)
    return samples


def _clean(x: Any, features: int | None) -> np.ndarray | None:
    """In float32, if this is an array that needs no look at each series."""
    is_numbers = isinstance(x, np.ndarray) and x.dtype.kind in "fiub" and x.ndim == 3 and x.size > 0
    if not is_numbers or features not in (None, x.shape[2]):
        return None
    array = _float32(x)
    return array if np.isfinite(array).all() else None


def _float32(array: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused as such
        return array.astype("float32")


def _listed(where: str, x: Any, features: int | None) -> list[Any]:
    if isinstance(x, pd.DataFrame):
        raise InvalidType(
            where,
            "series are needed as an array [samples, timesteps, features] or a list, got a DataFrame.",
            "seqkit.take_sequences takes them out of a long table.",
        )
    if is_text(x):
        raise InvalidType(where, "series of numbers are needed, got text.")
    if isinstance(x, Iterator):
        raise InvalidType(where, "a list of series is needed, got what can be read only once.", "Pass list(series).")
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


def _one(where: str, position: int, values: Any) -> np.ndarray:
    try:
        array = np.asarray(values)
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
    return _float32(array)


def _without_padding(where: str, position: int, series: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(series).all(axis=1))
    if not len(known):
        raise InvalidValue(
            where, f"series {position} has no {'steps' if not len(series) else 'known value'}.", "Leave it out."
        )
    return series[: known[-1] + 1]


def _refuse_values(where: str, position: int, series: np.ndarray, missing: str, way_out: str) -> None:
    if np.isinf(series).any():
        step, feature = np.argwhere(np.isinf(series))[0]
        raise InvalidValue(
            where, f"series {position} is infinite, or too large for float32, at step {step}, feature {feature}."
        )
    unknown = np.isnan(series).any(axis=1)
    if missing == "refuse" and unknown.any():
        raise InvalidValue(
            where, f"series {position} has missing values, the first at step {int(unknown.argmax())}.", way_out
        )
    if unknown.all():
        raise InvalidValue(where, f"series {position} has no step where every feature is known.", "Leave it out.")


def stacked(where: str, samples: Sequence[np.ndarray], timesteps: int) -> np.ndarray:
    """Series of one length as an array `[B, T, F]`."""
    for position, one in enumerate(samples):
        if len(one) != timesteps:
            raise InvalidValue(
                where,
                f"series {position} has {len(one)} steps, the classifier was built for {timesteps}.",
                "Build it with like= a list that holds different lengths, or with features= and no timesteps=, to "
                "read any.",
            )
    return np.stack(list(samples))
