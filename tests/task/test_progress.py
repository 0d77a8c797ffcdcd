"""Progress bars: where somebody sees them, and nowhere else."""

import io
import sys

import keras
import numpy as np
import pandas as pd
import pytest

from seqkit._errors import InvalidType, InvalidValue
from seqkit.forecasting.train import train_forecaster
from seqkit.task import answering
from seqkit.task.answering import answer_in_batches
from seqkit.task.progress import TrainingBar, bar, check_verbose, is_watched, keras_verbose


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def watch(monkeypatch):
    """Make stderr another stream, from the call on: pytest sets its own one after each fixture."""

    def replace(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        return stream

    return replace


def test_a_bar_shows_what_is_done_in_a_terminal(watch):
    terminal = watch(Terminal())
    with bar("reading", 10, "row") as shown:
        shown.update(10)
        shown.refresh()
    assert "reading" in terminal.getvalue()
    assert "10/10" in terminal.getvalue()


def test_nothing_is_shown_in_a_file_or_when_it_is_turned_off(watch):
    terminal = watch(Terminal())
    with bar("reading", 10, "row", 0) as shown:
        shown.update(10)
    assert terminal.getvalue() == ""
    file = watch(io.StringIO())
    assert not is_watched()
    with bar("reading", 10, "row") as shown:
        shown.update(10)
    assert file.getvalue() == ""


def test_a_training_shows_its_steps_and_its_validation_loss(watch):
    terminal = watch(Terminal())
    shown = TrainingBar("first stage")
    shown.set_params({"steps": 4, "epochs": 3})
    shown.on_train_begin()
    assert "compiling ..." in terminal.getvalue()  # named before the graph is traced
    for round_ in range(3):
        shown.on_train_batch_end(1)
        shown.on_train_batch_end(3)
        shown.on_epoch_end(round_, {"val_loss": 0.125})
    shown.on_train_end()
    assert "first stage" in terminal.getvalue()
    assert "12/12" in terminal.getvalue()
    assert "look 3/3, loss 0.125" in terminal.getvalue()


@pytest.mark.parametrize(("verbose", "seen"), [("auto", True), (0, False)])
def test_a_recipe_shows_its_two_stages(watch, verbose, seen):
    terminal = watch(Terminal())
    index = pd.date_range("2020-01-01", periods=60, freq="MS")
    frame = pd.DataFrame({"y": np.arange(60.0)}, index=index)
    train_forecaster(frame, horizon=3, timesteps=6, units=3, epochs=10, seed=0, verbose=verbose)
    assert ("first stage" in terminal.getvalue()) is seen


def test_verbose_is_auto_or_a_number():
    assert [check_verbose("here", value) for value in ("auto", True, False, 0, 1, 2)] == ["auto", "auto", 0, 0, 1, 2]
    assert [keras_verbose(value) for value in ("auto", 0, 1, 2)] == [0, 0, 1, 2]
    for wrong in ("loud", -1, None):
        with pytest.raises((InvalidType, InvalidValue), match="verbose"):
            check_verbose("here", wrong)


@pytest.mark.parametrize(("verbose", "shown"), [("auto", "answers"), (0, "")])
def test_many_answers_show_a_bar_unless_they_are_quick(watch, monkeypatch, verbose, shown):
    terminal = watch(Terminal())
    answer_in_batches(keras.Model(), [1] * 4, 2, list, verbose=verbose)
    assert terminal.getvalue() == ""  # within a second
    monkeypatch.setattr(answering, "bar", lambda *how, delay, **more: bar(*how, **more))
    assert answer_in_batches(keras.Model(), [3, 2, 3, 2], 2, list, verbose=verbose) == [0, 1, 2, 3]
    assert shown in terminal.getvalue()
    assert bool(terminal.getvalue()) is bool(shown)
