"""What a classifier looks at for each class: words of texts, positions in series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.attended import StepReader
from seqkit.classification.model import Classifier
from seqkit.data import labels as class_labels
from seqkit.drawing import canvas as _canvas
from seqkit.drawing.fonts import readable
from seqkit.drawing.panels import COLOURS, DASHES, name_lines
from seqkit.drawing.steps import shortened

BINS = 20
COLUMNS = ["class", "word", "mean_weight", "times_even", "count"]


def attention_by_class(
    model: Classifier, x: Any, y: Any = None, *, most_words: int = 20, least_count: int = 2
) -> pd.DataFrame:
    """Sum up what a classifier looks at in the samples of each class.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them.
        y: their labels; the predicted ones by default.
        most_words: of texts, how many words to list for a class at most.
        least_count: of texts, how often a word must occur in those of a class.

    Returns:
        Of texts a row for each class and word, the largest mean weight first: `class`, `word`, `mean_weight`,
        `times_even` (the mean of weight times words in its text: 1 is even attention. In a short text every weight is
        large, so look at this where texts differ much in length) and `count`. Words the vocabulary lacks are
        `[UNK]` together.

        Of series the share of the attention that falls on each twentieth of a series, from first to last step: a row
        for each, on its middle as a fraction, `position`, and a column for each class, which sums to one; NaN of a
        class without samples.

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
    reader = StepReader(model, where)
    samples = reader.samples(x)
    members = None if y is None else _members(where, model, y, len(samples))
    probabilities, weights = reader.read(samples)
    if members is None:
        members = _members(where, model, model.labels_of(probabilities), len(samples))
    if model.vocabulary is None:
        return _by_position(model.labels, weights, members)
    names = np.array(["", "[UNK]", *model.vocabulary.words], dtype=object)
    tables = [
        _by_word(label, names, [(samples[row], weights[row]) for row in np.flatnonzero(held)], least_count, most_words)
        for label, held in zip(model.labels, members.T, strict=True)
    ]
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def _members(where: str, model: Classifier, labels: Any, samples: int) -> np.ndarray:
    """Whether a sample is of a class, `[B, K]`."""
    return class_labels.encode(where, labels, model.labels, model.settings.multi_label, samples) > 0


def _by_word(
    label: Any, names: np.ndarray, texts: Sequence[tuple[np.ndarray, np.ndarray]], least_count: int, most_words: int
) -> pd.DataFrame:
    numbers = np.concatenate([np.zeros(0, int), *(words for words, _ in texts)])
    weights = np.concatenate([np.zeros(0), *(one for _, one in texts)])
    lengths = np.concatenate([np.zeros(0), *(np.full(len(words), len(words)) for words, _ in texts)])
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
    often = table[table["count"] >= least_count]
    return often.sort_values(["mean_weight", "word"], ascending=[False, True]).head(most_words)


def _by_position(labels: Sequence[Any], weights: Sequence[np.ndarray], members: np.ndarray) -> pd.DataFrame:
    binned = np.stack([_binned(one) for one in weights])  # (B, BINS)
    columns = {
        label: binned[held].mean(axis=0) if held.any() else np.full(BINS, np.nan)
        for label, held in zip(labels, members.T, strict=True)
    }
    middles = pd.Index((np.arange(BINS) + 0.5) / BINS, name="position")
    return pd.DataFrame(columns, index=middles).rename_axis(columns="class")


def _binned(weights: np.ndarray) -> np.ndarray:
    """The weight on each twentieth of the series; a step that lies in two gives to both."""
    before = np.concatenate([[0.0], np.cumsum(weights, dtype=float)])
    edges = np.arange(len(before)) / len(weights)
    return np.diff(np.interp(np.arange(BINS + 1) / BINS, edges, before))


def plot_attention_by_class(
    table: pd.DataFrame, *, title: str | None = None, ax: Axes | Sequence[Axes] | None = None
) -> Figure:
    """Draw what `attention_by_class` returned: a panel of words for each class, or a line over positions for each.

    Args:
        table: what `attention_by_class` returned.
        title: a title for the whole figure.
        ax: matplotlib axes to draw on instead of a new figure: of texts one for each class, of series one.

    Returns:
        The matplotlib Figure. `figure.savefig("classes.png")` writes it; a notebook shows it.

    Raises:
        TypeError: `table` is not what `attention_by_class` returned.
        ValueError: it has no rows, or `ax` has not the axes needed.

    Example:
        >>> table = pd.DataFrame({"class": ["neg", "pos"], "word": ["bad", "good"], "mean_weight": [0.5, 0.7]})
        >>> [axes.get_title("left") for axes in plot_attention_by_class(table).axes]
        ['neg', 'pos']
    """
    where = "plot_attention_by_class"
    is_words = isinstance(table, pd.DataFrame) and set(COLUMNS[:3]) <= set(table.columns)
    if not is_words and not (isinstance(table, pd.DataFrame) and table.index.name == "position"):
        raise InvalidType(
            where, f"table must be what attention_by_class returned, got {type(table).__name__}.", argument="table"
        )
    if table.empty:
        raise InvalidValue(where, "table has no rows.", "Pass more samples to attention_by_class, or least_count=1.")
    return _plot_words(where, table, title, ax) if is_words else _plot_positions(where, table, title, ax)


def _plot_words(where: str, table: pd.DataFrame, title: str | None, ax: Any) -> Figure:
    groups = dict(list(table.groupby("class", sort=False)))
    tallest = max(map(len, groups.values()))
    with readable([*table["word"], *groups, title]) as write:
        size = (3.4, 0.9 + 0.2 * tallest)
        figure, panels = _canvas.panels_for(where, ax, list(groups), size=size, columns=min(len(groups), 3))
        for panel, (label, rows) in zip(panels, groups.items(), strict=True):
            _canvas.dress(panel, write, xlabel="mean weight")
            panel.barh(np.arange(len(rows)), rows["mean_weight"], height=0.75, color=_canvas.BLUE)
            words = [shortened(write(word)) for word in rows["word"]]
            panel.set_yticks(np.arange(len(rows)), labels=words, fontfamily=write.families, parse_math=False)
            panel.set(ylim=(tallest - 0.4, -0.6), xlim=(0, 1.06 * table["mean_weight"].max()))
            panel.grid(False, axis="y")
            panel.set_title(write(label), loc="left", fontsize="medium", fontfamily=write.families, parse_math=False)
        _canvas.finish(figure, panels, write, title, owned=ax is None)
    return figure


def _plot_positions(where: str, table: pd.DataFrame, title: str | None, ax: Any) -> Figure:
    with readable([*table.columns, title]) as write:
        figure, (panel,) = _canvas.panels_for(where, ax, ["classes"], size=(8.4, 3.6))
        ylabel = "share of attention (dotted: even)"
        _canvas.dress(panel, write, xlabel="fraction of the series", ylabel=ylabel)
        panel.axhline(1 / len(table), zorder=1, **_canvas.LINES["origin"])
        drawn = {}
        for number, label in enumerate(table.columns):
            look: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}
            (drawn[str(label)],) = panel.plot(table.index, table[label], linewidth=1.6, **look)
        panel.set(xlim=(0, 1), ylim=(0, None))
        name_lines(panel, drawn, write)
        _canvas.finish(figure, [panel], write, title, owned=ax is None)
    return figure
