"""A stack of recurrent layers, with the correct `return_sequences`, states and masks for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit.layers import packing
from seqkit.layers.cell_names import cell_name
from seqkit.layers.cells import CELLS, WITH_CELL_STATE, cell_options, recurrent_layer
from seqkit.layers.stack_arguments import (
    activation_function,
    first_layer_dropout,
    layer_units,
    named_states,
    refuse_no_flags,
    refuse_other_shapes,
    without_kernel_warning,
)

STATES = {"list": "as Keras's layers give them", "dict": "by name"}
INITIAL_STATES = {
    "zeros": "as in Keras",
    "random": "normal with a standard deviation of 0.1 in training, else zeros",
    "learned": "a weight, the same for every sample",
}
RANDOM_STATE_DEVIATION = 0.1


@keras.saving.register_keras_serializable("seqkit")
class RecurrentStack(layers.Layer):
    """Stack recurrent layers, so that each layer reads every step of the layer before it.

    Inner layers return the whole sequence. The last layer returns only its last step, or with `return_sequences` the
    whole sequence. The layers are Keras's own with Keras's defaults: tanh and sigmoid, no recurrent dropout, not
    unrolled. So they use the cuDNN kernel where there is one. Equations: Hochreiter & Schmidhuber 1997 with the forget
    gate of Gers et al. 2000 (`lstm`), Cho et al. 2014 (`gru`), Elman 1990 (`simple_rnn`).

    Shapes: B samples, T timesteps, F features, U units of the last layer (2U when bidirectional).
    Input `[B, T, F]`; output `[B, U]`, or `[B, T, U]` with `return_sequences`. With `return_state` the layer returns
    `(output, *states)`: the last states `[B, units]` of every layer, from first to last, each as its Keras layer
    gives them (hidden, then for LSTM cell; bidirectional: forward, then backward). With `states="dict"` it returns
    the output and a dict: `layer_1_hidden`, for LSTM `layer_1_cell`, and so on; `layer_1_forward_hidden` and
    `layer_1_backward_hidden` when bidirectional. A call takes the same list or dict as `initial_state`.

    Args:
        units: units of each layer, from first to last; a whole number for layers of equal size.
        cell: `"lstm"`, `"gru"`, `"simple_rnn"` or `"peephole_lstm"` (`PeepholeLSTMCell`).
        depth: number of layers, where `units` is a whole number.
        bidirectional: read each layer's input in both directions and join the two outputs.
        dropout: fraction of outputs dropped after each layer in training, one number for each layer.
        first_dropout: fraction dropped after the first layer alone, as in the articles' stack; 0 by default. In this
            release a single number as `dropout` still means `first_dropout`, with a warning for two layers or more.
        return_sequences: return the last layer's output at every step.
        return_state: return every layer's last states as well.
        states: how they are returned, `"list"` or `"dict"`.
        go_backwards: read the sequences from their end; the output is in the order of reading, as in Keras.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`; used where a call gives no states.
        memory: timesteps that the gates of an untrained cell remember (`ChronoBias`). None keeps Keras's biases,
            which forget within some tens of steps.
        activation: activation of candidates and outputs. Only tanh can use the cuDNN kernel.
        recurrent_activation: activation of gates. Only sigmoid can use the cuDNN kernel.
        reset_after: of `"gru"`, whether the reset gate is applied after the recurrent product, as in Keras, or before
            it, as in Cho et al. 2014 (equation 8). Only True can use the cuDNN kernel.

    Raises:
        ValueError: an unknown cell or initial state, units below 1, a depth or dropout that does not fit the length
            of units, `memory` for a cell without gates; when called: no third axis, states of other names or shapes.

    Example:
        >>> import numpy as np
        >>> from seqkit import RecurrentStack
        >>> output, hidden_1, hidden_2 = RecurrentStack((8, 4), cell="gru", return_state=True)(np.ones((2, 5, 3)))
        >>> tuple(output.shape), tuple(hidden_1.shape), tuple(hidden_2.shape)
        ((2, 4), (2, 8), (2, 4))
    """

    stateful, states = False, None  # as in Keras's layers; `keras.layers.Bidirectional` asks for them

    def __init__(
        self,
        units: int | Sequence[int],
        cell: str = "lstm",
        *,
        depth: int | None = None,
        bidirectional: bool = False,
        dropout: float | Sequence[float] | None = None,
        first_dropout: float | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        states: str = "list",
        go_backwards: bool = False,
        initial_state: str = "zeros",
        memory: int | None = None,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        reset_after: bool = True,
        **kwargs: Any,
    ) -> None:
        """Make the layers; see the class for the arguments."""
        super().__init__(**kwargs)
        self.units = layer_units("RecurrentStack", units, depth)
        self.dropout = first_layer_dropout("RecurrentStack", dropout, first_dropout, len(self.units))
        self.cell = cell = cell_name("RecurrentStack", cell, CELLS)
        self.bidirectional, self.return_sequences = bool(bidirectional), bool(return_sequences)
        self.return_state, self.initial_state, self.memory = bool(return_state), initial_state, memory
        self.activation = activation_function("RecurrentStack", "activation", activation)
        self.recurrent_activation = activation_function("RecurrentStack", "recurrent_activation", recurrent_activation)
        self.state_form, self.go_backwards, self.reset_after = states, bool(go_backwards), bool(reset_after)
        self.supports_masking = True
        flags = {"bidirectional": bidirectional, "return_sequences": return_sequences, "return_state": return_state}
        refuse_no_flags("RecurrentStack", **flags, go_backwards=go_backwards, reset_after=reset_after)
        _checks.choice("RecurrentStack", "initial_state", initial_state, INITIAL_STATES)
        _checks.choice("RecurrentStack", "states", states, STATES)
        options = cell_options(cell, memory, self.activation, self.recurrent_activation, self.reset_after)
        last = len(self.units) - 1
        options |= {"dtype": self.dtype_policy, "return_state": self.return_state}
        self.recurrent = [
            recurrent_layer(
                cell, size, self.bidirectional, return_sequences=number < last or self.return_sequences, **options
            )
            for number, size in enumerate(self.units)
        ]
        self.drops = [layers.Dropout(rate, dtype=self.dtype_policy) if rate else None for rate in self.dropout]
        self.seed_generator = keras.random.SeedGenerator() if initial_state == "random" else None
        self.first_states: dict[str, Any] = {}

    @property
    def state_names(self) -> list[list[str]]:
        """The names of each layer's states, in Keras's order."""
        states = ["hidden", "cell"] if self.cell in WITH_CELL_STATE else ["hidden"]
        if self.bidirectional:
            states = [f"{direction}_{state}" for direction in ("forward", "backward") for state in states]
        return [[f"layer_{number}_{state}" for state in states] for number in range(1, len(self.units) + 1)]

    @property
    def _state_sizes(self) -> dict[str, int]:
        return {name: size for names, size in zip(self.state_names, self.units, strict=True) for name in names}

    @property
    def zero_output_for_mask(self) -> bool:
        """Whether the output is zero at padded steps, which else repeat the step before; Keras's wrappers set it."""
        return self.bidirectional or self.recurrent[-1].zero_output_for_mask

    @zero_output_for_mask.setter
    def zero_output_for_mask(self, is_zero: bool) -> None:
        if not self.bidirectional:
            self.recurrent[-1].zero_output_for_mask = is_zero

    def build(self, sequences_shape: tuple[int | None, ...], initial_state_shape: Any = None) -> None:
        """Build every layer on the output of the layer before it."""
        refuse_other_shapes(sequences_shape)
        shape = tuple(sequences_shape)
        self.features = shape[2]
        for layer, size in zip(self.recurrent, self.units, strict=True):
            layer.build(shape)
            shape = (*shape[:2], size * (2 if self.bidirectional else 1))
        if self.initial_state == "learned":
            self.first_states = {
                name: self.add_weight(shape=(1, size), initializer="zeros", name=name)
                for name, size in self._state_sizes.items()
            }
        self.built = True

    def call(
        self,
        sequences: Any,
        initial_state: Any = None,
        mask: Any = None,
        sequences_mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        """Run the stack. Keras passes the mask as `mask`, or as `sequences_mask` where a call gives states too."""
        refuse_other_shapes(sequences.shape, self.features)
        mask = sequences_mask if mask is None else mask
        starts = self._initial_states(initial_state, ops.shape(sequences)[0], training)
        outputs = sequences  # (B, T, F)
        if self.go_backwards:
            outputs, mask = ops.flip(outputs, axis=1), None if mask is None else ops.flip(mask, axis=1)
        to_pack = mask is not None and packing.may_use_kernel(self.recurrent) and packing.needs_packing()
        packed = packing.pack(outputs, mask) if to_pack else None
        if packed is not None:
            outputs, mask = packed.sequences, packed.mask
        states: dict[str, Any] = {}
        for layer, drop, names in zip(self.recurrent, self.drops, self.state_names, strict=True):
            start = [starts[name] for name in names] if starts else None
            outputs = layer(outputs, initial_state=start, mask=mask, training=training)
            if self.return_state:
                outputs, *last_states = outputs
                if packed is not None:
                    last_states = packing.keep_initial_states(packed, last_states, start)
                states |= dict(zip(names, last_states, strict=True))
            if drop is not None:
                outputs = drop(outputs, training=training)
        if packed is not None:
            outputs = packing.unpack(packed, outputs, self.return_sequences, self.zero_output_for_mask)
        return self._with_states(outputs, states)  # (B, U) or (B, T, U)

    def _with_states(self, output: Any, states: dict[str, Any]) -> Any:
        if not self.return_state:
            return output
        return (output, states) if self.state_form == "dict" else (output, *states.values())

    def _initial_states(self, initial_state: Any, samples: Any, training: bool | None) -> Any:
        if initial_state is not None:
            return named_states(initial_state, self._state_sizes)
        if self.initial_state == "learned":
            return {
                name: ops.repeat(ops.cast(weight, self.compute_dtype), samples, axis=0)
                for name, weight in self.first_states.items()
            }
        if self.initial_state == "random" and training:
            options = {"stddev": RANDOM_STATE_DEVIATION, "dtype": self.compute_dtype, "seed": self.seed_generator}
            return {name: keras.random.normal((samples, size), **options) for name, size in self._state_sizes.items()}
        return None

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        """Pass the mask on only where the output has timesteps."""
        return mask if self.return_sequences else None

    def compute_output_spec(self, sequences: Any, initial_state: Any = None, *_: Any, **__: Any) -> Any:
        """Return the shapes of the output and, with `return_state`, of the states."""
        if initial_state is not None:
            named_states(initial_state, self._state_sizes)
        shapes = self.compute_output_shape(sequences.shape)
        return keras.tree.map_shape_structure(lambda shape: keras.KerasTensor(shape, self.compute_dtype), shapes)

    def compute_output_shape(self, sequences_shape: Any, *_: Any, **__: Any) -> Any:
        """Return the shape of the output and, with `return_state`, of the states: as the outputs, a list or a dict."""
        refuse_other_shapes(sequences_shape)
        samples, timesteps, _features = sequences_shape
        width = self.units[-1] * (2 if self.bidirectional else 1)
        output = (samples, timesteps, width) if self.return_sequences else (samples, width)
        return self._with_states(output, {name: (samples, size) for name, size in self._state_sizes.items()})

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes, except `depth` and `first_dropout`: `units` and `dropout` contain them."""
        names = ["units", "cell", "bidirectional", "dropout", "return_sequences", "return_state"]
        names += ["initial_state", "memory", "go_backwards", "reset_after"]
        activations = {
            name: keras.activations.serialize(getattr(self, name)) for name in ("activation", "recurrent_activation")
        }
        values = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **values, "states": self.state_form, **activations}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RecurrentStack:
        """Rebuild the layer without the warnings that were given when it was first made.

        A layer that was saved before there was a choice of `states` returns a dict.
        """
        config = {"states": "dict", **config}
        with without_kernel_warning():
            return cls(**config)
