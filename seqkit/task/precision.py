"""The precision of a model in its config: a file that was saved in half precision is loaded in half precision."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from seqkit._errors import InvalidValue

PRECISION, FULL = "precision", "float32"  # the name in a config; a model of full precision does not name it


def precision_of(model: keras.Model) -> dict[str, str]:
    """The part of the config: the policy with which the layers were made, as Keras names it."""
    policy = model.dtype_policy.name
    return {} if policy == FULL else {PRECISION: policy}


@contextlib.contextmanager
def built_in_precision(policy: Any) -> Iterator[None]:
    """Make layers in this policy; None for that of the session, as for a file of full precision."""
    before = keras.config.dtype_policy()
    if policy is not None:
        try:
            keras.config.set_dtype_policy(policy)
        except (ValueError, TypeError) as error:
            problem = f"the precision {policy!r} is not known."
            raise InvalidValue("from_config", problem, "The file is damaged.", "settings") from error
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
