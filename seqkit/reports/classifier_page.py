"""The page of a classifier: verdict, scores beside the baselines, confusion, classes, attention maps, the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit.classification.model import Classifier
from seqkit.classification.score import ClassScores, score_alone, score_classifier
from seqkit.data import labels as class_labels
from seqkit.reports import look
from seqkit.reports.attention_parts import attention_parts
from seqkit.reports.columns import Columns, as_text
from seqkit.reports.found import facts_of_training, named, network_in_words
from seqkit.reports.page import Facts, Figure, Page, Report, Section, Table, Words
from seqkit.reports.training_figure import training_parts
from seqkit.task.folds import indexable

METHODS = {
    "classifier": "this classifier",
    "majority": "majority: the share of each class",
    "linear": "linear: logistic regression",
}
SCORES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "log_loss": "log loss, nats",
}
ROW_HEIGHT, LEAST_HEIGHT, MOST_HEIGHT, FRAME = 34, 260, 900, 110  # pixels, of the confusion matrix
MOST_WRITTEN = 30  # classes whose counts are written into the cells
NOT_SCORED = "Not scored: the samples have no labels."
NO_BASELINES = "Without training samples (train=) there are no baselines beside the scores."


def scores_of(model: Classifier, x: Any, y: Any, train: Any) -> ClassScores | None:
    """The scores, beside the baselines where there are training samples; None without labels."""
    if y is None:
        return None
    return score_alone(model, x, y) if train is None else score_classifier(model, x, y, train=train)


def classifier_report(
    model: Classifier,
    x: Any,
    y: Any,
    scores: ClassScores | None,
    title: str | None,
    notes: Sequence[str],
    features: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
) -> Report:
    """Write the page.

    Args:
        model: the classifier.
        x: the samples.
        y: their labels; None where nobody knows them.
        scores: of these samples; None without labels.
        title: of the page.
        notes: sentences on the data to add.
        features: the names of the features of series.
        names: the names of the samples; numbers by default.
    """
    x = indexable("report", x, "series or texts")
    page = Page(title or f"Classifier of {named(model.labels)}")
    lead = [NOT_SCORED] if scores is None else scores.verdict.splitlines()
    sections = [] if scores is None else [_scores_section(page.columns, scores)]
    sections += [
        Section("Where it looks", attention_parts(page.columns, model, x, y, features, names)),
        Section("What was found in the samples", [Facts(_facts_of_samples(model, x, y)), Words(notes)]),
        Section("The model", [Facts(_facts_of_model(model)), *training_parts(page.columns, model)]),
    ]
    return page.report(lead, _cards(scores, len(x)), sections)


def _cards(scores: ClassScores | None, count: int) -> list[tuple[str, str, str]]:
    cards = [("samples", str(count), "" if scores is None else f"{len(scores.confusion)} classes")]
    if scores is None:
        return cards
    for name in ("accuracy", "balanced_accuracy"):
        values: dict[Any, float] = scores.scores[name].to_dict()
        own = values.pop("classifier")
        beside = [f"{method} {value:.1%}" for method, value in values.items()]
        cards.append((SCORES[name], f"{own:.1%}", ", ".join(beside)))
    return cards


def _scores_section(columns: Columns, scores: ClassScores) -> Section:
    table = Table(
        ["", *(SCORES.get(str(name), str(name)) for name in scores.scores.columns)],
        [[METHODS[str(method)], *(f"{value:.4g}" for value in row)] for method, row in _rows(scores.scores)],
        "Scores; larger is better, but for the log loss.",
    )
    by_class = Table(
        ["class", "precision", "recall", "F1", "samples"],
        [
            [str(name), *("" if np.isnan(value) else f"{value:.3f}" for value in row[:-1]), f"{row[-1]:.0f}"]
            for name, row in _rows(scores.by_class)
        ],
        "Of each class: precision is the share of right ones among those predicted, recall among those that are there.",
    )
    parts: list[Any] = [table, confusion_figure(columns, scores.confusion), by_class]
    alone = [] if len(scores.scores) > 1 else [Words([NO_BASELINES])]
    return Section("Is it any good? Scores and confusion", [*alone, *parts])


def _rows(table: pd.DataFrame) -> list[tuple[Any, np.ndarray]]:
    return list(zip(table.index, table.to_numpy("float64"), strict=True))


def confusion_figure(columns: Columns, confusion: pd.DataFrame) -> Figure:
    """True classes down, predicted ones across; the counts stand in the cells."""
    counts = confusion.to_numpy()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, ROW_HEIGHT * len(confusion) + FRAME))
    names = [look.plain(name) for name in confusion.index]
    hover = "true: <b>%{y}</b><br>predicted: <b>%{x}</b><br>%{text} samples, %{z:.0%} of the true ones"
    written = {"texttemplate": "%{text}"} if len(names) <= MOST_WRITTEN else {}
    z = [columns.numbers(row) for row in shares]
    cells = [columns.numbers(row) for row in counts]
    more = {"text": cells, "xgap": 1, "ygap": 1, "showscale": False, **written}
    spec = look.heat_map(z, names, names, (0, 1), hover, height, **more)
    spec["data"][0]["colorscale"] = [[0, "#ffffff"], [1, "#3b5b8c"]]
    spec["layout"]["xaxis"] |= {"title": look.titled("predicted"), "nticks": 0}
    spec["layout"]["yaxis"] |= {"title": look.titled("true"), "type": "category"}
    title = "True and predicted classes"
    note = "The number of samples; the darker, the larger the share of its row. On the diagonal they are right."
    return Figure(spec, f"{title}, {len(names)} of each", height, title, note)


def _facts_of_samples(model: Classifier, x: Any, y: Any) -> list[tuple[str, str]]:
    kind = "texts" if model.settings.is_text else "series"
    rows = [("samples", f"{len(x)} {kind}")]
    if not model.settings.is_text:
        lengths = [len(one) for one in x]
        steps = str(lengths[0]) if min(lengths) == max(lengths) else f"{min(lengths)} to {max(lengths)}"
        rows.append(("timesteps", f"{steps}; {model.settings.features} features"))
        missing = sum(int(np.isnan(np.asarray(one, "float64")).sum()) for one in x)
        rows.append(("missing values", str(missing) if missing else "none"))
    if y is not None:
        counts = pd.Series(
            [label for row in class_labels.as_rows("report", y, model.settings.multi_label) for label in row]
        ).value_counts()
        rows.append(("of each class", named([f"{label}: {count}" for label, count in counts.items()])))
    return rows


def _facts_of_model(model: Classifier) -> list[tuple[str, str]]:
    settings = model.settings
    attention = ", ".join(map(str, settings.attention)) if settings.attention else "none"
    rows = [("classes", named(model.labels)), ("network", network_in_words(model)), ("attention", attention)]
    if settings.is_text:
        rows.append(("vocabulary", f"{len(settings.words)} words"))
    rows.append(("temperature", as_text(model.temperature)))
    return [*rows, *facts_of_training(model)]
