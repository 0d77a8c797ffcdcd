"""Attention maps of the samples that a classifier is surest of, and of those that it doubts most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqkit._errors import InvalidValue
from seqkit.classification.attended import AttentionReader
from seqkit.classification.attention_maps import captions, feature_names, shaded_texts
from seqkit.classification.model import Classifier
from seqkit.classification.text_map import top_of_scale, write_html
from seqkit.data import labels as class_labels
from seqkit.reports import look
from seqkit.reports.columns import Columns
from seqkit.reports.page import Figure, Shaded, Words

OF_EACH = 3  # samples
MOST_FEATURES = 4  # that are drawn of a series
CURVE_HEIGHT, WEIGHTS_HEIGHT, FRAME = 120, 90, 80  # pixels
WORDS = (
    "Attention gives each step a weight; the weights sum to one. They say where the classifier looks, which is not "
    "always why it decides: deletion_curve measures that."
)


def attention_parts(
    columns: Columns, model: Classifier, x: Any, y: Any, features: Sequence[str] | None, names: Sequence[str] | None
) -> list[Any]:
    """The maps, or in words why there are none."""
    try:
        reader = AttentionReader(model, "report")
    except InvalidValue as error:
        return [Words([f"There are no attention maps: {error.problem}"])]
    doubts = doubts_of(model.predict(x, verbose=0), model.settings.multi_label)
    order = np.argsort(doubts, kind="stable")
    clear = order[:OF_EACH]
    doubtful = [at for at in order[::-1][:OF_EACH] if at not in clear]
    parts: list[Any] = [Words([WORDS])]
    for words, positions in (("Clearest", list(clear)), ("Most doubtful", doubtful)):
        chosen = [x[int(at)] for at in positions]
        truths = ["" if y is None else f"; true: {_label(model, y, int(at))}" for at in positions]
        titles = [f"{words}, sample {int(at) if names is None else names[int(at)]}" for at in positions]
        parts += _maps(columns, reader, chosen, titles, truths, features, words)
    return parts


def doubts_of(probabilities: np.ndarray, multi_label: bool) -> np.ndarray:
    """How little a classifier is sure of each sample, `[B]`, from 0 to 1.

    Of one class in K it is one minus the lead of the most probable over the next; of several labels the doubt of the
    most doubtful label, 1 at a probability of a half.
    """
    if multi_label:
        return 1 - 2 * np.abs(probabilities - 0.5).min(axis=1)
    first_two = np.sort(probabilities, axis=1)[:, :-3:-1]
    return 1 - (first_two[:, 0] - first_two[:, 1])


def _label(model: Classifier, y: Any, at: int) -> str:
    rows = list(class_labels.as_rows("report", y, model.settings.multi_label))
    return ", ".join(str(label) for label in rows[at])


def _maps(
    columns: Columns,
    reader: AttentionReader,
    samples: list[Any],
    titles: list[str],
    truths: list[str],
    features: Sequence[str] | None,
    words: str,
) -> list[Any]:
    if not samples:
        return []
    read = reader.unpadded(samples if reader.model.vocabulary is not None else [np.asarray(one) for one in samples])
    attended = reader.read(read, verbose=0)
    said = [
        f"{title}: {caption}{truth}"
        for title, caption, truth in zip(titles, captions(reader.model, attended), truths, strict=True)
    ]
    if reader.model.vocabulary is not None:
        texts = shaded_texts(reader.model, [str(one) for one in samples], read, attended)
        told = [text._replace(caption=title) for text, title in zip(texts, said, strict=True)]
        return [Shaded(words, write_html(told))]
    names = feature_names("report", features, reader.model.settings.features)
    return [
        _series_figure(columns, values, weights, names[:MOST_FEATURES], title)
        for values, weights, title in zip(read, attended.weights, said, strict=True)
    ]


def _series_figure(
    columns: Columns, values: np.ndarray, weights: np.ndarray, names: Sequence[str], title: str
) -> Figure:
    """The curves, each point as large as its weight, and below them the weights as bars."""
    steps = columns.keep(list(range(len(values))))
    shares = weights / top_of_scale(weights)
    sizes = columns.numbers(np.round(2 + 10 * shares, 2))
    written = columns.numbers(weights)
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    rows = len(names) + 1
    height = FRAME + CURVE_HEIGHT * len(names) + WEIGHTS_HEIGHT
    for at, name in enumerate(names):
        hover = f"<b>step %{{x}}</b><br>{look.plain(name)}: %{{y:{look.NUMBER}}}<br>weight %{{customdata}}"
        own = {"x": steps, "y": columns.numbers(values[:, at]), "customdata": written, "yaxis": f"y{at + 1}"}
        trace = look.line("history", 1, hover, **own)
        traces.append({**trace, "marker": {"size": sizes, "color": look.BLUE, "opacity": 0.85, "line": {"width": 0}}})
        layout[f"yaxis{at + 1}" if at else "yaxis"] = {"title": look.titled(name)}
    bars = {"type": "bar", "x": steps, "y": written, "yaxis": f"y{rows}", "marker": {"color": look.INK}}
    hover = "<b>step %{x}</b><br>weight %{y}<extra></extra>"
    traces.append({**bars, "hovertemplate": hover})
    layout[f"yaxis{rows}"] = {"title": look.titled("weight"), "rangemode": "tozero"}
    spec: dict[str, Any] = {
        "data": traces,
        "layout": look.stacked(height, layout, [CURVE_HEIGHT] * len(names) + [WEIGHTS_HEIGHT]),
    }
    spec["layout"]["xaxis"]["title"] = look.titled("timestep")
    count = values.shape[1]
    note = f"The first {len(names)} of {count} features." if count > len(names) else ""
    return Figure(spec, title, height, title, note)
