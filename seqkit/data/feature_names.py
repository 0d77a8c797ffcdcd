"""The names of features where samples are tables: their columns, in the order that a model has learnt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from seqkit._errors import InvalidValue, listed


def names_of_features(samples: Any) -> tuple[str, ...]:
    """The names of the columns of the first table among the samples; () where none has names of text."""
    if not isinstance(samples, Iterable) or (isinstance(samples, np.ndarray) and samples.dtype.kind != "O"):
        return ()
    return next((names for names in map(_names, samples) if names), ())


def in_order(where: str, position: int, sample: Any, names: Sequence[str]) -> Any:
    """A table with its columns in the order of the names, and refused with others; a sample without names as it is."""
    own = _names(sample)
    if not own or not names or own == tuple(names):
        return sample
    if sorted(own) != sorted(names):
        problem = f"series {position} has the columns {listed(own)}, and {listed(names)} are needed."
        way_out = "Rename its columns, or pass arrays, whose columns have no names: series.to_numpy()."
        raise InvalidValue(where, problem, way_out)
    return sample[list(names)]


def _names(sample: Any) -> tuple[str, ...]:
    names = list(getattr(sample, "columns", ()))
    return tuple(names) if all(isinstance(name, str) for name in names) else ()
