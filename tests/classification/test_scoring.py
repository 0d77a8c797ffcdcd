"""Scores of a classifier: right figures, fair baselines that see the training samples alone, plain words."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

import seqkit as sk
from seqkit.classification import baselines as _baselines
from seqkit.data.plain_features import compute_statistics

STEPS, FEATURES = 5, 2
LABELS = ("cold", "mild", "warm")
PLAIN = {"units": 2, "attention": "none", "convolution": "none", "bidirectional": False}
TRUTH = ["cold", "cold", "cold", "mild", "mild", "mild", "warm"]
GIVEN = ["cold", "cold", "mild", "mild", "mild", "warm", "cold"]
LEARNT = ["mild"] * 5 + ["cold"] * 2 + ["warm"] * 4


def series(count, seed=3, steps=STEPS):
    return np.random.default_rng(seed).normal(size=(count, steps, FEATURES)).astype("float32")


def sure(labels, known=LABELS, sureness=0.8):
    """Probabilities of a classifier that gives these labels, and the others alike."""
    others = (1 - sureness) / (len(known) - 1)
    return np.array([[sureness if one == label else others for one in known] for label in labels], "float32")


@pytest.fixture(scope="module")
def built():
    return sk.build_classifier(labels=LABELS, features=FEATURES, timesteps=STEPS, scaling="none", **PLAIN)


@pytest.fixture(scope="module")
def built_for_many():
    options = {"features": FEATURES, "timesteps": STEPS, "scaling": "none", "multi_label": True}
    return sk.build_classifier(labels=[LABELS], **options, **PLAIN)


@pytest.fixture
def usual_strength(monkeypatch):
    """The linear baseline does not choose its penalty, which takes time where the test asks for something else."""
    monkeypatch.setattr(_baselines, "_choose_strength", lambda *_: 1.0)


@pytest.fixture
def score(built, monkeypatch, usual_strength):
    """Score set answers; `linear=` sets those of the linear baseline as well."""

    def score(given, y, learnt=LEARNT, linear=None):
        monkeypatch.setattr(
            built, "predict", lambda x, verbose: given if isinstance(given, np.ndarray) else sure(given)
        )
        if linear is not None:
            monkeypatch.setattr(_baselines, "predict_linear", lambda *_: sure(linear))
        return sk.score_classifier(built, series(len(y)), y, train=(series(len(learnt), seed=5), learnt))

    return score


# Figures


def test_the_classifiers_scores_are_those_worked_out_by_hand(score):
    scores = score(GIVEN, TRUTH).scores
    assert list(scores.index) == ["classifier", "majority", "linear"]
    assert scores.loc["classifier"].to_dict() == pytest.approx(
        {
            "accuracy": 4 / 7,
            "balanced_accuracy": (2 / 3 + 2 / 3 + 0) / 3,
            "macro_f1": (2 / 3 + 2 / 3 + 0) / 3,
            "log_loss": -(4 * np.log(0.8) + 3 * np.log(0.1)) / 7,
        },
        abs=1e-6,
    )


def test_the_majority_is_that_of_the_training_samples(score):
    majority = score(GIVEN, ["cold"] * 4 + ["mild"] * 2 + ["warm"]).scores.loc["majority"]
    shares = 4 * np.log(2 / 11) + 2 * np.log(5 / 11) + np.log(4 / 11)
    assert majority["accuracy"] == pytest.approx(2 / 7)
    assert majority["balanced_accuracy"] == pytest.approx(1 / 3)
    assert majority["macro_f1"] == pytest.approx((2 * 2 / 9) / 3)
    assert majority["log_loss"] == pytest.approx(-shares / 7, abs=1e-6)


def test_each_class_has_its_figures_and_the_confusion_its_counts(score):
    found = score(GIVEN, TRUTH)
    assert found.by_class["precision"].tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert found.by_class["recall"].tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert found.by_class["f1"].tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert found.by_class["support"].to_dict() == {"cold": 3, "mild": 3, "warm": 1}
    assert found.confusion.to_numpy().tolist() == [[2, 1, 0], [0, 2, 1], [1, 0, 0]]
    assert (found.confusion.index.name, found.confusion.columns.name) == ("true", "predicted")
    assert list(found.confusion.index) == list(found.confusion.columns) == list(LABELS)


def test_a_class_that_the_samples_lack_is_left_out_of_the_means(score):
    found = score(["cold", "mild", "cold"], ["cold", "mild", "mild"])
    assert found.scores.loc["classifier", "balanced_accuracy"] == pytest.approx((1 + 1 / 2) / 2)
    assert found.scores.loc["classifier", "macro_f1"] == pytest.approx(2 / 3)
    assert found.by_class.loc["warm", ["precision", "recall", "f1"]].isna().all()


def test_a_class_given_wrongly_that_the_samples_lack_lowers_the_macro_f1(score):
    scores = score(["cold", "mild", "warm"], ["cold", "mild", "mild"]).scores
    assert scores.loc["classifier", "macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_a_class_never_seen_in_training_is_an_error_that_the_verdict_names(score):
    found = score(["cold", "mild", "mild"], ["cold", "mild", "scorching"])
    assert found.scores.loc["classifier", "accuracy"] == pytest.approx(2 / 3)
    assert found.scores.loc["classifier", "balanced_accuracy"] == pytest.approx((1 + 1 + 0) / 3)
    assert found.scores.loc["classifier", "log_loss"] == pytest.approx(-(2 * np.log(0.8) + np.log(1e-7)) / 3, abs=1e-5)
    assert found.confusion.loc["scorching"].to_dict() == {"cold": 0, "mild": 1, "warm": 0, "scorching": 0}
    assert "1 sample belongs to a class never seen in training ('scorching'), which counts as an error" in found.verdict


def test_a_probability_of_nothing_costs_every_method_the_same(score):
    certain = sure(["cold", "mild"], sureness=1.0)
    scores = score(certain, ["cold", "warm"], learnt=["cold"] * 3 + ["mild"] * 2).scores
    assert scores.loc["classifier", "log_loss"] == pytest.approx(-np.log(1e-7) / 2, abs=1e-5)
    assert scores.loc["majority", "log_loss"] == pytest.approx(-(np.log(0.6) + np.log(1e-7)) / 2, abs=1e-5)


def test_labels_that_are_numbers_stay_numbers(monkeypatch):
    model = sk.build_classifier(labels=[7, 11], features=FEATURES, timesteps=STEPS, scaling="none", **PLAIN)
    monkeypatch.setattr(model, "predict", lambda x, verbose: sure([7, 11, 11], (7, 11)))
    y = pd.Series([7, 7, 11], index=["a", "b", "c"])
    found = sk.score_classifier(model, series(3), y, train=(series(5, seed=5), np.array([7, 11, 7, 11, 7])))
    assert found.confusion.loc[7].to_dict() == {7: 1, 11: 1}
    assert found.confusion.loc[11].to_dict() == {7: 0, 11: 1}


def test_the_classifier_scored_is_the_one_that_was_passed():
    x, y = series(11), np.array(LABELS)[np.arange(11) % 3]
    model = sk.build_classifier(like=x, labels=y, **PLAIN)
    scores = sk.score_classifier(model, x[:7], y[:7], train=(x, y)).scores.loc["classifier"]
    assert scores["accuracy"] == np.mean(model.predict_classes(x[:7]) == y[:7])
    probabilities = model.predict(x[:7], verbose=0).astype(float)
    assert scores["log_loss"] == pytest.approx(-np.log(probabilities[np.arange(7), np.arange(7) % 3]).mean(), rel=1e-5)


# The linear baseline


def linear_scores(model, x, y, train):
    model.predict = lambda x, verbose: np.full((len(x), len(model.labels)), 1 / len(model.labels), "float32")
    return sk.score_classifier(model, x, y, train=train).scores.loc["linear"]


def test_on_series_of_one_length_it_is_logistic_regression_weighed_as_the_classifier(monkeypatch):
    x, y = series(23), np.array(["rare"] * 5 + ["usual"] * 18)
    x[:5] += 1
    monkeypatch.setattr(_baselines, "STRENGTHS", (7.0,))
    model = sk.build_classifier(like=x, labels=y, class_weight="balanced", **PLAIN)
    found = linear_scores(model, x[::2], y[::2], (x, y))
    scaler = StandardScaler().fit(x.reshape(23, -1).astype(float))
    regression = LogisticRegression(C=7.0, solver="newton-cholesky", class_weight="balanced").fit(
        scaler.transform(x.reshape(23, -1)), y
    )
    wanted = regression.predict_proba(scaler.transform(x[::2].reshape(12, -1)))
    assert found["log_loss"] == pytest.approx(log_loss(y[::2], wanted), rel=1e-2)


def spike(place, steps=7):
    return np.eye(steps, 1, -place)


def test_on_series_of_one_length_it_knows_the_place_of_each_value():
    x, y = np.stack([spike(place) for place in (2, 3, 4)] * 3), ["early", "middle", "late"] * 3
    model = sk.build_classifier(like=x, labels=y, **PLAIN)
    assert linear_scores(model, x, y, (x, y))["accuracy"] == 1


def test_on_series_of_several_lengths_it_knows_their_statistics_but_not_places():
    x = [spike(place, steps) for steps in (7, 11, 13) for place in (2, 4)]
    model = sk.build_classifier(like=x, labels=["early", "late"] * 3, **PLAIN)
    assert linear_scores(model, x, ["early", "late"] * 3, (x, ["early", "late"] * 3))["accuracy"] == 0.5
    lengths = ["short"] * 2 + ["long"] * 4
    model = sk.build_classifier(like=x, labels=lengths, **PLAIN)
    assert linear_scores(model, x, lengths, (x, lengths))["accuracy"] == 1


def test_the_statistics_of_a_series_leave_out_its_unknown_steps():
    found = compute_statistics(np.array([[2.0, 1.0], [np.nan, 99.0], [4.0, 1.0], [9.0, 1.0]]))
    mean, spread = 5.0, np.sqrt((9 + 1 + 16) / 3)
    np.testing.assert_allclose(found, [mean, 1, spread, 0, 2, 1, 9, 1, 2, 1, 9, 1, 4])


def test_missing_values_do_not_stop_it():
    x, y = series(11), ["low", "high"] * 5 + ["low"]
    x[1::2] += 3
    x[:, 2, 1] = np.nan
    model = sk.build_classifier(like=x, labels=y, missing="mask", **PLAIN)
    assert linear_scores(model, x, y, (x, y))["accuracy"] == 1


def test_on_text_it_knows_characters_and_their_order():
    texts, y = ["不好", "好不", "不好！", "好不？", ""], ["bad", "really", "bad", "really", "bad"]
    model = sk.build_classifier(like=texts, labels=y, **PLAIN)
    assert linear_scores(model, texts, y, (texts, y))["accuracy"] == 1


def test_on_text_the_words_of_the_samples_are_not_learnt():
    model = sk.build_classifier(like=["good", "bad"], labels=["up", "down"], **PLAIN)
    found = linear_scores(model, ["unheard", "of"], ["up", "down"], (["good", "bad"], ["up", "down"]))
    assert found["log_loss"] == pytest.approx(np.log(2), abs=1e-3)


def test_it_does_not_warn_where_its_solver_is_not_done(score, monkeypatch):
    monkeypatch.setattr(_baselines, "MOST_SOLVER_ITERATIONS", 1)
    assert 0 <= score(GIVEN, TRUTH).scores.loc["linear", "accuracy"] <= 1


def test_what_scikit_learn_is_going_to_change_is_not_told(score, monkeypatch):
    fit = LogisticRegression.fit

    def warn_and_fit(*arguments):
        warnings.warn("'solver' was deprecated in version 1.99", FutureWarning, stacklevel=2)
        return fit(*arguments)

    monkeypatch.setattr(LogisticRegression, "fit", warn_and_fit)
    assert 0 <= score(GIVEN, TRUTH).scores.loc["linear", "accuracy"] <= 1


def test_a_class_without_training_samples_gets_the_floor(score):
    scores = score(["cold", "warm"], ["cold", "warm"], learnt=["cold", "mild"] * 3).scores
    assert scores.loc["linear", "log_loss"] > -np.log(1e-7) / 2
    assert scores.loc["classifier", "accuracy"] == 1


# Its penalty, chosen on held-back training samples


def answers(count, seed=5):
    """Texts of eight common words and one that tells the class; a fifth of them say yes."""
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(count) % 5 == 0, "yes", "no")
    return [" ".join([*rng.choice([f"w{n}" for n in range(40)], 8), label]) for label in y], y


def targets_of(y):
    return np.equal.outer(np.asarray(y), sorted(set(y))).astype(int)


def test_where_a_weak_penalty_is_better_it_is_chosen_and_the_same_every_time(monkeypatch):
    texts, y = answers(80)
    model = sk.build_classifier(like=texts, labels=y, class_weight="none", **PLAIN)
    found = [linear_scores(model, texts[50:], y[50:], (texts[:50], y[:50])) for _ in range(2)]
    monkeypatch.setattr(_baselines, "STRENGTHS", (1.0,))
    usual = linear_scores(model, texts[50:], y[50:], (texts[:50], y[:50]))
    assert found[0]["accuracy"] > usual["accuracy"] + 0.05
    assert found[0]["log_loss"] == found[1]["log_loss"]


def test_with_several_labels_a_weak_penalty_is_chosen_as_well(monkeypatch):
    texts, y = answers(80)
    rows = [("any", label) if label == "yes" else ("any",) for label in y]
    model = sk.build_classifier(like=texts, labels=rows, multi_label=True, **PLAIN)
    found = linear_scores(model, texts[50:], rows[50:], (texts[:50], rows[:50]))
    monkeypatch.setattr(_baselines, "STRENGTHS", (1.0,))
    usual = linear_scores(model, texts[50:], rows[50:], (texts[:50], rows[:50]))
    assert found["accuracy"] > usual["accuracy"] + 0.05


def test_of_two_samples_none_can_be_held_back_and_the_penalty_is_the_usual_one():
    x, y = series(2), ["cold", "mild"]
    model = sk.build_classifier(like=x, labels=y, **PLAIN)
    rows = StandardScaler().fit_transform(x.reshape(2, -1).astype(float))
    wanted = log_loss(y, LogisticRegression(solver="newton-cholesky").fit(rows, y).predict_proba(rows))
    assert linear_scores(model, x, y, (x, y))["log_loss"] == pytest.approx(wanted, rel=1e-2)


def test_a_class_of_one_sample_is_learnt_as_well():
    y = ["cold"] * 5 + ["mild"] * 5 + ["warm"]
    x = series(11) + np.repeat([0.0, 4.0, 8.0], [5, 5, 1])[:, None, None]
    model = sk.build_classifier(like=x, labels=y, **PLAIN)
    assert linear_scores(model, x, y, (x, y))["accuracy"] == 1


def folds_of(y, step=1):
    rows = list(np.arange(len(y), dtype=float)[:, None])
    return list(_baselines._folds(StandardScaler(with_mean=False), rows, targets_of(y), step))


def test_each_fold_has_its_share_of_every_class():
    found = [held_back.sum(axis=0).tolist() for _, _, _, held_back in folds_of(["cold"] * 20 + ["mild"] * 10)]
    assert found == [[4, 2]] * 5


def test_a_fold_is_left_out_where_one_class_would_be_left():
    found = [held_back.sum(axis=0).tolist() for _, _, _, held_back in folds_of(["cold"] * 10 + ["mild"])]
    assert found == [[2, 0]] * 4


def test_of_a_large_training_set_some_of_every_class_choose():
    assert sum(held_back.sum(axis=0) for *_, held_back in folds_of(["cold"] * 20 + ["mild"] * 10, 3)).tolist() == [6, 4]


def test_words_and_scaling_are_learnt_without_the_fold():
    for learnt, targets, held_back, _ in folds_of(["cold", "mild"] * 5):
        assert (len(learnt), len(targets), len(held_back)) == (8, 8, 2)
        assert learnt.std() == pytest.approx(1)


def test_held_back_samples_count_by_the_weight_of_their_class():
    given, truth = np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]), np.array([[1, 0], [0, 1], [0, 1]])
    right, likely = _baselines._right_and_likely(given, truth, np.array([1.0, 3.0]), False)
    assert (right, likely) == pytest.approx((1 + 3, np.log(0.9) + 3 * np.log(0.6) + 3 * np.log(0.2)))


def test_a_held_back_sample_of_several_labels_is_right_when_all_are_right():
    given, truth = np.array([[0.9, 0.7], [0.4, 0.6]]), np.array([[1, 0], [0, 1]])
    right, likely = _baselines._right_and_likely(given, truth, np.ones(2), True)
    assert (right, likely) == pytest.approx((1, np.log(0.9) + np.log(0.3) + 2 * np.log(0.6)))


# The verdict


def test_a_lead_over_both_baselines_is_told_in_points(score):
    y = ["mild"] * 11 + ["cold"] * 6 + ["warm"] * 6
    right_on_21 = ["mild"] * 11 + ["cold"] * 6 + ["warm"] * 4 + ["cold"] * 2
    verdict = score(right_on_21, y, linear=["mild"] * 11 + ["cold"] * 12).verdict
    assert verdict.startswith("On 23 samples the classifier's accuracy is 91.3% (95% interval 73.2% to 97.6%)")
    assert "balanced accuracy 88.9%. It beats the majority class by 43.5 points of accuracy and 55.6 of b" in verdict
    assert "it beats the linear baseline by 17.4 points of accuracy and 22.2 of balanced accuracy" in verdict


def test_the_interval_is_wilsons(score):
    n, z = 7, 1.959964
    p = 4 / n
    center, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = (center - half) / (1 + z**2 / n), (center + half) / (1 + z**2 / n)
    assert f"95% interval {low:.1%} to {high:.1%}" in score(GIVEN, TRUTH).verdict


def test_a_lead_that_may_be_chance_is_called_that(score):
    y = ["cold"] * 7 + ["mild"] * 7
    found = score(y, y, linear=["mild"] * 3 + y[3:])  # 3 samples to 0: 2 * (1/2)^3
    assert "The lead in accuracy over the linear baseline (p = 0.25) may be chance." in found.verdict
    assert "chance" not in score(y, y, linear=y[7:] + y[7:]).verdict  # 7 samples to 0


def test_a_classifier_no_better_than_a_baseline_is_told_so(score):
    verdict = score(["warm"] * 7, TRUTH, linear=GIVEN).verdict
    assert "is no better than the majority class, whose figures are 42.9% and 33.3%" in verdict
    assert "is no better than the linear baseline, whose figures are 57.1% and 44.4%" in verdict
    assert "chance" not in verdict


def test_a_classifier_that_is_better_on_rare_classes_alone_is_told_so(score):
    y = ["mild"] * 7 + ["cold"] * 2 + ["warm"]
    verdict = score(["mild"] * 4 + ["cold"] * 5 + ["warm"], y, linear=["mild"] * 6 + ["cold"] * 3 + ["mild"]).verdict
    assert "is 10.0 points above the majority class in accuracy" not in verdict
    assert "It is level with the majority class in accuracy and 52.4 points above it in balanced accuracy" in verdict
    assert "it is 10.0 points below the linear baseline in accuracy and 23.8 points above it in balanced" in verdict


# Several labels a sample

MANY = [("cold",), ("cold", "mild"), (), ("mild",), ("cold", "warm")]


@pytest.fixture
def score_many(built_for_many, monkeypatch, usual_strength):
    def score(given, y):
        monkeypatch.setattr(built_for_many, "predict", lambda x, verbose: np.array(given, "float32"))
        return sk.score_classifier(built_for_many, series(len(y)), y, train=(series(5, seed=5), MANY))

    return score


def test_with_several_labels_the_scores_are_those_worked_out_by_hand(score_many):
    given = [[0.9, 0.6, 0.2], [0.9, 0.6, 0.2], [0.1, 0.1, 0.1]]
    found = score_many(given, [("cold",), ("mild", "cold"), ("warm",)])
    own = found.scores.loc["classifier"]
    wrong = np.log(0.4) + np.log(0.1)
    right = 2 * np.log(0.9) + np.log(0.6) + 2 * np.log(0.8) + 2 * np.log(0.9)
    assert list(found.scores.columns) == ["accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "log_loss"]
    assert own["accuracy"] == pytest.approx(1 / 3)
    assert own["balanced_accuracy"] == pytest.approx((1 + 1 + 0) / 3)
    assert own["macro_f1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert own["micro_f1"] == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    assert own["log_loss"] == pytest.approx(-(right + wrong) / 9, rel=1e-5)
    assert found.by_class["support"].tolist() == [2, 1, 1]


def test_with_several_labels_the_majority_gives_each_class_that_most_samples_have(score_many):
    majority = score_many([[0.9, 0.1, 0.1]] * 2, [("cold",), ("cold", "mild")]).scores.loc["majority"]
    assert majority["accuracy"] == pytest.approx(1 / 2)  # 3 of 5 training samples are cold, 2 mild, 1 warm
    logs = 2 * np.log(3 / 5) + np.log(3 / 5) + np.log(2 / 5) + 2 * np.log(4 / 5)
    assert majority["log_loss"] == pytest.approx(-logs / 6)


def test_with_several_labels_the_confusion_pairs_what_was_missed_with_what_was_wrong(score_many):
    found = score_many([[0.9, 0.6, 0.2], [0.9, 0.1, 0.7]], [("cold", "warm"), ("cold",)])
    assert found.confusion.to_numpy().tolist() == [[2, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_with_several_labels_zeros_and_ones_are_read_as_well(score_many, built_for_many):
    given = [[0.9, 0.6, 0.2], [0.1, 0.1, 0.7]]
    by_name = score_many(given, [("cold",), ("warm",)])
    by_number = score_many(given, np.array([[1, 0, 0], [0, 0, 1]]))
    pd.testing.assert_frame_equal(by_name.scores, by_number.scores)


def test_a_label_that_every_training_sample_has_does_not_warn(built_for_many, monkeypatch):
    monkeypatch.setattr(built_for_many, "predict", lambda x, verbose: np.full((len(x), 3), 0.3, "float32"))
    train = (series(3), [("cold",), ("cold", "mild"), ("cold",)])
    scores = sk.score_classifier(built_for_many, series(2), [("cold",), ("cold",)], train=train).scores
    assert scores.loc["linear", "balanced_accuracy"] == 1


# What is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model": "model"}, TypeError, "model must be a Classifier, got str. Make one with train_classifier"),
        ({"y": LEARNT[:5]}, ValueError, "11 samples and 5 labels. They must pair up"),
        ({"y": None}, TypeError, "a list of labels is needed, one for each sample, got None"),
        ({"y": "cold"}, TypeError, "a list of labels is needed, one for each sample, got 'cold'"),
        ({"y": [*LEARNT[:10], None]}, ValueError, "1 of 11 labels are missing, the first at position 10"),
        ({"y": [*LEARNT[:10], 3]}, TypeError, "labels are of mixed types, 'mild' is text and 3 a number"),
        ({"y": ["Mild"] * 11}, ValueError, "no label is a class of the model: the labels are 'Mild', the classes are"),
        ({"x": series(0), "y": []}, ValueError, "no samples at all"),
        ({"x": ["some", "text"]}, TypeError, "series of numbers are needed, got text"),
        ({"train": series(11)}, TypeError, r"train must be the pair \(x, y\) of training samples, got ndarray"),
        ({"train": (series(11),)}, TypeError, r"train must be the pair \(x, y\).*got tuple of 1. Pass train="),
        ({"train": (series(11), None)}, TypeError, "train: a list of labels is needed.*got None"),
        ({"train": (series(7), LEARNT)}, ValueError, "train: 7 samples and 11 labels"),
        ({"train": (series(2), ["cold"] * 2)}, ValueError, "train: two classes or more are needed, got 1 in 2 labels"),
        ({"train": (series(2), ["cold", "mlid"])}, ValueError, "train: the class 'mlid' is unknown.*mean 'mild'"),
    ],
)
def test_what_cannot_be_scored_is_refused(built, arguments, error, message):
    good = {"model": built, "x": series(11), "y": LEARNT, "train": (series(11), LEARNT)} | arguments
    with pytest.raises(error, match=f"score_classifier: .*{message}"):
        sk.score_classifier(good["model"], good["x"], good["y"], train=good["train"])


def test_a_classifier_that_answers_nan_is_refused(score):
    with pytest.raises(ValueError, match="predicts NaN, as after a training that diverged"):
        score(np.full((7, 3), np.nan), TRUTH)
