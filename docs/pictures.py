"""Draw the pictures of the pages on the articles' ideas: python docs/pictures.py. Every seed is set."""

from __future__ import annotations

from pathlib import Path

import keras
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

import seqkit as sk

FOLDER = Path(__file__).resolve().parent / "pictures"
STEPS, MARKED = 20, 7
LONG, SYMBOLS = 50, 4
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
DPI = 80


def main() -> None:
    """Draw all of them into `docs/pictures/`."""
    FOLDER.mkdir(exist_ok=True)
    for cell in ("simple_rnn", "lstm", "gru"):
        save(f"cell_{cell}", sk.plot_cell(cell))
    save("reach", reach())
    for cell in ("lstm", "gru"):
        save(f"gates_{cell}", gates(cell))
    save("attention_steps", attention())
    save("alignment", alignment())


def reach() -> Figure:
    """How much of the loss reaches each of fifty steps, before training, by cell and by its first biases."""
    random = np.random.default_rng(0)
    x = np.eye(SYMBOLS, dtype="float32")[random.integers(SYMBOLS, size=(64, LONG))]
    y = x[:, 0].argmax(-1)
    kinds = {"SimpleRNN": ("simple_rnn", None), "LSTM, Keras's biases": ("lstm", None)}
    kinds |= {"LSTM, biases for the length": ("lstm", "timesteps"), "GRU, biases for the length": ("gru", "timesteps")}
    flows = {}
    for name, (cell, memory) in kinds.items():
        keras.utils.set_random_seed(0)
        sizes = {"features": SYMBOLS, "outputs": SYMBOLS, "timesteps": LONG, "units": 32}
        model = sk.build_recurrent("many_to_one", **sizes, task="classes", cell=cell, memory=memory)
        flows[name] = sk.gradient_flow(model, x, y)
    return sk.plot_gradient_flow(flows, title="What of the loss reaches each step, before training")


def marked(count: int, seed: int, at: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Random values and marks `[count, STEPS, 2]`, and the value on the marked step, never one of the last five."""
    random = np.random.default_rng(seed)
    values, marks = random.uniform(-1, 1, (count, STEPS)), np.zeros((count, STEPS))
    places = random.integers(STEPS - 5, size=count) if at is None else np.full(count, at)
    marks[np.arange(count), places] = 1
    return np.stack([values, marks], -1).astype("float32"), values[np.arange(count), places]


def gates(cell: str) -> Figure:
    """What the gates of a trained cell do on the marked step and beside it."""
    keras.utils.set_random_seed(1)
    sizes = {"features": 2, "outputs": 1, "timesteps": STEPS, "units": 16}
    model = sk.build_recurrent("many_to_one", **sizes, cell=cell, optimizer=keras.optimizers.Adam(0.01))
    x, y = marked(2000, seed=0)
    model.fit(x, y[:, None], epochs=40, batch_size=50, verbose=0)
    new_x, new_y = marked(500, seed=1)
    print(cell, "error on new sequences", model.evaluate(new_x, new_y[:, None], verbose=0, return_dict=True))
    (cells,) = sk.gates(model, marked(1, seed=2, at=MARKED)[0]).values()
    return sk.plot_gates(cells, units=range(8), title=f"{cell}, trained to keep the value on the marked step, {MARKED}")


def attention() -> Figure:
    """Where a classifier looks that is to tell the sign of the marked value."""
    keras.utils.set_random_seed(1)
    x, y = marked(2000, seed=0)
    how = {"units": 16, "bidirectional": False, "convolution": "none", "attention": "dense", "dropout": 0.0}
    model = sk.build_classifier(like=x, labels=y > 0, **how, optimizer=keras.optimizers.Adam(0.01))
    model.fit(x, y > 0, epochs=20, batch_size=50, verbose=0)
    new_x, new_y = marked(500, seed=1)
    print("classifier", model.evaluate(new_x, new_y > 0, verbose=0, return_dict=True))
    weights = sk.attention_weights(model, marked(1, seed=2, at=MARKED)[0])
    return sk.plot_attention(weights, title=f"Weights of attention: step {MARKED} is marked")


def alignment() -> Figure:
    """Where a translator looks as it writes the digits of a number backwards."""
    keras.utils.set_random_seed(0)
    numbers = np.random.default_rng(0).integers(10, size=(2000, 4))
    sources = [" ".join(DIGITS[digit] for digit in number) for number in numbers]
    targets = [" ".join(str(digit) for digit in reversed(number)) for number in numbers]
    model = sk.build_seq2seq(like=(sources, targets), units=32, embedding=16, attention="general")
    model.fit(sources, targets, epochs=20, verbose=0)
    print("translator", model.translate(["one two three four"]))
    return sk.plot_alignment(model.alignments(["one two three four"])[0], title="Digits backwards: where it looks")


def save(name: str, figure: Figure) -> None:
    """Write the picture and say how large it is."""
    path = FOLDER / f"{name}.png"
    figure.savefig(path, dpi=DPI, bbox_inches="tight")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    mpl.use("agg")
    main()
