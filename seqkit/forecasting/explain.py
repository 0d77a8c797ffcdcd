"""What a forecast is made of: the contribution of each covariate and of each past season.

Shapes: N rows (steps of the horizon, of each target and series), P parts, T timesteps, H horizon.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit._errors import InvalidType, SeqkitWarning, warn
from seqkit._shown import shown_shortly
from seqkit.data.known_ahead import PAST, STATIC, TIME
from seqkit.forecasting.explained_calendar import (
    answers_of_states,
    contributions_with_calendar,
    state_of,
    state_without,
)
from seqkit.forecasting.explained_parts import (
    blocks_of_past,
    cells_of,
    checked_reference,
    parts_of_input,
    reference_of,
)
from seqkit.forecasting.explained_windows import Latest, latest_of
from seqkit.forecasting.integrated_gradients import (
    LARGEST_REMAINDER,
    MOST_POINTS,
    WHERE,
    Contributions,
)
from seqkit.forecasting.model import Forecaster

MOST_NAMED = 3  # parts in a verdict


@shown_shortly
class Explanation(NamedTuple):
    """The result of `explain`; the rows of a panel are indexed by series too, those of several targets by target.

    Example:
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> days = pd.date_range("2024-03-01", periods=2, freq="D")
        >>> why = sk.Explanation(
        ...     parts=pd.DataFrame({"own past": [5.0, 4.0], "promotion": [0.0, 30.0]}, days),
        ...     forecast=pd.DataFrame({"forecast": [105.0, 134.0], "baseline": [100.0, 100.0]}, days),
        ...     without=pd.DataFrame({"own past": [100.0, 129.0], "promotion": [105.0, 104.0]}, days),
        ...     reference=pd.DataFrame({"sales": [100.0], "promotion": [0.0]}),
        ...     past=pd.DataFrame({"value": [98.0, 105], "part": [1, 4.0], "weight": [1, 4.0]}, days - 2 * days.freq),
        ...     remainder=0.0,
        ...     verdict="The promotion raises the forecast most.",
        ... )
        >>> (why.forecast["baseline"] + why.parts.sum(axis=1)).tolist() == why.forecast["forecast"].tolist()
        True
        >>> (why.forecast["forecast"] / why.without["promotion"]).round(2).tolist()
        [1.0, 1.29]
    """

    parts: pd.DataFrame  # [N, P], the contributions in the units of the target; NaN where a window lacks the part
    forecast: pd.DataFrame  # [N, 2]: forecast, and baseline: the forecast of the reference
    without: pd.DataFrame  # [N, P], the forecast where this part alone is at its reference
    reference: pd.DataFrame  # the reference value of each column, a row for each series
    past: pd.DataFrame  # the target's own rows that were read: value, part, and weight: its mean size over the steps
    remainder: float  # of the integral, that was spread over the parts, as a share of their sizes; the largest
    verdict: str


def explain(
    model: Any,
    table: pd.DataFrame,
    future: Any = None,
    *,
    static: Any = None,
    series: Hashable | Sequence[Hashable] | None = None,
    reference: Mapping[Any, float] | None = None,
) -> Explanation:
    """Divide each value of `model.forecast(table, future=future)` among the covariates and the past seasons.

    The forecast is compared with its baseline, the forecast of a reference: the target's past flat at the mean of the
    window, each other column at its usual value there (of two values, such as no promotion and promotion, the more
    frequent one, and of words too; else the mean), static columns at their mean in the training, and static words
    unknown, and the calendar at its mean in the training. The parts are integrated gradients along
    the straight way between both (Sundararajan et al. 2017). In each row they sum to the forecast minus the baseline,
    whatever members, transform and scaling the model has: the integral is taken at so many points that 1 % of the
    parts' sizes or less is left, and what is left is spread over them. Words are put in, one column after
    another (`contributions_with_words`), and so are the parts of the calendar (`contributions_with_calendar`).

    Effects that multiply share what they make together: where a season of +20 % meets a promotion of +30 %, neither
    part has its percent. So `without` holds the forecast with one part at its reference: `forecast / without - 1` is
    the effect of a promotion in percent, beside everything else. Such effects do not sum to anything.

    What the model makes of its input is explained, not what causes the sales; `check_explanation` tests whether large
    parts matter to the model. The first call compiles the gradients of the model, which can take some ten seconds.

    Args:
        model: a forecaster, trained or pretrained (`weights="synthetic"`).
        table: as `forecast` takes it.
        future: as `forecast` takes it, H rows.
        static: as `forecast` takes it.
        series: of a panel, the series to explain, one or a list; all by default.
        reference: other reference values, by column: `{"price": 3.5, "promotion": 0, "kind": "none"}`.

    Returns:
        `Explanation`. The parts: each column that is known ahead by its name, each part of the calendar as
        "calendar: weekday", the past of each other column as "price: past", static columns by their names, and the
        target's own past as "last season", "2 seasons back" and so on to "older"; without a season as "last row",
        "rows 2 to 3 back" and so on.

    Raises:
        TypeError, ValueError: no forecaster; what `forecast` refuses; an unknown series; a panel in which no series has
            a window; a reference that the column cannot have, or of an unknown column.

    Example:
        >>> days = pd.date_range("2024-01-01", periods=60, freq="D")
        >>> promotion = (np.arange(60) % 9 == 0) * 1.0
        >>> shop = pd.DataFrame({"sales": 100 * 1.3**promotion, "promotion": promotion}, days)
        >>> from seqkit import build_forecaster
        >>> model = build_forecaster(like=shop[:53], targets="sales", future_columns="promotion", horizon=7, units=3)
        >>> found = explain(model, shop[:53], shop[["promotion"]][53:])
        >>> bool(np.allclose(found.parts.sum(axis=1), found.forecast["forecast"] - found.forecast["baseline"]))
        True
    """
    if not isinstance(model, Forecaster):
        problem = f"model must be a forecaster, got {type(model).__name__}."
        raise InvalidType(WHERE, problem, "Make one with build_forecaster.", argument="model")
    model.refuse_unadapted(WHERE)
    given = checked_reference(model.settings, reference)
    windows = latest_of(model, table, future, static, series)
    found = [_Explained(model, window, given) for window in windows]
    targets = range(len(model.settings.targets))
    parts = pd.concat([one.parts(at) for one in found for at in targets])
    names = [name for name in _names(model) if parts[name].notna().any()]
    without = pd.concat([one.without(at) for one in found for at in targets])[names]
    ends = pd.concat([one.ends(at) for one in found for at in targets])
    past = pd.concat([one.history(at) for one in found for at in targets])
    remainder = max(one.contributions.remainder for one in found)
    _warn_of(remainder)
    references = pd.DataFrame([one.usual() for one in found], _names_of(windows, model.settings.series))
    return Explanation(parts[names], ends, without, references, past, remainder, _verdict(parts[names]))


def _names(model: Forecaster) -> list[Any]:
    """The names of the parts of all targets, the past seasons last."""
    of_each = [[part.name for part in parts_of_input(model.settings, target)] for target in model.settings.targets]
    last = len(blocks_of_past(model.settings))
    return list(dict.fromkeys([name for names in of_each for name in names[:-last]] + of_each[0][-last:]))


def _names_of(windows: list[Latest], series: Any) -> pd.Index:
    names = ["reference"] if windows[0].series is None else [window.series for window in windows]
    return pd.Index(names, name=series)


class _Explained:
    """A window, explained."""

    def __init__(self, model: Forecaster, window: Latest, given: Mapping[Any, float]) -> None:
        self.model, self.settings, self.window = model, model.settings, window
        self.reference = reference_of(model, window.inputs, given)
        self.contributions: Contributions = contributions_with_calendar(model, self.reference, window.inputs)

    def _index(self, times: pd.Index, at: int) -> pd.Index:
        """The times, below the series of a panel and the target of several."""
        above = [(self.settings.series, self.window.series)] if self.window.series is not None else []
        above += [("target", self.settings.targets[at])] if len(self.settings.targets) > 1 else []
        if not above:
            return times
        names, values = zip(*above, strict=True)
        arrays = [pd.Index([value]).repeat(len(times)) for value in values]
        return pd.MultiIndex.from_arrays([*arrays, times], names=[*names, times.name])

    def _table(self, at: int, values: Mapping[Any, Any]) -> pd.DataFrame:
        """Values `[H]` by part, with NaN for what the window lacks."""
        table = pd.DataFrame(values, self._index(self.window.ahead, at))
        return table.reindex(columns=_names(self.model)).astype("float64")

    def _parts(self, at: int) -> dict[Any, tuple[Any, np.ndarray]]:
        """The parts of the window for a target, and their cells."""
        parts = parts_of_input(self.settings, self.settings.targets[at])
        found = {part.name: (part, cells_of(part, self.window.inputs)) for part in parts}
        return {name: pair for name, pair in found.items() if pair[1].any()}

    def parts(self, at: int) -> pd.DataFrame:
        """The contributions to a target `[H, P]`."""
        by_source = self.contributions.cells
        values = {
            name: by_source[part.source][:, at][:, cells].sum(axis=1)
            for name, (part, cells) in self._parts(at).items()
            if part.source != TIME
        }
        return self._table(at, values | {name: part[:, at] for name, part in self.contributions.calendar.items()})

    def without(self, at: int) -> pd.DataFrame:
        """The forecasts of a target `[H, P]`, each with one part at its reference."""
        parts, whole = self._parts(at), state_of(self.model, self.window.inputs)
        moved = [state_without(part, whole, self.reference) for part, _ in parts.values()]
        answers = answers_of_states(self.model, moved)
        return self._table(at, dict(zip(parts, answers[:, :, at], strict=True)))

    def ends(self, at: int) -> pd.DataFrame:
        """The forecast of a target and its baseline."""
        found = self.contributions
        ends = {"forecast": found.forecast[:, at], "baseline": found.baseline[:, at]}
        return pd.DataFrame(ends, self._index(self.window.ahead, at))

    def history(self, at: int) -> pd.DataFrame:
        """The target's own past, the part that each row is of, and its weight."""
        own, rows = self.settings.target_positions[at], len(self.window.past)
        part = np.empty(self.settings.timesteps, object)
        for name, block in blocks_of_past(self.settings).items():
            part[block] = name
        weight = np.abs(self.contributions.cells[PAST][:, at, -rows:, own]).mean(axis=0)
        value = self.window.inputs[PAST][-rows:, own].astype("float64")
        return pd.DataFrame({"value": value, "part": part[-rows:], "weight": weight}, self._index(self.window.past, at))

    def usual(self) -> dict[Any, Any]:
        """The reference value of each column, or its word."""
        known = [column[~np.isnan(column)] for column in self.reference[PAST].T]
        values = [float(column[0]) if len(column) else np.nan for column in known]
        found = dict(zip(self.settings.table_columns, [*values, *self.reference.get(STATIC, ())], strict=True))
        words = self.settings.words
        return {name: _word(words[name], value) if name in words else value for name, value in found.items()}


def _word(words: tuple[str, ...], code: float) -> str | None:
    return words[int(code) - 1] if code > 0 else None


def _warn_of(remainder: float) -> None:
    if remainder > LARGEST_REMAINDER:
        problem = f"the integral of {MOST_POINTS} points leaves {remainder:.1%} of the parts' sizes, spread over them."
        warn(SeqkitWarning(WHERE, problem, "Take each part as a rough number."))


def _verdict(parts: pd.DataFrame) -> str:
    sizes = parts.abs().mean().sort_values(ascending=False)
    total = float(sizes.sum())
    if not total > 0:
        return "Nothing in the input moves the forecast from its baseline."
    named = [
        f"{name!r} {size / total:.0%} ({parts[name].mean():+.3g} a step)" for name, size in sizes[:MOST_NAMED].items()
    ]
    return f"Of what moves the forecast from its baseline, most is due to {', '.join(named)}."
