"""What all recipes take alike: callbacks, batch_size, learning_rate, verbose; steps at once change no number."""

import keras
import numpy as np
import pytest
from tiny_classifiers import MOODS, TEXTS
from tiny_classifiers import TINY as TINY_CLASSIFIER
from tiny_language_models import STORY
from tiny_language_models import TINY as TINY_LANGUAGE
from tiny_seq2seq import SOURCES, TARGETS
from tiny_seq2seq import TINY as TINY_SEQ2SEQ
from tiny_taggers import SENTENCES, TAGS, WORDS

import seqkit as sk
from seqkit._errors import InvalidValue
from seqkit.task import progress, recipe

SERIES = np.random.default_rng(7).normal(size=(23, 5, 2)).astype("float32")
LABELS = ["a", "b", "c", "b", "a"] * 4 + ["a", "b", "c"]
RECIPES = {
    "train_classifier": lambda **more: sk.train_classifier(
        SERIES, LABELS, **{**TINY_CLASSIFIER, "dropout": 0.5, "folds": 2, **more}
    ),
    "train_classifier of texts": lambda **more: sk.train_classifier(
        TEXTS[:3] * 7, MOODS[:3] * 7, **{**TINY_CLASSIFIER, "embedding": 3, "folds": 1, **more}
    ),
    "train_tagger": lambda **more: sk.train_tagger(SENTENCES * 5, TAGS * 5, **{**WORDS, "dropout": 0.5, **more}),
    "train_language_model": lambda **more: sk.train_language_model(STORY, **{**TINY_LANGUAGE, "timesteps": 7, **more}),
    "train_seq2seq": lambda **more: sk.train_seq2seq(SOURCES * 6, TARGETS * 6, **{**TINY_SEQ2SEQ, **more}),
}
SCORES = {
    "train_classifier": "val_loss",
    "train_classifier of texts": "val_loss",
    "train_tagger": "val_span_f1",
    "train_language_model": "val_perplexity",
    "train_seq2seq": "val_loss",
}
HOW = {"epochs": 3, "seed": 5, "batch_size": 4}
RATE = keras.optimizers.schedules.ExponentialDecay(0.0625, 1000, 0.5)
SLOW = "train_classifier of texts", "train_tagger", "train_seq2seq"


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "train_classifier of texts"])
def test_a_recipe_takes_callbacks_batch_size_and_learning_rate(name):
    rates, scores = [], []

    class Seen(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            rates.append(float(self.model.optimizer.learning_rate))

        def on_epoch_end(self, epoch, logs=None):
            scores.append(logs.get(SCORES[name]))

    model = RECIPES[name](callbacks=Seen(), learning_rate=RATE, **{**HOW, "epochs": 1})
    assert rates == pytest.approx([0.0625] * len(rates))
    assert scores[0] is not None
    assert model.optimizer.use_ema == (name != "train_language_model")
    with pytest.raises(InvalidValue, match="learning_rate is that of the recipe's optimizer"):
        RECIPES[name](learning_rate=0.01, optimizer="adam", **HOW)
    with pytest.raises(InvalidValue, match="batch_size must be 1 or more, got 0"):
        RECIPES[name](**{**HOW, "batch_size": 0})


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in RECIPES]
)
def test_steps_at_once_change_no_number_and_the_model_is_returned_as_compiled(name, monkeypatch):
    at_once, fit = [], keras.Model.fit
    monkeypatch.setattr(
        keras.Model, "fit", lambda self, **how: at_once.append(self.steps_per_execution) or fit(self, **how)
    )
    quick = RECIPES[name](**HOW)
    assert set(at_once) == {recipe.STEPS_AT_ONCE}
    assert quick.steps_per_execution == 1
    monkeypatch.setattr(recipe, "MOST_WEIGHTS_AT_ONCE", 0)
    slow = RECIPES[name](**HOW)
    assert at_once[-1] == 1
    assert quick.validation_history == slow.validation_history
    for weight, slow_weight in zip(quick.get_weights(), slow.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, slow_weight)


def test_a_bar_shows_the_training_and_its_score_to_those_who_watch(monkeypatch, capsys):
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    RECIPES["train_classifier"](**HOW)
    seen = capsys.readouterr().err
    assert all(what in seen for what in ("fold 1/2", "fold 2/2", "all samples", "look 1/3, loss"))
    RECIPES["train_classifier"](verbose=0, **{**HOW, "folds": 0})
    assert capsys.readouterr() == ("", "")


def test_a_word_that_is_no_verbosity_is_refused():
    with pytest.raises(TypeError, match="train_classifier: verbose"):
        RECIPES["train_classifier"](verbose="loud", **HOW)
