"""A head that decodes the segments of the horizon in parallel, each from the same state and its own position."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit.layers.column_sequences import first_vectors
from seqkit.layers.stack_arguments import layer_dropout


@keras.saving.register_keras_serializable("seqkit")
class SegmentDecoder(layers.Layer):
    r"""Forecast all segments of the horizon with the same weights (SegRNN, Lin et al. 2023, section 4.2).

    The horizon is cut into m segments of w steps. The forecast of segment j is one step of a GRU from the state s of
    an encoder, whose input is the learnt vector p_j of the position, beside a context c where there is one:

        h_j   = GRU step([p_j, c], s)                                Cho et al. 2014, reset gate after the product
        out_j = W h_j + b

    All segments start from the same state, so its product with the recurrent kernel is computed once, and the product
    of the positions with the input kernel once for all samples. In the paper the step has the encoder's own weights;
    here it has weights of its own, so that the encoder may be any layers. A horizon that is no whole number of segments
    is cut from one more segment.

    Shapes: B samples, U numbers of the state, V of the context, H horizon, C columns. State `[B, U]`, context `[B, V]`,
    output `[B, H, C]`.

    Args:
        horizon: steps to forecast, H.
        segment: steps in a segment, w.
        columns: columns to forecast, C.
        positions: numbers in the vector of a position; by default half of U.
        dropout: fraction of h_j that training drops.
        kernel_initializer: of W.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import SegmentDecoder
        >>> tuple(SegmentDecoder(horizon=6, segment=3)(np.ones((2, 8))).shape)
        (2, 6, 1)
    """

    def __init__(
        self,
        horizon: int,
        segment: int,
        columns: int = 1,
        *,
        positions: int | None = None,
        dropout: float = 0.0,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        """Make the output layer; `build` makes the cell."""
        super().__init__(**kwargs)
        self.horizon = _checks.whole_number("SegmentDecoder", "horizon", horizon)
        self.segment = _checks.whole_number("SegmentDecoder", "segment", segment)
        self.columns = _checks.whole_number("SegmentDecoder", "columns", columns)
        self.positions = positions and _checks.whole_number("SegmentDecoder", "positions", positions)
        (self.dropout,) = layer_dropout("SegmentDecoder", dropout, 1)
        self.segments = -(-self.horizon // self.segment)
        self.drop = layers.Dropout(self.dropout, dtype=self.dtype_policy) if self.dropout else None
        self.output_layer = layers.Dense(
            self.segment * self.columns, kernel_initializer=kernel_initializer, dtype=self.dtype_policy, name="output"
        )

    def build(self, state_shape: Any, context_shape: Any = None) -> None:
        """Make a cell of the state's size, and a vector for each position."""
        units = state_shape[-1]
        size = self.positions or max(1, units // 2)
        self.position_vectors = self.add_weight(
            shape=(self.segments, size), initializer=first_vectors(), name="position_vectors"
        )
        self.cell = layers.GRUCell(units, dtype=self.dtype_policy, name="cell")
        self.cell.build((None, size if context_shape is None else size + context_shape[-1]))
        self.output_layer.build((None, self.segments, units))
        self.built = True

    def call(self, state: Any, context: Any = None, training: bool | None = None) -> Any:
        """Decode all segments."""
        hidden = self._hidden(state, context)  # (B, m, U)
        if self.drop is not None:
            hidden = self.drop(hidden, training=training)
        steps = ops.reshape(self.output_layer(hidden), (-1, self.segments * self.segment, self.columns))
        return steps[:, : self.horizon]

    def _hidden(self, state: Any, context: Any) -> Any:
        """The step of the cell for all segments, from products that are computed once."""
        kernel, recurrent_kernel, bias = (
            ops.cast(weight, self.compute_dtype)
            for weight in (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        )
        size = self.position_vectors.shape[1]
        positions = ops.cast(self.position_vectors, self.compute_dtype)
        inputs = (ops.matmul(positions, kernel[:size]) + bias[0])[None]  # (1, m, 3U)
        if context is not None:
            inputs = inputs + ops.matmul(context, kernel[size:])[:, None]  # (B, m, 3U)
        recurrent = (ops.matmul(state, recurrent_kernel) + bias[1])[:, None]  # (B, 1, 3U)
        input_update, input_reset, input_candidate = ops.split(inputs, 3, axis=-1)
        update, reset, candidate = ops.split(recurrent, 3, axis=-1)
        update = ops.sigmoid(input_update + update)
        candidate = ops.tanh(input_candidate + ops.sigmoid(input_reset + reset) * candidate)
        return update * state[:, None] + (1 - update) * candidate

    def compute_output_shape(self, state_shape: Any, context_shape: Any = None) -> Any:
        """Return `[B, H, C]`."""
        return (state_shape[0], self.horizon, self.columns)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("horizon", "segment", "columns", "positions", "dropout")
        config = {**super().get_config(), **{name: getattr(self, name) for name in names}}
        initializer = keras.initializers.serialize(self.output_layer.kernel_initializer)
        return config | {"kernel_initializer": initializer}
