"""Checks of the arguments of `fit` and `evaluate`, for all tasks: raw samples, or what Keras itself reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidType, InvalidValue


def is_batches(x: Any) -> bool:
    """Whether `x` yields batches already: a `tf.data.Dataset`, a `keras.utils.PyDataset` or a generator."""
    return hasattr(x, "element_spec") or isinstance(x, (keras.utils.PyDataset, Iterator))


def is_token_numbers(x: Any) -> bool:
    """Whether `x` holds integers as an array or a tensor, or rows of them in a list."""
    return any(_is_integers(row) for row in (x if isinstance(x, (list, tuple)) else [x]))


def _is_integers(x: Any) -> bool:
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "iu"
    return keras.ops.is_tensor(x) and keras.backend.is_int_dtype(x.dtype)


def as_array(x: Any) -> Any:
    """A tensor as an array, its strings as Python's; anything else as it is."""
    if not keras.ops.is_tensor(x):
        return x
    array = keras.ops.convert_to_numpy(x)
    return np.vectorize(bytes.decode, otypes=[object])(array) if array.dtype == object and array.size else array


def refuse_options(where: str, options: Mapping[str, Any], samples: str, *refused: str) -> None:
    """Refuse options of Keras's `fit` that would not do what the user expects.

    Args:
        where: the public method, for the message.
        options: its keyword arguments.
        samples: what the samples are called, for the message.
        refused: names of options that need one answer for each sample.
    """
    if options.get("validation_split"):
        raise InvalidValue(
            where,
            f"validation_split cuts off the last {samples}, unshuffled.",
            "Pass validation_data= instead.",
            argument="validation_split",
        )
    for name in refused:
        if options.get(name) is not None:
            raise InvalidValue(
                where,
                f"{name} needs one answer for each sample, and these are {samples}.",
                "Leave it out.",
                argument=name,
            )


def refuse_beside_batches(where: str, **arguments: Any) -> None:
    """Refuse arguments whose values the batches hold already."""
    for name, value in arguments.items():
        if value is not None:
            raise InvalidValue(
                where, f"{name} cannot go with batches, which hold it already.", "Leave it out.", argument=name
            )


def refuse_beside_samples(where: str, **arguments: Any) -> None:
    """Refuse arguments that count batches, where the samples are batched here."""
    for name, value in arguments.items():
        if value is not None:
            raise InvalidValue(
                where, f"{name} counts the batches of a dataset.", "Pass fewer samples instead.", argument=name
            )


def held_parts(validation_data: Any) -> tuple[Any, Any, Any]:
    """Samples, answers and weights (or None) of a pair or a triple."""
    is_tuple = isinstance(validation_data, (tuple, list))
    if not is_tuple or len(validation_data) not in (2, 3):
        came = f"{len(validation_data)} parts" if is_tuple else type(validation_data)
        raise InvalidValue(
            "fit",
            f"validation_data must be a pair (x, y), or (x, y, sample_weight), got {came}.",
            argument="validation_data",
        )
    x, y, *weights = validation_data
    return x, y, weights[0] if weights else None


def checked_weights(where: str, weights: Any, shape: int | tuple[int, ...], samples: str) -> np.ndarray | None:
    """The weights as an array, one number of 0 or more for each sample (or each timestep), or None.

    Args:
        where: the public method, for messages.
        weights: its argument `sample_weight`.
        shape: the number of samples; or samples and timesteps, where each timestep may have its own weight.
        samples: what the samples are called, for messages.
    """
    if weights is None:
        return None
    count, *steps = (shape,) if isinstance(shape, int) else shape
    try:
        numbers = np.asarray(weights, "float32")
    except (TypeError, ValueError) as error:
        raise InvalidType(
            where, f"sample_weight must be numbers, one for each of {count} {samples}.", argument="sample_weight"
        ) from error
    if steps and numbers.shape == (count, 1):
        numbers = numbers[:, 0]
    if numbers.shape not in {(count,), (count, *steps)}:
        raise InvalidValue(
            where,
            f"sample_weight must be one number for each of {count} {samples}, got the shape {numbers.shape}.",
            argument="sample_weight",
        )
    is_wrong = ~np.isfinite(numbers) | (numbers < 0)
    if is_wrong.any():
        position = np.argwhere(is_wrong)[0]
        raise InvalidValue(
            where,
            f"sample_weight {', '.join(map(str, position))} is {numbers[tuple(position)]}; a number from 0 up is "
            "needed.",
            "Give 0 to samples that should not count.",
            argument="sample_weight",
        )
    return numbers


def with_callbacks(callbacks: Any, *added: keras.callbacks.Callback) -> Any:
    """The user's callbacks (none, one, several, or a `CallbackList`) and the added ones."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        for callback in added:
            callbacks.append(callback)
        return callbacks
    listed = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
    return [*listed, *added]
