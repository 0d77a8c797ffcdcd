"""Reports opened in Chromium from the disk: bytes, seconds until they can be read, and what the console says.

python benchmarks/reports.py [--folder FOLDER]

Three pages: air passengers with its gates and a backtest, a made panel of 200 series with a backtest, and a classifier
of verses on samples that it has not seen. Debian's chromium and chromium-driver must be installed. A page is opened
four times in one browser; at first Chromium compiles plotly.js. It is open when its first figure is drawn. The pages
stay in FOLDER, by default out/reports.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _results import commit_of, write_section
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

import seqkit as sk

OPENINGS, SERIES, DAYS, PATIENCE = 4, 200, 120, 120
READY = "return document.documentElement.dataset.ready && document.querySelector('.figure .main-svg') !== null"
FLAGS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900")


def report_of_passengers() -> Any:
    frame = sk.load_example("air_passengers")
    model = sk.train_forecaster(frame, horizon=12, seed=0, verbose=0)
    return sk.report(model, frame, backtest=1)


def report_of_panel() -> Any:
    random, days = np.random.default_rng(0), pd.date_range("2024-01-01", periods=DAYS, freq="D", name="day")
    week = 1 + 0.3 * np.sin(2 * np.pi * np.arange(DAYS) / 7)
    sales = {f"shop {at:03}": (20 + at) * week * random.lognormal(0, 0.1, DAYS) for at in range(SERIES)}
    rows = pd.DataFrame(sales, days).rename_axis(columns="shop").stack().rename("sales").reset_index()
    panel = sk.as_panel(rows, series="shop", time="day")
    model = sk.train_forecaster(panel, horizon=14, epochs=1, seed=0, verbose=0)
    result = sk.backtest(model, panel, origins=1, epochs=1, seed=0, ets=False, verbose=0)
    return sk.report(model, panel, backtest=result)


def report_of_verses() -> Any:
    verses = sk.load_example("verses")
    train, test = verses.iloc[::4], verses.iloc[1::4]
    model = sk.train_classifier(train["text"], train["book"], units=16, embedding=16, epochs=3, folds=1, seed=0)
    return sk.report(model, test["text"], test["book"], train=(train["text"], train["book"]))


PAGES = {
    "air passengers": report_of_passengers,
    f"a panel of {SERIES} series, {SERIES * DAYS:,} rows": report_of_panel,
    "a classifier of verses": report_of_verses,
}


def opened_browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def seconds_to_open(browser: webdriver.Chrome, path: Path) -> float:
    began = time.monotonic()
    browser.get(path.resolve().as_uri())
    WebDriverWait(browser, PATIENCE, poll_frequency=0.05).until(lambda driver: driver.execute_script(READY))
    return time.monotonic() - began


def row_of(name: str, folder: Path) -> dict[str, Any]:
    """The bytes of a page, the seconds until it is ready, and the lines in the console."""
    path, began = folder / f"{name.split(',')[0].replace(' ', '_')}.html", time.monotonic()
    report = PAGES[name]()
    report.save(path)
    made = time.monotonic() - began
    browser = opened_browser()
    try:
        seconds = [seconds_to_open(browser, path) for _ in range(OPENINGS)]
        lines = [line["message"] for line in browser.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
    finally:
        browser.quit()
    found = {"MB": path.stat().st_size / 1e6, "first opening, s": seconds[0], "later, s": float(np.median(seconds[1:]))}
    print(name, found, lines, f"made with its training in {made:.0f} s", flush=True)
    return found | {"lines in the console": str(len(lines))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("out/reports"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({name: row_of(name, folder) for name in PAGES}).T.rename_axis("page")
    notes = f"Commit {commit_of(Path(__file__).parent)}; Chromium, opened from the disk; "
    notes += f"later: the median of {OPENINGS - 1} more openings. "
    notes += "plotly.js, packed, is 1.96 MB of each page."
    write_section("Reports in a browser", table, notes)


if __name__ == "__main__":
    main()
