"""Train every model and recipe of the seqkit on the path for a short while: _short_trainings.py OUT.npz [NAMES].

OUT.npz holds histories, weights and optimizer steps, by `model|part`. `same_history.py` runs this with two checkouts.
"""

import sys
import time
import warnings

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import seqkit as sk

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.experimental.enable_op_determinism()
tf.get_logger().setLevel("ERROR")
warnings.simplefilter("ignore")

SEED, EPOCHS = 7, 3
RANDOM = np.random.default_rng(11)


def table(rows=70):
    days = np.arange(rows)
    sold = (100 + days) * (1 + 0.3 * np.sin(2 * np.pi * days / 7)) + RANDOM.normal(0, 3, rows)
    columns = {"sold": sold, "price": 10 + RANDOM.normal(0, 1, rows)}
    return pd.DataFrame(columns, pd.date_range("2001-01-01", periods=rows, freq="D", name="day"))


def series(count, features, least=5, most=17):
    """Series of several lengths, and whether each rises."""
    samples, labels = [], []
    for length in RANDOM.integers(least, most, count):
        up = RANDOM.integers(2)
        slope = (2 * up - 1) * np.linspace(0, 2, length)[:, None]
        samples.append((slope + RANDOM.normal(5, 1, (length, features))).astype("float32"))
        labels.append("rise" if up else "fall")
    return samples, labels


def rises(sample):
    return ["same", *np.where(np.diff(sample[:, 0]) > 0, "up", "down").tolist()]


NUMBERS = {"one": "eins", "two": "zwei", "three": "drei", "four": "vier", "five": "fünf", "six": "sechs"}
SUBJECTS, VERBS, PLACES = ["cat", "dog", "Ann", "house", "man"], ["sat", "ran", "slept", "is"], ["Rome", "town", "bed"]


def sentences(count):
    words, tags = [], []
    for _ in range(count):
        subject, verb, place = map(RANDOM.choice, (SUBJECTS, VERBS, PLACES))
        words.append(["The", str(subject), str(verb), "in", str(place), "."])
        tags.append(["B-NP", "I-NP", "B-VP", "B-PP", "B-NP", "O"])
        if RANDOM.integers(2):
            words[-1][4:4], tags[-1][4:4] = ["the", "old"], ["B-NP", "I-NP"]
            tags[-1][6] = "I-NP"
    return words, tags


def reviews(count):
    texts, moods = [], []
    for _ in range(count):
        up = RANDOM.integers(2)
        adjective = RANDOM.choice(["good", "fine", "great"] if up else ["bad", "dull", "poor"])
        texts.append(
            f"{RANDOM.choice(['a', 'what a', 'this is a'])} {adjective} {RANDOM.choice(['film', 'play', 'book'])}!"
        )
        moods.append("up" if up else "down")
    return texts, moods


def verses(count):
    return [" ".join(words) for words in sentences(count)[0]]


def pairs(count):
    words = list(NUMBERS)
    rows = [[words[number] for number in RANDOM.integers(6, size=RANDOM.integers(1, 6))] for _ in range(count)]
    return [" ".join(row) for row in rows], [" ".join(NUMBERS[word] for word in reversed(row)) for row in rows]


def moving(count):
    x = RANDOM.normal(5, 2, (count, 7, 2)).astype("float32")
    return x, np.cumsum(x[:, :3, :1], axis=1)


def pictures(count):
    kinds = RANDOM.integers(3, size=count)
    images = RANDOM.normal(0, 0.3, (count, 9, 8, 3)) + np.eye(3)[kinds][:, None, None]
    return images.astype("float32"), [["a red cat", "a green dog", "two blue birds"][kind] for kind in kinds]


DATA = {  # training, validation; drawn in this order whatever names are asked for
    "forecaster": (table(100), table(75)),
    "classifier of series": (series(40, 1), series(12, 1)),
    "classifier of series, many features": (series(40, 3), series(12, 3)),
    "classifier of text": (reviews(50), reviews(12)),
    "tagger of words": (sentences(50), sentences(12)),
    "tagger of series": (series(40, 2)[0], series(12, 2)[0]),
    "language model separate": (verses(60), verses(12)),
    "language model continuous": (" ".join(verses(120)), " ".join(verses(30))),
    "seq2seq of texts": (pairs(80), pairs(16)),
    "seq2seq of series": (moving(80), moving(16)),
    "captioner": (pictures(40), pictures(12)),
}
DATA["tagger of series"] = tuple((x, list(map(rises, x))) for x in DATA["tagger of series"])


def training(name):
    return DATA[name][0]


def classifier(name, **options):
    x, y = training(name)
    return sk.build_classifier(like=x, labels=y, units=8, **options)


def tagger(name, **options):
    x, y = training(name)
    return sk.build_tagger(like=x, tags=y, units=8, **options)


MODELS = {
    "forecaster": lambda name: sk.build_forecaster(like=training(name), horizon=3, units=8),
    "classifier of series": lambda name: classifier(name, scaling="standard"),
    "classifier of series, many features": lambda name: classifier(name, scaling="standard"),
    "classifier of text": lambda name: classifier(name, embedding=12),
    "tagger of words": lambda name: tagger(name, embedding=12, characters=6),
    "tagger of series": tagger,
    "language model separate": lambda name: sk.build_language_model(like=training(name), units=12, embedding=8),
    "language model continuous": lambda name: sk.build_language_model(like=training(name), units=12, embedding=8),
    "seq2seq of texts": lambda name: sk.build_seq2seq(like=training(name), units=12, embedding=8),
    "seq2seq of series": lambda name: sk.build_seq2seq(like=training(name), units=12),
    "captioner": lambda name: sk.build_captioner(like=training(name), units=12, embedding=8),
}
SIZES = {
    "forecaster": 8,
    "language model continuous": 4,
}  # batches smaller than the defaults, so that there are several


def history_of(name):
    """Losses and metrics of three epochs, and the weights after them."""
    keras.utils.set_random_seed(SEED)
    model = MODELS[name](name)
    data = training(name) if isinstance(training(name), tuple) else (training(name),)
    history = model.fit(
        *data,
        batch_size=SIZES.get(name, 16),
        epochs=EPOCHS,
        shuffle=True,
        validation_data=DATA[name][1],
        verbose=0,
    ).history
    return model, history


def recipe_of(train, *data, **options):
    model = train(*data, seed=0, **options)
    return model, {**(model.validation_history or {}), "chosen_epochs": [model.chosen_epochs]}


def quick(averaged=False):
    """So that the recipe ends before its last epoch."""
    return keras.optimizers.Adam(0.03, clipnorm=1.0, use_ema=averaged, ema_momentum=0.9)


RECIPES = {
    "train_forecaster": lambda: recipe_of(sk.train_forecaster, training("forecaster"), horizon=3, units=4),
    "train_classifier": lambda: recipe_of(
        sk.train_classifier, *training("classifier of series, many features"), units=4, epochs=40
    ),
    "train_classifier of text": lambda: recipe_of(
        sk.train_classifier, *training("classifier of text"), units=4, embedding=6, epochs=40
    ),
    "train_tagger": lambda: recipe_of(
        sk.train_tagger, *training("tagger of words"), units=4, embedding=6, characters=3, epochs=30
    ),
    "train_language_model": lambda: recipe_of(
        sk.train_language_model,
        training("language model continuous"),
        batch_size=4,
        units=24,
        embedding=8,
        optimizer=quick(),
    ),
    "train_seq2seq": lambda: recipe_of(
        sk.train_seq2seq, *training("seq2seq of texts"), batch_size=8, units=24, embedding=8, optimizer=quick(True)
    ),
}


def main(path, *names):
    print(sk.__file__, flush=True)
    tasks = {name: lambda name=name: history_of(name) for name in MODELS} | RECIPES
    arrays = {}
    for name, task in tasks.items():
        if names and name not in names:
            continue
        began = time.time()
        model, history = task()
        for key, values in history.items():
            arrays[f"{name}|history {key}"] = np.array(values, "float64")
        for number, weight in enumerate(model.get_weights()):
            arrays[f"{name}|weight {number:02} {'x'.join(map(str, weight.shape))}"] = np.array(weight)
        arrays[f"{name}|steps"] = np.array(keras.ops.convert_to_numpy(model.optimizer.iterations))
        print(f"{name}: {sorted(history)}, {len(model.weights)} weights, {time.time() - began:.1f} s", flush=True)
        keras.backend.clear_session()
    np.savez(path, **arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
