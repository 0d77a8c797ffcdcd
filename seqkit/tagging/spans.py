"""Spans that IOB tags mark, scored whole: a span is right where its type, its first and its last token are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nervaluate import Evaluator


class SpanScores(NamedTuple):
    """Of spans of one type, or of all together."""

    precision: float
    recall: float
    f1: float
    support: int  # spans that there are


def span_scores(truth: Sequence[Sequence[Any]], given: Sequence[Sequence[Any]]) -> dict[str, SpanScores]:
    """Scores by type of span, and of all under `""`, as conlleval counts them.

    By nervaluate's strict matching; an I-X that does not go on with an X begins a span, as in conlleval.
    """
    types = sorted({str(tag)[2:] for rows in (truth, given) for row in rows for tag in row if str(tag)[1:2] == "-"})
    if not types:
        return {"": SpanScores(0.0, 0.0, 0.0, 0)}
    rows = [[[str(tag) for tag in row] for row in one] for one in (truth, given)]
    found = Evaluator(*rows, tags=types, loader="list").evaluate()
    named = {"": found["overall"]["strict"], **{kind: found["entities"][kind]["strict"] for kind in types}}
    return {kind: SpanScores(one.precision, one.recall, one.f1, one.possible) for kind, one in named.items()}
