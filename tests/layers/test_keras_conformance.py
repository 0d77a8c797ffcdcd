"""Keras's own test of a layer, `run_layer_test`, over every layer that seqkit registers with Keras."""

import inspect

import keras
import numpy as np
import pytest
from keras import layers, ops
from keras.src.testing import TestCase
from layer_variants import TAKES_MASKS, VARIANTS, B, F, T, call, inputs_of, parametrized, random_values

from seqkit.layers import (
    FeatureAttention,
    KnownScaling,
    LayerAttention,
    PeepholeLSTMCell,
    QueryAttention,
    RareWords,
    SeasonalInputs,
    StepAttention,
)

# Keras's test makes random whole numbers, and no season is 0.
# tests/layers/test_layers.py and tests/pretraining have these layers.
READ_SEASONS = {KnownScaling, SeasonalInputs}


def registered_layers():
    """The layers of seqkit that Keras finds by name when it loads a file; a model is not one of them."""
    found = [kind for name, kind in keras.saving.get_custom_objects().items() if name.startswith("seqkit>")]
    found = [kind for kind in found if inspect.isclass(kind) and issubclass(kind, layers.Layer)]
    pretrained = {kind for kind in found if kind.__module__.startswith("seqkit.pretraining")} | READ_SEASONS
    return {kind for kind in found if not issubclass(kind, keras.Model)} - pretrained


def test_every_registered_layer_is_in_the_table():
    assert {variant.layer for variant in VARIANTS} == registered_layers()


@pytest.mark.filterwarnings("ignore:.shuffle=True. was passed")  # both by Keras's own step of training
@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@parametrized(VARIANTS)
def test_a_layer_passes_kerass_own_test(variant):
    takes_masks = variant.layer in TAKES_MASKS
    TestCase().run_layer_test(variant.layer, variant.arguments, supports_masking=takes_masks, **variant.called)


def shapes_of(tensors):
    return keras.tree.map_structure(lambda tensor: tuple(tensor.shape), tensors)


@parametrized([variant for variant in VARIANTS if variant.layer is not PeepholeLSTMCell])  # Keras's cells have none
def test_a_layer_computes_the_shapes_of_all_that_it_returns(variant):
    layer = variant.layer(**variant.arguments)
    returned = call(layer, variant, inputs_of(variant, random_values))
    shapes = variant.called["input_shape"]
    computed = layer.compute_output_shape(**shapes) if isinstance(shapes, dict) else layer.compute_output_shape(shapes)
    assert keras.tree.map_shape_structure(tuple, computed) == shapes_of(returned)
    assert keras.tree.flatten(returned)[0].shape == variant.output


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (StepAttention(), [keras.Input((T, F))]),
        (FeatureAttention(), [keras.Input((T, F))]),
        (LayerAttention(), [[keras.Input((F,)), keras.Input((F,))]]),
        (QueryAttention(), [keras.Input((T, F)), keras.Input((5, F))]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_attention_weights_are_in_the_functional_api_where_they_are_asked_for(layer, inputs):
    assert isinstance(layer(*inputs), keras.KerasTensor)
    output, weights = layer(*inputs, return_attention_scores=True)
    assert (output.shape, weights.shape[0]) == (layer(*inputs).shape, None)


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32"])
def test_word_numbers_keep_their_type_in_the_functional_api(dtype):
    assert RareWords(2)(keras.Input((T,), dtype=dtype)).dtype == dtype


def test_one_mask_of_recurrent_dropout_serves_all_gates_of_the_peephole_cell():
    layer = layers.RNN(PeepholeLSTMCell(5, dropout=0.5, recurrent_dropout=0.5, seed=3), return_sequences=True)
    x = random_values((B, T, F))
    output = ops.convert_to_numpy(layer(x, training=True))
    assert output.shape == (B, T, 5)
    assert np.abs(output - ops.convert_to_numpy(layer(x))).max() > 0
