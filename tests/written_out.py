"""What the tests of the articles share: equations in NumPy, other weights than the first, figures of RESULTS.md."""

import pathlib

import numpy as np

import seqkit as sk

B, T, F, U = 3, 7, 2, 5  # samples, timesteps, features, units
RESULTS = pathlib.Path(__file__).parents[1] / "benchmarks" / "RESULTS.md"


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(scores):
    exp = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


def shaken(model, seed=5):
    """The model with other weights than the first ones, so that no bias is zero."""
    random = np.random.default_rng(seed)
    for weight in model.trainable_weights:
        weight.assign(random.normal(0, 0.7, weight.shape))
    return model


def gates_of(model, x):
    """The gates of a model's only recurrent layer, and that layer's three weights."""
    (cells,) = sk.gates(model, x).values()
    return cells, model.get_weights()[:3]


def rnn_steps(x, weights, activation=np.tanh, state=0.0):
    """Each h_t = f(x_t W + h_{t-1} R + b), `[B, T, U]`."""
    inner, recurrent, bias = weights
    hidden = [np.zeros((len(x), len(bias))) + state]
    for step in np.moveaxis(x, 1, 0):
        hidden.append(activation(step @ inner + hidden[-1] @ recurrent + bias))
    return np.stack(hidden[1:], axis=1)


def lstm_steps(x, weights):
    """The articles' six equations: f, i, candidate, C, o and h by name, `[B, T, U]` each. Keras orders i, f, C, o."""
    inner, recurrent, bias = weights
    h, c = np.zeros((2, len(x), len(recurrent)))
    steps = []
    for step in np.moveaxis(x, 1, 0):
        i, f, g, o = np.split(step @ inner + h @ recurrent + bias, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c + i * g
        h = o * np.tanh(c)
        steps.append((f, i, g, c, o, h))
    names = ("forget", "input", "candidate", "cell", "output", "hidden")
    return {name: np.stack(values, axis=1) for name, values in zip(names, zip(*steps, strict=True), strict=True)}


def before(states):
    """The states one timestep earlier, zeros at first."""
    return np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1)


def results(heading):
    """The rows of the first table under a heading of RESULTS.md, numbers as numbers."""
    _, _, section = RESULTS.read_text().partition(f"## {heading}\n")
    assert section, f"RESULTS.md has no section {heading!r}"
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    names, _, *rows = [[value.strip() for value in line.strip("|").split("|")] for line in lines]
    return [dict(zip(names, map(_number, row), strict=True)) for row in rows]


def result(heading, **wanted):
    """The only row of that table with these values."""
    (row,) = [row for row in results(heading) if wanted.items() <= row.items()]
    return row


def _number(text):
    try:
        return float(text)
    except ValueError:
        return text
