"""Bad input of every kind: the message says where, what is wrong, and the way out, and no file is written."""

import functools
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import seqkit as sk
from seqkit.cli import seqkit

# Each item must be refused with a message; the last one is warned of and forecast.
ITEMS = """
    missing file, directory, empty file, unknown encoding, header only, binary file, wrong separator, no time column,
    ambiguous time column, unparseable time stamp, duplicate time stamps, irregular steps,
    an hour that stands twice, a number that stands for missing values,
    text in a numeric column, all-empty column, infinities, zeros under a log,
    fewer rows than one window, unknown target, target named twice,
    horizon 0, horizon negative, horizon fractional, horizon True, horizon NaN,
    timesteps 0, timesteps negative, timesteps fractional, timesteps True, timesteps NaN,
    arrays of wrong rank, arrays of dtype object, arrays of zero samples, a constant series
"""

DAYS = "day,sales\n2024-01-01,1\n2024-01-02,2\n"
SEVEN_DAYS = "day,sales\n" + "".join(f"2024-01-0{day},{day}\n" for day in range(1, 8))


class Refused(NamedTuple):
    """One bad input: how to run it to its message, and what the message must say."""

    run: Callable[[Path], str]
    where: str
    wrong: str
    way_out: str


def command(content: str | bytes | None, *arguments: str, path: str = "table.csv") -> Callable[[Path], str]:
    """Run the command line on a file of this content, asking for every output; return the one line it says."""

    def run(folder: Path) -> str:
        if content is not None:
            (folder / "table.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        before = sorted(folder.rglob("*"))
        outputs = ["--output", "forecast.csv", "--plot", "forecast.png", "--export", "exports/model"]
        outputs = [text if text.startswith("--") else str(folder / text) for text in outputs]
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "seqkit.forecasting.train", None)  # what needs TensorFlow must not be reached
            result = CliRunner().invoke(seqkit, ["forecast", str(folder / path), *outputs, *arguments])
        assert result.exit_code == 2, result.exception
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        assert sorted(folder.rglob("*")) == before
        return result.stderr

    return run


def call(function: Callable[[], object]) -> Callable[[Path], str]:
    """Call the library; return the text of its error."""

    def run(_: Path) -> str:
        with pytest.raises((ValueError, TypeError)) as caught:
            function()
        return str(caught.value)

    return run


def warned(function: Callable[[], object]) -> Callable[[Path], str]:
    """Call the library; return the text of its warning."""

    def run(_: Path) -> str:
        with pytest.warns(UserWarning, match="^build_forecaster: ") as caught:
            function()
        return str(caught[0].message)

    return run


def daily(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"sales": values}, pd.date_range("2024-01-01", periods=len(values), freq="D"))


@functools.cache
def model() -> sk.Forecaster:
    return sk.build_forecaster(timesteps=3, features=2, horizon=2, units=5)


def logged(values: list[float]) -> sk.Forecaster:
    table = daily(values)
    return sk.build_forecaster(like=table, timesteps=3, horizon=2, units=5, transform="log").fit(table)


def no_count(name: str, value: object, text: str, wrong: str) -> list[Refused]:
    """A horizon or timesteps that is no whole number above 0, on the command line and in the library."""
    bad = {"timesteps": 3, "horizon": 2, name: value}
    return [
        Refused(command(DAYS, f"--{name}", text), "forecast: ", rf"--{name} must be .*{wrong}", "1 or more"),
        Refused(
            call(lambda: sk.make_windows(np.zeros((7, 1)), **bad)), "make_windows: ", f"{name} must be", "1 or more"
        ),
        Refused(
            call(lambda: sk.build_forecaster(features=1, **bad)), "build_forecaster: ", f"{name} must be", "1 or more"
        ),
    ]


BAD_COUNTS = {
    "0": (0, "0", "got 0"),
    "negative": (-3, "-3", "got -3"),
    "fractional": (1.5, "1.5", "a whole number, got '1.5'"),
    "True": (True, "True", "a whole number, got 'True'"),
    "NaN": (float("nan"), "nan", "a whole number, got 'nan'"),
}

TABLE: dict[str, list[Refused]] = {
    "missing file": [
        Refused(command(None), "table.csv: ", "there is no such file", "Check the path"),
        Refused(command(DAYS, path="tabel.csv"), "tabel.csv: ", "no such file", "Did you mean 'table.csv'"),
    ],
    "directory": [
        Refused(command(DAYS, path="."), "^Error: .+: ", "this is a directory", "Name one of the files in it")
    ],
    "empty file": [
        Refused(command(b""), "table.csv: ", "the file is empty", "needs a header line and one line per row"),
        Refused(command(b"\xef\xbb\xbf\n\n"), "table.csv: ", "the file is empty", "needs a header line"),
    ],
    "unknown encoding": [
        Refused(
            command("day,Größe\n2024-01-01,1\n".encode("latin-1")),
            "table.csv: line 1 ",
            "neither UTF-8 nor GB18030",
            "--encoding latin-1 or --encoding cp1252, or save the file as UTF-8",
        ),
        Refused(
            command(DAYS, "--encoding", "utf8000"),
            "table.csv: ",
            "--encoding utf8000 is not an encoding",
            "It has 'utf-8'",
        ),
    ],
    "header only": [
        Refused(command("day,sales\n"), "table.csv: ", r"a header \('day', 'sales'\) but no row", "Add rows")
    ],
    "binary file": [
        Refused(
            command(b"PK\x03\x04\x14\x00\x06"),
            "table.csv: ",
            "the zip file cannot be read",
            "Save the table anew, or as CSV",
        ),
        Refused(
            command(bytes(range(256))), "table.csv: ", "a binary file, not CSV text", "Save the table as CSV first"
        ),
    ],
    "wrong separator": [
        Refused(
            command(DAYS, "--separator", ";"), "table.csv: ", "none of 'day,sales'.* read with ';'", "--separator,"
        ),
        Refused(command(DAYS.replace(",", ":")), "table.csv: ", "no time column.*read with ','", "pass --separator,"),
        Refused(command(DAYS, "--separator", ", "), "table.csv: ", "must be one character", "--separator ';'"),
    ],
    "no time column": [
        Refused(command("a,b\n1.5,2\n2.5,3\n"), "table.csv: ", "none of 'a', 'b' reads as time", "--no-time --freq MS"),
        Refused(command("a,b\n1.5,2\n2.5,3\n", "--no-time"), "table.csv: ", "needs the step of the rows", "--freq MS"),
        Refused(command(DAYS, "--time", "dya"), "table.csv: ", "time 'dya' is not in the table", "Did you mean 'day'"),
    ],
    "ambiguous time column": [
        Refused(
            command("sold,sent,x\n2024-01-01,2024-01-05,1\n2024-01-02,2024-01-03,2\n"),
            "table.csv: ",
            "ambiguous: 'sold' and 'sent' read as time",
            r"--time sold\.$",
        ),
    ],
    "unparseable time stamp": [
        Refused(
            command(DAYS + "2024-01-32,3\n"),
            "table.csv: line 4, column 'day'",
            "'2024-01-32' is not a time stamp",
            "--time-format %d/%m/%Y",
        ),
        Refused(
            command("Month,Sales\n1-01,266\n1-02,146\n"),
            "table.csv: line 2, column 'Month'",
            "'1-01' names no year",
            "--no-time --freq MS .a month each., --target Sales",
        ),
        Refused(
            command("day,x\n01/02/2024,1\n02/02/2024,2\n"),
            "table.csv: line 2, column 'day'",
            "'01/02/2024' is ambiguous",
            "--time-format %d/%m/%Y or --time-format %m/%d/%Y",
        ),
    ],
    "duplicate time stamps": [
        Refused(
            command(DAYS + "2024-01-02,3\n"),
            "table.csv: lines 3 and 4 ",
            "the same time stamp, 2024-01-02",
            "Keep one of them",
        ),
    ],
    "irregular steps": [
        Refused(
            command("day,x\n2024-01-01,1\n2024-01-08,2\n2024-01-15,3\n2024-01-20,4\n"),
            "table.csv: line 5",
            "irregular: 2024-01-20 follows 2024-01-15",
            "Correct the stamp, name the grid with --freq, or resample",
        ),
    ],
    "a number that stands for missing values": [
        Refused(
            command("day,x\n2024-01-01,1\n2024-01-02,-999\n2024-01-03,2\n2024-01-04,-999\n"),
            "table.csv: column 'x'",
            "holds -999 in 2 rows, far from all other numbers",
            "--missing -999.0, or --missing none",
        ),
    ],
    "an hour that stands twice": [
        Refused(
            command("t,x\n" + "".join(f"2024-05-05 0{hour}:00,1\n" for hour in (0, 1, 2, 2, 3))),
            "table.csv: lines 4 and 5",
            "have the same time stamp, 2024-05-05 02:00:00",
            "Keep one of them, pass --duplicates mean",
        ),
    ],
    "text in a numeric column": [
        Refused(
            command("day,sales,rain\n2024-01-01,1,2\n2024-01-02,many,3\n"),
            "table.csv: line 3, column 'sales'",
            "'many' is not a finite number",
            "Correct the cell.*--target rain",
        ),
        Refused(
            call(lambda: sk.make_windows(daily(["a", "b", "c"]), timesteps=1, horizon=1)),
            "make_windows: column 'sales'",
            "not numbers",
            "Leave it out, or use pd.to_numeric",
        ),
    ],
    "all-empty column": [
        Refused(
            command("day,rain\n2024-01-01,\n2024-01-02,NA\n"),
            "table.csv: column 'rain'",
            "empty in every row",
            "naming the others in --target",
        ),
    ],
    "infinities": [
        Refused(
            command(DAYS + "2024-01-03,-inf\n"),
            "table.csv: line 4, column 'sales'",
            "'-inf' is not a finite number",
            "Correct the cell, leave it empty",
        ),
        Refused(
            call(lambda: sk.make_windows(daily([1, np.inf, 2]), timesteps=1, horizon=1)),
            "make_windows: column 'sales'",
            "infinite at 2024-01-02",
            "Correct it, or set it to NaN",
        ),
        Refused(
            call(lambda: model().fit(np.full((2, 3, 2), np.inf), np.zeros((2, 2, 2)))),
            "fit: ",
            "infinite value in column 0, row 0",
            "Remove it first",
        ),
    ],
    "zeros under a log": [
        Refused(
            call(lambda: logged([1, 2, 0, 4, 5, 6, 7])),
            "fit: ",
            "a log needs values above zero, got column 'sales', row 2024-01-03",
            'transform="asinh" or "none"',
        ),
    ],
    "fewer rows than one window": [
        Refused(
            command(SEVEN_DAYS, "--timesteps", "5", "--horizon", "3"),
            "table.csv: ",
            "--timesteps 5 and --horizon 3 need 8 rows or more, the table has 7",
            "Shorten, or add rows",
        ),
        Refused(command(SEVEN_DAYS, "--horizon", "7"), "table.csv: ", "--horizon 7 needs 8 .* has 7", "Shorten"),
        Refused(
            call(lambda: sk.make_windows(np.zeros((7, 1)), timesteps=5, horizon=3)),
            "make_windows: ",
            "timesteps=5 and horizon=3 need 8 rows or more, got 7",
            "Shorten either, or pass more rows",
        ),
        Refused(
            call(lambda: sk.build_forecaster(like=daily([1, 2, 3, 4, 5, 6, 7]), timesteps=5, horizon=3)),
            "build_forecaster: ",
            "need 8 rows or more, the table has 7",
            "Shorten either, or pass more rows",
        ),
    ],
    "unknown target": [
        Refused(command(DAYS, "--target", "sale"), "table.csv: ", "'sale' is not in the table", "Did you mean 'sales'"),
        Refused(
            call(lambda: sk.make_windows(daily([1, 2, 3]), timesteps=1, horizon=1, targets="sale")),
            "make_windows: ",
            "target 'sale' is not in the table",
            "Did you mean 'sales'",
        ),
    ],
    "target named twice": [
        Refused(
            command(DAYS, "--target", "sales", "--target", "sales"), "table.csv: ", "'sales' is named twice", "it once"
        ),
        Refused(
            call(lambda: sk.build_forecaster(like=daily([1, 2, 3]), horizon=1, targets=["sales", "sales"])),
            "build_forecaster: ",
            "target 'sales' is named twice",
            "Name it once",
        ),
    ],
    **{f"{name} {kind}": no_count(name, *bad) for name in ("horizon", "timesteps") for kind, bad in BAD_COUNTS.items()},
    "arrays of wrong rank": [
        Refused(
            call(lambda: sk.make_windows(np.zeros(7), timesteps=3, horizon=2)),
            "make_windows: ",
            r"a 2-D array \[rows, features\], got 1-D",
            r"reshape\(-1, 1\)",
        ),
        Refused(
            call(lambda: sk.reshape(np.zeros((2, 3, 5)), timesteps=3)),
            "reshape: ",
            "a 2-D array .*got 3-D of shape",
            "becomes a column",
        ),
        Refused(
            call(lambda: model().fit(np.zeros((7, 3)), np.zeros((7, 2)))),
            "fit: x ",
            r"must have the shape \(samples, 3, 2\), got \(7, 3\)",
            "seqkit.reshape and seqkit.make_windows make such",
        ),
    ],
    "arrays of dtype object": [
        Refused(
            call(lambda: sk.make_windows(np.array([["a"], ["b"]], dtype=object), timesteps=1, horizon=1)),
            "make_windows: ",
            "wanted numbers, got dtype object",
            r"astype\('float32'\)",
        ),
        Refused(
            call(lambda: model().predict(np.zeros((7, 3, 2), dtype=object))),
            "predict: x ",
            "must hold numbers, got dtype object",
            "Convert it to float32",
        ),
    ],
    "arrays of zero samples": [
        Refused(
            call(lambda: sk.make_windows(np.zeros((0, 2)), timesteps=3, horizon=2)),
            "make_windows: ",
            "no rows at all",
            r"wanted \[rows, features\]",
        ),
        Refused(
            call(lambda: model().fit(np.zeros((0, 3, 2)), np.zeros((0, 2, 2)))),
            "fit: x ",
            "holds no samples",
            r"\[samples, timesteps, features\]",
        ),
    ],
    "a constant series": [
        Refused(
            warned(lambda: sk.build_forecaster(like=daily([5, 5, 5, 5, 5]), timesteps=3, horizon=2, units=5)),
            "build_forecaster: column 'sales'",
            "is constant",
            "its forecast is that constant",
        ),
    ],
}


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(case, id=f"{item} {number}")
        for item, cases in TABLE.items()
        for number, case in enumerate(cases, 1)
    ],
)
def test_bad_input_is_refused_with_where_what_and_the_way_out(tmp_path, refused):
    message = refused.run(tmp_path)
    for pattern in (refused.where, refused.wrong, refused.way_out):
        assert re.search(pattern, message), message


def test_every_item_of_the_list_has_a_row():
    items = [item.strip() for item in ITEMS.replace("\n", " ").split(",")]
    assert sorted(TABLE) == sorted(items)
    assert all(TABLE.values())


def test_one_row_more_is_a_window():
    assert len(sk.make_windows(np.zeros((8, 1)), timesteps=5, horizon=3)) == 1
    like = daily([1, 2, 3, 4, 5, 6, 7, 8])
    assert len(sk.build_forecaster(like=like, timesteps=5, horizon=3, units=5).windows(like)) == 1


def test_a_constant_series_is_warned_of_and_forecasts_the_constant(tmp_path):
    rows = "".join(f"2024-01-{day:02},5\n" for day in range(1, 30))
    (tmp_path / "table.csv").write_text("day,sales\n" + rows)
    arguments = ["--horizon", "3", "--epochs", "2", "--origins", "0", "--output", str(tmp_path / "forecast.csv")]
    result = CliRunner().invoke(seqkit, ["forecast", str(tmp_path / "table.csv"), *arguments])
    assert result.exit_code == 0, result.exception
    assert result.stderr.count("Warning: column 'sales' is constant; its forecast is that constant.\n") == 1
    future = pd.read_csv(tmp_path / "forecast.csv")
    assert future["day"].tolist() == ["2024-01-30", "2024-01-31", "2024-02-01"]
    assert future["sales"].tolist() == pytest.approx([5, 5, 5], rel=1e-3)
