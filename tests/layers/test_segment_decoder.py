"""SegmentDecoder beside Keras's own cell, and columns that are taken apart and put together."""

import keras
import numpy as np
import pytest
from keras import ops

from seqkit.layers import ColumnSequences, ColumnsTogether, ColumnVectors, SegmentDecoder

B, U, V, H, C = 3, 7, 5, 11, 2


def random_values(*shape):
    return np.random.default_rng(7).normal(size=shape).astype("float32")


def step_by_step(layer, state, context):
    """One step of a `keras.layers.GRUCell` for each segment, from the same state."""
    cell = keras.layers.GRUCell(U)
    positions = ops.convert_to_numpy(layer.position_vectors)
    cell.build((None, positions.shape[1] + (0 if context is None else V)))
    cell.set_weights(layer.cell.get_weights())
    pieces = []
    for position in positions:
        repeated = np.tile(position, (B, 1))
        hidden, _ = cell(repeated if context is None else np.concatenate([repeated, context], 1), [state])
        pieces.append(ops.convert_to_numpy(layer.output_layer(hidden)).reshape(B, layer.segment, layer.columns))
    return np.concatenate(pieces, axis=1)[:, :H]


@pytest.mark.parametrize("with_context", [False, True])
@pytest.mark.parametrize("segment", [1, 4, H])
def test_each_segment_is_a_step_of_kerass_cell_from_the_same_state(segment, with_context):
    layer, state = SegmentDecoder(H, segment, C), random_values(B, U)
    context = random_values(B, V) if with_context else None
    forecast = layer(state, context) if with_context else layer(state)
    for weight in layer.cell.weights:  # biases begin at zero
        weight.assign(random_values(*weight.shape))
    forecast = layer(state, context) if with_context else layer(state)
    assert forecast.shape == (B, H, C)
    np.testing.assert_allclose(forecast, step_by_step(layer, state, context), rtol=1e-5, atol=1e-6)


def test_a_horizon_between_two_segments_is_cut_from_one_more():
    layer, state = SegmentDecoder(H, 4), random_values(B, U)
    whole = SegmentDecoder(12, 4)
    assert layer(state).shape == (B, H, 1)
    assert whole(state).shape == (B, 12, 1)
    whole.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(state), whole(state)[:, :H], rtol=1e-6)


def test_the_sizes_of_a_decoder_are_checked():
    for wrong in (
        {"horizon": 0, "segment": 1},
        {"horizon": 3, "segment": 0},
        {"horizon": 3, "segment": 1, "columns": 0},
    ):
        with pytest.raises(ValueError, match="SegmentDecoder: .* must be 1 or more, got 0"):
            SegmentDecoder(**wrong)


def test_columns_are_taken_apart_beside_the_others_and_put_together_again():
    values = random_values(B, 7, 4)
    apart = ops.convert_to_numpy(ColumnSequences([3, 0])(values))
    assert apart.shape == (2 * B, 7, 3)
    np.testing.assert_array_equal(apart[2], values[1][:, [3, 1, 2]])
    np.testing.assert_array_equal(apart[3], values[1][:, [0, 1, 2]])
    np.testing.assert_array_equal(ColumnsTogether(2)(apart[..., :1]), values[..., [3, 0]])


def test_each_sequence_has_the_vector_of_its_column():
    layer = ColumnVectors(2, V)
    found = ops.convert_to_numpy(layer(random_values(2 * B, 1)))
    assert found.shape == (2 * B, V)
    np.testing.assert_array_equal(found, np.tile(layer.get_weights()[0], (B, 1)))
