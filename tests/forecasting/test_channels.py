"""Columns by themselves, and a head that shares weights over the segments of the horizon."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqkit as sk
from seqkit.forecasting.refits import refit_options
from seqkit.forecasting.schedule import seconds_of_a_step

B, T, F, H = 5, 12, 4, 7
TARGETS = [3, 0, 1]
SIZES = {"timesteps": T, "features": F, "horizon": H, "units": 5, "segment": 3, "season": 6, "cell": "simple_rnn"}
APART = {"channels": "independent", "targets": TARGETS}
WAYS = [
    {"channels": "independent"},
    {"channels": "independent", "channel_vectors": 2},
    {"channels": "joint", "head": "segments"},
    {"channels": "independent", "channel_vectors": 2, "head": "segments"},
    {"channels": "independent", "head": "segments", "bidirectional": True, "attention": "dense", "cell": "lstm"},
    {"channels": "independent", "attention": "features", "baseline": "none", "scaling": "none", "fill": "last"},
]


def windows(targets=3):
    random = np.random.default_rng(7)
    return random.normal(size=(B, T, F)).astype("float32"), random.normal(size=(B, H, targets)).astype("float32")


def trained(**options):
    keras.utils.set_random_seed(7)
    model = sk.build_forecaster(**{**SIZES, "targets": TARGETS, **options})
    model.fit(*windows(), epochs=2, verbose=0)
    return model


def changed(model, column):
    """How much the forecast of each target moves where one column of the windows is another one."""
    x, _ = windows()
    other = x.copy()
    other[..., column] = np.cos(np.arange(T)) * 3
    return np.abs(model.predict(other, verbose=0) - model.predict(x, verbose=0)).max(axis=(0, 1))


@pytest.mark.parametrize("head", ["dense", "segments"])
def test_a_target_does_not_read_another_one_but_every_target_reads_the_other_columns(head):
    model = trained(**APART, head=head)
    assert (changed(model, 3) > 0).tolist() == [True, False, False]
    assert (changed(model, 0) > 0).tolist() == [False, True, False]
    assert (changed(model, 2) > 0).all()  # a column that is no target
    assert (changed(trained(head=head, channels="joint"), 3) > 0).all()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow exports")
@pytest.mark.parametrize(
    "options", [WAYS[3], *(pytest.param(way, marks=pytest.mark.slow) for way in WAYS if way is not WAYS[3])]
)
def test_every_way_trains_is_saved_and_served(options, tmp_path):
    model, (x, _) = trained(**options), windows()
    forecast = model.predict(x, verbose=0)
    assert forecast.shape == (B, H, len(TARGETS))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), forecast)
    model.export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    np.testing.assert_allclose(served.serve(x)["forecast"], forecast, rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow exports")
@pytest.mark.slow
@pytest.mark.parametrize("format", ["onnx", "litert"])
def test_the_other_formats_take_columns_apart_and_segments_too(format, tmp_path):
    path = tmp_path / {"onnx": "model.onnx", "litert": "model.tflite"}[format]
    trained(**APART, channel_vectors=2, head="segments").export(path, format=format)  # compares the answers
    assert path.stat().st_size


@pytest.mark.parametrize("head", ["dense", "segments"])
def test_with_one_target_both_mean_the_same_graph(head):
    x, y = windows(1)
    answers = []
    for options in (
        {"channels": "joint"},
        {"channels": "independent"},
        {"channels": "independent", "channel_vectors": 3},
    ):
        keras.utils.set_random_seed(7)
        model = sk.build_forecaster(**SIZES, targets=1, head=head, **options)
        model.fit(x, y, epochs=1, verbose=0)
        answers.append(model.predict(x, verbose=0))
    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_array_equal(answers[0], answers[2])


@pytest.mark.parametrize("options", WAYS[:4])
def test_the_untrained_model_forecasts_the_baseline(options):
    x, _ = windows()
    simple, model = (sk.build_forecaster(**SIZES, targets=TARGETS, **way) for way in ({}, options))
    np.testing.assert_allclose(model.predict(x, verbose=0), simple.predict(x, verbose=0), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("options", [WAYS[1], WAYS[3]])
def test_the_recipe_takes_tables_of_such_models_and_lends_its_graph(options):
    hours = np.arange(60)
    columns = {name: np.sin(hours * rate) for name, rate in {"up": 0.5, "down": 0.3, "side": 0.9}.items()}
    table = pd.DataFrame(columns, pd.date_range("2024", periods=60, freq="h"))
    how = {"horizon": 5, "timesteps": 12, "units": 3, "epochs": 1, "seed": 7, "targets": ["side", "up"], **options}
    first = sk.train_forecaster(table, reuse=True, **how)
    second = sk.train_forecaster(table, reuse=first, **how)
    assert first.forecast(table).columns.tolist() == ["side", "up"]
    pd.testing.assert_frame_equal(first.forecast(table), second.forecast(table))


def test_a_model_from_before_the_choice_is_joint_and_so_is_its_refit():
    model = sk.build_forecaster(**SIZES, channels="joint")
    config = model.get_config()
    for name in ("channels", "channel_vectors", "head"):
        del config["settings"][name]
        del config["asked"][name]
    again = sk.Forecaster.from_config(config)
    assert again.settings == model.settings
    assert refit_options(again)["channels"] == "joint"
    assert sk.build_forecaster(**SIZES).settings.channels == "independent"


def test_a_step_of_columns_by_themselves_costs_more_than_a_joint_one():
    joint, apart = (
        sk.build_forecaster(timesteps=96, features=7, horizon=24, units=64, channels=channels).settings
        for channels in ("joint", "independent")
    )
    assert seconds_of_a_step(apart) > seconds_of_a_step(joint)
    assert (joint.sequences, joint.features_of_a_sequence) == (1, 7)
    assert (apart.sequences, apart.features_of_a_sequence) == (7, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": "alone"}, "channels must be one of 'joint', 'independent', got 'alone'"),
        ({"head": "segment"}, "head must be one of 'dense', 'segments', got 'segment'. Did you mean 'segments'"),
        ({"channel_vectors": 3, "channels": "joint"}, "channel_vectors=3 are of columns by themselves"),
        ({"channel_vectors": -1, "channels": "independent"}, "channel_vectors must be 0 or more, got -1"),
    ],
)
def test_other_words_are_refused(options, message):
    with pytest.raises(ValueError, match=f"build_forecaster: {message}"):
        sk.build_forecaster(**SIZES, **options)
