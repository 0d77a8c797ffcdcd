"""train_tagger: held-back sequences say how long, then all sequences train that long."""

import keras
import numpy as np
import pytest
from tiny_taggers import KNOWN, PARTS, SENTENCES, TAGS, TINY, WORDS

from seqkit.tagging import train as recipes
from seqkit.tagging.model import Tagger
from seqkit.tagging.train import train_tagger
from seqkit.text.vocabulary import Vocabulary

MANY, THEIRS = SENTENCES * 5, TAGS * 5


@pytest.fixture
def stages(monkeypatch):
    """Every call of fit is noted and not carried out; held-back sequences are answered as `right` says, look by look.

    `right[look]` is how many of the held-back sequences are tagged as they should be.
    """
    noted, plan, paired = [], {"right": [], "looks": 0}, Tagger.paired

    def watched(self, where, x, y):
        if where == "fit":
            plan["trained"] = (x, y)
        plan.setdefault("truth", y) if "validation" not in where else plan.update(truth=y)
        return paired(self, where, x, y)

    def fit(self, x, y=None, *, epochs, callbacks=(), batch_size=None, verbose=0, checkpoint=None):
        sentences, tags = plan["trained"] if y is None else (x, y)
        noted.append({"model": self, "x": sentences, "y": tags, "epochs": epochs})
        self.stop_training = False
        validators = [callback for callback in callbacks if isinstance(callback, recipes._Validation)]
        for epoch in range(epochs if validators else 0):
            for weight in self.trainable_weights:
                weight.assign(keras.ops.full_like(weight, epoch))
            validators[0].set_model(self)
            validators[0].on_epoch_end(epoch)
            if self.stop_training:
                break

    def predict_tags(self, x, batch_size=None, verbose=0):
        right = plan["right"][plan["looks"]]
        plan["looks"] += 1
        rows = plan["truth"]
        return [row if place < right else ["O"] * len(row) for place, row in enumerate(rows)]

    monkeypatch.setattr(Tagger, "paired", watched)
    monkeypatch.setattr(Tagger, "fit", fit)
    monkeypatch.setattr(Tagger, "predict_tags", predict_tags)
    plan["noted"] = noted
    return plan


def train(x=None, y=None, **options):
    x, y = (MANY, THEIRS) if x is None else (x, y)
    return train_tagger(x, y, **{**WORDS, "seed": 7, **options})


def test_the_epochs_of_the_best_span_f1_are_chosen_and_all_sentences_train_that_long(stages):
    stages["right"] = [0, 1, 2, 1, 2]
    model = train(epochs=5, batch_size=1)
    first, second = stages["noted"]
    assert (first["x"], first["y"]) == (MANY[:23], THEIRS[:23])
    assert (second["x"], second["y"], second["epochs"]) == (MANY, THEIRS, 3)
    assert model is second["model"]
    assert model.chosen_epochs == 3
    history = model.validation_history
    assert history["epochs"] == [1, 2, 3, 4, 5]
    assert np.argsort(history["span_f1"], kind="stable").tolist() == [0, 1, 3, 2, 4]
    assert history["span_f1"][2] == 1


def test_words_of_held_back_sentences_are_unknown_to_the_model_that_is_watched(stages):
    stages["right"] = [1]
    x, y = [*SENTENCES, *SENTENCES[:4], ["Unheard"]], [*TAGS, *TAGS[:4], ["O"]]
    train(x, y, epochs=1, batch_size=1)
    first, second = stages["noted"]
    assert "unheard" not in first["model"].vocabulary.words
    assert "unheard" in second["model"].vocabulary.words
    assert first["model"].tags == KNOWN


def test_with_validation_given_the_best_weights_are_kept_and_nothing_else_is_trained_on(stages):
    stages["right"] = [0, 3, 1]
    model = train(validation=(SENTENCES, TAGS), epochs=3, batch_size=1)
    assert len(stages["noted"]) == 1
    assert stages["noted"][0]["x"] == MANY
    assert model.chosen_epochs == 2
    assert all((keras.ops.convert_to_numpy(weight) == 1).all() for weight in model.trainable_weights)


def test_spans_that_begin_with_an_inside_tag_are_judged_as_spans_too():
    model = train([["c"], ["a", "b"]] * 5, [["O"], ["I-X", "I-X"]] * 5, epochs=1)
    assert not model.settings.spans
    assert "span_f1" in model.validation_history


def test_training_ends_when_the_score_stays_lower(stages):
    stages["right"] = [2, *[1] * 50]
    model = train(epochs=50, batch_size=1)
    assert len(model.validation_history["epochs"]) == 1 + recipes.PATIENCE
    assert model.chosen_epochs == 1


def test_few_sequences_are_gone_through_several_times_between_looks(stages):
    stages["right"] = [1, 2, *[0] * 50]
    model = train(SENTENCES[:3] * 2, TAGS[:3] * 2, batch_size=4)
    assert model.validation_history["epochs"][:2] == [7, 14]
    assert stages["noted"][0]["epochs"] == -(-(recipes.MOST_STEPS_OF_FEW_SEQUENCES // 2) // 8)


def test_looks_are_spread_over_the_epochs_asked_for(stages):
    stages["right"] = [1, 2]
    model = train(epochs=31, batch_size=32)
    assert model.validation_history["epochs"] == [15, 30]
    stages["noted"][0]["model"].optimizer.iterations.assign(30)
    assert float(stages["noted"][0]["model"].optimizer.learning_rate) == pytest.approx(recipes.LAST_LEARNING_RATE)


def test_a_single_sequence_is_trained_on_without_holding_it_back(stages):
    model = train(SENTENCES[:1], TAGS[:1], epochs=3)
    assert (model.validation_history, model.chosen_epochs) == (None, 3)
    assert [stage["epochs"] for stage in stages["noted"]] == [3]


def test_steps_grow_smaller_over_the_epochs_asked_for_on_the_part_and_on_all(stages):
    stages["right"] = [1, 2, 1]
    train(epochs=3, batch_size=2)
    for stage, batches in zip(stages["noted"], (12, 13), strict=True):
        optimizer = stage["model"].optimizer
        rates = []
        for step in (0, 3 * batches // 2, 3 * batches - 1, 3 * batches):
            optimizer.iterations.assign(step)
            rates.append(float(optimizer.learning_rate))
        assert rates == sorted(rates, reverse=True)
        assert len(set(rates)) == 4
        assert rates[:1] + rates[-1:] == pytest.approx([recipes.FIRST_LEARNING_RATE, recipes.LAST_LEARNING_RATE])


def test_an_optimizer_is_made_anew_for_each_model(stages):
    stages["right"] = [0]
    optimizer = keras.optimizers.SGD(0.0625)
    train(epochs=1, batch_size=1, optimizer=optimizer)
    first, second = (stage["model"].optimizer for stage in stages["noted"])
    assert len({id(each) for each in (first, second, optimizer)}) == 3
    assert first.get_config() == second.get_config() == optimizer.get_config()


@pytest.mark.slow
def test_a_trained_tagger_has_learnt_and_is_repeatable():
    x = {"words": MANY, "extra": PARTS * 5}
    options = {**WORDS, "units": 7, "epochs": 20, "seed": 5}
    first, second = (train_tagger(x, THEIRS, **options) for _ in range(2))
    assert first.validation_history == second.validation_history
    assert first.validation_history["span_f1"][-1] > first.validation_history["span_f1"][0]
    for weights, same_weights in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, same_weights)


@pytest.mark.slow
def test_series_are_judged_by_accuracy():
    x = np.random.default_rng(3).normal(size=(40, 5, 1)).astype("float32")
    y = np.where(x[..., 0] > 0, "warm", "cold")
    model = train_tagger(x, y, epochs=20, seed=3, **TINY)
    assert sorted(model.validation_history) == ["accuracy", "epochs"]
    assert max(model.validation_history["accuracy"]) > 0.9


@pytest.mark.filterwarnings("ignore:fit. .* skipped, because the loss")
def test_training_that_diverges_at_once_is_refused():
    steep = keras.optimizers.SGD(float("inf"))  # weights that are not finite after one step
    with pytest.raises(ValueError, match="not a number from the first epoch on|are NaN or infinite"):
        train_tagger(MANY, THEIRS, seed=7, epochs=2, optimizer=steep, **WORDS)


def test_a_score_that_has_not_moved_yet_does_not_end_training(stages):
    stages["right"] = [0] * 30
    model = train(epochs=30)
    assert set(model.validation_history["span_f1"]) == {0.0}
    assert model.chosen_epochs == 30


def test_accuracy_chooses_where_no_span_is_held_back():
    x, y = [*SENTENCES, ["It", "rains"]], [*TAGS, ["O", "O"]]
    assert list(train(x, y, epochs=1).validation_history) == ["epochs", "accuracy"]


def test_a_vocabulary_says_how_the_recipe_splits_raw_strings():
    spaced = Vocabulary(["dr.", "who", "ran"], "spaces")
    model = train(["Dr. Who ran"] * 4, [["B-PER", "I-PER", "O"]] * 4, vocabulary=spaced, epochs=1)
    assert model.tag("Dr. Who")[0].token == "Dr."


def test_tags_that_no_tagger_would_give_may_be_held_back_by_hand():
    untidy = [["In", "Rome"]], [["O", "I-NP"]]
    assert train(validation=untidy, epochs=1, output="crf").validation_history["epochs"] == [1.0]


def test_series_and_their_tags_are_paired_up_by_the_places_that_the_user_has():
    series = [np.ones((5, 2), "float32")] * 20
    tags = [["wet", "dry", "wet", "dry", "dry"]] * 19 + [["wet"] * 4]
    with pytest.raises(ValueError, match="train_tagger: series 19 has 5 steps and 4 tags"):
        train_tagger(series, tags, units=3)
