"""Beijing air quality with its gaps as they are: pm2.5 24 hours ahead, what is told of gaps, and what weather adds.

python benchmarks/gaps.py DATA [--seeds 0 1] [--budget 4m] [--cut ROWS] [--transform none]

DATA holds air_quality/pollution.csv (UCI, CC BY 4.0): hours of 2010 to 2014, of which 5 % have no pm2.5. The year 2014
is the test, used once: a forecast of 24 hours at each midnight, from the seven days before it. Missing values are
scored nowhere. The naive forecast is the day before, each hour of it filled looking back. "weather in the past" is read
up to the origin; "and ahead" is the weather as it came, a forecast that nobody has. With --cut, so many hours before
the test are all there is, and their last quarter is what is scored: to try the program, without the test and without
writing.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

TARGET, HORIZON, TIMESTEPS, TEST = "pm2.5", 24, 168, "2014-01-01"
WEATHER = ["DEWP", "TEMP", "PRES", "Iws", "Is", "Ir"]  # dew point, temperature, pressure, wind, snow, rain
VARIANTS: dict[str, tuple[list[str], dict[str, Any]]] = {
    'alone, fill="last"': ([], {"fill": "last"}),
    'alone, fill="mask"': ([], {"fill": "mask"}),
    'weather in the past, fill="last"': (WEATHER, {"fill": "last"}),
    'weather in the past, fill="mask"': (WEATHER, {"fill": "mask"}),
    'weather in the past and ahead, fill="last"': (WEATHER, {"fill": "last", "future_columns": WEATHER}),
    'weather in the past and ahead, fill="mask"': (WEATHER, {"fill": "mask", "future_columns": WEATHER}),
}


def hours_of(data: Path) -> pd.DataFrame:
    """The table on its hours, pm2.5 first, from the first known value on."""
    rows = pd.read_csv(data / "air_quality" / "pollution.csv")
    hours = pd.DatetimeIndex(pd.to_datetime(rows[["year", "month", "day", "hour"]]), name="hour")
    table = rows[[TARGET, *WEATHER]].astype("float64").set_axis(hours).asfreq("h")
    return table.loc[table[TARGET].first_valid_index() :]


def parts_of(table: pd.DataFrame, cut: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to train on, and all rows up to the last one that is scored."""
    train = table.loc[: pd.Timestamp(TEST) - pd.Timedelta("1h")]
    if cut is None:
        return train, table
    whole = train.iloc[-cut:]
    return whole.iloc[: -(cut // 4)], whole


def origins_of(train: pd.DataFrame, whole: pd.DataFrame) -> np.ndarray:
    """The first row of each scored day: midnights after the training rows with a reading in the window."""
    first = np.arange(len(train), len(whole) - HORIZON + 1)
    midnights = first[whole.index[first].hour == 0]
    known = whole[TARGET].notna().to_numpy()
    return np.array([row for row in midnights if known[row - TIMESTEPS : row].any()])


def naive(whole: pd.DataFrame, origins: np.ndarray) -> np.ndarray:
    """The day before each origin `[K, H]`, filled looking back."""
    values = whole[TARGET].ffill().to_numpy()
    return np.stack([values[row - HORIZON : row] for row in origins])


def forecasts_of(model: Any, whole: pd.DataFrame, origins: np.ndarray) -> np.ndarray:
    """The forecasts `[K, H]` from each origin."""
    settings = model.settings
    values = whole[list(settings.columns)].to_numpy("float32")
    past = np.stack([values[row - settings.timesteps : row] for row in origins])
    inputs: Any = past
    if settings.future_columns:
        future = np.stack([values[row : row + HORIZON, settings.future_positions] for row in origins])
        inputs = {"past": past, "future": future}
    return np.asarray(model.predict(inputs, verbose=0))[..., 0]


def error_of(forecast: np.ndarray, whole: pd.DataFrame, origins: np.ndarray) -> float:
    """The mean absolute error of known values, ug/m3."""
    came = np.stack([whole[TARGET].to_numpy()[row : row + HORIZON] for row in origins])
    return float(np.nanmean(np.abs(forecast - came)))


def row_of(name: str, parts: tuple[pd.DataFrame, pd.DataFrame], arguments: argparse.Namespace) -> dict[str, Any]:
    """The errors of a variant over the seeds."""
    (train, whole), (columns, options) = parts, VARIANTS[name]
    origins, errors, began = origins_of(train, whole), [], time.monotonic()
    for seed in arguments.seeds:
        sizes = {
            "horizon": HORIZON,
            "timesteps": TIMESTEPS,
            "budget": arguments.budget,
            "seed": seed,
            "verbose": 0,
            "transform": arguments.transform,
        }
        chosen = [TARGET, *columns]
        model = sk.train_forecaster(train[chosen], targets=TARGET, intervals=False, **sizes, **options)
        errors.append(error_of(forecasts_of(model, whole, origins), whole, origins))
        print(name, seed, model.chosen_epochs, round(errors[-1], 2), flush=True)
    naive_error = error_of(naive(whole, origins), whole, origins)
    spread = float(np.std(errors, ddof=1)) if len(errors) > 1 else ""
    found = {"MAE": float(np.mean(errors)), "spread over seeds": spread, "seasonal naive": naive_error}
    seconds = (time.monotonic() - began) / len(errors)
    return found | {"skill": 1 - found["MAE"] / naive_error, "seconds of a training": f"{seconds:.0f}"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--budget", default="4m")
    parser.add_argument("--cut", type=int)
    parser.add_argument("--transform", help="of all columns; by default each has its own")
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    arguments = parser.parse_args()
    parts = parts_of(hours_of(arguments.data), arguments.cut)
    table = pd.DataFrame({name: row_of(name, parts, arguments) for name in arguments.variants}).T
    if arguments.cut:
        print(table)
        return
    origins = origins_of(*parts)
    notes = (
        f"{len(origins)} days of 2014, forecast at midnight for {HORIZON} hours from {TIMESTEPS}; ug/m3; trained on "
    )
    notes += f"{len(parts[0]):,} hours before, {parts[0][TARGET].isna().mean():.1%} of them without pm2.5, a budget of "
    notes += (
        f'{arguments.budget}, seeds {arguments.seeds}. The skill is the share of the naive error that is gone; "ahead" '
    )
    notes += "is the weather as it came. pm2.5 is read by asinh, the default of skewed columns with a few zeros; "
    notes += (
        "`--cut 17520`, without and with `--transform none`, compares it on 2012 and 2013. Part of these test rows "
    )
    notes += "had been forecast before that default: 45.8 alone, 46.4 with the weather in the past, 51.9 with it ahead."
    write_section("Gaps", table.rename_axis("forecaster"), notes)


if __name__ == "__main__":
    main()
