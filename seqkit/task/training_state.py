"""All that the rest of a training depends on: variables, random numbers, and what callbacks remember."""

from __future__ import annotations

import json
import random as python_random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np

from seqkit.task.recipe import compiled_with, copy_state, restore_state
from seqkit.task.state_file import PLAIN, is_plain

NOT_REMEMBERED = {"params", "_model", "min_delta"}  # Keras sets them; of min_delta it turns the sign at the first use
KEPT = "kept_in_checkpoint"  # of a callback: names of its attributes; without it, all that are plain values


def build_optimizer(model: keras.Model) -> None:
    """Make the optimizer's variables, which Keras would make at the first step."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def variables_and_random_numbers(model: keras.Model) -> dict[str, Any]:
    """Copy the weights, the states of seed generators and of the optimizer, and Python's and NumPy's random states."""
    random_states = {"python": python_random.getstate(), "numpy": np.random.get_state(legacy=False)}  # noqa: NPY002
    return {"variables": copy_state(model), "random": random_states}


def restore_variables_and_random_numbers(model: keras.Model, state: dict[str, Any]) -> None:
    """Set what `variables_and_random_numbers` copied."""
    restore_state(model, state["variables"])
    python_random.setstate(state["random"]["python"])
    np.random.set_state(state["random"]["numpy"])  # noqa: NPY002


def remembered(callbacks: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """Return the attributes of each callback that are plain values, as a new callback of its class would find them."""
    return {name: _attributes(callback) for name, callback in _named(callbacks)}


def changed(now: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leave out what has not changed since the training began, such as a path that was passed."""
    return {
        name: {key: value for key, value in attributes.items() if not _is_same(value, before[name].get(key, ...))}
        for name, attributes in now.items()
    }


def restore_callbacks(callbacks: Iterable[Any], state: dict[str, dict[str, Any]]) -> None:
    """Give callbacks back what they remembered; one that was not there before begins anew.

    An attribute that holds something else than a plain value by now, such as a file that was opened, keeps it.
    """
    for name, callback in _named(callbacks):
        for key, value in state.get(name, {}).items():
            if is_plain(getattr(callback, key, None)):
                setattr(callback, key, value)


def trained_as(model: keras.Model, steps: int | None, data: str) -> dict[str, str]:
    """Describe the training in texts; one of another description cannot go on from its states.

    A learning rate without a schedule is left out: callbacks change it, also for a second call in the same process.
    """
    compiled = compiled_with(model)
    optimizer = _without_rates(compiled["optimizer"])
    return {
        "model": f"{type(model).__name__} {[tuple(variable.shape) for variable in model.variables]}",
        "compile": json.dumps({**compiled, "optimizer": optimizer}, sort_keys=True, default=_name_of_type),
        "batches in an epoch": str(steps),
        "data": data,
    }


def set_best_weights(model: keras.Model, callbacks: Any) -> None:
    """Set the best weights that a callback kept, if one did; `callbacks` are their attributes."""
    for attributes in callbacks:
        if attributes.get("best_weights") is not None:
            model.set_weights(attributes["best_weights"])


def _without_rates(config: Any) -> Any:
    """A nested config without the learning rates that are numbers; one optimizer may wrap another."""
    if not isinstance(config, dict):
        return config
    kept = {name: part for name, part in config.items() if name != "learning_rate" or isinstance(part, dict)}
    return {name: _without_rates(part) for name, part in kept.items()}


def _name_of_type(value: Any) -> str:
    return type(value).__name__


def _named(callbacks: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Callbacks with the name of their class, and its count where there are several."""
    seen: Counter[str] = Counter()
    for callback in callbacks:
        name = type(callback).__name__
        yield f"{name} {seen[name]}", callback
        seen[name] += 1


def _attributes(callback: Any) -> dict[str, Any]:
    names = getattr(callback, KEPT, set(vars(callback)) - NOT_REMEMBERED)
    return {name: vars(callback)[name] for name in sorted(names) if is_plain(vars(callback)[name])}


def _is_same(value: Any, before: Any) -> bool:
    return type(value) in PLAIN and type(value) is type(before) and value == before
