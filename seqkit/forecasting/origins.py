"""The origins of a backtest: the rows before each, and the rows that are forecast from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from seqkit._errors import InvalidValue, keywords

WHERE = "backtest"


class Origin(NamedTuple):
    """The last row before a forecast, with the rows before and after it."""

    past: pd.DataFrame
    actual: pd.DataFrame  # (H, columns)


class Judged(NamedTuple):
    """A model in a backtest."""

    table: pd.DataFrame  # with the model's columns
    targets: Sequence[Any]
    horizon: int
    least_rows: int  # before the first origin
    frequency: str | None
    season: Any  # as it was asked for; None for the calendar's
    forecasts: Callable[[Sequence[pd.DataFrame]], list[pd.DataFrame]]  # of the pasts of all origins, `[H, C]` each
    remark: str = ""  # for the verdict
    measure: str = "mae"  # that the verdict of one table goes by


class Refits(NamedTuple):
    """How a backtest trains the model anew at each origin."""

    epochs: int | None
    budget: float | str | None
    seeds: Sequence[int]  # one for each origin
    jobs: int
    verbose: Any


def origins_of(judged: Judged, origins: int) -> list[Origin]:
    """Cut the table at the last horizons, or refuse one with too few rows or unknown targets."""
    table, horizon = judged.table, judged.horizon
    cuts = [len(table) - horizon * horizons for horizons in range(origins, 0, -1)]
    if cuts[0] < judged.least_rows:
        rows = f"rows leave {max(cuts[0], 0)} of {len(table)} rows before the first origin, {judged.least_rows} or more"
        raise InvalidValue(
            WHERE,
            keywords(origins=origins) + " of " + keywords(horizon=horizon) + f" {rows} are needed.",
            "Ask for fewer origins, or pass more rows.",
            argument="origins",
        )
    _refuse_unknown_targets(table.iloc[cuts[0] :], judged.targets)
    return [Origin(table.iloc[:cut], table.iloc[cut : cut + horizon]) for cut in cuts]


def _refuse_unknown_targets(actual: pd.DataFrame, targets: Sequence[Any]) -> None:
    unknown = [target for target in targets if actual[target].isna().all()]
    if unknown:
        raise InvalidValue(
            WHERE,
            f"target {unknown[0]!r} has no known value in the last {len(actual)} rows, so it cannot be scored there.",
            "Leave the target out, or end the table where its values end.",
            argument="table",
        )
