"""The checks of what a stack of recurrent layers takes: units, dropout, sequences and initial states."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._old_names import warn_of_old_spelling


def layer_units(where: str, units: Any, depth: int | None = None) -> tuple[int, ...]:
    """Check units, and return a tuple with the units of each layer."""
    sizes = tuple(units) if isinstance(units, (list, tuple)) else (units,)
    if not sizes:
        raise InvalidValue(
            where, "units is empty.", "Name the units of one layer or more, e.g. units=(128, 64).", argument="units"
        )
    if depth is not None:
        depth = _checks.whole_number(where, "depth", depth)
        sizes = sizes * depth if len(sizes) == 1 else sizes
        if len(sizes) != depth:
            raise InvalidValue(where, f"units names {len(sizes)} layers, depth={depth}.", "Leave depth out.", "depth")
    return tuple(_checks.whole_number(where, "units", size) for size in sizes)


def layer_dropout(where: str, dropout: Any, depth: int) -> tuple[float, ...]:
    """Check dropout, and return a tuple with the rate after each of `depth` layers; one number is for all of them."""
    if not isinstance(dropout, (list, tuple)):
        dropout = (dropout,) * depth
    if len(dropout) != depth:
        problem = f"dropout has {len(dropout)} numbers for {depth} layers."
        raise InvalidValue(where, problem, "Pass one for each layer.", argument="dropout")
    return tuple(_checks.fraction(where, "dropout", rate) for rate in dropout)


def first_layer_dropout(
    where: str, dropout: Any, first_dropout: Any, depth: int, default: float = 0.0
) -> tuple[float, ...]:
    """As `layer_dropout`, but a single number means the first layer alone: the old spelling of `first_dropout`."""
    if dropout is None:
        rate = _checks.fraction(where, "first_dropout", default if first_dropout is None else first_dropout)
    elif first_dropout is not None:
        problem = f"dropout={dropout!r} and first_dropout={first_dropout!r} both set the dropout after the first layer."
        raise InvalidValue(where, problem, "Pass one of them.")
    elif isinstance(dropout, (list, tuple)):
        return layer_dropout(where, dropout, depth)
    else:
        rate = _checks.fraction(where, "dropout", dropout)
        if rate and depth > 1:
            meaning = f"is dropped after the first of {depth} layers alone"
            warn_of_old_spelling(where, f"dropout={rate}", meaning, f"first_dropout={rate}")
    return (rate, *(0.0,) * (depth - 1))


def activation_function(where: str, name: str, activation: Any) -> Any:
    """Check an activation as Keras takes it: a name, a function or a layer; return the function."""
    try:
        return keras.activations.get(activation)
    except (TypeError, ValueError) as error:
        problem = f"{name} must be the name of one of Keras's activations, or a function, got {activation!r}."
        raise InvalidValue(where, problem, 'Pass for example "tanh" or "relu".', argument=name) from error


def activation_name(where: str, activation: Any) -> str:
    """Check an activation of the cells, and return its name in Keras, which a saved model's config holds."""
    name = keras.activations.serialize(activation_function(where, "activation", activation))
    if not isinstance(name, str):
        problem = f"activation must be the name of one of Keras's activations, got {activation!r}."
        way_out = 'Pass for example "tanh" or "relu"; RecurrentStack alone takes any function.'
        raise InvalidValue(where, problem, way_out, argument="activation")
    return name


def refuse_no_flags(where: str, **flags: Any) -> None:
    """Refuse what is neither True nor False, such as a merge mode of Keras's `Bidirectional`."""
    for name, value in flags.items():
        if not isinstance(value, (bool, int, np.bool_)) or value not in (0, 1):
            raise InvalidType(where, f"{name} must be True or False, got {value!r}.", argument=name)


@contextlib.contextmanager
def without_kernel_warning() -> Iterator[None]:
    """Silence the warning of a stack that cannot use the cuDNN kernel: a saved model gave it when it was built."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="RecurrentStack: ", category=UserWarning)
        yield


def refuse_other_shapes(shape: Sequence[int | None], features: int | None = None) -> None:
    """Refuse sequences that are not `[samples, timesteps, features]`, that are empty, or that have other features."""
    if len(shape) == 3 and shape[1] == 0:
        raise InvalidValue("RecurrentStack", "the sequences have no timesteps.", "Leave empty ones out.")
    if len(shape) == 3 and features is not None and shape[2] != features:
        problem = f"built for features={features}, got sequences of {shape[2]} (shape {tuple(shape)})."
        raise InvalidValue("RecurrentStack", problem, "Pass the columns it was built for.")
    if len(shape) != 3:
        raise InvalidValue(
            "RecurrentStack",
            f"wanted [samples, timesteps, features], got shape {tuple(shape)}.",
            "For a table with one sample in each row use seqkit.reshape(table, timesteps=...) or "
            "seqkit.reshape(table, features=...).",
        )


def named_states(states: Any, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Initial states by name, from a list in the order of `return_state` or from a dict.

    Args:
        states: what a call was given.
        sizes: the units of each state of the stack, by name, in the order of `return_state`.

    Raises:
        ValueError: another number of states, other names or other shapes.
    """
    if isinstance(states, (list, tuple)) and len(states) == len(sizes):
        states = dict(zip(sizes, states, strict=True))
    if len(sizes) == 1 and hasattr(states, "shape"):
        states = dict.fromkeys(sizes, states)
    if not isinstance(states, Mapping) or set(states) != set(sizes):
        came = f"a {type(states).__name__} of {len(states)}" if isinstance(states, (list, tuple)) else ""
        came = came or (_checks.listed(states) if isinstance(states, Mapping) else type(states).__name__)
        raise InvalidValue(
            "RecurrentStack",
            f"initial_state must be a list of the {len(sizes)} states {_checks.listed(sizes)}, or a dict of these "
            f"names, got {came}.",
            "return_state=True returns such a list.",
            argument="initial_state",
        )
    for name, size in sizes.items():
        shape = tuple(states[name].shape)
        if len(shape) != 2 or shape[-1] != size:
            problem = f"initial_state {name!r} must have the shape (samples, {size}), got {shape}."
            raise InvalidValue("RecurrentStack", problem, argument="initial_state")
    return dict(states)
