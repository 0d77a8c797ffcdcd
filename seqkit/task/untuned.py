"""A Keras model that reads arrays and datasets without tf.data's autotuning, for whose thread Keras would wait."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np

from seqkit.data.pipelines import array_batches, without_autotune
from seqkit.task.finite_weights import FiniteWeights
from seqkit.task.forked import refuse_in_a_fork
from seqkit.task.saving import SavedWhole
from seqkit.task.sealed_model import SealedModel
from seqkit.task.training_run import training_run
from seqkit.task.xla import XlaModel

DEFAULT_BATCH_SIZE = 32  # Keras's own
# Options that change the batches, or with which Keras has made them already.
LEFT_TO_KERAS = ("validation_split", "class_weight", "steps_per_epoch", "steps", "_use_cached_eval_dataset")
OF_ARRAYS = ("y", "batch_size", "sample_weight")
SIGNATURES = {name: inspect.signature(getattr(keras.Model, name)) for name in ("fit", "evaluate", "predict")}


class UntunedModel(XlaModel, FiniteWeights, SavedWhole, SealedModel):
    """`keras.Model` with the same numbers: the batches of arrays and their order are those that Keras 3.15 makes.

    Keras drops an iterator at the end of each epoch, `evaluate` and `predict`. tf.data's autotuning thread sleeps for
    up to a minute, and on one core or a loaded machine Keras then waits for it.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Note the process; Keras compares `__init__` with its own, so it stays Keras's."""
        refuse_in_a_fork(cls.__name__)
        return super().__new__(cls, *args, **kwargs)

    def fit(self, *args: Any, checkpoint: Any = None, **kwargs: Any) -> Any:
        """`keras.Model.fit`; after a kill it goes on from `checkpoint`, a path or a `seqkit.Checkpoint`."""
        refuse_in_a_fork("fit")
        with training_run(self, checkpoint) as run:
            return self._fit_batches(run.added_to({"shuffle": True, **_by_name("fit", self, args, kwargs)}))

    def _fit_batches(self, given: dict[str, Any]) -> Any:
        held = given.get("validation_data")
        if isinstance(held, tuple) and len(held) in (2, 3):
            held_size = given.get("validation_batch_size") or given.get("batch_size")
            batches = None if given.get("validation_steps") else _batches(held, held_size, shuffle=False)
            given["validation_data"] = held if batches is None else batches
        else:
            given["validation_data"] = without_autotune(held)
        return super().fit(**_with_batches(given, given["shuffle"]))

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.evaluate`."""
        refuse_in_a_fork("evaluate")
        given = _by_name("evaluate", self, args, kwargs)
        return super().evaluate(**_with_batches(given, shuffle=False))

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.predict`."""
        refuse_in_a_fork("predict")
        given = _by_name("predict", self, args, kwargs)
        return super().predict(**_with_batches(given, shuffle=False))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`keras.Model.__call__`."""
        refuse_in_a_fork("the model")
        return super().__call__(*args, **kwargs)


def _shown(name: str) -> inspect.Signature:
    """The signature for `help`."""
    if name != "fit":
        return SIGNATURES[name]
    checkpoint = inspect.Parameter("checkpoint", inspect.Parameter.KEYWORD_ONLY, default=None)
    return SIGNATURES[name].replace(parameters=[*SIGNATURES[name].parameters.values(), checkpoint])


for _name in SIGNATURES:
    getattr(UntunedModel, _name).__signature__ = _shown(_name)


def _by_name(method: str, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by their names."""
    bound = SIGNATURES[method].bind_partial(model, *args, **kwargs).arguments
    more = bound.pop("kwargs", {})
    return {name: value for name, value in bound.items() if name != "self"} | more


def _with_batches(given: dict[str, Any], shuffle: Any) -> dict[str, Any]:
    """The arguments with batches in the place of arrays; as they are where Keras is to batch, or to refuse, them."""
    parts = [given.get(name) for name in ("x", "y", "sample_weight")]
    if any(given.get(name) for name in LEFT_TO_KERAS) or not isinstance(shuffle, bool):
        return given
    while parts and parts[-1] is None:
        parts.pop()
    batches = _batches(tuple(parts), given.get("batch_size"), shuffle)
    if batches is None:
        return {**given, "x": without_autotune(given.get("x"))}
    rest = {name: value for name, value in given.items() if name not in OF_ARRAYS}
    return {**rest, "x": batches, **({"shuffle": False} if "shuffle" in given else {})}


def _batches(parts: tuple[Any, ...], batch_size: Any, shuffle: bool) -> Any:
    """Batches of arrays as Keras would make them, or None for anything else than arrays of one length."""
    leaves = keras.tree.flatten(parts)
    are_arrays = all(isinstance(leaf, np.ndarray) and leaf.ndim and leaf.dtype.kind in "fiub" for leaf in leaves)
    if keras.backend.backend() != "tensorflow" or not leaves or not are_arrays:
        return None
    if len({len(leaf) for leaf in leaves}) > 1 or not len(leaves[0]):
        return None
    arrays = keras.tree.map_structure(_in_float_precision, keras.tree.lists_to_tuples(parts))
    return array_batches(arrays, len(leaves[0]), batch_size or DEFAULT_BATCH_SIZE, shuffle=shuffle)


def _in_float_precision(array: np.ndarray) -> np.ndarray:
    return array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array
