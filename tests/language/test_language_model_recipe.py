"""train_language_model: held-back text chooses how long to train, and the best weights are kept."""

import keras
import numpy as np
import pytest
from tiny_language_models import STORY, TINY, VERSES

import seqkit as sk
from seqkit.language.train import _hold_back


def train(texts=STORY, **options):
    return sk.train_language_model(texts, **{**TINY, "timesteps": 7, "epochs": 3, "seed": 7, **options})


def test_the_weights_of_the_epoch_that_was_best_are_kept():
    model = train(validation=STORY, batch_size=3, optimizer="adam")
    curve = model.validation_history["val_perplexity"]
    assert model.chosen_epochs == int(np.argmin(curve)) + 1
    assert model.validation_history["epochs"] == [1, 2, 3]
    assert model.perplexity(STORY, batch_size=3) == pytest.approx(min(curve), rel=1e-4)


def test_training_ends_where_held_back_text_is_no_longer_better():
    words = np.random.default_rng(7).choice(list("abcde"), (2, 131))
    text, held = (" ".join(row) for row in words)  # nothing that one says of the other
    model = train(text, validation=held, epochs=50, units=13, optimizer=keras.optimizers.Adam(0.05))
    assert len(model.validation_history["epochs"]) < 50
    assert model.chosen_epochs == len(model.validation_history["epochs"]) - 3


@pytest.mark.filterwarnings("ignore:fit. .* skipped, because the loss")
def test_training_that_diverges_at_once_is_refused():
    with pytest.raises(ValueError, match="train_language_model: the loss is not a number from the first epoch on"):
        train(optimizer=keras.optimizers.SGD(np.inf))


def test_the_last_tenth_of_a_text_is_held_back_between_two_words():
    training, held = _hold_back(STORY)
    assert training + held == STORY
    assert held.startswith(" ")
    assert len(held) == pytest.approx(len(STORY) / 10, abs=6)


@pytest.mark.parametrize(
    ("text", "held"),
    [("我喜欢学习语言" * 30, 21), ("红楼梦 " + "我喜欢学习语言" * 30, 21), ("\n".join(["alpha", "beta"] * 50), 55)],
    ids=["no space", "one space far off", "lines"],
)
def test_about_a_tenth_is_held_back_whatever_stands_between_words(text, held):
    parts = _hold_back(text)
    assert "".join(parts) == text
    assert len(parts[1]) == held


def test_every_tenth_of_a_list_is_held_back():
    texts = [f"text {number}" for number in range(23)]
    training, held = _hold_back(texts)
    assert held == ["text 9", "text 19"]
    assert len(training) == 21


def test_the_vocabulary_is_that_of_the_part_trained_on():
    model = train([*VERSES * 3, "unheard"], validation=["unheard of"], epochs=1)
    assert "unheard" in model.vocabulary.words
    assert "of" not in model.vocabulary.words


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: train("late"), ValueError, "train_language_model: too little text to hold a tenth back"),
        (lambda: train(VERSES), ValueError, "too little text to hold a tenth back. Pass more, or validation="),
        (lambda: train([7] * 11), TypeError, "train_language_model: text number 0 is 7, an int"),
        (lambda: train([*["late"] * 19, 7]), TypeError, "train_language_model: text number 19 is 7, an int"),
        (lambda: train([*["late"] * 19, " "]), ValueError, "train_language_model: text number 19 has no words"),
        (lambda: train(validation=["a", 3]), TypeError, "train_language_model: validation: text number 1 is 3"),
        (lambda: train(epochs=0), ValueError, "train_language_model: epochs must be 1 or more, got 0"),
        (lambda: train(seed=-1), ValueError, "train_language_model: seed must be 0 or more, got -1"),
        (lambda: train(validation=""), ValueError, "train_language_model: validation: text number 0 has no words"),
        (lambda: train(unit=5), TypeError, "unit"),
    ],
)
def test_bad_input_is_refused_in_words(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
