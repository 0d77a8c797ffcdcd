"""Tags: which there are, between the user's own and the network's numbers, and which may follow which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from reprlib import repr as shortened
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.labels import Label
from seqkit.layers.crf import NO_TAG

LEAST_TAGS = 2
OUTSIDE = "O"


def as_rows(where: str, tags: Any) -> list[list[Label]]:
    """A list of plain tags for each sequence; refuse what is none, by its number."""
    if isinstance(tags, (str, pd.DataFrame)) or not isinstance(tags, Iterable):
        raise InvalidType(where, f"tags are a list for each sequence, one a step, got {type(tags).__name__}.")
    rows = [_one(where, number, row) for number, row in enumerate(tags)]
    kinds: dict[str, Any] = {}
    for row in rows:
        for tag in row:
            kinds.setdefault("text" if isinstance(tag, str) else "numbers", tag)
    if len(kinds) > 1:
        raise InvalidType(
            where,
            f"tags are of mixed types, {kinds['text']!r} is text and {kinds['numbers']!r} a number.",
            "Make all of them strings.",
        )
    return rows


def _one(where: str, number: int, row: Any) -> list[Label]:
    if isinstance(row, str) or not isinstance(row, Iterable):
        raise InvalidType(where, f"the tags of sequence {number} are {shortened(row)}; a list is needed, one a step.")
    found = [tag.item() if isinstance(tag, np.generic) else tag for tag in row]
    for step, tag in enumerate(found):
        if not isinstance(tag, (str, int, float)) or pd.isna(tag):
            raise InvalidType(
                where,
                f"tag {step} of sequence {number} is {shortened(tag)}; strings or numbers are needed, and one for "
                "every step.",
            )
    return found


def known_tags(where: str, tags: Any) -> tuple[Label, ...]:
    """The tags there are, sorted; from rows of them, or from a list of their names."""
    if isinstance(tags, Iterator):
        raise InvalidType(
            where, "tags= can be read only once, and are read again.", "Pass list(tags).", argument="tags"
        )
    rows = as_rows(where, [list(tags)] if are_names(tags) else tags)
    found = sorted({tag for row in rows for tag in row})
    if len(found) < LEAST_TAGS:
        raise InvalidValue(where, f"two tags or more are needed, got {_checks.listed(found) or 'none'} alone.")
    return tuple(found)


def are_names(tags: Any) -> bool:
    """Whether these are names of tags, not rows of them."""
    plain = (str, int, float, np.generic)
    return not isinstance(tags, str) and isinstance(tags, Iterable) and all(isinstance(tag, plain) for tag in tags)


def encode(where: str, rows: Sequence[Sequence[Label]], known: Sequence[Label]) -> list[np.ndarray]:
    """Numbers of tags `[T_i]`; refuse one that the model does not know."""
    places = {tag: place for place, tag in enumerate(known)}
    for number, row in enumerate(rows):
        for tag in row:
            if tag not in places:
                raise InvalidValue(
                    where,
                    f"the tag {tag!r}, in sequence {number}, is unknown to the model, whose tags are "
                    f"{_checks.listed(known)}.",
                    f"{_checks.did_you_mean(tag, known)} Build it with tags that have every one, or leave that "
                    "sequence out.",
                )
    return [np.array([places[tag] for tag in row], "int32") for row in rows]


def decode(numbers: np.ndarray, known: Sequence[Label]) -> list[Label]:
    """The tags of a sequence."""
    return [known[number] for number in numbers if number != NO_TAG]


def are_spans(known: Sequence[Label]) -> bool:
    """Whether they mark spans: O, B-something and I-something."""
    inside = [tag for tag in known if isinstance(tag, str) and tag[:2] in ("B-", "I-") and len(tag) > 2]
    return bool(inside) and all(tag in inside or tag == OUTSIDE for tag in known)


def impossible(known: Sequence[Label]) -> tuple[list[tuple[int, int]], list[int]]:
    """Pairs that never follow each other, and tags that never come first: I-X comes after B-X or I-X alone."""
    continuing = {place: str(tag)[2:] for place, tag in enumerate(known) if str(tag)[:2] == "I-"}
    pairs = [
        (before, place)
        for place, kind in continuing.items()
        for before, tag in enumerate(known)
        if str(tag) not in (f"B-{kind}", f"I-{kind}")
    ]
    return pairs, list(continuing)


def first_impossible(rows: Sequence[np.ndarray], known: Sequence[Label]) -> int | None:
    """The first sequence where I-X comes after anything but B-X or I-X, or begins, if any."""
    pairs, first = impossible(known)
    forbidden = set(pairs)
    for number, row in enumerate(rows):
        steps = zip(row[:-1].tolist(), row[1:].tolist(), strict=True)
        if len(row) and (row[0] in first or forbidden.intersection(steps)):
            return number
    return None


def refuse_impossible(
    where: str, rows: Sequence[Sequence[Label]], numbers: Sequence[np.ndarray], known: Sequence[Label]
) -> None:
    """Refuse tags that the chain holds impossible, by the number of their sequence."""
    number = first_impossible(numbers, known)
    if number is not None:
        raise InvalidValue(
            where,
            f"in the tags of sequence {number}, {shortened(rows[number])}, an I- comes first or after another "
            "kind, which this tagger holds impossible.",
            "Mend them; or build it with tags= of these sequences, not of others or of names alone.",
        )
