"""Texts as numbers of tokens, the one way from raw strings to what a network reads.

Shapes: T_i tokens of text i.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from seqkit.text.vocabulary import PADDING, UNKNOWN, Vocabulary

TEXTS_AT_ONCE = 1024  # that are numbered together; the longest of them decides how much memory that takes


def numbers_of(
    where: str, name: str, texts: Sequence[str], vocabulary: Vocabulary, longest: int | None = None, spare: int = 0
) -> list[np.ndarray]:
    """The numbers of each text's tokens; what is longer than `longest` is cut off, and counted in a warning.

    Of what was cut, `spare` tokens stay.
    """
    found: list[np.ndarray] = []
    for first in range(0, len(texts), TEXTS_AT_ONCE):
        numbers = vocabulary.encode(texts[first : first + TEXTS_AT_ONCE]).astype("int32")
        lengths = (numbers != PADDING).sum(axis=1)
        numbers[lengths == 0, 0] = UNKNOWN  # cuDNN refuses what is padding alone
        found += [row[: max(1, length)].copy() for row, length in zip(numbers, lengths, strict=True)]
    if longest is None:
        return found
    too_long = sum(len(one) > longest for one in found)
    if too_long:
        warnings.warn(
            f"{where}: {too_long} of {len(found)} {name} have more than longest={longest} tokens; the rest of them was "
            "left out. Build with a larger longest= to read them whole.",
            stacklevel=4,
        )
    return [one[: longest + spare] for one in found]


def marked_targets(numbers: Sequence[np.ndarray], start: int, end: int, longest: int) -> list[np.ndarray]:
    """Numbers of tokens between their marks.

    Of more than `longest` tokens the next one stands where others end, so that nothing learns to end where it was cut.
    """
    return [np.concatenate([[start], one, [end]])[: longest + 2].astype("int32") for one in numbers]
