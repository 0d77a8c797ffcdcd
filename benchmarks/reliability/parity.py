"""Exported models against the live ones: each cell, in one direction and in both, with a mask and without, by format.

python benchmarks/reliability/parity.py

The cells are those of classifiers of series; with a mask the series are of different length and have gaps. Each model
is exported and its file is asked about 16 series that the export did not see. A figure is the largest difference from
the live model, relative to the largest value. "refused" are the words of the export. SavedModels run in TensorFlow,
files of ONNX in onnxruntime, files of LiteRT in TensorFlow's interpreter, one series at a time. Needs the extra `onnx`.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import onnx
import pandas as pd
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _results import write_section

import seqkit as sk
from seqkit.export import RELATIVE_TOLERANCE, relative_difference
from seqkit.export_file import FILE_TOLERANCE
from seqkit.export_formats import FILE_FORMATS, SAVED_MODEL
from seqkit.layers.cells import CELLS

SAMPLES, TIMESTEPS, FEATURES = 16, 13, 3
LABELS = ["a", "b", "c", "d"] * (SAMPLES // 4)
SMALL = {"units": 8, "dropout": 0.0}
TEXTS = ["a red cat", "a dog", "two dogs", "no cat"] * (SAMPLES // 4)
AIR_PASSENGERS = Path(__file__).resolve().parents[2] / "data" / "air_passengers.csv"
RANDOM = np.random.default_rng(0)
RECURRENT = ("LSTM", "GRU", "RNN", "Loop")  # operations of ONNX


class Case(NamedTuple):
    """A model, and what its exported files are asked."""

    model: keras.Model
    asked: np.ndarray  # (B, T, F)
    output: str  # the one that is compared


def series(is_masked: bool = False) -> np.ndarray:
    """Series `[B, T, F]`; with a mask NaN pads most of them, and stands in the middle of some."""
    values = RANDOM.normal(5, 3, (SAMPLES, TIMESTEPS, FEATURES)).astype("float32")
    if is_masked:
        for sample in range(SAMPLES):
            values[sample, RANDOM.integers(TIMESTEPS // 2, TIMESTEPS + 1) :] = np.nan
            values[sample, RANDOM.integers(1, TIMESTEPS // 2), 0] = np.nan
    return values


def shaken(model: keras.Model) -> keras.Model:
    """The model with other weights than the first ones, so that its answers differ."""
    for weight in model.trainable_weights:
        weight.assign(weight + RANDOM.normal(0, 1 / np.sqrt(max(1, np.prod(weight.shape[:-1]))), weight.shape))
    return model


def classifier(cell: str, is_bidirectional: bool, is_masked: bool) -> Case:
    values = series(is_masked)
    like = [one[~np.isnan(one).all(axis=-1)] for one in values] if is_masked else values
    options = {"cell": cell, "bidirectional": is_bidirectional, "missing": "mask" if is_masked else "refuse"}
    model = sk.build_classifier(like=like, labels=LABELS, convolution="none", **options, **SMALL)
    return Case(shaken(model), values, "probabilities")


def forecaster(**options: Any) -> Case:
    table = sk.read_csv(AIR_PASSENGERS)
    model = shaken(sk.build_forecaster(like=table, horizon=12, **options))
    past = np.stack([table.to_numpy("float32")[start : start + model.settings.timesteps] for start in range(SAMPLES)])
    if "fill" in options:
        past[:, 5:9] = np.nan
    return Case(model, past, "forecast")


def tagger(output: str) -> Case:
    values = series()
    tags = [LABELS[:TIMESTEPS]] * SAMPLES
    return Case(shaken(sk.build_tagger(like=values, tags=tags, output=output, **SMALL)), values, "probabilities")


def of_texts(build: Callable[..., keras.Model], *like: Any, **options: Any) -> Case:
    like = like if len(like) == 1 else (like,)
    return Case(build(like=like[0], cell="gru", **options, **SMALL), series(), "text")


MODELS: dict[str, Callable[[], Case]] = {
    "forecaster, default": forecaster,
    "forecaster, `fill`, attention": lambda: forecaster(fill="last", attention="dense"),
    "classifier of series, default": lambda: Case(
        shaken(sk.build_classifier(like=series(), labels=LABELS)), series(), "probabilities"
    ),
    "tagger of series, softmax": lambda: tagger("softmax"),
    "tagger of series, CRF": lambda: tagger("crf"),
    "seq2seq of series": lambda: Case(shaken(sk.build_seq2seq(like=(series(), series()), **SMALL)), series(), "answer"),
    "classifier of texts": lambda: of_texts(sk.build_classifier, TEXTS, labels=LABELS),
    "tagger of texts": lambda: of_texts(sk.build_tagger, TEXTS, tags=[text.split() for text in TEXTS]),
    "language model": lambda: of_texts(sk.build_language_model, TEXTS),
    "seq2seq of texts": lambda: of_texts(sk.build_seq2seq, TEXTS, TEXTS),
    "captioner": lambda: of_texts(sk.build_captioner, series()[:, 0], TEXTS),
}


def cases() -> Iterator[tuple[str, Callable[[], Case]]]:
    for cell, both, masked in product(CELLS, (False, True), (False, True)):
        words = f"{cell}, {'both directions' if both else 'one direction'}, {'masked' if masked else 'not masked'}"
        yield words, lambda options=(cell, both, masked): classifier(*options)
    yield from MODELS.items()


def exported(case: Case, name: str, folder: Path) -> Path | str:
    """The path of the file or folder, or the words of the refusal."""
    suffix = FILE_FORMATS[name].suffix if name in FILE_FORMATS else ""
    any_length = case.model.inputs[0].shape[1] is None
    options = {"timesteps": case.asked.shape[1]} if name == "litert" and any_length else {}
    try:
        return case.model.export(folder / f"model{suffix}", format=name, **options)
    except sk.InvalidValue as error:
        return f"refused: {error.problem}"


def answers(case: Case, name: str, path: Path) -> np.ndarray:
    """What the exported model answers to all series."""
    if name == SAVED_MODEL:
        loaded = tf.saved_model.load(str(path))
        return loaded.serve(case.asked)[case.output].numpy()
    form, content = FILE_FORMATS[name], path.read_bytes()
    input_name = {"forecast": "past"}.get(case.output, "series")
    parts = [case.asked[[sample]] for sample in range(SAMPLES)] if form.one_by_one else [case.asked]
    return np.concatenate([form.answers(content, {input_name: part})[case.output] for part in parts])


def recurrence(path: Path) -> str:
    """The operations of ONNX that run over the timesteps."""
    operations = [node.op_type for node in onnx.load(path).graph.node]
    return ", ".join(name for name in RECURRENT if name in operations)


def row_of(case: Case) -> dict[str, str]:
    """The difference of each format, or the words of its refusal."""
    is_text = case.output == "text"
    live = None if is_text else case.model.predict(case.asked, verbose=0)
    row, operations = {}, ""
    for name in (SAVED_MODEL, *FILE_FORMATS):
        with tempfile.TemporaryDirectory() as folder:
            path = exported(case, name, Path(folder))
            if isinstance(path, Path) and name == "onnx":
                operations = recurrence(path)
            title = FILE_FORMATS[name].name if name in FILE_FORMATS else "SavedModel"
            if isinstance(path, str):
                row[title] = path
            else:
                row[title] = "written" if is_text else f"{relative_difference(answers(case, name, path), live):.1e}"
    return row | {"ONNX runs over the steps by": operations}


def main() -> None:
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    rows = []
    for name, build in cases():
        keras.utils.set_random_seed(0)
        rows.append({"model": name, **row_of(build())})
        print(rows[-1], flush=True)
    table = pd.DataFrame(rows).set_index("model")
    cells = table.iloc[:, :-1].to_numpy().ravel()
    figures = [float(cell) for cell in cells if cell[0].isdigit()]
    refusals, texts = (sum(cell.startswith(word) for cell in cells) for word in ("refused", "written"))
    notes = (
        f"{len(cells)} exports: {len(figures)} compared, the largest difference {max(figures):.1e} "
        f"({RELATIVE_TOLERANCE:.0e} is allowed in a SavedModel, {FILE_TOLERANCE:.0e} in a file), {refusals} refused in "
        f"words, {texts} SavedModels of texts written and compared by the export alone."
    )
    write_section("Exported models beside the live ones", table, notes)


if __name__ == "__main__":
    main()
