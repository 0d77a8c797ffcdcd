"""Article 004, the GRU: each statement, in the article's order, through the public API."""

import functools

import numpy as np
import pytest
from written_out import B, F, T, U, before, gates_of, normal, result, shaken, sigmoid

import seqkit as sk

X = normal(B, T, F)
K = 4  # outputs
SERIES, TEXTS = "temperatures (MAE, scaled)", "question types (accuracy)"
CELLS = ("LSTM", "GRU, reset after")


@functools.cache
def gru(reset_after=False):
    """Gates of a GRU on X, and its weights; by default the article's form, the reset before the product."""
    return gates_of(shaken(sk.build_gru(U, features=F, return_sequences=True, reset_after=reset_after)), X)


def measured(task, cell):
    return result("LSTM against GRU", task=task, cell=cell)


def weights_by_hand():
    """W, R and b of the reset gate, the update gate and the candidate, and W_o and b_o."""
    random = np.random.default_rng(11)
    weights = {"W_o": random.normal(size=(U, K)), "b_o": random.normal(size=K)}
    for gate in "rzh":
        weights |= {f"W_{gate}": random.normal(size=(F, U)), f"R_{gate}": 0.5 * random.normal(size=(U, U))}
        weights[f"b_{gate}"] = random.normal(size=U)
    return weights


def test_095_an_lstm_has_many_parameters():
    """95 (004): 64 units on one feature; the figures of the benchmark are those of the layers."""
    assert sk.build_lstm(64, features=1).count_params() == measured(SERIES, "LSTM")["parameters of the cell"] == 16_896
    found = measured(SERIES, "GRU, reset after")["parameters of the cell"]
    assert sk.build_gru(64, features=1).count_params() == found == 12_864


@pytest.mark.parametrize("reset_after", [False, True])
def test_096_reset_and_update_gate_are_sigmoids_of_state_and_input(reset_after):
    """96 (004): r = sigmoid(W_r [h, x]) and z = sigmoid(W_z [h, x]); Keras orders z, r, candidate."""
    cells, (inner, recurrent, bias) = gru(reset_after)
    sums = (X @ inner + before(cells.hidden) @ recurrent + bias.reshape(-1, 3 * U).sum(axis=0))[..., : 2 * U]
    np.testing.assert_allclose(cells.update, sigmoid(sums[..., :U]), atol=1e-6)
    np.testing.assert_allclose(cells.reset, sigmoid(sums[..., U:]), atol=1e-6)


def test_097_the_candidate_is_tanh_of_the_reset_state_and_the_input():
    """97 (004): h~ = tanh(W [r * h, x]) with `reset_after=False`; by default Keras resets after the product."""
    cells, (inner, recurrent, bias) = gru()
    inner, recurrent, bias = inner[:, 2 * U :], recurrent[:, 2 * U :], bias[..., 2 * U :]
    wanted = np.tanh(X @ inner + (cells.reset * before(cells.hidden)) @ recurrent + bias)
    np.testing.assert_allclose(cells.candidate, wanted, atol=1e-6)
    other, (inner, recurrent, bias) = gru(reset_after=True)
    inner, recurrent, bias = inner[:, 2 * U :], recurrent[:, 2 * U :], bias[:, 2 * U :]
    wanted = np.tanh(X @ inner + bias[0] + other.reset * (before(other.hidden) @ recurrent + bias[1]))
    np.testing.assert_allclose(other.candidate, wanted, atol=1e-6)


def test_098_the_new_state_is_1_minus_z_of_the_old_and_z_of_the_candidate():
    """98 (004): the article's z is 1 minus the update gate of Keras and `gates`; `plot_cell` writes the article's."""
    cells, _ = gru()
    z = 1 - cells.update
    np.testing.assert_allclose(cells.hidden, (1 - z) * before(cells.hidden) + z * cells.candidate, atol=1e-6)
    model = shaken(sk.build_gru(U, features=F, return_sequences=True, reset_after=False))
    shown = [text.get_text() for text in sk.plot_cell(model=model, x=X, sample=1, step=3, unit=2).axes[0].texts]
    assert float(shown[shown.index("$z_t$") + 1]) == pytest.approx(z[1, 3, 2], abs=0.006)


def test_099_the_output_is_w_o_times_the_state():
    """99 (004): y = W_o h, in the network and by hand."""
    model = shaken(sk.build_gru(U, features=F, outputs=K, return_sequences=True))
    cells, _ = gates_of(model, X)
    *_, kernel, bias = model.get_weights()
    np.testing.assert_allclose(model(X), cells.hidden @ kernel + bias, atol=1e-5)
    weights = weights_by_hand()
    by_hand = sk.gru_by_hand(X, np.zeros((B, K)), weights)
    np.testing.assert_allclose(by_hand.prediction, by_hand.hidden[:, -1] @ weights["W_o"] + weights["b_o"])


def test_100_one_gate_fewer_is_a_quarter_of_the_parameters_fewer():
    """100 (004): 64 units on 8 features. Keras's default form has a second bias."""
    lstm = sk.build_lstm(64, features=8).count_params()
    assert lstm == 18_688
    assert sk.build_gru(64, features=8, reset_after=False).count_params() == lstm * 3 / 4
    assert sk.build_gru(64, features=8).count_params() == lstm * 3 / 4 + 3 * 64 == 14_208


def test_101_a_gru_trains_faster_on_texts_and_not_on_series():
    """101 (004), corrected: milliseconds of a training step, in `benchmarks/lstm_against_gru.py`."""
    steps = {(task, cell): measured(task, cell)["step, ms"] for task in (SERIES, TEXTS) for cell in CELLS}
    assert steps[SERIES, "LSTM"] == 8.186 < steps[SERIES, "GRU, reset after"] == 9.280
    assert steps[TEXTS, "GRU, reset after"] == 21.354 < steps[TEXTS, "LSTM"] == 35.322


@pytest.mark.parametrize("task", [SERIES, TEXTS])
def test_102_a_gru_is_as_good_as_an_lstm(task):
    """102 (004): their scores differ by no more than the larger spread over the seeds."""
    lstm, other = (measured(task, cell) for cell in CELLS)
    assert abs(lstm["score, mean"] - other["score, mean"]) <= max(lstm["spread"], other["spread"])


def test_103_each_step_has_a_loss_and_the_loss_is_their_sum():
    """103 (004): E_t = (y_t - prediction_t)^2 / 2, E = sum_t E_t, and so are the gradients summed."""
    y, weights = normal(B, T, K, seed=1), weights_by_hand()
    found = sk.gru_by_hand(X, y, weights)
    assert found.loss == pytest.approx(0.5 * ((y - found.prediction) ** 2).sum() / B)
    steps = [sk.gru_by_hand(X[:, : t + 1], y[:, t], weights) for t in range(T)]  # the loss of timestep t alone
    assert found.loss == pytest.approx(sum(step.loss for step in steps))
    np.testing.assert_allclose(found.gradients["R_h"], sum(step.gradients["R_h"] for step in steps), atol=1e-10)


@pytest.mark.parametrize("name", ["W_o", "W_r", "R_r", "W_z", "R_z", "W_h", "R_h"])
def test_104_seven_partial_derivatives_by_hand(name):
    """104 (004): by W_r, W_z, W_h, each in its part of the input and of the state, and by W_o; finite differences."""
    x, y, weights = X.astype("float64"), normal(B, T, K, seed=1), weights_by_hand()
    found = sk.gru_by_hand(x, y, weights).gradients[name]
    nudge = np.zeros_like(found)
    for place in [(0, 0), (1, 2), (-1, -1)]:
        nudge[:] = 0
        nudge[place] = 1e-6
        up, down = (sk.gru_by_hand(x, y, {**weights, name: weights[name] + sign * nudge}).loss for sign in (1, -1))
        assert found[place] == pytest.approx((up - down) / 2e-6, abs=1e-6)
