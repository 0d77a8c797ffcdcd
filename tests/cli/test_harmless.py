"""What the command line writes does not attack its reader: spreadsheets run no cell, terminals obey no character."""

import csv
import os

import pandas as pd
import pytest
from click.testing import CliRunner

from seqkit.cli import seqkit
from seqkit.cli.files import Files, check_files, write_files
from seqkit.cli.harmless import cell, echo


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd", "-cmd|' /C calc'!A0", "\t=1", "\r=1", "--1"])
def test_a_spreadsheet_runs_no_text(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1", "+3.5", "-1e-3", "-.5", "-5%", "sales", "a=b", "", "e-mail", 3, None])
def test_numbers_and_other_texts_stay(text):
    assert cell(text) == text


def test_names_and_labels_are_written_harmless_and_numbers_as_they_are(tmp_path):
    path = tmp_path / "forecast.csv"
    table = pd.DataFrame({"time": ["2020-01"], "=HYPERLINK(1)": ["-1.25"], "class": ["@x"]})
    write_files(Files(str(path), None, None), table, model=None, plot=None)
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["time", "'=HYPERLINK(1)", "class"], ["2020-01", "-1.25", "'@x"]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jcleared", r"\x1b[2Jcleared"),
        ("over\rwritten", r"over\rwritten"),
        ("txt.\u202eexe", r"txt.\u202eexe"),
        ("bell\x07", r"bell\x07"),
        ("two\nlines", "two\nlines"),
        ("中文 \u0639\u0631\u0628\u064a 👩\u200d💻\u3000é", "中文 \u0639\u0631\u0628\u064a 👩\u200d💻\u3000é"),
    ],
)
def test_a_terminal_obeys_no_character(text, shown, capsys):
    echo(text)
    assert capsys.readouterr().out == shown + "\n"


def test_an_error_names_a_column_without_its_control_characters(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("day,a\x1b[2J\n2020-01-01,x\n2020-01-02,y\n", encoding="utf-8")
    result = CliRunner().invoke(seqkit, ["forecast", str(path)])
    assert result.exit_code == 2
    assert "\x1b" not in result.output


def test_a_large_file_is_named_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("seqkit.cli.messages.LARGE_FILE", 0)
    path = tmp_path / "bad.csv"
    path.write_text("day,a\n2020-01-01,x\n2020-01-02,y\n", encoding="utf-8")
    first, *_ = CliRunner().invoke(seqkit, ["forecast", str(path)]).stderr.splitlines()
    assert first == f"Reading {path}, 0 MB ..."


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_not_followed(tmp_path, exists):
    table, link, target = tmp_path / "table.csv", tmp_path / "out.csv", tmp_path / "precious.csv"
    table.write_text("a\n1\n")
    if exists:
        target.write_text("precious")
    os.symlink(target, link)
    with pytest.raises(Exception, match=r"--output: .*out.csv is a link to .*precious.csv. Name that file itself."):
        check_files(str(table), Files(str(link), None, None))
