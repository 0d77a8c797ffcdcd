"""Look at a model file before `keras.saving.load_model` reads it, and say in words what is wrong with it.

Keras reads settings and builds the model before any class of ours learns where the file is. A bomb would have unpacked
by then, and of a file that was cut off Keras says that it is not found.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.task.file_check import ONCE_MORE, checked_model_file
from seqkit.task.loading import first_words, loading

LOAD_MODEL = "load_model"
YOUR_CLASSES = "If it is a class of your own, pass it in custom_objects={name: class}, or register it before."
PUBLIC_MODULES = ("keras.saving", "keras.models", "keras._tf_keras.keras.saving", "keras._tf_keras.keras.models")


def guard_loading() -> None:
    """Guard Keras's public `load_model`, wherever Keras names it. Files without layers of ours are loaded as before."""
    load_model = keras.saving.load_model
    if hasattr(load_model, "__wrapped__"):
        return
    guarded = _guarded(load_model)
    for name in (load_model.__module__, *PUBLIC_MODULES):  # its own module too, by which a pickle finds a function
        if name in sys.modules:
            setattr(sys.modules[name], LOAD_MODEL, guarded)


def _guarded(load_model: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load_model)
    def load_checked(filepath: Any, *args: Any, **kwargs: Any) -> Any:
        load = checked_model_file(LOAD_MODEL, filepath)
        if load is None:
            return load_model(filepath, *args, **kwargs)
        try:
            with loading(load):
                model = load_model(filepath, *args, **kwargs)
        except InvalidValue:
            raise
        except Exception as error:  # Keras raises all kinds, of the file or of a class that it does not find
            if not load.is_ours:
                raise
            way_out = YOUR_CLASSES if "Could not locate" in str(error) else ONCE_MORE
            raise InvalidValue(load.where, f"it cannot be loaded: {first_words(error)}.", way_out) from error
        load.warn()
        return model

    return load_checked
