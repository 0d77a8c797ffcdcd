"""The four shapes, each on a task with one right answer."""

import keras
import numpy as np
import pytest

from seqkit.layers import RecurrentStack
from seqkit.recurrent.four_shapes import SHAPES, build_recurrent

B, T = 256, 5


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(8)


def trained(shape, x, y, epochs=60, **options):
    fast = keras.optimizers.Adam(0.01)
    model = build_recurrent(shape, features=x.shape[-1], units=16, optimizer=fast, **options)
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
    return model


def bits(*shape):
    return np.random.default_rng(6).integers(2, size=shape)


def test_one_to_one_learns_exclusive_or():
    x = bits(B, 2)
    model = trained("one_to_one", x.astype("float32"), x[:, 0] ^ x[:, 1], outputs=2, task="classes")
    classes = model.predict(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32"), verbose=0).argmax(-1)
    assert classes.tolist() == [0, 1, 1, 0]


def test_one_to_many_counts_up_from_a_number():
    x = np.random.default_rng(6).uniform(0, 1, (B, 1)).astype("float32")
    model = trained("one_to_many", x, x[:, None] + np.arange(T)[:, None] / T, outputs=1, timesteps=T)
    counted = model.predict(np.array([[0.5]], "float32"), verbose=0)[0, :, 0]
    np.testing.assert_allclose(counted, 0.5 + np.arange(T) / T, atol=0.1)


def test_many_to_one_tells_the_parity_of_a_sequence():
    x = bits(B, T, 1)
    model = trained("many_to_one", x.astype("float32"), x.sum(axis=1)[:, 0] % 2, epochs=120, outputs=2, task="classes")
    classes = model.predict(x.astype("float32"), verbose=0).argmax(-1)
    assert (classes == x.sum(axis=1)[:, 0] % 2).mean() > 0.99


def test_many_to_many_carries_over_in_binary_addition():
    x = bits(B, T, 2)  # least bit first
    sums = (x * 2 ** np.arange(T)[:, None]).sum(axis=1).sum(axis=1)
    digits = (sums[:, None] >> np.arange(T)) & 1
    model = trained("many_to_many", x.astype("float32"), digits, outputs=2, task="classes", timesteps=T)
    assert (model.predict(x.astype("float32"), verbose=0).argmax(-1) == digits).mean() > 0.99


@pytest.mark.parametrize("shape", ["many_to_one", "many_to_many"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_padded_sequence_gets_the_same_answer_as_alone(shape, side):
    model = build_recurrent(shape, features=2, outputs=3, units=(5, 4), bidirectional=True, padding=-1.0)
    short = np.random.default_rng(1).normal(size=(1, 4, 2)).astype("float32")
    gap = np.full((1, 3, 2), -1.0, "float32")
    padded = np.concatenate([gap, short] if side == "left" else [short, gap], axis=1)
    output = np.asarray(model(padded))
    if shape == "many_to_many":
        output = output[:, 3:] if side == "left" else output[:, :4]
    np.testing.assert_allclose(output, model(short), atol=1e-6)


def test_parameters_do_not_depend_on_the_length():
    counts = {
        build_recurrent("many_to_one", features=2, outputs=3, timesteps=length).count_params()
        for length in (3, 300, None)
    }
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ("many_to_all", {}, "shape must be one of 'one_to_one', .* got 'many_to_all'"),
        ("one_to_many", {}, 'shape="one_to_many" needs timesteps='),
        ("one_to_one", {"timesteps": 3}, "has a single timestep, got timesteps=3"),
        ("many_to_one", {"task": "class"}, "task must be one of 'values', 'classes', got 'class'. Did you mean"),
        ("many_to_one", {"cell": "lstn"}, "Did you mean 'lstm'"),
        ("many_to_one", {"outputs": 0}, "outputs must be 1 or more, got 0"),
    ],
)
def test_what_makes_no_network_is_refused(shape, options, message):
    with pytest.raises(ValueError, match=message):
        build_recurrent(shape, **{"features": 2, "outputs": 3, **options})


def test_every_shape_says_what_goes_in_and_out():
    for shape in SHAPES:
        model = build_recurrent(shape, features=2, outputs=3, timesteps=None if shape == "one_to_one" else T)
        assert model.input_shape == ((None, T, 2) if shape.startswith("many") else (None, 2))
        assert model.output_shape == ((None, T, 3) if shape.endswith("many") else (None, 3))


@pytest.mark.parametrize(
    ("shape", "options", "memory"),
    [
        ("many_to_one", {"timesteps": 11}, 11),
        ("many_to_many", {"timesteps": 11, "cell": "gru"}, 11),
        ("many_to_one", {"timesteps": 11, "memory": 7}, 7),
        ("many_to_one", {"timesteps": 11, "memory": None}, None),
        ("many_to_one", {"timesteps": None}, None),
        ("many_to_one", {"timesteps": 1}, None),
        ("many_to_one", {"timesteps": 11, "cell": "simple_rnn"}, None),
        ("one_to_many", {"timesteps": 11}, None),
    ],
)
def test_gates_are_set_to_remember_the_whole_sequence_unless_told_otherwise(shape, options, memory):
    model = build_recurrent(shape, features=2, outputs=3, **options)
    (stack,) = [layer for layer in model.layers if isinstance(layer, RecurrentStack)]
    assert stack.memory == memory


def test_a_memory_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="memory must be one of 'timesteps', got 'all'"):
        build_recurrent("many_to_one", features=2, outputs=3, timesteps=11, memory="all")


@pytest.mark.parametrize("shape", ["one_to_one", "one_to_many", "many_to_one", "many_to_many"])
def test_without_outputs_the_answer_is_the_hidden_state(shape):
    """One in, one out, as an article writes it: h = f(U x + W h_0 + b) with h_0 = 0, and y = h."""
    steps = 4 if shape == "one_to_many" else None
    model = build_recurrent(shape, features=2, outputs=None, units=3, cell="simple_rnn", timesteps=steps)
    assert model.output_shape[-1] == 3
    if shape == "one_to_one":
        kernel, _, bias = model.get_weights()
        x = np.ones((5, 2), "float32")
        np.testing.assert_allclose(model.predict(x, verbose=0), np.tanh(x @ kernel + bias), rtol=1e-6)
    assert np.isfinite(model.fit(*zeros_for(model), verbose=0).history["loss"]).all()


def zeros_for(model):
    shapes = [[size or 4 for size in shape[1:]] for shape in (model.input_shape, model.output_shape)]
    return [np.zeros((5, *shape), "float32") for shape in shapes]


def test_classes_without_outputs_are_refused():
    with pytest.raises(ValueError, match="needs the number of classes"):
        build_recurrent("many_to_one", features=2, outputs=None, task="classes")
