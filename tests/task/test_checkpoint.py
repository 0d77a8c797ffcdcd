"""A training with a checkpoint goes on after any end to the same weights, bit by bit."""

import itertools
import os
import shutil
import signal

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from task_rows import monthly
from tiny_seq2seq import SOURCES, TARGETS
from tiny_seq2seq import TINY as TINY_SEQ2SEQ
from tiny_taggers import SENTENCES, TAGS
from tiny_taggers import WORDS as TINY_TAGGER

import seqkit as sk
from seqkit.data.orders import EpochOrder
from seqkit.task.state_file import read_state, write_state
from seqkit.task.training_run import training_run

EPOCHS, KILLED_IN = 5, 3


class InEpoch(keras.callbacks.Callback):
    """Call a function in the middle of an epoch."""

    def __init__(self, epoch, function):
        super().__init__()
        self.epoch, self.function, self.now = epoch, function, None

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, 1):
            self.function()


def interrupt():
    raise KeyboardInterrupt


def samples():
    random = np.random.default_rng(3)
    return random.normal(0, 1, (23, 5, 2)).astype("float32"), random.normal(0, 1, (23, 1)).astype("float32")


def network():
    model = sk.build_recurrent("many_to_one", features=2, outputs=1, units=3, dropout=0.3)
    model.compile(keras.optimizers.Adam(0.02, use_ema=True, ema_momentum=0.7), "mse")
    return model


def forecaster():
    return sk.build_forecaster(like=monthly(), timesteps=7, horizon=3, units=3, segment=1, dropout=0.3)


def tagger():
    return sk.build_tagger(like=SENTENCES, tags=TAGS, **{**TINY_TAGGER, "dropout": 0.3})


def translator():
    return sk.build_seq2seq(like=(SOURCES, TARGETS), **{**TINY_SEQ2SEQ, "dropout": 0.3})


def panel():
    rows = monthly(60)
    parts = {"whole": rows, "half": rows.iloc[30:] * 2, "short": rows.iloc[-11:] + 7}
    return pd.concat(parts, names=["series"])


def forecaster_of_many():
    return sk.build_forecaster(like=panel(), timesteps=7, horizon=3, units=3, segment=1, dropout=0.3, season=1)


KINDS = {
    "plain network": (network, samples()),
    "forecaster of many series": (forecaster_of_many, (panel(),)),
    "tagger": (tagger, (SENTENCES, TAGS)),
    "encoder-decoder": (translator, (SOURCES, TARGETS)),
}


def fit(model, data, checkpoint, *callbacks, **options):
    options = {"epochs": EPOCHS, "batch_size": 4, "verbose": 0, **options}
    return model.fit(*data, checkpoint=checkpoint, callbacks=list(callbacks), **options)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def copy(path):
    """Let a callback copy the checkpoint: what a kill would leave at that moment."""
    return lambda: shutil.copy(path, path.with_name("killed"))


SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("forecaster of many series", "encoder-decoder")]


@pytest.mark.parametrize("kind", ["plain network", "tagger", *SLOW])
def test_a_killed_training_goes_on_to_the_same_weights(kind, tmp_path):
    build, data = KINDS[kind]
    whole, path = build(), tmp_path / "whole"
    fit(whole, data, path, InEpoch(KILLED_IN, copy(path)))
    assert sk.Checkpoint(tmp_path / "killed").epoch == KILLED_IN
    keras.utils.set_random_seed(5)  # a new process: other weights, other random numbers
    again = build()
    assert not same(again, whole)
    history = fit(again, data, tmp_path / "killed")
    assert same(again, whole)
    assert len(history.history["loss"]) == EPOCHS


def watching():
    """Callbacks for which no epoch after the first is better."""
    return [
        keras.callbacks.EarlyStopping("loss", patience=KILLED_IN, min_delta=9.0, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=9.0),
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
    ]


def test_what_callbacks_remember_comes_back(tmp_path):
    whole, path = network(), tmp_path / "whole"
    stopped = fit(whole, samples(), path, *watching(), InEpoch(KILLED_IN, copy(path)), epochs=40)
    assert stopped.epoch == list(range(KILLED_IN + 1))  # EarlyStopping had waited for some epochs when it was killed
    again = network()
    for checkpoint in ("killed", "whole"):  # after the end: the last epoch once more
        history = fit(again, samples(), tmp_path / checkpoint, *watching(), epochs=40)
        assert same(again, whole)
        assert history.history == stopped.history
        assert history.epoch == stopped.epoch


class Opens(keras.callbacks.Callback):
    """Holds None or a number between trainings, and something else within."""

    open_file, told = None, 0

    def on_train_begin(self, logs=None):
        self.open_file = print

    def on_epoch_begin(self, epoch, logs=None):
        self.told += 1

    def on_epoch_end(self, epoch, logs=None):
        self.open_file = None


def test_what_a_callback_opened_is_not_taken_from_it(tmp_path):
    path, opens, opened = tmp_path / "run.checkpoint", Opens(), []
    fit(network(), samples(), path, opens)
    again = Opens()
    fit(network(), samples(), path, InEpoch(EPOCHS - 1, lambda: opened.append(again.open_file)), again)
    assert opened.pop() is print
    assert again.told == EPOCHS


def test_a_damaged_checkpoint_falls_back_to_the_one_before_and_a_damaged_first_one_is_none(tmp_path):
    path = tmp_path / "run.checkpoint"
    whole = network()
    fit(whole, samples(), path)
    latest = path.read_bytes()
    path.write_bytes(latest[: len(latest) // 2])
    again = network()
    with pytest.warns(sk.SeqkitWarning, match="run.checkpoint cannot be read: .* The one before is used"):
        history = fit(again, samples(), path)
    assert same(again, whole)
    assert history.epoch == list(range(EPOCHS))
    assert sk.Checkpoint(path).epoch == EPOCHS - 1
    path.write_bytes(b"")
    (tmp_path / "run.checkpoint.before").unlink()
    with pytest.warns(sk.SeqkitWarning, match="run.checkpoint cannot be read: .* It counts as none"):
        assert sk.Checkpoint(path).epoch is None


def test_a_file_of_another_kind_and_a_folder_are_left_alone(tmp_path):
    table, model, before = tmp_path / "sales.csv", tmp_path / "model.keras", tmp_path / "run.before"
    table.write_text("month,sales\n")
    before.write_text("notes")
    network().save(model)
    content, run = model.read_bytes(), tmp_path / "run"
    for path, what in ((table, "a file of"), (model, "a file of"), (tmp_path, "a folder"), (run, "a file of")):
        with pytest.raises(sk.InvalidValue, match=f"Checkpoint: .* is {what}.*, so it is left alone. Name a new file"):
            fit(network(), samples(), path)
    assert (table.read_text(), before.read_text()) == ("month,sales\n", "notes")
    assert model.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.keras", "run.before", "sales.csv"]


def test_a_recipe_goes_on_with_the_same_seed_alone(tmp_path):
    series = [[float(value % 7)] for value in range(40)]
    frame = pd.DataFrame(series, pd.date_range("2024", periods=40, freq="D"), ["x"])
    how = {"horizon": 2, "timesteps": 7, "units": 3, "epochs": 2, "verbose": 0, "checkpoint": tmp_path / "run"}
    first = sk.train_forecaster(frame, seed=1, **how)
    with pytest.raises(sk.InvalidValue, match="is of another training, which differs in: seed"):
        sk.train_forecaster(frame, seed=2, **how)
    again = sk.train_forecaster(frame, seed=1, **how)
    assert same(first, again)


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "run.checkpoint"
    write_state("test", path, {"weights": np.arange(1000.0)})
    damaged = bytearray(path.read_bytes())
    damaged[4000] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="Bad CRC-32"):
        read_state(path)


def test_a_state_comes_back_bit_by_bit(tmp_path):
    state = {
        "numbers": (1, 0.1, float("inf"), None, True, 2**80),
        3: [np.float32(0.1), np.arange(3, dtype="int64")],
        "half": np.array(tf.constant([0.1, 3e38], tf.bfloat16)),
    }
    write_state("test", tmp_path / "state", state)
    again = read_state(tmp_path / "state")
    assert repr(again) == repr(state)
    assert again["half"].dtype == state["half"].dtype
    assert type(again[3][0]) is np.float32


def test_the_best_weights_are_kept_where_ctrl_c_ends_a_training(tmp_path):
    model, path = network(), tmp_path / "run.checkpoint"
    best = keras.callbacks.EarlyStopping("loss", mode="max", restore_best_weights=True, patience=EPOCHS)
    told = "Ctrl-C stopped the training in epoch 4. .*run.checkpoint holds the epochs before it. Run the same again"
    with pytest.raises(KeyboardInterrupt), pytest.warns(sk.SeqkitWarning, match=told):
        fit(model, samples(), path, best, InEpoch(KILLED_IN, interrupt))
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), best.best_weights, strict=True))
    loaded = network()
    sk.Checkpoint(path).load(loaded)
    assert same(loaded, model)


def test_sigterm_leaves_as_ctrl_c_does_and_the_signal_is_free_again(tmp_path):
    def end():
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as stopped, pytest.warns(sk.SeqkitWarning, match="SIGTERM stopped the training"):
        fit(network(), samples(), tmp_path / "run.checkpoint", InEpoch(1, end))
    assert stopped.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_another_training_is_refused(tmp_path):
    path = tmp_path / "run.checkpoint"
    fit(network(), samples(), path, epochs=2)
    other = network()
    other.compile("sgd", "mse")
    with pytest.raises(sk.InvalidValue, match="is of another training, which differs in: compile. Name another file"):
        fit(other, samples(), path, epochs=3)
    with pytest.raises(sk.InvalidValue, match="differs in: batches in an epoch"):
        fit(network(), samples(), path, epochs=3, batch_size=3)
    x, y = samples()
    with pytest.raises(sk.InvalidValue, match="differs in: data"):
        fit(network(), (x + 1, y), path, epochs=3)
    with pytest.raises(sk.InvalidValue, match="has 1 epochs behind it, and epochs is 1. Pass more"):
        fit(network(), samples(), path, epochs=1)
    with pytest.raises(sk.InvalidValue, match="differs in: model"):
        sk.Checkpoint(path).load(sk.build_recurrent("many_to_one", features=2, outputs=1, units=5))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": iter([])}, "a generator cannot go back to an epoch, as checkpoint= needs"),
        ({"steps_per_epoch": 2}, "steps_per_epoch makes an epoch begin where the one before ended"),
        ({"callbacks": keras.callbacks.CallbackList()}, "a CallbackList cannot go with checkpoint="),
        ({"checkpoint": ""}, "a file is needed, got ''"),
    ],
)
def test_what_cannot_go_on_is_refused(options, message, tmp_path):
    x, y = samples()
    options = {"x": x, "y": y, "checkpoint": tmp_path / "run", **options}
    with pytest.raises((sk.InvalidType, sk.InvalidValue), match=message):
        network().fit(**options)


def test_other_samples_of_the_same_number_are_refused(tmp_path):
    path, model = tmp_path / "run.checkpoint", forecaster()
    fit(model, (monthly(), None), path, epochs=2)
    with pytest.raises(sk.InvalidValue, match="is of another training, which differs in: data"):
        fit(model, (monthly() * 1.01, None), path, epochs=3)


def test_passes_without_end_go_on_in_the_middle_of_a_pass():
    order, steps, epoch = EpochOrder(11), 2, 3
    order.begin(0, steps)
    whole = list(itertools.islice(order.drawn_without_end(lambda random: random.permutation(7), 7, 3), 11))
    assert sorted(np.concatenate(whole[:3])) == list(range(7))
    assert not np.array_equal(whole[0], whole[3])
    order.begin(epoch, steps)
    rest = list(itertools.islice(order.drawn_without_end(lambda random: random.permutation(7), 7, 3), 5))
    assert all(np.array_equal(one, other) for one, other in zip(rest, whole[steps * epoch :], strict=True))


def test_an_epoch_of_a_part_of_a_pass_goes_on(tmp_path):
    path = tmp_path / "whole"

    def fit_parts(model, checkpoint, *callbacks):
        with training_run(model, checkpoint) as run:
            batches = model.windows(monthly()).dataset(4, shuffle=True, passes=None)
            model.fit(batches, epochs=EPOCHS, steps_per_epoch=3, checkpoint=run, callbacks=callbacks, verbose=0)

    whole = forecaster()
    fit_parts(whole, path, InEpoch(KILLED_IN, copy(path)))
    again = forecaster()
    fit_parts(again, tmp_path / "killed")
    assert same(again, whole)


def test_there_is_nothing_to_load_before_the_first_epoch(tmp_path):
    with pytest.raises(sk.InvalidValue, match="there is no checkpoint at"):
        sk.Checkpoint(tmp_path / "none").load(network())
