"""What a fuzzer calls: bytes become a table, a text or a command line; seqkit answers, or refuses in its own words.

`benchmarks/reliability/fuzz.py` draws the bytes; `test_fuzz_corpus` gives again those that once found a fault.
"""

import contextlib
import io
import sys
import tempfile
import warnings
from pathlib import Path
from unittest import mock

import click
import numpy as np
import pandas as pd
from click.testing import CliRunner

from seqkit._errors import Message, SeqkitWarning
from seqkit.cli import seqkit as command
from seqkit.data.samples import read_sequences, read_texts
from seqkit.data.tables import read_csv
from seqkit.data.windows import make_windows
from seqkit.text.vocabulary import Vocabulary

NUMBERS = [0, 1, 2, 3, 7, -1, 1.5, True, None, float("nan"), float("inf"), 2**31, 2**63, 1e39, "3", "", [], np.int64(2)]
NAMES = ["t", "x", "a", "b", "c", "", " ", "時", "=1", None, 0, ["t", "x"], []]
FREQUENCIES = [None, "D", "h", "MS", "W", "15min", "QS", "YE", "0D", "-1D", "99999999999D", "banana", 3]
STAMPS = ["2000-01-01", "NaT", "now", "", "1677-09-21", "2262-04-11", "24:00", "-024-05"]
OPTIONS = {
    "time": ["auto", None, *NAMES],
    "columns": NAMES,
    "use": NAMES,
    "only": [None, {"a": "1"}, {"x": 1}, {"": ""}, {}],
    "freq": FREQUENCIES,
    "start": STAMPS,
    "timezone": [None, "UTC", "Europe/Berlin", "nowhere"],
    "duplicates": ["refuse", "mean", "first", "last", "any"],
    "time_format": [None, "%d/%m/%Y", "%Y", "%", "%Q", "", "%H:%M"],
    "encoding": [None, "utf-8", "utf-16", "latin-1", "rot13", "ascii", "base64", ""],
    "separator": [None, ",", ";", "\t", "", "ab", "\\", "\n", "|"],
    "decimal": [None, ".", ",", "", "x", ";"],
    "header": [None, True, False],
    "skip_rows": [None, *NUMBERS],
    "skip_footer": [None, *NUMBERS],
    "missing": [None, *NUMBERS, "none", [0, -999]],
}
FLAGS = [
    "--time",
    "--target",
    "--use",
    "--only",
    "--horizon",
    "--timesteps",
    "--season",
    "--budget",
    "--epochs",
    "--seed",
]
FLAGS += ["--origins", "--fill", "--freq", "--start", "--timezone", "--duplicates", "--time-format", "--skip-rows"]
FLAGS += ["--missing", "--encoding", "--separator", "--decimal", "--no-time", "--header", "--no-header", "--output"]


class Draw:
    """Choices made by bytes; an empty rest chooses the first."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, count: int) -> int:
        """A number from 0 below `count`, at most 256."""
        first, self.data = self.data[:1], self.data[1:]
        return int.from_bytes(first, "little") % count

    def pick(self, choices):
        return choices[self.number(len(choices))]

    def options(self, choices, most=4):
        """A few of the options, each with one of its values."""
        names = [self.pick(list(choices)) for _ in range(self.number(most))]
        return {name: self.pick(choices[name]) for name in names}

    def words(self, most=6):
        """A few short texts."""
        sizes = [self.number(12) for _ in range(self.number(most))]
        words = []
        for size in sizes:
            part, self.data = self.data[:size], self.data[size:]
            words.append(part.decode("utf-8", "replace"))
        return words


def csv(draw):
    options = draw.options(OPTIONS)
    table = read_csv(io.BytesIO(draw.data), **options)
    assert isinstance(table.index, pd.DatetimeIndex)
    assert table.index.freq is not None
    assert not np.isinf(table.select_dtypes("number").to_numpy()).any()


def texts(draw):
    options = {name: draw.pick(OPTIONS[name]) for name in ("encoding", "separator")}
    read_texts(io.BytesIO(draw.data), text=draw.pick(NAMES), label=draw.pick(NAMES), **options)


def sequences(draw):
    names = {name: draw.pick(NAMES) for name in ("series", "label", "time")}
    read_sequences(io.BytesIO(draw.data), **names)


def windows(draw):
    sizes = {
        "timesteps": draw.pick(NUMBERS),
        "horizon": draw.pick(NUMBERS),
        "targets": draw.pick([None, *NAMES, *NUMBERS]),
    }
    dtype, columns = draw.pick(["f8", "f4", "i4", "u1", "S3", "M8[s]", "c8"]), draw.number(4)
    size = np.dtype(dtype).itemsize * max(columns, 1)
    table = np.frombuffer(draw.data[: len(draw.data) // size * size], dtype)
    table = table.reshape(-1, columns) if columns else table
    if draw.number(2):
        table = pd.DataFrame(table, pd.date_range("2000", periods=len(table), freq="h"))
    found = make_windows(table, **sizes)
    pairs = [found[place] for place in (0, len(found) - 1)]
    assert all(np.isfinite(pair.x[~np.isnan(pair.x)]).all() for pair in pairs)


def vocabulary(draw):
    samples = draw.words()
    known = draw.pick([Vocabulary, Vocabulary.learn])(samples, by=draw.pick(["words", "spaces", "characters"]))
    numbers = [[draw.pick(NUMBERS) for _ in range(draw.number(4))]]
    known.join(known.encode(draw.words()))
    known.join(numbers)


class ReadAlone(click.exceptions.Exit):
    """The command has read the file, and would train now."""


def command_line(draw):
    flags = [draw.pick(FLAGS) for _ in range(draw.number(5))]
    values = [str(draw.pick([*NUMBERS, *NAMES, *FREQUENCIES, *STAMPS])) for _ in flags]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_bytes(draw.data)
        arguments = [part for pair in zip(flags, values, strict=True) for part in pair if pair[1] or part]
        given = ["forecast", str(path), *[part.replace("--output", f"--output={folder}/o.csv") for part in arguments]]
        with mock.patch.object(sys.modules["seqkit.cli.forecast"], "train", _stop):
            result = CliRunner().invoke(command, given)
    if result.exit_code not in (0, 2):
        raise result.exception


def _stop(*_):
    raise ReadAlone(0)


TARGETS = [csv, csv, command_line, texts, sequences, windows, vocabulary]


def try_one(data: bytes) -> None:
    """Call what the first byte names; seqkit's own refusals are answers, any other exception is a fault."""
    draw = Draw(data)
    target = draw.pick(TARGETS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", SeqkitWarning)
        with contextlib.suppress(Message):
            target(draw)
