"""The table of models that `test_task_contract` asks: a tiny one of each, and what it reads, answers and holds."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import tensorflow as tf
from tiny_classifiers import KINDS, answering, any_length, traced
from tiny_classifiers import build as classifier
from tiny_language_models import VERSES
from tiny_language_models import build as language_model
from tiny_regressors import DOSES
from tiny_regressors import TINY as TINY_REGRESSOR
from tiny_regressors import build as regressor
from tiny_seq2seq import SOURCES, TARGETS, series, shaken
from tiny_seq2seq import TINY as TINY_SEQ2SEQ
from tiny_taggers import SENTENCES, TAGS, weather, weeks
from tiny_taggers import TINY as TINY_TAGGER
from tiny_taggers import build as tagger

import seqkit as sk

CAPTIONS = ["a red cat", "a dog", "Two dogs!", "a red cat", "nothing"]
TINY_FORECASTER = {"timesteps": 7, "horizon": 3, "units": 3, "cell": "simple_rnn", "segment": 1, "dropout": 0.0}
TINY_CAPTIONER = {"units": 3, "embedding": 5, "cell": "gru", "dropout": 0.0}
START, END = 2, 3  # numbers of the marks in the vocabularies of targets and captions

Verbs = Mapping[str, Callable[[Any], Any]]  # the model's own, by name: called on its samples


class Unadapted(NamedTuple):
    """A model that has not seen its training samples yet, and what its verbs are called with."""

    build: Callable[[], Any]
    x: Any
    y: Any
    verbs: Verbs
    batches: Callable[[Any], Any] | None = None  # the row's own by default


class Row(NamedTuple):
    """What the contract needs to know of one model."""

    build: Callable[[], Any]  # adapted, its weights no longer the first ones, so that its answers differ
    x: Any  # its own raw samples, five of them
    y: Any  # its own raw answers; None where the samples hold them
    batches: Callable[[Any], Any]  # of a model: the arrays that it takes as Keras's own, (inputs, targets)
    verbs: Verbs
    served: Callable[[Any], Any]  # what its SavedModel answers to x
    live: Callable[[Any], Any]  # what the model itself answers, in the same form
    recurrent: int  # how many such layers it has
    sequences: int = 1  # that these read for each sample
    attention: tuple[str, ...] = ()  # the names of its layers of attention
    config: Mapping[str, Any] = MappingProxyType({"chosen_epochs": 13})  # what a config brings back beside settings
    unadapted: Unadapted | None = None


def images(count=5):
    return np.random.default_rng(7).normal(3, 2, (count, 7, 5, 3)).astype("float32")


def captioner():
    return shaken(sk.build_captioner(like=(images(), CAPTIONS), **TINY_CAPTIONER))


def monthly(rows=29):
    months = np.arange(rows)
    index = pd.date_range("2001-01-01", periods=rows, freq="MS", name="month")
    return pd.DataFrame({"sales": 100 + 3.0 * months + 7 * np.cos(months)}, index)


def cut():
    """Five windows and what follows each."""
    windows = [sk.make_windows(monthly(), timesteps=7, horizon=3)[place] for place in range(5)]
    return np.stack([one.x for one in windows]), np.stack([one.y for one in windows])


def forecaster():
    return shaken(sk.build_forecaster(like=monthly(), scaling="standard", **TINY_FORECASTER))


def translator():
    return shaken(sk.build_seq2seq(like=(SOURCES, TARGETS), **TINY_SEQ2SEQ), 4.0, 11)


def autoencoder():
    return sk.build_seq2seq(like=series(5), autoencoder=True, **TINY_SEQ2SEQ)


def unadapted_autoencoder():
    """Its builder always adapts; its config does not."""
    model = sk.Seq2Seq.from_config(autoencoder().get_config())
    model.compile(optimizer="adam", loss="mse")
    return model


def told(numbers):
    """What was said before each word, and the words themselves, their end mark included."""
    numbers = np.asarray(numbers, "int32")
    wanted = np.pad(numbers, ((0, 0), (0, 1)))
    wanted[np.arange(len(numbers)), (numbers != 0).sum(axis=1)] = END
    return np.pad(wanted, ((0, 0), (1, 0)), constant_values=START)[:, :-1], wanted


def translator_arrays(model):
    source, target = (one.encode(texts) for one, texts in zip(model.vocabularies, (SOURCES, TARGETS), strict=True))
    said, wanted = told(target)
    return (np.asarray(source, "int32"), said), wanted


def series_arrays(model):
    x = series(5)
    return (x, np.concatenate([np.full_like(x[:, :1], np.nan), x[:, :-1]], axis=1)), x


def captioner_arrays(model):
    said, wanted = told(model.vocabulary.encode(CAPTIONS))
    return (images(), said), wanted


def language_arrays(model):
    numbers = model.network_input(TEXTS, "test")
    return numbers[:, :-1], numbers[:, 1:]


def tagger_arrays(model, x=SENTENCES, y=TAGS):
    steps = max(map(len, y))
    tags = [[*map(model.tags.index, row), *[-1] * (steps - len(row))] for row in y]
    return model.network_input(x, "test"), np.array(tags, "int32")


def strings(tensor):
    return [one.decode() for one in tensor.numpy().tolist()]


def filled_up(sequences, filling):
    longest = max(map(len, sequences))
    return [[*one, *[filling] * (longest - len(one))] for one in sequences]


def classes_of_recordings(served):
    answer = served.serve(tf.constant(filled_up(RECORDINGS, [np.nan, np.nan]), tf.float32))
    return strings(answer["class"]), answer["probabilities"].numpy()


def number_of_recordings(served):
    return served.serve(tf.constant(filled_up(RECORDINGS, [np.nan, np.nan]), tf.float32))["value"].numpy()


def intervals(model):
    """Five samples promise 83 % at most."""
    model.calibrate(RECORDINGS, DOSES)
    return model.predict_interval(RECORDINGS, levels=(50, 80))


def tags_of_sentences(served):
    answer = served.serve_tokens(tf.constant(filled_up(SENTENCES, "")))
    return [strings(row) for row in answer["tags"]], answer["probabilities"].numpy()


def words_that_follow(served):
    answer = served.next_words(tf.constant(TEXTS), tf.constant(3))
    return [strings(row) for row in answer["words"]], answer["probabilities"].numpy()


def next_words(model):
    tables = model.next_words(TEXTS, 3)
    return [list(one["word"]) for one in tables], np.stack([one["probability"] for one in tables])


TEXTS = [*VERSES, "A dog sat."]
WINDOWS, FOLLOWING = cut()
RECORDINGS, WEEKS = any_length(), weeks()
ANSWERS_OF_CLASSIFIER = {
    "predict_proba": lambda model: model.predict_proba(RECORDINGS),
    "predict_classes": lambda model: model.predict_classes(RECORDINGS),
}

ROWS = {
    "Forecaster": Row(
        forecaster,
        WINDOWS,
        FOLLOWING,
        lambda model: (WINDOWS, FOLLOWING),
        {"forecast": lambda model: model.forecast(monthly())},
        lambda served: served.serve(WINDOWS)["forecast"].numpy(),
        lambda model: traced(model)(WINDOWS),
        recurrent=1,
        config={"chosen_epochs": 13, "asked": {"units": 3}, "trained_until": "2003-05-01T00:00:00"},
        unadapted=Unadapted(
            lambda: sk.build_forecaster(features=1, scaling="standard", **TINY_FORECASTER),
            WINDOWS,
            FOLLOWING,
            {"forecast": lambda model: model.forecast(monthly())},
        ),
    ),
    "PretrainedForecaster": Row(
        lambda: shaken(sk.build_forecaster(like=monthly(), timesteps=7, horizon=3, weights="synthetic"), 0.1),
        WINDOWS,
        FOLLOWING,
        lambda model: (WINDOWS, FOLLOWING),
        {
            "forecast": lambda model: model.forecast(monthly()),
            "predict_quantiles": lambda model: model.predict_quantiles(WINDOWS),
        },
        lambda served: served.serve(WINDOWS)["forecast"].numpy(),
        lambda model: traced(model)(WINDOWS),
        recurrent=2,
        sequences=4,  # values and logarithms, each of them upside down too
        config={"chosen_epochs": 13, "asked": {"weights": "synthetic"}, "trained_until": "2003-05-01T00:00:00"},
    ),
    "Classifier": Row(
        lambda: classifier(RECORDINGS, KINDS),
        RECORDINGS,
        KINDS,
        lambda model: (model.network_input(RECORDINGS, "test"), model.encode(KINDS)),
        ANSWERS_OF_CLASSIFIER,
        classes_of_recordings,
        lambda model: (model.predict_classes(RECORDINGS).tolist(), answering(model)(RECORDINGS)),
        recurrent=1,
        attention=("attention",),
        unadapted=Unadapted(
            lambda: sk.build_classifier(labels=sorted(set(KINDS)), features=2, units=3, cell="simple_rnn"),
            RECORDINGS,
            KINDS,
            {**ANSWERS_OF_CLASSIFIER, "calibrate": lambda model: model.calibrate(RECORDINGS, KINDS)},
        ),
    ),
    "Regressor": Row(
        regressor,
        RECORDINGS,
        DOSES,
        lambda model: (model.network_input(RECORDINGS, "test"), model.encoded_answers("test", DOSES)),
        {"predict_interval": intervals},
        number_of_recordings,
        lambda model: answering(model)(RECORDINGS),
        recurrent=1,
        attention=("attention",),
        unadapted=Unadapted(
            lambda: sk.build_regressor(features=2, targets="dose", **TINY_REGRESSOR),
            RECORDINGS,
            DOSES,
            {
                "predict_interval": lambda model: model.predict_interval(RECORDINGS),
                "calibrate": lambda model: model.calibrate(RECORDINGS, DOSES),
            },
        ),
    ),
    "Tagger": Row(
        tagger,
        SENTENCES,
        TAGS,
        tagger_arrays,
        {
            "predict_tags": lambda model: model.predict_tags(SENTENCES),
            "predict_proba": lambda model: model.predict_proba(SENTENCES),
            "tag": lambda model: model.tag("The dog sat."),
        },
        tags_of_sentences,
        lambda model: (filled_up(model.predict_tags(SENTENCES), ""), model.predict(SENTENCES, verbose=0)),
        recurrent=1,
        unadapted=Unadapted(
            lambda: sk.build_tagger(features=2, tags=["down", "same", "up"], **TINY_TAGGER),
            WEEKS,
            weather(WEEKS),
            {
                "predict_tags": lambda model: model.predict_tags(WEEKS),
                "predict_proba": lambda model: model.predict_proba(WEEKS),
            },
            lambda model: tagger_arrays(model, WEEKS, weather(WEEKS)),
        ),
    ),
    "LanguageModel": Row(
        lambda: language_model(TEXTS),
        TEXTS,
        None,
        language_arrays,
        {
            "next_words": lambda model: model.next_words(TEXTS, 3),
            "generate": lambda model: model.generate(TEXTS, 5, seed=3),
            "perplexity": lambda model: model.perplexity(TEXTS),
        },
        words_that_follow,
        next_words,
        recurrent=1,
    ),
    "Seq2Seq": Row(
        translator,
        SOURCES,
        TARGETS,
        translator_arrays,
        {
            "translate": lambda model: model.translate(SOURCES, beam=2),
            "alignments": lambda model: model.alignments(SOURCES, beam=2),
            "encode": lambda model: model.encode(SOURCES),
        },
        lambda served: strings(served.serve(tf.constant(SOURCES))["text"]),
        lambda model: model.translate(SOURCES),
        recurrent=2,
        attention=("look",),
        unadapted=Unadapted(
            unadapted_autoencoder,
            series(5),
            None,
            {
                "encode": lambda model: model.encode(series(5)),
                "reconstruction_error": lambda model: model.reconstruction_error(series(5)),
            },
            series_arrays,
        ),
    ),
    "Captioner": Row(
        captioner,
        images(),
        CAPTIONS,
        captioner_arrays,
        {"caption": lambda model: model.caption(images(), beam=2)},
        lambda served: strings(served.serve(images())["text"]),
        lambda model: model.caption(images()),
        recurrent=1,
        config={},
    ),
}
