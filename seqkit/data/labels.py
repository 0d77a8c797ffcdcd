"""Class labels: the distinct classes, and the encoding of labels as rows of zeros and ones."""

from __future__ import annotations

import contextlib
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue, SeqkitWarning, warn
from seqkit.data.frames import as_pandas

Label = str | int | float | bool
LEAST_CLASSES = 2


def distinct(where: str, labels: Any, multi_label: bool) -> tuple[Label, ...]:
    """The distinct classes among training labels, sorted; refuse fewer than two."""
    rows = as_rows(where, labels, multi_label)
    classes = sorted({label for row in rows for label in row})
    warn_of_twins(where, "labels", classes)
    if len(classes) < LEAST_CLASSES:
        raise InvalidValue(
            where,
            f"two classes or more are needed, got {_checks.listed(classes) or 'none'} alone in {len(rows)} labels.",
            "Were the samples sorted by class, and then cut before the second class?",
        )
    return tuple(classes)


def warn_of_twins(where: str, what: str, names: Iterable[Any]) -> None:
    """Warn of two names that may be one, written in two ways: numbers as text (1 and 1.0), or blanks at an end."""
    written: dict[Any, str] = {}
    for name in names:
        if isinstance(name, str):
            meaning = _as_number(name)
            first = written.setdefault(meaning, name)
            if first != name:
                problem = f"the {what} {first!r} and {name!r} count as two, but may be one, written in two ways."
                warn(SeqkitWarning(where, problem, "Write them alike if they are one."))
                return


def _as_number(text: str) -> float | str:
    with contextlib.suppress(ValueError):
        return float(text)
    return text.strip()


def as_rows(where: str, labels: Any, multi_label: bool) -> list[tuple[Label, ...]]:
    """A tuple of labels for each sample: one label, or any number with `multi_label`."""
    values = plain(where, labels)
    for position, value in enumerate(values):
        if multi_label and (isinstance(value, str) or not isinstance(value, Iterable)):
            problem = f"with multi_label each sample has a list of labels, got {value!r} at position {position}."
            raise InvalidType(where, problem, argument="multi_label")
        if not multi_label and isinstance(value, (list, tuple, set, np.ndarray)):
            problem = f"each sample has one label, got {value!r} at position {position}."
            raise InvalidType(where, problem, "For several labels pass multi_label=True.", argument="multi_label")
    rows = [tuple(_plain(label) for label in value) if multi_label else (value,) for value in values]
    _refuse_missing(where, rows)
    _refuse_mixed(where, rows)
    return rows


def plain(where: str, labels: Any) -> list[Any]:
    """The labels as a list of Python values."""
    labels = as_pandas(labels)
    if isinstance(labels, pd.DataFrame):
        raise InvalidType(where, "one column of labels is needed, got a DataFrame.", "Choose a column.")
    if isinstance(labels, str):
        raise InvalidType(where, f"a list of labels is needed, got one string, {labels!r}.")
    if isinstance(labels, np.ndarray) and labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "fiub":
        raise InvalidValue(
            where,
            f"wanted a label for each sample, got numbers of shape {labels.shape}.",
            "Turn zeros and ones into labels with y.argmax(axis=1), or for multi_label with [np.flatnonzero(row) for "
            "row in y].",
        )
    if isinstance(labels, (pd.Series, pd.Index, pd.Categorical)):
        labels = labels.tolist()
    if isinstance(labels, np.ndarray):
        labels = (labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels).tolist()
    return [_plain(label) for label in labels]


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _refuse_missing(where: str, rows: Sequence[tuple[Any, ...]]) -> None:
    missing = [position for position, row in enumerate(rows) if any(pd.isna(label) for label in row)]
    if missing:
        problem = f"{len(missing)} of {len(rows)} labels are missing, the first at position {missing[0]}."
        raise InvalidValue(where, problem, "Leave those samples out, or name a class for them.")


def _refuse_mixed(where: str, rows: Sequence[tuple[Any, ...]]) -> None:
    examples: dict[str, Any] = {}
    for row in rows:
        for label in row:
            if not isinstance(label, (str, int, float)):
                raise InvalidType(where, f"a label is a string or a number, got {label!r}, {_checks.type_name(label)}.")
            examples.setdefault("text" if isinstance(label, str) else "number", label)
    if len(examples) > 1:
        problem = f"labels are of mixed types, {examples['text']!r} is text and {examples['number']!r} a number."
        raise InvalidType(where, problem, "Make all of them strings: [str(label) for label in labels].")


def encode(
    where: str, labels: Any, classes: Sequence[Label], multi_label: bool, samples: int | None = None
) -> np.ndarray:
    """Encode labels as zeros and ones `[B, K]`; refuse a class that the model does not know."""
    if multi_label and is_encoded(labels, len(classes)):
        encoded = labels.astype("float32")
    else:
        rows = as_rows(where, labels, multi_label)
        columns = {label: column for column, label in enumerate(classes)}
        encoded = np.zeros((len(rows), len(classes)), "float32")
        for row, row_labels in zip(encoded, rows, strict=True):
            for label in row_labels:
                if label not in columns:
                    raise InvalidValue(
                        where,
                        f"the class {label!r} is unknown to the model, whose classes are {_checks.listed(classes)}.",
                        f"{_checks.did_you_mean(label, classes)} Build the model with labels that have every class, or "
                        "leave those samples out.",
                    )
                row[columns[label]] = 1
    if samples is not None and len(encoded) != samples:
        raise InvalidValue(where, f"{samples} samples and {len(encoded)} labels.", "They must pair up one to one.")
    return encoded


def is_encoded(labels: Any, classes: int) -> bool:
    """Whether the labels are zeros and ones `[B, K]` already."""
    is_numbers = isinstance(labels, np.ndarray) and labels.dtype.kind in "fiub"
    return is_numbers and labels.shape[1:] == (classes,) and bool(np.isin(labels, (0, 1)).all())


def weights_by_position(where: str, class_weight: Any, classes: Sequence[Label]) -> dict[int, float]:
    """A weight for each class by its position, from weights by label; or by position, where these are no labels.

    Args:
        where: the public method, for messages.
        class_weight: label to weight, a number from 0 up; classes that it leaves out have the weight 1.
        classes: the labels in the order of their positions.
    """
    if not isinstance(class_weight, Mapping):
        problem = f"class_weight must be a dict of label to weight, got {class_weight!r}."
        way_out = "Build with class_weight='balanced'." if class_weight == "balanced" else ""
        raise InvalidType(where, problem, way_out, "class_weight")
    positions = {label: position for position, label in enumerate(classes)}
    if not set(class_weight) <= set(positions):
        positions = {position: position for position in range(len(classes))} | positions
    weights = dict.fromkeys(range(len(classes)), 1.0)
    for label, weight in class_weight.items():
        if label not in positions:
            problem = f"class_weight names {label!r}, the classes are {_checks.listed(classes)}."
            raise InvalidValue(where, problem, _checks.did_you_mean(label, classes), "class_weight")
        is_number = isinstance(weight, numbers.Real) and not isinstance(weight, bool)
        if not is_number or not 0 <= float(weight) < float("inf"):
            problem = f"class_weight of {label!r} must be a number from 0 up, got {weight!r}."
            raise InvalidValue(where, problem, argument="class_weight")
        weights[positions[label]] = float(weight)
    return weights


def weights(encoded: np.ndarray, power: float) -> np.ndarray:
    """A weight for each class: count ** -power, scaled to a mean of 1 over the samples.

    With a power of 1 the total weight of every class is the same.
    """
    counts = np.maximum(encoded.sum(axis=0), 1)
    unscaled = counts**-power
    return (unscaled * counts.sum() / (unscaled * counts).sum()).astype("float32")
