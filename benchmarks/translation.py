"""Multi30k, English to German: with attention against without, beam against greedy, on the test sentences of 2016.

python benchmarks/translation.py DATA [--seeds 0] [--attention general none] [--epochs 14] [--pieces 6000] [--held-back]
python benchmarks/translation.py DATA --train-only FOLDER      # train, and keep the models; any backend, any machine
python benchmarks/translation.py DATA --score FOLDER           # translate and score models that were kept

`train_seq2seq` on the training pairs of DATA/translation (lower-cased, tokenised), whose words sentencepiece cuts into
pieces by byte pair encoding, learnt from the training sentences of each language; the validation pairs choose the epoch
that is kept. The test sentences are translated once for each try, joined to words again and scored by sacrebleu on the
same tokens, without tokenising them again. With --held-back the validation sentences are scored instead, and the test
is not read. Tries are kept in tables/translation.csv and the validation curves in
tables/translation_curves.csv; what is there is not run again. Published: a GRU with attention on pieces of words
(LIUM-CVC at WMT17). KERAS_BACKEND=jax trains on a GPU.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import time
from pathlib import Path
from typing import Any

import keras
import pandas as pd
import sacrebleu
import sentencepiece
from _results import write_section
from _tries import Tries

import seqkit as sk

FILES = {"train": "train", "validation": "val", "test": "test_2016_flickr"}
OPTIONS: dict[str, Any] = {
    "by": "spaces",
    "lower": False,  # it is already
    "least_count": 1,  # of pieces
    "longest": (80, 80),
    "embedding": 200,
    "cell": "gru",
    "units": 400,
    "tied": True,
    "dropout": 0.3,
    "context": "transform",
    "label_smoothing": 0.1,
}
BATCH = 64
PATIENCE = 3
BEAM, PENALTY = 5, 1.0
ASKED, PUBLISHED = 33.0, 39.0
KEYS = ["attention", "units", "pieces", "pairs", "seed"]
WORD_START = "\u2581"  # with which sentencepiece marks a piece that begins a word


def load(folder: Path, part: str) -> tuple[list[str], list[str]]:
    """Sentences in English and in German, of which line by line one is the other's translation."""
    path = folder / "translation"
    both = [
        gzip.decompress((path / f"{FILES[part]}.lc.norm.tok.{language}.gz").read_bytes()).decode()
        for language in ("en", "de")
    ]
    english, german = (text.rstrip("\n").split("\n") for text in both)
    return english, german


class Pieces:
    """Sentences of one language as pieces of words between spaces, and back."""

    def __init__(self, sentences: list[str], size: int) -> None:
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=model,
            model_type="bpe",
            vocab_size=size,
            character_coverage=1.0,
            normalization_rule_name="identity",
            minloglevel=2,
        )
        self._model = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())

    def cut(self, sentences: list[str]) -> list[str]:
        """Pieces with spaces between."""
        return [" ".join(self._model.encode(one, out_type=str)) for one in sentences]

    @staticmethod
    def join(sentences: list[str]) -> list[str]:
        """Words again."""
        return [one.replace(" ", "").replace(WORD_START, " ").strip() for one in sentences]


def cut_pairs(data: Path, key: tuple[Any, ...], part: str) -> dict[str, tuple[list[str], list[str]]]:
    """The pairs to train on, and those of another part, as pieces."""
    *_, pieces, pairs, _ = key
    english, german = (side[:pairs] for side in load(data, "train"))
    of = Pieces(english, pieces), Pieces(german, pieces)
    parts = {"train": (english, german), part: load(data, part)}
    return {name: (of[0].cut(one), of[1].cut(other)) for name, (one, other) in parts.items()}


def bleu(found: list[str], wanted: list[str]) -> float:
    """Of tokens as they are."""
    return float(sacrebleu.corpus_bleu(found, [wanted], tokenize="none", force=True).score)


def train(data: Path, key: tuple[Any, ...], epochs: int) -> tuple[sk.Seq2Seq, dict[str, Any]]:
    attention, units, *_, seed = key
    parts, started = cut_pairs(data, key, "validation"), time.perf_counter()
    model = sk.train_seq2seq(
        *parts["train"],
        validation=parts["validation"],
        epochs=epochs,
        patience=PATIENCE,
        batch_size=BATCH,
        seed=seed,
        verbose=2,
        attention=attention,
        **{**OPTIONS, "units": units},
    )
    seconds = time.perf_counter() - started
    return model, {"epochs": model.chosen_epochs, "seconds": seconds, "backend": keras.backend.backend()}


def score(model: sk.Seq2Seq, data: Path, key: tuple[Any, ...], part: str) -> dict[str, float]:
    english, _ = cut_pairs(data, key, part)[part]
    _, german = load(data, part)
    started = time.perf_counter()
    beam = bleu(Pieces.join(model.translate(english, beam=BEAM, length_penalty=PENALTY)), german)
    seconds = time.perf_counter() - started
    greedy = bleu(Pieces.join(model.translate(english, beam=1)), german)
    return {"bleu": beam, "greedy": greedy, "seconds_to_translate": seconds}


def kept(folder: Path, key: tuple[Any, ...]) -> tuple[Path, Path]:
    """Where a trained model and what is known of its training stand."""
    name = "_".join(str(part) for part in key)
    return folder / f"translation_{name}.keras", folder / f"translation_{name}.json"


def write(tries: Tries) -> None:
    columns = ["attention", "units", "pieces", "pairs"]
    rows = []
    for key, found in tries.table().groupby(columns, sort=False):
        scores = {"BLEU, beam 5": found["bleu"].mean(), "BLEU, greedy": found["greedy"].mean()}
        chosen = {"epochs": f"{found['epochs'].min()} to {found['epochs'].max()}", "seeds": len(found)}
        asked = {"asked": ASKED, "published": PUBLISHED, "minutes": found["seconds"].mean() / 60}
        rows.append(dict(zip(columns, key, strict=True)) | scores | asked | chosen)
    write_section(
        "Translation, BLEU",
        pd.DataFrame(rows).set_index("attention"),
        "Multi30k, English to German, lower-cased and tokenised, test2016, sacrebleu without tokenisation; words are "
        "cut into so many pieces in each language, as in the published figure.",
        decimals=1,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--attention", nargs="+", default=["general", "none"], choices=["general", "additive", "none"])
    parser.add_argument("--units", type=int, default=OPTIONS["units"])
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--pairs", type=int, default=29_000, help="train on the first so many")
    parser.add_argument("--pieces", type=int, default=6000, help="pieces of words in each language")
    parser.add_argument("--held-back", action="store_true", help="score the validation sentences, not the test")
    parser.add_argument("--train-only", type=Path, metavar="FOLDER")
    parser.add_argument("--score", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    part = "validation" if arguments.held_back else "test"
    tries = Tries("translation_held_back" if arguments.held_back else "translation", KEYS)
    wanted = [
        (attention, arguments.units, arguments.pieces, arguments.pairs, seed)
        for seed in arguments.seeds
        for attention in arguments.attention
    ]
    for key in wanted if arguments.train_only else tries.missing(wanted):
        if arguments.score:
            model_file, told_file = kept(arguments.score, key)
            model, told = keras.models.load_model(model_file), json.loads(told_file.read_text())
            history = told.pop("history")
        else:
            model, told = train(arguments.data, key, arguments.epochs)
            history = model.validation_history
        if arguments.train_only:
            arguments.train_only.mkdir(parents=True, exist_ok=True)
            model_file, told_file = kept(arguments.train_only, key)
            model.save(model_file)
            told_file.write_text(json.dumps(told | {"history": history}))
            continue
        tries.add(key, score(model, arguments.data, key, part) | told, history)
        if not arguments.held_back:
            write(tries)


if __name__ == "__main__":
    main()
