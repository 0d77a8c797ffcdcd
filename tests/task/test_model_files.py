"""Model files: a checksum that finds damage, settings that pass the builder's checks, and limits on sizes."""

import inspect
import io
import json
import pickle
import shutil
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from task_rows import ROWS

import seqkit as sk
from seqkit.task.seal import checksum_of_weights

CONFIG, WEIGHTS, SEAL = "config.json", "model.weights.h5", "_zz_seal"
SAMPLES = np.ones((2, 7, 2), "float32")
SERIES, LABELS = np.random.default_rng(0).normal(size=(6, 7, 2)).astype("float32"), ["a", "b", "c"] * 2
LOAD_EARLY = keras.saving.load_model.__wrapped__  # as `from keras.models import load_model` before `import seqkit`


def network(cell="gru"):
    return sk.build_recurrent("many_to_one", features=2, outputs=1, units=3, cell=cell)


def classifier():
    return sk.build_classifier(like=SERIES, labels=LABELS, units=3, convolution="none")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "model.keras"
    classifier().save(path)
    return path


@pytest.fixture
def file(good, tmp_path):
    return Path(shutil.copy(good, tmp_path / "model.keras"))


def change(path, edit):
    """Write the members of a file anew, after `edit` changed them; ZIP's own checksums are right again."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)


def change_config(path, edit):
    def edited(members):
        config = json.loads(members[CONFIG])
        edit(config)
        members[CONFIG] = json.dumps(config)

    change(path, edited)


def change_weights(path, edit):
    def edited(members):
        held = io.BytesIO(members[WEIGHTS])
        with h5py.File(held, "r+") as weights:
            edit(weights)
        members[WEIGHTS] = held.getvalue()

    change(path, edited)


def forget_checksum(path):
    """As if an older release had written the file."""
    change_config(path, lambda config: config["build_config"].pop("seqkit"))
    change_weights(path, lambda weights: weights.__delitem__(SEAL))


def variables(weights):
    found = []
    weights.visititems(lambda name, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return [item for item in found if item.dtype.kind == "f" and item.ndim]


def flip_sign(weights):
    """Change the highest bit of a number of the layers."""
    variable = variables(weights["layers"])[0]
    variable[...] = -variable[...] - 1


# The checksum


def test_bit_equal_weights_have_one_checksum_and_others_another():
    model, same = network(), network()
    same.set_weights(model.get_weights())
    assert checksum_of_weights(model) == checksum_of_weights(same)
    weights = model.get_weights()
    weights[0][0, 0] = np.nextafter(weights[0][0, 0], np.float32(9))
    same.set_weights(weights)
    assert checksum_of_weights(model) != checksum_of_weights(same)


def test_a_file_of_an_older_keras_is_not_written(tmp_path):
    with pytest.raises(sk.InvalidValue, match=r"save: .*model.h5 would be a file of an older Keras.* ends in .keras"):
        network().save(tmp_path / "model.h5")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("save", [lambda model, path: model.save(path), keras.saving.save_model])
def test_a_changed_weight_is_refused_however_it_was_saved(save, tmp_path):
    save(network(), tmp_path / "model.keras")
    change_weights(tmp_path / "model.keras", flip_sign)
    with pytest.raises(sk.InvalidValue, match=r"load_model: .*model.keras: the weights in the file are damaged"):
        keras.saving.load_model(tmp_path / "model.keras")


def test_a_file_of_weights_alone_has_a_checksum_too(tmp_path):
    path = tmp_path / "model.weights.h5"
    model, other = network(), network()
    model.save_weights(path)
    other.load_weights(path)
    np.testing.assert_array_equal(other.predict(SAMPLES, verbose=0), model.predict(SAMPLES, verbose=0))
    with h5py.File(path, "r+") as weights:
        flip_sign(weights)
    with pytest.raises(sk.InvalidValue, match=r"load_weights: .*model.weights.h5: the weights in the file are damaged"):
        other.load_weights(path)
    np.testing.assert_array_equal(other.predict(SAMPLES, verbose=0), model.predict(SAMPLES, verbose=0))  # as before
    with h5py.File(path, "r+") as weights:
        del weights[SEAL]
    with pytest.warns(sk.SeqkitWarning, match="the file has no checksum"):
        other.load_weights(path)


@pytest.mark.parametrize(
    "edit",
    [
        lambda settings: settings["labels"].reverse(),
        lambda settings: settings.update(scaling="none"),
        lambda settings: settings.update(class_weights=[1.0, 2.0, 3.0]),
    ],
)
def test_changed_settings_are_refused(edit, file):
    change_config(file, lambda config: edit(config["config"]["settings"]))
    with pytest.raises(sk.InvalidValue, match="its settings are not those that were saved with its weights"):
        keras.saving.load_model(file)


@pytest.mark.parametrize("how", ["weights", "settings"])
def test_a_load_model_that_was_imported_before_seqkit_finds_the_damage_too(how, file):
    if how == "weights":
        change_weights(file, flip_sign)
    else:
        change_config(file, lambda config: config["config"]["settings"]["labels"].reverse())
    with pytest.raises(ValueError, match=f"the {how} in the file are damaged"):
        LOAD_EARLY(file)


def test_weights_of_another_training_are_refused(file, tmp_path):
    classifier().save(tmp_path / "other.keras")
    with zipfile.ZipFile(tmp_path / "other.keras") as archive:
        other = archive.read(WEIGHTS)
    change(file, lambda members: members.update({WEIGHTS: other}))
    with pytest.raises(sk.InvalidValue, match="its settings are not those that were saved with its weights"):
        keras.saving.load_model(file)


def test_a_model_within_a_users_model_is_checked_and_the_users_layers_are_not(tmp_path):
    path, ours, inputs = tmp_path / "model.keras", network(), keras.Input((7, 2))
    outputs = keras.layers.Dense(1, name="mine")(ours(inputs))
    keras.Model(inputs, outputs).save(path)
    keras.saving.load_model(path)
    change_weights(path, lambda weights: weights["layers/dense/vars/0"].__setitem__(..., 5.0))
    assert keras.saving.load_model(path).get_layer("mine").get_weights()[0] == 5
    change_weights(path, lambda weights: flip_sign(weights["layers/recurrent_model"]))
    with pytest.raises(sk.InvalidValue, match="the weights in the file are damaged"):
        keras.saving.load_model(path)


def quantized(model):
    model.quantize("int8")


def with_lora(model):
    model.get_layer("answer").enable_lora(1)


def in_bfloat16(model):
    for weight in model.weights:
        weight.assign(keras.ops.cast(keras.ops.cast(weight, "bfloat16"), weight.dtype))


@pytest.mark.filterwarnings(
    "ignore:Layer .* does not have a `quantize`", "ignore:Skipping variable loading for optimizer"
)
@pytest.mark.parametrize("make", [quantized, with_lora, in_bfloat16])
def test_the_checksum_outlives_what_keras_makes_of_a_model(make, tmp_path):
    model = network()
    make(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.predict(SAMPLES, verbose=0), model.predict(SAMPLES, verbose=0), rtol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "float64"])
def test_a_file_loads_under_another_precision_than_it_was_saved_in(policy, file):
    keras.config.set_dtype_policy(policy)
    try:
        assert keras.saving.load_model(file).settings.labels == ("a", "b", "c")
        classifier().save(file)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.saving.load_model(file).settings.labels == ("a", "b", "c")


@pytest.mark.parametrize("policy", ["float16", "mixed_bfloat16", "float64"])
def test_a_file_keeps_the_precision_of_its_model(policy, tmp_path):
    keras.config.set_dtype_policy(policy)
    try:
        model = classifier()
        model.save(tmp_path / "model.keras")
    finally:
        keras.config.set_dtype_policy("float32")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.dtype_policy.name, keras.config.dtype_policy().name) == (policy, "float32")
    assert [weight.dtype for weight in loaded.weights] == [weight.dtype for weight in model.weights]


def test_a_model_comes_back_from_a_pickle_and_from_a_folder(tmp_path):
    model = network()
    model.save(tmp_path / "model", zipped=False)
    for again in (pickle.loads(pickle.dumps(model)), keras.saving.load_model(tmp_path / "model")):
        np.testing.assert_array_equal(again.predict(SAMPLES, verbose=0), model.predict(SAMPLES, verbose=0))


def test_load_model_is_one_function_under_all_its_names_and_can_be_sent_to_a_process():
    assert pickle.loads(pickle.dumps(keras.models.load_model)) is keras.saving.load_model is keras.models.load_model
    assert "filepath" in inspect.signature(keras.saving.load_model).parameters


def test_a_model_file_of_keras_alone_is_loaded_as_ever(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save(tmp_path / "model.keras")
    change_weights(tmp_path / "model.keras", flip_sign)
    assert keras.saving.load_model(tmp_path / "model.keras").count_params() == 3
    model.save_weights(tmp_path / "model.weights.h5")
    model.load_weights(tmp_path / "model.weights.h5")


def test_weights_that_are_not_finite_are_refused_although_the_checksum_is_right(tmp_path):
    model = network()
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    keras.saving.save_model(model, tmp_path / "model.keras")
    with pytest.raises(sk.InvalidValue, match="numbers of the weight .* are NaN or infinite"):
        keras.saving.load_model(tmp_path / "model.keras")


# Settings


@pytest.mark.parametrize("name", ROWS)
def test_settings_of_every_model_pass_the_checks_of_its_builder(name, tmp_path):
    model = ROWS[name].build()
    config = model.get_config()
    for wrong, problem in {
        "units": "units must be 1 or more, got -1",
        "cell": "cell must be one of .*, got 'lsmt'",
        "activation": "activation must be the name of one of Keras's activations",
    }.items():
        value = {"units": (-1,), "cell": "lsmt", "activation": "nonsense"}[wrong]
        damaged = {**config, "settings": {**config["settings"], wrong: value}}
        with pytest.raises(sk.InvalidValue, match=rf"{name}.from_config: no model can be built .*: {problem}"):
            type(model).from_config(damaged)


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("labels", ["a", "b", "a"], "3 labels have 3 weights, and 2 differ"),
        ("labels", "abc", "labels must be tuple.*, got 'abc'"),
        ("features", 0, "features must be 1 or more, got 0"),
        ("features", 2.5, "features must be int, got 2.5"),
        ("units", [10**6], "would build .* weights, and the file has .* bytes of them"),
        ("dropout", [0.0, 0.0], "dropout has 2 numbers for 1 layers"),
        ("attention", ["nonsense"], "attention must be one of"),
        ("colour", "red", "does not know the settings 'colour'"),
    ],
)
def test_a_file_without_checksum_is_refused_by_the_checks_of_the_builder(setting, value, problem, file):
    forget_checksum(file)
    change_config(file, lambda config: config["config"]["settings"].update({setting: value}))
    with pytest.raises(sk.InvalidValue, match=rf"load_model: .*model.keras: .*{problem}"):
        keras.saving.load_model(file)


def test_a_setting_of_a_later_release_is_refused_with_the_release_to_use(file):
    def edit(config):
        config["config"]["settings"]["colour"] = "red"
        config["build_config"]["seqkit"]["version"] = "9.8.7"

    change_config(file, edit)
    change_weights(file, lambda weights: weights.__delitem__(SEAL))
    with pytest.raises(sk.InvalidValue, match="checksum of its weights is missing"):
        keras.saving.load_model(file)
    with pytest.raises(ValueError, match="does not know the settings 'colour'.*or later"):
        LOAD_EARLY(file)


def test_a_setting_that_an_older_release_had_not_has_the_default_of_its_field(file):
    forget_checksum(file)
    change_config(file, lambda config: config["config"]["settings"].pop("initial_state"))
    with pytest.warns(sk.SeqkitWarning, match="no checksum"):
        assert keras.saving.load_model(file).settings.initial_state == "zeros"
    change_config(file, lambda config: config["config"]["settings"].pop("labels"))
    with pytest.raises(sk.InvalidValue, match="the settings 'labels' are missing"):
        keras.saving.load_model(file)


def test_settings_of_too_many_weights_are_refused_before_they_take_memory(monkeypatch):
    config = network().get_config()
    monkeypatch.setenv("SEQKIT_MOST_WEIGHTS", "5")
    with pytest.raises(sk.InvalidValue, match="would build .* weights, and the limit is 5. Set SEQKIT_MOST_WEIGHTS="):
        sk.recurrent.model.RecurrentModel.from_config(config)
    monkeypatch.setenv("SEQKIT_MOST_WEIGHTS", "500")
    assert sk.recurrent.model.RecurrentModel.from_config(config).count_params() < 500


# The file itself


@pytest.mark.parametrize("kept", [10, 2000, -100, -1])
def test_a_file_that_was_cut_says_so(kept, file):
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(sk.InvalidValue, match=r"model.keras: it is no model file: it is cut off"):
        keras.saving.load_model(file)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "it is empty"),
        (pickle.dumps([1]), "a pickle"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"once", "b'once'"),
    ],
)
def test_a_file_that_is_none_says_what_it_is(content, what, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    for load in (keras.saving.load_model, keras.models.load_model, network().load_weights):
        with pytest.raises(sk.InvalidValue, match=f"model.keras: it is no model file: .*{what}"):
            load(path)


def test_a_file_of_weights_that_was_cut_says_so(tmp_path):
    path = tmp_path / "model.weights.h5"
    network().save_weights(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(sk.InvalidValue, match="model.weights.h5: it is cut off"):
        network().load_weights(path)


def test_members_that_unpack_to_much_more_are_refused_before_they_are_read(file):
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/zeros", bytes(2**28 + 2**20))
    with pytest.raises(sk.InvalidValue, match="would unpack to 26"):
        keras.saving.load_model(file)


def test_weights_that_declare_more_than_the_file_holds_are_refused_before_they_are_read(file):
    def declare(weights):
        variable = variables(weights["layers"])[0]
        group, name = variable.parent, Path(variable.name).name
        del group[name]
        group.create_dataset(name, (10**9,), "float32", chunks=(1000,))

    change_weights(file, declare)
    with pytest.raises(sk.InvalidValue, match="its weights would take 4,000,"):
        keras.saving.load_model(file)


@pytest.mark.parametrize("name", ["../evil", "/evil", "assets/../../evil", "model.weights.npz"])
def test_members_that_keras_does_not_write_are_refused(name, file):
    change(file, lambda members: members.update({name: b""}))
    with pytest.raises(sk.InvalidValue, match=f"it holds '{name}' within, which Keras does not write"):
        keras.saving.load_model(file)
