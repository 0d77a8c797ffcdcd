"""Where a classifier looks in each class: words of texts, positions in series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.attended import AttentionReader
from seqkit.classification.model import Classifier
from seqkit.data import labels as class_labels
from seqkit.drawing import canvas
from seqkit.drawing.fonts import readable_fonts
from seqkit.drawing.panels import COLOURS, DASHES, draw_line_legend
from seqkit.drawing.steps import shortened

BINS = 20
WORD_COLUMNS = {"class", "word", "mean_weight"}


def attention_by_class(
    model: Classifier, x: Any, y: Any = None, *, most_words: int = 20, least_count: int = 2
) -> pd.DataFrame:
    """Average where a classifier looks in the samples of each class.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them.
        y: their labels; the predicted labels by default.
        most_words: for texts, the most words to list for a class.
        least_count: for texts, the least number of times that a word occurs in the texts of a class.

    Returns:
        For texts, a row for each class and word, the largest mean weight first. `mean_weight` is the mean of the word's
        weights. `times_even` is the mean of weight times number of words in the text: 1 is even attention. In a short
        text every weight is large, so use `times_even` where texts differ much in length. `count` is how often the word
        occurs. `[UNK]` stands for all words that are not in the vocabulary.

        For series, the share of attention on each twentieth of a series. A row is a twentieth; its index `position` is
        the middle of it, as a fraction of the series. A column is a class and sums to one; it is NaN for a class
        without samples.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x` or `y`.

    Example:
        >>> from seqkit import build_classifier
        >>> texts, labels = ["so good", "good", "bad", "so bad"], ["pos", "pos", "neg", "neg"]
        >>> model = build_classifier(like=texts, labels=labels, units=3, embedding=2)
        >>> attention_by_class(model, texts, labels)[["class", "word", "count"]]
          class  word  count
        0   neg   bad      2
        1   pos  good      2
    """
    where = "attention_by_class"
    most_words = _checks.whole_number(where, "most_words", most_words)
    least_count = _checks.whole_number(where, "least_count", least_count)
    reader = AttentionReader(model, where)
    samples = reader.unpadded(x)
    members = None if y is None else _members(where, model, y, len(samples))
    probabilities, weights = reader.read(samples)
    if members is None:
        members = _members(where, model, model.labels_of(probabilities), len(samples))
    if model.vocabulary is None:
        return _by_position(model.labels, weights, members)
    names = np.array(["", "[UNK]", *model.vocabulary.words], dtype=object)
    tables = [
        _by_word(label, names, [(samples[i], weights[i]) for i in np.flatnonzero(is_member)], least_count, most_words)
        for label, is_member in zip(model.labels, members.T, strict=True)
    ]
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def _members(where: str, model: Classifier, labels: Any, samples: int) -> np.ndarray:
    """Whether each sample belongs to each class, `[B, K]`."""
    return class_labels.encode(where, labels, model.labels, model.settings.multi_label, samples) > 0


def _by_word(
    label: Any, names: np.ndarray, texts: Sequence[tuple[np.ndarray, np.ndarray]], least_count: int, most_words: int
) -> pd.DataFrame:
    numbers = np.concatenate([np.zeros(0, int), *(numbers for numbers, _ in texts)])
    weights = np.concatenate([np.zeros(0), *(weights for _, weights in texts)])
    lengths = np.concatenate([np.zeros(0), *(np.full(len(numbers), len(numbers)) for numbers, _ in texts)])
    counts = np.bincount(numbers, minlength=len(names))
    table = pd.DataFrame(
        {
            "class": [label] * len(names),
            "word": names,
            "mean_weight": np.bincount(numbers, weights, len(names)) / np.maximum(counts, 1),
            "times_even": np.bincount(numbers, weights * lengths, len(names)) / np.maximum(counts, 1),
            "count": counts,
        }
    )
    frequent = table[table["count"] >= least_count]
    return frequent.sort_values(["mean_weight", "word"], ascending=[False, True]).head(most_words)


def _by_position(labels: Sequence[Any], weights: Sequence[np.ndarray], members: np.ndarray) -> pd.DataFrame:
    binned = np.stack([_sum_in_bins(sample_weights) for sample_weights in weights])  # (B, BINS)
    columns = {
        label: binned[is_member].mean(axis=0) if is_member.any() else np.full(BINS, np.nan)
        for label, is_member in zip(labels, members.T, strict=True)
    }
    middles = pd.Index((np.arange(BINS) + 0.5) / BINS, name="position")
    return pd.DataFrame(columns, index=middles).rename_axis(columns="class")


def _sum_in_bins(weights: np.ndarray) -> np.ndarray:
    """The weight on each twentieth of the series; a timestep that lies in two bins is divided between them."""
    cumulative = np.concatenate([[0.0], np.cumsum(weights, dtype=float)])
    edges = np.arange(len(cumulative)) / len(weights)
    return np.diff(np.interp(np.arange(BINS + 1) / BINS, edges, cumulative))


def plot_attention_by_class(
    table: pd.DataFrame, *, title: str | None = None, ax: Axes | Sequence[Axes] | None = None
) -> Figure:
    """Draw the result of `attention_by_class`: for each class a panel of words, or a line over positions.

    Args:
        table: the result of `attention_by_class`.
        title: a title for the whole figure.
        ax: matplotlib axes to draw on instead of a new figure: for texts one for each class, for series one.

    Returns:
        The matplotlib Figure. `figure.savefig("classes.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `table` is not the result of `attention_by_class`.
        ValueError: `table` has no rows, or `ax` has a wrong number of axes.

    Example:
        >>> table = pd.DataFrame({"class": ["neg", "pos"], "word": ["bad", "good"], "mean_weight": [0.5, 0.7]})
        >>> [axes.get_title("left") for axes in plot_attention_by_class(table).axes]
        ['neg', 'pos']
    """
    where = "plot_attention_by_class"
    is_words = isinstance(table, pd.DataFrame) and WORD_COLUMNS.issubset(table.columns)
    if not is_words and not (isinstance(table, pd.DataFrame) and table.index.name == "position"):
        raise InvalidType(
            where, f"table must be what attention_by_class returned, got {type(table).__name__}.", argument="table"
        )
    if table.empty:
        way_out = "Pass more samples to attention_by_class, or least_count=1."
        raise InvalidValue(where, "table has no rows.", way_out, "table")
    return _plot_words(where, table, title, ax) if is_words else _plot_positions(where, table, title, ax)


def _plot_words(where: str, table: pd.DataFrame, title: str | None, ax: Any) -> Figure:
    groups = dict(list(table.groupby("class", sort=False)))
    tallest = max(map(len, groups.values()))
    with readable_fonts([*table["word"], *groups, title]) as write:
        size = (3.4, 0.9 + 0.2 * tallest)
        figure, panels = canvas.prepare_panels(where, ax, list(groups), size=size, columns=min(len(groups), 3))
        for panel, (label, rows) in zip(panels, groups.items(), strict=True):
            canvas.style_panel(panel, write, xlabel="mean weight")
            panel.barh(np.arange(len(rows)), rows["mean_weight"], height=0.75, color=canvas.BLUE)
            words = [shortened(write(word)) for word in rows["word"]]
            panel.set_yticks(np.arange(len(rows)), labels=words, fontfamily=write.families, parse_math=False)
            panel.set(ylim=(tallest - 0.4, -0.6), xlim=(0, 1.06 * table["mean_weight"].max()))
            panel.grid(False, axis="y")
            canvas.title_panel(panel, label, write)
        canvas.finish_figure(figure, panels, write, title, owned=ax is None)
    return figure


def _plot_positions(where: str, table: pd.DataFrame, title: str | None, ax: Any) -> Figure:
    with readable_fonts([*table.columns, title]) as write:
        figure, (panel,) = canvas.prepare_panels(where, ax, ["classes"], size=(8.4, 3.6))
        ylabel = "share of attention (dotted: even)"
        canvas.style_panel(panel, write, xlabel="fraction of the series", ylabel=ylabel)
        panel.axhline(1 / len(table), zorder=1, **canvas.LINE_STYLES["origin"])
        drawn = {}
        for number, label in enumerate(table.columns):
            look: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}
            (drawn[str(label)],) = panel.plot(table.index, table[label], linewidth=1.6, **look)
        panel.set(xlim=(0, 1), ylim=(0, None))
        draw_line_legend(panel, drawn, write)
        canvas.finish_figure(figure, [panel], write, title, owned=ax is None)
    return figure
