"""What the pictures of a model's inside accept, and the words with which they refuse the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue


def one_layer(where: str, found: Any, layer: str | None, parts: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The chosen layer's name and its gates, or the gates alone where no dict of layers was given."""
    if not isinstance(found, Mapping):
        if layer is not None:
            raise InvalidValue(
                where,
                f"layer={layer!r} chooses from a dict of layers, got one layer.",
                "Leave layer out.",
                argument="layer",
            )
        _check_parts(where, found, parts)
        return None, found
    if not found:
        raise InvalidValue(where, "found holds no layers.", "Pass what gates(model, x) returned.")
    name = next(iter(found)) if layer is None else layer
    gates = _checks.choice(where, "layer", name, found)
    _check_parts(where, gates, parts)
    return name, gates


def one_sample(where: str, argument: str, arrays: Any, sample: int) -> np.ndarray:
    """The values of sample number `sample` as floats."""
    count = len(arrays)
    if _checks.whole_number(where, "sample", sample, least=0) >= count:
        raise InvalidValue(
            where,
            f"sample must be below {count}, the number of samples in {argument}, got {sample}.",
            "The first is sample=0.",
            argument="sample",
        )
    return numbers(where, argument, arrays[sample])


def numbers(where: str, argument: str, values: Any) -> np.ndarray:
    """`values` as an array of floats."""
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InvalidType(
            where, f"{argument} must hold numbers, got {type(values).__name__}.", argument=argument
        ) from error


def chosen_units(where: str, units: int | Sequence[int] | None, count: int) -> list[int]:
    """The units to draw, all of them when None."""
    if units is None:
        return list(range(count))
    several = [units] if isinstance(units, int | np.integer) else list(units)
    chosen = [_checks.whole_number(where, "units", unit, least=0) for unit in several]
    if not chosen or max(chosen) >= count:
        raise InvalidValue(
            where,
            f"units must be numbers from 0 to {count - 1}, one or more, got {several}.",
            f"Leave units out to draw all {count}.",
            argument="units",
        )
    return chosen


def named_flows(where: str, flow: Any) -> dict[str, pd.Series]:
    """A series for each line to draw, by name."""
    if isinstance(flow, pd.DataFrame):
        flows = {str(name): flow.iloc[:, number] for number, name in enumerate(flow.columns)}
    elif isinstance(flow, Mapping):
        flows = {name: one for label in flow for name, one in _flows_of_model(where, label, flow[label]).items()}
    else:
        raise InvalidType(
            where,
            "flow must be what gradient_flow returned, or a dict such as {'LSTM': gradient_flow(...)} to compare "
            f"models, got {type(flow).__name__}.",
            argument="flow",
        )
    if not flows or not all(map(len, flows.values())):
        raise InvalidValue(where, "flow holds no layers or no timesteps.", "Pass what gradient_flow returned.")
    like = next(iter(flows.values())).index
    for name, series in flows.items():
        _check_norms(where, name, series, like)
    return flows


def one_map(where: str, weights: Any) -> Any:
    """The only map of a dict, or the array itself, with its samples in front."""
    if isinstance(weights, Mapping):
        if len(weights) != 1:
            raise InvalidValue(
                where,
                f"weights must be one layer's, got {len(weights)}: {_checks.listed(weights)}.",
                "Pass one of them: weights[name].",
                argument="weights",
            )
        weights = next(iter(weights.values()))
    shape = np.shape(weights) if hasattr(weights, "shape") else np.asarray(weights, dtype=object).shape
    if len(shape) in (2, 3) and 0 not in shape:
        return weights
    ways = {
        1: "Pass weights[None] for one sample.",
        4: "Choose one of several heads, weights[:, head], or their mean, weights.mean(axis=1).",
    }
    raise InvalidValue(
        where,
        "weights must be [samples, timesteps], [samples, features] or [samples, queries, source steps], got shape "
        f"{tuple(shape)}.",
        f"{ways.get(len(shape), 'Pass what attention_weights returned.')}",
        argument="weights",
    )


def source_and_target(where: str, tokens: Any, index: Any) -> tuple[Any, Any]:
    """Names of the source steps and of the queries of an attention matrix."""
    if tokens is None:
        return index, None
    if isinstance(tokens, tuple) and len(tokens) == 2 and not any(isinstance(one, str | bytes) for one in tokens):
        return tokens
    raise InvalidType(
        where,
        "tokens of weights [samples, queries, source steps] must be a pair, tokens=(source words, target words), "
        f"got {type(tokens).__name__}.",
        "Put None for what has no words.",
    )


def _flows_of_model(where: str, label: Any, flow: Any) -> dict[str, pd.Series]:
    if isinstance(flow, pd.Series):
        return {str(label): flow}
    if isinstance(flow, pd.DataFrame):
        flows = named_flows(where, flow)
        several = len(flows) > 1
        return {f"{label}: {name}" if several else str(label): one for name, one in flows.items()}
    raise InvalidType(
        where,
        f"flow[{label!r}] must be what gradient_flow returned or one of its columns, got {type(flow).__name__}.",
        f"Write {{{label!r}: gradient_flow(model, x, y)}}.",
    )


def _check_norms(where: str, name: str, series: pd.Series, like: pd.Index) -> None:
    if not pd.api.types.is_numeric_dtype(series) or (series < 0).any():
        raise InvalidValue(
            where, f"{name!r} must hold norms, numbers of 0 or more.", "Pass what gradient_flow returned."
        )
    by_time = isinstance(series.index, pd.DatetimeIndex)
    if by_time != isinstance(like, pd.DatetimeIndex) or not (by_time or pd.api.types.is_numeric_dtype(series.index)):
        raise InvalidType(
            where,
            f"the index must be timesteps or time stamps, the same in all, got {series.index.dtype} of {name!r}.",
            "Set it: flow.index = range(len(flow)).",
        )


def _check_parts(where: str, gates: Any, parts: Mapping[str, Any]) -> None:
    fields = getattr(gates, "_fields", ())
    if not fields or not set(fields) <= set(parts):
        raise InvalidType(
            where,
            f"found must be what gates(model, x) returned, or one of its layers, got {type(gates).__name__}.",
            "Write found = gates(model, x) and pass found.",
            argument="found",
        )
    shapes = {np.shape(part) for part in gates}
    shape = np.shape(gates[0])
    if len(shapes) > 1 or len(shape) != 3 or 0 in shape:
        raise InvalidValue(
            where,
            "every part must be [samples, timesteps, units], all alike, with none of them 0, got "
            f"{', '.join(map(str, sorted(shapes)))}.",
            "Pass what gates(model, x) returned.",
        )
