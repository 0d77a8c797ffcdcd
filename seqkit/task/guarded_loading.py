"""Look at a model file before `keras.saving.load_model` reads it, and say in words what is wrong with it.

Keras reads settings and builds the model before any class of ours learns where the file is. A bomb would have unpacked
by then, and of a file that was cut off Keras says that it is not found.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import wrapt

from seqkit._errors import InvalidValue
from seqkit.task.file_check import ONCE_MORE, checked_model_file
from seqkit.task.loading import first_words, loading

LOAD_MODEL = "load_model"
PUBLIC_MODULES = ("keras.saving", "keras.models", "keras._tf_keras.keras.saving", "keras._tf_keras.keras.models")


def guard_loading() -> None:
    """Guard Keras's public `load_model`. Files without layers of ours are loaded as before."""
    for name in PUBLIC_MODULES:
        module = importlib.import_module(name)
        load_model = getattr(module, LOAD_MODEL)
        if not isinstance(load_model, wrapt.FunctionWrapper):
            setattr(module, LOAD_MODEL, wrapt.FunctionWrapper(load_model, _load_checked))


def _load_checked(load_model: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    path = args[0] if args else kwargs.get("filepath")
    load = checked_model_file(LOAD_MODEL, path)
    if load is None:
        return load_model(*args, **kwargs)
    try:
        with loading(load):
            model = load_model(*args, **kwargs)
    except InvalidValue:
        raise
    except Exception as error:  # Keras raises all kinds, of the file or of a class that it does not find
        if not load.is_ours:
            raise
        raise InvalidValue(load.where, f"it cannot be loaded: {first_words(error)}.", ONCE_MORE) from error
    load.warn()
    return model
