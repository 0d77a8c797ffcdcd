"""The formats of `model.export`, by the names that Keras gives them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from seqkit import _checks, _litert_file, _onnx_file
from seqkit._errors import InvalidType
from seqkit.export import Served, refuse_other_backends, write_saved_model
from seqkit.export_file import FileFormat, write_file

SAVED_MODEL = "tf_saved_model"
FILE_FORMATS = {
    "onnx": FileFormat(
        "ONNX",
        ".onnx",
        packages=("onnx", "tf2onnx", "onnxruntime"),
        extra="onnx",
        one_by_one=False,
        converted=_onnx_file.converted,
        answers=_onnx_file.answers,
    ),
    "litert": FileFormat(
        "LiteRT",
        ".tflite",
        packages=(),
        extra="",
        one_by_one=True,
        converted=_litert_file.converted,
        answers=_litert_file.answers,
    ),
}


def check_format(format: Any, options: Mapping[str, Any], timesteps: Any) -> None:
    """Refuse another format, and options that it does not have."""
    _checks.choice("export", "format", format, {SAVED_MODEL: None, **FILE_FORMATS})
    refuse_other_backends()
    if timesteps is not None and not (format in FILE_FORMATS and FILE_FORMATS[format].one_by_one):
        problem = f"timesteps= is the one length that a file of LiteRT reads, and format={format!r}."
        raise InvalidType("export", problem, "Leave it out.", argument="timesteps")
    unknown = sorted(set(options) - {"verbose"})
    if unknown:
        problem = f"the endpoints of an exported model are fixed, so {_checks.listed(unknown)} cannot be set."
        raise InvalidType("export", problem)


def write_served(
    kind: str, served: Callable[[], Served], path: str | os.PathLike[str], format: str, timesteps: int | None
) -> Path:
    """Write what a model of a kind serves in a format that was checked."""
    if format == SAVED_MODEL:
        return write_saved_model(served(), path)
    return write_file(kind, served, path, FILE_FORMATS[format], timesteps)
