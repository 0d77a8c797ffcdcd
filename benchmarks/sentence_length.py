"""Is one context a bottleneck? Translation by length of the sentence, with attention and without, all else equal.

python benchmarks/sentence_length.py [--seeds 0 1 2] [--epochs 20]

The language is made here, so that the right answer is known: a sentence is 1 to 10 pairs of an adjective and a noun,
each of 20, and the other language says the noun first. Every length has as many training sentences. Without attention
the last state of the encoder is the first one of the decoder, and nothing else is said to it. Tries are kept in
tables/sentence_length.csv; what is there is not run again.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np
import pandas as pd
from _results import write_section
from _tries import Tries

import seqkit as sk

WORDS, PHRASES, TRAINING, UNSEEN = 20, 10, 6000, 200
WAYS = {"attention": "general", "one context": "none"}
OPTIONS = {"units": 64, "embedding": 32, "cell": "gru", "dropout": 0.0, "context": "initial"}
KEYS = ["way", "epochs", "seed"]


def sentences(phrases: np.ndarray, seed: int) -> tuple[list[str], list[str]]:
    """A sentence of so many phrases for each number, and its translation."""
    random = np.random.default_rng(seed)
    sources, targets = [], []
    for count in phrases:
        pairs = random.integers(WORDS, size=(count, 2))
        sources.append(" ".join(f"a{adjective} n{noun}" for adjective, noun in pairs))
        targets.append(" ".join(f"noun{noun} adjective{adjective}" for adjective, noun in pairs))
    return sources, targets


def words_right(said: list[str], wanted: list[str]) -> float:
    """The share of the wanted words that are said at their place."""
    pairs = [
        one == other
        for a, b in zip(said, wanted, strict=True)
        for one, other in zip(a.split(), b.split(), strict=False)
    ]
    return sum(pairs) / sum(len(one.split()) for one in wanted)


def try_one(way: str, epochs: int, seed: int) -> dict[str, float]:
    """Words right and sentences right of unseen sentences, by the number of words."""
    sources, targets = sentences(np.arange(TRAINING) % PHRASES + 1, 2 * seed)
    keras.utils.set_random_seed(seed)
    optimizer = keras.optimizers.Adam(0.005, clipnorm=1.0)
    model = sk.build_seq2seq(like=(sources, targets), attention=WAYS[way], optimizer=optimizer, **OPTIONS)
    start = time.perf_counter()
    model.fit(sources, targets, epochs=epochs, batch_size=64, verbose=0)
    scores = {"seconds": time.perf_counter() - start, "parameters": model.count_params()}
    for phrases in range(1, PHRASES + 1):
        unseen, wanted = sentences(np.full(UNSEEN, phrases), 2 * seed + 1)
        said = model.translate(unseen, beam=1)
        scores[f"words right, {2 * phrases}"] = words_right(said, wanted)
        scores[f"sentences right, {2 * phrases}"] = float(np.mean(np.array(said) == np.array(wanted)))
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=20)
    arguments = parser.parse_args()
    tries = Tries("sentence_length", KEYS)
    wanted = [(way, arguments.epochs, seed) for seed in arguments.seeds for way in WAYS]
    for key in tries.missing(wanted):
        tries.add(key, try_one(*key), None)
    found = tries.table().merge(pd.DataFrame(wanted, columns=KEYS)).groupby("way")
    rows = {}
    for words in range(2, 2 * PHRASES + 1, 2):
        mean, spread = (
            found[[f"words right, {words}", f"sentences right, {words}"]].agg(how) for how in ("mean", "std")
        )
        rows[words] = {
            f"{share} right, {way}": f"{mean.loc[way, f'{share} right, {words}']:.3f} ± "
            f"{spread.loc[way, f'{share} right, {words}']:.3f}"
            for share in ("words", "sentences")
            for way in WAYS
        }
    write_section(
        "Translation by length of the sentence",
        pd.DataFrame(rows).T.rename_axis("words"),
        f"{UNSEEN} unseen sentences of each length, {TRAINING} to train on, {arguments.epochs} epochs, "
        f"{OPTIONS['units']} units; mean and standard deviation over {len(arguments.seeds)} seeds.",
    )


if __name__ == "__main__":
    main()
