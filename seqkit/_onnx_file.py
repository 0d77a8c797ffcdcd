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

    handlers: dict[str, Any] = {"SelectV2": (_choose, [])}
    proto, _ = tf2onnx.convert.from_function(function, list(signature), opset=OPSET, custom_op_handlers=handlers)
    onnx.helper.set_model_props(proto, {name: json.dumps(value) for name, value in description.items()})
    return bytes(proto.SerializeToString())


def _choose(graph: Any, node: Any, name: str, arguments: Any) -> None:
    """Turn `tf.where` into ONNX's `Where`; tf2onnx would multiply what is not chosen by 0, and NaN stays NaN."""
    node.type = "Where"


def answers(content: bytes, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime answers with the file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = QUIET
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))
