"""Files of ONNX and LiteRT: they answer as the live model, with its names, or are refused by name and not written."""

import importlib.util
import json
import subprocess
import sys

import keras
import numpy as np
import pytest
from alone import ALONE
from task_rows import ROWS, monthly
from tiny_classifiers import KINDS, any_length, filled_up, one_length
from tiny_classifiers import build as classifier
from tiny_seq2seq import TINY as TINY_SEQ2SEQ
from tiny_seq2seq import series, shaken
from tiny_taggers import TINY as TINY_TAGGER
from tiny_taggers import weather, weeks

import seqkit as sk
from seqkit.export import RELATIVE_TOLERANCE, relative_difference
from seqkit.export_file import FILE_TOLERANCE
from seqkit.export_formats import FILE_FORMATS

SUFFIXES = {name: form.suffix for name, form in FILE_FORMATS.items()}
NEEDED = [package for form in FILE_FORMATS.values() for package in form.packages]
NO_ONNX = [package for package in NEEDED if importlib.util.find_spec(package) is None]
NEEDS_ONNX = pytest.mark.skipif(bool(NO_ONNX), reason=f"not installed: {', '.join(NO_ONNX)}")
FORMATS = pytest.mark.parametrize("name", [pytest.param("onnx", marks=NEEDS_ONNX), "litert"])
TABLE = monthly(61)

ASK_ONNX = (
    ALONE
    + """
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
past = np.load(sys.argv[2])
np.save(sys.argv[3], session.run(["forecast"], {"past": past})[0])
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"keras", "seqkit"})
told = {name: json.loads(value) for name, value in session.get_modelmeta().custom_metadata_map.items()}
print(json.dumps({"loaded": loaded, "told": told}))
"""
)


def forecaster(**options):
    keras.utils.set_random_seed(7)
    return shaken(sk.build_forecaster(like=TABLE, horizon=3, timesteps=24, units=4, **options))


def exported(model, name, folder, **options):
    """The file's answer to inputs, as a function."""
    path = folder / f"model{SUFFIXES[name]}"
    assert model.export(path, format=name, **options) == path
    assert [one.name for one in folder.iterdir()] == [path.name]
    content, form = path.read_bytes(), FILE_FORMATS[name]

    def ask(**inputs):
        arrays = {key: np.asarray(array, "float32") for key, array in inputs.items()}
        samples = range(len(next(iter(arrays.values()))))
        parts = [[sample] for sample in samples] if form.one_by_one else [slice(None)]
        rows = [form.answers(content, {key: array[part] for key, array in arrays.items()}) for part in parts]
        return {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}

    return ask


def words(texts):
    return [[word.decode() if isinstance(word, bytes) else word for word in np.ravel(row)] for row in texts]


def alike(found, wanted):
    return relative_difference(found, np.asarray(wanted)) <= RELATIVE_TOLERANCE


# What is written


@FORMATS
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="default"),
        pytest.param({"fill": "last", "bidirectional": True, "attention": "dense"}, id="fill", marks=pytest.mark.slow),
        pytest.param(
            {"cell": "gru", "scaling": "standard", "season": (4, 12)}, id="two seasons", marks=pytest.mark.slow
        ),
    ],
)
def test_a_file_forecasts_as_the_live_model_in_raw_units(name, options, tmp_path):
    model = forecaster(**options)
    past = np.stack([TABLE.to_numpy()[start : start + 24] for start in range(5)]).astype("float32")
    if "fill" in options:
        past[2, 3:9] = np.nan
    answer = exported(model, name, tmp_path)(past=past)
    assert list(answer) == ["forecast"]
    assert alike(answer["forecast"], model.predict_on_batch(past))


@NEEDS_ONNX
@pytest.mark.parametrize("scale", [1e-5, 1e3])
def test_asinh_keeps_its_digits_in_onnx(scale, tmp_path):
    signed = (TABLE - TABLE.mean()) * scale
    keras.utils.set_random_seed(7)
    model = shaken(sk.build_forecaster(like=signed, horizon=3, timesteps=24, units=4, transform="asinh"))
    past = signed.to_numpy("float32")[None, :24]
    assert alike(exported(model, "onnx", tmp_path)(past=past)["forecast"], model.predict_on_batch(past))


@FORMATS
def test_a_file_answers_nan_where_the_live_model_refuses(name, tmp_path):
    ask = exported(forecaster(), name, tmp_path)  # of a table above zero, so it takes logs
    for bad in (np.nan, np.inf, -1.0):
        past = TABLE.to_numpy("float32")[None, :24].copy()
        past[0, 11] = bad
        assert np.isnan(ask(past=past)["forecast"]).all(), bad


@NEEDS_ONNX
def test_a_file_of_onnx_runs_without_seqkit_and_holds_its_description(tmp_path):
    model, past = forecaster(), TABLE.to_numpy("float32")[None, :24]
    model.export(tmp_path / "model.onnx", format="onnx")
    np.save(tmp_path / "past.npy", past)
    paths = [str(tmp_path / name) for name in ("model.onnx", "past.npy", "forecast.npy")]
    done = subprocess.run([sys.executable, "-c", ASK_ONNX, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout.splitlines()[-1])
    assert printed["loaded"] == []
    assert printed["told"]["columns"] == ["sales"]
    assert alike(np.load(tmp_path / "forecast.npy"), model.predict_on_batch(past))


@FORMATS
def test_a_file_classifies_padded_series_and_names_the_class(name, tmp_path):
    recordings = any_length()
    model = classifier(recordings, KINDS, cell="lstm", bidirectional=True)
    ask = exported(model, name, tmp_path, **({"timesteps": 11} if name == "litert" else {}))
    padded = filled_up(recordings)
    answer = ask(series=padded)
    assert alike(answer["probabilities"], model.predict(recordings, verbose=0))
    assert np.ravel(words(answer["class"])).tolist() == model.predict_classes(recordings).tolist()
    padded[1, 1] = np.inf
    refused = ask(series=padded[1:2])
    assert np.isnan(refused["probabilities"]).all()
    assert words(refused["class"]) == [[""]]


@pytest.mark.slow
@FORMATS
def test_a_file_names_several_labels(name, tmp_path):
    x, labels = one_length(), [["a", "c"], ["b"], ["c"], [], ["a", "b", "c"]]
    model = classifier(x, labels, multi_label=True)
    ask = exported(model, name, tmp_path)
    for one, wanted in zip(x, model.predict_classes(x), strict=True):
        assert words(ask(series=one[None])["classes"]) == [list(wanted)]


@FORMATS
def test_a_file_tags_padded_series(name, tmp_path):
    x = weeks()
    model = shaken(sk.build_tagger(like=x, tags=weather(x), **{**TINY_TAGGER, "cell": "gru"}))
    ask = exported(model, name, tmp_path, **({"timesteps": 11} if name == "litert" else {}))
    answer = ask(series=filled_up(x))
    wanted = model.predict_tags(x)
    assert words(answer["tags"]) == [[*tags, *[""] * (11 - len(tags))] for tags in wanted]
    assert alike(answer["probabilities"], model.predict(x, verbose=0))


@pytest.mark.slow
@FORMATS
def test_a_file_answers_series_with_series(name, tmp_path):
    x = series()
    model = shaken(sk.build_seq2seq(like=(x, x[:, :3]), **{**TINY_SEQ2SEQ, "cell": "gru"}))
    assert alike(exported(model, name, tmp_path)(series=x)["answer"], model.predict(x, verbose=0))


@pytest.mark.slow
@FORMATS
def test_a_file_of_a_plain_network_has_the_names_of_keras(name, tmp_path):
    model = sk.build_gru((5, 3), features=2, timesteps=7, return_state=True, bidirectional=True)
    x = np.random.default_rng(7).normal(size=(3, 7, 2)).astype("float32")
    answer = exported(model, name, tmp_path)(**{model.inputs[0].name: x})
    live = model.predict_on_batch(x)
    assert sorted(answer) == [f"output_{number}" for number in range(len(live))]
    for number, wanted in enumerate(live):
        assert alike(answer[f"output_{number}"], wanted)


# What is refused

NEVER = {
    "Tagger": "Tagger reads texts and splits them into words",
    "LanguageModel": "LanguageModel reads texts",
    "Seq2Seq": "Seq2Seq reads texts",
    "Captioner": "Captioner writes texts, found by a search",
}


def refused(model, name, folder, message, **options):
    with pytest.raises(sk.InvalidValue, match=message) as caught:
        model.export(folder / f"model{SUFFIXES[name]}", format=name, **options)
    assert not list(folder.iterdir())
    return caught.value


@pytest.mark.parametrize("kind", NEVER)
def test_a_model_of_texts_is_refused_by_name(kind, tmp_path):
    model = ROWS[kind].build()
    for name in FILE_FORMATS if not NO_ONNX else ["litert"]:
        message = f"export: this {NEVER[kind]}.* cannot be written as {FILE_FORMATS[name].name}"
        error = refused(model, name, tmp_path, message)
        assert error.argument == "format"
        assert "format='tf_saved_model'" in error.way_out


def test_a_crf_is_refused_by_name(tmp_path):
    model = sk.build_tagger(features=2, tags=["a", "b"], **{**TINY_TAGGER, "output": "crf", "scaling": "none"})
    refused(model, "litert", tmp_path, 'this Tagger chooses .* together .output="crf".*cannot be written as LiteRT')


def test_half_precision_is_refused_by_name(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = forecaster()
    finally:
        keras.config.set_dtype_policy("float32")
    refused(model, "litert", tmp_path, "this Forecaster computes in float16")


def test_a_file_of_one_length_needs_the_length(tmp_path):
    model = classifier(any_length(), KINDS)
    error = refused(model, "litert", tmp_path, "reads series of any length, .* has one length.*timesteps=50")
    assert error.argument == "timesteps"
    refused(forecaster(), "litert", tmp_path, "this Forecaster reads 24 timesteps, got timesteps=7", timesteps=7)
    with pytest.raises(TypeError, match="timesteps= is the one length that a file of LiteRT reads"):
        model.export(tmp_path / "model", timesteps=7)


def test_an_operation_that_a_format_lacks_is_refused_in_words(tmp_path, monkeypatch):
    def failing(*arguments):
        raise NotImplementedError("no operation Bitcast\nand much more")

    monkeypatch.setitem(FILE_FORMATS, "litert", FILE_FORMATS["litert"]._replace(converted=failing))
    refused(
        forecaster(), "litert", tmp_path, "cannot become a file of LiteRT: no operation Bitcast. Export a SavedModel"
    )


@pytest.mark.parametrize("path", ["model", "model.onnx.txt", "model.tflite"])
def test_another_suffix_is_refused(path, tmp_path, monkeypatch):
    with pytest.raises(sk.InvalidValue, match="the name of a file of ONNX ends with '.onnx', got .* Pass '.*[.]onnx'"):
        forecaster().export(tmp_path / path, format="onnx")


def test_a_folder_is_left_alone(tmp_path):
    (tmp_path / "model.tflite").mkdir()
    with pytest.raises(FileExistsError, match="model.tflite is a folder, so it is left alone"):
        forecaster().export(tmp_path / "model.tflite", format="litert")


def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    message = r"ONNX needs 'onnx', 'tf2onnx', 'onnxruntime', which cannot be imported.*pip install 'seqkit\[onnx\]'"
    refused(forecaster(), "onnx", tmp_path, message)


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(sk.InvalidValue, match="format must be one of 'tf_saved_model', 'onnx', 'litert', got 'torch'"):
        forecaster().export(tmp_path / "model", format="torch")


@pytest.mark.parametrize("other", ["numbers", "names"])
def test_a_file_with_other_answers_is_not_written_and_the_old_one_stays(other, tmp_path, monkeypatch):
    form, path = FILE_FORMATS["litert"], tmp_path / "model.tflite"
    path.write_bytes(b"old")

    def answers(content, inputs):
        right = form.answers(content, inputs)
        if other == "names":
            return {"Identity:0": right["forecast"]}
        return {name: value * (1 + 2 * FILE_TOLERANCE) for name, value in right.items()}

    monkeypatch.setitem(FILE_FORMATS, "litert", form._replace(answers=answers))
    message = "outputs would be 'Identity:0', not 'forecast'" if other == "names" else "differs from that of the live"
    with pytest.raises((RuntimeError, sk.InvalidValue), match=message):
        forecaster().export(path, format="litert")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
