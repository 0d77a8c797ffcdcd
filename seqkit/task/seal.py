"""The seal in a file of weights: the release that wrote it, and checksums. It finds damage, not forgery.

Keras saves and loads the layers, variables and optimizer of a model one after another. `Seal` is the last of them, so
it sees the whole file.
"""

from __future__ import annotations

import hashlib
import json
import weakref
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

import seqkit
from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit.task.finite_weights import problem_of_weights
from seqkit.task.loading import Load, current_load

ATTRIBUTE = "_zz_seal"  # of a model: Keras takes private names last, in the order of the alphabet
KEY = "seal"  # of the dataset in the file
BUILD_PART = "seqkit"  # of a model's build config: the release, and the checksum of the weights it was saved with
SERIALIZED, AS_READ = "was_serialized", "checksum_as_read"  # what a model remembers, past Keras
SHARED = "shared_object_id"  # which Keras gives to an object at its second mention
DAMAGED = "Take the file from where it came once more, or from a backup."


class Sealed(NamedTuple):
    """What the seal of a file says."""

    version: str  # of seqkit
    settings: str  # checksum of the model's config
    file: str  # checksum of all that config.json holds; empty in a file of weights alone
    weights: str  # checksum of all variables in the file


class Seal(keras.layers.Layer):
    """A layer without variables, which writes and compares the checksums of its model."""

    def __init__(self, model: keras.Model) -> None:
        """Keep the model past Keras, which would take it for a part of the seal."""
        super().__init__(name="seal")
        self._model = weakref.ref(model)

    def save_own_variables(self, store: Any) -> None:
        """Write the seal, where the weights are in one file."""
        model, group = self._model(), _sealed_group(store)
        if model is None or group is None:
            return
        has_settings = model.__dict__.pop(SERIALIZED, False)
        file = checksum_of_config(keras.saving.serialize_keras_object(model)) if has_settings else ""
        model.__dict__.pop(SERIALIZED, None)
        seal = Sealed(seqkit.__version__, checksum_of_config(model.get_config()), file, checksum_of_group(group))
        store[KEY] = np.frombuffer(json.dumps(seal._asdict()).encode(), "uint8")

    def load_own_variables(self, store: Any) -> None:
        """Refuse weights that are not those that were saved, or not finite; a file without a seal gives a warning."""
        model, group = self._model(), _sealed_group(store)
        if model is None or group is None:
            return
        known = current_load()
        load = known or Load()
        where = load.where or f"{type(model).__name__}: loaded weights"
        seal = sealed(store)
        if seal is None:
            problem = "the file has no checksum, as those of older releases, so damage would not be found."
            load.notes.append(SeqkitWarning(where, problem, "Save the model again to have one."))
        elif seal.weights != checksum_of_group(group):
            load.refuse(InvalidValue(where, "the weights in the file are damaged: their checksum differs.", DAMAGED))
        elif load.has_settings and seal.settings != model.__dict__.get(AS_READ, seal.settings):
            load.refuse(InvalidValue(where, "the settings in the file are damaged: their checksum differs.", DAMAGED))
        problem = problem_of_weights(model)
        if problem:
            load.refuse(InvalidValue(where, problem, "Load a file from before."))
        if known is None:
            load.warn()


def sealed(store: Any) -> Sealed | None:
    """The seal that a group of a file holds, or None; a seal that cannot be read counts as one of other weights."""
    if KEY not in store:
        return None
    try:
        return Sealed(**json.loads(np.asarray(store[KEY], "uint8").tobytes()))
    except (ValueError, TypeError):
        return Sealed("", "", "", "")


def checksum_of_config(config: Any) -> str:
    """The checksum of plain values, the same before JSON and after it."""
    plain = without_marks(keras.saving.serialize_keras_object(config) if isinstance(config, Mapping) else config)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def checksum_of_group(group: Any) -> str:
    """The checksum of all variables in a group of an HDF5 file, and of their names."""
    datasets: dict[str, Any] = {}
    group.visititems(lambda name, item: datasets.__setitem__(name, item) if hasattr(item, "shape") else None)
    names = sorted(name for name in datasets if not name.startswith(ATTRIBUTE))
    return _checksum((name, datasets[name][()]) for name in names)


def checksum_of_weights(model: keras.Model) -> str:
    """The checksum of a model's weights: equal bits, equal checksum."""
    return _checksum(("", keras.ops.convert_to_numpy(weight)) for weight in model.weights)


def _checksum(arrays: Iterable[tuple[str, np.ndarray]]) -> str:
    """The checksum of names, types, shapes and bytes."""
    found = hashlib.sha256()
    for name, array in arrays:
        found.update(f"{name} {array.dtype.str} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view("uint8").data)
    return found.hexdigest()


def _sealed_group(store: Any) -> Any:
    """The group of an HDF5 file that holds the model's variables; None for weights in several files, or in NumPy's."""
    path = getattr(store, "_h5_entry_path", None)
    if path is None or hasattr(store, "max_shard_size"):
        return None
    return store.h5_file.get(path.removesuffix(ATTRIBUTE).strip("/") or "/")


def without_marks(config: Any) -> Any:
    """Plain values as JSON gives them, without Keras's numbers of shared objects, which differ each time."""
    if isinstance(config, Mapping):
        return {str(name): without_marks(part) for name, part in config.items() if name != SHARED}
    return [without_marks(part) for part in config] if isinstance(config, (list, tuple)) else config
