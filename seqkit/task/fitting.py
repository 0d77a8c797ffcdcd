"""What `fit` takes beside the samples, in the models that are handed samples and answers as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


def is_batches(x: Any) -> bool:
    """Whether these are batches that Keras reads, not ours to make."""
    return hasattr(x, "element_spec") or isinstance(x, keras.utils.PyDataset)


def refuse_options(options: Mapping[str, Any], kind: str, *others: str) -> None:
    """Refuse what Keras would do otherwise than one thinks: `validation_split` cuts arrays, by position.

    Args:
        options: of `fit`.
        kind: what the samples are.
        others: options that ask for one answer a sample, where there is one a step.
    """
    if options.get("validation_split"):
        raise ValueError(f"fit: validation_split cuts off the last {kind}, unshuffled. Pass validation_data=.")
    for name in others:
        if options.get(name) is not None:
            raise ValueError(f"fit: {name} needs one answer for each sample, and these are {kind}. Leave it out.")


def refuse_beside_batches(where: str, **given: Any) -> None:
    """Batches hold all that there is to say of their samples."""
    for name, value in given.items():
        if value is not None:
            raise ValueError(f"{where}: {name} cannot go with batches, which hold it already. Leave it out.")


def held_parts(validation_data: Any) -> tuple[Any, Any, Any]:
    """Samples, answers and weights or None, from a pair or a triple."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) not in (2, 3):
        raise ValueError("fit: validation_data must be a pair (x, y), or (x, y, sample_weight).")
    x, y, *weights = validation_data
    return x, y, weights[0] if weights else None


def checked_weights(where: str, weights: Any, count: int, kind: str) -> np.ndarray | None:
    """One number for each sample, or None."""
    if weights is None:
        return None
    try:
        found = np.asarray(weights, "float32")
    except (TypeError, ValueError) as error:
        raise TypeError(f"{where}: sample_weight must be numbers, one for each of {count} {kind}.") from error
    if found.shape != (count,):
        raise ValueError(
            f"{where}: sample_weight must be one number for each of {count} {kind}, got the shape {found.shape}."
        )
    wrong = ~np.isfinite(found) | (found < 0)
    if wrong.any():
        first = int(wrong.argmax())
        raise ValueError(
            f"{where}: sample_weight {first} is {found[first]}; a number from 0 up is needed. Give 0 to what should "
            "not count."
        )
    return found


def with_callback(callbacks: Any, one: keras.callbacks.Callback) -> Any:
    """What Keras takes as callbacks (none, one, several, a `CallbackList`), and one more."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks.append(one)
        return callbacks
    return [*(callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []), one]
