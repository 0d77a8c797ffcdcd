"""Scores of the spans that IOB tags mark: a span is right if its type, its first and its last token are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nervaluate import Evaluator


class SpanScores(NamedTuple):
    """Scores of the spans of one type, or of all types together."""

    precision: float
    recall: float
    f1: float
    support: int  # spans in the true tags


def span_scores(truth: Sequence[Sequence[Any]], predicted: Sequence[Sequence[Any]]) -> dict[str, SpanScores]:
    """Score the spans of each type, and under `""` the spans of all types, as conlleval does.

    nervaluate compares them, by its strict rule. An I-X that does not continue an X begins a new span.
    """
    types = sorted({str(tag)[2:] for rows in (truth, predicted) for row in rows for tag in row if str(tag)[1:2] == "-"})
    if not types:
        return {"": SpanScores(0.0, 0.0, 0.0, 0)}
    tags = [[[str(tag) for tag in row] for row in rows] for rows in (truth, predicted)]
    results = Evaluator(*tags, tags=types, loader="list").evaluate()
    strict = {"": results["overall"]["strict"], **{name: results["entities"][name]["strict"] for name in types}}
    return {name: SpanScores(row.precision, row.recall, row.f1, row.possible) for name, row in strict.items()}
