"""The page of a classifier: scores, confusion, attention maps of clear and doubtful samples, and what is left out."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from small_reports import unpacked, without_packed

import seqkit as sk
from seqkit.reports.attention_parts import doubts_of

LABELS = ["慢", "<i>quick", "慢", "<i>quick", "慢"]


def series(count=5, steps=7):
    return [np.random.default_rng(at).normal(size=(steps + at % 2, 2)) for at in range(count)]


@pytest.fixture(scope="module")
def model():
    return sk.build_classifier(like=series(), labels=LABELS, units=2)


def test_scores_stand_beside_the_baselines_where_there_are_training_samples(model):
    report = sk.report(model, series(), LABELS, train=(series(), LABELS))
    page = without_packed(report)
    assert "linear: logistic regression" in page
    assert "<i>quick" not in page
    assert "&lt;i&gt;quick" in page
    assert "慢" in page
    for figure in unpacked(report):
        go.Figure(figure)


def test_the_confusion_matrix_has_the_counts_in_its_cells(model):
    scores = sk.score_classifier(model, series(), LABELS, train=(series(), LABELS))
    (trace,) = unpacked(sk.report(model, series(), LABELS, train=(series(), LABELS)))[0]["data"]
    assert trace["text"] == scores.confusion.to_numpy().tolist()
    assert trace["y"] == ["&lt;i&gt;quick", "慢"]


def test_scores_stand_alone_without_training_samples(model):
    page = sk.report(model, series(), LABELS).html
    assert "there are no baselines beside the scores" in page
    assert "On 5 samples the classifier&#39;s accuracy is" in page
    assert "linear: logistic regression" not in page


def test_samples_without_labels_are_not_scored(model):
    page = sk.report(model, series()).html
    assert "Not scored: the samples have no labels." in page
    assert "Is it any good?" not in page
    assert "Clearest" in page


def test_weights_of_steps_are_drawn_below_the_curves(model):
    figure = next(one for one in unpacked(sk.report(model, series())) if len(one["data"]) == 3)
    bars = figure["data"][2]
    assert bars["type"] == "bar"
    assert sum(bars["y"]) == pytest.approx(1, abs=1e-4)


def test_words_are_shaded():
    texts = ["so good a film", "bad <b> so bad", "good"]
    model = sk.build_classifier(like=texts, labels=["pos", "neg", "pos"], units=2, embedding=2)
    page = without_packed(sk.report(model, texts, ["pos", "neg", "pos"]))
    assert "background:rgba(" in page
    assert "<b>" not in page.replace("<b>Clearest", "").replace("<b>Most doubtful", "")


def test_samples_of_a_pandas_column_are_taken_by_their_places():
    texts = pd.Series(["so good a film", "bad so bad", "good"], index=[7, 0, 3])
    labels = pd.Series(["pos", "neg", "pos"], index=[7, 0, 3])
    model = sk.build_classifier(like=texts, labels=labels, units=2, embedding=2)
    page = sk.report(model, texts, labels).html
    assert all(f"sample {at}: " in page for at in range(3))


def test_a_classifier_without_attention_says_so():
    model = sk.build_classifier(like=series(), labels=LABELS, units=2, attention="none")
    assert "There are no attention maps: this classifier has no attention over steps" in sk.report(model, series()).html


@pytest.mark.parametrize("option", [{"backtest": 2}, {"levels": (80,)}, {"rows": 5}])
def test_what_is_for_forecasters_is_refused(model, option):
    with pytest.raises(sk.InvalidValue, match=f"{next(iter(option))}= is for forecasters, and this model is a class"):
        sk.report(model, series(), **option)


def test_doubt_is_the_small_lead_or_the_nearness_to_a_half():
    assert doubts_of(np.array([[0.9, 0.1, 0.0], [0.5, 0.5, 0.0]]), False) == pytest.approx([0.2, 1])
    assert doubts_of(np.array([[0.9, 0.1], [0.99, 0.5]]), True) == pytest.approx([0.2, 1])
