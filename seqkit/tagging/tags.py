"""Tags: checking the user's tags, converting them to numbers and back, and the transitions that IOB tags forbid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.frames import as_pandas
from seqkit.data.labels import Label
from seqkit.layers.crf import NO_TAG

FEWEST_TAGS = 2
OUTSIDE_TAG = "O"


def as_rows(where: str, tags: Any) -> list[list[Label]]:
    """Return a list of plain tags for each sequence; refuse anything else, with the number of its sequence."""
    tags = as_pandas(tags)
    if isinstance(tags, (str, pd.DataFrame)) or not isinstance(tags, Iterable):
        problem = f"tags must be a list for each sequence, with one tag for each step, got {type(tags).__name__}."
        raise InvalidType(where, problem)
    rows = [_as_row(where, number, row) for number, row in enumerate(tags)]
    examples: dict[str, Any] = {}
    for row in rows:
        for tag in row:
            examples.setdefault("text" if isinstance(tag, str) else "number", tag)
    if len(examples) > 1:
        problem = f"tags are of mixed types, {examples['text']!r} is text and {examples['number']!r} a number."
        raise InvalidType(where, problem, "Make all of them strings.")
    return rows


def _as_row(where: str, number: int, row: Any) -> list[Label]:
    if isinstance(row, str) or not isinstance(row, Iterable):
        problem = f"the tags of sequence {number} are {shortened(row)}; a list is needed, one tag for each step."
        raise InvalidType(where, problem)
    tags = [tag.item() if isinstance(tag, np.generic) else tag for tag in row]
    for step, tag in enumerate(tags):
        if not isinstance(tag, (str, int, float)) or pd.isna(tag):
            problem = f"tag {step} of sequence {number} is {shortened(tag)}; strings or numbers are needed."
            raise InvalidType(where, problem, "Every step needs a tag.")
    return tags


def distinct_tags(where: str, tags: Any) -> tuple[Label, ...]:
    """Return the different tags, sorted; `tags` holds a row for each sequence, or the names of the tags."""
    if isinstance(tags, Iterator):
        problem = "tags= is an iterator, but it must be read more than once."
        raise InvalidType(where, problem, "Pass list(tags).", "tags")
    rows = as_rows(where, [list(tags)] if are_tag_names(tags) else tags)
    names = sorted({tag for row in rows for tag in row})
    if len(names) < FEWEST_TAGS:
        problem = f"two different tags or more are needed, got {_checks.listed(names) or 'none'}."
        raise InvalidValue(where, problem, argument="tags")
    return tuple(names)


def are_tag_names(tags: Any) -> bool:
    """Whether `tags` holds names of tags, not a row for each sequence."""
    plain = (str, int, float, np.generic)
    return not isinstance(tags, str) and isinstance(tags, Iterable) and all(isinstance(tag, plain) for tag in tags)


def encode(where: str, rows: Sequence[Sequence[Label]], model_tags: Sequence[Label]) -> list[np.ndarray]:
    """Return the numbers of the tags of each sequence, `[T_i]`; refuse a tag that the model does not know."""
    numbers = {tag: number for number, tag in enumerate(model_tags)}
    for sequence, row in enumerate(rows):
        for tag in row:
            if tag not in numbers:
                problem = f"the tag {tag!r}, in sequence {sequence}, is unknown to the model, whose tags are "
                way_out = " Build the model with all tags, or leave that sequence out."
                suggestion = _checks.did_you_mean(tag, model_tags)
                raise InvalidValue(where, f"{problem}{_checks.listed(model_tags)}.", suggestion + way_out)
    return [np.array([numbers[tag] for tag in row], "int32") for row in rows]


def decode(numbers: np.ndarray, model_tags: Sequence[Label]) -> list[Label]:
    """Return the tags that these numbers stand for, without padding."""
    return [model_tags[number] for number in numbers if number != NO_TAG]


def are_span_tags(tags: Sequence[Label]) -> bool:
    """Whether the tags mark spans: each is O, B-something or I-something."""
    span_tags = [tag for tag in tags if isinstance(tag, str) and tag[:2] in ("B-", "I-") and len(tag) > 2]
    return bool(span_tags) and all(tag in span_tags or tag == OUTSIDE_TAG for tag in tags)


def forbidden_transitions(model_tags: Sequence[Label]) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the pairs (tag, next tag) that IOB tags forbid, and the tags that cannot be first.

    I-X follows B-X or I-X only.
    """
    inside = {number: str(tag)[2:] for number, tag in enumerate(model_tags) if str(tag)[:2] == "I-"}
    pairs = [
        (before, number)
        for number, span_type in inside.items()
        for before, tag in enumerate(model_tags)
        if str(tag) not in (f"B-{span_type}", f"I-{span_type}")
    ]
    return pairs, list(inside)


def first_forbidden(numbers: Sequence[np.ndarray], model_tags: Sequence[Label]) -> int | None:
    """Return the position of the first sequence with a forbidden transition or first tag; None without one."""
    pairs, never_first = forbidden_transitions(model_tags)
    forbidden = set(pairs)
    for position, row in enumerate(numbers):
        transitions = zip(row[:-1].tolist(), row[1:].tolist(), strict=True)
        if len(row) and (row[0] in never_first or forbidden.intersection(transitions)):
            return position
    return None


def refuse_forbidden(
    where: str, rows: Sequence[Sequence[Label]], numbers: Sequence[np.ndarray], model_tags: Sequence[Label]
) -> None:
    """Refuse tags that the CRF forbids, with the position of their sequence."""
    position = first_forbidden(numbers, model_tags)
    if position is not None:
        raise InvalidValue(
            where,
            f"the tags of sequence {position}, {shortened(rows[position])}, have an I- tag that is first or follows "
            "another type of span; this tagger forbids it.",
            "Correct the tags. Or build the tagger with like= and tags= of these sequences, and it will allow them; "
            "built with the names of the tags alone it will not.",
        )
