"""A deletion check of `explain`: whether the forecast moves more without its largest parts than without others.

Shapes: B windows, P parts, H horizon, C targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType
from seqkit._shown import shown_shortly
from seqkit.data.known_ahead import TIME
from seqkit.data.panels import is_panel
from seqkit.data.windows import Windows
from seqkit.forecasting import panels, tables
from seqkit.forecasting.explained_calendar import (
    State,
    answers_of_states,
    contributions_with_calendar,
    state_of,
    state_without,
)
from seqkit.forecasting.explained_parts import (
    cells_of,
    checked_reference,
    parts_of_input,
    reference_of,
)
from seqkit.forecasting.explained_windows import by_name
from seqkit.forecasting.integrated_gradients import Contributions
from seqkit.forecasting.model import Forecaster

WHERE = "check_explanation"
NOISE_DEVIATIONS = 3  # a random order differs by more from five others in about 1 of 20 cases (Student's t)
SMALLEST_AREA = 0.01  # of the way to the baseline; a smaller area is too small to matter


@shown_shortly
class ExplanationCheck(NamedTuple):
    """The result of `check_explanation`.

    Example:
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> distances = {"largest_first": [0.0, 0.8, 1.0], "random": [0.0, 0.5, 1.0], "smallest_first": [0.0, 0.2, 1.0]}
        >>> check = sk.ExplanationCheck(pd.DataFrame(distances), area=0.1, verdict="Large parts matter more.")
        >>> check.curve["largest_first"].tolist()
        [0.0, 0.8, 1.0]
    """

    curve: pd.DataFrame  # distance by number of parts removed: largest_first, random, random_spread, smallest_first
    area: float  # between largest_first and random: their mean difference over the numbers
    verdict: str  # in plain words


def check_explanation(
    model: Any,
    table: pd.DataFrame,
    *,
    windows: int = 20,
    repeats: int = 5,
    seed: int = 0,
    reference: Mapping[Any, float] | None = None,
) -> ExplanationCheck:
    """Remove the parts that `explain` calls large, and see whether the forecast moves more than without random ones.

    As `deletion_curve` does it for attention (Samek et al. 2017): in windows of the table, one part after another is
    put at its reference, in the order of their sizes, in the reverse and in random orders. The distance is the mean
    absolute difference from the forecast, over that of the baseline: 0 with all parts, 1 without any.

    Args:
        model: a forecaster.
        table: a table or a panel that holds the columns that are known ahead too, T + H rows or more.
        windows: how many windows, B, at even distances.
        repeats: the number of random orders of each window, 2 or more.
        seed: of the random orders.
        reference: as in `explain`.

    Returns:
        `ExplanationCheck`. `curve` has a row for each number of parts removed; `random_spread` is the standard
        deviation over the repeats. `area` is above 0 where large parts matter more. `verdict` is a sentence.

    Raises:
        TypeError, ValueError: no forecaster, a table that `predict` refuses, a number that is too small, or what
            `explain` refuses of `reference`.

    Example:
        >>> import numpy as np
        >>> import pandas as pd
        >>> import seqkit as sk
        >>> promotion = (np.arange(60) % 9 == 0) * 1.0
        >>> days = pd.date_range("2024-01-01", periods=60, freq="D")
        >>> shop = pd.DataFrame({"sales": 100 * 1.3**promotion, "promotion": promotion}, days)
        >>> model = sk.build_forecaster(like=shop, targets="sales", future_columns="promotion", horizon=7, units=3)
        >>> check = sk.check_explanation(model, shop, windows=2, repeats=2)
        >>> check.curve.columns.tolist()
        ['largest_first', 'random', 'random_spread', 'smallest_first']
    """
    if not isinstance(model, Forecaster):
        problem = f"model must be a forecaster, got {type(model).__name__}."
        raise InvalidType(WHERE, problem, "Make one with build_forecaster.", argument="model")
    model.refuse_unadapted(WHERE)
    count = _checks.whole_number(WHERE, "windows", windows)
    repeats = _checks.whole_number(WHERE, "repeats", repeats, least=2)
    random = np.random.default_rng(_checks.seed(WHERE, seed))
    given = checked_reference(model.settings, reference)
    cut = _windows(model, table)
    chosen = np.unique(np.linspace(0, len(cut) - 1, count).round().astype(int))
    found = []
    for at in chosen:
        inputs = by_name(cut[int(at)].x)
        usual = reference_of(model, inputs, given)
        contributions = contributions_with_calendar(model, usual, inputs)
        for target in range(len(model.settings.targets)):
            deletions = _Deletions(model, inputs, usual, contributions, target)
            found.append(deletions.curves(repeats, random))
    most = max(curves.shape[1] for curves in found)
    # A window that lacks parts, as its first rows are unknown, stays where it is after its last one.
    longest = [np.pad(curves, ((0, 0), (0, most - curves.shape[1])), mode="edge") for curves in found]
    return _check(np.stack(longest), len(chosen))


def _windows(model: Forecaster, table: Any) -> Windows:
    """The windows of a table or a panel, each with its future."""
    if is_panel(table):
        panel = panels.model_panel(model.settings, table, WHERE, with_past=True)
        return panels.past_windows(model.settings, panel, WHERE)
    return tables.past_windows(model.settings, tables.model_table(model.settings, table, WHERE, with_past=True))


class _Deletions:
    """A window and a target, whose parts are put at their reference one after another."""

    def __init__(
        self,
        model: Forecaster,
        inputs: dict[str, np.ndarray],
        reference: dict[str, np.ndarray],
        found: Contributions,
        at: int,
    ) -> None:
        self.model, self.inputs, self.reference, self.at = model, inputs, reference, at
        self.forecast, self.baseline = found.forecast[:, at], found.baseline[:, at]
        parts = [(part, cells_of(part, inputs)) for part in parts_of_input(model.settings, model.settings.targets[at])]
        parts = [(part, cells) for part, cells in parts if cells.any()]
        self.parts = [part for part, _ in parts]
        shares = [
            (found.calendar[part.name] if part.source == TIME else found.cells[part.source][..., cells].sum(-1))[:, at]
            for part, cells in parts
        ]
        self.sizes = np.abs(shares).mean(axis=1)

    def curves(self, repeats: int, random: np.random.Generator) -> np.ndarray:
        """Distances `[2 + repeats, P + 1]`, largest first, smallest, random; in a last row that of the baseline."""
        order = np.argsort(-self.sizes, kind="stable")
        orders = [order, order[::-1], *(random.permutation(len(order)) for _ in range(repeats))]
        answers = answers_of_states(self.model, [state for one in orders for state in self._without_more_and_more(one)])
        distances = np.abs(answers[:, :, self.at] - self.forecast).mean(axis=1).reshape(len(orders), -1)
        whole = np.full((1, distances.shape[1]), np.abs(self.baseline - self.forecast).mean())
        return np.concatenate([distances, whole])

    def _without_more_and_more(self, order: np.ndarray) -> list[State]:
        states = [state_of(self.model, self.inputs)]
        for at in order:
            states.append(state_without(self.parts[at], states[-1], self.reference))
        return states


def _check(found: np.ndarray, windows: int) -> ExplanationCheck:
    """The table and verdict of distances `[B, 3 + repeats, P + 1]`."""
    sums = found.sum(axis=0)
    distances = np.divide(sums[:-1], sums[-1], out=np.zeros_like(sums[:-1]), where=sums[-1] > 0)
    largest, smallest, repeated = distances[0], distances[1], distances[2:]
    columns = {"largest_first": largest, "random": repeated.mean(axis=0), "random_spread": repeated.std(axis=0, ddof=1)}
    curve = pd.DataFrame({**columns, "smallest_first": smallest}).rename_axis("parts_removed")
    areas = (largest - repeated).mean(axis=1)
    area, noise = float(areas.mean()), max(NOISE_DEVIATIONS * float(areas.std(ddof=1)), SMALLEST_AREA)
    compared = "more than" if area > noise else "less than" if area < -noise else "no more than"
    words = "so the sizes of the parts can be trusted" if area > noise else "so do not trust the sizes of the parts"
    verdict = (
        f"Large parts matter {compared} random ones: in {windows} window{'s' * (windows > 1)} the area between the "
        f"curves is {area:.3f} of the way to the baseline, and random orders differ by up to {noise:.3f}, {words}."
    )
    return ExplanationCheck(curve, area, verdict)
