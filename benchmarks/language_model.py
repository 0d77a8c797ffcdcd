"""A novel, word by word and character by character: LSTM, GRU and SimpleRNN against n-grams.

python benchmarks/language_model.py DATA [--levels words characters] [--cells lstm gru simple_rnn] [--part 1]

War and Peace (DATA/language_model), cut by position: the first 90 % to train on, 5 % for validation, the last 5 % to
test. All methods share one vocabulary, that of the training part (words that occur five times or more; every character
that occurs five times or more), and so one mark for the unknown, which is counted as a token like any other; perplexity
is exp of the mean negative log likelihood of the tokens of the test part, each read after all those before it.

Networks: `train_language_model`, one long text, the state carried; validation chooses the epoch. N-grams: NLTK's
interpolated models (Witten-Bell, absolute discounting); validation chooses between them and their order. The test part
is read once by each network and by the n-grams chosen. Tries are kept in tables/language_model.csv and the validation
curves in tables/language_model_curves.csv; what is there is not run again.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import math
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import nltk.lm
from _results import write_section
from _tries import Tries
from nltk.util import everygrams

import seqkit as sk
from seqkit.text.vocabulary import END, START, UNKNOWN_NAME

LEAST_COUNT = 5
NGRAMS = {
    "Witten-Bell": nltk.lm.WittenBellInterpolated,
    "absolute discounting": nltk.lm.AbsoluteDiscountingInterpolated,
}
WHOLE = "1"


class Level(NamedTuple):
    """How a text is read, the network's sizes, and the orders of n-grams to try."""

    network: dict[str, Any]
    rate: float  # of the steps of Adam, halved where validation is no better
    batch_size: int
    epochs: int
    orders: tuple[int, ...]


LEVELS = {
    "words": Level({"units": 200, "embedding": 128, "dropout": 0.3}, 0.002, 20, 6, (2, 3)),
    "characters": Level({"units": 256, "embedding": 32, "dropout": 0.1}, 0.003, 32, 6, (5, 6)),
}


class Parts(NamedTuple):
    """By position."""

    train: str
    validation: str
    test: str


def load(folder: Path, part: float) -> Parts:
    """The novel without its licence and contents, each paragraph a line; of each part as much as is asked for."""
    with gzip.open(folder / "language_model" / "warandpeace.txt.gz", "rt", encoding="utf-8-sig") as file:
        raw = file.read()
    novel = raw[raw.rindex("BOOK ONE: 1805") : raw.index("*** END OF THIS PROJECT GUTENBERG")]
    paragraphs = (re.sub(r"\s+", " ", one).strip() for one in re.split(r"\n\s*\n", novel))
    text = "\n".join(one for one in paragraphs if one)
    cuts = [0, *(text.rindex("\n", 0, int(len(text) * share)) for share in (0.90, 0.95)), len(text)]
    return Parts(*(text[first : first + int((last - first) * part)] for first, last in itertools.pairwise(cuts)))


def known(level: str, train: str) -> sk.Vocabulary:
    """The vocabulary that all methods share."""
    return sk.Vocabulary.learn([train], by=level, lower=level == "words", least_count=LEAST_COUNT, marks=(START, END))


def tokens(vocabulary: sk.Vocabulary, text: str) -> list[str]:
    """As the network reads them, the unknown by its name, the end of the text last."""
    words = set(vocabulary.words)
    return [one if one in words else UNKNOWN_NAME for one in vocabulary.split([text])[0]] + [END]


def ngram_model(kind: str, order: int, train: list[str], vocabulary: sk.Vocabulary) -> Any:
    words = nltk.lm.Vocabulary([one for one in vocabulary.words if one != START], 1, UNKNOWN_NAME)
    model = NGRAMS[kind](order=order, vocabulary=words)
    model.fit([everygrams(train, max_len=order)])
    refuse_no_distribution(model, train, vocabulary)
    return model


def refuse_no_distribution(model: Any, train: list[str], vocabulary: sk.Vocabulary) -> None:
    """The probabilities of all tokens must sum to one, after contexts seen and unseen."""
    names = [*(one for one in vocabulary.words if one != START), UNKNOWN_NAME]
    for context in (train[:3], train[5000:5003], [END, END, train[0]]):
        total = sum(model.score(name, context[-(model.order - 1) :]) for name in names)
        if abs(total - 1) > 1e-6:
            raise RuntimeError(f"the probabilities of {type(model).__name__} sum to {total}")


def ngram_perplexity(model: Any, text: list[str]) -> float:
    reach = model.order - 1
    scores = (model.score(word, text[max(0, place - reach) : place]) for place, word in enumerate(text))
    return math.exp(-sum(math.log(score) for score in scores) / len(text))


def run_ngrams(tries: Tries, level: str, part: str, parts: Parts) -> None:
    started, vocabulary = time.perf_counter(), known(level, parts.train)
    train, validation, test = (tokens(vocabulary, text) for text in parts)
    best, chosen, lowest = None, "", math.inf
    for kind, order in itertools.product(NGRAMS, LEVELS[level].orders):
        model = ngram_model(kind, order, train, vocabulary)
        found = ngram_perplexity(model, validation)
        print(level, kind, order, found, flush=True)
        if found < lowest:
            best, chosen, lowest = model, f"{kind} of order {order}", found
    scores = {"validation": lowest, "perplexity": ngram_perplexity(best, test), "chosen": chosen}
    tries.add((level, "n-grams", part), _row(scores, vocabulary, test, time.perf_counter() - started), None)


def run_network(tries: Tries, level: str, cell: str, part: str, parts: Parts) -> None:
    started, plan = time.perf_counter(), LEVELS[level]
    vocabulary = known(level, parts.train)
    model = sk.train_language_model(
        parts.train,
        validation=parts.validation,
        vocabulary=vocabulary,
        cell=cell,
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        seed=0,
        optimizer=keras.optimizers.Adam(plan.rate, clipnorm=1.0),
        verbose=2,
        **plan.network,
    )
    seconds, curve = time.perf_counter() - started, model.validation_history
    test = tokens(vocabulary, parts.test)
    scores = {"validation": min(curve["val_perplexity"]), "perplexity": model.perplexity(parts.test, batch_size=1)}
    speed = len(tokens(vocabulary, parts.train)) * len(curve["epochs"]) / seconds
    scores |= {"chosen": f"epoch {model.chosen_epochs}", "parameters": model.count_params(), "tokens/s": round(speed)}
    tries.add((level, cell, part), _row(scores, vocabulary, test, seconds), curve)


def _row(scores: dict[str, Any], vocabulary: sk.Vocabulary, test: list[str], seconds: float) -> dict[str, Any]:
    """One shape for all methods, so that the table's columns hold."""
    row = {"validation": None, "perplexity": None, "bits": math.log2(scores["perplexity"]), "chosen": ""}
    row |= {"parameters": math.nan, "tokens/s": math.nan, "vocabulary": len(vocabulary) - 2, "test tokens": len(test)}
    return row | scores | {"unknown": test.count(UNKNOWN_NAME) / len(test), "seconds": round(seconds)}


def write(tries: Tries, part: str) -> None:
    table = tries.table().astype({"part": str})
    table = table[table["part"] == part].drop(columns="part").sort_values(["level", "perplexity"])
    for name in ("parameters", "tokens/s"):  # which n-grams do not have
        table[name] = ["" if math.isnan(one) else f"{one:.0f}" for one in table[name].astype(float)]
    if not len(table):
        return
    write_section(
        "Language models of a novel, perplexity" + ("" if part == WHOLE else f" (part {part})"),
        table.set_index("level"),
        "War and Peace, first 90 % trained on, last 5 % the test. One vocabulary for all methods of a level; the "
        "unknown counts as one token, whose share of the test tokens is beside. Bits: log2 of the perplexity.",
    )


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--levels", nargs="+", default=list(LEVELS), choices=list(LEVELS))
    parser.add_argument("--cells", nargs="+", default=["lstm", "gru", "simple_rnn"])
    parser.add_argument("--part", default=WHOLE, help="the share of the text to use, 1 for all of it")
    given = parser.parse_args(arguments)
    parts = load(given.data, float(given.part))
    tries = Tries("language_model", ["level", "model", "part"])
    for level in given.levels:
        for level, name, part in tries.missing([(level, one, given.part) for one in ("n-grams", *given.cells)]):
            if name == "n-grams":
                run_ngrams(tries, level, part, parts)
            else:
                run_network(tries, level, name, part, parts)
            write(tries, given.part)
    write(tries, given.part)


if __name__ == "__main__":
    main()
