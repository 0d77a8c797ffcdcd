"""train_forecaster: validation chooses the epochs, then all rows train for them from the same initial weights."""

from types import SimpleNamespace
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.forecasting import schedule
from seqkit.forecasting import stages as two_stages
from seqkit.forecasting.build import build_forecaster
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.train import train_forecaster

TINY = {"timesteps": 7, "units": 3, "cell": "simple_rnn", "segment": 1, "horizon": 3, "seed": 7, "members": ()}


def monthly(rows):
    """A rising table with a yearly season, whose last rows jump."""
    months = np.arange(rows)
    sales = (100 + months) * (1 + 0.3 * np.sin(2 * np.pi * months / 12))
    sales[-5:] += 500
    return pd.DataFrame({"sales": sales}, pd.date_range("2001-01-01", periods=rows, freq="MS", name="month"))


class Stage(NamedTuple):
    """The arguments of a call of fit, and the weights before it."""

    batches: int  # in one of Keras's epochs
    epochs: int
    validation: pd.DataFrame | None
    weights: np.ndarray  # trainable ones, joined
    statistics: np.ndarray  # mean and spread of standard scaling


@pytest.fixture
def stages(monkeypatch):
    """Every call of fit is noted and carried out."""
    return note_fits(monkeypatch, Forecaster.fit)


@pytest.fixture
def planned(monkeypatch):
    """Every call of fit is noted and, which is quicker, not carried out: each epoch gives the same loss."""

    def fit(model, windows, *, epochs, **options):
        same = [1.0] * epochs
        return SimpleNamespace(history={"loss": same, "val_loss": same})

    return note_fits(monkeypatch, fit)


def note_fits(monkeypatch, fit):
    noted = []

    def watched(self, windows, *args, **kwargs):
        scaling = joined(self.get_layer("scaling").weights)
        validation = kwargs.get("validation_data")
        noted.append(
            Stage(int(windows.cardinality()), kwargs["epochs"], validation, joined(self.trainable_weights), scaling)
        )
        return fit(self, windows, *args, **kwargs)

    monkeypatch.setattr(Forecaster, "fit", watched)
    return noted


def joined(weights):
    return np.concatenate([np.zeros(0), *(keras.ops.convert_to_numpy(weight).ravel() for weight in weights)])


@pytest.fixture(scope="module")
def trained():
    return train_forecaster(monthly(61), epochs=37, **TINY)


# Both stages


def test_the_epochs_chosen_are_those_of_the_lowest_validation_loss(trained):
    history = trained.validation_history
    assert trained.chosen_epochs == history["epochs"][int(np.argmin(history["val_loss"]))]
    assert 1 <= trained.chosen_epochs <= 37
    assert len(history["epochs"]) == len(history["loss"]) == len(history["val_mae"])
    assert history["epochs"] == sorted(set(history["epochs"]))
    assert history["epochs"][-1] <= 37


def test_the_trained_model_has_seen_the_last_row(trained):
    assert trained.trained_until == monthly(61).index[-1].isoformat()
    assert trained.forecast(monthly(61)).shape == (3, 1)


def test_the_weights_are_the_moving_average(trained):
    averages = trained.optimizer._model_variables_moving_average
    np.testing.assert_allclose(joined(trained.trainable_weights), joined(averages), rtol=1e-6)


def test_a_seed_makes_the_recipe_repeatable(trained):
    again = train_forecaster(monthly(61), epochs=37, **TINY)
    assert again.chosen_epochs == trained.chosen_epochs
    pd.testing.assert_frame_equal(again.forecast(monthly(61)), trained.forecast(monthly(61)))


def test_the_second_stage_begins_with_the_same_weights_and_trains_on_all_rows(stages):
    table = monthly(61)
    model = train_forecaster(table, validation_rows=11, epochs=5, scaling="standard", transform="none", **TINY)
    first, second = stages
    np.testing.assert_array_equal(first.weights, second.weights)
    assert first.validation.index.equals(table.index[-18:])  # 7 rows of context and the 11 held back
    assert first.validation.attrs["targets_from"] == table.index[50]
    assert second.validation is None
    windows = 61 - 7 - 3 + 1
    assert second.batches * second.epochs == model.chosen_epochs * -(-windows // 32)


def test_standard_scaling_of_the_first_stage_does_not_see_the_validation_rows(planned):
    table = monthly(61)
    model = train_forecaster(table, validation_rows=11, epochs=1, scaling="standard", transform="none", **TINY)
    first, second = planned
    rows = table["sales"].iloc[:50]
    np.testing.assert_allclose(first.statistics, [rows.mean(), rows.std(ddof=0)], rtol=1e-5)
    np.testing.assert_allclose(second.statistics, [table["sales"].mean(), table["sales"].std(ddof=0)], rtol=1e-5)
    np.testing.assert_array_equal(joined(model.get_layer("scaling").weights), second.statistics)


def test_one_epoch_at_most_is_one_epoch(planned):
    model = train_forecaster(monthly(29), epochs=1, **TINY)
    assert model.chosen_epochs == 1
    assert [stage.epochs for stage in planned] == [1, 1]


def test_a_series_is_a_table_of_one_column(planned):
    assert train_forecaster(monthly(29)["sales"], epochs=1, **TINY).settings.columns == ("sales",)


# How many rows are held back


def test_a_fifth_of_the_table_is_held_back_between_one_and_ten_horizons(planned):
    for rows, held_back in ((61, 12), (20, 4), (211, 30)):
        train_forecaster(monthly(rows), epochs=1, **TINY)
        assert len(planned[-2].validation) == 7 + held_back


@pytest.mark.parametrize("rows", [10, 12])
def test_a_table_too_short_to_hold_anything_back_is_trained_without(stages, rows):
    model = train_forecaster(monthly(rows), epochs=5, **TINY)
    assert model.validation_history is None
    assert model.chosen_epochs == 5
    assert model.trained_until == monthly(rows).index[-1].isoformat()
    assert len(stages) == 1


def test_validation_of_no_rows_is_a_short_fixed_training(planned, monkeypatch):
    monkeypatch.setattr(two_stages, "UNVALIDATED_STEPS", 11)
    model = train_forecaster(monthly(61), validation_rows=0, **TINY)
    assert (model.validation_history, model.chosen_epochs) == (None, 5)  # 5 times 2 batches
    assert len(planned) == 1


@pytest.mark.parametrize("rows", [3, 51])
def test_validation_as_short_and_as_long_as_can_be_is_taken(planned, rows):
    train_forecaster(monthly(61), validation_rows=rows, epochs=1, **TINY)
    assert len(planned[0].validation) == 7 + rows


@pytest.mark.parametrize(
    ("rows", "held_back", "error", "message"),
    [
        (
            61,
            2,
            ValueError,
            "validation_rows=2 must hold one horizon of 3 rows and leave a window of 10 of the 61 rows",
        ),
        (61, 52, ValueError, "Pass 3 to 51, or 0 for none"),
        (
            12,
            3,
            ValueError,
            "12 rows are too few to hold any out with timesteps=7 and horizon=3. Pass validation_rows=0",
        ),
        (61, -3, ValueError, "validation_rows must be 0 or more, got -3"),
        (61, 3.5, TypeError, "validation_rows must be a whole number, got 3.5"),
        (61, True, TypeError, "validation_rows must be a whole number, got True"),
    ],
)
def test_validation_that_does_not_fit_is_refused_in_words(rows, held_back, error, message):
    with pytest.raises(error, match=f"train_forecaster: .*{message}"):
        train_forecaster(monthly(rows), validation_rows=held_back, **TINY)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "train_forecaster: epochs must be 1 or more, got 0"),
        ({"epochs": 2.5}, TypeError, "train_forecaster: epochs must be a whole number, got 2.5"),
        ({"seed": -1}, ValueError, "train_forecaster: seed must be 0 or more, got -1"),
        ({"horizon": 0}, ValueError, "build_forecaster: horizon must be 1 or more, got 0"),
        ({"cell": "lstn"}, ValueError, "build_forecaster: cell must be one of"),
        ({"epochz": 5}, TypeError, "epochz"),
    ],
)
def test_bad_arguments_are_refused_in_words(options, error, message):
    with pytest.raises(error, match=message):
        train_forecaster(monthly(61), **{**TINY, **options})


def test_what_is_no_table_is_refused():
    with pytest.raises(
        TypeError, match="train_forecaster: a pandas DataFrame with a time index is needed, got ndarray"
    ):
        train_forecaster(np.zeros((61, 1)), **TINY)


def test_missing_values_are_refused_without_fill():
    gappy = monthly(61)
    gappy.iloc[13] = np.nan
    with pytest.raises(ValueError, match="1 rows have missing values.*Build with fill=.last."):
        train_forecaster(gappy, **TINY)


# How long


@given(windows=st.integers(1, 5000), epochs=st.none() | st.integers(1, 400))
@settings(deadline=None)
def test_validation_is_asked_at_least_once_and_never_past_the_epochs_allowed(windows, epochs):
    looks = schedule.looks_of(windows, 32, epochs, None)
    assert looks.passes >= 1
    assert looks.most >= 1
    if epochs is not None:
        assert looks.passes * looks.most <= epochs
    else:
        assert looks.most >= schedule.FEWEST_LOOKS


def test_early_stopping_ends_the_first_stage(stages, monkeypatch):
    monkeypatch.setattr("seqkit.task.recipe.PATIENCE", 2)
    monkeypatch.setattr(schedule, "STEPS_BETWEEN_LOOKS", 2)
    flat = keras.optimizers.SGD(0.0, use_ema=True)  # nothing is learnt, so no look is better than none
    model = train_forecaster(monthly(61), optimizer=flat, epochs=50, **TINY)
    assert len(model.validation_history["loss"]) == 3
    assert model.chosen_epochs == 0
    assert model.trained_until == monthly(61).index[-1].isoformat()


@pytest.mark.parametrize(
    ("steps", "passes", "patience"), [(16, 2, 6), (32, 1, 6), (48, 1, 4), (125, 1, 3), (512, 1, 3), (512, None, 6)]
)
def test_long_looks_at_a_table_are_waited_for_less_often_but_not_after_parts_of_a_pass(steps, passes, patience):
    model = build_forecaster(like=monthly(61), horizon=3, timesteps=7, units=3)
    *_, stopping = two_stages._validating(model, schedule.Looks(steps, 10, passes))
    assert stopping.patience == patience


def test_another_optimizer_trains_too():
    model = train_forecaster(monthly(61), horizon=3, units=3, epochs=2, optimizer="adam", seed=1)
    assert not model.optimizer.use_ema
