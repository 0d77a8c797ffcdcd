"""Axes of steps: time stamps, words or step numbers, with as many labels as fit."""

from __future__ import annotations

import math
import textwrap
import unicodedata
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seqkit._errors import InvalidType, InvalidValue
from seqkit.drawing import canvas
from seqkit.drawing.fonts import Writer

STEP_LABEL = "timestep (0 is the first)"
MOST_LETTERS = 24  # of a word
LETTER_WIDTH, LINE_HEIGHT = 0.07, 0.16  # inches, for small type
DATE_LIMITS = dates.date2num([datetime(1, 1, 1), datetime(9999, 12, 31)])  # of matplotlib
VISIBLE_CONTROLS = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}


class Steps(NamedTuple):
    """The positions of T steps, and their names: stamps, words or neither."""

    centers: np.ndarray  # (T,)
    edges: np.ndarray  # (T + 1,)
    stamps: pd.DatetimeIndex | None
    words: list[str] | None


def place_steps(where: str, argument: str, names: Any, count: int) -> Steps:
    """Place `count` steps at their time stamps, or evenly where their names are words or numbers."""
    if names is None:
        return _evenly_spaced(count, None)
    if isinstance(names, str | bytes | pd.DataFrame | pd.MultiIndex) or np.ndim(names) != 1:
        problem = (
            f"{argument} must be time stamps or a list of words, one for each of {count} steps, got "
            f"{type(names).__name__}."
        )
        raise InvalidType(where, problem, f"Pass for example frame.index[-{count}:], or sentence.split().", argument)
    _check_length(where, argument, len(names), count)
    index = _stamps_in(names)
    if index is None:
        return _evenly_spaced(count, [_make_visible(name) for name in names])
    check_rising(where, argument, f"{argument} must be time stamps that rise", index)
    centers = canvas.axis_positions(index)
    return Steps(centers, np.clip(_edges(centers), *DATE_LIMITS), index, None)


def _stamps_in(names: Any) -> pd.DatetimeIndex | None:
    """The names as time stamps, or None for words and numbers; words stay as they are, lone surrogates too."""
    if any(isinstance(name, str) for name in names):
        return None
    index = pd.Index(names)
    return index if isinstance(index, pd.DatetimeIndex) else None


def check_rising(where: str, argument: str, demand: str, index: pd.Index) -> None:
    """Refuse an index that has missing or equal entries, or is out of order."""
    if index.hasnans or not index.is_monotonic_increasing or not index.is_unique:
        problem = f"{demand} from step to step, got {index[0]} to {index[-1]} with some missing, equal or out of order."
        raise InvalidValue(where, problem, "Pass the index of the rows that the steps come from, in order.", argument)


def label_steps(panel: Axes, steps: Steps, write: Writer, side: str = "x") -> None:
    """Label the panel's x or y axis with the names of the steps, or with step numbers."""
    axis = panel.xaxis if side == "x" else panel.yaxis
    inches = _axis_length(panel, side)
    if steps.words is not None:
        _label_words(panel, steps, [shortened(write(word)) for word in steps.words], write, side)
    elif steps.stamps is not None:
        canvas.label_dates(axis, steps.stamps, *((4, 9) if inches > 4.5 else (2, 6)))
    else:
        axis.set_major_locator(whole_number_ticks(9 if inches > 4.5 else 5))


def axis_label(steps: Steps, label: str = STEP_LABEL) -> str:
    """The label of an axis of step numbers; stamps and words need none."""
    return label if steps.words is None and steps.stamps is None else ""


def whole_number_ticks(most: int) -> MaxNLocator:
    """At most `most` ticks at round whole numbers."""
    return MaxNLocator(nbins=most, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])


def inches_below(steps: Steps, inches: float) -> float:
    """The extra height that vertical words need below a panel `inches` wide."""
    if steps.words is None or _horizontal_labels(steps.words, inches) is not None:
        return 0.0
    return max(0.0, max(map(_text_width, steps.words)) - 0.3)


def inches_beside(steps: Steps) -> float:
    """The extra width, in inches, that words need beside a panel."""
    return max(map(_text_width, steps.words)) if steps.words else 0.0


def _label_words(panel: Axes, steps: Steps, words: list[str], write: Writer, side: str) -> None:
    axis, inches = (panel.xaxis if side == "x" else panel.yaxis), _axis_length(panel, side)
    horizontal = _horizontal_labels(words, inches) if side == "x" else None
    every = 1 if horizontal else math.ceil(len(words) * LINE_HEIGHT / inches)
    rotation = 90 if side == "x" and not horizontal else 0
    look: dict[str, Any] = {"fontfamily": write.families, "parse_math": False, "rotation": rotation}
    axis.set_ticks(steps.centers[::every], labels=(horizontal or words)[::every], **look)


def _horizontal_labels(words: list[str], inches: float) -> list[str] | None:
    """Horizontal labels, wrapped at spaces to at most three lines, or None where they do not fit."""
    letters = int(inches / len(words) / LETTER_WIDTH) - 1
    if letters < 1:
        return None
    labels = [textwrap.wrap(word, letters, break_long_words=False) or [""] for word in words]
    widest = max(_text_width(line) for lines in labels for line in lines)
    fits = widest <= letters * LETTER_WIDTH and max(map(len, labels)) <= 3
    return ["\n".join(lines) for lines in labels] if fits else None


def _axis_length(panel: Axes, side: str) -> float:
    """The length of an axis in inches."""
    pixels = panel.bbox.width if side == "x" else panel.bbox.height
    return float(1.1 * pixels / panel.figure.dpi)  # the layout comes later and leaves smaller margins


def shortened(word: str, most: int = MOST_LETTERS) -> str:
    """The word, cut where it is wider than `most` letters."""
    if _count_letters(word) <= most:
        return word
    while _count_letters(word) > most - 3:
        word = word[: -max(1, (_count_letters(word) - most) // 2)]
    return word + "..."


def _count_letters(word: str) -> int:
    """The width of a word in letters; a Chinese character counts as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)


def _text_width(word: str) -> float:
    return LETTER_WIDTH * _count_letters(word)


def _evenly_spaced(count: int, words: list[str] | None) -> Steps:
    centers = np.arange(count, dtype=float)
    return Steps(centers, _edges(centers), None, words)


def _edges(centers: np.ndarray) -> np.ndarray:
    """The points half way between neighbours, and one beyond the first and one beyond the last."""
    if len(centers) == 1:
        return centers[0] + np.array([-0.5, 0.5])
    between = (centers[1:] + centers[:-1]) / 2
    return np.concatenate([[2 * centers[0] - between[0]], between, [2 * centers[-1] - between[-1]]])


def _make_visible(name: object) -> str:
    """A token as one short line with visible blanks and line ends."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    text = "".join(VISIBLE_CONTROLS.get(letter, letter) for letter in text)
    if text == " ":
        return "\N{OPEN BOX}"
    return shortened(text)


def _check_length(where: str, argument: str, length: int, count: int) -> None:
    if length == count:
        return
    if length < count:
        way_out = "Name every step; where a short sequence was padded, pad its words with '' too."
    elif length % count:
        way_out = f"Pass the names of the window alone, for example {argument}[-{count}:]."
    else:
        rows = length // count
        way_out = (
            f"Where the model joins {rows} rows to one step (segment={rows}), pass the last row of each segment: "
            f"{argument}[{rows - 1}::{rows}]. For the last steps pass {argument}[-{count}:]."
        )
    problem = f"{argument} must have one entry for each of {count} steps, got {length}."
    raise InvalidValue(where, problem, way_out, argument)
