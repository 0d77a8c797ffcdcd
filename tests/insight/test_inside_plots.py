"""Pictures of a model's inside: what is on them, that any word can be drawn, and what they refuse."""

import logging
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from seqkit.insight.plots import plot_attention, plot_gates, plot_gradient_flow

SAMPLES, STEPS, UNITS, QUERIES = 2, 11, 5, 3
DAYS = pd.date_range("2024-02-26", periods=STEPS, freq="D")
CHINESE = list("这部电影一点也不差啊！")
LSTMGates = namedtuple("LSTMGates", "forget input output candidate cell hidden")
GRUGates = namedtuple("GRUGates", "update reset candidate hidden")
SimpleRNNStates = namedtuple("SimpleRNNStates", "hidden")


def layer(kind=LSTMGates, steps=STEPS):
    """Gates from 0 to 1 and states from -1 to 1, but a cell state of up to 7."""
    numbers = np.random.default_rng(3).random((len(kind._fields), SAMPLES, steps, UNITS))
    scaled = {
        name: {"candidate": 2 * one - 1, "cell": 14 * one - 7, "hidden": 2 * one - 1}.get(name, one)
        for name, one in zip(kind._fields, numbers, strict=True)
    }
    return kind(**scaled)


def attention(*shape):
    numbers = np.random.default_rng(5).random(shape)
    return numbers / numbers.sum(axis=-1, keepdims=True)


def flow(rate, steps=STEPS, **columns):
    return pd.DataFrame({"memory": rate ** np.arange(steps)[::-1], **columns}).rename_axis("timestep")


def heads(figure):
    return [axes.get_title("left").split(":")[0] for axes in figure.axes if axes.get_title("left")]


def mesh(axes):
    return next(one for one in axes.collections if isinstance(one, QuadMesh))


def ticks(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def legend_of(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def pictures(word):
    """Every kind of picture, with `word` wherever a user's own words go."""
    words = [word] * STEPS
    return [
        plot_gates({word: layer()}, index=words),
        plot_gradient_flow({word: flow(0.5), word + "b": flow(0.7, other=0.1)}, title=word),
        plot_attention(attention(SAMPLES, STEPS), tokens=words, title=word),
        plot_attention(attention(SAMPLES, STEPS), values=pd.Series(range(STEPS), name=word), tokens=words),
        plot_attention(attention(SAMPLES, QUERIES, STEPS), tokens=(words, words[:QUERIES]), title=word),
    ]


@pytest.fixture
def only_matplotlibs_fonts(monkeypatch):
    own = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)


# Gates


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (LSTMGates, ["forget gate", "input gate", "output gate", "candidate", "cell state", "hidden state"]),
        (GRUGates, ["update gate", "reset gate", "candidate", "hidden state"]),
        (SimpleRNNStates, ["hidden state"]),
    ],
)
def test_every_part_of_a_layer_has_its_own_panel(kind, names, tmp_path):
    figure = plot_gates(layer(kind))
    assert heads(figure) == names
    figure.savefig(tmp_path / "gates.svg")


def test_a_panel_has_units_down_and_time_across():
    gates = layer()
    figure = plot_gates(gates, sample=1)
    np.testing.assert_array_equal(mesh(figure.axes[0]).get_array(), gates.forget[1].T)
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top  # unit 0 stands on top


def test_gates_stand_on_0_to_1_and_states_around_0():
    panels = plot_gates(layer()).axes
    assert [mesh(panel).get_clim() for panel in panels[:3]] == [(0, 1)] * 3
    for panel, most in zip(panels[3:6], (1, 7, 1), strict=True):
        low, high = mesh(panel).get_clim()
        assert low == -high
        assert 0.9 * most < high <= most


def test_the_first_layer_is_drawn_unless_another_is_named():
    found = {"memory": layer(), "forgetful": layer(GRUGates)}
    assert plot_gates(found).get_suptitle() == "memory"
    figure = plot_gates(found, layer="forgetful")
    assert figure.get_suptitle() == "forgetful"
    assert heads(figure)[0] == "update gate"
    assert plot_gates(found, title="Two layers").get_suptitle() == "Two layers"


def test_only_the_units_asked_for_are_drawn_under_their_own_numbers():
    gates = layer()
    panel = plot_gates(gates, units=[4, 1]).axes[0]
    np.testing.assert_array_equal(mesh(panel).get_array(), gates.forget[0][:, [4, 1]].T)
    assert ticks(panel.yaxis) == ["4", "1"]
    assert ticks(plot_gates(gates, units=3).axes[0].yaxis) == ["3"]


def test_time_stands_in_the_datas_own_stamps():
    panel = plot_gates(layer(SimpleRNNStates), index=DAYS).axes[0]
    assert "29" in ticks(panel.xaxis)
    assert panel.get_xlabel() == ""
    assert plot_gates(layer(SimpleRNNStates)).axes[0].get_xlabel() == "timestep (0 is the first)"


@pytest.mark.parametrize("words", [CHINESE, np.array(CHINESE), [word.encode() for word in CHINESE]])
def test_time_stands_in_the_datas_own_words(words, monkeypatch):
    monkeypatch.setattr("seqkit.drawing.fonts.Writer._escape", lambda self, character: character)
    assert ticks(plot_gates(layer(SimpleRNNStates), index=words).axes[0].xaxis) == CHINESE


def test_words_that_do_not_fit_stand_upright_and_then_are_thinned():
    short, long = (plot_gates(layer(SimpleRNNStates), index=["word" * many] * STEPS).axes[0].xaxis for many in (1, 3))
    assert {text.get_rotation() for text in short.get_ticklabels()} == {0}
    assert {text.get_rotation() for text in long.get_ticklabels()} == {90}
    crowded = plot_gates(layer(SimpleRNNStates, steps=997), index=["word"] * 997).axes[0]
    assert 20 < len(crowded.get_xticks()) < 60


def test_names_of_several_words_are_broken_before_they_stand_upright():
    panel = plot_attention(attention(SAMPLES, 7), tokens=["pressure at sea level"] * 7).axes[0]
    assert ticks(panel.xaxis)[0] == "pressure at\nsea level"


def test_blanks_and_line_ends_can_be_seen():
    tokens = [" ", "\n", "a\tb", ""]
    assert ticks(plot_attention(attention(1, 4), tokens=tokens).axes[0].xaxis) == ["␣", r"\n", r"a\tb", ""]


def test_values_off_the_scale_or_unknown_are_drawn_without_a_word(tmp_path):
    strange = LSTMGates(*(np.full((1, 1, 1), value) for value in (2, -1, np.nan, np.inf, 0, -0.5)))
    plot_gates(strange, index=DAYS[:1]).savefig(tmp_path / "gates.png")


def test_gates_go_on_the_callers_own_axes():
    own = Figure()
    panels = own.subplots(2, 2)
    assert plot_gates({"memory": layer(GRUGates)}, ax=panels, title="GRU") is own
    assert panels[0, 0].get_title("left") == "GRU\nupdate gate: 1 keeps the state"
    assert [panel.get_ylabel() for panel in panels.flat] == ["unit"] * 4


# Gradients


def test_a_gradient_flow_has_a_line_for_each_layer_over_powers_of_ten():
    figure = plot_gradient_flow(flow(0.5, _other=0.3))
    assert legend_of(figure) == ["memory", "_other"]
    axes = figure.axes[0]
    assert (axes.get_yscale(), axes.get_xlabel()) == ("log", "timestep (0 is the first)")
    assert axes.get_ylabel() == "norm of d loss / d h_t"
    assert axes.get_lines()[0].get_ydata()[0] == 0.5**10


def test_models_are_compared_by_their_labels():
    compared = {"SimpleRNN": flow(0.5), "LSTM": flow(0.9)["memory"], "GRU": flow(0.9, second=0.5)}
    assert legend_of(plot_gradient_flow(compared)) == ["SimpleRNN", "LSTM", "GRU: memory", "GRU: second"]


def test_a_norm_of_0_is_marked_on_the_lower_edge_and_an_overflow_on_the_upper(tmp_path):
    figure = plot_gradient_flow({"gone": pd.Series([0.0, 0.0, 1e-7]), "burst": pd.Series([np.inf, 1e9, 1.0])})
    zeros, overflow = (line for line in figure.axes[0].get_lines() if line.get_marker() in "v^")
    assert zeros.get_xdata().tolist() == [0, 1]
    assert overflow.get_xdata().tolist() == [0]
    assert set(zeros.get_ydata()) == {figure.axes[0].get_ylim()[0]}
    assert set(overflow.get_ydata()) == {figure.axes[0].get_ylim()[1]}
    assert legend_of(figure) == ["gone", "burst", "exactly 0", "overflow"]
    figure.savefig(tmp_path / "flow.png")


@pytest.mark.parametrize("norms", [[0.0, 0.0], [np.nan, np.nan], [1.0, 1.0], [5e-324, 1e308], [0.31, 0.32]], ids=str)
def test_any_norms_are_drawn_within_the_picture(norms, tmp_path):
    figure = plot_gradient_flow(pd.DataFrame({"memory": norms}))
    low, high = figure.axes[0].get_ylim()
    assert 0 < low < high < np.inf
    figure.savefig(tmp_path / "flow.png")


@pytest.mark.parametrize(("steps", "shown"), [(7, "0.02"), (53, "1e-12")])
def test_powers_of_ten_are_written_without_a_formula(steps, shown):
    assert shown in ticks(plot_gradient_flow(flow(0.5, steps)).axes[0].yaxis)


def test_a_gradient_flow_may_stand_on_dates():
    axes = plot_gradient_flow(flow(0.5).set_index(DAYS)).axes[0]
    assert "29" in ticks(axes.xaxis)
    assert axes.get_xlabel() == ""


# Attention


def test_weights_over_words_are_bars():
    weights = attention(SAMPLES, STEPS)
    axes = plot_attention({"look": weights}, tokens=[f"w{n}" for n in range(STEPS)], sample=1).axes[0]
    assert [bar.get_height() for bar in axes.patches] == weights[1].tolist()
    assert axes.get_ylabel() == "weight"
    shades = [np.mean(bar.get_facecolor()[:3]) for bar in axes.patches]
    assert np.argmin(shades) == np.argmax(weights[1])


def test_weights_shade_the_curve_that_was_read():
    weights = attention(SAMPLES, STEPS)
    curve = pd.Series(np.arange(STEPS) % 3, index=DAYS, name="passengers")
    axes, scale = plot_attention(weights, values=curve).axes
    assert axes.get_lines()[0].get_ydata().tolist() == curve.tolist()
    np.testing.assert_array_equal(mesh(axes).get_array(), weights[:1])
    assert (axes.get_ylabel(), scale.get_ylabel()) == ("passengers", "weight")
    assert "29" in ticks(axes.xaxis)


def test_weights_of_queries_are_a_matrix_of_target_by_source_words():
    weights = attention(SAMPLES, QUERIES, 5)
    axes, _ = plot_attention(weights, tokens=(["der", "Hund", "bellt", "laut", "."], ["the", "dog", "barks"])).axes
    np.testing.assert_array_equal(mesh(axes).get_array(), weights[0])
    assert ticks(axes.xaxis) == ["der", "Hund", "bellt", "laut", "."]
    assert ticks(axes.yaxis) == ["the", "dog", "barks"]
    assert axes.get_ylim() == (2.5, -0.5)


def test_a_matrix_may_look_at_dates():
    axes, _ = plot_attention(attention(SAMPLES, QUERIES, STEPS), index=DAYS).axes
    assert "29" in ticks(axes.xaxis)
    assert axes.get_ylabel() == "query"


@pytest.mark.parametrize(
    "arguments",
    [
        {"weights": [[0.2, np.nan, 0.8]]},
        {"weights": [[0.0, 0.0, 0.0]], "values": [np.nan] * 3},
        {"weights": [[0.2, 0.5, 0.3]], "values": [7, 7, 7], "index": DAYS[[0, 1, 9]].tz_localize("Asia/Shanghai")},
        {"weights": [[1.0]], "index": pd.DatetimeIndex(["0001-01-01"])},
        {"weights": [[0.5, 0.5]], "index": pd.DatetimeIndex(["9999-11-30", "9999-12-31"])},
        {"weights": np.eye(3)[None], "tokens": (None, ["a", "b", "c"])},
    ],
    ids=["unknown weight", "padding only", "uneven stamps", "year 1", "year 9999", "words of the target only"],
)
def test_unusual_weights_are_drawn_without_a_word(arguments, tmp_path):
    plot_attention(**arguments).savefig(tmp_path / "attention.png")


# Words and figures


@pytest.mark.parametrize(
    "word", ["乘客", "US$ and HK$", r"$\bad$", "_hidden", "😀\t\x07\ud800", "", "長" * 99], ids=ascii
)
def test_any_word_is_drawn_without_a_word(word, tmp_path, only_matplotlibs_fonts, caplog):
    with caplog.at_level(logging.WARNING):
        for figure in pictures(word):
            figure.savefig(tmp_path / "picture.png")
    assert not caplog.records


def test_words_that_no_font_has_are_escaped_and_a_footnote_says_why(only_matplotlibs_fonts):
    for figure in pictures("乘"):
        drawn = " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))
        assert r"\u4e58" in drawn
        assert "in no installed font" in drawn


def test_a_picture_needs_neither_pyplot_nor_keras():
    program = (
        "import sys; from seqkit.insight.plots import plot_attention; figure = plot_attention([[0.2, 0.8]]);"
        "assert figure._repr_png_().startswith(b'\\x89PNG'); assert not {'matplotlib.pyplot', 'keras'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    "draw",
    [lambda ax: plot_gradient_flow(flow(0.5), ax=ax, title="T"), lambda ax: plot_attention([[1.0]], ax=ax, title="T")],
)
def test_a_single_panel_goes_on_the_callers_own_axes(draw):
    own = Figure()
    panel = own.add_subplot()
    assert isinstance(panel, Axes)
    assert draw(panel) is own
    assert panel.get_title() == "T"


# What is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"found": np.zeros((2, 3))}, TypeError, "found must be what gates.* returned.*got ndarray"),
        ({"found": {"memory": 3}}, TypeError, "found must be what gates.* returned.*got int"),
        ({"found": {}}, ValueError, "holds no layers"),
        ({"found": SimpleRNNStates(np.zeros((2, 3)))}, ValueError, "must be .samples, timesteps, units.*got .2, 3"),
        ({"layer": "memroy"}, ValueError, "layer must be one of 'memory', 'second'.*Did you mean 'memory'"),
        ({"found": layer(), "layer": "memory"}, ValueError, "got one layer. Leave layer out"),
        ({"sample": 2}, ValueError, "sample must be below 2.*got 2"),
        ({"sample": 0.5}, TypeError, "sample must be a whole number"),
        ({"units": [1, 5]}, ValueError, r"units must be numbers from 0 to 4.*got \[1, 5\]"),
        ({"units": []}, ValueError, "units must be numbers from 0 to 4, one or more"),
        ({"units": -1}, ValueError, "units must be 0 or more, got -1"),
        ({"index": "a sentence"}, TypeError, "index must be time stamps or a list of words.*got str"),
        ({"index": pd.DataFrame({"a": range(STEPS)})}, TypeError, "got DataFrame. Pass for example frame.index"),
        ({"index": DAYS[:7]}, ValueError, "one entry for each of 11 steps, got 7.*pad its words with ''"),
        ({"index": list(range(13))}, ValueError, r"for each of 11 steps, got 13.*index\[-11:\]"),
        ({"index": list(range(33))}, ValueError, r"segment=3.*index\[2::3\]"),
        ({"index": DAYS[::-1]}, ValueError, "time stamps that rise"),
        ({"index": DAYS[:1].repeat(STEPS)}, ValueError, "time stamps that rise"),
        ({"ax": Figure().subplots(1, 2)}, ValueError, "ax must be 6 axes.*'forget'.*got 2"),
    ],
)
def test_what_is_no_picture_of_gates_is_refused(arguments, error, message):
    with pytest.raises(error, match=f"plot_gates: .*{message}"):
        plot_gates(**{"found": {"memory": layer(), "second": layer()}} | arguments)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (None, TypeError, "flow must be what gradient_flow returned.*got NoneType"),
        ({"LSTM": [1.0]}, TypeError, r"flow\['LSTM'\] must be what gradient_flow returned.*got list"),
        ({}, ValueError, "holds no layers"),
        (flow(0.5)[:0], ValueError, "no timesteps"),
        (flow(0.5).astype(str), ValueError, "'memory' must hold norms"),
        (-flow(0.5), ValueError, "'memory' must hold norms, numbers of 0 or more"),
        (flow(0.5).rename(index=str), TypeError, "index must be timesteps or time stamps"),
        ({"a": flow(0.5), "b": flow(0.5).set_index(DAYS)}, TypeError, "the same in all"),
    ],
)
def test_what_is_no_gradient_flow_is_refused(given, error, message):
    with pytest.raises(error, match=f"plot_gradient_flow: .*{message}"):
        plot_gradient_flow(given)


ROW, MATRIX = attention(SAMPLES, STEPS), attention(SAMPLES, QUERIES, STEPS)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"weights": {"a": ROW, "b": ROW}}, ValueError, "one layer's, got 2: 'a', 'b'. Pass one of them"),
        ({"weights": {}}, ValueError, "one layer's, got 0"),
        ({"weights": ROW[0]}, ValueError, r"got shape \(11,\). Pass weights.None."),
        ({"weights": MATRIX[:, None]}, ValueError, "Choose one of several heads"),
        ({"weights": ROW[:0]}, ValueError, r"got shape \(0, 11\)"),
        ({"weights": [["a", "b"]]}, TypeError, "weights must hold numbers"),
        ({"sample": 2}, ValueError, "sample must be below 2"),
        ({"tokens": ["a", "b"]}, ValueError, "tokens must have one entry for each of 11 steps, got 2"),
        ({"tokens": CHINESE, "index": DAYS}, ValueError, "tokens and index both name the steps"),
        ({"values": range(7)}, ValueError, "values must have one entry for each of 11 steps, got 7"),
        ({"values": np.zeros((STEPS, 1))}, ValueError, "values must be one curve"),
        ({"values": CHINESE}, TypeError, "values must hold numbers, got list"),
        ({"weights": MATRIX, "tokens": CHINESE}, TypeError, "a pair.*source words, target words"),
        ({"weights": MATRIX, "tokens": (CHINESE, ["a"])}, ValueError, r"tokens\[1\] must have one entry for each of 3"),
        ({"weights": MATRIX, "values": range(STEPS)}, ValueError, "Choose one query"),
        ({"ax": "axes"}, TypeError, "ax must be matplotlib axes, got str"),
    ],
)
def test_what_is_no_picture_of_attention_is_refused(arguments, error, message):
    with pytest.raises(error, match=f"plot_attention: .*{message}"):
        plot_attention(**{"weights": ROW} | arguments)
