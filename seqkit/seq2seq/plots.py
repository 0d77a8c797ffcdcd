"""The picture of a translation: which words of the source were looked at for each word of the target."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit._errors import InvalidType, InvalidValue
from seqkit.insight.attention_plots import plot_attention
from seqkit.seq2seq.answers import Alignment

SPACE = "␣"  # a space that is a token can be seen so


def plot_alignment(alignment: Alignment, *, title: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw where a decoder looked: source words across, target words down, as in Bahdanau et al. 2015, figure 3.

    Args:
        alignment: one of `model.alignments(texts)`.
        title: A title for the figure.
        ax: matplotlib axes to draw on instead of a new figure.

    Returns:
        The matplotlib Figure.

    Raises:
        TypeError: If this is no alignment.
        ValueError: If there is not a word on each side.

    Example:
        >>> found = Alignment(("good", "day"), ("guten", "tag"), [[0.9, 0.1], [0.2, 0.8]])
        >>> figure = plot_alignment(found)
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['guten', 'tag']
    """
    if not isinstance(alignment, Alignment):
        raise InvalidType(
            "plot_alignment",
            f"one of model.alignments(texts) is needed, got {type(alignment).__name__}.",
            "Pass model.alignments([text])[0].",
        )
    source, target, weights = alignment
    if not source or not target:
        raise InvalidValue("plot_alignment", "there is no word on one of the two sides, so nothing was aligned.")
    names: Any = tuple([SPACE if word == " " else word for word in words] for words in (source, target))
    return plot_attention([weights], tokens=names, title=title, ax=ax)
