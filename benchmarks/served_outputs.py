"""Every output of served forecasters against the live ones, in a process that has neither seqkit nor keras.

python benchmarks/served_outputs.py

Small forecasters, trained for an epoch: intervals alone; columns that are known ahead; static columns of a panel; the
names of its series; words; the calendar with Germany's holidays; told gaps; and the pretrained network. Each is
exported, loaded in a process of its own, and asked with rows that it was not trained on, with gaps where it fills them.
Beside the largest difference of each output stand the requests that it must refuse: without one of its inputs, with
another number of columns, with a value that is not finite, a word that it does not know or a stamp that is none. Fails
above 1e-5.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from _results import commit_of, write_section
from export_parity import WITHOUT_KERAS

import seqkit as sk
from seqkit.data.stamp_numbers import stamp_numbers
from seqkit.export import RELATIVE_TOLERANCE, relative_difference

HORIZON, TIMESTEPS = 7, 14
SERVE = (
    WITHOUT_KERAS
    + """
import json
import numpy as np
import tensorflow as tf
serve = tf.saved_model.load(sys.argv[1]).signatures[sys.argv[5]]
arrays = np.load(sys.argv[2])
as_tensor = lambda array: tf.constant(array.tolist() if array.dtype.kind == "U" else array)
inputs = {name: as_tensor(arrays[name]) for name in arrays.files}
np.savez(sys.argv[3], **{name: answer.numpy() for name, answer in serve(**inputs).items()})
def is_refused(request):
    try:
        serve(**request)
    except (TypeError, ValueError, tf.errors.InvalidArgumentError):
        return True
    return False
refused = {}
for name, value in inputs.items():
    others = {other: kept for other, kept in inputs.items() if other != name}
    refused[f"without {name}"] = is_refused(others)
    if name == "series":  # one that is not known has the intervals of all series
        continue
    if value.dtype == tf.string:
        refused[f"another text in {name}"] = is_refused({**others, name: tf.fill(tf.shape(value), "of no meaning")})
        continue
    refused[f"a column more in {name}"] = is_refused({**others, name: tf.concat([value, value[..., :1]], -1)})
    if name != "past" or sys.argv[4] == "no gaps":
        refused[f"NaN in {name}"] = is_refused({**others, name: value * np.nan})
print(json.dumps(refused))
assert "keras" not in sys.modules and "seqkit" not in sys.modules
"""
)


class Case(NamedTuple):
    """A trained model, and what it is asked."""

    model: Any
    inputs: dict[str, np.ndarray]  # by name, as they are served
    live: dict[str, np.ndarray] | None = None  # as the live model takes them, where these are others
    endpoint: str = "serving_default"


def table_of(rows: int, seed: int) -> pd.DataFrame:
    """Sales that a price moves, with a weekly season."""
    random, days = np.random.default_rng(seed), np.arange(rows)
    price = np.exp(0.1 * random.normal(size=rows))
    sales = 50 * (1 + 0.3 * np.sin(2 * np.pi * days / 7)) * price**-1.5 * np.exp(0.05 * random.normal(size=rows))
    return pd.DataFrame({"sales": sales, "price": price}, pd.date_range("2023-01-02", periods=rows, freq="D"))


def panel_of(series: int, rows: int) -> pd.DataFrame:
    """Such tables, of shops with a size."""
    parts = {f"shop {number}": table_of(rows, number).assign(size=float(number)) for number in range(series)}
    frame = pd.concat(parts, names=["shop", "day"]).reset_index()
    return sk.as_panel(frame, series="shop", time="day")


def windows_of(table: pd.DataFrame, gaps: bool = False) -> np.ndarray:
    """Two windows with more rows than the model reads."""
    rows = table.to_numpy("float32")
    past = np.stack([rows[: TIMESTEPS + 3], rows[5 : TIMESTEPS + 8]])
    if gaps:
        past[1, 4:6] = np.nan
    return past


def future_of(columns: list[str]) -> np.ndarray:
    """The known columns of two horizons."""
    rows = table_of(60, 10)[columns].to_numpy("float32")
    return np.stack([rows[:HORIZON], rows[HORIZON : 2 * HORIZON]])


def of_table(columns: list[str], **options: Any) -> Case:
    table = table_of(200, 0)[columns]
    sizes = {"timesteps": TIMESTEPS, "horizon": HORIZON, "epochs": 1, "seed": 0, "verbose": 0}
    model = sk.train_forecaster(table, targets="sales", **sizes, **options)
    inputs = {"past": windows_of(table_of(60, 9)[columns], gaps=model.settings.fill is not None)}
    if model.settings.future_columns:
        inputs["future"] = future_of(list(model.settings.future_columns))
    return Case(model, inputs)


def of_panel() -> Case:
    known = {"future_columns": ["price"], "static_columns": ["size"]}
    sizes = {"timesteps": TIMESTEPS, "horizon": HORIZON, "epochs": 1, "seed": 0, "verbose": 0}
    model = sk.train_forecaster(panel_of(6, 120), targets="sales", **sizes, **known)
    inputs = {"past": windows_of(table_of(60, 9)), "future": future_of(["price"])}
    return Case(model, inputs | {"static": np.array([[1.0], [4.0]], "float32")})


def of_series() -> Case:
    """The panel again, asked for the intervals of one of its series and of a new one."""
    case = of_panel()
    series = np.array(["shop 3", "a new shop"])
    return case._replace(inputs=case.inputs | {"series": series}, endpoint="serve_series")


def of_words() -> Case:
    """A kind of promotion that is known ahead: two windows of a table, one with a gap."""
    kinds = np.resize(["none", "gift", "half price", "none", "none"], 200)
    table = table_of(200, 0)[["sales"]].assign(kind=pd.Categorical(kinds))
    sizes = {"timesteps": TIMESTEPS, "horizon": HORIZON, "epochs": 1, "seed": 0, "verbose": 0}
    model = sk.train_forecaster(table, targets="sales", future_columns="kind", **sizes)
    steps = TIMESTEPS + HORIZON
    asked = np.stack([kinds[:steps], kinds[3 : steps + 3]])
    asked[1, 4] = ""
    past = windows_of(table_of(60, 9)[["sales"]])[:, -TIMESTEPS:]
    known = {word: code for code, word in enumerate(["", *model.settings.words["kind"]])}
    codes = np.vectorize(known.get)(asked).astype("float32")[..., None]
    live = {"past": np.concatenate([past, codes[:, :TIMESTEPS]], axis=-1), "future": codes[:, TIMESTEPS:]}
    return Case(model, {"past": past, "kind": asked}, live)


def of_calendar() -> Case:
    table = table_of(200, 0)[["sales"]]
    sizes = {"timesteps": TIMESTEPS, "horizon": HORIZON, "epochs": 1, "seed": 0, "verbose": 0}
    model = sk.train_forecaster(table, calendar=("weekday", "year"), holidays="DE", **sizes)
    past = windows_of(table_of(60, 9)[["sales"]])
    stamps = np.array(["2023-12-20T00:00:00", "2024-04-01T00:00:00"])
    numbers = stamp_numbers(pd.DatetimeIndex(stamps))
    return Case(model, {"past": past, "time": stamps}, {"past": past, "time": numbers})


def of_pretrained() -> Case:
    table = table_of(200, 0)[["sales"]]
    model = sk.build_forecaster(weights="synthetic", like=table, horizon=HORIZON)
    rows = table.to_numpy("float32")
    return Case(model, {"past": np.stack([rows[:150], rows[20:170]])})


CASES: dict[str, Callable[[], Case]] = {
    "intervals": lambda: of_table(["sales"]),
    "intervals, gaps filled": lambda: of_table(["sales"], fill="last"),
    "past and known columns": lambda: of_table(["sales", "price"], future_columns=["price"]),
    "panel, known and static columns": of_panel,
    "panel, intervals of a series by its name": of_series,
    "words that are known ahead": of_words,
    "calendar and holidays": of_calendar,
    "gaps told to the network": lambda: of_table(["sales", "price"], fill="mask"),
    "pretrained, no training": of_pretrained,
}


def live_outputs(case: Case) -> dict[str, np.ndarray]:
    """What the live model says of the same inputs; unknown rows go before those that are shorter than its windows."""
    given = case.live or {name: array for name, array in case.inputs.items() if name != "series"}
    timesteps, past = case.model.settings.timesteps, given["past"]
    unknown = ((0, 0), (max(0, timesteps - past.shape[1]), 0), (0, 0))
    inputs = {**given, "past": np.pad(past, unknown, constant_values=np.nan)[:, -timesteps:]}
    x = inputs if len(inputs) > 1 else inputs["past"]
    forecast = case.model.predict(x, verbose=0)
    if "series" in case.inputs:
        return {"forecast": forecast, "quantiles": case.model.quantiles_of(x, case.inputs["series"])}
    return {"forecast": forecast, "quantiles": case.model.predict_quantiles(x)}


def row(case: Case) -> dict[str, str]:
    """Export, ask, and compare."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        case.model.export(folder / "model")
        np.savez(folder / "inputs.npz", **case.inputs)
        gaps = "no gaps" if case.model.settings.fill is None else "gaps"
        paths = [str(folder / name) for name in ("model", "inputs.npz", "answers.npz")]
        command = [sys.executable, "-c", SERVE, *paths, gaps, case.endpoint]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        answers = dict(np.load(folder / "answers.npz"))
    refused = json.loads(done.stdout.splitlines()[-1])
    accepted = [name for name, is_refused in refused.items() if not is_refused]
    found = {name: f"{relative_difference(answers[name], wanted):.1e}" for name, wanted in live_outputs(case).items()}
    found["inputs"] = ", ".join(case.inputs)
    found["refused"] = f"{len(refused) - len(accepted)} of {len(refused)}"
    return found | {"not refused": ", ".join(accepted)}


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    warnings.simplefilter("ignore", sk.SeqkitWarning)
    table: dict[str, dict[str, str]] = {}
    for name, made in CASES.items():
        table[name] = row(made())
        print(name, table[name], flush=True)
    frame = pd.DataFrame(table).T
    largest = frame[["forecast", "quantiles"]].astype(float).to_numpy().max()
    notes = f"Commit {commit_of(Path(__file__).parent)}. Largest relative difference {largest:.1e}; at most "
    notes += f"{RELATIVE_TOLERANCE:.0e} is asked."
    write_section("Outputs of served forecasters against the live ones", frame.rename_axis("model"), notes)
    if largest > RELATIVE_TOLERANCE or frame["not refused"].any():
        sys.exit("an output differs, or a wrong request was answered")


if __name__ == "__main__":
    main()
