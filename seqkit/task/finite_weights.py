"""Models whose weights are not finite do not answer, and are not written."""

from __future__ import annotations

import math
import os
from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidValue, SeqkitWarning, warn

WAY_OUT = "Train it anew, with an optimizer of smaller steps, or load a file from before."


class FiniteWeights(keras.Model):
    """`keras.Model` that refuses to answer with weights that are not finite, and to write them over a good file.

    Within `fit`, in a callback such as `keras.callbacks.ModelCheckpoint`, a file is not written, with a warning.
    """

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.fit`."""
        self.__dict__["is_in_fit"] = True
        try:
            return super().fit(*args, **kwargs)
        finally:
            self.__dict__["is_in_fit"] = False

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.predict`."""
        return checked_answer(self, super().predict(*args, **kwargs))

    def predict_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.predict_on_batch`."""
        return checked_answer(self, super().predict_on_batch(*args, **kwargs))

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """`keras.Model.save`."""
        if may_be_written(self, "save", filepath):
            super().save(filepath, *args, **kwargs)

    def save_weights(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """`keras.Model.save_weights`."""
        if may_be_written(self, "save_weights", filepath):
            super().save_weights(filepath, *args, **kwargs)

    def export(self, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.export`."""
        return super().export(filepath, *args, **kwargs) if may_be_written(self, "export", filepath) else None


def may_be_written(model: keras.Model, where: str, path: str | os.PathLike[str]) -> bool:
    """Refuse weights that are not finite; within `fit`, warn and return False."""
    problem = problem_of_weights(model)
    if problem and not model.__dict__.get("is_in_fit"):
        raise InvalidValue(where, problem, WAY_OUT)
    if problem:
        warn(SeqkitWarning(where, f"{problem} {str(path)!r} was not written."))
    return not problem


def checked_answer(model: keras.Model, answer: Any) -> Any:
    """The answer, arrays of any structure, unless the weights behind it are not finite.

    Only an answer that holds NaN, infinite values, or no decimal numbers at all, lets the weights be looked at.
    """
    numbers = [leaf for leaf in keras.tree.flatten(answer) if np.asarray(leaf).dtype.kind == "f"]
    if not numbers or not all(np.isfinite(leaf).all() for leaf in numbers):
        problem = problem_of_weights(model)
        if problem:
            raise InvalidValue(type(model).__name__, problem, WAY_OUT)
    return answer


def problem_of_weights(model: keras.Model) -> str:
    """What is wrong with the first weight that is not finite; "" if all are.

    Layers that `adapt` has not filled yet hold NaN on purpose.
    """
    layers = [layer for layer in model._flatten_layers() if not getattr(layer, "is_adapted", True)]
    to_be_filled = {id(weight) for layer in layers for weight in layer.weights if not weight.trainable}
    for weight in model.weights:
        if id(weight) in to_be_filled:
            continue
        size = math.prod(weight.shape)
        count = size - int(keras.ops.sum(keras.ops.cast(keras.ops.isfinite(weight), "int32")))
        if count:
            return f"{count} of {size} numbers of the weight {weight.path!r} are NaN or infinite."
    return ""
