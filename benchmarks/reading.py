"""Reading comprehension: exact answers to questions about unseen texts, beside models that are given one input alone.

python benchmarks/reading.py [--seeds 0 1 2]

The texts are made here: people go to places and pick things up; the question asks for a person's last place or thing.
The answer needs both inputs. "questions alone" and "texts alone" are the same model, whose other input is left out.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk

PEOPLE = ["ann", "bob", "cleo", "dan", "eve", "finn"]
PLACES = ["kitchen", "garden", "office", "hall", "attic", "cellar", "school", "park"]
THINGS = ["apple", "book", "coin", "drum", "egg", "flute", "glass", "hat"]
SENTENCES, TRAINING, UNSEEN = 5, 4000, 500
OPTIONS = {"units": 64, "embedding": 32, "epochs": 25, "verbose": 0}


def stories(count: int, seed: int) -> tuple[list[str], list[str], list[str]]:
    """Texts, questions and answers."""
    random = np.random.default_rng(seed)
    texts, questions, answers = [], [], []
    for _ in range(count):
        facts: dict[tuple[str, str], str] = {}
        sentences = []
        for _ in range(SENTENCES):
            person, kind = random.choice(PEOPLE), random.choice(["where", "what"])
            value = str(random.choice(PLACES if kind == "where" else THINGS))
            sentences.append(f"{person} went to the {value} ." if kind == "where" else f"{person} took the {value} .")
            facts[person, kind] = value
        person, kind = list(facts)[random.integers(len(facts))]
        texts.append(" ".join(sentences))
        questions.append(f"where is {person} ?" if kind == "where" else f"what has {person} ?")
        answers.append(facts[person, kind])
    return texts, questions, answers


def exact(seed: int, inputs: str) -> float:
    """The share of unseen questions answered exactly."""
    texts, questions, answers = stories(TRAINING, 1)
    unseen_texts, unseen_questions, unseen_answers = stories(UNSEEN, 2)
    sources = {"both": (texts, questions), "texts alone": texts, "questions alone": questions}[inputs]
    unseen = {
        "both": (unseen_texts, unseen_questions),
        "texts alone": unseen_texts,
        "questions alone": unseen_questions,
    }[inputs]
    model = sk.train_seq2seq(sources, answers, seed=seed, **OPTIONS)
    return float(np.mean(np.array(model.translate(unseen, beam=1)) == np.array(unseen_answers)))


def main() -> None:
    """Train with each seed, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    rows = {}
    for inputs in ("both", "texts alone", "questions alone"):
        scores = [exact(seed, inputs) for seed in arguments.seeds]
        rows[inputs] = {"exact": float(np.mean(scores)), "lowest": min(scores), "highest": max(scores)}
        print(inputs, rows[inputs], flush=True)
    write_section(
        "Reading comprehension",
        pd.DataFrame(rows).T.rename_axis("inputs"),
        f"{UNSEEN} unseen texts of {SENTENCES} sentences, {TRAINING} to train; seeds {arguments.seeds}.",
    )


if __name__ == "__main__":
    main()
