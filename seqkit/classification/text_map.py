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

from seqkit.drawing import canvas
from seqkit.drawing.fonts import Writer, readable_fonts
from seqkit.drawing.panels import SHADE_COLOURS, largest_size
from seqkit.drawing.steps import shortened

WIDTH, MARGIN, LINE_HEIGHT, SPACE, CAPTION_HEIGHT, GAP = 8.4, 0.15, 0.27, 0.07, 0.28, 0.18  # inches
DPI, FONT_SIZE = 110, 10.5
MOST_LETTERS = 48  # of a word or a caption
SCALE_TIMES_EVEN = 3  # so that even attention is pale
SHADE_RGB = "0, 114, 178"  # canvas.BLUE
LARGEST_OPACITY = 0.7  # text of a dark or a light theme stays readable on it
UNKNOWN_NOTE = "dotted: a word unknown to the model"


class ShadedText(NamedTuple):
    """A text of T words."""

    caption: str  # the predicted class and its probability
    words: list[tuple[bool, str]]  # (whether a space precedes the word, the word)
    weights: np.ndarray  # (T,)
    is_known: list[bool]  # whether the word is in the vocabulary


def as_written(text: str, tokens: Sequence[str]) -> list[tuple[bool, str]]:
    """For each token, whether a space precedes it, and the token as it is written in the text.

    Example:
        >>> as_written("Not bad!", ["not", "bad", "!"])
        [(False, 'Not'), (True, 'bad'), (False, '!')]
    """
    lowered, end, words = text.lower(), 0, []
    for token in tokens:
        start = lowered.find(token, end)
        if start < 0 or len(lowered) != len(text):  # lower case changes the length of a Turkish I with a dot
            return [(position > 0, token) for position, token in enumerate(tokens)]
        words.append((0 < end < start, text[start : start + len(token)]))
        end = start + len(token)
    return words


def describe_scale(text: ShadedText) -> str:
    """Explain the shades in words."""
    count = len(text.words)
    if not count:
        return "no words"
    return f"{count} word{'s' * (count > 1)}, largest weight {max(text.weights):.2g}, even attention {1 / count:.2g}"


def darkness(text: ShadedText) -> np.ndarray:
    """The darkness of each word's shade, from 0 to 1."""
    return text.weights / top_of_scale(text.weights)


def top_of_scale(weights: np.ndarray) -> float:
    """The weight of the darkest shade: the largest weight, but at least three times even attention (or 1)."""
    return max(largest_size(weights), min(1.0, SCALE_TIMES_EVEN / max(len(weights), 1)))


def write_html(texts: Sequence[ShadedText]) -> str:
    """Write the texts as HTML; only the shades are coloured."""
    blocks = []
    for text in texts:
        head = f"<b>{html.escape(text.caption)}</b> <small>({describe_scale(text)})</small>"
        body = f'<div dir="auto" style="overflow-wrap:anywhere">{_spans(text)}</div>'
        blocks.append(f'<div style="margin:0 0 1em">{head}{body}</div>')
    note = f"<small>{UNKNOWN_NOTE}</small>" if _has_unknown_words(texts) else ""
    return f'<div style="max-width:60em;line-height:1.7">{"".join(blocks)}{note}</div>'


def _has_unknown_words(texts: Sequence[ShadedText]) -> bool:
    return not all(all(text.is_known) for text in texts)


def _spans(text: ShadedText) -> str:
    spans = []
    rows = zip(text.words, text.weights, darkness(text), text.is_known, strict=True)
    for (has_space, word), weight, dark, is_known in rows:
        underline = "" if is_known else ";text-decoration:underline dotted"
        style = f"background:rgba({SHADE_RGB}, {LARGEST_OPACITY * dark:.2f}){underline}"
        spans.append(f'{" " * has_space}<span title="{weight:.3g}" style="{style}">{html.escape(word)}</span>')
    return "".join(spans)


def draw(texts: Sequence[ShadedText]) -> Figure:
    """Draw the texts, one below the other."""
    drawn = [string for text in texts for string in (text.caption, *(word for _, word in text.words))]
    with readable_fonts(drawn) as write:
        font = FontProperties(family=write.families, size=FONT_SIZE)
        width_of = _width_measure(font)
        texts = [
            text._replace(words=[(has_space, shortened(write(word), MOST_LETTERS)) for has_space, word in text.words])
            for text in texts
        ]
        places = [_lay_out(text, width_of) for text in texts]
        lines = [words[-1].line + 1 if words else 0 for words in places]
        tops = np.cumsum([MARGIN] + [CAPTION_HEIGHT + GAP + LINE_HEIGHT * count for count in lines])
        has_unknown = _has_unknown_words(texts)
        height = tops[-1] + MARGIN + (0.0 if not has_unknown and not write.escaped else 0.25)
        figure = canvas.Picture(figsize=(WIDTH, height), dpi=DPI)
        panel = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
        panel.set_axis_off()
        for text, words, top in zip(texts, places, tops, strict=False):
            _draw_text(panel, text, words, top, font, write)
        if has_unknown:
            panel.text(MARGIN, height - MARGIN, UNKNOWN_NOTE, fontsize="small", color=canvas.DARK)
        canvas.finish_figure(figure, [panel], write, None, owned=True)
    return figure


class Place(NamedTuple):
    """The place of a word."""

    left: float  # inches
    width: float
    line: int


def _width_measure(font: FontProperties) -> Callable[[str], float]:
    """A function that gives the width of a word in inches."""
    renderer = FigureCanvasAgg(Figure(dpi=DPI)).get_renderer()
    return lambda word: renderer.get_text_width_height_descent(word, font, False)[0] / DPI


def _lay_out(text: ShadedText, width_of: Callable[[str], float]) -> list[Place]:
    """Fill lines with words; a group stays on one line unless it is wider than half a line."""
    places: list[Place] = []
    left, line = MARGIN, 0
    for has_space, words in _group(text.words):
        widths = list(map(width_of, words))
        left += SPACE * has_space
        for position, width in enumerate(widths):
            needed = sum(widths) if not position and sum(widths) < WIDTH / 2 else width
            if left + needed > WIDTH - MARGIN and left > MARGIN:
                left, line = MARGIN, line + 1
            places.append(Place(left, width, line))
            left += width
    return places


def _group(words: Sequence[tuple[bool, str]]) -> list[tuple[bool, list[str]]]:
    """Group each word with the punctuation that follows it; every Chinese character begins a group."""
    groups: list[tuple[bool, list[str]]] = []
    for has_space, word in words:
        is_wide = unicodedata.east_asian_width(word[0]) in "WF" and word[0].isalnum()
        if has_space or is_wide or not groups:
            groups.append((has_space, []))
        groups[-1][1].append(word)
    return groups


def _draw_text(
    panel: Axes, text: ShadedText, places: Sequence[Place], top: float, font: FontProperties, write: Writer
) -> None:
    caption = shortened(write(text.caption), MOST_LETTERS)
    panel.text(MARGIN, top, caption, fontproperties=font, fontsize=11.5, va="top", color="#262626")
    scale = describe_scale(text)
    panel.text(WIDTH - MARGIN, top + 0.02, scale, fontsize="small", va="top", ha="right", color=canvas.DARK)
    rows = zip(places, text.words, darkness(text), text.is_known, strict=True)
    for place, (_, word), dark, is_known in rows:
        baseline = top + CAPTION_HEIGHT + LINE_HEIGHT * place.line + 0.16
        corner, width = (place.left - 0.015, baseline - 0.165), place.width + 0.03
        panel.add_patch(Rectangle(corner, width, 0.225, color=SHADE_COLOURS(dark), linewidth=0))
        panel.text(place.left, baseline, word, fontproperties=font, color="#262626", va="baseline")
        if not is_known:
            look: dict[str, Any] = {"colors": "#262626", "linestyles": (0, (1, 1.5)), "linewidth": 1}
            panel.hlines(baseline + 0.045, place.left, place.left + place.width, **look)
