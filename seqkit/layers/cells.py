"""The cells of a recurrent stack: their Keras layers, what these take, and what keeps them from the cuDNN kernel."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from seqkit._errors import InvalidValue, SeqkitWarning, warn
from seqkit.layers.gate_bias import ChronoBias
from seqkit.layers.peephole import peephole_lstm

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU, "peephole_lstm": peephole_lstm}
WITH_CELL_STATE = ("lstm", "peephole_lstm")


def recurrent_layer(cell: str, units: int, bidirectional: bool, dtype: Any, **options: Any) -> layers.Layer:
    """Make the Keras layer of a cell, in one direction or in both.

    It takes masks and passes them on. From 3.16 on Keras's recurrent layers say that they do not (keras #23235), so it
    is said here.
    """
    layer = CELLS[cell](units, dtype=dtype, **options)
    layer = layers.Bidirectional(layer, dtype=dtype) if bidirectional else layer
    for part in (layer, layer.forward_layer, layer.backward_layer) if bidirectional else (layer,):
        part.supports_masking = True
    return layer


def cell_options(
    cell: str, memory: int | None, activation: Any, recurrent_activation: Any, reset_after: bool
) -> dict[str, Any]:
    """Check the arguments of a cell of `CELLS`, and return those that its Keras layer takes."""
    options: dict[str, Any] = {"activation": activation}
    if cell == "gru":
        options["reset_after"] = reset_after
    elif not reset_after:
        problem = f'reset_after=False is an argument of cell="gru", and cell={cell!r}.'
        raise InvalidValue("RecurrentStack", problem, "Leave it out.", argument="reset_after")
    if cell != "simple_rnn":
        options["recurrent_activation"] = recurrent_activation
        _warn_of_lost_kernel("activation", activation, keras.activations.tanh)
        _warn_of_lost_kernel("recurrent_activation", recurrent_activation, keras.activations.sigmoid)
    if memory is not None:
        if cell == "simple_rnn":
            problem = f'memory={memory} sets gates, and cell="simple_rnn" has none.'
            raise InvalidValue("RecurrentStack", problem, 'Use "lstm" or "gru".', argument="memory")
        options["bias_initializer"] = ChronoBias(memory, "lstm" if cell in WITH_CELL_STATE else cell)
        if cell in WITH_CELL_STATE:
            options["unit_forget_bias"] = False  # the initializer sets the forget gate's bias
    return options


def _warn_of_lost_kernel(name: str, activation: Any, fast_activation: Any) -> None:
    if keras.activations.get(activation) is not fast_activation:
        warn(
            SeqkitWarning(
                "RecurrentStack",
                f"{name}={_name_of(activation)!r} cannot use the cuDNN kernel, so training on a GPU is several times "
                "slower.",
                f'{name}="{fast_activation.__name__}" can.',
                argument=name,
            )
        )


def _name_of(activation: Any) -> str:
    return str(getattr(activation, "__name__", None) or getattr(activation, "name", type(activation).__name__))
