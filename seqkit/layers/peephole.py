"""The LSTM cell with peepholes: its gates also see the cell state."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("seqkit")
class PeepholeLSTMCell(layers.LSTMCell):
    """One step of an LSTM whose gates see the cell state (Gers & Schmidhuber 2000; Graves 2013, equations 7 to 11).

        i = sigmoid(x W_i + h U_i + p_i * c' + b_i)      f = sigmoid(x W_f + h U_f + p_f * c' + b_f)
        c = f * c' + i * tanh(x W_c + h U_c + b_c)
        o = sigmoid(x W_o + h U_o + p_o * c + b_o)       h = o * tanh(c)

    `c'` is the cell state of the step before. The peepholes p are one weight for each unit and gate, zero at first, so
    the cell begins as Keras's. It runs in `keras.layers.RNN(cell)`, step by step: the cuDNN kernel has no peepholes.

    Shapes: B samples, F features, U units. Input `[B, F]`, states `[B, U]` hidden and cell.

    Args:
        units: U.
        kwargs: what `keras.layers.LSTMCell` takes.

    Example:
        >>> layer = keras.layers.RNN(PeepholeLSTMCell(3))
        >>> layer(ops.ones((2, 5, 4))).shape
        TensorShape([2, 3])
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        """Take Keras's arguments. One dropout mask serves all gates, whose product is one here."""
        super().__init__(units, **kwargs)
        self.dropout_mask_count = None

    def build(self, input_shape: Any) -> None:
        """Keras's weights, and the peepholes of input, forget and output gate."""
        super().build(input_shape)
        self.peepholes = self.add_weight(shape=(3, self.units), initializer="zeros", name="peepholes")

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        """Read one step."""
        hidden, cell = states
        inputs = self._dropped(inputs, self.get_dropout_mask(inputs), training, self.dropout)
        hidden = self._dropped(hidden, self.get_recurrent_dropout_mask(hidden), training, self.recurrent_dropout)
        sums = ops.matmul(inputs, self.kernel) + ops.matmul(hidden, self.recurrent_kernel)
        if self.bias is not None:
            sums = sums + self.bias
        to_input, to_forget, candidate, to_output = ops.split(sums, 4, axis=-1)  # Keras's order
        see_input, see_forget, see_output = ops.unstack(ops.cast(self.peepholes, sums.dtype), 3)
        input_gate = self.recurrent_activation(to_input + see_input * cell)
        forget_gate = self.recurrent_activation(to_forget + see_forget * cell)
        after = forget_gate * cell + input_gate * self.activation(candidate)
        output_gate = self.recurrent_activation(to_output + see_output * after)
        hidden = output_gate * self.activation(after)
        return hidden, [hidden, after]

    @staticmethod
    def _dropped(values: Any, mask: Any, training: bool, rate: float) -> Any:
        return values * mask if training and 0.0 < rate < 1.0 and mask is not None else values


def peephole_lstm(
    units: int,
    *,
    return_sequences: bool = False,
    return_state: bool = False,
    go_backwards: bool = False,
    dtype: Any = None,
    **options: Any,
) -> layers.RNN:
    """A recurrent layer of `PeepholeLSTMCell`, with the arguments of `keras.layers.LSTM`."""
    how = {"return_sequences": return_sequences, "return_state": return_state, "go_backwards": go_backwards}
    return layers.RNN(PeepholeLSTMCell(units, dtype=dtype, **options), dtype=dtype, **how)
