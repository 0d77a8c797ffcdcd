"""Where a classifier looks: its weights, maps of them, and sums by class, of models whose attention is set by hand."""

import base64
import logging
import re

import numpy as np
import pandas as pd
import pytest
from hand_set import hand_set, series_classifier, text_classifier
from matplotlib import font_manager
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

import seqkit
from seqkit.classification import text_map as _text_map

LOUD, QUIET = 4.0, 0.0  # scores of words that are attended to and of those that are not
DAYS = pd.date_range("2024-02-26", periods=7, freq="D")


def softmax(scores):
    return np.exp(scores) / np.exp(scores).sum()


@pytest.fixture(scope="module")
def reader():
    return text_classifier({"good": (0.9, LOUD), "bad": (-0.9, LOUD), "film": (0, QUIET), "the": (0, QUIET)})


@pytest.fixture(scope="module")
def watcher():
    return series_classifier()


def series(*scores, meaning=0.0):
    """Steps with these attention scores, which all speak for the class `"up"` as much as `meaning`."""
    return np.stack([np.arctanh(np.full(len(scores), meaning)), np.arctanh(np.array(scores) / 5)], axis=1)


# Weights


def test_a_words_weight_is_the_softmax_of_its_score(reader):
    (weights,) = seqkit.step_attention(reader, ["the good film"])
    np.testing.assert_allclose(weights, softmax(np.array([QUIET, LOUD, QUIET])), atol=1e-5)


def test_each_sample_has_its_own_weights_without_padding_in_the_order_given(reader):
    texts = [" ".join(["film"] * (1 + 5 * number % 13)) + " good" for number in range(37)]
    found = seqkit.step_attention(reader, texts)
    assert [len(one) for one in found] == [2 + 5 * number % 13 for number in range(37)]
    for one in found:
        np.testing.assert_allclose(one, softmax(np.array([QUIET] * (len(one) - 1) + [LOUD])), atol=1e-5)


def test_a_text_without_words_has_no_weights_and_changes_none(reader):
    empty, blank, unknown, good = seqkit.step_attention(reader, ["", " \n ", "unheard-of", "good film"])
    assert (len(empty), len(blank)) == (0, 0)
    np.testing.assert_allclose(unknown, [1])
    np.testing.assert_allclose(good, softmax(np.array([LOUD, QUIET])), atol=1e-5)


def test_series_of_unequal_length_have_a_weight_for_each_step(watcher):
    short, long = seqkit.step_attention(watcher, [series(0, 4, 0), series(2, 0, 0, 0, 3)])
    np.testing.assert_allclose(short, softmax(np.array([0, 4, 0])), atol=1e-5)
    np.testing.assert_allclose(long, softmax(np.array([2, 0, 0, 0, 3])), atol=1e-5)


def test_a_step_skipped_for_a_missing_value_has_no_weight(watcher):
    sample = series(0, 4, 0, 2, 0)
    sample[1, 0] = np.nan
    (weights,) = seqkit.step_attention(watcher, [sample])
    assert weights[1] == 0
    np.testing.assert_allclose(weights[[0, 2, 3, 4]], softmax(np.array([0, 0, 2, 0])), atol=1e-5)


def test_attention_weights_and_gates_take_what_the_classifier_takes(reader, watcher):
    texts, samples = ["the good film", "bad"], [series(0, 4, 0), series(1, 2)]
    assert seqkit.attention_weights(reader, texts)["attention"].shape == (2, 3)
    assert seqkit.attention_weights(reader, pd.Series(texts))["attention"].shape == (2, 3)
    assert seqkit.attention_weights(watcher, samples)["attention"].shape == (2, 3)
    assert next(iter(seqkit.gates(reader, texts).values())).hidden.shape == (2, 3, 2)
    numbers = reader.network_input(texts, "test")  # what the graph itself reads goes on as it is
    np.testing.assert_array_equal(seqkit.attention_weights(reader, numbers)["attention"][0, 1:].argmin(), 1)


@pytest.mark.parametrize(
    "look", [seqkit.step_attention, seqkit.attention_map, seqkit.attention_by_class, seqkit.deletion_curve]
)
def test_a_model_without_attention_over_steps_is_refused(look):
    blind = {name: text_classifier(attention=name, units=(2, 2)) for name in ("none", "layers")}
    for name, model in blind.items():
        with pytest.raises(ValueError, match=rf"no attention over steps \(attention='{name}'\).*attention='tanh'"):
            look(model, ["the film"])
    unknowing = seqkit.build_classifier(features=2, labels=["a", "b"], units=2)
    with pytest.raises(ValueError, match=r"not seen the training series yet.*model.adapt"):
        look(unknowing, [series(0, 1)])
    with pytest.raises(TypeError, match="model must be a Classifier, got Functional"):
        look(blind["none"].with_attention(), ["the film"])


# Maps of texts


def spans(html):
    """Each word of the HTML with the share of colour it stands on."""
    found = re.findall(r"rgba\([\d, ]+ ([\d.]+)\)[^>]*>([^<]*)</span>", html)
    return [(word, float(shade)) for shade, word in found]


def test_html_shades_the_words_as_they_are_written(reader):
    html = seqkit.attention_map(reader, ["The  GOOD film!"])._repr_html_()
    words, shades = zip(*spans(html), strict=True)
    assert words == ("The", "GOOD", "film", "!")
    assert "</span> <span" in html
    assert "film</span><span" in html
    assert shades[1] == pytest.approx(0.7)
    assert max(shades[0], *shades[2:]) < 0.05


def test_even_attention_is_pale_all_over(reader):
    html = seqkit.attention_map(reader, ["the film the film the film the"])._repr_html_()
    assert {shade for _, shade in spans(html)} == {0.23}
    assert "7 words, largest weight 0.14, even attention 0.14" in html


def test_html_says_the_predicted_class_and_its_probability(reader):
    text = "good film"
    html = seqkit.attention_map(reader, [text])._repr_html_()
    assert f"<b>up (probability {reader.predict([text], verbose=0).max():.2f})</b>" in html


def test_nothing_of_the_texts_or_labels_is_read_as_html():
    model = text_classifier({"&": (0, LOUD), "b": (0, QUIET)}, labels=("<i>", "<script>"))
    html = seqkit.attention_map(model, ["<script>alert('b')</script> & \"b\" <img onerror=b>"])._repr_html_()
    assert set(re.findall(r"<(\w+)", html)) == {"div", "b", "small", "span"}
    assert re.search(r"<b>&lt;(i|script)&gt; \(probability 0.\d\d\)</b>", html)
    assert spans(html)[0][0] == "&lt;"


def test_a_word_that_the_vocabulary_lacks_is_underlined(reader):
    html = seqkit.attention_map(reader, ["good filmography"])._repr_html_()
    assert re.search("underline dotted[^>]*>filmography<", html)
    assert html.count("underline") == 1
    assert _text_map.UNKNOWN_NOTE in html
    assert _text_map.UNKNOWN_NOTE not in seqkit.attention_map(reader, ["good"])._repr_html_()


def test_chinese_stands_without_spaces_each_character_shaded():
    model = text_classifier({"差": (-0.9, LOUD), "不": (0, QUIET), "电": (0, QUIET), "影": (0, QUIET)})
    html = seqkit.attention_map(model, ["电影不差"])._repr_html_()
    assert [word for word, _ in spans(html)] == list("电影不差")
    assert "</span> " not in html
    assert max(spans(html), key=lambda one: one[1])[0] == "差"


def test_lower_case_of_another_length_falls_back_on_the_tokens():
    assert _text_map.as_written("İyi film", ["i̇yi", "film"]) == [(False, "i̇yi"), (True, "film")]


def test_a_figure_wraps_words_to_lines_within_its_width(reader, tmp_path):
    texts = ["the good film , " * 29, "", "good " + "film" * 99]
    drawn = seqkit.attention_map(reader, texts)
    drawn.save(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    figure = drawn.figure()
    right = figure.bbox.width
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert max(box.x1 for box in boxes) < right
    assert min(box.y0 for box in boxes) > 0
    assert len({round(text.get_position()[1], 3) for text in figure.axes[0].texts if text.get_text() == "film"}) > 3


def test_a_figure_shades_the_word_that_is_attended_to(reader):
    panel = seqkit.attention_map(reader, ["the good film"]).figure().axes[0]
    shades = [np.mean(box.get_facecolor()[:3]) for box in panel.patches]
    assert np.argmin(shades) == 1
    written = [text.get_text() for text in panel.texts]
    assert written[-3:] == ["the", "good", "film"]
    assert written[0].startswith("up (probability 0.")


@pytest.mark.parametrize("word", ["乘客", "US$ and HK$", r"$\bad$", "😀\t\x07", "長" * 99], ids=ascii)
def test_any_word_is_drawn_without_a_word(word, reader, monkeypatch, caplog, tmp_path):
    own = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    with caplog.at_level(logging.WARNING):
        seqkit.attention_map(reader, [word]).save(tmp_path / "map.png")
    assert not caplog.records


def test_with_several_labels_all_that_hold_are_said_or_none():
    model = text_classifier({"good": (0.9, LOUD), "film": (0, QUIET)}, multi_label=True)
    hand_set(model, bias=[-0.5, 0.5])
    html = seqkit.attention_map(model, ["good film", "film"])._repr_html_()
    assert re.search(r"<b>up \(probability 0\.\d\d\)</b>", html)
    hand_set(model, bias=[-1.0, -2.0])
    assert "none of 2 classes (highest: down, probability 0.27)" in seqkit.attention_map(model, ["film"])._repr_html_()


# Maps of series


def curves(figure):
    panels = [axes for axes in figure.axes if axes.get_ylabel() != "weight"]
    return [one for axes in panels for one in axes.collections if isinstance(one, LineCollection)]


def test_a_curve_is_coloured_by_weight_on_its_own_time_axis(watcher):
    samples = [series(0, 4, 0), series(2, 0, 0, 0, 3)]
    stamps = [DAYS[:3], DAYS[[0, 1, 2, 4, 6]]]
    figure = seqkit.attention_map(watcher, samples, index=stamps, columns=["pressure", "flow"]).figure()
    assert [axes.get_ylabel() for axes in figure.axes] == ["pressure", "flow"] * 2 + ["weight"] * 2
    assert [axes.get_title("left").split(" (probability 0.")[0] for axes in figure.axes[::2][:2]] == [
        "series 0: down",
        "series 1: down",
    ]
    lines = curves(figure)
    weights = seqkit.step_attention(watcher, samples)
    for line, weight in zip(lines, np.repeat(np.array(weights, dtype=object), 2), strict=True):
        np.testing.assert_array_equal(line.get_array(), weight)
    middle = [segment[1] for segment in lines[3].get_segments()]
    np.testing.assert_allclose(np.diff([x for x, _ in middle]), [1, 1, 2, 2])
    np.testing.assert_allclose([y for _, y in middle], samples[1][:, 1])


def test_a_missing_step_leaves_a_gap(watcher, tmp_path):
    sample = series(0, 4, 0, 2, 0)
    sample[1, 0] = np.nan
    drawn = seqkit.attention_map(watcher, [sample])
    drawn.save(tmp_path / "map.png")
    points = [segment[1] for segment in curves(drawn.figure())[0].get_segments() if len(segment) > 1]
    assert 1.0 not in [x for x, _ in points]


@pytest.mark.parametrize(
    "index", [[0.0, 0.1, 0.7], np.array([3, 5, 11]), DAYS[:3], list(DAYS[:3]), DAYS[:3].to_period()]
)
def test_one_index_may_be_for_all_series(index, watcher):
    figure = seqkit.attention_map(watcher, [series(0, 4, 0), series(1, 0, 2)], index=index).figure()
    first, second = ([segment[1][0] for segment in curves(figure)[place].get_segments()] for place in (0, 2))
    assert first == second
    assert np.diff(first)[0] > 0


def test_a_notebook_shows_series_as_an_image(watcher):
    html = seqkit.attention_map(watcher, [series(0, 4, 0)])._repr_html_()
    (png,) = re.findall('^<img alt="attention map" src="data:image/png;base64,([^"]+)">$', html)
    assert base64.b64decode(png).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"index": DAYS[:2]}, ValueError, "each of the 3 steps of series 0, got 2.*a list with an index for each"),
        ({"index": [DAYS[:3], DAYS[:5]]}, ValueError, "each of the 2 steps of series 1, got 5"),
        ({"index": [DAYS[:3]]}, ValueError, "one index for all series or one for each of 2, got 1"),
        ({"index": [["a", "b", "c"], ["d", "e"]]}, TypeError, "time stamps or numbers, got .*pd.to_datetime"),
        ({"index": "2024"}, TypeError, "time stamps or numbers.*got str"),
        ({"index": 3}, TypeError, "time stamps or numbers.*got int"),
        ({"index": [[0, 2, 1], [0, 1]]}, ValueError, "series 0 must rise from step to step"),
        ({"index": [[0, 1, 2], [0, np.nan]]}, ValueError, "series 1 must rise from step to step"),
        ({"columns": ["flow"]}, ValueError, "columns must be a list of 2 names"),
        ({"columns": "ab"}, ValueError, "columns must be a list of 2 names"),
    ],
)
def test_an_index_or_names_that_do_not_fit_are_refused(options, error, message, watcher):
    with pytest.raises(error, match=f"attention_map: .*{message}"):
        seqkit.attention_map(watcher, [series(0, 4, 0), series(1, 2)], **options)


def test_an_index_of_texts_and_too_much_to_look_at_are_refused(reader, watcher):
    with pytest.raises(ValueError, match="index and columns are for series"):
        seqkit.attention_map(reader, ["the film"], index=[0, 1])
    with pytest.raises(ValueError, match=r"53 panels are too many to look at, 50 at most. Pass a few: x\[:5\]"):
        seqkit.attention_map(reader, ["the film"] * 53)
    with pytest.raises(ValueError, match="58 panels are too many"):
        seqkit.attention_map(watcher, [series(0, 1)] * 29)


# By class


def test_words_are_ranked_by_their_mean_weight_in_the_class_that_was_predicted(reader):
    texts = ["the good film", "good film", "the bad film", "bad bad", "the film good the"]
    table = seqkit.attention_by_class(reader, texts)
    assert list(table.columns) == ["class", "word", "mean_weight", "times_even", "count"]
    down, up = table[table["class"] == "down"], table[table["class"] == "up"]
    assert list(down["word"]) == ["bad"]
    assert list(up["word"]) == ["good", "film", "the"]
    assert list(up["count"]) == [3, 3, 3]
    own = [softmax(np.array([LOUD] + [QUIET] * others))[0] for others in (2, 1, 3)]
    assert up["mean_weight"].iloc[0] == pytest.approx(np.mean(own), abs=1e-5)
    assert up["times_even"].iloc[0] == pytest.approx(np.mean(np.array(own) * [3, 2, 4]), abs=1e-5)


def test_given_labels_come_before_predicted_ones(reader):
    table = seqkit.attention_by_class(reader, ["the good film", "good"], ["down", "down"], least_count=1)
    assert set(table["class"]) == {"down"}
    assert dict(zip(table["word"], table["count"], strict=True)) == {"good": 2, "film": 1, "the": 1}


def test_words_are_left_out_where_they_are_rare_or_beyond_the_most(reader):
    texts = ["the good film", "good film", "odd good"]
    assert "the" not in set(seqkit.attention_by_class(reader, texts)["word"])
    assert "[UNK]" in set(seqkit.attention_by_class(reader, texts, least_count=1)["word"])
    assert list(seqkit.attention_by_class(reader, texts, most_words=1)["word"]) == ["good"]
    nothing = seqkit.attention_by_class(reader, texts, least_count=7)
    assert nothing.empty
    assert "word" in nothing
    with pytest.raises(ValueError, match="plot_attention_by_class: table has no rows.*least_count=1"):
        seqkit.plot_attention_by_class(nothing)


def test_the_attention_on_series_is_summed_up_by_position(watcher):
    late, early = series(0, 0, 0, 0, 4.5, meaning=0.9), series(*[4.5, *[0] * 40], meaning=-0.9)
    table = seqkit.attention_by_class(watcher, [late, early, late[:3]])
    np.testing.assert_allclose(table.sum(), 1, atol=1e-5)
    assert list(table.index[[0, -1]]) == [0.025, 0.975]
    assert (table.index.name, list(table.columns)) == ("position", ["down", "up"])
    half = softmax(np.array([0, 0, 0, 0, 4.5]))[4] / 4 / 2  # its last step covers four of the twentieths
    assert table["up"].iloc[-4:].to_numpy() == pytest.approx(half + 1 / 20 / 2, abs=1e-4)
    first = softmax(np.array([4.5, *[0] * 40]))
    assert table["down"].iloc[0] == pytest.approx(first[0] + 1.05 * first[1], abs=1e-4)  # 41 steps: 2.05 in the first


def test_a_class_without_samples_has_no_attention(watcher):
    table = seqkit.attention_by_class(watcher, [series(0, 1)], ["up"])
    assert table["down"].isna().all()
    assert table["up"].sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["up", "upp"], "the class 'upp' is unknown to the model.*Did you mean 'up'"),
        (["up"], "2 samples and 1 labels"),
    ],
)
def test_labels_that_do_not_fit_are_refused(y, message, reader):
    with pytest.raises(ValueError, match=f"attention_by_class: .*{message}"):
        seqkit.attention_by_class(reader, ["good", "bad film"], y)


def test_a_picture_by_class_has_a_panel_of_words_for_each(reader):
    table = seqkit.attention_by_class(reader, ["the good film", "good film", "bad bad the the"])
    figure = seqkit.plot_attention_by_class(table, title="词")
    assert [axes.get_title("left") for axes in figure.axes] == ["down", "up"]
    assert [text.get_text() for text in figure.axes[1].get_yticklabels()] == ["good", "film"]
    widths = [bar.get_width() for bar in figure.axes[1].patches]
    assert widths == table.loc[table["class"] == "up", "mean_weight"].tolist()
    bottom, top = figure.axes[1].get_ylim()
    assert bottom > top  # the largest stands on top


def test_a_picture_by_class_has_a_line_over_positions_for_each(watcher, tmp_path):
    table = seqkit.attention_by_class(watcher, [series(0, 4, meaning=0.9), series(1, 1, meaning=-0.9)])
    figure = seqkit.plot_attention_by_class(table)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["down", "up"]
    np.testing.assert_array_equal(axes.get_lines()[2].get_ydata(), table["up"])
    own = Figure()
    assert seqkit.plot_attention_by_class(table, ax=own.add_subplot()) is own
    with pytest.raises(TypeError, match="table must be what attention_by_class returned, got list"):
        seqkit.plot_attention_by_class([table])
