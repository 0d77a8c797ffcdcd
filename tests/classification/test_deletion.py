"""What an answer loses when steps are taken away, of classifiers whose attention and answers are set by hand."""

import numpy as np
import pandas as pd
import pytest
from hand_set import hand_set, series_classifier, text_classifier
from matplotlib.figure import Figure

import seqkit
from seqkit.classification.deletion import Deletion, _Orders

LOUD, QUIET = 4.0, 0.0
WORDS = {"good": (0.9, LOUD), "film": (0, QUIET), "the": (0, QUIET), "so": (0, QUIET), "a": (0, QUIET)}
TEXTS = ["the good film", "a film so good the film a", "so the film a the film a good the a film", "a so good so a"] * 3


@pytest.fixture(scope="module")
def reader():
    return text_classifier(WORDS)


@pytest.fixture(scope="module")
def watcher():
    return series_classifier()


def up(model, samples):
    return model.predict(samples, verbose=0)[:, 1]


def series(meanings, scores):
    return np.arctanh(np.stack([meanings, np.array(scores) / 5], axis=1))


def test_an_answer_that_rests_on_the_attended_words_falls_when_they_go(reader):
    deletion = seqkit.deletion_curve(reader, TEXTS)
    curve = deletion.curve
    assert list(curve.columns) == ["most_attended", "random", "random_spread", "least_attended"]
    assert (curve.index.name, list(curve.index)) == ("share_removed", [0, 0.05, 0.1, 0.2, 0.3, 0.5])
    np.testing.assert_allclose(curve.loc[0, ["most_attended", "random", "least_attended"]], up(reader, TEXTS).mean())
    assert curve.loc[0, "random_spread"] == pytest.approx(0)
    assert curve.loc[0.3, "most_attended"] == pytest.approx(0.5)  # nothing is left that speaks for a class
    assert curve.loc[0.3, "most_attended"] + 0.1 < curve.loc[0.3, "random"] < curve.loc[0.3, "least_attended"]
    assert deletion.area > 0.1
    assert deletion.verdict.startswith("Attended steps matter more than random ones: with up to 50% of the steps of 12")
    assert f"{deletion.area:.3f}" in deletion.verdict
    assert "not by itself an explanation" in deletion.verdict


def test_an_answer_that_does_not_rest_on_attended_words_falls_no_faster():
    constant = text_classifier(WORDS)
    hand_set(constant)
    constant.get_layer("scores").set_weights([np.zeros((2, 2)), np.array([0.3, 0.0])])
    deletion = seqkit.deletion_curve(constant, TEXTS)
    assert deletion.area == pytest.approx(0, abs=1e-6)
    assert "matter no more than random ones" in deletion.verdict
    assert "do not read this attention as an explanation" in deletion.verdict


def test_attended_words_that_speak_against_the_answer_matter_less():
    words = {"but": (-0.3, 2.0), "fine": (0.9, 1.0), "nice": (0.9, 1.0)}
    deletion = seqkit.deletion_curve(text_classifier(words), ["fine but nice fine nice"] * 7, shares=(0, 0.2, 0.4))
    assert deletion.area < 0
    assert "matter less than random ones" in deletion.verdict


def test_a_removed_word_leaves_no_gap(reader):
    text = "the film a good so"
    curve = seqkit.deletion_curve(reader, [text], shares=(0, 0.2, 0.4)).curve
    expected = up(reader, [text, "the film a so", "film a so"])
    np.testing.assert_allclose(curve["most_attended"], expected, atol=1e-6)
    expected = up(reader, [text, "film a good so", "a good so"])
    np.testing.assert_allclose(curve["least_attended"], expected, atol=1e-6)


def test_a_share_is_rounded_to_whole_words(reader):
    curve = seqkit.deletion_curve(reader, ["the film a good so"], shares=(0, 0.09, 0.11)).curve["most_attended"]
    assert curve[0.09] == pytest.approx(curve[0])
    assert curve[0.11] == pytest.approx(0.5)


def test_a_text_all_of_whose_words_are_gone_is_read_as_an_empty_one():
    model = text_classifier(WORDS)
    hand_set(model, bias=[0.0, 0.7])
    curve = seqkit.deletion_curve(model, ["the good", "good"], shares=(0, 1)).curve
    assert curve.loc[1, "most_attended"] == pytest.approx(up(model, [""])[0])
    assert curve.loc[1, "random"] == pytest.approx(curve.loc[1, "least_attended"])


def test_a_removed_step_becomes_the_mean_of_its_own_series(watcher):
    sample = series([0.9, 0.1, 0.0, -0.2, 0.1], [LOUD, 1, 0, 0.5, 0])
    before = sample.copy()
    replaced = sample.copy()
    replaced[0] = sample.mean(axis=0)
    curve = seqkit.deletion_curve(watcher, [sample], shares=(0, 0.2)).curve
    np.testing.assert_allclose(curve["most_attended"], up(watcher, [sample, replaced]), atol=1e-6)
    np.testing.assert_array_equal(sample, before)


def test_steps_with_missing_values_are_neither_removed_nor_in_the_mean(watcher):
    sample = series([0.9, 0.1, 0.5, -0.2, 0.1], [LOUD, 1, 4.5, 0.5, 0])
    sample[2, 0] = np.nan
    replaced = sample.copy()
    replaced[[0, 1]] = sample[[0, 1, 3, 4]].mean(axis=0)
    curve = seqkit.deletion_curve(watcher, [sample], shares=(0, 0.5)).curve
    np.testing.assert_allclose(curve["most_attended"], up(watcher, [sample, replaced]), atol=1e-6)


def test_steps_of_one_segment_go_together():
    model = series_classifier(timesteps=67)  # segments of 3, the first of which holds one step
    assert (model.settings.segment, model.settings.leading_zeros) == (3, 2)
    weights = np.repeat(np.arange(23.0), 3)[2:]
    orders = _Orders(model, np.zeros((67, 2)), weights)
    assert orders.by(-orders.weights)[:4].tolist() == [64, 65, 66, 61]
    assert orders.by(orders.weights)[:4].tolist() == [0, 1, 2, 3]
    shuffled = orders.shuffled(np.random.default_rng(3))
    assert sorted(shuffled) == list(range(67))
    of_segments = (shuffled + 2) // 3
    assert (np.diff(of_segments) != 0).sum() == 22
    assert list(dict.fromkeys(of_segments)) != list(range(23))


def test_random_orders_follow_the_seed(reader):
    first, again, other = (
        seqkit.deletion_curve(reader, TEXTS[:4], shares=(0, 0.4), seed=seed, repeats=3).curve for seed in (5, 5, 7)
    )
    pd.testing.assert_frame_equal(first, again)
    assert first.loc[0.4, "random"] != other.loc[0.4, "random"]
    assert first.loc[0.4, "random_spread"] > 0
    assert first["most_attended"].equals(other["most_attended"])


def test_a_picture_shows_the_three_curves_and_the_spread():
    columns = {"most_attended": [0.9, 0.4], "random": [0.9, 0.7], "random_spread": [0, 0.1], "least_attended": 0.9}
    curve = pd.DataFrame(columns, index=pd.Index([0, 0.5], name="share_removed"))
    figure = seqkit.plot_deletion(Deletion(curve, 0.15, "Attended steps matter."), title="词")
    (axes,) = figure.axes
    assert [line.get_label() for line in axes.get_lines()] == ["most attended", "random", "least attended"]
    assert axes.get_lines()[0].get_ydata().tolist() == [0.9, 0.4]
    (band,) = axes.collections
    assert sorted({round(y, 3) for y in band.get_paths()[0].vertices[:, 1]}) == [0.6, 0.8, 0.9]
    own = Figure()
    assert seqkit.plot_deletion(curve, ax=own.add_subplot()) is own


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x": ["the film", ""]}, ValueError, "text 1 has no words to remove. Leave it out"),
        ({"x": []}, ValueError, "no texts at all"),
        ({"x": [3]}, TypeError, "strings are needed"),
        ({"shares": (0,)}, ValueError, "two or more numbers that rise, from 0 to 1, got .0,."),
        ({"shares": (0, 0.5, 0.2)}, ValueError, "two or more numbers that rise"),
        ({"shares": (0, 1.5)}, ValueError, "two or more numbers that rise"),
        ({"shares": 0.5}, ValueError, "two or more numbers that rise"),
        ({"repeats": 1}, ValueError, "repeats must be 2 or more, got 1"),
        ({"repeats": 2.5}, TypeError, "repeats must be a whole number"),
        ({"seed": "a"}, TypeError, "seed must be a whole number"),
    ],
)
def test_what_cannot_be_measured_is_refused(options, error, message, reader):
    with pytest.raises(error, match=f"deletion_curve: .*{message}"):
        seqkit.deletion_curve(reader, **{"x": ["the film"], **options})


def test_a_picture_of_something_else_is_refused():
    with pytest.raises(TypeError, match="plot_deletion: deletion must be what deletion_curve returned, got dict"):
        seqkit.plot_deletion({"most_attended": [0.9, 0.4]})
