"""What is not finite: a training step is skipped and counted, a model does not answer and is not written."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqkit as sk
from seqkit.task.recipe import several_steps_at_once

SAMPLES = np.random.default_rng(0).normal(size=(17, 5, 2)).astype("float32")
TARGETS = SAMPLES[:, -1, :1]
PARTS = {"x": SAMPLES, "y": TARGETS, "sample_weight": np.ones(17, "float32")}
IN_ORDER = {"batch_size": 5, "shuffle": False, "verbose": 0}  # batches of 5, 5, 5 and 2
SECOND = slice(5, 10)
REASON = r"skipped, because the loss or a gradient was not finite\. Look for NaN"
BAD_WEIGHTS = r"1 of \d+ numbers of the weight '.+' are NaN or infinite"


def network(use_ema: bool = True, **options: Any) -> keras.Model:
    keras.utils.set_random_seed(3)
    adam = keras.optimizers.Adam(use_ema=use_ema)
    return sk.build_rnn(3, features=2, outputs=1, optimizer=adam, **options)


def with_bad(parts: dict[str, np.ndarray], place: str, bad: float, rows: Any) -> dict[str, np.ndarray]:
    values = parts[place].copy()
    values[rows] = bad
    return {**parts, place: values}


def without_rows(parts: dict[str, np.ndarray], rows: slice) -> dict[str, np.ndarray]:
    return {name: np.delete(values, np.arange(17)[rows], axis=0) for name, values in parts.items()}


def state(model: keras.Model) -> list[np.ndarray]:
    """Weights, and the optimizer's counts, moments and averages."""
    return [np.array(variable) for variable in (*model.weights, *model.optimizer.variables)]


def assert_same(one: keras.Model, other: keras.Model) -> None:
    for value, other_value in zip(state(one), state(other), strict=True):
        np.testing.assert_array_equal(value, other_value)


def break_weights(model: keras.Model) -> None:
    weight = model.trainable_weights[-1]
    values = np.array(weight)
    values.flat[0] = np.nan
    weight.assign(values)


@pytest.mark.parametrize(
    ("place", "bad", "rows"),
    [("x", np.nan, 7), ("x", np.inf, SECOND), ("y", np.nan, SECOND), ("y", 1e30, 6), ("sample_weight", np.inf, 5)],
)
def test_a_step_that_is_not_finite_is_as_if_its_batch_were_missing(place: str, bad: float, rows: Any) -> None:
    """To the bit: weights, averages, optimizer, losses and metrics."""
    bad_one, without = network(), network()
    with pytest.warns(sk.SeqkitWarning, match=f"fit: 1 training step was {REASON}"):
        history = bad_one.fit(**with_bad(PARTS, place, bad, rows), **IN_ORDER).history
    assert history == without.fit(**without_rows(PARTS, SECOND), **IN_ORDER).history
    assert_same(bad_one, without)


def test_the_first_step_of_all_may_be_skipped_without_a_graph() -> None:
    model = network(use_ema=False)
    model.compile("adam", "mse", metrics=["mae"], run_eagerly=True)
    with pytest.warns(sk.SeqkitWarning, match=f"fit: 1 training step was {REASON}"):
        history = model.fit(**with_bad(PARTS, "x", np.nan, 0), **IN_ORDER).history
    assert np.isfinite(history["mae"]).all()


def test_several_steps_at_once_skip_alike() -> None:
    one_by_one, at_once = network(), network()
    data = with_bad(PARTS, "y", np.nan, [3, 16])  # the first and the last batch
    for model, how in ((one_by_one, contextlib.nullcontext()), (at_once, several_steps_at_once(at_once))):
        with how, pytest.warns(sk.SeqkitWarning, match=f"fit: 4 training steps were {REASON}"):
            model.fit(**data, **IN_ORDER, epochs=2)
    assert_same(one_by_one, at_once)


def test_steps_by_xla_are_skipped_too() -> None:
    model = network(jit_compile=True)
    with pytest.warns(sk.SeqkitWarning, match=f"fit: 2 training steps were {REASON}"):
        model.fit(**with_bad(PARTS, "y", np.nan, [3, 16]), **IN_ORDER)
    assert model.optimizer.iterations == 2
    assert all(np.isfinite(value).all() for value in state(model))


def test_an_epoch_of_skipped_steps_alone_has_no_loss() -> None:
    model = network(use_ema=False)
    before = state(model)
    with pytest.warns(sk.SeqkitWarning, match=f"4 training steps were {REASON}"):
        history = model.fit(**with_bad(PARTS, "y", np.nan, slice(None)), **IN_ORDER).history
    assert all(np.isnan(values).all() for values in history.values())
    assert all(np.array_equal(*pair) for pair in zip(before, state(model), strict=True))


def test_averages_stay_the_weights_where_every_step_is_skipped() -> None:
    model = network()
    before = model.get_weights()
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    with pytest.warns(sk.SeqkitWarning, match=f"4 training steps were {REASON}"):
        model.fit(**with_bad(PARTS, "y", np.nan, slice(None)), **IN_ORDER, callbacks=[swap])
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-6)


def test_layers_that_count_along_forget_a_skipped_step() -> None:
    """Batch normalisation takes in the mean of a batch before the loss is known."""
    inputs = keras.Input((5, 2))
    normal = keras.layers.BatchNormalization()
    model = type(network())(inputs, keras.layers.Dense(1)(keras.layers.Flatten()(normal(inputs))))
    model.compile("sgd", "mse")
    with pytest.warns(sk.SeqkitWarning, match=REASON):
        model.train_on_batch(np.full_like(SAMPLES, np.nan), TARGETS)
    assert not np.any(normal.moving_mean)
    model.train_on_batch(SAMPLES + 1, TARGETS)
    assert np.all(normal.moving_mean)


def test_mixed_precision_keeps_the_skipping_of_its_own_optimizer() -> None:
    model = network()
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "mse")
    model.fit(**with_bad(PARTS, "y", np.nan, SECOND), **IN_ORDER)  # without our warning
    assert model.optimizer.dynamic_scale < 2**15
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_a_model_that_is_not_finite_is_neither_written_nor_asked(tmp_path: Path) -> None:
    model, file, weights = network(), tmp_path / "m.keras", tmp_path / "m.weights.h5"
    model.save(file)
    good = file.read_bytes()
    break_weights(model)
    with pytest.raises(ValueError, match=f"save: {BAD_WEIGHTS}.* load a file from before"):
        model.save(file)
    with pytest.raises(ValueError, match=f"save_weights: {BAD_WEIGHTS}"):
        model.save_weights(weights)
    with pytest.raises(ValueError, match=f"export: {BAD_WEIGHTS}"):
        model.export(tmp_path / "exported")
    with pytest.raises(ValueError, match=f"RecurrentModel: {BAD_WEIGHTS}"):
        model.predict(SAMPLES, verbose=0)
    assert file.read_bytes() == good
    assert list(tmp_path.iterdir()) == [file]


def test_a_model_that_waits_for_adapt_is_written_and_loaded(tmp_path: Path) -> None:
    waiting = {
        "forecaster": sk.build_forecaster(timesteps=8, features=1, horizon=2, units=3, scaling="standard"),
        "classifier": sk.build_classifier(timesteps=8, features=1, labels=["a", "b"], units=3),
    }
    for name, model in waiting.items():
        model.save(tmp_path / f"{name}.keras")
        loaded = keras.models.load_model(tmp_path / f"{name}.keras")
        with pytest.raises(ValueError, match="adapt"):
            loaded.predict(np.ones((1, 8, 1), "float32"), verbose=0)


def test_a_checkpoint_within_fit_keeps_the_last_good_file(tmp_path: Path) -> None:
    model, file = network(use_ema=False), tmp_path / "m.keras"
    keep = keras.callbacks.ModelCheckpoint(file)
    break_after = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epoch == 0 and break_weights(model))
    with pytest.warns(sk.SeqkitWarning) as warned:
        model.fit(**PARTS, **IN_ORDER, epochs=2, callbacks=[keep, break_after])
    texts = [str(warning.message) for warning in warned]
    assert any("save: 1 of" in text and text.endswith(f"{str(file)!r} was not written.") for text in texts), texts
    assert np.isfinite(keras.models.load_model(file).predict(SAMPLES, verbose=0)).all()
    with pytest.raises(ValueError, match="save: "):  # outside of fit it is an error again
        model.save(file)


def test_an_answer_that_is_not_finite_for_another_reason_is_given() -> None:
    """A plain network answers NaN to NaN, as any Keras model."""
    assert np.isnan(network().predict(np.full_like(SAMPLES, np.nan), verbose=0)).all()
