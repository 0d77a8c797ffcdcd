"""Refusals that a live model and its served graph say in the same words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from seqkit._errors import InvalidType, InvalidValue


@dataclass(frozen=True)
class Refusal:
    """The words of a refusal, with the names of its values in braces.

    A live model raises `error`; `_guards.guarded` lets a graph say the same problem and way out.

    Example:
        >>> refusal = Refusal("text number {position} has {words} words.", "Shorten it.")
        >>> print(refusal.error("predict", position=1, words=7))
        predict: text number 1 has 7 words. Shorten it.
    """

    problem: str
    way_out: str = ""

    def about(self, which: str) -> Refusal:
        """The same words about `which`, itself text with values in braces, in place of `{which}`."""
        return replace(self, problem=self.problem.replace("{which}", which))

    def error(
        self,
        where: str,
        *,
        kind: type[InvalidValue | InvalidType] = InvalidValue,
        argument: str | None = None,
        **values: Any,
    ) -> InvalidValue | InvalidType:
        """The error that a live model raises."""
        return kind(where, self.problem.format(**values), self.way_out.format(**values), argument)
