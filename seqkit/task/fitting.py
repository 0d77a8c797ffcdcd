"""What `fit` and `evaluate` are handed: samples as they are, or what Keras reads; checked for all tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, InvalidValue


def is_batches(x: Any) -> bool:
    """Whether these are batches that Keras reads, not ours to make."""
    return hasattr(x, "element_spec") or isinstance(x, keras.utils.PyDataset)


def is_raw(x: Any, of_text: bool) -> bool:
    """Whether these are samples as they are, or are to be refused as none, or else what Keras itself takes.

    Args:
        x: what a public method was handed.
        of_text: whether the model reads strings; then arrays of whole numbers are Keras's, numbers of tokens.
    """
    if is_batches(x) or isinstance(x, Iterator):
        return False
    if isinstance(x, (list, tuple)):
        return not (of_text and any(_is_numbers(one) for one in x))
    if isinstance(x, np.ndarray):
        return not (of_text and _is_numbers(x))
    return x is None or np.isscalar(x) or isinstance(x, (pd.Series, pd.Index, pd.DataFrame, Mapping))


def _is_numbers(x: Any) -> bool:
    return (isinstance(x, np.ndarray) and x.dtype.kind in "iu") or keras.ops.is_tensor(x)


def refuse_options(where: str, options: Mapping[str, Any], samples: str, *refused: str) -> None:
    """Refuse what Keras would do otherwise than one thinks.

    Args:
        where: the public method.
        options: its keyword arguments.
        samples: what the samples are.
        refused: options that need one answer for each sample.
    """
    if options.get("validation_split"):
        raise InvalidValue(
            where, f"validation_split cuts off the last {samples}, unshuffled.", "Pass validation_data= instead."
        )
    for name in refused:
        if options.get(name) is not None:
            raise InvalidValue(
                where, f"{name} needs one answer for each sample, and these are {samples}.", "Leave it out."
            )


def refuse_beside_batches(where: str, **given: Any) -> None:
    """Refuse arguments that batches settle already."""
    for name, value in given.items():
        if value is not None:
            raise InvalidValue(where, f"{name} cannot go with batches, which hold it already.", "Leave it out.")


def held_parts(validation_data: Any) -> tuple[Any, Any, Any]:
    """Samples, answers and weights or None, from a pair or a triple."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        came = f"{len(validation_data)} parts" if isinstance(validation_data, (tuple, list)) else type(validation_data)
        raise InvalidValue(
            "fit",
            f"validation_data must be a pair (x, y), or (x, y, sample_weight), got {came}.",
            argument="validation_data",
        )
    x, y, *weights = validation_data
    return x, y, weights[0] if weights else None


def as_validation_data(arguments: Mapping[str, Any]) -> Any:
    """Batches, or the pair or triple of arrays, from arguments of Keras's `fit`."""
    parts = [arguments.get(name) for name in ("x", "y", "sample_weight")]
    return parts[0] if parts[1] is None else tuple(part for part in parts if part is not None)


def checked_weights(where: str, weights: Any, shape: int | tuple[int, ...], samples: str) -> np.ndarray | None:
    """One number from 0 up for each sample (or each of its steps), or None.

    Args:
        where: the public method.
        weights: what it was handed.
        shape: how many samples there are; with steps, where each step may have its own weight.
        samples: what the samples are.
    """
    if weights is None:
        return None
    count, *steps = (shape,) if isinstance(shape, int) else shape
    try:
        found = np.asarray(weights, "float32")
    except (TypeError, ValueError) as error:
        raise InvalidType(
            where, f"sample_weight must be numbers, one for each of {count} {samples}.", argument="sample_weight"
        ) from error
    if found.shape not in {(count,), (count, *steps)}:
        raise InvalidValue(
            where,
            f"sample_weight must be one number for each of {count} {samples}, got the shape {found.shape}.",
            argument="sample_weight",
        )
    wrong = ~np.isfinite(found) | (found < 0)
    if wrong.any():
        first = np.argwhere(wrong)[0]
        place = ", ".join(map(str, first))
        raise InvalidValue(
            where,
            f"sample_weight {place} is {found[tuple(first)]}; a number from 0 up is needed.",
            "Give 0 to what should not count.",
        )
    return found


def with_callbacks(callbacks: Any, *more: keras.callbacks.Callback) -> Any:
    """What Keras takes as callbacks (none, one, several, a `CallbackList`), and some more."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        for one in more:
            callbacks.append(one)
        return callbacks
    given = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
    return [*given, *more]
