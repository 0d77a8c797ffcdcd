"""The SavedModel: it needs TensorFlow alone, gives the numbers of the live model, and is never half written."""

import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from alone import ALONE
from said import live_words, served_words

from seqkit import _whole_paths, export
from seqkit.export import relative_difference, without_cudnn
from seqkit.export_windows import export_saved_model
from seqkit.forecasting.build import build_forecaster

SERVE_ALONE = (
    ALONE
    + """
served = tf.saved_model.load(sys.argv[1])
inputs = np.load(sys.argv[2])
outputs = {name: served.serve(inputs[name])["forecast"].numpy() for name in inputs}
default = served.signatures["serving_default"](past=tf.constant(inputs["seven"]))
outputs["default"] = default["forecast"].numpy()
np.savez(sys.argv[3], **outputs)
try:
    served.serve(np.zeros((1, 6, 2), "float32"))
except Exception as error:
    refused = type(error).__name__ + ": " + str(error)
described = {name: value.numpy() for name, value in served.describe().items()}
described = {name: value.decode() if isinstance(value, bytes) else value.tolist() for name, value in described.items()}
described = {name: [text.decode() for text in value] if isinstance(value, list) else value
             for name, value in described.items()}
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
print(json.dumps({"refused": refused, "described": described, "loaded": loaded}))
"""
)


@pytest.fixture(scope="module")
def frame():
    months = np.arange(29)
    index = pd.date_range("2001-01-01", periods=29, freq="MS", name="month")
    return pd.DataFrame({"sales": 100 + 3.0 * months, "price": 10 + np.cos(months)}, index)


@pytest.fixture(scope="module")
def model(frame):
    """A bidirectional LSTM forecaster with changed weights."""
    keras.utils.set_random_seed(7)
    model = build_forecaster(
        like=frame, targets="sales", timesteps=7, horizon=3, units=(5, 3), cell="lstm", bidirectional=True, fill="last"
    )
    random = np.random.default_rng(7)
    model.set_weights([weights + random.normal(0, 0.1, weights.shape) for weights in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def exported(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("exports") / "sales" / "1"
    assert model.export(path) == path
    return path


@pytest.fixture(scope="module")
def served(model, exported):
    """Inputs, outputs and printed JSON of a process without keras and seqkit."""
    random = np.random.default_rng(11)
    shapes = {"one": (1, 7, 2), "seven": (7, 7, 2), "longer": (5, 13, 2)}
    inputs = {name: random.uniform(50, 150, shape).astype("float32") for name, shape in shapes.items()}
    inputs["gaps"] = inputs["one"].copy()
    inputs["gaps"][0, 2:4, 0] = np.nan
    input_path, output_path = exported.parents[1] / "inputs.npz", exported.parents[1] / "outputs.npz"
    np.savez(input_path, **inputs)
    command = [sys.executable, "-c", SERVE_ALONE, str(exported), str(input_path), str(output_path)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    with np.load(output_path) as outputs:
        return inputs, dict(outputs), json.loads(process.stdout.splitlines()[-1])


def files_in(folder):
    """The bytes of every file below a folder, by path."""
    return {path.relative_to(folder): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


# TensorFlow alone


@pytest.mark.parametrize(("name", "batch"), [("one", 1), ("seven", 7), ("longer", 5), ("gaps", 1)])
def test_the_saved_model_agrees_with_the_live_one_without_keras(model, served, name, batch):
    inputs, outputs, printed = served
    assert printed["loaded"] == []
    assert outputs[name].shape == (batch, 3, 1)
    assert relative_difference(outputs[name], model.predict_on_batch(inputs[name][:, -7:])) <= 1e-5


def test_the_default_signature_takes_past_and_returns_forecast(served):
    np.testing.assert_array_equal(served[1]["default"], served[1]["seven"])


def test_too_short_a_window_is_refused_in_the_graph(served):
    assert "past must have the shape (samples, 7 or more timesteps, 2 features), got (1, 6, 2)." in served[2]["refused"]


def test_describe_tells_what_the_model_reads_and_returns(served):
    assert served[2]["described"] == {
        "columns": ["sales", "price"],
        "targets": ["sales"],
        "timesteps": 7,
        "horizon": 3,
        "frequency": "MS",
    }


def test_the_graph_holds_no_kernel_that_needs_a_gpu(exported):
    assert b"Cudnn" not in (exported / "saved_model.pb").read_bytes()
    assert b"TensorListStack" in (exported / "saved_model.pb").read_bytes()  # a recurrent loop is in there


def test_recurrent_layers_are_traced_without_cudnn_and_get_their_setting_back(model):
    kinds = (keras.layers.LSTM, keras.layers.GRU)
    recurrent = [layer for layer in model._flatten_layers() if isinstance(layer, kinds)]
    assert len(recurrent) == 4  # two layers, two directions
    recurrent[0].use_cudnn = True
    before = [layer.use_cudnn for layer in recurrent]
    with without_cudnn(model):
        assert [layer.use_cudnn for layer in recurrent] == [False] * 4
    assert [layer.use_cudnn for layer in recurrent] == before
    with pytest.raises(InterruptedError), without_cudnn(model):
        raise InterruptedError
    assert [layer.use_cudnn for layer in recurrent] == before
    recurrent[0].use_cudnn = "auto"


def test_export_traces_without_cudnn(model, tmp_path, monkeypatch):
    settings = []
    inner_loop = keras.layers.LSTM.inner_loop  # where Keras chooses the kernel

    def watched(self, *args, **kwargs):
        settings.append(self.use_cudnn)
        return inner_loop(self, *args, **kwargs)

    monkeypatch.setattr(keras.layers.LSTM, "inner_loop", watched)
    monkeypatch.setattr(export, "_compare", lambda *arguments: None)  # it runs the live model, as trained
    model.export(tmp_path / "1")
    assert settings
    assert set(settings) == {False}


# What the path holds before the export


def test_a_saved_model_that_is_there_is_replaced(model, exported, tmp_path):
    target = tmp_path / "1"
    target.mkdir()  # an empty folder is as good as none
    (target / "saved_model.pb").write_bytes(b"old")
    (target / "variables").mkdir()
    (target / "variables" / "old.txt").write_text("old")
    model.export(target)
    assert not (target / "variables" / "old.txt").exists()
    assert set(files_in(target)) == set(files_in(exported))
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_a_saved_model_folder_that_holds_something_else_is_left_alone(model, tmp_path):
    model.export(tmp_path / "1")
    (tmp_path / "1" / "data.csv").write_text("precious")
    with pytest.raises(FileExistsError, match=r"\(it holds 'data.csv'\), so it is left alone"):
        model.export(tmp_path / "1")
    assert (tmp_path / "1" / "data.csv").read_text() == "precious"


@pytest.mark.parametrize("path", [None, "", 3])
def test_a_path_that_names_no_folder_is_refused(model, path):
    with pytest.raises(TypeError, match=r"export: a folder to write to is needed, got .* such as 'model/1'"):
        model.export(path)


@pytest.mark.parametrize("is_folder", [True, False])
def test_anything_else_that_is_there_is_refused_and_left_alone(model, tmp_path, is_folder):
    target = tmp_path / "thesis"
    if is_folder:
        target.mkdir()
        (target / "chapter.txt").write_text("precious")
    else:
        target.write_text("precious")
    before = files_in(tmp_path)
    with pytest.raises(FileExistsError, match="thesis exists and is not a SavedModel.*so it is left alone. Name a new"):
        model.export(target)
    assert files_in(tmp_path) == before


def write_one_file(served, path):
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"new")


def fail_in(stage, monkeypatch):
    """Make the export fail while it writes, while it compares, or at the last rename."""
    monkeypatch.setattr(export, "_write", write_one_file)
    monkeypatch.setattr(export, "_compare", lambda *arguments: None)
    if stage == "rename":
        rename = Path.rename

        def failing(self, target):
            if self.parent.name == "written":
                raise OSError("no space left")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", failing)
        monkeypatch.setattr(_whole_paths, "_are_exchanged", lambda one, other: False)
        return

    def failing_stage(*arguments):
        path = next(argument for argument in arguments if isinstance(argument, Path))
        write_one_file(None, path / "half" if path.exists() else path)
        raise InterruptedError

    monkeypatch.setattr(export, f"_{stage}", failing_stage)


@pytest.mark.parametrize("stage", ["write", "compare", "rename"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_failure_in_the_middle_leaves_nothing_behind_and_keeps_the_old_model(
    model, tmp_path, monkeypatch, stage, is_there
):
    target = tmp_path / "1"
    if is_there:
        target.mkdir()
        (target / "saved_model.pb").write_bytes(b"old")
    before = files_in(tmp_path)
    fail_in(stage, monkeypatch)
    with pytest.raises(OSError):
        model.export(target)
    assert files_in(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["1"] * is_there


def test_a_written_model_with_other_outputs_is_deleted(model, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "relative_difference", lambda output, expected: 2e-5)
    message = "differs from that of the live model by 2.0e-05, relative to its largest value; 1e-05 is allowed. The"
    with pytest.raises(RuntimeError, match=message):
        model.export(tmp_path / "1")
    assert not list(tmp_path.iterdir())


def test_the_difference_is_relative_to_the_largest_value():
    expected = np.array([1.0, -50.0])
    assert relative_difference(expected + [0.5, 0], expected) == 0.01
    assert relative_difference(np.zeros(3), np.zeros(3)) == 0


# Other models


def test_any_keras_model_is_exported_with_its_description(tmp_path):
    import tensorflow as tf

    model = keras.Sequential([keras.Input((5, 2)), keras.layers.GRU(3)])
    path = export_saved_model(model, tmp_path / "1", timesteps=5, description={"labels": ["no", "yes"], "classes": 3})
    loaded = tf.saved_model.load(str(path))
    past = np.random.default_rng(7).normal(size=(2, 11, 2)).astype("float32")
    assert relative_difference(loaded.serve(past)["forecast"].numpy(), model.predict_on_batch(past[:, -5:])) <= 1e-5
    assert [label.decode() for label in loaded.describe()["labels"].numpy()] == ["no", "yes"]


def test_a_mixed_precision_model_serves_float32(frame, tmp_path):
    import tensorflow as tf

    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = build_forecaster(like=frame, timesteps=7, horizon=3, units=3, cell="simple_rnn", segment=1)
        model.export(tmp_path / "1")
    finally:
        keras.config.set_dtype_policy("float32")
    loaded = tf.saved_model.load(str(tmp_path / "1"))
    assert loaded.serve(frame.to_numpy("float32")[None])["forecast"].dtype == tf.float32


@pytest.mark.parametrize(
    ("value", "message"), [(np.nan, "1 rows have missing values"), (0.0, "a log needs values above zero"), (np.inf, "")]
)
def test_the_served_graph_refuses_what_the_live_model_refuses(value, message, tmp_path):
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    table = pd.DataFrame({"visits": np.linspace(5, 9, 60)}, index=days)
    model = build_forecaster(like=table, horizon=2, timesteps=7, units=3)
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1")
    past = table.to_numpy("float32")[None].copy()
    past[0, -3] = value
    said = served_words(lambda: served.serve(past))
    assert message in said
    assert said == live_words(lambda: model.predict(past[:, -7:], verbose=0))
    assert served_words(lambda: served.serve(past[:0])) == "no samples at all. Pass one or more."
    for other in (past[:, -6:], np.tile(past, 2)):
        assert served_words(lambda other=other: served.serve(other)).startswith(
            f"past must have the shape (samples, 7 or more timesteps, 1 features), got {other.shape}."
        )
    past[0, -7:] = 6.0
    past[0, 0] = value  # before the window, it does not matter
    assert np.isfinite(served.serve(past)["forecast"]).all()


@pytest.mark.parametrize("fill", ["last", "mean"])
def test_the_served_graph_fills_gaps_and_refuses_what_has_nothing_to_fill_from(fill, tmp_path):
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    table = pd.DataFrame({"visits": np.linspace(5, 9, 60), "sales": np.sin(np.arange(60))}, index=days)
    model = build_forecaster(like=table, horizon=2, timesteps=7, units=3, fill=fill)
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1")
    past = table.to_numpy("float32")[None, -7:]
    gappy, empty, infinite = past.copy(), past.copy(), past.copy()
    gappy[0, 2:5], empty[0, :, 1], infinite[0, 3, 0] = np.nan, np.nan, np.inf
    assert np.isfinite(served.serve(gappy)["forecast"]).all()
    for bad in (empty, infinite):
        said = served_words(lambda bad=bad: served.serve(bad))
        assert said.replace("of past", "of x") == live_words(lambda bad=bad: model.predict(bad, verbose=0))


def test_a_forecast_beyond_float32_is_refused_in_the_same_words(tmp_path):
    days = pd.date_range("2024-01-01", periods=60, freq="D")
    table = pd.DataFrame({"visits": np.sin(np.arange(60))}, index=days)
    model = build_forecaster(like=table, horizon=2, timesteps=7, units=3)
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1")
    past = np.full((1, 7, 1), 3e38, "float32")
    said = served_words(lambda: served.serve(past))
    assert said.startswith("the forecast is not finite: its values are larger than float32 holds.")
    assert said == live_words(lambda: model.predict(past, verbose=0))
