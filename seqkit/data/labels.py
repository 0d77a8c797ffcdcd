"""Class labels: which there are, and between the user's own and the network's rows of zeros and ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue

Label = str | int | float | bool
LEAST_CLASSES = 2


def distinct(where: str, labels: Any, multi_label: bool) -> tuple[Label, ...]:
    """The classes among training labels, sorted; refuse fewer than two."""
    rows = as_rows(where, labels, multi_label)
    found = sorted({label for row in rows for label in row})
    if len(found) < LEAST_CLASSES:
        raise InvalidValue(
            where,
            f"two classes or more are needed, got {_checks.listed(found) or 'none'} alone in {len(rows)} labels.",
            "Are they sorted by class and cut before the second?",
        )
    return tuple(found)


def as_rows(where: str, labels: Any, multi_label: bool) -> list[tuple[Label, ...]]:
    """Plain labels, a tuple of one for each sample, or of any number with `multi_label`."""
    values = plain(labels)
    if multi_label:
        for position, one in enumerate(values):
            if isinstance(one, str) or not isinstance(one, Iterable):
                raise InvalidType(
                    where, f"with multi_label each sample has a list of labels, got {one!r} at {position}."
                )
        rows = [tuple(_plain(label) for label in one) for one in values]
    else:
        for position, one in enumerate(values):
            if isinstance(one, (list, tuple, set, np.ndarray)):
                raise InvalidType(
                    where,
                    f"each sample has one label, got {one!r} at {position}.",
                    "For several pass multi_label=True.",
                )
        rows = [(one,) for one in values]
    _refuse_missing(where, rows)
    _refuse_mixed(where, rows)
    return rows


def plain(labels: Any) -> list[Any]:
    """A list of Python values, of whatever holds labels."""
    if isinstance(labels, pd.DataFrame):
        raise InvalidType("labels", "one column of labels is needed, got a DataFrame.", "Choose a column.")
    if isinstance(labels, str):
        raise InvalidType("labels", f"a list of labels is needed, got one string, {labels!r}.")
    if isinstance(labels, np.ndarray) and labels.ndim == 2 and labels.shape[1] > 1 and labels.dtype.kind in "fiub":
        raise InvalidValue(
            "labels",
            f"wanted a label for each sample, got numbers of shape {labels.shape}.",
            "Zeros and ones become labels by y.argmax(axis=1), or with multi_label by [np.flatnonzero(row) for row "
            "in y].",
        )
    if isinstance(labels, (pd.Series, pd.Index, pd.Categorical)):
        labels = labels.tolist()
    if isinstance(labels, np.ndarray):
        labels = (labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels).tolist()
    return [_plain(one) for one in labels]


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def _refuse_missing(where: str, rows: Sequence[tuple[Any, ...]]) -> None:
    missing = [position for position, row in enumerate(rows) if any(pd.isna(label) for label in row)]
    if missing:
        raise InvalidValue(
            where,
            f"{len(missing)} of {len(rows)} labels are missing, the first at position {missing[0]}.",
            "Leave those samples out, or name a class for them.",
        )


def _refuse_mixed(where: str, rows: Sequence[tuple[Any, ...]]) -> None:
    kinds: dict[str, Any] = {}
    for row in rows:
        for label in row:
            if not isinstance(label, (str, int, float)):
                raise InvalidType(where, f"a label is a string or a number, got {label!r}, {_checks.type_name(label)}.")
            kinds.setdefault("text" if isinstance(label, str) else "numbers", label)
    if len(kinds) > 1:
        raise InvalidType(
            where,
            f"labels are of mixed types, {kinds['text']!r} is text and {kinds['numbers']!r} a number.",
            "Make all of them strings: [str(one) for one in labels].",
        )


def encode(
    where: str, labels: Any, known: Sequence[Label], multi_label: bool, samples: int | None = None
) -> np.ndarray:
    """Zeros and ones `[B, K]`; refuse a class that the model does not know."""
    if multi_label and _is_encoded(labels, len(known)):
        encoded = labels.astype("float32")
    else:
        rows = as_rows(where, labels, multi_label)
        places = {label: place for place, label in enumerate(known)}
        encoded = np.zeros((len(rows), len(known)), "float32")
        for row, found in zip(encoded, rows, strict=True):
            for label in found:
                if label not in places:
                    raise InvalidValue(
                        where,
                        f"the class {label!r} is unknown to the model, whose classes are {_checks.listed(known)}.",
                        f"{_checks.did_you_mean(label, known)} Build it with labels that have every class, or "
                        "leave those samples out.",
                    )
                row[places[label]] = 1
    if samples is not None and len(encoded) != samples:
        raise InvalidValue(where, f"{samples} samples and {len(encoded)} labels.", "They must pair up one to one.")
    return encoded


def _is_encoded(labels: Any, classes: int) -> bool:
    """Whether these are zeros and ones `[B, K]` already."""
    is_numbers = isinstance(labels, np.ndarray) and labels.dtype.kind in "fiub"
    return is_numbers and labels.shape[1:] == (classes,) and bool(np.isin(labels, (0, 1)).all())


def weights(encoded: np.ndarray, power: float) -> np.ndarray:
    """A weight for each class, count ** -power, mean 1 over the samples; with 1 all classes weigh alike together."""
    counts = np.maximum(encoded.sum(axis=0), 1)
    unscaled = counts**-power
    return (unscaled * counts.sum() / (unscaled * counts).sum()).astype("float32")
