"""Errors and warnings: their attributes, their text, and that pickle keeps them."""

import copy
import pickle
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit import _checks
from seqkit._errors import (
    InvalidType,
    InvalidValue,
    NoSuchFile,
    NotAFile,
    PathTaken,
    SeqkitWarning,
    UnreadableFile,
    keywords,
)
from seqkit.layers import RecurrentStack

BASES = {
    InvalidValue: ValueError,
    InvalidType: TypeError,
    SeqkitWarning: UserWarning,
    NoSuchFile: FileNotFoundError,
    NotAFile: IsADirectoryError,
    UnreadableFile: OSError,
    PathTaken: FileExistsError,
}


def read(folder, content, **options):
    path = folder / "table.csv"
    path.write_text(content)
    return sk.read_csv(path, **options)


@pytest.mark.parametrize("error_type", BASES)
def test_the_text_is_where_the_problem_and_the_way_out(error_type):
    error = error_type("fit: x", "wanted 3, got {2}.", "Pass " + keywords(freq="MS") + ".", "x")
    assert isinstance(error, BASES[error_type])
    assert (error.where, error.problem, error.way_out) == ("fit: x", "wanted 3, got {2}.", "Pass freq='MS'.")
    assert error.argument == "x"
    assert str(error) == "fit: x: wanted 3, got {2}. Pass freq='MS'."
    assert error.args == (str(error),)


@pytest.mark.parametrize("error_type", BASES)
@pytest.mark.parametrize("duplicate", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_it_is_the_same_after_a_pickle_and_as_a_copy(error_type, duplicate):
    error = error_type("fit", keywords(time=None, columns=["{a}"]) + " is wrong.", argument="time")
    error.add_note("seen before")
    copied = duplicate(error)
    assert type(copied) is error_type
    assert str(copied) == str(error) == "fit: time=None, columns=['{a}'] is wrong."
    assert (copied.where, copied.problem, copied.way_out, copied.argument) == ("fit", error.problem, "", "time")
    assert copied.written(lambda arguments: "+".join(arguments)) == "time+columns is wrong."
    assert copied.__notes__ == ["seen before"]


def test_without_a_way_out_and_with_the_space_of_a_suggestion_there_is_one_space():
    assert str(InvalidValue("fit", "no.", _checks.did_you_mean("ab", ["xy"]))) == "fit: no."
    assert str(InvalidValue("fit", "no.", _checks.did_you_mean("xyz", ["xy"]))) == "fit: no. Did you mean 'xy'?"


def test_it_can_be_made_of_its_text_alone():
    error = InvalidValue("fit: all of it.")
    assert (str(error), error.where, error.problem) == ("fit: all of it.", "", "fit: all of it.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_what_a_layer_refuses_comes_out_of_keras_as_it_is():
    layer = RecurrentStack(units=3)
    layer(np.zeros((2, 3, 5), "float32"))
    with pytest.raises(sk.InvalidValue) as caught:
        layer(np.zeros((2, 0, 5), "float32"))
    assert str(caught.value) == "RecurrentStack: the sequences have no timesteps. Leave empty ones out."
    assert caught.value.where == "RecurrentStack"


def test_text_is_added_on_either_side_of_arguments_that_stay_apart():
    text = "{0} " + keywords(horizon=np.int64(3)) + " {x} " + keywords(time=("a",), start=...)
    assert str(text) == "{0} horizon=3 {x} time=('a',), start="
    assert text.written(lambda arguments: "|".join(arguments)) == "{0} horizon {x} time|start"


def test_another_way_out_leaves_the_rest():
    first = SeqkitWarning("read_csv", keywords(freq="D") + " lacks rows.", "Fill them.", "fill")
    warning = first.with_way_out("Wait.")
    assert str(warning) == "read_csv: freq='D' lacks rows. Wait."
    assert warning.argument == "fill"
    assert warning.written(lambda arguments: "+".join(arguments)) == "freq lacks rows. Wait."


@pytest.mark.parametrize(
    ("check", "error_type", "argument"),
    [
        (lambda: _checks.whole_number("fit", "epochs", 1.5), InvalidType, "epochs"),
        (lambda: _checks.whole_number("fit", "epochs", 0), InvalidValue, "epochs"),
        (lambda: _checks.seed("fit", 2**32), InvalidValue, "seed"),
        (lambda: _checks.fraction("fit", "dropout", "1"), InvalidType, "dropout"),
        (lambda: _checks.fraction("fit", "dropout", 1), InvalidValue, "dropout"),
        (lambda: _checks.choice("fit", "cell", "lst", {"lstm": 1}), InvalidValue, "cell"),
        (lambda: _checks.require_columns("fit", "target", ["a"], ["b"]), InvalidValue, "target"),
        (lambda: _checks.require_columns("fit", "target", ["a", "a"], ["a"]), InvalidValue, "target"),
    ],
)
def test_the_shared_checks_name_the_argument(check, error_type, argument):
    with pytest.raises(error_type, match="^fit: ") as caught:
        check()
    assert (caught.value.where, caught.value.argument) == ("fit", argument)


def test_a_type_has_the_article_of_its_name():
    assert [_checks.type_name(value) for value in (3, 2.5, "x", None)] == ["an int", "a float", "a str", "a NoneType"]


def test_a_refused_file_says_which_and_which_argument_helps(tmp_path):
    with pytest.raises(sk.InvalidValue) as caught:
        read(tmp_path, "day,x\n2024-01-01,1\n2024-01-02,2\n", encoding="utf8000")
    assert caught.value.where == f"read_csv: {tmp_path / 'table.csv'}"
    assert caught.value.argument == "encoding"
    assert caught.value.problem.startswith("encoding='utf8000' is not an encoding")
    with pytest.raises(FileNotFoundError, match="no such file. Check the path. Did you mean 'table.csv'") as missing:
        sk.read_texts(tmp_path / "tabel.csv", text="x")
    assert missing.value.where == f"read_texts: {tmp_path / 'tabel.csv'}"


def test_braces_and_arguments_in_a_file_stay_what_they_are(tmp_path):
    with pytest.raises(sk.InvalidValue) as caught:
        read(tmp_path, "day,{x} freq='MS',{y}\n2024-01-01,{0},1\n2024-01-02,1,1\n")
    assert caught.value.problem == "line 2, column \"{x} freq='MS'\": '{0}' is not a finite number."
    assert caught.value.way_out.endswith("columns=['{y}'].")
    flagged = caught.value.written(lambda arguments: f"<{', '.join(arguments)}>")
    assert "{x} freq='MS'" in flagged
    assert flagged.endswith("hold numbers: <columns>.")


def test_our_warnings_can_be_told_from_others(tmp_path):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)
        warnings.filterwarnings("error", category=sk.SeqkitWarning)
        warnings.warn("somebody else's", stacklevel=1)
        with pytest.raises(sk.SeqkitWarning) as caught:
            read(tmp_path, "day,x\n2024-01-01,1\n2024-01-02,1\n2024-01-04,2\n")
    assert caught.value.argument == "fill"


LONG = ["one two three four five"] * 2


def gappy_csv(folder):
    return read(folder, "month,sales\n2001-01-01,1\n2001-02-01,2\n2001-03-01,3\n2001-05-01,4\n", freq="MS")


def short_translator(folder):
    return sk.build_seq2seq(like=(LONG, LONG), longest=2, units=4, embedding=3).translate(LONG)


def short_language_model(folder):
    model = sk.build_language_model(like=LONG, timesteps=2, units=3, embedding=3)
    return model.fit(LONG, verbose=0)


def odd_activation(folder):
    return sk.build_lstm(3, features=2, activation="relu")


def constant_column(folder):
    months = pd.date_range("2001-01-01", periods=61, freq="MS", name="month")
    return sk.build_forecaster(like=pd.DataFrame({"sales": 1.0}, months), timesteps=7, horizon=3, units=3)


@pytest.mark.parametrize("call", [gappy_csv, short_translator, short_language_model, odd_activation, constant_column])
def test_a_warning_points_to_the_line_of_the_user(call, tmp_path):
    with pytest.warns(SeqkitWarning) as caught:
        call(tmp_path)
    assert {Path(warning.filename) for warning in caught} == {Path(__file__)}
