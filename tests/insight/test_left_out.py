"""What cannot be shown is left out by name, or refused in words; what can be shown beside it is."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers, ops

import seqkit as sk

B, T, F, U, K = 3, 7, 2, 5, 4
X = np.random.default_rng(0).normal(size=(B, T, F)).astype("float32")
Y = np.random.default_rng(1).normal(size=(B, K)).astype("float32")


def compiled(*parts, inputs=(T, F), loss="mse"):
    model = keras.Sequential([keras.Input(inputs), *parts, layers.Dense(K)])
    model.compile(loss=loss)
    return model


class CoupledCell(layers.LSTMCell):
    """Its forget gate is one minus its input gate."""

    def call(self, inputs, states, training=False):
        sums = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel) + self.bias
        i, _, g, o = ops.split(sums, 4, axis=-1)
        i, o = ops.sigmoid(i), ops.sigmoid(o)
        c = (1 - i) * states[1] + i * ops.tanh(g)
        hidden = o * ops.tanh(c)
        return hidden, [hidden, c]


class Coupled(layers.LSTM):
    """A subclass with another cell."""

    def __init__(self, units, **options):
        super().__init__(units, **options)
        self.cell = CoupledCell(units)
        self.use_cudnn = False


class AddingCell(layers.Layer):
    """A cell of its own, without `training`, whose state is no list."""

    state_size = output_size = F

    def call(self, inputs, states):
        state = 0.5 * states[0] + inputs
        return state, state


class OtherOutputCell(AddingCell):
    """Its output is not its state."""

    def call(self, inputs, states):
        state = 0.5 * states[0] + inputs
        return 3 * state, state


# Cells


def test_a_subclass_with_another_cell_is_left_out_by_name():
    model = compiled(Coupled(U, return_sequences=True, name="coupled"), layers.GRU(U, name="plain"))
    with pytest.warns(
        sk.SeqkitWarning, match="left out are 'coupled': what it gave is off by .* for CoupledCell"
    ) as warned:
        assert list(sk.gates(model, X)) == ["plain"]
    assert warned[0].filename == __file__


def test_a_model_of_which_nothing_can_be_shown_is_refused_with_the_reason():
    with pytest.raises(
        sk.InvalidValue, match="gates: nothing of the model can be shown. 'coupled': what it gave is off"
    ):
        sk.gates(compiled(Coupled(U, name="coupled")), X)
    with pytest.raises(sk.InvalidValue, match="'own': the equations of AddingCell are not known here"):
        sk.gates(compiled(layers.RNN(AddingCell(), name="own")), X)


def test_the_gradients_of_a_cell_of_ones_own_are_those_of_its_own_equations():
    """Its states shrink by half from step to step, and so do the derivatives."""
    flow = sk.gradient_flow(compiled(layers.RNN(AddingCell(), name="own")), X, Y)["own"]
    np.testing.assert_allclose(flow, flow.iloc[-1] * 0.5 ** np.arange(T)[::-1], rtol=1e-5)


def test_the_gradients_of_a_subclass_with_another_cell_are_those_of_the_same_cell_alone():
    model = compiled(Coupled(U, name="coupled"))
    alone = compiled(layers.RNN(CoupledCell(U), name="coupled"))
    alone.set_weights(model.get_weights())
    pd.testing.assert_frame_equal(sk.gradient_flow(model, X, Y), sk.gradient_flow(alone, X, Y))


def test_a_cell_whose_output_is_not_its_state_is_left_out_of_the_gradients():
    model = compiled(layers.RNN(OtherOutputCell(), return_sequences=True, name="own"), layers.GRU(U, name="plain"))
    with pytest.warns(sk.SeqkitWarning, match="gradient_flow: left out are 'own': what it gave is off") as warned:
        assert list(sk.gradient_flow(model, X, Y)) == ["plain"]
    assert warned[0].filename == __file__


def test_cells_in_one_layer_are_shown_as_the_same_cells_in_layers():
    cells = layers.RNN([layers.LSTMCell(U), layers.GRUCell(3)], name="both", return_sequences=True)
    several = compiled(cells, layers.Flatten())
    stack = [layers.LSTM(U, return_sequences=True, name="lower"), layers.GRU(3, return_sequences=True, name="upper")]
    stacked = compiled(*stack, layers.Flatten())
    stacked.set_weights(several.get_weights())
    found, wanted = sk.gates(several, X), sk.gates(stacked, X)
    assert list(found) == ["both cell 1", "both cell 2"]
    for one, other in zip(found.values(), wanted.values(), strict=True):
        for values, same in zip(one, other, strict=True):
            np.testing.assert_allclose(values, same, atol=1e-6)
    flow = sk.gradient_flow(several, X, Y)
    np.testing.assert_allclose(flow, sk.gradient_flow(stacked, X, Y), rtol=1e-4)
    assert list(flow) == list(found)


def test_cells_in_one_layer_have_a_row_in_the_report_of_the_kernel():
    report = sk.gpu_report(compiled(layers.RNN([layers.LSTMCell(U), layers.GRUCell(3)], name="both")))
    assert report.to_numpy().tolist() == [
        ["both", "StackedRNNCells", False, "there is no such kernel for StackedRNNCells"]
    ]


def test_a_layer_of_pictures_is_left_out_by_name():
    movie = keras.Input((T, 6, 6, 1))
    frames = layers.ConvLSTM2D(2, 3, return_sequences=True, name="pictures")(movie)
    model = keras.Model(movie, layers.GRU(U, name="plain")(layers.Reshape((T, -1))(frames)))
    with pytest.warns(sk.SeqkitWarning, match="left out are 'pictures': ConvLSTM2D reads 5 axes"):
        assert list(sk.gates(model, np.ones((B, T, 6, 6, 1), "float32"))) == ["plain"]


class WithSpare(layers.Layer):
    """It uses one of its two layers."""

    def __init__(self):
        super().__init__()
        self.plain, self.spare = layers.GRU(U, name="plain"), layers.LSTM(U, name="spare")

    def build(self, shape):
        self.plain.build(shape)
        self.built = True

    def call(self, x):
        return self.plain(x)


def test_a_layer_that_the_model_does_not_call_is_named():
    model = compiled(WithSpare())
    with pytest.warns(sk.SeqkitWarning, match="left out are 'spare': the model did not call it"):
        assert list(sk.gates(model, X)) == ["plain"]


class CompiledCall(keras.Model):
    """Its call is a graph, in which no values are seen."""

    def __init__(self):
        super().__init__()
        self.memory = layers.GRU(U, name="memory")

    @tf.function(autograph=False)
    def call(self, x):
        return self.memory(x)


def test_a_layer_inside_a_compiled_function_is_refused_by_name():
    model = CompiledCall()
    model(X)
    model.compile(loss="mse")
    with pytest.raises(sk.InvalidValue, match="'memory': it runs inside a compiled function"):
        sk.gates(model, X)
    with pytest.raises(sk.InvalidValue, match="'memory': it runs inside a compiled function"):
        sk.gradient_flow(model, X, np.zeros((B, U)))


def test_a_model_that_is_not_built_is_refused_with_the_way_out():
    with pytest.raises(sk.InvalidValue, match=r"the model is not built. Call it once on a batch: model\(x\)"):
        sk.gates(keras.Sequential([layers.GRU(U)]), X)


# Losses


def test_a_model_compiled_without_a_loss_is_refused_with_the_way_out():
    model = compiled(layers.GRU(U))
    model = keras.Model(model.inputs, model.outputs)
    model.compile()
    with pytest.raises(sk.InvalidValue, match=r"the model has no loss. Compile it first"):
        sk.gradient_flow(model, X, Y)


class OwnLoss(keras.Model):
    """With a loss of its own, as it was written before Keras passed `training`."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return ops.mean((y - y_pred) ** 2)


def test_a_loss_of_ones_own_is_differentiated():
    model = compiled(layers.GRU(U))
    own = OwnLoss(model.inputs, model.outputs)
    own.compile()
    pd.testing.assert_frame_equal(sk.gradient_flow(own, X, Y), sk.gradient_flow(model, X, Y))


def test_a_loss_that_a_layer_adds_needs_no_targets():
    steps = keras.Input((T, F))
    model = keras.Model(steps, layers.ActivityRegularization(l2=0.1)(layers.GRU(U)(steps)))
    model.compile()
    assert (sk.gradient_flow(model, X, None) > 0).all().all()


# Inputs and targets

CLASSES = "sparse_categorical_crossentropy"
NUMBERS = np.array([0, 3, 1])
LABELS = {
    "list": NUMBERS.tolist(),
    "int8": NUMBERS.astype("int8"),
    "floats": NUMBERS.astype(float),
    "objects": NUMBERS.astype(object),
    "Series": pd.Series(NUMBERS),
    "DataFrame": pd.DataFrame({"label": NUMBERS}),
}


@pytest.mark.parametrize("kind", LABELS)
def test_class_numbers_of_any_kind_give_the_same_gradients(kind):
    model = compiled(layers.GRU(U), loss=CLASSES)
    pd.testing.assert_frame_equal(sk.gradient_flow(model, X, LABELS[kind]), sk.gradient_flow(model, X, NUMBERS))


@pytest.mark.filterwarnings("ignore:.*was passed an input with a mask")  # by Keras's own layers from 3.16 on
@pytest.mark.parametrize("kind", ["list", "DataFrame"])
def test_token_numbers_of_any_kind_are_read_alike(kind):
    model = compiled(layers.Embedding(9, 3, mask_zero=True), layers.GRU(U, name="memory"), inputs=(T,))
    tokens = np.random.default_rng(3).integers(9, size=(B, T))
    same = tokens.tolist() if kind == "list" else pd.DataFrame(tokens)
    pd.testing.assert_frame_equal(sk.gradient_flow(model, same, Y), sk.gradient_flow(model, tokens, Y))
    np.testing.assert_array_equal(sk.gates(model, same)["memory"].hidden, sk.gates(model, tokens)["memory"].hidden)


REFUSED = {
    "text labels": (X, ["yes", "no", "yes"], r"y must hold numbers, got 'yes'. Number the classes: y = np.unique\("),
    "no labels": (X, None, r"the targets are missing, .* Pass gradient_flow\(model, x, y\)"),
    "table": (pd.DataFrame(X[0]), Y, "only a Forecaster reads tables"),
    "other count": (X, Y[:2], "x and y must have as many samples, x has 3 and y has 2"),
    "ragged": (
        [[[1.0, 2.0]], [[1.0, 2.0]] * 2],
        Y,
        r"the samples in x have different lengths. Pad them: keras.utils.pad_sequences",
    ),
    "list of samples": (list(X), Y, r"the model reads one array for each of its 1 inputs, got 3. .* np.stack\(x\)"),
    "one sample": (X[0], Y[:1], r"x must be of shape \(any, 7, 2\), samples first, got \(7, 2\)"),
    "other features": (X[:, :, :1], Y, r"x must be of shape \(any, 7, 2\), samples first, got \(3, 7, 1\)"),
    "batches": (tf.data.Dataset.from_tensors((X, Y)), Y, r"x must be one batch, got .*next\(iter\(data\)\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_plain_model_cannot_read_is_refused_in_words(case):
    x, y, message = REFUSED[case]
    with pytest.raises((sk.InvalidValue, sk.InvalidType), match=f"gradient_flow: {message}"):
        sk.gradient_flow(compiled(layers.GRU(U)), x, y)
