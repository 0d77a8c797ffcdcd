"""plot_cell: the parts of each cell, the values of one timestep, and what is refused."""

import itertools
import re

import numpy as np
import pytest

import seqkit as sk

X = np.random.default_rng(7).normal(0, 1, (3, 5, 2)).astype("float32")
BUILDERS = {"lstm": sk.build_lstm, "gru": sk.build_gru, "simple_rnn": sk.build_rnn}
NAMES = {
    "lstm": ["C_{t-1}", "h_{t-1}", "x_t", "f_t", "i_t", r"\tilde{C}_t", "o_t", "C_t", "h_t"],
    "gru": ["h_{t-1}", "x_t", "r_t", "z_t", r"\tilde{h}_t", "h_t"],
    "simple_rnn": ["h_{t-1}", "x_t", "h_t"],
}
FIELDS = {
    "lstm": {"f_t": "forget", "i_t": "input", r"\tilde{C}_t": "candidate", "o_t": "output", "C_t": "cell"},
    "gru": {"r_t": "reset", r"\tilde{h}_t": "candidate"},
    "simple_rnn": {},
}


def texts_of(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def values_of(figure):
    """The number that follows each name."""
    texts = texts_of(figure)
    pairs = itertools.pairwise(texts)
    return {name.strip("$"): float(value) for name, value in pairs if re.fullmatch(r"-?\d\.\d\d", value)}


@pytest.mark.parametrize("cell", NAMES)
def test_a_cell_is_drawn_with_the_names_of_its_gates_and_states(cell, tmp_path):
    figure = sk.plot_cell(cell)
    names = [text.strip("$") for text in texts_of(figure) if text.startswith("$")]
    assert sorted(names) == sorted(NAMES[cell])
    assert not values_of(figure)
    figure.savefig(tmp_path / "cell.png")


@pytest.mark.parametrize("cell", BUILDERS)
@pytest.mark.parametrize("step", [0, 3, -1])
def test_the_values_are_those_of_the_gates_at_one_timestep(cell, step):
    model = BUILDERS[cell]([4, 3], features=2)
    layer, gates = list(sk.gates(model, X).items())[1]
    values = values_of(sk.plot_cell(model=model, x=X, layer=layer, sample=1, step=step, unit=2))
    for name, field in {**FIELDS[cell], "h_t": "hidden"}.items():
        assert values[name] == pytest.approx(getattr(gates, field)[1, step, 2], abs=0.006), name
    assert ("h_{t-1}" in values) == (step != 0)
    if step != 0:
        assert values["h_{t-1}"] == pytest.approx(gates.hidden[1, step - 1, 2], abs=0.006)


def test_the_update_gate_is_the_articles_one():
    model = sk.build_gru(3, features=2)
    gates = next(iter(sk.gates(model, X).values()))
    values = values_of(sk.plot_cell("gru", model, X))
    z, before, candidate = values["z_t"], values["h_{t-1}"], values[r"\tilde{h}_t"]
    assert z == pytest.approx(1 - gates.update[0, -1, 0], abs=0.006)
    assert (1 - z) * before + z * candidate == pytest.approx(gates.hidden[0, -1, 0], abs=0.02)


def test_what_cannot_be_drawn_is_refused_in_words():
    model = sk.build_lstm(3, features=2)
    for arguments, message in [
        ({}, "give a cell, or a model"),
        ({"cell": "lstn"}, "Did you mean 'lstm'"),
        ({"cell": "gru", "model": model, "x": X}, "is 'lstm', got cell='gru'"),
        ({"model": model, "x": X, "step": 5}, "step must be a number from -5 to 4, got 5"),
        ({"model": model, "x": X, "unit": 3}, "from 0 to 2"),
        ({"model": model, "x": X, "sample": 3}, "sample must be below 3"),
        ({"model": model, "x": X, "layer": "other"}, "layer must be one of"),
    ]:
        with pytest.raises(ValueError, match=message):
            sk.plot_cell(**arguments)
