"""NeighbourWords against its equation, and the second task of a tagger that it is."""

import math

import keras
import numpy as np
import pytest
from keras import ops
from tiny_taggers import SENTENCES, TAGS, build, settings_of

from seqkit.layers import NeighbourWords
from seqkit.tagging.build import build_tagger


def softmax(scores):
    exp = np.exp(scores - scores.max())
    return exp / exp.sum()


def guessed(layer, side, state):
    """Probabilities of all words, of one step and direction."""
    inner, scores = layer.inner[side], layer.scores[side]
    hidden = np.tanh(state @ ops.convert_to_numpy(inner.kernel) + ops.convert_to_numpy(inner.bias))
    return softmax(hidden @ ops.convert_to_numpy(scores.kernel) + ops.convert_to_numpy(scores.bias))


@pytest.fixture
def read():
    """A layer that knows the numbers below 5, and two sentences of four words and of two."""
    outputs = np.random.default_rng(3).normal(size=(2, 4, 6)).astype("float32")
    layer = NeighbourWords(5, weight=0.3, hidden=2)
    layer(outputs, np.ones((2, 4), "int32"))
    return layer, outputs, np.array([[2, 4, 7, 3], [3, 2, 0, 0]])


def test_the_loss_is_that_of_the_next_word_forward_and_of_the_last_one_backward(read):
    layer, outputs, numbers = read
    words = np.where(numbers < 5, numbers, 1)  # 7 is guessed as unknown
    total = 0.0
    for row, first in ((0, 0), (0, 1), (0, 2), (1, 0)):
        total -= math.log(guessed(layer, 0, outputs[row, first, :3])[words[row, first + 1]])
        total -= math.log(guessed(layer, 1, outputs[row, first + 1, 3:])[words[row, first]])
    assert float(layer.loss(outputs, numbers)) == pytest.approx(total / 4, rel=1e-5)


def test_outputs_go_through_and_the_loss_is_added_in_training_alone(read):
    layer, outputs, numbers = read
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(outputs, numbers)), outputs)
    assert layer.losses == []
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(outputs, numbers, training=True)), outputs)
    assert [float(loss) for loss in layer.losses] == pytest.approx([0.3 * float(layer.loss(outputs, numbers))])


@pytest.mark.parametrize("numbers", [[[3]], [[0, 0]]])
def test_a_word_without_neighbours_costs_nothing(read, numbers):
    outputs = np.ones((1, len(numbers[0]), 6), "float32")
    assert float(read[0].loss(outputs, np.array(numbers))) == 0


def test_outputs_that_have_no_two_halves_are_refused():
    with pytest.raises(ValueError, match="NeighbourWords: wanted the outputs of two directions .* got 5 features"):
        NeighbourWords(3)(np.ones((1, 2, 5)), np.ones((1, 2)))


# The tagger's second task


def test_a_tagger_of_words_with_one_bidirectional_layer_guesses_neighbours_by_default():
    assert settings_of(like=SENTENCES, tags=TAGS, bidirectional=True).neighbours == 0.1
    assert settings_of(like=SENTENCES, tags=TAGS, bidirectional=True, neighbours=0).neighbours == 0
    assert settings_of(like=SENTENCES, tags=TAGS, bidirectional=True, units=(3, 2)).neighbours == 0
    assert settings_of(like=SENTENCES, tags=TAGS, bidirectional=False).neighbours == 0
    assert settings_of(features=2, tags=["a", "b"], bidirectional=True).neighbours == 0


@pytest.mark.parametrize("options", [{"bidirectional": False}, {"bidirectional": True, "units": (3, 2)}])
def test_directions_that_are_mixed_are_refused(options):
    with pytest.raises(ValueError, match="build_tagger: neighbours=0.2 needs one bidirectional layer"):
        settings_of(like=SENTENCES, tags=TAGS, neighbours=0.2, **options)


@pytest.mark.slow
def test_training_learns_to_guess_neighbours_and_evaluation_leaves_them_out():
    keras.utils.set_random_seed(3)
    model = build_tagger(like=SENTENCES, tags=TAGS, units=11, dropout=0.0, neighbours=0.5)
    layer, read = model.get_layer("neighbours"), keras.Model(model.input, model.get_layer("recurrent").output)
    sample = model.network_input(SENTENCES, "test")

    def cost():
        return float(layer.loss(read(sample), sample["words"]))

    before = cost()
    history = model.fit(SENTENCES, TAGS, epochs=60, verbose=0).history
    assert cost() < before - 0.3
    assert history["loss"][-1] > model.evaluate(SENTENCES, TAGS, verbose=0)[0] + 0.3


def test_the_answers_do_not_hang_on_the_second_task():
    with_it, without = (build(bidirectional=True, neighbours=weight) for weight in (0.1, 0))
    weights_without = {layer.name: layer.get_weights() for layer in without.layers if layer.weights}
    assert {layer.name for layer in with_it.layers if layer.weights} - set(weights_without) == {"neighbours"}
    for name, weights in weights_without.items():
        with_it.get_layer(name).set_weights(weights)
    np.testing.assert_allclose(with_it.predict(SENTENCES), without.predict(SENTENCES), atol=1e-6)
