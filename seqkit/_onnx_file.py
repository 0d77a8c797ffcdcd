"""ONNX: how a function of TensorFlow becomes such a file, and what onnxruntime answers with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

OPSET = 18  # tf2onnx 1.17's newest
QUIET = 3  # onnxruntime: errors alone


def converted(function: Any, signature: Sequence[Any], description: Mapping[str, Any]) -> bytes:
    """The file; `description` is its metadata, each value as JSON."""
    import onnx
    import tf2onnx

    written = {"SelectV2": _choose, "Log1p": _log1p, "Expm1": _expm1}
    handlers: dict[str, Any] = {name: (write, []) for name, write in written.items()}
    proto, _ = tf2onnx.convert.from_function(function, list(signature), opset=OPSET, custom_op_handlers=handlers)
    onnx.helper.set_model_props(proto, {name: json.dumps(value) for name, value in description.items()})
    return bytes(proto.SerializeToString())


def _choose(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """Turn `tf.where` into ONNX's `Where`; tf2onnx would multiply what is not chosen by 0, and NaN stays NaN."""
    node.type = "Where"


def _log1p(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """Write log(1 + x), which ONNX lacks, as x log(u) / (u - 1) with u = 1 + x; small x keep their digits (Kahan)."""
    of, number = _writer(graph, node)
    x = node.input[0]
    shifted = of("Add", x, number(1))
    step = of("Sub", shifted, number(1))
    is_lost = of("Equal", step, number(0))
    quotient = of("Div", of("Log", shifted), of("Where", is_lost, number(1), step))
    _replace(graph, node, is_lost, x, of("Mul", x, quotient))


def _expm1(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """Write exp(x) - 1, which ONNX lacks, as (u - 1) x / log(u) with u = exp(x); small x keep their digits (Kahan)."""
    of, number = _writer(graph, node)
    x = node.input[0]
    power = of("Exp", x)
    step = of("Sub", power, number(1))
    is_lost = of("Equal", step, number(0))
    is_near = of("Less", of("Abs", x), number(1))  # elsewhere the plain difference has all digits
    quotient = of("Div", x, of("Where", of("Or", is_lost, of("Not", is_near)), number(1), of("Log", power)))
    _replace(graph, node, is_lost, x, of("Where", is_near, of("Mul", step, quotient), step))


def _writer(graph: Any, node: Any) -> tuple[Any, Any]:
    """Functions that write an operation, and a number, beside a node."""

    def of(operation: str, *inputs: str) -> str:
        return str(graph.make_node(operation, list(inputs)).output[0])

    def number(value: float) -> str:
        return str(graph.make_const(f"{node.name}_{value}_{len(graph.get_nodes())}", np.float32(value)).output[0])

    return of, number


def _replace(graph: Any, node: Any, condition: str, chosen: str, other: str) -> None:
    shape, kind = graph.get_shape(node.output[0]), graph.get_dtype(node.output[0])
    graph.remove_node(node.name)
    inputs = [condition, chosen, other]
    graph.make_node("Where", inputs, name=node.name, outputs=node.output, shapes=[shape], dtypes=[kind])


def answers(content: bytes, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime answers with the file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))
