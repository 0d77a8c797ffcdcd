"""Texts whose words are shaded by their weights, as HTML and as a figure."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle

from seqkit.drawing import canvas as _canvas
from seqkit.drawing.fonts import Writer, readable
from seqkit.drawing.panels import SHADES, largest
from seqkit.drawing.steps import shortened

WIDTH, MARGIN, LINE, SPACE, HEAD, BELOW = 8.4, 0.15, 0.27, 0.07, 0.28, 0.18  # inches
DPI, SIZE = 110, 10.5
LONGEST = 48  # letters of a word, or of a predicted class, that are drawn
TIMES_EVEN = 3  # so that even attention is pale all over
INK = "0, 114, 178"  # _canvas.BLUE; lets the theme's own text colour stand on it, dark or light
DARKEST = 0.7
UNKNOWN = "dotted: a word unknown to the model"


class ShadedText(NamedTuple):
    """One text."""

    said: str  # the predicted class and its probability
    words: list[tuple[bool, str]]  # whether a space stands before the word, and the word
    weights: np.ndarray  # (T,)
    known: list[bool]  # whether the word is in the vocabulary


def spelled(text: str, tokens: Sequence[str]) -> list[tuple[bool, str]]:
    """Each token as the text itself writes it, and whether a space stands before it.

    Example:
        >>> spelled("Not bad!", ["not", "bad", "!"])
        [(False, 'Not'), (True, 'bad'), (False, '!')]
    """
    lowered, at, words = text.lower(), 0, []
    for token in tokens:
        start = lowered.find(token, at)
        if start < 0 or len(lowered) != len(text):  # lower case of other length, as of a Turkish I with a dot
            return [(position > 0, one) for position, one in enumerate(tokens)]
        words.append((0 < at < start, text[start : start + len(token)]))
        at = start + len(token)
    return words


def scale(text: ShadedText) -> str:
    """What the shades mean."""
    count = len(text.words)
    if not count:
        return "no words"
    return f"{count} word{'s' * (count > 1)}, largest weight {max(text.weights):.2g}, even attention {1 / count:.2g}"


def shades(text: ShadedText) -> np.ndarray:
    """How dark each word stands, from 0 to 1."""
    return text.weights / top_of_scale(text.weights)


def top_of_scale(weights: np.ndarray) -> float:
    """The weight at the dark end: the largest, but no less than three times even attention, and 1 at most."""
    return max(largest(weights), min(1.0, TIMES_EVEN / max(len(weights), 1)))


def write_html(texts: Sequence[ShadedText]) -> str:
    """The texts as HTML without colours of its own but the shades."""
    blocks = []
    for text in texts:
        head = f"<b>{html.escape(text.said)}</b> <small>({scale(text)})</small>"
        body = f'<div dir="auto" style="overflow-wrap:anywhere">{_spans(text)}</div>'
        blocks.append(f'<div style="margin:0 0 1em">{head}{body}</div>')
    note = f"<small>{UNKNOWN}</small>" if not all(all(text.known) for text in texts) else ""
    return f'<div style="max-width:60em;line-height:1.7">{"".join(blocks)}{note}</div>'


def _spans(text: ShadedText) -> str:
    spans = []
    for (spaced, word), weight, dark, known in zip(text.words, text.weights, shades(text), text.known, strict=True):
        underline = "" if known else ";text-decoration:underline dotted"
        style = f"background:rgba({INK}, {DARKEST * dark:.2f}){underline}"
        spans.append(f'{" " * spaced}<span title="{weight:.3g}" style="{style}">{html.escape(word)}</span>')
    return "".join(spans)


def draw(texts: Sequence[ShadedText]) -> Figure:
    """The texts as a figure, one below the other."""
    with readable([one for text in texts for one in (text.said, *(word for _, word in text.words))]) as write:
        look = FontProperties(family=write.families, size=SIZE)
        measure = _measure(look)
        written = [
            text._replace(words=[(spaced, shortened(write(word), LONGEST)) for spaced, word in text.words])
            for text in texts
        ]
        places = [_lay_out(text, measure) for text in written]
        tops = np.cumsum([MARGIN] + [HEAD + BELOW + LINE * (one[-1].line + 1 if one else 0) for one in places])
        has_unknown = not all(all(text.known) for text in texts)
        height = tops[-1] + MARGIN + (0.0 if not has_unknown and not write.escaped else 0.25)
        figure = _canvas.Picture(figsize=(WIDTH, height), dpi=DPI)
        panel = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        panel.set_axis_off()
        for text, words, top in zip(written, places, tops, strict=False):
            _draw_text(panel, text, words, top, look, write)
        if has_unknown:
            panel.text(MARGIN, height - MARGIN, UNKNOWN, fontsize="small", color=_canvas.DARK)
        _canvas.finish(figure, [panel], write, None, owned=True)
    return figure


class Place(NamedTuple):
    """Where a word stands."""

    left: float  # inches
    width: float
    line: int


def _measure(look: FontProperties) -> Callable[[str], float]:
    renderer = FigureCanvasAgg(Figure(dpi=DPI)).get_renderer()
    return lambda word: renderer.get_text_width_height_descent(word, look, False)[0] / DPI


def _lay_out(text: ShadedText, measure: Callable[[str], float]) -> list[Place]:
    """Fill lines with words; what belongs together stays on one line, where a line is wide enough."""
    places: list[Place] = []
    left, line = MARGIN, 0
    for spaced, words in _together(text.words):
        widths = [measure(word) for word in words]
        left += SPACE * spaced
        for position, width in enumerate(widths):
            needed = sum(widths) if not position and sum(widths) < WIDTH / 2 else width
            if left + needed > WIDTH - MARGIN and left > MARGIN:
                left, line = MARGIN, line + 1
            places.append(Place(left, width, line))
            left += width
    return places


def _together(words: Sequence[tuple[bool, str]]) -> list[tuple[bool, list[str]]]:
    """Words with the marks that follow them; each character of Chinese may begin a line."""
    groups: list[tuple[bool, list[str]]] = []
    for spaced, word in words:
        is_wide = unicodedata.east_asian_width(word[0]) in "WF" and word[0].isalnum()
        if spaced or is_wide or not groups:
            groups.append((spaced, []))
        groups[-1][1].append(word)
    return groups


def _draw_text(
    panel: Axes, text: ShadedText, places: Sequence[Place], top: float, look: FontProperties, write: Writer
) -> None:
    said = shortened(write(text.said), LONGEST)
    panel.text(MARGIN, top, said, fontproperties=look, fontsize=11.5, va="top", color="#262626")
    panel.text(WIDTH - MARGIN, top + 0.02, scale(text), fontsize="small", va="top", ha="right", color=_canvas.DARK)
    rows = zip(places, text.words, shades(text), text.known, strict=True)
    for place, (_, word), dark, known in rows:
        base = top + HEAD + LINE * place.line + 0.16
        corner, wide = (place.left - 0.015, base - 0.165), place.width + 0.03
        panel.add_patch(Rectangle(corner, wide, 0.225, color=SHADES(dark), linewidth=0))
        panel.text(place.left, base, word, fontproperties=look, color="#262626", va="baseline")
        if not known:
            under: dict[str, Any] = {"colors": "#262626", "linestyles": (0, (1, 1.5)), "linewidth": 1}
            panel.hlines(base + 0.045, place.left, place.left + place.width, **under)
