"""The optimizer of builders: Adam with clipped gradients where none is given; what is given is never changed."""

import keras
import numpy as np
import pytest
from task_rows import TINY_CAPTIONER, TINY_FORECASTER
from tiny_seq2seq import TINY as TINY_SEQ2SEQ
from tiny_taggers import WORDS

import seqkit as sk

SERIES = np.zeros((2, 5, 3), "float32")
BUILDERS = {
    "forecaster": lambda **how: sk.build_forecaster(features=1, **TINY_FORECASTER, **how),
    "classifier": lambda **how: sk.build_classifier(like=SERIES, labels=["a", "b"], units=3, **how),
    "tagger": lambda **how: sk.build_tagger(like=["a b", "c"], tags=[["X", "Y"], ["X"]], **WORDS, **how),
    "translator": lambda **how: sk.build_seq2seq(like=(["a b"], ["c"]), **TINY_SEQ2SEQ, **how),
    "language model": lambda **how: sk.build_language_model(like=["a b c"], units=3, embedding=3, **how),
    "captioner": lambda **how: sk.build_captioner(like=(np.ones((2, 4, 4, 3)), ["a", "b"]), **TINY_CAPTIONER, **how),
    "four shapes": lambda **how: sk.build_recurrent("many_to_one", features=1, outputs=1, **how),
    "rnn": lambda **how: sk.build_rnn(3, features=1, **how),
    "gru": lambda **how: sk.build_gru(3, features=1, **how),
    "lstm": lambda **how: sk.build_lstm(3, features=1, **how),
}


@pytest.mark.parametrize("name", BUILDERS)
def test_gradients_are_clipped_by_default_and_never_where_an_optimizer_is_given(name):
    build = BUILDERS[name]
    assert isinstance(build().optimizer, keras.optimizers.Adam)
    assert build().optimizer.clipnorm == 1.0
    assert build(optimizer="adam").optimizer.clipnorm is None
    own = keras.optimizers.SGD(0.5)
    assert build(optimizer=own).optimizer is own


def test_the_articles_preset_keeps_plain_adam_unless_told():
    how = {"timesteps": 4, "features": 1, "horizon": 1, "preset": "article"}
    assert sk.build_forecaster(**how).optimizer.clipnorm is None
    own = keras.optimizers.Adam(clipnorm=0.5)
    assert sk.build_forecaster(**how, optimizer=own).optimizer is own
    assert sk.build_forecaster(**{**how, "preset": "stacked_lstm"}).optimizer.clipnorm == 1.0


def test_one_huge_target_moves_the_weights_no_further_than_one_clipped_step():
    def moved(largest, **how):
        keras.utils.set_random_seed(0)
        model = sk.build_recurrent("many_to_one", features=1, outputs=1, units=3, **how)
        before = model.get_weights()
        model.compile(keras.optimizers.SGD(1.0, clipnorm=model.optimizer.clipnorm), "mse")
        model.train_on_batch(np.ones((1, 4, 1), "float32"), np.full((1, 1), largest, "float32"))
        return max(np.abs(old - new).max() for old, new in zip(before, model.get_weights(), strict=True))

    assert moved(1e6) <= 1 < moved(1e6, optimizer="adam")
