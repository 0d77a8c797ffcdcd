"""Where a classifier looks in texts and series: attention weights, and maps of them."""

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
from seqkit.classification.attended import Attended, AttentionReader
from seqkit.classification.model import Classifier
from seqkit.text.splitting import split_words
from seqkit.text.vocabulary import UNKNOWN

MOST_PANELS = 50


class AttentionMap:
    """A picture of a classifier's attention weights in samples; `attention_map` makes it.

    A notebook shows the words of texts shaded by weight, or the curves of series coloured by weight. Each sample has
    its own scale. It goes from 0 to the sample's largest weight, but at least to three times the weight of even
    attention. So no step is dark where no step stands out.

    Example:
        >>> import seqkit as sk
        >>> model = sk.build_classifier(like=["so good", "bad , so bad"], labels=["pos", "neg"], units=3, embedding=2)
        >>> picture = sk.attention_map(model, ["so bad", "good"])
        >>> len(picture.figure().axes), "good" in picture._repr_html_()
        (1, True)
    """

    def __init__(self, draw: Callable[[], Figure], write_html: Callable[[], str] | None = None) -> None:
        """Keep the functions that draw the map; without `write_html`, HTML shows the figure as an image."""
        self._draw, self._write_html = draw, write_html

    def figure(self) -> Figure:
        """Draw a new matplotlib Figure."""
        return self._draw()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the figure, `save("map.png")`, in any format that matplotlib knows."""
        self.figure().savefig(path)

    def _repr_html_(self) -> str:
        if self._write_html is not None:
            return self._write_html()
        png = io.BytesIO()
        self.figure().savefig(png, format="png")
        return f'<img alt="attention map" src="data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}">'


def step_attention(model: Classifier, x: Any) -> list[np.ndarray]:
    """Give the attention weight of every timestep of every sample, without padding.

    The weights are those with which attention sums the recurrent layer's outputs. Each output has read other timesteps
    too, and the convolution branch (the default of `build_classifier`) does not use the weights. `deletion_curve`
    measures whether the prediction depends on the timesteps with large weights.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them.

    Returns:
        An array `[T_i]` for each sample, which sums to one; `T_i` is its number of timesteps or words. The array is
        empty for a text without words. A timestep that is skipped for a missing value has weight 0.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x`.

    Example:
        >>> from seqkit import build_classifier
        >>> model = build_classifier(like=["so good", "bad , so bad"], labels=["pos", "neg"], units=3, embedding=2)
        >>> [weights.shape for weights in step_attention(model, ["so bad", "good, good, good"])]
        [(2,), (5,)]
    """
    reader = AttentionReader(model, "step_attention")
    return reader.read(reader.unpadded(x)).weights


def attention_map(
    model: Classifier, x: Any, *, index: Any = None, columns: Sequence[str] | None = None
) -> AttentionMap:
    """Map where a classifier looks in a few samples, beside the predicted class and its probability.

    The map shows texts as they are written, each word shaded by its weight. Dots underline a word that is not in the
    vocabulary. The map shows series as curves coloured by weight, a panel for each feature.

    Args:
        model: a classifier with attention over steps.
        x: series or texts, as `model.predict` takes them; 50 texts or panels at most.
        index: for series, the time stamps or numbers of the timesteps, `[T]`: one index for all series, or a list with
            an index for each.
        columns: for series, the names of the features, for example `Sequences.columns`.

    Returns:
        `AttentionMap`: a notebook shows it, `.save("map.png")` writes it, `.figure()` is its matplotlib Figure.

    Raises:
        TypeError, ValueError: the model is no classifier, has no attention over steps, or cannot read `x`; there is
            too much to draw; `index` or `columns` does not fit the series.

    Example:
        >>> from seqkit import build_classifier
        >>> model = build_classifier(like=[np.ones((5, 3)), np.ones((7, 3))], labels=["walk", "run"], units=2)
        >>> picture = attention_map(model, [np.ones((4, 3))], index=[0.0, 0.1, 0.3, 0.7], columns=["x", "y", "z"])
        >>> [axes.get_ylabel() for axes in picture.figure().axes]
        ['x', 'y', 'z', 'weight']
    """
    where = "attention_map"
    reader = AttentionReader(model, where)
    samples = reader.unpadded(x)
    panels = len(samples) * (1 if model.vocabulary else model.settings.features)
    if panels > MOST_PANELS and len(samples) > 1:
        problem = f"{panels} panels are too many to look at, {MOST_PANELS} at most."
        raise InvalidValue(where, problem, "Pass a few: x[:5].", "x")
    if model.vocabulary is None:
        indexes = _series_map.indexes_of(where, index, list(map(len, samples)))
        names = feature_names(where, columns, model.settings.features)
        attended = reader.read(samples)
        fields = zip(captions(model, attended), samples, attended.weights, indexes, strict=True)
        curves = [_series_map.ColouredSeries(*values) for values in fields]
        return AttentionMap(lambda: _series_map.draw(curves, names))
    if index is not None or columns is not None:
        raise InvalidValue(
            where, "index and columns are for series, but this classifier reads texts.", "Leave them out."
        )
    texts = shaded_texts(model, list(x), samples, reader.read(samples))
    return AttentionMap(lambda: _text_map.draw(texts), lambda: _text_map.write_html(texts))


def shaded_texts(
    model: Classifier, texts: Sequence[str], samples: Sequence[np.ndarray], attended: Attended
) -> list[_text_map.ShadedText]:
    """The texts with the weight of each word."""
    words = [_text_map.as_written(text, tokens) for text, tokens in zip(texts, split_words(texts), strict=True)]
    is_known = [list(numbers != UNKNOWN) for numbers in samples]
    fields = zip(captions(model, attended), words, attended.weights, is_known, strict=True)
    return [_text_map.ShadedText(*values) for values in fields]


def captions(model: Classifier, attended: Attended) -> list[str]:
    """The predicted class of each sample and its probability, in words."""
    captions = []
    for row, labels in zip(attended.probabilities, model.labels_of(attended.probabilities), strict=True):
        probability = dict(zip(model.labels, row, strict=True))
        predicted = labels if model.settings.multi_label else (labels,)
        caption = ", ".join(f"{label} (probability {probability[label]:.2f})" for label in predicted)
        best = model.labels[int(row.argmax())]
        captions.append(caption or f"none of {len(row)} classes (highest: {best}, probability {row.max():.2f})")
    return captions


def feature_names(where: str, columns: Sequence[str] | None, count: int) -> list[str]:
    """The names of the features; refuse another number of them."""
    if columns is None:
        return ["value"] if count == 1 else [f"feature {number}" for number in range(count)]
    if isinstance(columns, str) or len(columns) != count:
        problem = f"columns must be a list of {count} names, one for each feature, got {columns!r}."
        raise InvalidValue(where, problem, argument="columns")
    return [str(name) for name in columns]
