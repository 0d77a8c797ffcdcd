"""PhraseConvolutions against its equation written out, and a padded text against itself alone."""

import numpy as np
import pytest
from keras import ops

from seqkit.layers import PhraseConvolutions

FEATURES = 3


def filters(widths=(2, 3, 5)):
    """Filters whose weights and biases are no longer the first ones."""
    layer = PhraseConvolutions(7, widths)
    layer.build((None, None, FEATURES))
    random = np.random.default_rng(5)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    return layer


def by_hand(layer, text):
    """Each filter over one text (T, F), with zeros around it."""
    result = []
    for convolution in layer.convolutions:
        kernel, bias = (ops.convert_to_numpy(weight) for weight in (convolution.kernel, convolution.bias))
        width = len(kernel)
        padded = np.pad(text, (((width - 1) // 2, width // 2), (0, 0)))
        steps = [np.einsum("hf,hfk->k", padded[start : start + width], kernel) + bias for start in range(len(text))]
        result.append(np.maximum(steps, 0).max(axis=0))
    return np.concatenate(result)


@pytest.mark.parametrize("length", [1, 2, 4, 11])
def test_every_filter_gives_its_largest_answer_in_texts_shorter_than_it_too(length):
    layer, text = filters(), np.random.default_rng(length).normal(size=(length, FEATURES)).astype("float32")
    expected = by_hand(layer, text)
    assert expected.shape == (21,)
    np.testing.assert_allclose(layer(text[None])[0], expected, rtol=1e-4, atol=1e-5)


def test_a_padded_text_gives_what_it_gives_alone():
    layer, random = filters(), np.random.default_rng(3)
    texts = np.full((2, 11, FEATURES), 99, "float32")
    texts[0], texts[1, :4] = random.normal(size=(11, FEATURES)), random.normal(size=(4, FEATURES))
    mask = np.arange(11)[None] < np.array([[11], [4]])
    result = layer(texts, mask=ops.convert_to_tensor(mask))
    np.testing.assert_allclose(result, [by_hand(layer, texts[0]), by_hand(layer, texts[1, :4])], rtol=1e-4, atol=1e-5)


def test_a_text_that_is_padding_alone_gives_zeros():
    result = filters()(np.ones((1, 5, FEATURES)), mask=np.zeros((1, 5), bool))
    np.testing.assert_array_equal(result, np.zeros((1, 21)))
