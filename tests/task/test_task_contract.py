"""All models against one contract: saved, served, trained and asked alike; bad input is refused in the same words."""

import contextlib
import functools
import gc
import json
import pickle
import re
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from task_rows import ROWS, autoencoder, series
from tensorflow.python.framework.func_graph import FuncGraph

import seqkit as sk

LOAD = """
import pickle, sys
import keras
import seqkit

with open(sys.argv[1] + "/asked.pickle", "rb") as file:
    asked = pickle.load(file)
answers = {}
for name, x in asked.items():
    model = keras.models.load_model(sys.argv[1] + "/" + name + ".keras")
    answers[name] = type(model).__name__, model.predict(x, verbose=0)
with open(sys.argv[1] + "/answers.pickle", "wb") as file:
    pickle.dump(answers, file)
"""


def promised(promise, cases=None, of=lambda row: True):
    """Parametrize over the rows of the table, and over cases (a list, or what makes it of a row) if there are any."""
    params = []
    for name, row in ROWS.items():
        if not of(row):
            continue
        for case in [None] if cases is None else cases(row) if callable(cases) else cases:
            values = (name,) if case is None else (name, case)
            params.append(pytest.param(*values, id="-".join(values)))
    return pytest.mark.parametrize("name" if cases is None else ("name", "case"), params)


@functools.cache
def shared_model(name):
    """A model that no test changes."""
    keras.utils.set_random_seed(7)
    return ROWS[name].build()


@functools.cache
def scratch_model(name, by="fit"):
    """A model that a test may train; its weights do not matter."""
    keras.utils.set_random_seed(7)
    return ROWS[name].build()


@functools.cache
def unadapted_model(name):
    return ROWS[name].unadapted.build()


def as_batches(arrays, size=2):
    """What Keras takes as it is."""
    return tf.data.Dataset.from_tensor_slices(arrays).batch(size)


def batches(name, model):
    return as_batches(ROWS[name].batches(model))


def trains(model, *data, **options):
    """Fit for one epoch, silently; give its loss."""
    return model.fit(*data, verbose=0, **options).history["loss"][0]


def plain(answer):
    """Answers of any kind as nested lists and arrays, which NumPy compares."""
    if isinstance(answer, pd.DataFrame):
        return answer.to_numpy()
    return [plain(row) for row in answer] if isinstance(answer, (list, tuple)) else answer


def same(found, wanted):
    """Equal to the last bit."""
    np.testing.assert_equal(plain(found), plain(wanted))


# The table


def test_every_public_model_is_in_the_contract():
    public = {name for name in sk.__all__ if isinstance(getattr(sk, name), type)}
    public = {name for name in public if issubclass(getattr(sk, name), keras.Model)}
    registered = keras.saving.get_custom_objects().items()
    models = {
        cls.__name__
        for name, cls in registered
        if name.startswith("seqkit>") and isinstance(cls, type) and issubclass(cls, keras.Model)
    }
    plain = {"RecurrentModel"}  # it reads arrays alone, as any Keras model, and has no settings of its own
    assert set(ROWS) == public - plain == models - plain


def test_every_row_has_a_model_of_its_name_and_five_samples():
    assert {name: type(shared_model(name)).__name__ for name in ROWS} == {name: name for name in ROWS}
    assert {len(row.x) for row in ROWS.values()} == {5}


# Saved and served


@promised("config")
def test_a_model_comes_back_from_its_config_and_with_its_weights_answers_alike(name):
    row, model = ROWS[name], shared_model(name)
    config = {**model.get_config(), **row.config}
    again = type(model).from_config(json.loads(json.dumps(config)))
    assert again.settings == model.settings
    assert {key: getattr(again, key) for key in row.config} == row.config
    assert again.name == model.name
    config_again = again.get_config()
    assert list(config_again) == list(config)
    for key, value in config.items():
        assert config_again[key] == value, key
    again.set_weights(model.get_weights())
    again.compile_from_config(model.get_compile_config())
    for ask in row.verbs.values():
        same(ask(again), ask(model))


@pytest.fixture(scope="module")
def answers_of_loaded(tmp_path_factory):
    """The class and the answers of each model, loaded in a fresh process with keras and seqkit alone."""
    folder = tmp_path_factory.mktemp("kept")
    for name in ROWS:
        shared_model(name).save(folder / f"{name}.keras")
    (folder / "asked.pickle").write_bytes(pickle.dumps({name: row.x for name, row in ROWS.items()}))
    done = subprocess.run([sys.executable, "-c", LOAD, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pickle.loads((folder / "answers.pickle").read_bytes())


@promised("keras file")
def test_a_model_loaded_by_plain_keras_in_a_fresh_process_answers_alike(name, answers_of_loaded):
    class_name, answers = answers_of_loaded[name]
    assert class_name == name
    same(answers, shared_model(name).predict(ROWS[name].x, verbose=0))


@promised("clone")
def test_a_clone_is_refused_with_the_way_out(name):
    with pytest.raises(TypeError, match=f"clone_model: .* Use {name}.from_config"):
        keras.models.clone_model(shared_model(name))


@promised("saved model")
def test_a_saved_model_answers_as_the_live_one(name, tmp_path):
    shared_model(name).export(tmp_path / "model")
    same(ROWS[name].served(tf.saved_model.load(tmp_path / "model")), ROWS[name].live(shared_model(name)))


@promised("unknown export option")
def test_an_option_that_export_does_not_know_is_refused_by_name(name, tmp_path):
    with pytest.raises(TypeError, match="export: .*nonsense"):
        shared_model(name).export(tmp_path / "model", nonsense=1)
    assert not list(tmp_path.iterdir())


@contextlib.contextmanager
def broken_weights(model):
    """NaN in every weight that `fit` trains, inside the `with` block."""
    weights = model.get_weights()
    for weight in model.trainable_weights:
        weight.assign(np.full(weight.shape, np.nan))
    try:
        yield
    finally:
        model.set_weights(weights)


@promised("not finite")
def test_a_model_whose_weights_are_nan_neither_answers_nor_is_written(name, tmp_path):
    row, model = ROWS[name], shared_model(name)
    answers = {verb: ask for verb, ask in row.verbs.items() if verb != "perplexity"}  # a measure, which may be NaN
    asked = {**answers, "predict": lambda model: model.predict(row.x, verbose=0)}
    asked["save"], asked["export"] = (
        lambda model, verb=verb: getattr(model, verb)(tmp_path / "m.keras") for verb in ("save", "export")
    )
    with broken_weights(model):
        for verb, ask in asked.items():
            with pytest.raises(ValueError, match="are NaN or infinite"):
                pytest.fail(f"{verb} gave {ask(model)}")
    assert not list(tmp_path.iterdir())
    model.predict(row.x, verbose=0)


# fit and evaluate


@promised("missing answers", ["fit", "evaluate"], of=lambda row: row.y is not None)
def test_samples_without_answers_are_refused_in_words(name, case):
    with pytest.raises(ValueError, match=rf"{case}: .*missing.*{case}\("):
        getattr(scratch_model(name), case)(ROWS[name].x, verbose=0)


@promised("answers inside", of=lambda row: row.y is None)
def test_samples_that_hold_their_answers_are_trained_on_alone(name):
    assert np.isfinite(trains(scratch_model(name), ROWS[name].x))


def test_an_autoencoder_is_trained_on_its_samples_alone():
    assert np.isfinite(trains(autoencoder(), series(5)))


@promised("batches", ["fit", "evaluate"])
def test_batches_of_arrays_are_taken_as_by_keras(name, case):
    model = scratch_model(name)
    scores = getattr(model, case)(batches(name, model), verbose=0)
    assert np.isfinite(scores.history["loss"] if case == "fit" else scores).all()


@pytest.mark.filterwarnings("ignore:.shuffle=True. was passed")
@promised("batches with", ["fit, sample_weight", "fit, batch_size", "evaluate, sample_weight", "evaluate, batch_size"])
def test_what_batches_hold_already_is_refused_by_name(name, case):
    model, (verb, argument) = scratch_model(name), case.split(", ")
    value = np.ones(5) if argument == "sample_weight" else 2
    with pytest.raises(ValueError, match=argument):
        getattr(model, verb)(batches(name, model), verbose=0, **{argument: value})


class InMemory(keras.utils.PyDataset):
    """Batches of arrays; it notes the order in which they are read."""

    def __init__(self, arrays):
        super().__init__()
        self.parts = list(as_batches(arrays).as_numpy_iterator())
        self.read = []

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, position):
        self.read.append(position)
        return self.parts[position]


def endless(dataset):
    while True:
        yield from dataset.as_numpy_iterator()


CARRIERS = {
    "dataset": as_batches,
    "PyDataset": InMemory,
    "generator": lambda arrays: endless(as_batches(arrays)),
}


@promised("carriers", CARRIERS)
def test_whatever_carries_the_batches_they_are_trained_on_and_evaluated_alike(name, case):
    model, arrays = scratch_model(name, by="carriers"), ROWS[name].batches(shared_model(name))
    assert np.isfinite(trains(model, CARRIERS[case](arrays), steps_per_epoch=3))
    scores = shared_model(name).evaluate(CARRIERS[case](arrays), steps=3, verbose=0)
    np.testing.assert_allclose(scores, shared_model(name).evaluate(as_batches(arrays), verbose=0), rtol=1e-5)


@promised("PyDataset")
def test_a_pydataset_is_read_in_the_order_of_shuffle_as_by_keras(name):
    model, arrays = scratch_model(name, by="carriers"), ROWS[name].batches(shared_model(name))
    for shuffle in (False, True):
        data = InMemory(tuple_of_many(arrays))
        keras.utils.set_random_seed(3)
        trains(model, data, shuffle=shuffle)
        order = data.read[-len(data) :]  # before, Keras may look at the first batch
        assert (order == sorted(order)) == (not shuffle)


def tuple_of_many(arrays):
    """The arrays four times, so that a shuffled order is another one."""
    return keras.tree.map_structure(lambda array: np.concatenate([array] * 4), arrays)


@promised("held forms", ["pair", "list", "triple", *CARRIERS])
def test_validation_data_are_taken_in_every_form_that_keras_takes(name, case):
    """Every form gives the same validation loss. Texts of a language model are given alone, and have no weights."""
    row, model = ROWS[name], scratch_model(name, by="held")
    arrays = row.batches(model)
    if case in CARRIERS:
        held = CARRIERS[case](arrays)
    elif row.y is None:
        held = row.x
    else:
        held = {"pair": (row.x, row.y), "list": [row.x, row.y], "triple": (row.x, row.y, np.ones(5))}[case]
    history = model.fit(
        *pair(name), batch_size=2, validation_data=held, validation_steps=3 if case == "generator" else None, verbose=0
    ).history
    data, size = ((as_batches(arrays),), None) if case in CARRIERS else (pair(name), 2)
    wanted = model.evaluate(*data, batch_size=size, verbose=0, return_dict=True)
    assert history["val_loss"][0] == pytest.approx(wanted["loss"], rel=1e-4)


@promised("tensors", ["fit", "evaluate", "predict"], of=lambda row: isinstance(row.x, np.ndarray))
def test_tensors_are_read_as_arrays_are(name, case):
    row, model = ROWS[name], scratch_model(name, by="tensors")
    x, y, weights = tf.constant(row.x), row.y, np.array([1, 2, 0, 1, 3.0])
    y = tf.constant(y) if isinstance(y, np.ndarray) else y
    if case == "predict":
        same(model.predict(x, verbose=0), model.predict(row.x, verbose=0))
    elif case == "evaluate":
        scores = [model.evaluate(*data, sample_weight=weights, verbose=0) for data in ((x, y), (row.x, row.y))]
        assert scores[0] == scores[1]
    else:
        with pytest.raises(ValueError, match="sample_weight"):
            trains(model, x, y, sample_weight=tf.constant(WEIGHTS["negative"]))
        assert np.isfinite(trains(model, x, y, sample_weight=tf.constant(weights)))


WEIGHTS = {"negative": [1, 1, -1, 1, 1], "NaN": [1, 1, np.nan, 1, 1], "too few": [1, 1, 1, 1]}


@promised("weights", [f"{verb}, {fault}" for verb in ("fit", "evaluate") for fault in WEIGHTS])
def test_weights_that_are_none_are_refused_by_name(name, case):
    """Raw text of a language model, whose words are the answers, takes no weights at all."""
    verb, fault = case.split(", ")
    with pytest.raises(ValueError, match="sample_weight"):
        getattr(scratch_model(name, by="weights"), verb)(*pair(name), sample_weight=np.array(WEIGHTS[fault]), verbose=0)


def pair(name):
    row = ROWS[name]
    return (row.x,) if row.y is None else (row.x, row.y)


@promised("validation data")
def test_validation_data_of_one_thing_are_refused_by_name(name):
    """Of a language model they are texts, so that a list of texts alone in a tuple is no text."""
    with pytest.raises((TypeError, ValueError), match="validation_data"):
        trains(scratch_model(name), *pair(name), validation_data=(ROWS[name].x,))


@promised("class weights")
def test_class_weights_count_or_are_refused_by_name(name):
    try:
        outcome = trains(scratch_model(name), *pair(name), class_weight=dict.fromkeys(range(99), 0.0))
    except (TypeError, ValueError) as error:
        outcome = str(error)
    assert outcome == 0 or "class_weight" in str(outcome)  # the loss where every class weighs nothing, or the refusal


@promised("weighted evaluate", ["loss", "metrics"], of=lambda row: row.y is not None)
def test_a_sample_that_weighs_as_all_together_is_evaluated_as_if_alone(name, case):
    """It weighs five, the others nothing: so it does not matter whether a loss is divided by samples or by weights."""
    row, model = ROWS[name], shared_model(name)
    weighed = model.evaluate(row.x, row.y, sample_weight=np.array([0, 0, 5, 0, 0]), verbose=0, return_dict=True)
    alone = model.evaluate(row.x[2:3], row.y[2:3], verbose=0, return_dict=True)
    assert set(weighed) == set(alone)
    for key in [metric for metric in alone if (metric == "loss") == (case == "loss")]:
        assert weighed[key] == pytest.approx(alone[key], rel=1e-4), key


def steps_traced(model, *data, **options):
    """How often Python ran the training step, which is while it is traced: three epochs, a smaller last batch."""
    traces, step = [], model.train_step
    model.train_step = lambda batch: traces.append(1) or step(batch)
    trains(model, *data, epochs=3, **options)
    return len(traces)


@pytest.fixture(scope="module")
def traces_of_plain_keras():
    model = keras.Sequential([keras.Input((7, 1)), keras.layers.SimpleRNN(3), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)  # as seqkit's builders do; else TensorFlow traces a second time
    return steps_traced(model, np.ones((5, 7, 1)), np.ones((5, 1)), batch_size=2, shuffle=True)


@promised("traces")
def test_three_epochs_with_a_smaller_last_batch_are_traced_as_often_as_by_keras(name, traces_of_plain_keras):
    """Once: Keras gives its step an iterator whose batches have no size of their own, so a smaller one fits too.

    From 3.16 on Keras gives it the batch, so TensorFlow traces again for one of another size, and of another length.
    """
    ours = steps_traced(ROWS[name].build(), *pair(name), batch_size=2, shuffle=True)
    if keras.__version__.startswith("3.15."):
        assert ours == traces_of_plain_keras == 1
    else:
        assert ours <= traces_of_plain_keras + 1


# predict


class CallbackLog(keras.callbacks.Callback):
    """Keeps the calls that it gets."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def on_predict_begin(self, logs=None):
        self.calls.append("begin")

    def on_predict_batch_end(self, batch, logs=None):
        self.calls.append(batch)

    def on_predict_end(self, logs=None):
        self.calls.append("end")


@promised("predict with callbacks")
def test_predict_tells_its_callbacks_of_every_batch(name):
    log = CallbackLog()
    shared_model(name).predict(ROWS[name].x, batch_size=2, callbacks=[log], verbose=0)
    assert log.calls == ["begin", 0, 1, 2, "end"]


@promised("unknown predict option")
def test_an_option_that_predict_does_not_know_is_refused_by_name(name):
    with pytest.raises(TypeError, match="nonsense"):
        shared_model(name).predict(ROWS[name].x, nonsense=1)


@promised("predict batches")
def test_a_batch_size_is_refused_beside_batches_to_predict(name):
    model = shared_model(name)
    batches = as_batches(ROWS[name].batches(model)[:1])
    assert all(map(np.size, keras.tree.flatten(model.predict(batches, verbose=0))))
    with pytest.raises(ValueError, match="predict: batch_size"):
        model.predict(batches, batch_size=2)


@promised("predict steps")
def test_steps_are_refused_beside_samples(name):
    with pytest.raises(ValueError, match="predict: steps"):
        shared_model(name).predict(ROWS[name].x, steps=1)


# Before it has seen its training samples


def verbs_of_unadapted(row):
    batched = [f"{verb} of batches" for verb in ("fit", "evaluate", "predict")]
    return ["fit", "evaluate", "predict", "export", *batched, *row.unadapted.verbs]


@promised("unadapted", verbs_of_unadapted, of=lambda row: row.unadapted is not None)
def test_a_model_that_has_not_been_adapted_is_refused_with_the_way_out(name, case, tmp_path):
    row, model = ROWS[name].unadapted, unadapted_model(name)
    verb, _, of_batches = case.partition(" of ")
    if verb in row.verbs:
        ask = functools.partial(row.verbs[verb], model)
    elif verb == "export":
        ask = functools.partial(model.export, tmp_path / "model")
    elif of_batches:
        arrays = (row.batches or ROWS[name].batches)(model)
        ask = functools.partial(getattr(model, verb), as_batches(arrays if verb != "predict" else arrays[:1]))
    else:
        ask = functools.partial(getattr(model, verb), row.x, *([] if verb == "predict" or row.y is None else [row.y]))
    with pytest.raises(ValueError, match="adapt"):
        ask()


# A look inside


@promised("gates")
def test_gates_are_shown_of_raw_samples(name):
    gates = sk.gates(shared_model(name), ROWS[name].x)
    assert [len(layer.hidden) for layer in gates.values()] == [5 * ROWS[name].sequences] * ROWS[name].recurrent


@promised("gradient flow")
def test_the_flow_of_gradients_is_shown_of_raw_samples_and_answers(name):
    """Of a language model the answers are None, since its texts hold them."""
    flow = sk.gradient_flow(shared_model(name), ROWS[name].x, ROWS[name].y)
    assert flow.shape[1] == ROWS[name].recurrent
    assert np.isfinite(flow.iloc[0]).all()


@promised("attention weights")
def test_weights_of_attention_are_shown_of_raw_samples_or_refused_in_words(name):
    row = ROWS[name]
    if row.attention:
        weights = sk.attention_weights(shared_model(name), row.x)
        assert {layer: len(values) for layer, values in weights.items()} == dict.fromkeys(row.attention, 5)
    else:
        with pytest.raises(ValueError, match=re.escape("attention_weights: the model has no attention layer")):
            sk.attention_weights(shared_model(name), row.x)


# Dropped


@promised("dropped")
def test_a_dropped_model_gives_its_graphs_back(name):
    row = ROWS[name]

    def used():
        model = row.build()
        trains(model, row.x, row.y)
        for ask in row.verbs.values():
            ask(model)

    def graphs():
        gc.collect()
        return sum(isinstance(held, FuncGraph) for held in gc.get_objects())

    used()  # TensorFlow keeps some graphs of the first model, once
    before = graphs()
    used()
    assert graphs() <= before
