"""Whatever the public functions return shows itself in a few lines, in text and in notebooks."""

import functools
import typing

import keras
import numpy as np
import pandas as pd
import pytest
from task_rows import ROWS, images
from tiny_classifiers import build as classifier
from tiny_regressors import DOSES, SERIES
from tiny_regressors import build as regressor

import seqkit as sk
from seqkit._shown import as_html, described
from seqkit.captioning import answers as captioning
from seqkit.data.examples import IN_A_CHECKOUT
from seqkit.data.samples import Samples

MOST_LETTERS = 1250
LONG = [f"word{number}" for number in range(5000)]
WORDS = " ".join(LONG)
# What shows itself otherwise: pictures, pages, and what Keras and scikit-learn show.
ESTIMATORS = {sk.SeqkitClassifier, sk.SeqkitForecaster, sk.SeqkitRegressor}
OTHERS = {sk.Checkpoint, sk.Report, sk.RecurrentStack, sk.RecurrentModel, *ESTIMATORS}


def monthly(rows=3001):
    index = pd.date_range("2001-01-01", periods=rows, freq="D", name="day")
    return pd.DataFrame({"sales": 50 + np.arange(rows) % 7.0, "<b>price": np.arange(rows) + 1.0}, index)


def cells(kind):
    model = keras.Sequential([keras.Input((97, 2)), kind(31, name="memory")])
    return sk.gates(model, np.ones((5, 97, 2)))["memory"]


def by_hand():
    weights = {"W": np.ones((2, 31)), "R": np.ones((31, 31)), "b": np.ones(31), "W_o": np.ones((31, 1)), "b_o": [0.0]}
    return sk.simple_rnn_by_hand(np.ones((5, 97, 2)), np.ones((5, 1)), {k: np.array(v) for k, v in weights.items()})


@functools.cache
def backtest():
    model = sk.build_forecaster(horizon=3, timesteps=5, units=2, like=monthly(41))
    return sk.backtest(model, monthly(41), origins=2, epochs=1, seed=1, verbose=0, ets=False)


def attentive():
    texts = ["so good a film", "bad so bad"]
    return sk.build_classifier(like=texts, labels=["<i>pos", "neg"], units=2, embedding=2), texts


def class_scores():
    model, texts = attentive()
    return sk.score_classifier(model, texts, ["<i>pos", "neg"], train=(texts, ["<i>pos", "neg"]))


def tag_scores():
    row = ROWS["Tagger"]
    return sk.score_tagger(row.build(), row.x, row.y, train=(row.x, row.y))


def regression_scores():
    model = regressor()
    return sk.score_regressor(model, SERIES, DOSES, train=(SERIES, DOSES))


def deletion():
    model, texts = attentive()
    return sk.deletion_curve(model, texts, repeats=2)


def long_seq2seq():
    return sk.build_seq2seq(like=([WORDS], [WORDS]), units=2, embedding=2)


def pretrained():
    return sk.build_forecaster(horizon=3, like=monthly(41), weights="synthetic")


RESULTS = {
    "Anomalies": lambda: sk.anomalies(pretrained(), monthly(41)),
    "Alignment": lambda: ROWS["Seq2Seq"].build().alignments(ROWS["Seq2Seq"].x)[0],
    "AttentionMap": lambda: sk.attention_map(*attentive()),
    "Backtest": backtest,
    "Captioner": lambda: sk.build_captioner(like=(images(1), [WORDS]), units=2, embedding=2),
    "Captioner's AttentionMap": lambda: captioning.AttentionMap(("a", "cat"), np.ones((2, 7, 5))),
    "ClassScores": class_scores,
    "Classifier": lambda: classifier([WORDS, "b"], ["p", "n"]),
    "Deletion": deletion,
    "Explanation": lambda: sk.explain(pretrained(), monthly(41)),
    "ExplanationCheck": lambda: sk.check_explanation(pretrained(), monthly(41), windows=2, repeats=2),
    "Forecaster": lambda: sk.build_forecaster(horizon=3, timesteps=5, units=2, like=monthly(41)),
    "PretrainedForecaster": pretrained,
    "ForwardBackward": by_hand,
    "GRUGates": lambda: cells(keras.layers.GRU),
    "LSTMGates": lambda: cells(keras.layers.LSTM),
    "LanguageModel": lambda: sk.build_language_model(like=[WORDS], units=2, embedding=2),
    "Samples": lambda: sk.read_texts(IN_A_CHECKOUT / "verses.csv", text="text", label="book"),
    "Seq2Seq": long_seq2seq,
    "Sequences": lambda: sk.take_sequences(sk.load_example("digits"), series="picture", label="digit"),
    "RegressionScores": regression_scores,
    "Regressor": lambda: regressor(targets=pd.DataFrame([[1.0] * 9, [2.0] * 9] * 2 + [[3.0] * 9], columns=LONG[:9])),
    "SimpleRNNStates": lambda: cells(keras.layers.SimpleRNN),
    "Split": lambda: sk.split(monthly(), validation=500, test=500),
    "TagScores": tag_scores,
    "TaggedToken": lambda: sk.TaggedToken("Ann", "B-PER"),
    "Tagger": lambda: sk.build_tagger(like=[LONG], tags=[LONG], units=2, output="softmax"),
    "Vocabulary": lambda: sk.Vocabulary(LONG),
    "Window": lambda: sk.make_windows(monthly(), timesteps=997, horizon=503)[0],
    "Windows": lambda: sk.make_windows(monthly(), timesteps=997, horizon=503),
}


def classes_in(hint):
    """The classes of seqkit in a type such as `dict[str, LSTMGates | GRUGates]`."""
    parts = typing.get_args(hint)
    if parts:
        return {kind for part in parts for kind in classes_in(part)}
    return {hint} if isinstance(hint, type) and hint.__module__.startswith("seqkit") else set()


def returned(function):
    """The classes of seqkit that a public function returns, as its annotation says."""
    return classes_in(typing.get_type_hints(function)["return"])


def test_every_class_that_a_public_function_returns_is_in_the_table():
    public = [getattr(sk, name) for name in sk.__all__]
    kinds = {kind for kind in public if isinstance(kind, type) and not issubclass(kind, BaseException)}
    kinds |= {kind for function in public if not isinstance(function, type) for kind in returned(function)}
    assert {kind.__name__ for kind in kinds - OTHERS} <= set(RESULTS)


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_shows_itself_in_a_few_lines(name):
    result = RESULTS[name]()
    assert 10 < len(repr(result)) < MOST_LETTERS
    assert type(result).__name__ in repr(result)
    if name != "TaggedToken":
        assert "<b>price" not in result._repr_html_()
        assert "<i>pos" not in result._repr_html_()
        assert len(result._repr_html_()) < 5 * MOST_LETTERS


@pytest.mark.parametrize(
    "name", ["Captioner", "Classifier", "Forecaster", "LanguageModel", "Regressor", "Seq2Seq", "Tagger"]
)
def test_the_settings_of_a_model_show_themselves_in_a_few_lines(name):
    assert len(repr(RESULTS[name]().settings)) < 2 * MOST_LETTERS


def test_a_backtest_shows_its_scores_and_verdict():
    lines = [line.split() for line in repr(backtest()).splitlines()]
    assert lines[0] == ["Backtest"]
    assert ["scores", "mae", "rmse", "smape", "mase", "scaled_crps"] in lines
    assert ["verdict", "sales:", "no"] in [line[:3] for line in lines]


def test_a_forecaster_says_what_it_reads_and_forecasts():
    lines = [line.split(maxsplit=1) for line in repr(RESULTS["Forecaster"]()).splitlines()[1:6]]
    names = "'sales', '<b>price'"
    assert lines == [["columns", names], ["targets", names], ["frequency", "D"], ["timesteps", "5"], ["horizon", "3"]]


def test_windows_give_their_number_and_shapes():
    assert repr(sk.make_windows(np.arange(20.0)[:, None], timesteps=7, horizon=3)).splitlines() == [
        "Windows",
        "  windows  11",
        "  x        (7, 1) each: timesteps, features",
        "  y        (3, 1) each: horizon, targets",
        "  values   float32 (20, 1), 0 to 19",
    ]


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (np.array([[1.0, np.nan, -2.5]]), "float64 (1, 3), -2.5 to 1"),
        (np.array([np.nan]), "float64 (1,)"),
        (np.array([], "int64"), "int64 (0,)"),
        (np.array(["a"]), "<U1 (1,)"),
        ([np.zeros((2, 3)), np.ones(2)], "2 arrays, the first float64 (2, 3), 0 to 0"),
        ([], "none"),
        (["a" * 99, "b"], "'...', 'b'"),
        (0.123456, "0.1235"),
        (pd.DataFrame({"a": []}), "0 rows: 'a'"),
        (pd.Series(["x", "y", "x"]), "3 rows: 'x', 'y'"),
        (monthly(3), "3 rows, 2001-01-01 to 2001-01-03: 'sales', '<b>price'"),
        ({"W": np.zeros(2)}, "W float64 (2,), 0 to 0"),
    ],
)
def test_a_part_is_described_in_a_line(part, text):
    assert described(part) == text


def test_text_is_escaped_in_notebooks():
    shown = as_html(Samples(["<script>"], pd.Series(["<b>"]), pd.RangeIndex(1), []))
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "<b>'" not in shown
