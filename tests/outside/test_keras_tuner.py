"""KerasTuner: a search over the arguments of a builder; tables go to `fit`, and the best model comes back."""

import numpy as np
import pytest

import seqkit as sk

keras_tuner = pytest.importorskip("keras_tuner")
pytestmark = [
    pytest.mark.slow,  # it builds and saves each model more than once
    pytest.mark.filterwarnings("ignore::DeprecationWarning:keras_tuner"),  # of Python's threading
]


def test_a_search_over_the_builders_arguments_reads_tables(tmp_path):
    train, validation, _ = sk.split(sk.load_example("air_passengers"), validation=24, test=12)

    def build(choices):
        units = choices.Choice("units", [2, 3])
        return sk.build_forecaster(like=train, horizon=3, timesteps=7, units=units)

    tuner = keras_tuner.RandomSearch(build, objective="val_mae", max_trials=2, directory=tmp_path, seed=0)
    tuner.search(train, validation_data=validation, epochs=1, verbose=0)
    best = tuner.get_best_models()[0]
    assert isinstance(best, sk.Forecaster)
    assert best.settings.units == (tuner.get_best_hyperparameters()[0]["units"],)
    mae = best.evaluate(validation, verbose=0, return_dict=True)["mae"]
    found = [trial.score for trial in tuner.oracle.get_best_trials(2)]
    np.testing.assert_allclose(mae, min(found), rtol=1e-4)
    assert best.forecast(train).shape == (3, 1)
