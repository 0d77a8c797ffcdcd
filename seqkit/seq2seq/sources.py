"""Sources of one text or of several, such as an article and a question, which are encoded apart.

Several texts of a sample are written as one string with a separator between them, so that they have one vocabulary and
one row of tokens. The network reads the tokens of each text by an encoder of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._refusals import Refusal
from seqkit.data.texts import as_texts, is_text
from seqkit.task.recipe import pick_samples
from seqkit.text.vocabulary import Vocabulary

OTHER_INPUTS = ("beam", "length_penalty")  # of the endpoint `translate`
SEPARATOR = "\u241e"  # the symbol for a record separator; it is a token of its own in every kind of splitting
DIFFERENT_COUNTS = Refusal("the lists of texts differ in length: {counts}.", "They must pair up.")
HAS_SEPARATOR = Refusal(
    "text number {position} of {name} has the character {separator}, which separates texts.", "Remove it."
)


def check_names(where: str, names: Sequence[Any]) -> tuple[str, ...]:
    """Refuse names that the inputs of a SavedModel cannot have, and those of its other inputs."""
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or name in OTHER_INPUTS:
            problem = f"the text {name!r} of a sample names an input of the SavedModel, which it cannot."
            raise InvalidValue(where, problem, "Use letters, digits and _ in the keys of the dict.", "like")
    return tuple(names)


def with_separator(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary, in which the separator has a number."""
    if SEPARATOR in vocabulary.words:
        return vocabulary
    return Vocabulary((*vocabulary.words, SEPARATOR), vocabulary.by, vocabulary.lower)


def names_of(sources: Any) -> tuple[Any, ...]:
    """The names of the texts of each sample, from a tuple or dict of lists of texts; empty where there is one text."""
    if isinstance(sources, Mapping):
        return tuple(sources)
    is_several = isinstance(sources, tuple) and len(sources) > 1
    if is_several and all(not isinstance(column, str) and is_text(column) for column in sources):
        return tuple(f"text_{number}" for number in range(1, len(sources) + 1))
    return ()


def hold_texts(sources: Any) -> bool:
    """Whether these are texts, one or several of each sample, and not series."""
    return bool(names_of(sources)) or is_text(sources)


def as_source_texts(where: str, sources: Any, names: Sequence[str]) -> list[str]:
    """A string for each sample; several texts of a sample are joined.

    Args:
        where: the public method, for messages.
        sources: a list of texts, or a tuple or dict of such lists.
        names: the names of the texts of each sample that the model reads; empty for one text.

    Raises:
        TypeError, ValueError: other texts than the model reads, lists of different length, the separator in a text.
    """
    if not names:
        _refuse_several(where, sources)
        return as_texts(where, sources)
    columns = text_columns(where, sources, names)
    return [f" {SEPARATOR} ".join(texts) for texts in zip(*columns.values(), strict=True)]


def text_columns(where: str, sources: Any, names: Sequence[str]) -> dict[str, list[str]]:
    """A list of texts for each name, all of one length."""
    columns = _by_name(where, sources, names)
    columns = {name: as_texts(f"{where}: {name}", texts) for name, texts in columns.items()}
    counts = {name: len(texts) for name, texts in columns.items()}
    if len(set(counts.values())) > 1:
        raise DIFFERENT_COUNTS.error(where, counts=counts)
    for name, texts in columns.items():
        marked = [position for position, text in enumerate(texts) if SEPARATOR in text]
        if marked:
            raise HAS_SEPARATOR.error(where, position=marked[0], name=repr(name), separator=repr(SEPARATOR))
    return columns


def _refuse_several(where: str, sources: Any) -> None:
    if names_of(sources):
        problem = f"the model reads one text of each sample, got {len(names_of(sources))} lists of texts."
        raise InvalidType(where, problem, "Build it with like=((articles, questions), answers) to read several.")


def _by_name(where: str, sources: Any, names: Sequence[str]) -> dict[str, Any]:
    if isinstance(sources, Mapping) and set(sources) == set(names):
        return {name: sources[name] for name in names}
    are_columns = isinstance(sources, tuple) and not any(isinstance(column, str) for column in sources)
    if are_columns and len(sources) == len(names):
        return dict(zip(names, sources, strict=True))
    came = f"a dict of {_checks.listed(sources)}" if isinstance(sources, Mapping) else type(sources).__name__
    problem = f"the model reads {len(names)} texts of each sample, {_checks.listed(names)}, got {came}."
    way_out = "Pass a tuple of as many lists of texts in this order, as in ([article], [question]), or a dict of them."
    raise InvalidType(where, problem, way_out)


def count_samples(sources: Any) -> int:
    """How many samples there are."""
    if isinstance(sources, Mapping):
        return len(next(iter(sources.values())))
    return len(sources[0]) if names_of(sources) else len(sources)


def pick_sources(sources: Any, positions: np.ndarray) -> Any:
    """The sources at these positions, in the form in which they come."""
    if isinstance(sources, Mapping):
        return {name: pick_samples(texts, positions) for name, texts in sources.items()}
    if names_of(sources):
        return tuple(pick_samples(texts, positions) for texts in sources)
    return pick_samples(sources, positions)
