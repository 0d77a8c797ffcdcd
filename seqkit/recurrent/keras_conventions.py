"""Thin builders of plain LSTM, GRU and RNN networks, with `return_sequences` and `return_state` as Keras has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from seqkit import _checks
from seqkit.layers.stack import INITIAL_STATES, RecurrentStack
from seqkit.layers.stack_arguments import layer_dropout, layer_units
from seqkit.recurrent.model import RecurrentModel

FIRST_STATES = {**INITIAL_STATES, "given": "inputs of the model, in the order of return_state"}


def build_lstm(
    units: int | Sequence[int],
    *,
    features: int,
    timesteps: int | None = None,
    return_sequences: bool = False,
    return_state: bool = False,
    outputs: int | None = None,
    dropout: float | Sequence[float] = 0.0,
    bidirectional: bool = False,
    activation: Any = "tanh",
    initial_state: str = "zeros",
    peepholes: bool = False,
    optimizer: Any = "adam",
) -> RecurrentModel:
    """Build a compiled network of LSTM layers, one above the other, and nothing else.

    Inner layers return their whole sequence. The model returns `output`, or with `return_state` the list
    `[output, *states]`: the last states of every layer, first layer first, each as `keras.layers.LSTM` gives them
    (`h`, `c`; bidirectional: forward, then backward). One layer computes what Keras's layer computes.

    Shapes: B samples, T timesteps, F features, U units of the last layer (2U when bidirectional), K outputs.

    Args:
        units: units of each layer, from first to last, or of a single layer.
        features: values at one timestep, F.
        timesteps: length of the sequences, T; None for any length.
        return_sequences: return the output at every step `[B, T, U]`, not at the last alone `[B, U]`.
        return_state: return the last states as well.
        outputs: size of a dense layer on top, K; without it the model returns the recurrent output itself.
        dropout: fraction dropped after each layer in training.
        bidirectional: read in both directions.
        activation: of candidates and outputs. Only tanh can use the cuDNN kernel.
        initial_state: `"zeros"`, `"random"` (in training), `"learned"`, or `"given"`: the states are inputs of the
            model after the sequences, in the order in which `return_state` gives them.
        peepholes: let the gates see the cell state (`PeepholeLSTMCell`).
        optimizer: any Keras optimizer.

    Returns:
        A compiled `keras.Model`. The loss is the mean squared error of `output`.

    Raises:
        TypeError, ValueError: an argument out of its range.

    Example:
        >>> import numpy as np
        >>> model = build_lstm(3, features=2, return_state=True)
        >>> output, hidden, cell = model(np.ones((5, 7, 2)))
        >>> output.shape, bool((output == hidden).numpy().all())
        (TensorShape([5, 3]), True)
    """
    cell = "peephole_lstm" if peepholes else "lstm"
    stack = _stack(
        "build_lstm", cell, units, dropout, bidirectional, activation, initial_state, return_sequences, return_state
    )
    return _model("build_lstm", stack, features, timesteps, outputs, initial_state, optimizer)


def build_gru(
    units: int | Sequence[int],
    *,
    features: int,
    timesteps: int | None = None,
    return_sequences: bool = False,
    return_state: bool = False,
    outputs: int | None = None,
    dropout: float | Sequence[float] = 0.0,
    bidirectional: bool = False,
    activation: Any = "tanh",
    initial_state: str = "zeros",
    reset_after: bool = True,
    optimizer: Any = "adam",
) -> RecurrentModel:
    """Build a compiled network of GRU layers: `build_lstm` with another cell, and one state a layer, `h`.

    Args:
        units: as in `build_lstm`, like all arguments but the next.
        features: values at one timestep.
        timesteps: length of the sequences; None for any length.
        return_sequences: return the output at every step.
        return_state: return the last states as well.
        outputs: size of a dense layer on top.
        dropout: fraction dropped after each layer in training.
        bidirectional: read in both directions.
        activation: of candidates. Only tanh can use the cuDNN kernel.
        initial_state: `"zeros"`, `"random"`, `"learned"` or `"given"`.
        reset_after: apply the reset gate after the recurrent product, as Keras does; False before it, as in Cho et al.
            2014 (equation 8), without the cuDNN kernel.
        optimizer: any Keras optimizer.

    Returns:
        A compiled `keras.Model`.

    Example:
        >>> build_gru((5, 3), features=2, return_sequences=True).output_shape
        (None, None, 3)
    """
    stack = _stack(
        "build_gru",
        "gru",
        units,
        dropout,
        bidirectional,
        activation,
        initial_state,
        return_sequences,
        return_state,
        reset_after=reset_after,
    )
    return _model("build_gru", stack, features, timesteps, outputs, initial_state, optimizer)


def build_rnn(
    units: int | Sequence[int],
    *,
    features: int,
    timesteps: int | None = None,
    return_sequences: bool = False,
    return_state: bool = False,
    outputs: int | None = None,
    dropout: float | Sequence[float] = 0.0,
    bidirectional: bool = False,
    activation: Any = "tanh",
    initial_state: str = "zeros",
    optimizer: Any = "adam",
) -> RecurrentModel:
    """Build a compiled network of plain recurrent layers, `keras.layers.SimpleRNN`: h = tanh(x W + h' U + b).

    Args:
        units: as in `build_lstm`, like all arguments.
        features: values at one timestep.
        timesteps: length of the sequences; None for any length.
        return_sequences: return the output at every step.
        return_state: return the last states as well, one a layer.
        outputs: size of a dense layer on top.
        dropout: fraction dropped after each layer in training.
        bidirectional: read in both directions.
        activation: of the hidden state, such as `"tanh"` or `"relu"`.
        initial_state: `"zeros"`, `"random"`, `"learned"` or `"given"`.
        optimizer: any Keras optimizer.

    Returns:
        A compiled `keras.Model`.

    Example:
        >>> build_rnn(3, features=2, activation="relu", outputs=4).output_shape
        (None, 4)
    """
    stack = _stack(
        "build_rnn",
        "simple_rnn",
        units,
        dropout,
        bidirectional,
        activation,
        initial_state,
        return_sequences,
        return_state,
    )
    return _model("build_rnn", stack, features, timesteps, outputs, initial_state, optimizer)


def _stack(
    where: str,
    cell: str,
    units: Any,
    dropout: Any,
    bidirectional: bool,
    activation: Any,
    initial_state: str,
    return_sequences: bool,
    return_state: bool,
    **options: Any,
) -> RecurrentStack:
    _checks.choice(where, "initial_state", initial_state, FIRST_STATES)
    sizes = layer_units(where, units)
    return RecurrentStack(
        sizes,
        cell,
        bidirectional=bidirectional,
        dropout=layer_dropout(where, dropout, len(sizes)),
        return_sequences=return_sequences,
        return_state=return_state,
        initial_state="zeros" if initial_state == "given" else initial_state,
        activation=activation,
        name="recurrent",
        **options,
    )


def _model(
    where: str,
    stack: RecurrentStack,
    features: int,
    timesteps: int | None,
    outputs: int | None,
    initial_state: str,
    optimizer: Any,
) -> RecurrentModel:
    features = _checks.whole_number(where, "features", features)
    timesteps = None if timesteps is None else _checks.whole_number(where, "timesteps", timesteps)
    sequences = keras.Input((timesteps, features), name="sequences")
    names = [name for layer_names in stack.state_names for name in layer_names]
    sizes = [size for size, layer_names in zip(stack.units, stack.state_names, strict=True) for _ in layer_names]
    given = [keras.Input((size,), name=name) for name, size in zip(names, sizes, strict=True)]
    given = given if initial_state == "given" else []
    answers = stack(sequences, initial_state=given or None)
    output, *states = answers if stack.return_state else [answers]
    if outputs is not None:
        output = layers.Dense(_checks.whole_number(where, "outputs", outputs), name="output")(output)
    model = RecurrentModel(
        inputs=[sequences, *given] if given else sequences, outputs=[output, *states] if states else output
    )
    model.compile(optimizer=optimizer, loss=["mse", *[None] * len(states)] if states else "mse")
    model.optimizer.build(model.trainable_variables)  # otherwise Keras warns when it loads an unfitted model
    return model
