"""Make small saved models, one of each kind, and keep what they answer: `.venv/bin/python tests/saved/make_saved.py`.

Each folder beside this script has the files of a release, and they stand for the files that people have: later releases
must load them and answer the same. The script writes the folder of the release that runs it, and leaves files that are
there as they are, with their answers. So run it before each release, and when a new kind is added to `KINDS`.
`without_checksum` was made by commit 2bc5fbf.
"""

import os
import pathlib
import zipfile
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pandas as pd

import seqkit as sk

FOLDER = pathlib.Path(__file__).parent
RELEASES = {path.name: path for path in FOLDER.iterdir() if path.is_dir() and (path / "answers.npz").exists()}
SEED = 7
BATCH = 3
WITHOUT_CHECKSUM = "without_checksum"
FIRST, SECOND = "0.1.0", "0.2.0"

SENTENCES = [
    ["The", "cat", "sat", "in", "Rome", "."],
    ["A", "dog", "ran"],
    ["ran"],
    ["A", "cat", "sat", "on", "a", "mat"],
]
TAGS = [
    ["B-NP", "I-NP", "B-VP", "B-PP", "B-NP", "O"],
    ["B-NP", "I-NP", "B-VP"],
    ["B-VP"],
    ["B-NP", "I-NP", "B-VP", "B-PP", "B-NP", "I-NP"],
]
TEXTS = ["Good film!", "bad film", "not good, is it?", "", "我喜欢 it"]
MOODS = ["up", "down", "down", "up", "up"]
STORY = " ".join(["Never too late to code, never too late to read."] * 11)
SOURCES = ["one two three", "two four", "seven one", "two", "four two one four"]
TARGETS = ["drei zwei eins", "vier zwei", "eins sieben", "zwei", "vier eins zwei vier"]
DOSES = [120.0, 80.5, 101.0, 93.0, 150.0]
CAPTIONS = ["a red cat", "a dog", "Two dogs!", "a red cat", "nothing"]


class Kind(NamedTuple):
    """A kind of model: how it is built and trained, and what it is asked."""

    build: Callable[[], keras.Model]
    training: tuple[Any, ...]  # what `fit` takes
    asked: Any  # raw samples
    questions: dict[str, Callable[[keras.Model, Any], Any]]  # by name: from model and samples to numbers or strings
    epochs: int = 2
    rate: float = 0.03  # of the optimizer, so that few steps make answers that differ
    since: str = FIRST  # the release in which this kind came; older ones have no file of it
    finish: Callable[[keras.Model], Any] = keras.Model.get_config  # what is done after training, such as calibration


def waves(*shape: int) -> np.ndarray:
    """Numbers without chance, the same on every machine."""
    return np.sin(np.arange(np.prod(shape)) ** 1.3).reshape(shape).round(3).astype("float32") * 3 + 5


def series(features: int, lengths: Sequence[int] = (7, 3, 13, 11, 5)) -> list[np.ndarray]:
    return [waves(length + number, features)[number:] for number, length in enumerate(lengths)]


def rises(one: np.ndarray) -> list[str]:
    """A tag for each step: what the first feature did since the step before."""
    return ["same", *np.where(np.diff(one[:, 0]) > 0, "up", "down").tolist()]


def sales() -> pd.DataFrame:
    """Fifty-nine days with a weekly rhythm, in two columns."""
    days = np.arange(59)
    sold = ((100 + days) * (1 + 0.3 * np.sin(2 * np.pi * days / 7))).round(3)
    table = {"sold": sold, "price": 10 + waves(59)}
    return pd.DataFrame(table, pd.date_range("2001-01-01", periods=59, freq="D", name="day"))


def shops() -> pd.DataFrame:
    """Two shops with a promotion, a kind of it in words, and a size, by day: a panel."""
    parts = []
    for shop, size in (("north", 3.0), ("south", 7.0)):
        days = np.arange(59)
        kind = np.where(days % 11 == 3, "poster", np.where(days % 7 == 5, "coupon", "none"))
        sold = ((20 + days) * size * (1 + 0.3 * (kind != "none"))).round(3)
        table = {"shop": shop, "sold": sold, "kind": pd.Categorical(kind), "size": size}
        stamps = pd.date_range("2001-01-01", periods=59, freq="D", name="day")
        parts.append(pd.DataFrame(table, stamps).assign(promotion=(kind != "none") * 1.0))
    panel = pd.concat(parts)
    return sk.as_panel(panel.assign(kind=panel["kind"].astype("category")), series="shop", categories=["kind"])


def rows_ahead(panel: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The panel without the last 3 rows of each series, and what is known ahead of these."""
    places = panel.groupby(level=0).cumcount(ascending=False)
    return panel[places >= 3], panel.loc[places < 3, ["promotion", "kind"]]


def with_gaps() -> pd.DataFrame:
    table = sales()
    return table.mask(np.add.outer(7 * np.arange(59), np.arange(2)) % 13 == 0)


def joined(tags: list[list[str]]) -> list[str]:
    return [" ".join(one) for one in tags]


def own_encoder() -> keras.Model:
    """A user's own: of Keras's layers alone."""
    seen = keras.Input((7, 5, 3))
    steps = keras.layers.Rescaling(1 / 3, -5 / 3)(seen)
    steps = keras.layers.Conv2D(2, 3, strides=2, name="mine")(steps)
    return keras.Model(seen, keras.layers.Flatten()(steps), name="own")


def captioner(images: np.ndarray, **options: Any) -> keras.Model:
    return sk.build_captioner(like=(images, CAPTIONS), units=4, embedding=3, **options)


def tagged_series() -> tuple[list[np.ndarray], list[list[str]]]:
    return series(2), [rises(one) for one in series(2)]


PROBABILITIES = {"probabilities": lambda model, x: model.predict(x, verbose=0)}
CLASSES = {**PROBABILITIES, "classes": lambda model, x: model.predict_classes(x).tolist()}
TAGS_OF = {**PROBABILITIES, "tags": lambda model, x: joined(model.predict_tags(x))}
SAYING = {
    "captions": lambda model, x: model.caption(x),
    "captions by a beam": lambda model, x: model.caption(x, beam=3),
    "losses": lambda model, x: np.array([model.evaluate(x, CAPTIONS, verbose=0, return_dict=True)["loss"]]),
}
KINDS = {
    "forecaster": Kind(
        lambda: sk.build_forecaster(like=sales(), horizon=3, units=3),
        (sales(),),
        sales(),
        {
            "forecast": lambda model, x: model.forecast(x, steps=5).to_numpy(),
            "of every row": lambda model, x: model.predict(x, verbose=0).to_numpy(),
        },
    ),
    "classifier_of_series": Kind(
        lambda: sk.build_classifier(
            like=series(1), labels=["rise", "fall", "rise", "fall", "fall"], units=3, convolution="fixed"
        ),
        (series(1), ["rise", "fall", "rise", "fall", "fall"]),
        series(1, (5, 17, 11)),
        CLASSES,
        rate=0.001,
    ),
    "classifier_of_texts": Kind(
        lambda: sk.build_classifier(like=TEXTS, labels=MOODS, units=3, embedding=2),
        (TEXTS, MOODS),
        [*TEXTS, "zzz 好", "film it!"],
        CLASSES,
        epochs=5,
    ),
    "tagger_of_words": Kind(
        lambda: sk.build_tagger(like=SENTENCES, tags=TAGS, units=3, embedding=5, characters=2),
        (SENTENCES, TAGS),
        [*SENTENCES, ["Zürich", "☃", "ran", "on"]],
        TAGS_OF,
        epochs=7,
    ),
    "tagger_of_series": Kind(
        lambda: sk.build_tagger(like=tagged_series()[0], tags=tagged_series()[1], units=3),
        tagged_series(),
        series(2, (5, 17, 1)),
        TAGS_OF,
    ),
    "language_model": Kind(
        lambda: sk.build_language_model(like=STORY, units=5, embedding=3, timesteps=7),
        (STORY,),
        ["never too", "", "zebra late", "never too late to code"],
        {
            "probabilities": lambda model, x: model.predict(x, verbose=0),
            "next words": lambda model, x: joined([one["word"].tolist() for one in model.next_words(x, k=3)]),
            "written on": lambda model, x: model.generate(x, 7, temperature=0),
            "perplexity": lambda model, x: np.array([model.perplexity(STORY)]),
        },
    ),
    "seq2seq_of_texts": Kind(
        lambda: sk.build_seq2seq(like=(SOURCES, TARGETS), units=4, embedding=3),
        (SOURCES, TARGETS),
        [*SOURCES, "zzz two"],
        {
            "answers": lambda model, x: model.translate(x),
            "answers without a beam": lambda model, x: model.translate(x, beam=1),
            "attention": lambda model, x: np.concatenate([one.weights.ravel() for one in model.alignments(x)]),
        },
        epochs=29,
    ),
    "seq2seq_of_series": Kind(
        lambda: sk.build_seq2seq(like=(waves(5, 7, 2), waves(5, 3, 1)), units=4),
        (waves(5, 7, 2), waves(5, 3, 1)),
        waves(3, 7, 2),
        {"answers": lambda model, x: model.predict(x)},
    ),
    "seq2seq_autoencoder": Kind(
        lambda: sk.build_seq2seq(like=SOURCES, autoencoder=True, units=4, embedding=3),
        (SOURCES,),
        [*SOURCES, "three zzz"],
        {
            "answers": lambda model, x: model.translate(x),
            "codes": lambda model, x: model.encode(x),
            "errors": lambda model, x: model.reconstruction_error(x),
        },
        epochs=29,
    ),
    "captioner": Kind(
        lambda: captioner(waves(5, 3, 2, 3)), (waves(5, 3, 2, 3), CAPTIONS), waves(5, 3, 2, 3), SAYING, epochs=41
    ),
    "captioner_with_own_encoder": Kind(
        lambda: captioner(waves(5, 7, 5, 3), encoder=own_encoder(), cell="gru", context="every step"),
        (waves(5, 7, 5, 3), CAPTIONS),
        waves(5, 7, 5, 3),
        SAYING,
        epochs=41,
    ),
    "forecaster_of_shops": Kind(
        lambda: sk.build_forecaster(
            like=shops(),
            targets="sold",
            future_columns=["promotion", "kind"],
            static_columns="size",
            calendar=("weekday", "month"),
            holidays="DE",
            horizon=3,
            units=3,
        ),
        (shops(),),
        shops(),
        {"forecast": lambda model, x: model.forecast(rows_ahead(x)[0], future=rows_ahead(x)[1]).to_numpy()},
        since=SECOND,
    ),
    "forecaster_with_gaps": Kind(
        lambda: sk.build_forecaster(like=with_gaps(), horizon=3, units=3, fill="mask"),
        (with_gaps(),),
        with_gaps(),
        {"forecast": lambda model, x: model.forecast(x).to_numpy()},
        since=SECOND,
    ),
    "forecaster_with_intervals": Kind(
        lambda: sk.train_forecaster(sales()[["sold"]], horizon=3, units=3, epochs=1, seed=SEED, verbose=0),
        (sales()[["sold"]],),
        sales()[["sold"]],
        {
            "forecast": lambda model, x: model.forecast(x).to_numpy(),
            "intervals": lambda model, x: model.forecast(x, levels=(80, 95)).to_numpy(),
        },
        since=SECOND,
        finish=lambda model: model.calibrate(sales()[["sold"]]),
    ),
    "regressor": Kind(
        lambda: sk.build_regressor(like=series(2), targets=DOSES, units=3),
        (series(2), DOSES),
        series(2, (5, 17, 11)),
        {"numbers": lambda model, x: np.asarray(model.predict(x, verbose=0))},
        since=SECOND,
    ),
    "build_recurrent": Kind(
        lambda: sk.build_recurrent("many_to_many", features=2, outputs=1, units=(3, 3), padding=0.0, dropout=0.2),
        (waves(5, 7, 2), waves(5, 7, 1)),
        np.pad(waves(3, 11, 2), ((0, 0), (0, 2), (0, 0))),
        {"answers": lambda model, x: model.predict(x, verbose=0)},
    ),
}


def kinds_of(release: str) -> list[str]:
    """The kinds that a release knew: all of `KINDS` for this one."""
    return [name for name, kind in KINDS.items() if kind.since == FIRST or release not in (WITHOUT_CHECKSUM, FIRST)]


def answers_of(name: str, model: keras.Model) -> dict[str, np.ndarray]:
    """What a model of this kind answers, question by question, as arrays of numbers or of strings."""
    asked = KINDS[name].asked
    return {f"{name}: {question}": np.array(ask(model, asked)) for question, ask in KINDS[name].questions.items()}


def steps_of(model: keras.Model) -> np.ndarray:
    """How many steps the optimizer has made."""
    return keras.ops.convert_to_numpy(model.optimizer.iterations)


def pack(path: pathlib.Path) -> None:
    """Write the parts of a file anew, compressed: Keras stores them as they are, mostly zeros."""
    with zipfile.ZipFile(path) as stored:
        parts = {name: stored.read(name) for name in stored.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)


def trained(name: str) -> keras.Model:
    keras.utils.set_random_seed(SEED)
    kind = KINDS[name]
    model = kind.build()
    model.optimizer.learning_rate = kind.rate
    model.fit(*kind.training, batch_size=BATCH, epochs=kind.epochs, verbose=0)
    kind.finish(model)
    return model


def make_saved() -> None:
    """Train, ask and save every kind that has no file of this release yet."""
    folder = FOLDER / sk.__version__
    folder.mkdir(exist_ok=True)
    kept = folder / "answers.npz"
    answers = dict(np.load(kept)) if kept.exists() else {}
    for name in KINDS:
        path = folder / f"{name}.keras"
        if not path.exists():
            model = trained(name)
            answers |= answers_of(name, model)
            answers[f"{name}: steps"] = steps_of(model)
            model.save(path)
            pack(path)
            np.savez_compressed(kept, **answers)


if __name__ == "__main__":
    make_saved()
