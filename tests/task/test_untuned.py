"""Arrays and datasets are read without tf.data's autotuning, and train as Keras trains them."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqkit as sk
from seqkit.data.pipelines import without_autotune
from seqkit.task import untuned

SAMPLES = np.random.default_rng(0).normal(size=(70, 6, 2)).astype("float32")
TARGETS = SAMPLES[:, -1, :1]
WEIGHTS = np.linspace(0.5, 1.5, 70)


def network(kind: type[keras.Model]) -> keras.Model:
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6, 2))
    model = kind(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(inputs)))  # quick to trace
    model.compile("adam", "mse", metrics=["mae"])
    return model


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="defaults"),
        pytest.param({"batch_size": 16, "shuffle": False}, id="in order"),
        pytest.param({"sample_weight": WEIGHTS, "validation_data": (SAMPLES[:9], TARGETS[:9])}, id="weights"),
        pytest.param(
            {"validation_data": (SAMPLES[:9], TARGETS[:9], WEIGHTS[:9]), "validation_batch_size": 4}, id="held weights"
        ),
        pytest.param({"validation_split": 0.2}, id="split"),
        pytest.param({"shuffle": "batch"}, id="batches in random order"),
        pytest.param({"steps_per_epoch": 2}, id="steps"),
    ],
)
def test_arrays_train_to_the_same_bits_as_in_keras(options: dict) -> None:
    """Keras 3.16 draws the order of a seed otherwise; there, arrays are compared in their own order."""
    if not keras.__version__.startswith("3.15."):
        options = {"shuffle": False} | options
    ours, keras_own = network(untuned.UntunedModel), network(keras.Model)
    histories = [model.fit(SAMPLES, TARGETS, epochs=2, verbose=0, **options).history for model in (ours, keras_own)]
    assert histories[0] == histories[1]
    for weight, keras_weight in zip(ours.get_weights(), keras_own.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, keras_weight)
    np.testing.assert_array_equal(ours.predict(SAMPLES, verbose=0), keras_own.predict(SAMPLES, verbose=0))
    assert ours.evaluate(SAMPLES, TARGETS, 8, verbose=0) == keras_own.evaluate(SAMPLES, TARGETS, 8, verbose=0)


def test_what_reaches_keras_has_no_autotuning(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for verb in ("fit", "evaluate", "predict"):
        monkeypatch.setattr(keras.Model, verb, lambda self, **given: seen.append(given))
    model = sk.build_lstm(4, features=2)
    dataset = tf.data.Dataset.from_tensor_slices((SAMPLES, TARGETS)).batch(8)
    for data in (SAMPLES, TARGETS), (dataset, None):
        model.fit(*data, validation_data=data if data[1] is not None else dataset)
        model.evaluate(*data)
        model.predict(data[0])
    assert len(seen) == 6
    assert all(given["x"].options().autotune.enabled is False for given in seen)
    assert all(given["validation_data"].options().autotune.enabled is False for given in seen if "shuffle" in given)


def test_what_is_no_array_of_one_length_is_left_to_keras() -> None:
    model = sk.build_lstm(4, features=2)
    with pytest.raises(ValueError, match="cardinality"):
        model.fit(SAMPLES, np.zeros((3, 4)), verbose=0)
    assert without_autotune(SAMPLES) is SAMPLES


def test_a_dataset_without_autotuning_stays_the_same_object() -> None:
    dataset = without_autotune(tf.data.Dataset.range(3))
    assert without_autotune(dataset) is dataset
