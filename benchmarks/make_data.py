"""Make the CSV files of data/, all but verses.csv, from open sources.

`python benchmarks/make_data.py` writes them, `--check` only compares. The air passengers are typed below, the digits
come from scikit-learn, the others from statsmodels; data/README.md has the sources, units and check sums.
"""

from __future__ import annotations

import argparse
import hashlib
import pathlib
import re

import pandas as pd
from sklearn.datasets import load_digits
from statsmodels import datasets

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"

# Box, Jenkins and Reinsel, Time Series Analysis, series G: a line a year, January to December, thousands.
AIR_PASSENGERS = """
1949 112 118 132 129 121 135 148 148 136 119 104 118
1950 115 126 141 135 125 149 170 170 158 133 114 140
1951 145 150 178 163 172 178 199 199 184 162 146 166
1952 171 180 193 181 183 218 230 242 209 191 172 194
1953 196 196 236 235 229 243 264 272 237 211 180 201
1954 204 188 235 227 234 264 302 293 259 229 203 229
1955 242 233 267 269 270 315 364 347 312 274 237 278
1956 284 277 317 313 318 374 413 405 355 306 271 306
1957 315 301 356 348 355 422 465 467 404 347 305 336
1958 340 318 362 348 363 435 491 505 404 359 310 337
1959 360 342 406 396 420 472 548 559 463 407 362 405
1960 417 391 419 461 472 535 622 606 508 461 390 432
"""

EACH_DIGIT = 40

MACRO_COLUMNS = {
    "realgdp": "gdp",
    "realcons": "consumption",
    "realinv": "investment",
    "realgovt": "government",
    "realdpi": "income",
    "cpi": "prices",
    "m1": "money",
    "tbilrate": "treasury_bill_rate",
    "unemp": "unemployment",
    "pop": "population",
}


def air_passengers() -> pd.DataFrame:
    """144 months."""
    return _months_from_years(AIR_PASSENGERS, "passengers", whole=True)


def sunspots() -> pd.DataFrame:
    """Monthly means up to 2008; those of 2009 were preliminary."""
    source = pathlib.Path(datasets.sunspots.__file__).parent / "src" / "sunspots_monthly.dat"
    table = _months_from_years(source.read_text(encoding="ascii"), "sunspots")
    return table[table["month"] < "2009"]


def co2() -> pd.DataFrame:
    """Weeks without a measurement are absent, not empty."""
    table = datasets.co2.load_pandas().data.dropna()
    return pd.DataFrame({"week": table.index.strftime("%Y-%m-%d"), "co2": table["co2"].to_numpy()})


def macro() -> pd.DataFrame:
    """The ten measured columns; the derived ones (inflation, real rate) are left out."""
    table = datasets.macrodata.load_pandas().data
    quarter = table["year"].astype(int).astype(str) + "Q" + table["quarter"].astype(int).astype(str)
    return (
        table[list(MACRO_COLUMNS)]
        .rename(columns=MACRO_COLUMNS)
        .assign(quarter=quarter)[["quarter", *MACRO_COLUMNS.values()]]
    )


def elnino() -> pd.DataFrame:
    """A column a month in the source."""
    table = datasets.elnino.load_pandas().data.astype({"YEAR": int})
    return _months_from_years(table.to_string(header=False, index=False), "temperature")


def nile() -> pd.DataFrame:
    """One value a year."""
    table = datasets.nile.load_pandas().data.astype(int)
    return table[["year", "volume"]]


def digits() -> pd.DataFrame:
    """The first 40 of each digit, a row for each row of its 8 x 8 picture, from the top."""
    source = load_digits()
    chosen = [place for digit in range(10) for place in (source.target == digit).nonzero()[0][:EACH_DIGIT]]
    rows = [
        (place, row, *source.images[place, row].astype(int), source.target[place])
        for place in chosen
        for row in range(8)
    ]
    return pd.DataFrame(rows, columns=["picture", "row", *(f"x{column}" for column in range(8)), "digit"])


def _months_from_years(text: str, name: str, whole: bool = False) -> pd.DataFrame:
    """Lines of a year and its months as one row a month."""
    rows = []
    for line in re.findall(r"^ *(\d{4}) +([-\d. ]+)$", text, flags=re.MULTILINE):
        numbers = [int(one) if whole else float(one) for one in line[1].split()]
        rows += [(f"{line[0]}-{month:02d}", number) for month, number in enumerate(numbers, start=1)]
    return pd.DataFrame(rows, columns=["month", name])


def main() -> None:
    """Write or compare every file and print its rows and check sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the files that are there")
    check = parser.parse_args().check
    for make in (air_passengers, sunspots, co2, macro, elnino, nile, digits):
        table = make()
        content = table.to_csv(index=False, lineterminator="\n").encode()
        path = DATA / f"{make.__name__}.csv"
        if check and path.read_bytes() != content:
            raise SystemExit(f"{path.name} differs from what its source gives now")
        if not check:
            path.write_bytes(content)
        print(f"{path.name:20} {len(table):5} rows  {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
