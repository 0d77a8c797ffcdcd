"""tf.data batches of raw strings, as lists of samples and answers; and Keras's methods that take no strings."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.pipelines import INFINITE
from seqkit.data.texts import is_text
from seqkit.task.fitting import as_array

INSTEAD = {"train_on_batch": "fit(x, y)", "test_on_batch": "evaluate(x, y)", "predict_on_batch": "predict(x)"}


class Gathered(NamedTuple):
    """What a dataset holds; None for a part that it lacks."""

    x: Any
    y: Any
    weights: Any
    batch_size: int | None


def holds_strings(x: Any) -> bool:
    """Whether `x` is a `tf.data.Dataset` with raw strings among its samples or answers."""
    spec = getattr(x, "element_spec", None)
    parts = spec if isinstance(spec, tuple) else (spec,)
    return all(hasattr(part, "dtype") for part in parts) and any(part.dtype.name == "string" for part in parts)


def gathered(where: str, dataset: Any) -> Gathered:
    """All samples, answers and weights of a dataset of raw strings, in batches or one by one; reads one pass."""
    if int(dataset.cardinality()) == INFINITE:
        problem = "the dataset never ends, and raw strings are read before the training."
        raise InvalidValue(where, problem, "Leave out repeat(), or add take().")
    is_tuple = isinstance(dataset.element_spec, tuple)
    elements = [element if is_tuple else (element,) for element in dataset]
    parts = [[keras.ops.convert_to_numpy(values) for values in part] for part in zip(*elements, strict=True)]
    if not parts:
        raise InvalidValue(where, "the dataset is empty.", "Pass one or more samples.")
    batch_size = len(parts[0][0]) if np.ndim(parts[0][0]) else None
    x, y, weights = (*map(_joined, parts), None, None)[:3]
    return Gathered(x, y, weights, batch_size)


def _joined(batches: list[np.ndarray]) -> Any:
    array = np.concatenate(batches) if np.ndim(batches[0]) else np.stack(batches)
    return [text.decode("utf-8", "surrogateescape") for text in array] if array.dtype == object else array


def refuse_strings(where: str, *values: Any) -> None:
    """Refuse raw strings where Keras's own method takes arrays as the graph reads them."""
    if any(is_text(as_array(value)) for value in values):
        raise InvalidType(
            where,
            "it takes arrays as the graph reads them, got raw strings.",
            f"Use {INSTEAD[where]}, which reads strings.",
        )
