"""Old spellings of arguments work for one release, with a warning at the user's line that names the new one."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import seqkit as sk
from seqkit.layers import RecurrentStack

TWO_LAYERS = {"timesteps": 7, "horizon": 3, "units": (3, 2), "cell": "simple_rnn", "segment": 1}


def monthly(rows=61):
    stamps = pd.date_range("2001-01-01", periods=rows, freq="MS", name="month")
    return pd.DataFrame({"sales": 100 + np.arange(rows) + 10 * np.sin(np.arange(rows) / 2)}, stamps)


def lines(caught):
    """The files that the warnings point to; Keras warns of other things."""
    return [warning.filename for warning in caught if warning.category is FutureWarning]


def forecaster(**options):
    return sk.build_forecaster(features=2, **{**TWO_LAYERS, **options}).settings.dropout


def recurrent(**options):
    model = sk.build_recurrent("many_to_one", **{"features": 2, "outputs": 3, "units": (5, 3), **options})
    return next(layer.dropout for layer in model.layers if isinstance(layer, RecurrentStack))


def stack(**options):
    return RecurrentStack(**{"units": (5, 3), **options}).dropout


PLACES = {"build_forecaster": (forecaster, 0.2), "build_recurrent": (recurrent, 0.0), "RecurrentStack": (stack, 0.0)}


@pytest.mark.parametrize("where", PLACES)
def test_a_single_dropout_of_several_layers_is_now_first_dropout(where):
    make, _ = PLACES[where]
    message = (
        rf"{where}: dropout=0.5 is dropped after the first of 2 layers alone. That is now written first_dropout=0.5"
    )
    with pytest.warns(FutureWarning, match=message) as caught:
        old = make(dropout=0.5)
    assert lines(caught) == [__file__]
    assert old == make(first_dropout=0.5) == make(dropout=(0.5, 0.0)) == (0.5, 0.0)


@pytest.mark.parametrize("where", PLACES)
def test_a_dropout_that_can_mean_one_thing_alone_is_not_warned_of(where):
    make, usual = PLACES[where]
    assert make() == (usual, 0.0)
    assert make(dropout=0.0) == make(dropout=0) == (0.0, 0.0)
    assert make(dropout=[0.1, 0.3]) == (0.1, 0.3)
    assert make(units=3, dropout=0.5) == make(units=3, first_dropout=0.5) == (0.5,)


@pytest.mark.parametrize("where", PLACES)
def test_two_dropouts_are_refused(where):
    make, _ = PLACES[where]
    with pytest.raises(ValueError, match=rf"{where}: dropout=\(0.1, 0.2\) and first_dropout=0.5 both set"):
        make(dropout=(0.1, 0.2), first_dropout=0.5)
    with pytest.raises(ValueError, match=f"{where}: first_dropout must be from 0 to below 1, got 1.7"):
        make(first_dropout=1.7)


def test_a_refit_does_not_warn_of_what_was_asked_in_the_old_spelling():
    table = monthly()
    with pytest.warns(FutureWarning, match="first_dropout=0.5"):
        model = sk.build_forecaster(like=table, dropout=0.5, **TWO_LAYERS)
    assert model.asked["dropout"] == [0.5, 0.0]
    model.asked["dropout"] = 0.5  # as saved by a release before this one
    sk.backtest(model, table, origins=1, epochs=1, progress=False)


def test_a_recipe_warns_at_the_line_of_its_user():
    with pytest.warns(FutureWarning, match="build_forecaster: dropout=0.5") as caught:
        sk.train_forecaster(monthly(), epochs=1, dropout=0.5, **TWO_LAYERS)
    assert lines(caught) == [__file__]


def test_rows_held_back_are_now_validation_rows():
    options = {**TWO_LAYERS, "epochs": 1, "seed": 7}
    message = "train_forecaster: validation=11 counts rows. That is now written validation_rows=11. The old spelling"
    with pytest.warns(FutureWarning, match=message) as caught:
        old = sk.train_forecaster(monthly(), validation=11, **options)
    assert lines(caught) == [__file__]
    new = sk.train_forecaster(monthly(), validation_rows=11, **options)
    assert old.validation_history == new.validation_history
    for old_array, new_array in zip(old.get_weights(), new.get_weights(), strict=True):
        np.testing.assert_array_equal(old_array, new_array)
    with pytest.raises(ValueError, match="validation_rows=3 and validation=11, its old spelling, both set the number"):
        sk.train_forecaster(monthly(), validation=11, validation_rows=3, **options)


def test_the_page_of_old_names_has_every_old_spelling_that_is_warned_of():
    root = Path(__file__).parents[1]
    sources = [path.read_text(encoding="utf-8") for path in (root / "seqkit").rglob("*.py")]
    places = sum(len(re.findall(r"^ +warn_of_old_spelling\(", source, re.MULTILINE)) for source in sources)
    page = (root / "docs" / "start" / "what_changed.md").read_text(encoding="utf-8")
    table = page[page.index("with a `FutureWarning`") :].partition("\n\n")[2].partition("\n\n")[0]
    rows = table.splitlines()[2:]  # after the head
    assert len(rows) == places == 2  # a row for each
    assert [new in row for new, row in zip(["first_dropout=", "validation_rows="], rows, strict=True)] == [True, True]
