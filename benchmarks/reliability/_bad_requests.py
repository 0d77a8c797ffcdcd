"""Bad requests to a served forecaster and a served classifier of texts, and what seqkit says of their values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

import seqkit as sk

JSON, CSV, PLAIN = ({"Content-Type": kind} for kind in ("application/json", "text/csv", "text/plain"))
WINDOW = (np.arange(36.0) + 100).reshape(1, 36, 1)
WORDS = re.compile(r"assertion failed: \[(.*)\]")

WRONG_NAME = "the model takes inputs by name, "


class BadRequest(NamedTuple):
    """A request, and the values in it as a live model would be given them; None where nothing can be read."""

    said: str
    body: str
    headers: dict[str, str]
    values: Any
    model_words: str = ""  # those of the model of MLflow's, where it refuses before the graph is asked


def bad_requests(name: str) -> list[BadRequest]:
    """Twenty for the forecaster, twenty for the classifier."""
    return _of_windows() if name == "forecaster" else _of_texts()


def _changed(value: Any, place: Any, samples: int = 1) -> np.ndarray:
    window = np.repeat(WINDOW, samples, axis=0)
    window[place] = value
    return window


def _of_windows() -> list[BadRequest]:
    def of(said: str, values: Any, model_words: str = "") -> BadRequest:
        given = values.tolist() if isinstance(values, np.ndarray) else values
        readable = values if isinstance(values, np.ndarray) and not model_words else None
        return BadRequest(said, json.dumps({"inputs": {"past": given}}), JSON, readable, model_words)

    one = WINDOW.tolist()
    written = json.dumps(one)
    return [
        of("an infinite value", _changed(np.inf, (0, 5))),
        of("minus infinity in the second window", _changed(-np.inf, (1, 35), samples=2)),
        of("1e39, which float32 holds as infinite", _changed(1e39, (0, 7))),
        of("a window all NaN", _changed(np.nan, 0)),
        of("the second window all NaN", _changed(np.nan, 1, samples=2)),
        BadRequest("a window all null", json.dumps({"inputs": {"past": [[[None]] * 36]}}), JSON, _changed(np.nan, 0)),
        of("zero, of which there is no log", _changed(0.0, (0, 3))),
        of("a negative value", _changed(-4.0, (0, 35))),
        of("35 timesteps in place of 36", WINDOW[:, 1:]),
        of("two features in place of one", np.repeat(WINDOW, 2, axis=2)),
        of("no features", WINDOW[..., :0]),
        of("no windows", WINDOW[:0], "past must have 3 axes, got the shape (0,)."),
        of("two axes in place of three", WINDOW[0], "past must have 3 axes, got the shape (36, 1)."),
        of("strings for numbers", [[["many"]] * 36], "past must hold numbers, got dtype <U4."),
        of("one string among numbers", [[["many"], *one[0][1:]]], "past must hold numbers, got dtype <U32."),
        of("rows of different length", [[[1.0, 2.0], *one[0][1:]]]),
        BadRequest("a wrong name", json.dumps({"inputs": {"history": one}}), JSON, None, WRONG_NAME + "past"),
        BadRequest("no inputs", json.dumps({}), JSON, None),
        BadRequest("half of a JSON", '{"inputs": {"past": ' + written[:100], JSON, None),
        BadRequest("another type of content", json.dumps({"inputs": {"past": one}}), PLAIN, None),
    ]


def _of_texts() -> list[BadRequest]:
    def of(said: str, values: Any) -> BadRequest:
        return BadRequest(said, json.dumps({"inputs": {"text": values}}), JSON, values)

    records = [{"text": "in the beginning"}, {"text": None}]
    columns = {"columns": ["text"], "data": [["in the beginning"], [None]]}
    missing = ["in the beginning", np.nan]
    return [
        of("null among texts", ["in the beginning", None]),
        of("null alone", [None]),
        BadRequest("null in records of a table", json.dumps({"dataframe_records": records}), JSON, missing),
        BadRequest("null in a table", json.dumps({"dataframe_split": columns}), JSON, missing),
        BadRequest("null in instances", json.dumps({"instances": records}), JSON, ["in the beginning", None]),
        BadRequest("an empty cell of a CSV", "text,row\nin the beginning,1\n,2\n", CSV, missing),
        of("NUL within a text", ["in the\0beginning"]),
        of("NUL at the end of the second text", ["in the beginning", "was\0"]),
        of("NUL alone", ["\0"]),
        of("a million words", ["word " * 1_000_000]),
        of("a million words among short texts", ["in the beginning", "word " * 1_000_000, "was"]),
        of("10,001 words", ["word " * 10_001]),
        of("no texts", []),
        of("a number for a text", [3.5]),
        of("a boolean for a text", [True]),
        of("half of a character pair", ["in \ud800"]),
        of("a list for a text", [["in", "the"]]),
        BadRequest("a wrong name", json.dumps({"inputs": {"texts": ["was"]}}), JSON, None, WRONG_NAME + "text"),
        BadRequest("half of a JSON", '{"inputs": {"text": ["in the', JSON, None),
        BadRequest("another type of content", json.dumps({"inputs": {"text": ["in"]}}), PLAIN, None),
    ]


def refused_words(model: Any, saved_model: Path, request: BadRequest) -> tuple[str, str]:
    """Who refuses these values, and the words: the live model, or else the served graph or MLflow's model alone."""
    if request.values is None:
        return "the model of MLflow", request.model_words
    graph = _graph_words(saved_model, request.values)
    if "longest=" in graph:  # the limit of served texts; the live model has none, and would read them all
        return "the graph", graph
    try:
        model.predict(request.values, verbose=0)
    except (sk.InvalidValue, sk.InvalidType) as error:
        live = f"{error.problem} {error.way_out}".strip()
        return ("the graph", graph) if graph and graph != live else ("the live model", live)
    return "the graph", graph


def _graph_words(saved_model: Path, values: Any) -> str:
    served = tf.saved_model.load(str(saved_model))
    try:
        served.serve(tf.constant(values, tf.float32 if isinstance(values, np.ndarray) else tf.string))
    except tf.errors.InvalidArgumentError as error:
        found = WORDS.search(str(error))
        return re.sub(r"\\(['\"])", r"\1", found[1]) if found else ""
    except (TypeError, ValueError):
        return ""
    return ""
