"""Draw the pictures at the top of README: python notebooks/pictures.py. Every seed is set; training takes a minute."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import seqkit as sk

FOLDER = Path(__file__).resolve().parent / "pictures"
PASSENGERS = "thousand passengers"
YEAR = 12
UNITS = 16
SENTENCE = "on the 23rd of june 1984"
ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def main() -> None:
    """Draw all four into `notebooks/pictures/`."""
    FOLDER.mkdir(exist_ok=True)
    frame = sk.load_example("air_passengers").rename(columns={"passengers": PASSENGERS})
    model = sk.train_forecaster(frame.iloc[:-YEAR], horizon=YEAR, epochs=100, seed=0)
    save("forecast", forecast(model, frame))
    save("backtest", backtest(model, frame))
    save("gates", gates(model, frame.iloc[:-YEAR]))
    save("attention", attention())


def forecast(model: sk.Forecaster, frame: pd.DataFrame) -> Figure:
    """A year that the model has not seen, and what came."""
    title = "A year of air passengers, forecast in December 1959"
    return sk.plot_forecast(frame, model.forecast(frame.iloc[:-YEAR], levels=(80, 95)), title=title)


def backtest(model: sk.Forecaster, frame: pd.DataFrame) -> Figure:
    """Three years, each forecast by a model that was trained on the rows before it."""
    result = sk.backtest(model, frame, origins=3, epochs=60, seed=0, verbose=0)
    return sk.plot_backtest(result, title="Three years, each forecast from the rows before it")


def gates(model: sk.Forecaster, frame: pd.DataFrame) -> Figure:
    """What each gate of the forecaster lets through as it reads the last window."""
    found = sk.gates(model, frame)
    steps = next(iter(found.values())).hidden.shape[1]  # a year each
    years = frame.index.year[-YEAR * steps :: YEAR].astype(str).tolist()
    title = f"Inside the forecaster: {UNITS} of its units as they read a year a step"
    return sk.plot_gates(found, units=range(UNITS), index=years, title=title)


def attention() -> Figure:
    """Where a translator looks as it writes a date."""
    keras.utils.set_random_seed(0)
    sources, targets = dates(4000)
    translator = sk.build_seq2seq(like=(sources, targets), units=32, embedding=16, attention="general")
    translator.fit(sources, targets, epochs=12, verbose=0)
    title = f'Where the translator looks as it writes "{translator.translate([SENTENCE])[0]}"'
    return sk.plot_alignment(translator.alignments([SENTENCE])[0], title=title)


def dates(count: int) -> tuple[list[str], list[str]]:
    """Dates in English words, and the same as year, month and day."""
    days = pd.Timestamp("1970-01-01") + pd.to_timedelta(np.random.default_rng(0).integers(0, 11000, count), unit="D")
    forms = ("{day} {month} {year}", "{month} {day} , {year}", "on the {ordinal} of {month} {year}")
    sources = [
        forms[number % len(forms)].format(
            day=day.day,
            month=day.month_name().lower(),
            year=day.year,
            ordinal=f"{day.day}{ORDINALS.get(day.day, 'th')}",
        )
        for number, day in enumerate(days)
    ]
    return sources, [f"{day:%Y %m %d}" for day in days]


def save(name: str, figure: Figure) -> None:
    """Write the picture and say how large it is."""
    path = FOLDER / f"{name}.png"
    figure.savefig(path, dpi=100, bbox_inches="tight")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
