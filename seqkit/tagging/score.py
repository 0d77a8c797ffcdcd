"""Score a tagger on held-out sequences, beside the most frequent tag of each word, with a verdict in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn import metrics

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit._shown import shown_shortly
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.model import Tagger
from seqkit.tagging.spans import span_scores

WHERE = "score_tagger"
SIGNIFICANCE_LEVEL = 0.05  # the verdict says "may be chance" when p is this or more
UNKNOWN_TAG_CHOICES = {"refuse": "an error that names the tag", "wrong": "counted as a wrong prediction"}

Rows = Sequence[Sequence[Any]]


@shown_shortly
class TagScores(NamedTuple):
    """Scores of a tagger and of a baseline on held-out sequences.

    Example:
        >>> import seqkit as sk
        >>> x, y = [["so", "it", "is"], ["it", "was"]], [["ADV", "PRON", "VERB"], ["PRON", "VERB"]]
        >>> model = sk.build_tagger(like=x, tags=y, units=2)
        >>> scored = sk.score_tagger(model, [["is", "it"]], [["VERB", "PRON"]], train=(x, y))
        >>> scored.scores.index.tolist(), int(scored.by_tag["support"].sum())
        (['tagger', 'most_frequent'], 2)
    """

    scores: pd.DataFrame  # rows tagger and most_frequent; accuracy, and for spans precision, recall and f1
    by_tag: pd.DataFrame  # the tagger's precision, recall, f1 and support for each type of span, or for each tag
    verdict: str  # in plain words


def score_tagger(model: Tagger, x: Any, y: Any, *, train: tuple[Any, Any], unknown_tags: str = "refuse") -> TagScores:
    """Score a tagger on sequences it has not seen, beside a baseline: the most frequent tag of each word.

    The baseline learns from `train` alone. Each word, as it is written, gets the tag it had most often there. A word
    that is not in `train`, and each step of a series, gets the most frequent tag of all. Accuracy is the share of
    steps with the right tag. If the model's tags mark spans (O, B-X, I-X), precision, recall and F1 count the spans
    whose type, first and last token are all right, as conlleval does; nervaluate computes them.

    Args:
        model: the tagger, trained.
        x: held-out sentences or series.
        y: their tags.
        train: the pair `(x, y)` that the model was trained on.
        unknown_tags: what to do if `y` has a tag that the model does not know: `"refuse"` it, or count its steps as
            `"wrong"` predictions.

    Returns:
        `TagScores`. Its `verdict` says if the tagger is no better than the baseline, and if its lead in accuracy may be
        chance: if p is 0.05 or more in an exact sign test over the sequences that one of the two tagged better.

    Raises:
        TypeError: `model` is not a `Tagger`, `train` is not a pair, or `x` or `y` does not hold sequences or tags.
        ValueError: a tag is unknown to the model, or the number of tags differs from that of tokens or steps.

    Example:
        >>> import seqkit
        >>> x, y = [["so", "it", "is"], ["it", "was"]], [["ADV", "PRON", "VERB"], ["PRON", "VERB"]]
        >>> model = seqkit.build_tagger(like=x, tags=y, units=2)
        >>> result = score_tagger(model, [["is", "it"]], [["VERB", "PRON"]], train=(x, y))
        >>> float(result.scores.loc["most_frequent", "accuracy"])
        1.0
    """
    if not isinstance(model, Tagger):
        raise InvalidType(
            WHERE, f"model must be a Tagger, got {type(model).__name__}.", "Make one with train_tagger.", "model"
        )
    train_rows, train_tags = _checked_rows(model, f"{WHERE}: train", *inputs.as_pair(WHERE, "train", train))
    _checks.choice(WHERE, "unknown_tags", unknown_tags, UNKNOWN_TAG_CHOICES)
    rows, truth = _checked_rows(model, WHERE, x, y, unknown_tags)
    is_text = model.settings.is_text
    predicted = {
        "tagger": model.predict_tags(x),
        "most_frequent": _most_frequent_tags(train_rows, train_tags, rows, is_text),
    }
    has_spans = tag_rows.are_span_tags(model.tags)
    scores = {name: _scores(truth, tags, has_spans) for name, tags in predicted.items()}
    return TagScores(
        pd.DataFrame.from_dict(scores, orient="index").rename_axis("method"),
        (_by_span if has_spans else _by_tag)(truth, predicted["tagger"]),
        _verdict(scores, truth, predicted, is_text) + _unknown_tags_note(truth, model.tags),
    )


def _checked_rows(model: Tagger, where: str, x: Any, y: Any, unknown_tags: str = "refuse") -> tuple[Rows, Rows]:
    """Return the tokens or steps, and their tags; refuse unknown tags unless they are to count as wrong."""
    settings = model.settings
    rows: Any
    if settings.is_text:
        rows = inputs.as_sentences(where, x, settings.splitting).tokens
    else:
        rows = inputs.as_series(where, x, settings.features, settings.feature_names)
    tags = tag_rows.as_rows(where, y)
    inputs.refuse_unpaired(where, rows, tags, "tags", "tokens" if settings.is_text else "steps")
    if unknown_tags == "refuse":
        tag_rows.encode(where, tags, model.tags)
    if not any(map(len, tags)):
        raise InvalidValue(where, "no tags at all.", "Pass sequences with one step or more.")
    tag_rows.as_rows(f"{where}: tags of the tagger and of y", [model.tags, *tags])  # refuses text beside numbers
    return rows, tags


def _most_frequent_tags(train_rows: Rows, train_tags: Rows, rows: Rows, is_text: bool) -> list[list[Any]]:
    """Return for each word the most frequent tag it had in training."""
    overall = _most_frequent(Counter(_flat(train_tags)))
    if not is_text:
        return [[overall] * len(row) for row in rows]
    counts: dict[str, Counter[Any]] = defaultdict(Counter)
    for token, tag in zip(_flat(train_rows), _flat(train_tags), strict=True):
        counts[token][tag] += 1
    by_word = {token: _most_frequent(tag_counts) for token, tag_counts in counts.items()}
    return [[by_word.get(token, overall) for token in tokens] for tokens in rows]


def _most_frequent(counts: Counter[Any]) -> Any:
    """Return the most frequent tag; of equally frequent tags, the first in sorted order."""
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _flat(rows: Rows) -> list[Any]:
    return [value for row in rows for value in row]


def _scores(truth: Rows, predicted: Rows, has_spans: bool) -> dict[str, float]:
    scores = {"accuracy": float(metrics.accuracy_score(*_numbers(truth, predicted)))}
    if has_spans:
        all_spans = span_scores(truth, predicted)[""]
        scores |= {"precision": all_spans.precision, "recall": all_spans.recall, "f1": all_spans.f1}
    return scores


def _numbers(truth: Rows, predicted: Rows) -> tuple[list[int], list[int]]:
    """Return the true and the predicted tags of all steps as numbers."""
    true_tags, predicted_tags = _flat(truth), _flat(predicted)
    numbers = {tag: number for number, tag in enumerate(sorted({*true_tags, *predicted_tags}))}
    return [numbers[tag] for tag in true_tags], [numbers[tag] for tag in predicted_tags]


def _by_span(truth: Rows, predicted: Rows) -> pd.DataFrame:
    scores = {name: row._asdict() for name, row in span_scores(truth, predicted).items() if name}
    table = pd.DataFrame.from_dict(scores, orient="index", columns=["precision", "recall", "f1", "support"])
    return table.rename_axis("span")


def _by_tag(truth: Rows, predicted: Rows) -> pd.DataFrame:
    columns = metrics.precision_recall_fscore_support(*_numbers(truth, predicted), zero_division=np.nan)
    tags = pd.Index(sorted({*_flat(truth), *_flat(predicted)}), name="tag")
    return pd.DataFrame(dict(zip(("precision", "recall", "f1", "support"), columns, strict=True)), index=tags)


def _verdict(
    scores: Mapping[str, Mapping[str, float]], truth: Rows, predicted: Mapping[str, Rows], is_text: bool
) -> str:
    tagger, baseline = scores["tagger"], scores["most_frequent"]
    metric = "f1" if "f1" in tagger else "accuracy"
    metric_names = {"f1": "span F1", "accuracy": "accuracy"}
    baseline_name = "the most frequent tag of each word" if is_text else "the most frequent tag"
    sequence, step = ("sentence", "token") if is_text else ("series", "step")
    figures = " and ".join(
        f"{metric_names[name]} is {tagger[name]:.1%}" for name in dict.fromkeys((metric, "accuracy"))
    )
    lead = round(100 * (tagger[metric] - baseline[metric]), 9)
    size = f"{_count(len(truth), sequence)} of {_count(len(_flat(truth)), step)}"
    verdict = f"On {size} the tagger's {figures}. " + (
        f"It beats {baseline_name} by {lead:.1f} points of {metric_names[metric]}."
        if lead > 0
        else f"It is no better than {baseline_name}, whose {metric_names[metric]} is {baseline[metric]:.1%}."
    )
    p = _sign_test(truth, predicted["tagger"], predicted["most_frequent"])
    may_be_chance = tagger["accuracy"] > baseline["accuracy"] and p >= SIGNIFICANCE_LEVEL
    return verdict + (f" The lead in accuracy (p = {p:.2g}) may be chance." if may_be_chance else "")


def _unknown_tags_note(truth: Rows, model_tags: Sequence[Any]) -> str:
    unknown = [tag for tag in _flat(truth) if tag not in model_tags]
    if not unknown:
        return ""
    names = _checks.listed(sorted(set(unknown)))
    return f" The tagger does not know {names}; {_count(len(unknown), 'tag')} of that name count as wrong."


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' * (number != 1 and unit != 'series')}"


def _sign_test(truth: Rows, tagger: Rows, baseline: Rows) -> float:
    """Return the p-value of the exact, two-sided sign test over the sequences that one of the two tagged better."""
    leads = np.subtract(_correct_steps(truth, tagger), _correct_steps(truth, baseline))
    wins, losses = int((leads > 0).sum()), int((leads < 0).sum())
    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0


def _correct_steps(truth: Rows, predicted: Rows) -> list[int]:
    """Count the steps of each sequence that have the right tag."""
    rows = zip(truth, predicted, strict=True)
    return [sum(tag == prediction for tag, prediction in zip(*row, strict=True)) for row in rows]
