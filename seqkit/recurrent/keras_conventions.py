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
from seqkit.task.compiling import compile_built
from seqkit.task.forked import refuse_in_a_fork

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
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
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
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". It suits long
            trainings of small models with many timesteps; see "How quick it is" in docs/insides.

    Returns:
        A compiled `keras.Model`. The loss is the mean squared error of `output`. To compile it anew with
        `return_state`, give a loss for each output, None for the states: `loss=["mse", None, None]`.

    Raises:
        TypeError, ValueError: an argument out of its range.

    Example:
        >>> import numpy as np
        >>> model = build_lstm(3, features=2, return_state=True)
        >>> output, hidden, cell = model(np.ones((5, 7, 2)))
        >>> output.shape, bool((output == hidden).numpy().all())
        (TensorShape([5, 3]), True)
    """
    return _network(
        "build_lstm",
        "peephole_lstm" if peepholes else "lstm",
        units,
        features=features,
        timesteps=timesteps,
        outputs=outputs,
        initial_state=initial_state,
        dropout=dropout,
        optimizer=optimizer,
        jit_compile=jit_compile,
        bidirectional=bidirectional,
        activation=activation,
        return_sequences=return_sequences,
        return_state=return_state,
    )


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
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> RecurrentModel:
    """Build a compiled network of GRU layers: `build_lstm` with another cell, and one state a layer, `h`.

    All arguments are those of `build_lstm`, without `peepholes`, and one is new: `reset_after` applies the reset gate
    after the recurrent product, as Keras does. False applies it before the product, as in Cho et al. 2014 (equation 8);
    the cuDNN kernel cannot do that.

    Example:
        >>> build_gru((5, 3), features=2, return_sequences=True).output_shape
        (None, None, 3)
    """
    return _network(
        "build_gru",
        "gru",
        units,
        features=features,
        timesteps=timesteps,
        outputs=outputs,
        initial_state=initial_state,
        dropout=dropout,
        optimizer=optimizer,
        jit_compile=jit_compile,
        bidirectional=bidirectional,
        activation=activation,
        return_sequences=return_sequences,
        return_state=return_state,
        reset_after=reset_after,
    )


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
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> RecurrentModel:
    """Build a compiled network of plain recurrent layers, `keras.layers.SimpleRNN`: h = tanh(x W + h' U + b).

    All arguments are those of `build_lstm`, without `peepholes`. A layer has one state, `h`.

    Example:
        >>> build_rnn(3, features=2, activation="relu", outputs=4).output_shape
        (None, 4)
    """
    return _network(
        "build_rnn",
        "simple_rnn",
        units,
        features=features,
        timesteps=timesteps,
        outputs=outputs,
        initial_state=initial_state,
        dropout=dropout,
        optimizer=optimizer,
        jit_compile=jit_compile,
        bidirectional=bidirectional,
        activation=activation,
        return_sequences=return_sequences,
        return_state=return_state,
    )


def _network(
    where: str,
    cell: str,
    units: Any,
    *,
    features: int,
    timesteps: int | None,
    outputs: int | None,
    initial_state: str,
    dropout: Any,
    optimizer: Any,
    jit_compile: Any,
    **options: Any,
) -> RecurrentModel:
    """Build what the three builders have in common; `options` are those of `RecurrentStack`."""
    refuse_in_a_fork(where)  # before layers are connected, which TensorFlow may wait in
    _checks.choice(where, "initial_state", initial_state, FIRST_STATES)
    sizes = layer_units(where, units)
    rates = layer_dropout(where, dropout, len(sizes))
    is_given = initial_state == "given"
    start = "zeros" if is_given else initial_state
    stack = RecurrentStack(sizes, cell, dropout=rates, initial_state=start, name="recurrent", **options)
    features = _checks.whole_number(where, "features", features)
    timesteps = None if timesteps is None else _checks.whole_number(where, "timesteps", timesteps)
    sequences = keras.Input((timesteps, features), name="sequences")
    given = _state_inputs(stack) if is_given else []
    answers = stack(sequences, initial_state=given or None)
    output, *states = answers if stack.return_state else [answers]
    if outputs is not None:
        output = layers.Dense(_checks.whole_number(where, "outputs", outputs), name="output")(output)
    model = _model([sequences, *given], [output, *states])
    compile_built(where, model, optimizer, jit_compile, loss=["mse", *[None] * len(states)] if states else "mse")
    return model


def _state_inputs(stack: RecurrentStack) -> list[Any]:
    """An input `[B, U]` for each state of each layer, in the order of `return_state`."""
    named = zip(stack.units, stack.state_names, strict=True)
    return [keras.Input((size,), name=name) for size, names in named for name in names]


def _model(inputs: list[Any], outputs: list[Any]) -> RecurrentModel:
    """A model; a single input or output is not in a list."""
    inputs, outputs = (tensors if len(tensors) > 1 else tensors[0] for tensors in (inputs, outputs))
    return RecurrentModel(inputs=inputs, outputs=outputs)
