"""The picture of an alignment: the weights of attention between the words of source and target."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit._errors import InvalidType, InvalidValue
from seqkit.insight.attention_plots import plot_attention
from seqkit.seq2seq.answers import Alignment

VISIBLE_SPACE = "␣"  # drawn for a token that is a space


def plot_alignment(alignment: Alignment, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the weights of attention: source words across, target words down, as in Bahdanau et al. 2015, figure 3.

    Args:
        alignment: one of `model.alignments(texts)`.
        title: the title of the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        TypeError: for anything but an `Alignment`.
        ValueError: for an alignment without words on one of the two sides.

    Example:
        >>> alignment = Alignment(("good", "day"), ("guten", "tag"), [[0.9, 0.1], [0.2, 0.8]])
        >>> figure = plot_alignment(alignment)
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['guten', 'tag']
    """
    if not isinstance(alignment, Alignment):
        raise InvalidType(
            "plot_alignment",
            f"one of model.alignments(texts) is needed, got {type(alignment).__name__}.",
            "Pass model.alignments([text])[0].",
            argument="alignment",
        )
    source, target, weights = alignment
    if not source or not target:
        raise InvalidValue("plot_alignment", "the source or the target has no words to align.", argument="alignment")
    tokens: Any = tuple([VISIBLE_SPACE if word == " " else word for word in words] for words in (source, target))
    return plot_attention([weights], tokens=tokens, title=title, ax=ax)
