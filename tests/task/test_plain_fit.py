"""Plain `fit` of a builder's own optimizer: averaged weights, and a learning rate that falls."""

import keras
import numpy as np
import pytest

import seqkit as sk
from seqkit.task.plain_fit import GROWTH, STEPS_AS_THEY_ARE, AveragingAdam

SIZES = {"timesteps": 5, "features": 1, "horizon": 2, "units": 3, "cell": "simple_rnn"}


def samples(count=96):
    random = np.random.default_rng(7)
    return random.normal(size=(count, 5, 1)).astype("float32"), random.normal(size=(count, 2, 1)).astype("float32")


def built(**options):
    keras.utils.set_random_seed(7)
    return sk.build_forecaster(**SIZES, **options)


class Watch(keras.callbacks.Callback):
    """Notes the rate of each epoch, and the weights at its end."""

    def __init__(self):
        super().__init__()
        self.rates, self.weights = [], []

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:
            self.rates.append(float(self.model.optimizer.learning_rate))

    def on_epoch_end(self, epoch, logs=None):
        self.weights.append(self.model.get_weights())


def fitted(model, *callbacks, epochs=6, **options):
    watch = Watch()
    model.fit(*samples(), batch_size=1, epochs=epochs, callbacks=[*callbacks, watch], verbose=0, **options)
    return watch


@pytest.fixture(scope="module")
def plain():
    """A model after plain `fit`, and what was noted of it; no test changes the model."""
    model = built()
    return model, fitted(model)


def same(weights, others):
    return all((one == other).all() for one, other in zip(weights, others, strict=True))


def test_the_averages_are_those_of_the_equation():
    weight = keras.Variable(np.zeros(1, "float32"))
    optimizer = AveragingAdam(0.1)
    optimizer.build([weight])
    average, seen = 0.0, []
    for step in range(1, STEPS_AS_THEY_ARE + 20):
        optimizer.apply([np.array([np.cos(step)], "float32")])
        counted = max(1, step + 1 - STEPS_AS_THEY_ARE)
        average += (float(weight[0]) - average) * (GROWTH + 1) / (counted + GROWTH)
        seen.append((float(optimizer._model_variables_moving_average[0][0]), average, float(weight[0])))
    np.testing.assert_allclose(*np.array(seen).T[:2], rtol=1e-4, atol=1e-6)
    found, _, weights = np.array(seen).T
    np.testing.assert_array_equal(found[:STEPS_AS_THEY_ARE], weights[:STEPS_AS_THEY_ARE])
    assert (found[STEPS_AS_THEY_ARE:] != weights[STEPS_AS_THEY_ARE:]).all()


def test_the_rate_falls_after_the_first_steps_and_comes_back(plain):
    model, watch = plain
    rates = np.array(watch.rates)  # 96 steps an epoch
    np.testing.assert_allclose(rates[:3], 0.001)
    assert (np.diff(rates[2:]) < 0).all()
    assert rates[-1] < 0.2 * rates[0]
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)


def test_a_short_training_has_one_rate():
    np.testing.assert_allclose(fitted(built(), epochs=2).rates, 0.001)


def test_the_model_has_the_averages_at_the_end_of_each_epoch_and_of_the_training(plain):
    model, watch = plain
    averages = [np.array(average) for average in model.optimizer._model_variables_moving_average]
    assert same([np.array(weight) for weight in model.trainable_variables], averages)
    assert same(model.get_weights(), watch.weights[-1])


def test_a_training_that_ends_early_has_the_best_averages():
    model = built()
    stop = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=9.0, restore_best_weights=True)
    watch = fitted(model, stop, validation_data=samples(7))
    assert len(watch.weights) == 2
    assert same(model.get_weights(), watch.weights[0])


@pytest.mark.parametrize("options", [{"optimizer": "adam"}, {"optimizer": keras.optimizers.Adam(0.01)}])
def test_a_users_optimizer_is_left_alone(options):
    model = built(**options)
    rates = fitted(model).rates
    assert len(set(rates)) == 1
    assert not model.optimizer.use_ema


@pytest.mark.parametrize(
    "callback", [keras.callbacks.ReduceLROnPlateau("loss"), keras.callbacks.LearningRateScheduler(lambda epoch: 0.5)]
)
def test_a_users_callback_of_the_rate_takes_the_place_of_ours(callback):
    assert len(set(fitted(built(), callback).rates)) == 1


def test_a_users_callback_of_averages_takes_the_place_of_ours(plain):
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    for one, other in zip(fitted(built(), swap).weights[-1], plain[1].weights[-1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", [None, keras.optimizers.Adam(0.01, use_ema=True)])
def test_the_averages_are_still_there_after_an_evaluation(optimizer, tmp_path):
    model = built(optimizer=optimizer)
    model.fit(*samples(), epochs=1, verbose=0)
    model.evaluate(*samples(), verbose=0)
    assert all(np.isfinite(np.array(variable)).all() for variable in model.optimizer.variables)
    model.save(tmp_path / "model.keras")
    assert np.isfinite(model.fit(*samples(), epochs=1, verbose=0).history["loss"]).all()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="checkpoints need TensorFlow")
def test_a_checkpoint_goes_on_with_averages_and_rate(tmp_path):
    class Killed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 4:
                raise RuntimeError

    whole = built()
    rates = fitted(whole, checkpoint=tmp_path / "whole").rates
    with pytest.raises(RuntimeError):
        fitted(built(), Killed(), checkpoint=tmp_path / "killed")
    assert sk.Checkpoint(tmp_path / "killed").epoch == 4
    again = built()
    assert fitted(again, checkpoint=tmp_path / "killed").rates == rates  # the first four are remembered
    assert same(again.get_weights(), whole.get_weights())


def test_a_loaded_model_goes_on_in_the_same_way(plain, tmp_path):
    model, _ = plain
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.optimizer, AveragingAdam)
    assert same(loaded.get_weights(), model.get_weights())
    assert len(set(fitted(loaded).rates)) > 1
