"""Models that write a seal into their files, and look at it when they are loaded."""

from __future__ import annotations

import contextlib
import copy
import functools
import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state  # Keras has no public way to forget a variable

import seqkit
from seqkit._errors import InvalidValue, Message
from seqkit.layers.stack_arguments import without_kernel_warning
from seqkit.task.file_check import checked_weights_file
from seqkit.task.loading import current_load, first_words, loading, refuse_too_many
from seqkit.task.seal import (
    AS_READ,
    BUILD_PART,
    SERIALIZED,
    Seal,
    checksum_of_config,
    checksum_of_weights,
    without_marks,
)

SETTINGS = "settings"  # the argument of a refusal that says all itself
OF_BUILDING = ("uninitialized_variables", "object_name_uids")


class SealedModel(keras.Model):
    """`keras.Model` that checks settings before it builds from them, and weights once they are loaded."""

    @functools.cached_property
    def _zz_seal(self) -> Seal:
        """Found by Keras, which saves and loads every attribute of a model that is a layer; this one last."""
        return Seal(self)

    def get_build_config(self) -> dict[str, Any]:
        """`keras.Model.get_build_config`, and which weights these settings were saved with."""
        self.__dict__[SERIALIZED] = True
        written = {"version": seqkit.__version__, "weights": checksum_of_weights(self)}
        return {**(super().get_build_config() or {}), BUILD_PART: written}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Rebuild; weights follow from the file.

        Raises:
            ValueError: settings that the builder refuses, or that would build more weights than the file holds.
        """
        load = current_load()
        where = load.where if load else f"{cls.__name__}.from_config"
        try:
            as_read = checksum_of_config(config)
            with without_kernel_warning():
                refuse_too_many(where, cls._count_numbers(config, custom_objects))
                model = cls.build_from_settings(config, custom_objects)
        except Exception as error:  # Keras and TensorFlow raise all kinds
            raise _in_words(where, error) from error
        model.__dict__[AS_READ] = as_read
        return model

    @classmethod
    def build_from_settings(cls, config: dict[str, Any], custom_objects: Any) -> Any:
        """Build the model."""
        return super().from_config(config, custom_objects)

    @classmethod
    def _count_numbers(cls, config: dict[str, Any], custom_objects: Any) -> int:
        """How many numbers the variables would have; no memory is taken for them."""
        with _without_traces(), keras.StatelessScope(initialize_variables=False):
            model = cls.build_from_settings(without_marks(config), custom_objects)
            return sum(math.prod(variable.shape) for variable in model.variables)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """`keras.Model.load_weights`.

        Raises:
            ValueError: the file is damaged, cut off, or holds weights that are not finite. The weights are then those
                from before.
        """
        before = [np.array(variable) for variable in self.variables]
        try:
            with loading(checked_weights_file("load_weights", filepath)) as load:
                super().load_weights(filepath, skip_mismatch=skip_mismatch, **kwargs)
        except Exception:
            for variable, value in zip(self.variables, before, strict=True):
                variable.assign(value)
            raise
        load.warn()


@contextlib.contextmanager
def _without_traces() -> Iterator[None]:
    """Forget the variables of a model that was only counted, which Keras would make later, and its layers' names."""
    kept = {name: copy.copy(global_state.get_global_attribute(name)) for name in OF_BUILDING}
    try:
        yield
    finally:
        for name, value in kept.items():
            global_state.set_global_attribute(name, value)


def _in_words(where: str, error: Exception) -> InvalidValue:
    if isinstance(error, InvalidValue) and (error.where == where or error.argument == SETTINGS):
        return InvalidValue(where, error.problem, error.way_out, error.argument)
    reason = error.problem if isinstance(error, Message) else first_words(error)
    problem = f"no model can be built from the settings: {reason.rstrip('.')}."
    return InvalidValue(where, problem, "They are damaged, or of another release.", getattr(error, "argument", None))
