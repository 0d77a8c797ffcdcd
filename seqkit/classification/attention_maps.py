"""Where a classifier looked in texts and series: the weights, and maps of them."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from seqkit._errors import InvalidValue
from seqkit.classification import series_map as _series_map
from seqkit.classification import text_map as _text_map
from seqkit.classification.attended import Attended, StepReader
from seqkit.classification.model import Classifier
from seqkit.text.vocabulary import UNKNOWN, split_words

MOST_PANELS = 50


class AttentionMap:
    """Samples with where a classifier looked in them; `attention_map` makes it.

    A notebook shows it: the words of texts shaded by weight, or the curves of series coloured by weight. Each sample
    has its own scale, from 0 to its largest weight, or to three times what even attention would give if that is more:
    where no step stands out, none is dark.
    """

    def __init__(self, draw: Callable[[], Figure], write_html: Callable[[], str] | None = None) -> None:
        """Keep how to draw it; HTML is the figure as an image where nothing else is given."""
        self._draw, self._write_html = draw, write_html

    def figure(self) -> Figure:
        """A new matplotlib Figure."""
        return self._draw()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the figure, `save("map.png")`; any ending that matplotlib knows will do."""
        self.figure().savefig(path)

    def _repr_html_(self) -> str:
        if self._write_html is not None:
            return self._write_html()
        png = io.BytesIO()
        self.figure().savefig(png, format="png")
        return f'<img alt="attention map" src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}">'


def step_attention(model: Classifier, x: Any) -> list[np.ndarray]:
    """Give the weight of every step of every sample, padding cut off.

    The weights are those of the attention that sums the recurrent layer's outputs. Each output has read other steps
    too, and a convolution branch (`build_classifier`, the default for series) has no part in them: whether the
    answer depends on the steps with large weights is what `deletion_curve` measures.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them.

    Returns:
        An array `[T_i]` for each sample, `T_i` its timesteps or words, summing to one. A text without words has an
        empty one, and a step skipped for a missing value has weight 0.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x`.

    Example:
        >>> from seqkit import build_classifier
        >>> model = build_classifier(like=["so good", "bad , so bad"], labels=["pos", "neg"], units=3, embedding=2)
        >>> [one.shape for one in step_attention(model, ["so bad", "good, good, good"])]
        [(2,), (5,)]
    """
    reader = StepReader(model, "step_attention")
    return reader.read(reader.samples(x)).weights


def attention_map(
    model: Classifier, x: Any, *, index: Any = None, columns: Sequence[str] | None = None
) -> AttentionMap:
    """Map where a classifier looked in a few samples, beside the class it predicted and its probability.

    Texts are drawn as they are written, each word shaded by its weight; one the vocabulary lacks is underlined with
    dots. Series are drawn as curves coloured by weight, a panel for each feature.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them; 50 texts or panels at most.
        index: of series, the time stamps or numbers that the steps stand at, `[T]`: one for all series, or a list with
            one for each.
        columns: of series, the names of the features, `Sequences.columns` for example.

    Returns:
        `AttentionMap`: a notebook shows it, `.save("map.png")` writes it, `.figure()` is its matplotlib Figure.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x`; there is
            too much to draw; `index` or `columns` does not fit the series.

    Example:
        >>> from seqkit import build_classifier
        >>> model = build_classifier(like=[np.ones((5, 3)), np.ones((7, 3))], labels=["walk", "run"], units=2)
        >>> drawn = attention_map(model, [np.ones((4, 3))], index=[0.0, 0.1, 0.3, 0.7], columns=["x", "y", "z"])
        >>> [axes.get_ylabel() for axes in drawn.figure().axes]
        ['x', 'y', 'z', 'weight']
    """
    where = "attention_map"
    reader = StepReader(model, where)
    samples = reader.samples(x)
    panels = len(samples) * (1 if model.vocabulary else model.settings.features)
    if panels > MOST_PANELS and len(samples) > 1:
        raise InvalidValue(
            where, f"{panels} panels are too many to look at, {MOST_PANELS} at most.", "Pass a few: x[:5]."
        )
    if model.vocabulary is None:
        indexes = _series_map.own_indexes(where, index, [len(one) for one in samples])
        names = _feature_names(where, columns, model.settings.features)
        found = reader.read(samples)
        said = _said(model, found)
        curves = [_series_map.ColouredSeries(*one) for one in zip(said, samples, found.weights, indexes, strict=True)]
        return AttentionMap(lambda: _series_map.draw(curves, names))
    if index is not None or columns is not None:
        raise InvalidValue(where, "index and columns are of series; this classifier reads texts.", "Leave them out.")
    texts = _shaded(model, list(x), samples, reader.read(samples))
    return AttentionMap(lambda: _text_map.draw(texts), lambda: _text_map.write_html(texts))


def _shaded(
    model: Classifier, texts: Sequence[str], samples: Sequence[np.ndarray], found: Attended
) -> list[_text_map.ShadedText]:
    words = [_text_map.spelled(text, tokens) for text, tokens in zip(texts, split_words(texts), strict=True)]
    known = [list(numbers != UNKNOWN) for numbers in samples]
    rows = zip(_said(model, found), words, found.weights, known, strict=True)
    return [_text_map.ShadedText(*row) for row in rows]


def _said(model: Classifier, found: Attended) -> list[str]:
    """Each sample's predicted class and its probability in words."""
    said = []
    for row, labels in zip(found.probabilities, model.labels_of(found.probabilities), strict=True):
        held = labels if model.settings.multi_label else (labels,)
        named = dict(zip(model.labels, row, strict=True))
        words = ", ".join(f"{label} (probability {named[label]:.2f})" for label in held)
        best = model.labels[int(row.argmax())]
        said.append(words or f"none of {len(row)} classes (highest: {best}, probability {row.max():.2f})")
    return said


def _feature_names(where: str, columns: Sequence[str] | None, count: int) -> list[str]:
    if columns is None:
        return ["value"] if count == 1 else [f"feature {number}" for number in range(count)]
    if isinstance(columns, str) or len(columns) != count:
        raise InvalidValue(
            where,
            f"columns must be a list of {count} names, one for each feature, got {columns!r}.",
            argument="columns",
        )
    return [str(name) for name in columns]
