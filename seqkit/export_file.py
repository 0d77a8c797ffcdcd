"""Export a model as one file for a runtime without TensorFlow: convert it, ask the file, compare, only then write it.

The file holds the endpoint `serve`, with its names of inputs and outputs. Neither ONNX nor LiteRT can refuse an input
in words, so where a SavedModel refuses, its numbers are NaN and its texts are `""`.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, PathTaken, keywords
from seqkit._guards import refusals_noted
from seqkit._whole_paths import whole_file
from seqkit.export import WRITES_TEXTS, Served, quiet, refuse_other_answers, without_cudnn

FILE_TOLERANCE = 1e-4  # another runtime adds in another order: 2e-5 was seen in a network of large weights
SAVED_MODEL_INSTEAD = "Export a SavedModel, which holds every model: " + keywords(format="tf_saved_model") + "."


class FileFormat(NamedTuple):
    """How a model becomes a file of a format, and how such a file is asked."""

    name: str
    suffix: str
    packages: tuple[str, ...]  # that write and read it
    extra: str  # of seqkit, that installs them
    one_by_one: bool  # whether the file answers one sample of fixed timesteps at a time
    converted: Callable[[Any, Sequence[Any], Mapping[str, Any]], bytes]  # of function, signature and description
    answers: Callable[[bytes, Mapping[str, np.ndarray]], dict[str, np.ndarray]]  # of inputs by name


def write_file(
    kind: str, served: Callable[[], Served], path: str | os.PathLike[str], form: FileFormat, timesteps: Any = None
) -> Path:
    """Write a model as a file that holds its endpoint `serve`.

    Args:
        kind: the class of the model, for messages.
        served: what the model serves.
        path: the file to write. One that is there is replaced.
        form: the format.
        timesteps: of the input, where the format fixes them and the model does not.

    Returns:
        The path.

    Raises:
        InvalidValue: the model cannot become such a file, or a package is missing.
        InvalidType, FileExistsError, OSError: the path cannot be written.
        RuntimeError: the answers of the file differ from those of the live model.
    """
    path = _checked_path(path, form)
    _refuse_without_packages(form)
    what = served()
    signature = _file_signature(kind, what, form, timesteps)
    content = _converted(kind, what, form, signature)
    for example in _examples(what.example, signature, form.one_by_one):
        live = _live_answers(what, example)
        refuse_other_answers(_answers(kind, form, content, example, set(live)), live, FILE_TOLERANCE)
    with whole_file("export", path) as written:
        written.write_bytes(content)
    return path


def _live_answers(what: Served, example: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the live model serves; on the CPU, as the file, since a GPU rounds the factors of its products."""
    import tensorflow as tf

    with without_cudnn(what.model), tf.device("CPU:0"):
        answers = _serve(what)(*example.values())
    return {name: _texts(answer.numpy()) for name, answer in answers.items()}


def _serve(what: Served) -> Callable[..., Any]:
    return what.endpoints["serve"].function


def _checked_path(path: Any, form: FileFormat) -> Path:
    if not isinstance(path, (str, os.PathLike)) or not str(path):
        raise InvalidType("export", f"a file to write is needed, got {path!r}.", f"Pass 'model{form.suffix}'.")
    path = Path(path)
    if path.suffix.lower() != form.suffix:
        problem = f"the name of a file of {form.name} ends with {form.suffix!r}, got {str(path)!r}."
        raise InvalidValue("export", problem, f"Pass {str(path.with_suffix(form.suffix))!r}.", argument="filepath")
    if path.is_dir():
        raise PathTaken("export", f"{path} is a folder, so it is left alone.", "Name a new file.")
    return path


def _refuse_without_packages(form: FileFormat) -> None:
    missing = [package for package in form.packages if importlib.util.find_spec(package) is None]
    if missing:
        problem = f"{form.name} needs {_checks.listed(missing)}, which cannot be imported."
        raise InvalidValue("export", problem, f"Install it: pip install 'seqkit[{form.extra}]'.", argument="format")


def _file_signature(kind: str, what: Served, form: FileFormat, timesteps: Any) -> list[Any]:
    """The inputs of the file; models that no file can hold are refused, and open sizes where the format has none."""
    given = what.signature or what.endpoints["serve"].signature
    reason = _beyond_files(what, given)
    if reason:
        problem = f"this {kind} {reason}, which cannot be written as {form.name}."
        raise InvalidValue("export", problem, SAVED_MODEL_INSTEAD, argument="format")
    if not form.one_by_one:
        return list(given)
    return [_fixed(kind, spec, form, timesteps) for spec in given]


def _beyond_files(what: Served, signature: Any) -> str:
    """What the model does that no file can hold, or ""."""
    import tensorflow as tf

    if any(spec.dtype == tf.string for spec in tf.nest.flatten(signature)):
        own = what.not_in_files
        return own if own not in ("", WRITES_TEXTS) else "reads texts and splits them into words"
    half = {layer.compute_dtype for layer in what.model._flatten_layers()} & {"float16", "bfloat16"}
    return f"computes in {half.pop()}" if half else what.not_in_files


def _fixed(kind: str, spec: Any, form: FileFormat, timesteps: Any) -> Any:
    import tensorflow as tf

    sizes = list(spec.shape)[1:]
    if None not in sizes and timesteps not in (None, sizes[0]):
        problem = f"this {kind} reads {sizes[0]} timesteps, got {keywords(timesteps=timesteps)}."
        raise InvalidValue("export", problem, "Leave it out.", argument="timesteps")
    if None in sizes:
        if timesteps is None:
            problem = f"this {kind} reads series of any length, and a file of {form.name} has one length."
            raise InvalidValue("export", problem, "Name it, as in " + keywords(timesteps=50) + ".", "timesteps")
        sizes[sizes.index(None)] = _checks.whole_number("export", "timesteps", timesteps)
    return tf.TensorSpec((1, *sizes), spec.dtype, name=spec.name)


def _converted(kind: str, what: Served, form: FileFormat, signature: Sequence[Any]) -> bytes:
    import tensorflow as tf

    describe = what.endpoints["describe"].function if "describe" in what.endpoints else dict
    description = {name: _plain(tensor.numpy()) for name, tensor in describe().items()}
    try:
        with (
            refusals_noted(),
            without_cudnn(what.model),
            quiet("tensorflow", logging.ERROR),
            quiet("tf2onnx", logging.CRITICAL),
        ):
            return form.converted(tf.function(_serve(what)), signature, description)
    except Exception as error:
        raise _not_convertible(kind, form, error) from error


def _answers(
    kind: str, form: FileFormat, content: bytes, example: Mapping[str, np.ndarray], wanted: set[str]
) -> dict[str, np.ndarray]:
    """The answers of the file to the example, by the names that are wanted."""
    try:
        answers = form.answers(content, example)
    except Exception as error:
        raise _not_convertible(kind, form, error) from error
    if set(answers) != wanted:
        problem = f"its outputs would be {_checks.listed(sorted(answers))}, not {_checks.listed(sorted(wanted))}."
        raise _not_convertible(kind, form, problem)
    return {name: _texts(answer) for name, answer in answers.items()}


def _not_convertible(kind: str, form: FileFormat, reason: Any) -> InvalidValue:
    first_line = next(iter(str(reason).strip().splitlines()), "")[:300]
    problem = f"this {kind} cannot become a file of {form.name}: {first_line.rstrip('.')}."
    return InvalidValue("export", problem, SAVED_MODEL_INSTEAD, argument="format")


def _examples(example: Any, signature: Sequence[Any], one_by_one: bool) -> Iterator[dict[str, np.ndarray]]:
    """The inputs by name, together or one by one; series are cut, or their last step repeated, to fixed timesteps."""
    example = list(example.values()) if isinstance(example, Mapping) else example
    arrays = example if isinstance(example, list) else [example]
    named = {spec.name: _of_length(np.asarray(array), spec) for spec, array in zip(signature, arrays, strict=True)}
    samples = len(next(iter(named.values())))
    for part in ([sample] for sample in range(samples)) if one_by_one else [slice(None)]:
        yield {name: array[part] for name, array in named.items()}


def _of_length(array: np.ndarray, spec: Any) -> np.ndarray:
    if array.ndim < 3 or spec.shape[1] is None:
        return array
    return array[:, np.minimum(np.arange(spec.shape[1]), array.shape[1] - 1)]


def _texts(answer: np.ndarray) -> np.ndarray:
    """An answer whose texts, if it has any, are strings of Python; runtimes give bytes or strings."""
    if answer.dtype.kind not in "OS":
        return answer
    texts = [text.decode() if isinstance(text, bytes) else text for text in answer.ravel()]
    return np.array(texts, dtype=object).reshape(answer.shape)


def _plain(value: Any) -> Any:
    """A value of `describe` as JSON has it."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value.item() if isinstance(value, np.generic) else value
