"""`seqkit classify`: what it reads, what it writes, how soon it refuses, and that no file is ever half written."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from seqkit.classification.build import build_classifier
from seqkit.cli import seqkit

DATA = Path(__file__).parents[2] / "data"
WORDS = {"sun": ["warm", "bright", "clear"], "rain": ["wet", "grey", "cold"]}
FILES = {"--output": "predictions.csv", "--plot": "confusion.png", "--export": "model"}


def run(*arguments):
    return CliRunner().invoke(seqkit, ["classify", *map(str, arguments)])


def outputs(folder):
    return [argument for flag, name in FILES.items() for argument in (flag, str(folder / name))]


def write(folder, content, name="table.csv"):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def weather(folder, rows=20, name="table.csv", labels=True):
    """Texts of three words, whose class one of them tells."""
    lines = []
    for row in range(rows):
        label = ("sun", "rain")[row % 2]
        lines.append(f"a {WORDS[label][row % 3]} day" + (f",{label}" if labels else ""))
    return write(folder, "\n".join(["said,kind" if labels else "said", *lines]) + "\n", name)


def walks(folder, count=20, name="walks.csv"):
    """Series of two features and three to five steps, out of order, of two classes by their sign."""
    rng, rows = np.random.default_rng(3), []
    for walk in range(count):
        sign = 1 if walk % 2 else -1
        for step in rng.permutation(3 + walk % 3):
            rows.append((f"walk {walk}", step, sign * (1 + rng.random()), rng.random(), "up" if walk % 2 else "down"))
    path = folder / name
    pd.DataFrame(rows, columns=["walk", "step", "x", "y", "way"]).to_csv(path, index=False)
    return path


@pytest.fixture
def quick(monkeypatch):
    """Replace training by an epoch of a tiny network, and return the arguments of each call of it."""
    calls = []

    def train(x, y, **options):
        calls.append({"count": len(x), **options})
        model = build_classifier(like=x, labels=y, units=3, embedding=2, cell="simple_rnn", convolution="none")
        model.fit(x, y, epochs=1, verbose=0)
        return model

    monkeypatch.setattr("seqkit.classification.train.train_classifier", train)
    return calls


def test_an_empty_name_of_the_label_names_no_column(tmp_path):
    result = run(weather(tmp_path), "--text", "said", "--label", "")
    assert result.exit_code == 2
    assert "column '' is not in the table" in result.stderr


def test_quiet_prints_results_alone(quick, tmp_path):
    result = run(weather(tmp_path), "--text", "said", "--label", "kind", "--quiet")
    assert result.stderr == ""
    assert {call["verbose"] for call in quick} == {0}
    assert "p(rain)" in result.stdout


def test_texts_without_a_test_file_are_scored_on_a_fifth_and_then_trained_on_all(quick, tmp_path):
    result = run(weather(tmp_path), "--text", "said", "--label", "kind", "--seed", "7", *outputs(tmp_path))
    assert result.exit_code == 0, result.output
    assert [call["count"] for call in quick] == [16, 20]
    assert {call["seed"] for call in quick} == {7}
    table = pd.read_csv(tmp_path / "predictions.csv")
    assert list(table.columns) == ["row", "class", "p(rain)", "p(sun)"]
    assert len(table) == 4
    np.testing.assert_allclose(table["p(rain)"] + table["p(sun)"], 1, atol=2e-4)
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "model" / "saved_model.pb").exists()
    assert "majority" in result.stdout
    assert "linear" in result.stdout


def test_a_test_file_is_scored_and_predicted_row_by_row(quick, tmp_path):
    test = weather(tmp_path, rows=7, name="test.csv")
    result = run(weather(tmp_path), "--text", "said", "--label", "kind", "--test", test)
    assert result.exit_code == 0, result.output
    assert [call["count"] for call in quick] == [20]
    assert "On 7 samples" in result.stdout


def test_a_test_file_without_labels_is_predicted_and_not_scored(quick, tmp_path):
    test = weather(tmp_path, rows=7, name="test.csv", labels=False)
    result = run(weather(tmp_path), "--text", "said", "--label", "kind", "--test", test, "--output", tmp_path / "p.csv")
    assert result.exit_code == 0, result.output
    assert "Not scored: --test has no labels." in result.stdout
    assert len(pd.read_csv(tmp_path / "p.csv")) == 7


def test_series_are_named_in_the_predictions_and_sorted_by_time(quick, tmp_path):
    options = ["--series", "walk", "--time", "step", "--label", "way"]
    result = run(walks(tmp_path), *options, "--output", tmp_path / "p.csv", "--export", tmp_path / "model")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "p.csv")
    assert list(table.columns) == ["walk", "class", "p(down)", "p(up)"]
    assert table["walk"].str.startswith("walk ").all()


def test_only_the_features_that_are_named_are_read(quick, tmp_path):
    options = ["--series", "walk", "--time", "step", "--label", "way", "--feature", "x"]
    assert run(walks(tmp_path), *options).exit_code == 0
    other = pd.read_csv(walks(tmp_path)).rename(columns={"y": "z"})
    other.to_csv(tmp_path / "test.csv", index=False)
    refused = run(walks(tmp_path), *options[:-2], "--test", tmp_path / "test.csv")
    assert "--test has the features 'x', 'z', CSV has 'x', 'y'" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [],
            "no steps of series: where each row is a series, they are numbered, as t0, t1, t2. Name the column of the ",
        ),
        (["--time", "said"], "--time and --feature are for series with a row for each timestep"),
        (["--text", "said", "--series", "kind"], "name --text for texts or --series for series, one of the two"),
        (["--text", "said", "--time", "kind"], "--time is for series"),
        (["--text", "sad"], "column 'sad' is not in the table, whose columns are 'said', 'kind'. Did you mean 'said'?"),
        (["--text", "said", "--epochs", "0"], "--epochs must be 1 or more, got 0"),
        (["--text", "said", "--test", "nowhere.csv"], "nowhere.csv: there is no such file"),
        (["--text", "said", "--plot", "picture.bmp"], "the ending must be one of"),
        (["--series", "kind"], "column 'kind' is named twice"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_before_any_work(quick, tmp_path, arguments, message):
    result = run(weather(tmp_path), "--label", "kind", *arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not quick


@pytest.mark.parametrize(
    ("make", "options", "said"),
    [
        (weather, ["--text", "said", "--label", "kind"], "Read 20 texts, 2 classes in column 'kind'."),
        (
            walks,
            ["--series", "walk", "--time", "step", "--label", "way"],
            "Read 20 series of 3 to 5 steps, 2 features, 2 classes in column 'way'.",
        ),
    ],
)
def test_what_was_understood_is_said_first(quick, tmp_path, make, options, said):
    assert run(make(tmp_path), *options).stderr.splitlines()[0] == said


def wide(folder, name, rows=20, labels=True):
    """Series a row each, without a header: the class, 1 or 2, and seven steps."""
    values = np.random.default_rng(5).normal(size=(rows, 7)).round(4) + np.arange(rows)[:, None] % 2
    lines = [[*([str(row % 2 + 1)] if labels else []), *map(str, values[row])] for row in range(rows)]
    return write(folder, "".join("\t".join(line) + "\n" for line in lines), name)


def test_a_row_for_each_series_needs_no_option(quick, tmp_path):
    test = wide(tmp_path, "test.tsv", rows=8)
    result = run(wide(tmp_path, "train.tsv"), "--test", test, "--output", tmp_path / "predictions.csv")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines()[0] == "Read 20 series of 7 steps, 1 feature, 2 classes in column 'column 1'."
    predictions = pd.read_csv(tmp_path / "predictions.csv")
    assert list(predictions.columns) == ["row", "class", "p(1)", "p(2)"]
    assert len(predictions) == 8


def test_a_label_is_needed_where_it_cannot_be_found(quick, tmp_path):
    assert "name the column of the classes with --label" in run(weather(tmp_path), "--text", "said").stderr


def test_a_picture_of_a_test_without_labels_is_refused(quick, tmp_path):
    test = weather(tmp_path, rows=7, name="test.csv", labels=False)
    options = ["--text", "said", "--label", "kind", "--test", test, "--plot", tmp_path / "c.png"]
    assert "--test has no labels" in run(weather(tmp_path), *options).stderr
    assert not quick


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("said,kind\n" + "warm,sun\n" * 11, "two classes or more are needed, got 'sun' alone"),
        ("said,kind\nwarm,sun\nwet,rain\n", "2 samples are too few to hold some out"),
        ("said,kind\nwarm,sun\nwet,\n", "1 rows have no label in column 'kind', the first in line 3"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, table, message):
    result = run(write(tmp_path, table), "--text", "said", "--label", "kind", *outputs(tmp_path))
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.csv"]


def test_help_does_not_wait_for_tensorflow(tmp_path):
    code = "import sys; from seqkit.cli import seqkit; sys.exit('tensorflow' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert "--series COL" in run("--help").stdout


@pytest.mark.slow
def test_digits_are_learnt_from_the_command_line(tmp_path):
    result = run(DATA / "digits.csv", "--series", "picture", "--time", "row", "--label", "digit", "--seed", "1")
    assert result.exit_code == 0, result.output
    scores = next(line.split() for line in result.stdout.splitlines() if line.split()[:1] == ["classifier"])
    assert float(scores[1]) > 0.85
