"""How good a tagger is: beside the most frequent tag of each word, span by span, and a plain word on it.

Shapes: B sequences, T steps.
"""

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
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.model import Tagger
from seqkit.tagging.spans import span_scores

WHERE = "score_tagger"
CHANCE = 0.05  # a lead that chance alone would give at least this often is called one that may be chance
UNKNOWN_TAGS = {"refuse": "an error that names the tag", "wrong": "as one that the model got wrong"}

Rows = Sequence[Sequence[Any]]


class TagScores(NamedTuple):
    """What sequences that the tagger was not trained on showed."""

    scores: pd.DataFrame  # accuracy, and of spans precision, recall and f1, of tagger and most_frequent
    by_tag: pd.DataFrame  # the tagger's precision, recall, f1 and support of each type of span, or of each tag
    verdict: str  # in plain words


def score_tagger(model: Tagger, x: Any, y: Any, *, train: tuple[Any, Any], unknown_tags: str = "refuse") -> TagScores:
    """Score a tagger on sequences it has not seen, beside the most frequent tag of each word.

    The baseline learns from `train` alone: each word, as it is written, gets the tag it had most often there, and a
    word that was not there, or a step of a series, the most frequent tag of all. Accuracy is the share of steps with
    the right tag. Where the model's tags mark spans (O, B-X, I-X), precision, recall and F1 count spans whose type,
    first and last token are all right, as conlleval does; by nervaluate.

    Args:
        model: the tagger, trained.
        x: sentences or series that were held back from training.
        y: their tags.
        train: the pair `(x, y)` it was trained on.
        unknown_tags: what to do where `y` has a tag that the model does not know: `"refuse"`, or `"wrong"`, to count
            it as one that the model got wrong.

    Returns:
        `TagScores`. Its `verdict` says plainly where the tagger is no better than the baseline, and whether its lead in
        accuracy may be chance (exact sign test over the sequences that one of the two tagged better).

    Raises:
        TypeError: `model` is no `Tagger`, `train` no pair, sequences or tags are none.
        ValueError: tags are unknown to the model, or not as many as there are tokens or steps.

    Example:
        >>> import seqkit
        >>> x, y = [["so", "it", "is"], ["it", "was"]], [["ADV", "PRON", "VERB"], ["PRON", "VERB"]]
        >>> model = seqkit.build_tagger(like=x, tags=y, units=2)
        >>> found = score_tagger(model, [["is", "it"]], [["VERB", "PRON"]], train=(x, y))
        >>> float(found.scores.loc["most_frequent", "accuracy"])
        1.0
    """
    if not isinstance(model, Tagger):
        raise InvalidType(
            WHERE,
            f"model must be a Tagger, got {type(model).__name__}.",
            "Make one with train_tagger.",
            argument="model",
        )
    if not isinstance(train, (tuple, list)) or len(train) != 2:
        raise InvalidType(
            WHERE, "train must be the pair (x, y) of training sequences.", "Pass train=(x, y).", argument="train"
        )
    learnt, learnt_tags = _read(model, f"{WHERE}: train", *train)
    _checks.choice(WHERE, "unknown_tags", unknown_tags, UNKNOWN_TAGS)
    rows, truth = _read(model, WHERE, x, y, unknown_tags)
    given = {
        "tagger": model.predict_tags(x),
        "most_frequent": _most_frequent(learnt, learnt_tags, rows, model.settings.is_text),
    }
    spans = tag_rows.are_spans(model.tags)
    scores = {name: _scores(truth, one, spans) for name, one in given.items()}
    return TagScores(
        pd.DataFrame.from_dict(scores, orient="index").rename_axis("method"),
        _by_span(truth, given["tagger"]) if spans else _by_tag(truth, given["tagger"]),
        _verdict(scores, truth, given, model.settings.is_text) + _said_of_unknown(truth, model.tags),
    )


def _read(model: Tagger, where: str, x: Any, y: Any, unknown_tags: str = "refuse") -> tuple[Rows, Rows]:
    """Tokens or steps, and their tags, all known to the model unless others are to count as wrong."""
    own = model.settings
    rows: Any = inputs.as_series(where, x, own.features) if not own.is_text else None
    if rows is None:
        rows = inputs.as_sentences(where, x, own.splitting).tokens
    tags = tag_rows.as_rows(where, y)
    inputs.pair_up(where, rows, tags, "tags", "tokens" if own.is_text else "steps")
    if unknown_tags == "refuse":
        tag_rows.encode(where, tags, model.tags)
    if not any(map(len, tags)):
        raise InvalidValue(where, "no tags at all.", "Pass sequences with one step or more.")
    tag_rows.as_rows(f"{where}: the tagger's and those given", [model.tags, *tags])  # all text, or all numbers
    return rows, tags


def _most_frequent(learnt: Rows, learnt_tags: Rows, rows: Rows, is_text: bool) -> list[list[Any]]:
    """The tag that each word had most often in training; of those that had it as often, the first in order."""
    overall = _first(Counter(tag for row in learnt_tags for tag in row))
    if not is_text:
        return [[overall] * len(row) for row in rows]
    counts: dict[str, Counter[Any]] = defaultdict(Counter)
    for tokens, tags in zip(learnt, learnt_tags, strict=True):
        for token, tag in zip(tokens, tags, strict=True):
            counts[token][tag] += 1
    best = {token: _first(one) for token, one in counts.items()}
    return [[best.get(token, overall) for token in tokens] for tokens in rows]


def _first(counts: Counter[Any]) -> Any:
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _joined(rows: Rows) -> list[Any]:
    return [tag for row in rows for tag in row]


def _scores(truth: Rows, given: Rows, spans: bool) -> dict[str, float]:
    found = {"accuracy": float(metrics.accuracy_score(*_numbers(truth, given)))}
    if spans:
        of_all = span_scores(truth, given)[""]
        found |= {"precision": of_all.precision, "recall": of_all.recall, "f1": of_all.f1}
    return found


def _numbers(truth: Rows, given: Rows) -> tuple[list[int], list[int]]:
    places = {tag: place for place, tag in enumerate(sorted({*_joined(truth), *_joined(given)}))}
    return [places[tag] for tag in _joined(truth)], [places[tag] for tag in _joined(given)]


def _by_span(truth: Rows, given: Rows) -> pd.DataFrame:
    found = {kind: one._asdict() for kind, one in span_scores(truth, given).items() if kind}
    table = pd.DataFrame.from_dict(found, orient="index", columns=["precision", "recall", "f1", "support"])
    return table.rename_axis("span")


def _by_tag(truth: Rows, given: Rows) -> pd.DataFrame:
    columns = metrics.precision_recall_fscore_support(*_numbers(truth, given), zero_division=np.nan)
    tags = pd.Index(sorted({*_joined(truth), *_joined(given)}), name="tag")
    return pd.DataFrame(dict(zip(("precision", "recall", "f1", "support"), columns, strict=True)), index=tags)


def _verdict(scores: Mapping[str, Mapping[str, float]], truth: Rows, given: Mapping[str, Rows], is_text: bool) -> str:
    own, other = scores["tagger"], scores["most_frequent"]
    main = "f1" if "f1" in own else "accuracy"
    names = {"f1": "span F1", "accuracy": "accuracy"}
    rival = "the most frequent tag of each word" if is_text else "the most frequent tag"
    kind, unit = ("sentence", "token") if is_text else ("series", "step")
    figures = " and ".join(f"{names[name]} is {own[name]:.1%}" for name in dict.fromkeys((main, "accuracy")))
    lead = round(100 * (own[main] - other[main]), 9)
    said = f"On {_count(len(truth), kind)} of {_count(len(_joined(truth)), unit)} the tagger's {figures}. " + (
        f"It beats {rival} by {lead:.1f} points of {names[main]}."
        if lead > 0
        else f"It is no better than {rival}, whose {names[main]} is {other[main]:.1%}."
    )
    p = _sign_test(truth, given["tagger"], given["most_frequent"])
    by_chance = own["accuracy"] > other["accuracy"] and p >= CHANCE
    return said + (f" The lead in accuracy (p = {p:.2g}) may be chance." if by_chance else "")


def _said_of_unknown(truth: Rows, known: Sequence[Any]) -> str:
    unknown = [tag for tag in _joined(truth) if tag not in known]
    if not unknown:
        return ""
    names = _checks.listed(sorted(set(unknown)))
    return f" The tagger does not know {names}; {_count(len(unknown), 'tag')} of that name count as wrong."


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' * (number != 1 and unit != 'series')}"


def _sign_test(truth: Rows, own: Rows, other: Rows) -> float:
    """How often chance alone would divide the sequences that one of two tagged better as unequally, or more so."""
    leads = np.subtract(_right(truth, own), _right(truth, other))
    won, lost = int((leads > 0).sum()), int((leads < 0).sum())
    return float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


def _right(truth: Rows, given: Rows) -> list[int]:
    """How many steps of each sequence have the right tag."""
    return [sum(one == other for one, other in zip(*rows, strict=True)) for rows in zip(truth, given, strict=True)]
