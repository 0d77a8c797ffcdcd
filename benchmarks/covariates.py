"""Columns that are known ahead: a panel made with a known effect of promotions and prices, with and without them.

python benchmarks/covariates.py [--seeds 0 1 2] [--series 40] [--rows 200] [--epochs 5] [--explained 8]

Each series has a level, a price and a weekly season of its own; a promotion sells 30 % more, and a price 1 % higher
1.5 % less. In one panel the sales have noise of 5 %, in the other they are counts (Poisson), zeros among them. The last
14 days are the test, used once; the seed makes the panel and trains. "known" forecasts are the expected sales
themselves: nothing can be better but by chance. The effect of a promotion is the ratio of the forecasts with and
without one, the elasticity that of prices 10 % apart. `explain` tells the same effects of the first series of each
panel: by its forecasts without the part (`without`), and by the part itself, over the forecast less the part.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

HORIZON, PROMOTION, ELASTICITY, PROMOTED = 14, 1.3, -1.5, 0.15
KNOWN = ["price", "promotion"]
EXPLAINED = ("promotion", "elasticity", "remainder", "deletion area", "spread of random")
PANELS = {"sales above zero": False, "counts, with zeros": True}
NO_REAL_PANEL = (
    "There is no real panel: no package is known to us that carries one with promotions (those of datasetsforecast, "
    "Darts and skforecast are loaded from the network)."
)
VARIANTS: dict[str, dict[str, Any]] = {"past alone": {}, "known ahead": {"future_columns": KNOWN}}


def made_panel(series: int, rows: int, seed: int, counts: bool) -> pd.DataFrame:
    """Sales, what they were expected to be, price and promotion."""
    random, days = np.random.default_rng(seed), np.arange(rows)
    parts = {}
    for number in range(series):
        level = np.exp(random.normal(1.5 if counts else 4, 1))
        season = 1 + 0.3 * np.sin(2 * np.pi * (days + random.integers(7)) / 7)
        promotion = (random.random(rows) < PROMOTED).astype(float)
        around = 0.1 * random.normal(size=rows)
        expected = level * season * PROMOTION**promotion * np.exp(ELASTICITY * around)
        sales = random.poisson(expected) if counts else expected * np.exp(0.05 * random.normal(size=rows))
        price = np.exp(random.normal(1, 0.5) + around)
        index = pd.date_range("2023-01-02", periods=rows, freq="D", name="day")
        columns = {"sales": sales, "expected": expected, "price": price, "promotion": promotion}
        parts[f"shop {number}"] = pd.DataFrame(columns, index)
    return sk.as_panel(pd.concat(parts, names=["shop"]).reset_index(), series="shop", time="day")


def scores(panel: pd.DataFrame, options: dict[str, Any], seed: int, epochs: int, shops: int) -> dict[str, float]:
    """Train on all but the last days, and score these."""
    past, _, test = sk.split(panel, validation=0, test=HORIZON)
    columns = ["sales", *KNOWN]
    model = sk.train_forecaster(
        past[columns], targets="sales", horizon=HORIZON, seed=seed, epochs=epochs, verbose=0, **options
    )

    def forecast(**changed: Any) -> pd.Series:
        future = test[KNOWN].assign(**changed) if options else None
        return model.forecast(past[columns], future=future)["sales"]

    found = {"error": error_of(forecast(), test, past), "known": error_of(test["expected"], test, past)}
    found |= {"seasonal naive": error_of(last_week(past, test), test, past)}
    if options:
        found["promotion"] = float((forecast(promotion=1.0) / forecast(promotion=0.0)).median())
        ratio = (forecast(price=test["price"] * 1.05) / forecast(price=test["price"] / 1.05)).median()
        found["elasticity"] = float(np.log(ratio) / (2 * np.log(1.05)))
        found |= explained(model, past[columns], test[KNOWN], shops)
    return found


def explained(model: Any, past: pd.DataFrame, future: pd.DataFrame, shops: int) -> dict[str, float]:
    """The effects that `explain` tells of the first shops, and its deletion check."""
    result = sk.explain(model, past, future, series=list(past.index.unique(0)[:shops]))
    forecast, ahead = result.forecast["forecast"], future.reindex(result.parts.index)
    usual = result.reference["price"].reindex(forecast.index.get_level_values(0)).to_numpy()
    dearer, promoted = np.log(ahead["price"] / usual), ahead["promotion"] == 1
    found = {"remainder": result.remainder}
    for how in ("without", "part"):
        others = {name: result.without[name] if how == "without" else forecast - result.parts[name] for name in KNOWN}
        found[f"promotion by {how}"] = float((forecast / others["promotion"])[promoted].median())
        above_zero = (others["price"] > 0) & (forecast > 0)
        moved = np.log(forecast[above_zero] / others["price"][above_zero])
        found[f"elasticity by {how}"] = float((moved * dearer).sum() / (dearer[above_zero] ** 2).sum())
    check = sk.check_explanation(model, past, windows=20)
    return found | {"deletion area": check.area, "spread of random": float(check.curve["random_spread"].mean())}


def error_of(forecast: pd.Series, test: pd.DataFrame, past: pd.DataFrame) -> float:
    """Mean MASE of the series, of a season of a week."""
    error = (forecast - test["sales"].reindex(forecast.index)).abs().groupby(level=0).mean()
    return float((error / past["sales"].groupby(level=0).diff(7).abs().groupby(level=0).mean()).mean())


def last_week(past: pd.DataFrame, test: pd.DataFrame) -> pd.Series:
    """The seasonal naive forecast."""
    weeks = [np.tile(rows.to_numpy()[-7:], HORIZON // 7) for _, rows in past["sales"].groupby(level=0, sort=False)]
    return pd.Series(np.concatenate(weeks), test.index)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--series", type=int, default=40)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--explained", type=int, default=8)
    arguments = parser.parse_args()
    rows: dict[str, dict[str, Any]] = {}
    effects: dict[str, dict[str, Any]] = {}
    for kind, counts in PANELS.items():
        for name, options in VARIANTS.items():
            found = []
            for seed in arguments.seeds:
                panel = made_panel(arguments.series, arguments.rows, seed, counts)
                found.append(scores(panel, options, seed, arguments.epochs, arguments.explained))
                print(kind, name, seed, found[-1], flush=True)
            table = pd.DataFrame(found)
            row = {"MASE": table["error"].mean(), "spread over seeds": table["error"].std(ddof=1)}
            row |= {"expected sales": table["known"].mean(), "seasonal naive": table["seasonal naive"].mean()}
            for effect in ("promotion", "elasticity"):
                row[effect] = table[effect].mean() if effect in table else "-"
            rows[f"{kind}: {name}"] = row
            if options:
                names = [column for column in table if " by " in column or column in EXPLAINED]
                effects[kind] = {column: table[column].mean() for column in names}
    notes = (
        f"{arguments.series} series of {arguments.rows} days, {HORIZON} days ahead, {arguments.epochs} epochs at most; "
    )
    notes += (
        f'means over seeds {arguments.seeds}. Mean MASE of the series; "expected sales" is that of the sales without '
    )
    notes += (
        f"their noise. True effects: a promotion times {PROMOTION}, elasticity {ELASTICITY}. The prices and promotions "
    )
    notes += "of the test days are known as they came."
    write_section("Columns that are known ahead", pd.DataFrame(rows).T.rename_axis("panel"), notes)
    notes = (
        f"The same models; {arguments.explained} series. True effects: a promotion times {PROMOTION}, elasticity "
        f"{ELASTICITY}. promotion, elasticity: of two forecasts with another plan. By without: the forecast over that "
        "without the part, as `explain` gives it. By part: the forecast over the forecast less the part; parts add up, "
        "so they share what effects that multiply make together. remainder: of the integral, largest, as a share of "
        "the sizes of the parts. deletion area: `check_explanation` in 20 windows, above 0 where large parts matter "
        "more than random ones, beside the spread of random orders. Of the counts the integral leaves more than 1 % "
        "with all seeds, which a warning says, and the parts are far from the true effects: read without there. "
        + NO_REAL_PANEL
    )
    write_section("What explain gives of known effects", pd.DataFrame(effects).T.rename_axis("panel"), notes)


if __name__ == "__main__":
    main()
