"""The articles' Keras code beside the same with seqkit: lines, parameters and outputs with the same weights.

python benchmarks/beside_keras.py

Each case has a snippet for Keras and one for seqkit, which make `model`, and lines that ask it, which are the same for
both. The weights of the one are set into the other.
"""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from _results import write_section

import seqkit as sk


class Case(NamedTuple):
    """Two snippets that make `model`, and the lines that make `outputs` of it."""

    keras: str
    seqkit: str
    ask: str = "outputs = model(x)"


STATES = "out, h, c = model(x)\nagain, *_ = model(x, initial_state=[h, c])\noutputs = [out, h, c, again]"
GIVEN = "outputs = model([x, *first])"


def functional(layer: str, size: int) -> str:
    """Keras code of three layers whose states are all returned."""
    return f"""\
inputs = keras.Input((None, 2))
first, *states_1 = {layer.format(size=size, sequences=True)}(inputs)
second, *states_2 = {layer.format(size=size, sequences=True)}(first)
third, *states_3 = {layer.format(size=size, sequences=False)}(second)
model = keras.Model(inputs, [third, *states_1, *states_2, *states_3])
model.compile(loss=["mse", *[None] * (len(model.outputs) - 1)], optimizer="adam")"""


LSTM = "keras.layers.LSTM({size}, return_sequences={sequences}, return_state=True)"
CASES = {
    "the articles' stack": Case(
        """\
model = keras.Sequential()
model.add(keras.Input((36, 1)))
model.add(keras.layers.LSTM(128, return_sequences=True))
model.add(keras.layers.Dropout(0.5))
model.add(keras.layers.LSTM(128, return_sequences=True))
model.add(keras.layers.LSTM(64))
model.add(keras.layers.Dense(3))
model.compile(loss="mse", optimizer="adam")""",
        'model = sk.build_forecaster(timesteps=36, features=1, horizon=3, preset="article")',
        "outputs = model(series)",
    ),
    "one layer, out, h, c and initial_state=[h, c]": Case(
        "model = keras.layers.LSTM(5, return_sequences=True, return_state=True)",
        "model = sk.RecurrentStack(5, return_sequences=True, return_state=True)",
        STATES,
    ),
    "one layer, both directions, its states": Case(
        "model = keras.layers.Bidirectional(keras.layers.LSTM(5, return_state=True))",
        "model = sk.RecurrentStack(5, bidirectional=True, return_state=True)",
    ),
    "one layer, sequences and a Dense": Case(
        """\
model = keras.Sequential()
model.add(keras.Input((None, 2)))
model.add(keras.layers.GRU(5, return_sequences=True))
model.add(keras.layers.Dense(3))
model.compile(loss="mse", optimizer="adam")""",
        "model = sk.build_gru(5, features=2, return_sequences=True, outputs=3)",
    ),
    "one layer whose initial states are inputs": Case(
        """\
inputs, h, c = keras.Input((None, 2)), keras.Input((5,)), keras.Input((5,))
outputs = keras.layers.LSTM(5)(inputs, initial_state=[h, c])
model = keras.Model([inputs, h, c], outputs)
model.compile(loss="mse", optimizer="adam")""",
        'model = sk.build_lstm(5, features=2, initial_state="given")',
        GIVEN,
    ),
    "three layers, all states": Case(
        functional(LSTM, 5), "model = sk.build_lstm([5, 5, 5], features=2, return_state=True)"
    ),
    "three layers, both directions, all states": Case(
        functional(f"keras.layers.Bidirectional({LSTM})", 5),
        "model = sk.build_lstm([5, 5, 5], features=2, bidirectional=True, return_state=True)",
    ),
    "three SimpleRNN layers with relu": Case(
        """\
model = keras.Sequential()
model.add(keras.Input((None, 2)))
model.add(keras.layers.SimpleRNN(5, activation="relu", return_sequences=True))
model.add(keras.layers.SimpleRNN(5, activation="relu", return_sequences=True))
model.add(keras.layers.SimpleRNN(5, activation="relu"))
model.compile(loss="mse", optimizer="adam")""",
        'model = sk.build_rnn([5, 5, 5], features=2, activation="relu")',
    ),
}


def asked(names: dict[str, Any], ask: str) -> list[np.ndarray]:
    """The outputs of a model as arrays, in order."""
    exec(ask, names)
    return [keras.ops.convert_to_numpy(tensor) for tensor in keras.tree.flatten(names["outputs"])]


def compare(case: Case) -> dict[str, object]:
    """Make both models, give the second the weights of the first, and compare what they answer."""
    random = np.random.default_rng(7)
    data = {"x": random.normal(size=(3, 7, 2)), "series": random.normal(size=(3, 36, 1)), "first": None}
    data = {name: None if array is None else array.astype("float32") for name, array in data.items()}
    data["first"] = [random.normal(size=(3, 5)).astype("float32") for _ in range(2)]
    models = []
    for code in (case.keras, case.seqkit):
        names: dict[str, Any] = {"keras": keras, "sk": sk, **data}
        exec(code, names)
        asked(names, case.ask)  # builds a layer
        models.append(names)
    theirs, ours = (names["model"] for names in models)
    weights = [random.normal(0, 0.3, weight.shape) for weight in theirs.weights]
    for model in (theirs, ours):
        model.set_weights(weights)
    outputs = [asked(names, case.ask) for names in models]
    gap = max(float(np.abs(one - other).max()) for one, other in zip(*outputs, strict=True))
    lines = [code.splitlines() for code in (case.keras, case.seqkit)]
    changed = sum(line.startswith("+ ") for line in difflib.ndiff(*lines))
    return {
        "lines of Keras": len(lines[0]),
        "lines of seqkit": len(lines[1]),
        "of these changed": changed,
        "parameters of Keras": theirs.count_params(),
        "parameters of seqkit": ours.count_params(),
        "outputs": len(outputs[0]),
        "largest difference": f"{gap:.1g}",
    }


def main() -> None:
    """Compare all cases, and write the section of RESULTS.md."""
    rows = pd.DataFrame({name: compare(case) for name, case in CASES.items()}).T
    write_section(
        "Keras's conventions, side by side",
        rows.rename_axis("case"),
        "The same weights in both; 0 is equal to the bit. The lines that ask a model are the same and not counted.",
    )


if __name__ == "__main__":
    main()
