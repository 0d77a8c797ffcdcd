"""The table of model kinds again: attention weights of each call are those that the layer itself returns."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import seqkit as sk
from seqkit.layers import AttentionDecoder, QueryAttention, StepAttention

B, T, F, S = 3, 7, 4, 5


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def siamese():
    first, second, look = keras.Input((T, F)), keras.Input((T, F)), StepAttention(name="look")
    x = [normal(B, T, F), normal(B, T, F, seed=1)]
    return (
        keras.Model([first, second], look(first) - look(second)),
        x,
        [look(one, return_attention_scores=True) for one in x],
    )


def nested_twice():
    steps, look = keras.Input((T, F)), layers.MultiHeadAttention(2, 3, name="look")
    inner = keras.Model(steps, look(steps, steps))
    middle = keras.Sequential([keras.Input((T, F)), inner, layers.Dense(3)])
    x = normal(B, T, F)
    return keras.Model(steps, middle(steps)), x, [look(x, x, return_attention_scores=True)]


class Loop(keras.Model):
    """The same attention over each channel, which it keeps in a dict."""

    def __init__(self):
        super().__init__()
        self.parts = {"look": layers.Attention(name="look")}

    def call(self, x):
        return ops.stack([self.parts["look"]([x[:, :, one], x[:, :, 0]]) for one in range(S)])


def loop():
    model, x = Loop(), normal(B, T, S, F)
    model(x)
    look = model.parts["look"]
    return model, x, [look([x[:, :, one], x[:, :, 0]], return_attention_scores=True) for one in range(S)]


def time_distributed():
    series, steps = keras.Input((S, T, F)), keras.Input((T, F))
    look = layers.MultiHeadAttention(2, 3, name="look")
    model = keras.Model(series, layers.TimeDistributed(keras.Model(steps, look(steps, steps)))(series))
    x = normal(B, S, T, F)
    return model, x, [look(x[:, place], x[:, place], return_attention_scores=True) for place in range(S)]


def masked():
    steps, look = keras.Input((T, F)), StepAttention(name="look")
    model, x = keras.Model(steps, look(layers.Masking()(steps))), normal(B, T, F)
    x[0, 4:] = x[1, :2] = 0
    return model, x, [look(x, mask=(x != 0).any(axis=-1), return_attention_scores=True)]


def two_inputs_by_name():
    inputs = {"query": keras.Input((S, F), name="query"), "source": keras.Input((T, F), name="source")}
    look, x = QueryAttention("general", name="look"), {"query": normal(B, S, F), "source": normal(B, T, F, seed=1)}
    model = keras.Model(inputs, look(inputs["query"], inputs["source"]))
    return model, x, [look(x["query"], x["source"], return_attention_scores=True)]


def two_outputs():
    steps, look = keras.Input((T, F)), StepAttention(name="look")
    attended = look(steps)
    model, x = keras.Model(steps, [layers.Dense(2)(attended), attended]), normal(B, T, F)
    return model, x, [look(x, return_attention_scores=True)]


def after_a_stateful_layer():
    steps, look = keras.Input(batch_shape=(B, T, F)), StepAttention(name="look")
    memory = layers.GRU(F, stateful=True, return_sequences=True)
    model, x = keras.Model(steps, look(memory(steps))), normal(B, T, F)
    model(x)
    hidden = layers.GRU(F, return_sequences=True)
    hidden.build(x.shape)
    hidden.set_weights(memory.get_weights()[:3])
    return model, x, [look(hidden(x, initial_state=[ops.array(memory.states[0].value)]), return_attention_scores=True)]


def asked_for_its_weights():
    """Inside a decoder, which asks for them itself."""
    steps, source = keras.Input((S, F)), keras.Input((T, F))
    decoder = AttentionDecoder(F, "gru", name="decoder")
    model, x = keras.Model([steps, source], decoder(steps, source=source)[0]), [normal(B, S, F), normal(B, T, F)]
    return model, x, [decoder(x[0], source=x[1])[::2]]


def mixed_precision():
    steps, look = keras.Input((T, F)), StepAttention(name="look", dtype="mixed_float16")
    model, x = keras.Model(steps, look(steps)), normal(B, T, F)
    return model, x, [look(x, return_attention_scores=True)]


KINDS = (
    siamese,
    nested_twice,
    loop,
    time_distributed,
    masked,
    two_inputs_by_name,
    two_outputs,
    after_a_stateful_layer,
    asked_for_its_weights,
    mixed_precision,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_weights_of_each_call_are_those_that_the_layer_returns(kind):
    model, x, given = kind()
    found = sk.attention_weights(model, x)
    assert list(found) == ["look", *(f"look (call {number})" for number in range(2, len(given) + 1))]
    for weights, (_, wanted) in zip(found.values(), given, strict=True):
        assert weights.dtype == "float32"
        np.testing.assert_allclose(weights, np.array(wanted), atol=1e-6)


class Fickle(layers.Layer):
    """It answers otherwise where it is asked for its weights."""

    def call(self, x, return_attention_scores=False):
        return (2 * x, ops.mean(x, axis=-1)) if return_attention_scores else x


def test_a_layer_whose_output_changes_where_it_is_asked_is_left_out_by_name():
    steps = keras.Input((T, F))
    model = keras.Model(steps, StepAttention(name="look")(Fickle(name="fickle")(steps)))
    with pytest.warns(sk.SeqkitWarning, match="left out are 'fickle': what it gave is off by .* asked for its"):
        assert list(sk.attention_weights(model, normal(B, T, F))) == ["look"]
