"""`jit_compile=True`: XLA compiles the training steps of full batches, and the rest stays as it is."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_taggers import SENTENCES, TAGS

import seqkit as sk

ROWS = np.random.default_rng(0).normal(size=(19, 2)).astype("float32").cumsum(axis=0)
SIZE = {"timesteps": 5, "horizon": 3, "features": 2}
WINDOWS = sk.make_windows(ROWS, timesteps=5, horizon=3)  # 12 of them


def forecaster(**options: Any) -> sk.Forecaster:
    keras.utils.set_random_seed(3)
    return sk.build_forecaster(**SIZE, units=3, cell="simple_rnn", dropout=0.0, **options)


def note_sizes(model: keras.Model, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that would go to XLA; they train without it, so nothing is compiled."""
    sizes: list[int] = []
    plain_step = keras.Model.train_step.__get__(model)

    def noted(data: Any) -> Any:
        tf.py_function(lambda size: sizes.append(int(size)), [tf.shape(data[0])[0]], [])
        return plain_step(data)

    monkeypatch.setitem(model.__dict__, "_step_by_xla", noted)
    return sizes


@pytest.mark.slow
def test_steps_by_xla_learn_what_steps_without_it_learn() -> None:
    """Losses and metrics too, whose last batch is smaller."""
    by_xla, usual = forecaster(jit_compile=True), forecaster()
    histories = [
        model.fit(WINDOWS, batch_size=5, epochs=2, shuffle=False, verbose=0).history for model in (by_xla, usual)
    ]
    assert by_xla.steps_by_xla
    for name in histories[1]:
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-5)
    for weight, usual_weight in zip(by_xla.get_weights(), usual.get_weights(), strict=True):
        np.testing.assert_allclose(weight, usual_weight, atol=1e-5)


def test_xla_compiles_for_one_size_of_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = forecaster(jit_compile=True)
    sizes = note_sizes(model, monkeypatch)
    model.fit(WINDOWS, batch_size=5, epochs=2, verbose=0)
    assert sizes == [5] * 4  # of the batches 5, 5 and 2
    model.fit(*map(np.stack, zip(*WINDOWS, strict=True)), batch_size=4, verbose=0)
    assert sizes[4:] == [4] * 3  # another fit has its own size


def test_a_saved_model_is_compiled_by_xla_again(tmp_path: Any) -> None:
    forecaster(jit_compile=True).save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.steps_by_xla
    assert again.asked["jit_compile"] is True  # so that a backtest trains like it
    assert not forecaster().steps_by_xla
    assert "jit_compile" not in forecaster().asked


def test_what_a_model_answers_is_not_compiled_by_xla() -> None:
    model = forecaster(jit_compile=True)
    assert model.jit_compile is False
    x, y = map(np.stack, zip(*WINDOWS, strict=True))
    assert model.evaluate(x, y, verbose=0) == forecaster().evaluate(x, y, verbose=0)


def test_words_refuse_what_xla_does_not_compile() -> None:
    with pytest.raises(ValueError, match=r'build_forecaster: jit_compile must be True, False or "auto", got \'yes\''):
        forecaster(jit_compile="yes")
    with pytest.raises(ValueError, match="XLA does not compile a CRF over sequences of any length"):
        sk.build_tagger(like=SENTENCES, tags=TAGS, jit_compile=True)


def test_other_builders_take_it_too() -> None:
    text, series = ["a b", "b"], np.random.default_rng(1).normal(size=(4, 5, 2))
    models = [
        sk.build_tagger(like=SENTENCES, tags=TAGS, output="softmax", jit_compile=True),
        sk.build_classifier(like=series, labels=[0, 1, 0, 1], jit_compile=True),
        sk.build_language_model(like=text, jit_compile=True),
        sk.build_seq2seq(like=(text, text), jit_compile=True),
        sk.build_captioner(like=(np.eye(2), text), jit_compile=True),
        sk.build_recurrent("many_to_one", features=2, outputs=1, jit_compile=True),
        sk.build_gru(3, features=2, jit_compile=True),
    ]
    assert all(model.steps_by_xla for model in models)
