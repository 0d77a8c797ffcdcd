"""The axis that steps stand on: time stamps, words or step numbers, each with as many labels as fit."""

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
from seqkit.drawing import canvas as _canvas
from seqkit.drawing.fonts import Writer

STEP = "timestep (0 is the first)"
LONGEST_WORD = 24
LETTER, LINE = 0.07, 0.16  # inches of a small letter's width and of a line's height
LIMITS = dates.date2num([datetime(1, 1, 1), datetime(9999, 12, 31)])  # matplotlib draws no date before or after
VISIBLE = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}


class Steps(NamedTuple):
    """Where T steps stand, and what they are called: stamps, words or neither."""

    centers: np.ndarray  # (T,)
    edges: np.ndarray  # (T + 1,)
    stamps: pd.DatetimeIndex | None
    words: list[str] | None


def steps_of(where: str, argument: str, names: Any, count: int) -> Steps:
    """Place `count` steps by their time stamps, or evenly by their words or numbers."""
    if names is None:
        return _evenly(count, None)
    if isinstance(names, str | bytes | pd.DataFrame | pd.MultiIndex) or np.ndim(names) != 1:
        raise InvalidType(
            where,
            f"{argument} must be time stamps or a list of words, one for each of {count} steps, got "
            f"{type(names).__name__}.",
            f"Pass such as frame.index[-{count}:], or sentence.split().",
            argument=argument,
        )
    _check_length(where, argument, len(names), count)
    index = pd.Index(names)
    if not isinstance(index, pd.DatetimeIndex):
        return _evenly(count, [_spelled(name) for name in names])
    if index.hasnans or not index.is_monotonic_increasing or not index.is_unique:
        raise InvalidValue(
            where,
            f"{argument} must be time stamps that rise from step to step, got {index[0]} to {index[-1]} with some "
            "missing, equal or out of order.",
            "Pass the window's own rows of the table's index.",
            argument=argument,
        )
    centers = _canvas.positions(index)
    return Steps(centers, np.clip(_edges(centers), *LIMITS), index, None)


def label_steps(panel: Axes, steps: Steps, write: Writer, side: str = "x") -> None:
    """Label the panel's x or y axis with the steps' names, or with step numbers."""
    axis = panel.xaxis if side == "x" else panel.yaxis
    inches = _inches(panel, side)
    if steps.words is not None:
        _label_words(panel, steps, [shortened(write(word)) for word in steps.words], write, side)
    elif steps.stamps is not None:
        few, many = (4, 9) if inches > 4.5 else (2, 6)
        locator = dates.AutoDateLocator(minticks=few, maxticks=many, tz=steps.stamps.tz)
        axis.set_major_locator(locator)
        axis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=steps.stamps.tz))
    else:
        axis.set_major_locator(whole_ticks(9 if inches > 4.5 else 5))


def counted(steps: Steps, word: str = STEP) -> str:
    """What the axis counts, where its labels do not say it themselves."""
    return word if steps.words is None and steps.stamps is None else ""


def whole_ticks(most: int) -> MaxNLocator:
    """Round whole numbers, `most` at most."""
    return MaxNLocator(nbins=most, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10])


def room_below(steps: Steps, inches: float) -> float:
    """How much higher a panel `inches` wide must be where its words stand upright, in inches."""
    if steps.words is None or _lying(steps.words, inches) is not None:
        return 0.0
    return max(0.0, max(map(_width, steps.words)) - 0.3)


def room_beside(steps: Steps) -> float:
    """How much wider a panel must be for words beside it, in inches."""
    return max(map(_width, steps.words)) if steps.words else 0.0


def _label_words(panel: Axes, steps: Steps, words: list[str], write: Writer, side: str) -> None:
    axis, room = (panel.xaxis if side == "x" else panel.yaxis), _inches(panel, side)
    lying = _lying(words, room) if side == "x" else None
    every = 1 if lying else math.ceil(len(words) * LINE / room)
    rotation = 90 if side == "x" and not lying else 0
    look: dict[str, Any] = {"fontfamily": write.families, "parse_math": False, "rotation": rotation}
    axis.set_ticks(steps.centers[::every], labels=(lying or words)[::every], **look)


def _lying(words: list[str], room: float) -> list[str] | None:
    """The words side by side, names of several words in up to three lines, or None where they do not fit."""
    letters = int(room / len(words) / LETTER) - 1
    if letters < 1:
        return None
    lines = [textwrap.wrap(word, letters, break_long_words=False) or [""] for word in words]
    widest = max(_width(line) for word in lines for line in word)
    fits = widest <= letters * LETTER and max(map(len, lines)) <= 3
    return ["\n".join(word) for word in lines] if fits else None


def _inches(panel: Axes, side: str) -> float:
    pixels = panel.bbox.width if side == "x" else panel.bbox.height
    return float(1.1 * pixels / panel.figure.dpi)  # the layout, not yet done, leaves less empty than matplotlib does


def shortened(word: str, most: int = LONGEST_WORD) -> str:
    """The word's beginning, where it is wider than `most` letters."""
    if _letters(word) <= most:
        return word
    while _letters(word) > most - 3:
        word = word[: -max(1, (_letters(word) - most) // 2)]
    return word + "..."


def _letters(word: str) -> int:
    """How wide a word is; a Chinese character is as wide as two letters."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in word)


def _width(word: str) -> float:
    return LETTER * _letters(word)


def _evenly(count: int, words: list[str] | None) -> Steps:
    centers = np.arange(count, dtype=float)
    return Steps(centers, _edges(centers), None, words)


def _edges(centers: np.ndarray) -> np.ndarray:
    """Halfway between neighbours, and as far again beyond the first and the last."""
    if len(centers) == 1:
        return centers[0] + np.array([-0.5, 0.5])
    between = (centers[1:] + centers[:-1]) / 2
    return np.concatenate([[2 * centers[0] - between[0]], between, [2 * centers[-1] - between[-1]]])


def _spelled(name: object) -> str:
    """A token as one short line in which blanks and line ends can be seen."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    text = "".join(VISIBLE.get(letter, letter) for letter in text)
    if text == " ":
        return "\N{OPEN BOX}"
    return shortened(text)


def _check_length(where: str, argument: str, came: int, count: int) -> None:
    if came == count:
        return
    if came < count:
        way = "Name every step; where a short sequence was padded, pad its words with '' as well."
    elif came % count:
        way = f"Pass the window's own, such as {argument}[-{count}:]."
    else:
        rows = came // count
        way = (
            f"Where the model joins {rows} rows to one step (segment={rows}), pass each segment's last: "
            f"{argument}[{rows - 1}::{rows}]. For the last steps pass {argument}[-{count}:]."
        )
    raise InvalidValue(
        where, f"{argument} must have one entry for each of {count} steps, got {came}.", way, argument=argument
    )
