"""train_classifier: held-back samples say how long and how sure, then all samples train that long."""

import contextlib
from collections import Counter
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_classifiers import TINY, few_numbers

from seqkit.classification.model import Classifier
from seqkit.classification.train import _choose_folds, train_classifier
from seqkit.task import folds as recipes
from seqkit.task.recipe import PATIENCE
from seqkit.task.validation import Validator

pytestmark = pytest.mark.usefixtures(few_numbers.__name__)
LABELS = ["a", "b", "a", "b", "c"] * 10 + ["a"]


def numbered(samples=51, steps=5):
    """Series that hold their own number."""
    return np.arange(samples, dtype="float32").repeat(2 * steps).reshape(samples, steps, 2)


class Stage(NamedTuple):
    """What one call of fit was given and began with."""

    model: Classifier
    trained: list[Any]  # samples
    labels: list[Any]
    judged: list[Any] | None  # held-back samples
    epochs: int
    batch_size: int
    passes: int
    weights: np.ndarray  # trainable ones, joined
    steps: int  # that its optimizer had made
    optimizer: Any
    mean: Any  # by which series are scaled


def joined(weights):
    return np.concatenate([np.zeros(0), *(keras.ops.convert_to_numpy(one).ravel() for one in weights)])


@pytest.fixture
def stages(monkeypatch):
    """Every call of fit is noted and not carried out; what held-back samples are answered follows `answers`.

    `answers(fold, look, targets)` gives their probabilities; by default all classes are alike.
    """
    noted, asked, batches = [], {}, Classifier.batches
    plan = Plan(noted, lambda fold, look, targets: np.full(targets.shape, 1 / targets.shape[1]))

    def watched_batches(self, where, x, y, batch_size=None, *how, passes=1, **more):
        kind = "judged" if y is None else "trained"
        asked[kind] = (list(x), None if y is None else list(y), batch_size, passes)
        return batches(self, where, x, y, batch_size, *how, passes=passes, **more)

    def fit(self, x, y=None, *, epochs, batch_size=None, callbacks=(), verbose=0, checkpoint=None):
        samples, labels, size, passes = asked["trained"] if y is None else (list(x), list(y), batch_size, 1)
        judged = asked["judged"][0] if y is None else None
        validators = [callback for callback in callbacks if isinstance(callback, Validator)]
        weights, steps = joined(self.trainable_weights), int(self.optimizer.iterations)
        mean = np.array(getattr(self.network.scaling, "mean", None))
        noted.append(Stage(self, samples, labels, judged, epochs, size, passes, weights, steps, self.optimizer, mean))
        self.stop_training = False
        self.set_temperature(1.0)
        for epoch in range(epochs if validators else 0):
            validators[0].set_model(self)
            validators[0].on_epoch_end(epoch)
            plan.looks = epoch + 1
            if self.stop_training:
                break
        plan.looked.append(plan.looks)
        plan.looks = 0
        for variable in (*self.trainable_weights, self.optimizer.iterations):  # as if it had been trained
            variable.assign(keras.ops.ones_like(variable) * 7)

    def predict(self):
        targets = self.model.encode([LABELS[int(one.flat[0])] for one in noted[-1].judged]) if plan.knows else None
        return plan.answers(len(noted) - 1, plan.looks, targets if plan.knows else np.zeros((len(noted[-1].judged), 3)))

    monkeypatch.setattr(recipes, "LEAST_STEPS", 1)
    monkeypatch.setattr(Classifier, "batches", watched_batches)
    monkeypatch.setattr(Classifier, "fit", fit)
    monkeypatch.setattr(Validator, "predict", predict)
    return plan


class Plan:
    """The stages noted so far, and how held-back samples are answered."""

    def __init__(self, noted, answers):
        self.noted, self.answers = noted, answers
        self.looks, self.looked = 0, []
        self.knows = True  # whether samples are `numbered`, so that their labels are known

    def folds(self):
        return [one for one in self.noted if one.judged is not None]


def right_in(counts):
    """Answers of which so many are right, by fold and look, each given a probability of 0.9."""

    def answers(fold, look, targets):
        shown = np.roll(targets, 1, axis=1)
        shown[: counts[fold][look]] = targets[: counts[fold][look]]
        return shown * 0.85 + 0.05

    return answers


def train(x=None, y=None, **options):
    x = numbered() if x is None else x
    return train_classifier(x, LABELS if y is None else y, **{**TINY, "seed": 7, **options})


# How long


def test_the_epochs_chosen_are_those_of_the_lowest_loss_of_all_held_back_samples_together(stages):
    stages.answers = right_in([[2, 8, 9, 4, 3], [2, 9, 7, 8, 8]])
    model = train(folds=2, epochs=5)
    history = model.validation_history
    assert history["epochs"] == [1, 2, 3, 4, 5]
    assert np.argsort(history["val_loss"]).tolist() == [1, 2, 3, 4, 0]
    assert model.chosen_epochs == 2
    assert [stage.epochs for stage in stages.noted] == [5, 5, 2]
    assert model.temperature == pytest.approx(history["temperature"][1])


def test_the_first_steps_are_not_chosen_and_no_fold_ends_in_them(stages, monkeypatch):
    monkeypatch.setattr(recipes, "LEAST_STEPS", 12 * 9)  # nine steps an epoch
    stages.answers = right_in([[10] + [5] * 12 + [6] + [5] * 6])
    model = train(folds=1, epochs=20)
    assert model.chosen_epochs == 14
    assert stages.looked[0] == 14 + PATIENCE


def test_where_fewer_steps_are_allowed_than_are_ever_chosen_all_are_taken(stages, monkeypatch):
    monkeypatch.setattr(recipes, "LEAST_STEPS", 12 * 9)
    stages.answers = right_in([[9, 5, 4]])
    assert train(folds=1, epochs=3).chosen_epochs == 3


def test_the_loss_looked_at_is_that_at_the_best_temperature(stages):
    """Being surer without being more often right changes nothing."""
    counts, sureness = [8, 8, 8], [0.5, 0.9, 0.99]

    def answers(fold, look, targets):
        shown = np.roll(targets, 1, axis=1)
        shown[: counts[look]] = targets[: counts[look]]
        return shown * (sureness[look] - (1 - sureness[look]) / 2) + (1 - sureness[look]) / 2

    stages.answers = answers
    history = train(folds=1, epochs=3).validation_history
    assert history["val_loss"] == pytest.approx([history["val_loss"][0]] * 3, rel=1e-4)
    assert history["temperature"] == sorted(history["temperature"])
    assert history["temperature"][2] > 2 * history["temperature"][0]


def test_a_fold_ends_when_its_loss_stays_higher_and_counts_on_as_it_was(stages):
    stages.answers = right_in([[9] + [5] * 19, list(range(1, 11)) + [10] * 10])
    model = train(folds=2, epochs=20)
    assert stages.looked[0] == 1 + PATIENCE
    assert stages.looked[1] == 10 + PATIENCE
    assert len(model.validation_history["val_loss"]) == 16
    assert model.chosen_epochs == 10
    assert model.validation_history["val_loss"][9:] == pytest.approx([model.validation_history["val_loss"][9]] * 7)


def test_without_folds_a_short_fixed_training_is_not_validated(stages):
    model = train(folds=0)
    steps = -(-51 // 6)
    assert (model.validation_history, model.chosen_epochs) == (None, recipes.UNVALIDATED_STEPS // steps)
    assert [stage.epochs for stage in stages.noted] == [model.chosen_epochs]
    assert model.temperature == 1
    assert train(folds=0, epochs=3).chosen_epochs == 3


def test_a_loss_that_is_never_a_number_is_refused(stages):
    stages.answers = lambda fold, look, targets: np.full(targets.shape, np.nan)
    with pytest.raises(ValueError, match="train_classifier: the loss is not a number from the first epoch on"):
        train(folds=1, epochs=3)


def test_a_loss_that_is_no_number_at_one_look_is_passed_over(stages):
    right = right_in([[3, 3, 8, 5]])
    stages.answers = lambda fold, look, targets: right(fold, look, targets) * (np.nan if look == 0 else 1)
    assert train(folds=1, epochs=4).chosen_epochs == 3


@given(samples=st.integers(2, 5000), batch_size=st.integers(1, 64), epochs=st.none() | st.integers(1, 400))
@settings(deadline=None)
def test_held_back_samples_are_asked_once_or_more_and_never_past_the_epochs_allowed(samples, batch_size, epochs):
    schedule = recipes.schedule_of("train", samples, batch_size, epochs)
    assert min(schedule.passes, schedule.most_looks, schedule.unvalidated_epochs) >= 1
    assert 0 <= schedule.first_look < schedule.most_looks
    if epochs is not None:
        assert schedule.passes * schedule.most_looks <= epochs
        assert schedule.unvalidated_epochs <= epochs
    else:
        assert schedule.most_looks >= recipes.FEWEST_LOOKS


@pytest.mark.parametrize(("samples", "patience"), [(51, 6), (499, 6), (640, 4), (5003, 3), (100_003, 3)])
def test_looks_that_are_many_steps_apart_are_waited_for_less_often(samples, patience):
    assert recipes.schedule_of("train", samples, min(32, samples // 8), None).patience == patience


@pytest.mark.parametrize(("samples", "batch_size"), [(11, 4), (51, 6), (499, 32)])
def test_a_batch_holds_an_eighth_of_the_samples_between_4_and_32(stages, samples, batch_size):
    stages.knows = False
    train(numbered(samples), (LABELS * 10)[:samples], epochs=1, folds=1)
    assert {stage.batch_size for stage in stages.noted} == {batch_size}


def test_a_batch_size_that_is_given_is_kept(stages):
    train(epochs=1, folds=1, batch_size=13)
    assert {stage.batch_size for stage in stages.noted} == {13}


def test_only_long_trainings_of_series_of_one_length_are_unrolled(stages, monkeypatch):
    unrolled = []
    monkeypatch.setattr(recipes, "unrolled", lambda model: unrolled.append(model) or contextlib.nullcontext())
    train(folds=1, epochs=1)
    train([one[: 3 + place % 2] for place, one in enumerate(numbered())], folds=2)
    assert not unrolled
    train(folds=2)
    assert len(unrolled) == 3


# What is held back


def test_what_is_held_back_is_never_trained_on_and_all_train_at_last(stages):
    train(folds=5, epochs=1)
    judged = []
    for stage in stages.folds():
        trained, held = ({int(one[0, 0]) for one in samples} for samples in (stage.trained, stage.judged))
        assert trained | held == set(range(51))
        assert not trained & held
        assert [LABELS[int(one[0, 0])] for one in stage.trained] == stage.labels
        judged += held
    assert sorted(judged) == list(range(51))
    last = stages.noted[-1]
    assert last.judged is None
    assert [int(one[0, 0]) for one in last.trained] == list(range(51))
    assert last.labels == LABELS


def test_scaling_is_by_the_samples_trained_on_alone(stages, monkeypatch):
    noted, adapt = [], Classifier.adapt
    monkeypatch.setattr(Classifier, "adapt", lambda model, x: (noted.append(np.mean(x)), adapt(model, x)))
    model = train(folds=2, epochs=1)
    parts = [np.mean([one[0, 0] for one in stage.trained]) for stage in stages.noted]
    assert set(np.round(parts, 4)) <= set(np.round(noted, 4))
    np.testing.assert_allclose(stages.folds()[1].mean[0, 0], parts[1], rtol=1e-5)
    np.testing.assert_allclose(model.get_layer("scaling").mean[0, 0], 25, rtol=1e-5)


def test_each_fold_begins_with_the_same_weights(stages):
    train(folds=3, epochs=1)
    first, second, third = stages.folds()
    np.testing.assert_array_equal(first.weights, second.weights)
    np.testing.assert_array_equal(first.weights, third.weights)
    assert np.ptp(first.weights) > 0.1
    assert [stage.steps for stage in stages.noted] == [0, 0, 0, 0]


@given(
    counts=st.lists(st.integers(1, 40), min_size=2, max_size=5),
    folds=st.none() | st.integers(0, 5),
    seed=st.integers(0, 100),
)
@settings(deadline=None)
def test_held_back_parts_are_apart_and_hold_a_fifth_of_every_class(counts, folds, seed):
    labels = [f"class {number}" for number, count in enumerate(counts) for _ in range(count)]
    found = _choose_folds(labels, folds, False, seed)
    joined_parts = np.concatenate([np.zeros(0, int), *found])
    assert len(set(joined_parts)) == len(joined_parts)
    for part in found:
        share = Counter(labels[position] for position in part)
        for number, count in enumerate(counts):
            assert abs(share[f"class {number}"] - count / 5) < 1
        assert abs(len(part) - len(labels) / 5) <= 1
    if folds == 5:
        assert sorted(joined_parts) == list(range(len(labels)))


@pytest.mark.parametrize(("samples", "folds"), [(51, 3), (101, 3), (151, 2), (299, 2), (300, 1), (5003, 1)])
def test_few_samples_are_held_back_in_several_turns(samples, folds):
    assert len(_choose_folds((LABELS * 100)[:samples], None, False, 7)) == folds


def test_a_class_with_a_single_sample_is_not_held_back_unless_asked(stages):
    labels = [*LABELS[:-1], "z"]
    assert train(y=labels, epochs=3).validation_history is None
    stages.knows = False
    stages.answers = lambda fold, look, targets: np.full((len(targets), 4), 0.25)
    model = train(y=labels, epochs=3, folds=5)
    assert model.labels == ("a", "b", "c", "z")
    assert len(model.validation_history["val_loss"]) == 3


def test_with_multi_label_each_set_of_labels_is_held_back_alike(stages):
    stages.knows = False
    stages.answers = lambda fold, look, targets: np.full((len(targets), 2), 0.6)
    sets = [["a"], [], ["b", "a"], ["a", "b"], ["b"]] * 10
    model = train(numbered(50), sets, multi_label=True, epochs=2, folds=2)
    for stage in stages.folds():
        held = Counter(tuple(sorted(sets[int(one[0, 0])])) for one in stage.judged)
        assert held == {("a",): 2, (): 2, ("a", "b"): 4, ("b",): 2}
    assert model.settings.multi_label
    assert model.validation_history["val_loss"][0] < np.log(2)


def test_a_series_of_another_length_may_be_held_back_alone(stages):
    stages.knows = False
    x = [*numbered(50), np.zeros((3, 2), "float32")]
    first = next(seed for seed in range(99) if 50 in _choose_folds(LABELS, 1, False, seed)[0])
    model = train(x, epochs=1, folds=5, seed=first)
    assert model.input_shape == (None, None, 2)
    assert {stage.model.input_shape for stage in stages.noted} == {(None, None, 2)}
    assert any(len(one) == 3 for stage in stages.folds() for one in stage.judged)


# Texts


def test_the_words_of_a_watched_model_are_those_of_its_own_training_texts(stages):
    stages.knows = False
    stages.answers = lambda fold, look, targets: np.full((len(targets), 2), 0.5)
    texts = [f"so word{number}" for number in range(20)]
    model = train(texts, ["a", "b"] * 10, epochs=1, folds=3)
    assert len(stages.folds()) == 3
    for stage in stages.folds():
        assert set(stage.model.vocabulary.words) == {"so", *(one.split()[1] for one in stage.trained)}
        assert not {one.split()[1] for one in stage.judged} & set(stage.model.vocabulary.words)
    assert len(model.vocabulary.words) == 21


def test_a_vocabulary_that_is_given_is_every_model_s(stages):
    stages.knows = False
    stages.answers = lambda fold, look, targets: np.full((len(targets), 2), 0.5)
    texts = pd.Series([f"so word{number}" for number in range(20)], index=range(100, 120))
    train(texts, pd.Series(["a", "b"] * 10), epochs=1, folds=2, vocabulary=["so", "far"])
    assert {stage.model.vocabulary.words for stage in stages.noted} == {("so", "far")}


# Optimizers


def test_an_optimizer_is_copied_and_begins_anew_in_each_stage(stages):
    given_one = keras.optimizers.SGD(0.0625)
    train(folds=1, epochs=1, optimizer=given_one)
    assert given_one not in [stage.optimizer for stage in stages.noted]
    assert [stage.optimizer.get_config() for stage in stages.noted] == [given_one.get_config()] * 2
    assert [stage.steps for stage in stages.noted] == [0, 0]


def test_folds_and_all_series_train_one_compiled_model_and_texts_one_for_each_vocabulary(stages):
    train(folds=3, epochs=1)
    assert len({id(stage.model) for stage in stages.noted}) == 1
    stages.noted.clear()
    stages.knows = False
    stages.answers = lambda fold, look, targets: np.full((len(targets), 2), 0.5)
    train([f"so word{number}" for number in range(20)], ["a", "b"] * 10, epochs=1, folds=2)
    assert len({id(stage.model) for stage in stages.noted}) == 3


def test_the_usual_optimizer_averages_the_weights(stages):
    train(folds=0, epochs=1)
    assert stages.noted[0].optimizer.use_ema


# Carried out


@pytest.fixture(scope="module")
def trained():
    return train(epochs=3, folds=2)


def test_a_trained_classifier_answers_and_says_how_it_was_trained(trained):
    assert trained.chosen_epochs in (1, 2, 3)
    history = trained.validation_history
    assert trained.chosen_epochs == history["epochs"][int(np.argmin(history["val_loss"]))]
    assert trained.temperature == pytest.approx(history["temperature"][int(np.argmin(history["val_loss"]))])
    assert sorted(history) == ["epochs", "temperature", "val_loss"]
    assert set(trained.predict_classes(numbered(3))) <= {"a", "b", "c"}


def test_the_weights_are_the_moving_average(trained):
    averages = trained.optimizer._model_variables_moving_average
    np.testing.assert_allclose(joined(trained.trainable_weights), joined(averages), rtol=1e-6)


def test_a_seed_makes_the_recipe_repeatable(trained):
    again = train(epochs=3, folds=2)
    assert again.chosen_epochs == trained.chosen_epochs
    assert again.validation_history == trained.validation_history
    np.testing.assert_array_equal(joined(again.weights), joined(trained.weights))


def test_what_is_compiled_for_the_folds_trains_all_samples_to_the_same_weights(trained, monkeypatch):
    monkeypatch.setattr(recipes, "restarted", lambda used, fresh: fresh)
    alone = train(epochs=3, folds=2)
    np.testing.assert_array_equal(joined(alone.weights), joined(trained.weights))


def test_another_optimizer_and_texts_train_too():
    texts = [f"{mood} {number}" for number in range(11) for mood in ("good", "bad")]
    model = train_classifier(texts, ["up", "down"] * 11, epochs=1, folds=1, optimizer="adam", seed=1, **TINY)
    assert not model.optimizer.use_ema
    assert np.isfinite(model.validation_history["val_loss"]).all()
