"""Collect the files of first_try.py: CSVs that installed packages ship, R's data sets, and those written by hand.

pip install vega_datasets statsmodels scikit-learn
apt install r-base-core r-cran-mass r-cran-boot r-cran-zoo r-cran-tseries r-cran-forecast r-cran-survival
python benchmarks/first_try_files.py FOLDER

Files that are CSVs in their package are copied as they are. Others are written as a user of the package would write
them: `to_csv` of a DataFrame, `write.csv` of R's data sets (first_try_files.R). FOLDER then has every file that
first_try/files.csv lists; what could not be collected is printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
FILES = HERE / "first_try" / "files.csv"
VEGA_JSON = {"vega_ohlc.csv": "ohlc", "vega_wheat.csv": "wheat", "vega_crimea.csv": "crimea"}
VEGA_JSON |= {"vega_driving.csv": "driving", "vega_cars.csv": "cars", "vega_barley.csv": "barley"}
FOLDERS = {"vega": "_data", "statsmodels": "datasets", "sklearn": "datasets/data"}
PACKAGES = {"vega": "vega_datasets", "statsmodels": "statsmodels", "sklearn": "sklearn"}


def folder_of(package: str) -> Path:
    """The folder of an installed package, which is not imported."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"{package} is not installed; the first lines of this file say how.")
    return Path(found.origin).parent


def collect(file: str, source: str, folder: Path) -> None:
    """Put one file of the list into the folder; R's come all at once."""
    package, _, path = source.partition(":")
    if package == "by hand":
        shutil.copyfile(HERE / "first_try" / file, folder / file)
    elif file in VEGA_JSON:
        pd.read_json(folder_of(PACKAGES["vega"]) / FOLDERS["vega"] / f"{VEGA_JSON[file]}.json").to_csv(
            folder / file, index=False
        )
    elif package in FOLDERS:
        shutil.copyfile(folder_of(PACKAGES[package]) / FOLDERS[package] / path, folder / file)


def main() -> None:
    """Collect all files of the list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["Rscript", str(HERE / "first_try_files.R"), str(folder)], check=True)
    files = pd.read_csv(FILES, dtype=str, keep_default_na=False)
    for file, source in zip(files["file"], files["source"], strict=True):
        collect(file, source, folder)
    missing = [file for file in files["file"] if not (folder / file).exists()]
    print(f"{len(files) - len(missing)} of {len(files)} files in {folder}", *missing, sep="\n")


if __name__ == "__main__":
    main()
