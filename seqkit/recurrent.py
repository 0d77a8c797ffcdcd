"""The four shapes of a recurrent network, each one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.layers.stack import RecurrentStack, first_layer_dropout, layer_units

WHERE = "build_recurrent"
SHAPES = {
    "one_to_one": "[B, F] to [B, K]",
    "one_to_many": "[B, F] to [B, T, K]",
    "many_to_one": "[B, T, F] to [B, K]",
    "many_to_many": "[B, T, F] to [B, T, K]",
}
LEAST_MEMORY = 2
TASKS = {"values": (None, "mse", "mae"), "classes": ("softmax", "sparse_categorical_crossentropy", "accuracy")}


def build_recurrent(
    shape: str,
    *,
    features: int,
    outputs: int,
    timesteps: int | None = None,
    task: str = "values",
    cell: str = "lstm",
    units: int | Sequence[int] = 32,
    bidirectional: bool = False,
    dropout: float | Sequence[float] | None = None,
    first_dropout: float | None = None,
    memory: int | str | None = "timesteps",
    padding: float | None = None,
    optimizer: Any = "adam",
) -> keras.Model:
    """Build a compiled recurrent network of one of the four shapes.

        "one_to_one"     one step in, one out: a plain network
        "one_to_many"    one step in, shown again at every step; a sequence out (a picture to its words)
        "many_to_one"    a sequence in, one answer out, from the last step (a text to its class)
        "many_to_many"   a sequence in, an answer at every step (words to their tags)

    One set of parameters is shared by all steps, so their number does not depend on the length.

    Args:
        shape: one of the four.
        features: values at one step of the input, F.
        outputs: values, or classes, of one answer, K.
        timesteps: length of the sequences, T; None for any length (not where `shape` is one to many).
        task: `"values"` (a linear answer, squared error) or `"classes"` (softmax; targets are class numbers).
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each layer, first to last.
        bidirectional: read sequences in both directions.
        dropout: fraction dropped after each layer in training, one number for each.
        first_dropout: fraction dropped after the first layer alone; 0 by default. For this release a single number as
            `dropout` still means this, with a warning where there are more layers.
        memory: timesteps that the gates are to remember from the start, as in `RecurrentStack`; `"timesteps"` for all
            of a sequence, where its length is given (`benchmarks/first_symbol.py` says why); None for Keras's biases.
        padding: the value that fills steps which are no data; such steps are skipped, on either side.
        optimizer: any Keras optimizer.

    Returns:
        A compiled `keras.Model`.

    Raises:
        ValueError: an unknown shape, task or cell, `timesteps` missing or in the way, numbers below 1.

    Example:
        >>> build_recurrent("many_to_many", features=3, outputs=2).output_shape
        (None, None, 2)
    """
    _checks.choice(WHERE, "shape", shape, SHAPES)
    activation, loss, metric = _checks.choice(WHERE, "task", task, TASKS)
    features = _checks.whole_number(WHERE, "features", features)
    outputs = _checks.whole_number(WHERE, "outputs", outputs)
    ins, outs = shape.split("_to_")
    timesteps = _checked_timesteps(shape, timesteps)
    inputs = keras.Input((features,) if ins == "one" else (timesteps, features), name="input")
    steps = inputs if ins == "many" else layers.RepeatVector(timesteps or 1, name="repeat")(inputs)
    if padding is not None:
        steps = layers.Masking(float(padding), name="padding")(steps)
    sizes = layer_units(WHERE, units)
    stack = RecurrentStack(
        sizes,
        cell,
        bidirectional=bidirectional,
        dropout=first_layer_dropout(WHERE, dropout, first_dropout, len(sizes)),
        memory=_memory(memory, cell, timesteps if ins == "many" else None),
        return_sequences=outs == "many",
    )
    answer = layers.Dense(outputs, activation=activation, name="answer")(stack(steps))
    model = keras.Model(inputs, answer, name=shape)
    model.compile(optimizer=optimizer, loss=loss, weighted_metrics=[metric])
    return model


def _memory(memory: int | str | None, cell: str, length: int | None) -> int | None:
    """Steps to remember; none by default where the cell has no gates or the sequence no known length."""
    if isinstance(memory, str):
        _checks.choice(WHERE, "memory", memory, {"timesteps": "all of a sequence"})
        return length if cell != "simple_rnn" and (length or 0) >= LEAST_MEMORY else None
    return memory


def _checked_timesteps(shape: str, timesteps: int | None) -> int | None:
    if timesteps is not None:
        timesteps = _checks.whole_number(WHERE, "timesteps", timesteps)
    if shape == "one_to_many" and timesteps is None:
        raise InvalidValue(WHERE, 'shape="one_to_many" needs timesteps=, the length of the sequence to make.')
    if shape == "one_to_one" and timesteps not in (None, 1):
        raise InvalidValue(WHERE, f'shape="one_to_one" has a single step, got timesteps={timesteps}.', "Leave it out.")
    return timesteps
