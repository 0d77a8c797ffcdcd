"""The four shapes of a recurrent network, each one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS
from seqkit.layers.stack import RecurrentStack
from seqkit.layers.stack_arguments import first_layer_dropout, layer_units
from seqkit.recurrent.model import RecurrentModel
from seqkit.task.compiling import compile_built
from seqkit.task.forked import refuse_in_a_fork

WHERE = "build_recurrent"
SHAPES = {
    "one_to_one": "[B, F] to [B, K]",
    "one_to_many": "[B, F] to [B, T, K]",
    "many_to_one": "[B, T, F] to [B, K]",
    "many_to_many": "[B, T, F] to [B, T, K]",
}
FEWEST_TIMESTEPS_TO_REMEMBER = 2
# activation of the output, loss, metric
TASKS = {"values": (None, "mse", "mae"), "classes": ("softmax", "sparse_categorical_crossentropy", "accuracy")}


def build_recurrent(
    shape: str,
    *,
    features: int,
    outputs: int | None,
    timesteps: int | None = None,
    task: str = "values",
    cell: str = "lstm",
    units: int | Sequence[int] = 32,
    activation: str = "tanh",
    initial_state: str = "zeros",
    bidirectional: bool = False,
    dropout: float | Sequence[float] | None = None,
    first_dropout: float | None = None,
    memory: int | str | None = "timesteps",
    padding: float | None = None,
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> RecurrentModel:
    """Build a compiled recurrent network of one of the four shapes.

        "one_to_one"     one timestep in, one output: a plain network
        "one_to_many"    one timestep in, repeated at every timestep; a sequence out (a picture to its words)
        "many_to_one"    a sequence in, one output, at the last timestep (a text to its class)
        "many_to_many"   a sequence in, an output at every timestep (words to their tags)

    All timesteps share the parameters, so the number of parameters does not depend on the length.

    Args:
        shape: one of the four.
        features: values at one timestep of the input, F.
        outputs: values, or classes, of one output, K; None for no dense layer, so that y = h.
        timesteps: length of the sequences, T; None for any length. `"one_to_many"` needs a number.
        task: `"values"` (linear output, squared error) or `"classes"` (softmax; targets are class numbers).
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each layer, first to last.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`, a weight.
        bidirectional: read sequences in both directions.
        dropout: fraction that training drops after each layer, one number for each layer.
        first_dropout: fraction that training drops after the first layer only; 0 by default. In this release, a single
            number as `dropout` still means `first_dropout`, with a warning where there are more layers.
        memory: timesteps that the untrained gates remember, as in `RecurrentStack`. `"timesteps"` means the whole
            sequence where its length is given (`benchmarks/first_symbol.py` shows why); None keeps Keras's biases.
        padding: the value of padded timesteps; the network skips them, before and after the sequence.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto". It suits long
            trainings of small models with many timesteps; see "How quick it is" in docs/insides.

    Returns:
        A compiled `keras.Model`.

    Raises:
        ValueError: an unknown shape, task or cell; `timesteps` that the shape lacks or does not take; numbers below 1.

    Example:
        >>> build_recurrent("many_to_many", features=3, outputs=2).output_shape
        (None, None, 2)
    """
    refuse_in_a_fork(WHERE)  # before layers are connected, which TensorFlow may wait in
    _checks.choice(WHERE, "shape", shape, SHAPES)
    output_activation, loss, metric = _checks.choice(WHERE, "task", task, TASKS)
    features = _checks.whole_number(WHERE, "features", features)
    _refuse_classes_without_outputs(outputs, task)
    takes_sequence, returns_sequence = shape.startswith("many"), shape.endswith("many")
    timesteps = _checked_timesteps(shape, timesteps)
    inputs = keras.Input((timesteps, features) if takes_sequence else (features,), name="input")
    sequence = inputs if takes_sequence else layers.RepeatVector(timesteps or 1, name="repeat")(inputs)
    if padding is not None:
        sequence = layers.Masking(float(padding), name="padding")(sequence)
    sizes, cell = layer_units(WHERE, units), cell_name(WHERE, cell, CELLS)
    stack = RecurrentStack(
        sizes,
        cell,
        bidirectional=bidirectional,
        dropout=first_layer_dropout(WHERE, dropout, first_dropout, len(sizes)),
        memory=_gate_memory(memory, cell, timesteps if takes_sequence else None),
        return_sequences=returns_sequence,
        activation=activation,
        initial_state=initial_state,
    )
    output = stack(sequence)
    if outputs is not None:
        outputs = _checks.whole_number(WHERE, "outputs", outputs)
        output = layers.Dense(outputs, activation=output_activation, name="answer")(output)
    model = RecurrentModel(inputs=inputs, outputs=output, name=shape)
    compile_built(
        WHERE,
        model,
        optimizer,
        jit_compile,
        loss=loss,
        weighted_metrics=[metric],
    )
    return model


def _refuse_classes_without_outputs(outputs: int | None, task: str) -> None:
    if outputs is None and task == "classes":
        problem = 'task="classes" needs the number of classes, and outputs=None has no dense layer to give them.'
        raise InvalidValue(WHERE, problem, "Pass outputs=<number of classes>.", "outputs")


def _gate_memory(memory: int | str | None, cell: str, timesteps: int | None) -> int | None:
    """Return the timesteps to remember; None for a cell without gates and for sequences of any length."""
    if not isinstance(memory, str):
        return memory
    _checks.choice(WHERE, "memory", memory, {"timesteps": "the whole sequence"})
    return timesteps if cell != "simple_rnn" and (timesteps or 0) >= FEWEST_TIMESTEPS_TO_REMEMBER else None


def _checked_timesteps(shape: str, timesteps: int | None) -> int | None:
    if timesteps is not None:
        timesteps = _checks.whole_number(WHERE, "timesteps", timesteps)
    if shape == "one_to_many" and timesteps is None:
        raise InvalidValue(
            WHERE, 'shape="one_to_many" needs timesteps=, the length of the output sequence.', argument="timesteps"
        )
    if shape == "one_to_one" and timesteps not in (None, 1):
        problem = f'shape="one_to_one" has a single timestep, got timesteps={timesteps}.'
        raise InvalidValue(WHERE, problem, "Leave timesteps out.", "timesteps")
    return timesteps
