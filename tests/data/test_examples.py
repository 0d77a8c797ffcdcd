"""The example tables: every CSV of data/ by its name, in a checkout and in a wheel."""

import configparser
from pathlib import Path

import pandas as pd
import pytest

import seqkit as sk
from seqkit.data import examples

ROOT = Path(__file__).parents[2]


def test_every_csv_is_an_example():
    assert sorted(path.stem for path in (ROOT / "data").glob("*.csv")) == sorted(examples.TIME_COLUMNS)


@pytest.mark.parametrize("name", [name for name, time in examples.TIME_COLUMNS.items() if time and name != "co2"])
def test_a_series_has_a_regular_time_index_and_no_gaps(name):
    table = sk.load_example(name)
    assert table.index.freq is not None
    assert not table.isna().any(axis=None)


def test_the_absent_weeks_of_co2_are_missing_values():
    with pytest.warns(sk.SeqkitWarning, match="59 rows are missing"):
        table = sk.load_example("co2")
    assert (len(table), table["co2"].isna().sum()) == (2284, 59)


def test_the_digits_become_samples():
    digits = sk.take_sequences(sk.load_example("digits"), series="picture", time="row", label="digit")
    assert (len(digits.values), digits.values[0].shape) == (400, (8, 8))


def test_verses_are_texts_of_four_books():
    assert sk.load_example("verses")["book"].value_counts().to_dict() == dict.fromkeys(
        ["Genesis", "Psalms", "Proverbs", "Mark"], 300
    )


def test_an_unknown_example_is_refused_with_the_list():
    message = "load_example: name must be one of 'air_passengers', .*'verses', got 'air_pasengers'. Did you mean 'air_p"
    with pytest.raises(sk.InvalidValue, match=message):
        sk.load_example("air_pasengers")


def test_an_installed_wheel_reads_its_own_files(monkeypatch, tmp_path):
    (tmp_path / "nile.csv").write_text("year,volume\n1871,7\n1872,8\n1873,9\n")
    monkeypatch.setattr(examples, "IN_A_WHEEL", tmp_path)
    pd.testing.assert_index_equal(
        sk.load_example("nile").index, pd.date_range("1871", periods=3, freq="YS", name="year")
    )


def test_a_wheel_holds_every_folder_and_the_examples():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = [".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "seqkit").rglob("__init__.py")]
    assert setup["options"]["packages"].split() == sorted([*folders, "seqkit.examples"])
    assert setup["options"]["package_dir"].strip() == "seqkit.examples = data"
    assert not list((ROOT / "data").glob("*.py"))  # a wheel would hold them
