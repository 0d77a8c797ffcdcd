"""Intervals of each series of a panel by its own errors, beside those of all series pooled; no test row is read.

python benchmarks/series_intervals.py DATA [--seed 0]

Two tables. The first chose the trust in a series' own windows: the quantiles of the pretrained network, which no row
trains, on M4 Hourly (24 hours ahead), tourism monthly (6 months) and the columns of ETTh1 (24 hours); k windows before
the scored ones give the pooled factor and those of the series, which move by k / (k + t) of its logarithm. The second
is of forecasters that `train_forecaster` makes of the same panels, with and without the factors of the series: M4 and
tourism are scored on the last horizon of the known rows, ETTh1 on hours 6,000 to 8,000.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _panels import m4_hourly, tourism_monthly, without_last
from _results import commit_of, write_section
from sklearn.metrics import mean_pinball_loss

import seqkit as sk
from seqkit.forecasting.conformal import WINDOWS_OF_HALF_TRUST, shrunk_factor

LEVELS = (80, 95)
TRUSTS = (0, 4, 8, 16, 32)  # t
COUNTS = (1, 2, 4, 10, 16)  # k
SCORED = 6  # windows of each series
ETT_ROWS, ETT_HELD_BACK = 8_000, 2_000


class Panel(NamedTuple):
    """A panel that is known whole, its season, the horizon of the first table and that of the second."""

    frame: pd.DataFrame
    season: int
    short: int
    long: int


class Windowed(NamedTuple):
    """The quantiles of a series after windows that do not overlap, and what came."""

    quantiles: np.ndarray  # (K, H, Q)
    came: np.ndarray  # (K, H)


def panels(data: Path) -> dict[str, Panel]:
    hours = pd.read_csv(data / "ett" / "ETTh1.csv", index_col="date", parse_dates=True).iloc[:ETT_ROWS]
    long = hours.rename_axis("hour").reset_index().melt("hour", var_name="series", value_name="value")
    return {
        "M4 Hourly": Panel(m4_hourly(data)[0], 24, 24, 48),
        "tourism monthly": Panel(tourism_monthly(data)[0], 12, 6, 24),
        "columns of ETTh1": Panel(sk.as_panel(long, series="series", time="hour"), 24, 24, 24),
    }


def windowed(panel: Panel) -> tuple[list[Windowed], tuple[float, ...]]:
    """The windows of each series, and the levels of the quantiles."""
    season, horizon, found, model = panel.season, panel.short, [], None
    for _, table in panel.frame.groupby(level=0, sort=False):
        values = table.iloc[:, 0].to_numpy("float32")
        if model is None:
            like = pd.DataFrame({"value": values}, pd.date_range("2000", periods=len(values), freq="D"))
            model = sk.build_forecaster(like=like, horizon=horizon, season=season, weights="synthetic")
        timesteps = model.settings.timesteps
        first = min(timesteps, len(values) // 2 // season * season)
        ends = np.arange(len(values) - horizon, first - 1, -horizon)[::-1]
        past = np.full((len(ends), timesteps), np.nan, "float32")
        for at, end in enumerate(ends):
            rows = values[max(0, end - timesteps) : end]
            past[at, timesteps - len(rows) :] = rows
        came = np.array([values[end : end + horizon] for end in ends])
        found.append(Windowed(model.quantiles_of(past[..., None])[:, :, 0], came))
    assert model is not None
    return found, model.quantile_levels


def quantile_loss(quantiles: np.ndarray, came: np.ndarray, levels: np.ndarray) -> float:
    losses = [mean_pinball_loss(came, quantiles[..., at], alpha=level) for at, level in enumerate(levels)]
    return float(np.mean(losses))


def coverage(quantiles: np.ndarray, came: np.ndarray, levels: np.ndarray) -> list[float]:
    """In percent, of each of LEVELS."""
    lows = [int(np.argmin(np.abs(levels - (1 - level / 100) / 2))) for level in LEVELS]
    return [100 * float(((came >= quantiles[..., at]) & (came <= quantiles[..., -1 - at])).mean()) for at in lows]


def deviations_of(quantiles: np.ndarray) -> np.ndarray:
    return quantiles - quantiles[..., quantiles.shape[-1] // 2, None]


def factor_of(windows: list[Windowed], levels: tuple[float, ...]) -> float:
    """The factor of all these windows, as it is."""
    came, quantiles = (
        np.concatenate(parts) for parts in zip(*[(one.came, one.quantiles) for one in windows], strict=True)
    )
    errors = came - quantiles[..., quantiles.shape[-1] // 2]
    return shrunk_factor(errors, deviations_of(quantiles), levels, windows=10**9)


def scores_of(scored: list[Windowed], factors: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The quantile loss of each series, and its coverages, with widths times these factors."""
    moved = []
    for one, factor in zip(scored, factors, strict=True):
        deviations = deviations_of(one.quantiles)
        moved.append(Windowed(one.quantiles + (factor - 1) * deviations, one.came))
    return np.array([quantile_loss(*one, levels) for one in moved]), np.array([coverage(*one, levels) for one in moved])


def table_of_trusts(name: str, panel: Panel) -> list[dict[str, Any]]:
    """A row for each k: the quantile loss over that of pooled intervals, and how far a series' coverage is off."""
    series, quantile_levels = windowed(panel)
    levels, rows = np.array(quantile_levels), []
    for count in COUNTS:
        used = [one for one in series if len(one.came) >= count + SCORED]
        before = [Windowed(*(part[-SCORED - count : -SCORED] for part in one)) for one in used]
        scored = [Windowed(*(part[-SCORED:] for part in one)) for one in used]
        pooled = factor_of(before, quantile_levels)
        own = np.array([factor_of([one], quantile_levels) / pooled for one in before])
        losses, covered = scores_of(scored, np.full(len(used), pooled), levels)
        row = {"panel": name, "series": len(used), "k": count, "off 80, pooled": np.abs(covered[:, 0] - 80).mean()}
        for trust in TRUSTS:
            loss, covered = scores_of(scored, pooled * own ** (count / (count + trust)), levels)
            row[f"loss, t = {trust}"] = float(np.exp(np.log(loss / losses).mean()))
            row[f"off 80, t = {trust}"] = float(np.abs(covered[:, 0] - 80).mean())
        rows.append(row)
    return rows


def of_recipe(name: str, panel: Panel, seed: int) -> list[dict[str, Any]]:
    """Two rows: a trained forecaster with the factors of its series, and without."""
    is_ett = name == "columns of ETTh1"
    seen = without_last(panel.frame, ETT_HELD_BACK if is_ett else panel.long)[0]
    model = sk.train_forecaster(seen, horizon=panel.long, seed=seed, verbose=0, budget="4m")
    levels, factors, rows, losses = np.array(model.quantile_levels), dict(model.series_factors), [], {}
    for way in ("pooled", "own"):
        model.series_factors = factors if way == "own" else {}
        found = [quantiles_after(model, panel.frame, series, len(seen.loc[series])) for series in factors]
        losses[way] = np.array([quantile_loss(*one, levels) for one in found])
        covered = np.array([coverage(*one, levels) for one in found])
        ratio = float(np.exp(np.log(losses[way] / losses["pooled"]).mean()))
        row = {"panel": name, "way": way, "series": len(factors), "loss over pooled": ratio}
        row |= {f"coverage at {level}": covered[:, at].mean() for at, level in enumerate(LEVELS)}
        row |= {f"off {level}": np.abs(covered[:, at] - level).mean() for at, level in enumerate(LEVELS)}
        rows.append(row | {"factors": f"{min(factors.values())[0]:.2f} to {max(factors.values())[0]:.2f}"})
    return rows


def quantiles_after(model: Any, frame: pd.DataFrame, series: Any, seen: int) -> tuple[np.ndarray, np.ndarray]:
    """The quantiles `[K, H, Q]` after each row from the last seen one on, and what came `[K, H]`."""
    table = frame.loc[[series]]
    values = table.iloc[seen:, 0].to_numpy()
    came = np.lib.stride_tricks.sliding_window_view(values, model.settings.horizon)
    rows = table.iloc[seen - model.settings.timesteps :]
    return model.predict_quantiles(rows)[: len(came), :, 0], came


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    all_panels = panels(arguments.data)
    chosen = pd.DataFrame([row for name, panel in all_panels.items() for row in table_of_trusts(name, panel)])
    notes = (
        f"loss: the quantile loss over that of pooled intervals, geometric mean over the series, {SCORED} windows of "
    )
    notes += (
        "each; off 80: mean distance of a series' coverage from 80, in points. Few windows have a coverage that is "
    )
    notes += f"off by chance. Chosen: t = {WINDOWS_OF_HALF_TRUST}, from one window on."
    write_section("Trust in a series' own errors", chosen, notes)
    rows = [row for name, panel in all_panels.items() for row in of_recipe(name, panel, arguments.seed)]
    notes = f"`train_forecaster`, budget 4 minutes, seed {arguments.seed}, commit {commit_of(Path(__file__).parent)}; "
    notes += "factors: of the series on the pooled widths. Of validation rows, M4 and tourism have one window a series "
    notes += "whose horizons do not overlap, ETTh1 has ten."
    write_section("Intervals of single series", pd.DataFrame(rows), notes)


if __name__ == "__main__":
    main()
