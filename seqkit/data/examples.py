"""The example tables that come with seqkit: the CSVs of `data/`, which a wheel holds in `seqkit/examples/`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from seqkit import _checks
from seqkit.data.tables import read_csv

PACKAGE = Path(__file__).resolve().parents[1]
IN_A_WHEEL, IN_A_CHECKOUT = PACKAGE / "examples", PACKAGE.parent / "data"
TIME_COLUMNS = {  # of tables with a row for each step; the others have a row for each sample, or several
    "air_passengers": "month",
    "co2": "week",
    "digits": None,
    "elnino": "month",
    "macro": "quarter",
    "nile": "year",
    "sunspots": "month",
    "verses": None,
}


def load_example(name: str) -> pd.DataFrame:
    """Load one of the small tables that come with seqkit.

    | name | rows | columns |
    |---|---|---|
    | `"air_passengers"` | 144 months | `passengers`: international airline passengers, thousands a month |
    | `"sunspots"` | 3120 months | `sunspots`: mean sunspot number of the month |
    | `"co2"` | 2284 weeks, 59 of them missing | `co2`: CO2 in the air at Mauna Loa, ppm by volume |
    | `"macro"` | 203 quarters | the economy of the United States, ten columns |
    | `"elnino"` | 732 months | `temperature`: of the sea in the eastern Pacific, degrees Celsius |
    | `"nile"` | 100 years | `volume`: flow of the Nile at Aswan, 10^8 cubic metres a year |
    | `"digits"` | 3200, eight a picture | `picture`, `row`, `x0` to `x7` (ink, 0 to 16), `digit` |
    | `"verses"` | 1200 verses | `book`, `verse`, `text`: 300 verses each of four books of the Bible |

    Args:
        name: one of the names above.

    Returns:
        A DataFrame. The six series have a regular time index, as `read_csv` gives it; missing weeks are NaN. Digits
        (Alpaydin & Kaynak 1998, CC BY 4.0) and verses (King James Bible) have numbered rows: `take_sequences` turns the
        digits into samples. `data/README.md` names the sources.

    Raises:
        ValueError: no example has this name.

    Example:
        >>> load_example("air_passengers").tail(2)
                    passengers
        month
        1960-11-01       390.0
        1960-12-01       432.0
    """
    time = _checks.choice("load_example", "name", name, TIME_COLUMNS)
    folder = IN_A_WHEEL if IN_A_WHEEL.is_dir() else IN_A_CHECKOUT
    path = folder / f"{name}.csv"
    return pd.read_csv(path) if time is None else read_csv(path, time=time)
