"""Chunks of CoNLL-2000, random initialisation: span F1 of words alone, and of words with the part-of-speech column.

python benchmarks/chunking.py DATA [--seeds 0 1 2] [--inputs words] [--neighbours 0.1] [--held-back]

`train_tagger` on the training sentences of DATA/chunking: the last tenth of them chooses for how many epochs, then all
of them train anew for as many. The test sentences are scored at the end, and a tag that no training sentence has
(I-LST) counts as wrong. With --held-back the last tenth is scored instead, by a model that was trained on the others,
and the test sentences are not read. Tries are kept in tables/chunking.csv and the validation curves in
tables/chunking_curves.csv; what is there is not run again. Published: BiLSTM-CRF from random vectors, with features of
spelling and of parts of speech (Huang et al. 2015, table 5).
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from _results import write_section
from _tries import Tries

import seqkit as sk

OPTIONS: dict[str, Any] = {"by": "spaces", "units": 200, "embedding": 100}
ASKED, PUBLISHED = 0.930, 0.941
TENTH = 10  # of the training sentences, held back to choose


class Tagged(NamedTuple):
    """Sentences as the tagger reads them, and their tags."""

    x: Any
    y: list[list[str]]


def load(folder: Path, file: str, inputs: str) -> Tagged:
    """Words, or words and parts of speech; a line is word, part of speech and chunk, a blank line ends a sentence."""
    path = folder / "chunking" / file
    text = gzip.decompress(path.read_bytes()).decode() if file.endswith(".gz") else path.read_text("utf-8")
    rows = [[line.split() for line in block.splitlines()] for block in text.strip().split("\n\n")]
    words, parts, chunks = ([[line[column] for line in row] for row in rows] for column in range(3))
    return Tagged({"words": words, "extra": parts} if inputs == "words and POS" else words, chunks)


def cut(whole: Tagged, where: slice) -> Tagged:
    """Some of the sentences."""
    x = {name: rows[where] for name, rows in whole.x.items()} if isinstance(whole.x, dict) else whole.x[where]
    return Tagged(x, whole.y[where])


def run(
    data: Path, inputs: str, neighbours: float, seed: int, held_back: bool, most: int | None
) -> tuple[dict[str, Any], Any]:
    """Train, and score on what was not trained on."""
    whole, started = cut(load(data, "train.txt.gz", inputs), slice(most)), time.perf_counter()
    first = len(whole.y) - len(whole.y) // TENTH
    apart = held_back or most is not None
    train, held = (cut(whole, slice(first)) if apart else whole), cut(whole, slice(first, None))
    given = {"validation": tuple(held) if apart else None, "seed": seed}
    model = sk.train_tagger(*train, neighbours=neighbours, verbose=2, **given, **OPTIONS)
    seconds = time.perf_counter() - started
    test = held if apart else load(data, "test.txt", inputs)
    found = sk.score_tagger(model, *test, train=train, unknown_tags="wrong")
    print(found.verdict, found.by_tag.round(3), sep="\n", flush=True)
    scores = {name: float(value) for name, value in found.scores.loc["tagger"].items()}
    baseline = float(found.scores.loc["most_frequent", "f1"])
    chosen = {"most_frequent": baseline, "epochs": model.chosen_epochs, "seconds": seconds}
    return scores | chosen, model.validation_history


def write(tries: Tries) -> None:
    """The table of what was scored on the test sentences."""
    rows = []
    for (inputs, neighbours), found in tries.table().groupby(["inputs", "neighbours"], sort=False):
        f1, means = found["f1"], found[["precision", "recall", "accuracy"]].mean()
        spread = {"f1": f1.mean(), "spread": f1.std(), "least": f1.min(), "most": f1.max()}
        published = {"most_frequent": found["most_frequent"].mean(), "asked": ASKED, "published": PUBLISHED}
        counted = {"seeds": len(found), "epochs": f"{found['epochs'].min()} to {found['epochs'].max()}"}
        minutes = {"minutes": found["seconds"].mean() / 60}
        rows.append({"inputs": inputs, "neighbours": neighbours, **spread, **means, **published, **counted, **minutes})
    write_section(
        "Chunks of CoNLL-2000, span F1",
        pd.DataFrame(rows).set_index("inputs"),
        "train_tagger, no word vectors from elsewhere; words by their vectors and characters, BiLSTM, CRF. Spread: "
        "standard deviation over the seeds. Most frequent: the tag that each word had most often. Published: with "
        "features of spelling and parts of speech. The test sentences of words alone were read once before, by an "
        "earlier recipe (steps of one size, nine tenths of the sentences): 0.9263.",
        decimals=4,
    )


def main(given: Sequence[str] | None = None) -> None:
    """Score what has not been scored yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--inputs", nargs="+", default=["words"], choices=["words", "words and POS"])
    parser.add_argument(
        "--neighbours", type=float, nargs="+", default=[0.1], help="weights of the second task, 0 for none"
    )
    parser.add_argument("--held-back", action="store_true", help="score the last tenth of the training sentences")
    parser.add_argument(
        "--most", type=int, help="training sentences at most, to try it out; scored on those held back, and not kept"
    )
    arguments = parser.parse_args(given)
    tries = Tries("chunking_held_back" if arguments.held_back else "chunking", ["inputs", "neighbours", "seed"])
    for key in tries.missing(itertools.product(arguments.inputs, arguments.neighbours, arguments.seeds)):
        scores, history = run(arguments.data, *key, arguments.held_back, arguments.most)
        if arguments.most is None:
            tries.add(key, scores, history)
        if arguments.most is None and not arguments.held_back:
            write(tries)


if __name__ == "__main__":
    main()
