"""Checks of the arguments of pictures: gates, gradient flows and attention weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue


def choose_layer(where: str, gates: Any, layer: str | None, fields: Collection[str]) -> tuple[str | None, Any]:
    """The chosen layer's name and gates; the name is None where `gates` are one layer's."""
    if not isinstance(gates, Mapping):
        if layer is not None:
            problem = f"layer={layer!r} chooses from a dict of layers, got one layer."
            raise InvalidValue(where, problem, "Leave layer out.", "layer")
        _check_gates(where, gates, fields)
        return None, gates
    if not gates:
        raise InvalidValue(where, "found holds no layers.", "Pass what gates(model, x) returned.", "found")
    name = next(iter(gates)) if layer is None else layer
    layer_gates = _checks.choice(where, "layer", name, gates)
    _check_gates(where, layer_gates, fields)
    return name, layer_gates


def choose_sample(where: str, argument: str, arrays: Any, sample: int) -> np.ndarray:
    """The array of sample number `sample` as floats."""
    count = len(arrays)
    if _checks.whole_number(where, "sample", sample, least=0) >= count:
        problem = f"sample must be below {count}, the number of samples in {argument}, got {sample}."
        raise InvalidValue(where, problem, "The first is sample=0.", "sample")
    return as_floats(where, argument, arrays[sample])


def as_floats(where: str, argument: str, values: Any) -> np.ndarray:
    """`values` as an array of floats."""
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        problem = f"{argument} must hold numbers, got {type(values).__name__}."
        raise InvalidType(where, problem, argument=argument) from error


def choose_units(where: str, units: int | Sequence[int] | None, count: int) -> list[int]:
    """The units to draw; all of them for None."""
    if units is None:
        return list(range(count))
    unit_list = [units] if isinstance(units, int | np.integer) else list(units)
    chosen = [_checks.whole_number(where, "units", unit, least=0) for unit in unit_list]
    if not chosen or max(chosen) >= count:
        problem = f"units must be numbers from 0 to {count - 1}, one or more, got {unit_list}."
        raise InvalidValue(where, problem, f"Leave units out to draw all {count}.", "units")
    return chosen


def named_flows(where: str, flow: Any) -> dict[str, pd.Series]:
    """The norms of each line to draw, by name."""
    if isinstance(flow, pd.DataFrame):
        flows = {str(name): flow.iloc[:, number] for number, name in enumerate(flow.columns)}
    elif isinstance(flow, Mapping):
        flows = {name: norms for label in flow for name, norms in _flows_of_model(where, label, flow[label]).items()}
    else:
        problem = (
            "flow must be what gradient_flow returned, or a dict such as {'LSTM': gradient_flow(...)} to compare "
            f"models, got {type(flow).__name__}."
        )
        raise InvalidType(where, problem, argument="flow")
    if not flows or not all(map(len, flows.values())):
        raise InvalidValue(where, "flow holds no layers or no timesteps.", "Pass what gradient_flow returned.", "flow")
    first_index = next(iter(flows.values())).index
    for name, norms in flows.items():
        _check_norms(where, name, norms, first_index)
    return flows


def attention_of_one_layer(where: str, weights: Any) -> Any:
    """The array of attention weights, or the only array of a dict; samples are the first axis."""
    if isinstance(weights, Mapping):
        if len(weights) != 1:
            problem = f"weights must be one layer's, got {len(weights)}: {_checks.listed(weights)}."
            raise InvalidValue(where, problem, "Pass one of them: weights[name].", "weights")
        weights = next(iter(weights.values()))
    shape = np.shape(weights) if hasattr(weights, "shape") else np.asarray(weights, dtype=object).shape
    if len(shape) in (2, 3) and 0 not in shape:
        return weights
    ways_out = {
        1: "Pass weights[None] for one sample.",
        4: "Choose one of several heads, weights[:, head], or their mean, weights.mean(axis=1).",
    }
    problem = (
        "weights must be [samples, timesteps], [samples, features] or [samples, queries, source steps], got shape "
        f"{tuple(shape)}."
    )
    raise InvalidValue(where, problem, ways_out.get(len(shape), "Pass what attention_weights returned."), "weights")


def source_and_query_names(where: str, tokens: Any, index: Any) -> tuple[Any, Any]:
    """The names of the source steps and of the queries of an attention matrix."""
    if tokens is None:
        return index, None
    if isinstance(tokens, tuple) and len(tokens) == 2 and not any(isinstance(names, str | bytes) for names in tokens):
        return tokens
    problem = (
        "tokens of weights [samples, queries, source steps] must be a pair, tokens=(source words, target words), "
        f"got {type(tokens).__name__}."
    )
    raise InvalidType(where, problem, "Put None for the side that has no words.", "tokens")


def _flows_of_model(where: str, label: Any, flow: Any) -> dict[str, pd.Series]:
    if isinstance(flow, pd.Series):
        return {str(label): flow}
    if isinstance(flow, pd.DataFrame):
        flows = named_flows(where, flow)
        has_several = len(flows) > 1
        return {f"{label}: {name}" if has_several else str(label): norms for name, norms in flows.items()}
    problem = f"flow[{label!r}] must be what gradient_flow returned or one of its columns, got {type(flow).__name__}."
    raise InvalidType(where, problem, f"Write {{{label!r}: gradient_flow(model, x, y)}}.", "flow")


def _check_norms(where: str, name: str, norms: pd.Series, first_index: pd.Index) -> None:
    if not pd.api.types.is_numeric_dtype(norms) or (norms < 0).any():
        problem = f"{name!r} must hold norms, numbers of 0 or more."
        raise InvalidValue(where, problem, "Pass what gradient_flow returned.", "flow")
    has_stamps = isinstance(norms.index, pd.DatetimeIndex)
    is_allowed = has_stamps or pd.api.types.is_numeric_dtype(norms.index)
    if has_stamps != isinstance(first_index, pd.DatetimeIndex) or not is_allowed:
        problem = f"the index must be timesteps or time stamps, the same in all, got {norms.index.dtype} of {name!r}."
        raise InvalidType(where, problem, "Set it: flow.index = range(len(flow)).", "flow")


def _check_gates(where: str, gates: Any, fields: Collection[str]) -> None:
    gate_fields = getattr(gates, "_fields", ())
    if not gate_fields or not set(gate_fields) <= set(fields):
        problem = f"found must be what gates(model, x) returned, or one of its layers, got {type(gates).__name__}."
        raise InvalidType(where, problem, "Write found = gates(model, x) and pass found.", "found")
    shapes = {np.shape(array) for array in gates}
    shape = np.shape(gates[0])
    if len(shapes) > 1 or len(shape) != 3 or 0 in shape:
        problem = (
            "every gate and state must be [samples, timesteps, units], of the same shape, none of them 0, got "
            f"{', '.join(map(str, sorted(shapes)))}."
        )
        raise InvalidValue(where, problem, "Pass what gates(model, x) returned.", "found")
