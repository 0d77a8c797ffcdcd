"""A stack of recurrent layers, with the correct `return_sequences`, states and masks for each layer."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit.layers.gate_bias import ChronoBias
from seqkit.layers.stack_arguments import first_layer_dropout, layer_units, refuse_other_shapes, refuse_other_states

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
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
    Input `[B, T, F]`; output `[B, U]`, or `[B, T, U]` with `return_sequences`. With `return_state` also a dict
    of every layer's last states `[B, units]`: `layer_1_hidden`, for LSTM `layer_1_cell`, and so on;
    `layer_1_forward_hidden` and `layer_1_backward_hidden` when bidirectional. A call takes the same dict as
    `initial_state`.

    Args:
        units: units of each layer, from first to last; a whole number for layers of equal size.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        depth: number of layers, where `units` is a whole number.
        bidirectional: read each layer's input in both directions and join the two outputs.
        dropout: fraction of outputs dropped after each layer in training, one number for each layer.
        first_dropout: fraction dropped after the first layer alone, as in the articles' stack; 0 by default. In this
            release a single number as `dropout` still means `first_dropout`, with a warning for two layers or more.
        return_sequences: return the last layer's output at every step.
        return_state: return every layer's last states as well.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`; used where a call gives no states.
        memory: timesteps that the gates of an untrained cell remember (`ChronoBias`). None keeps Keras's biases,
            which forget within some tens of steps.
        activation: activation of candidates and outputs. Only tanh can use the cuDNN kernel.
        recurrent_activation: activation of gates. Only sigmoid can use the cuDNN kernel.

    Raises:
        ValueError: an unknown cell or initial state, units below 1, a depth or dropout that does not fit the length
            of units, `memory` for a cell without gates; when called: no third axis, states of other names or shapes.
    """

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
        initial_state: str = "zeros",
        memory: int | None = None,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        **kwargs: Any,
    ) -> None:
        """Make the layers; see the class for the arguments."""
        super().__init__(**kwargs)
        self.units = layer_units("RecurrentStack", units, depth)
        self.dropout = first_layer_dropout("RecurrentStack", dropout, first_dropout, len(self.units))
        self.cell, self.bidirectional, self.return_sequences = cell, bool(bidirectional), bool(return_sequences)
        self.return_state, self.initial_state, self.memory = bool(return_state), initial_state, memory
        self.activation, self.recurrent_activation = activation, recurrent_activation
        self.supports_masking = True
        _checks.choice("RecurrentStack", "initial_state", initial_state, INITIAL_STATES)
        options = _cell_options(cell, memory, activation, recurrent_activation)
        last = len(self.units) - 1
        self.recurrent = [
            self._layer(size, number < last or self.return_sequences, options) for number, size in enumerate(self.units)
        ]
        self.drops = [layers.Dropout(rate, dtype=self.dtype_policy) if rate else None for rate in self.dropout]
        self.seed_generator = keras.random.SeedGenerator() if initial_state == "random" else None
        self.first_states: dict[str, Any] = {}

    def _layer(self, size: int, return_sequences: bool, options: Mapping[str, Any]) -> layers.Layer:
        policy = self.dtype_policy
        layer = CELLS[self.cell](
            size, return_sequences=return_sequences, return_state=self.return_state, dtype=policy, **options
        )
        return layers.Bidirectional(layer, dtype=policy) if self.bidirectional else layer

    @property
    def state_names(self) -> list[list[str]]:
        """The names of each layer's states, in Keras's order."""
        states = ["hidden", "cell"] if self.cell == "lstm" else ["hidden"]
        if self.bidirectional:
            states = [f"{direction}_{state}" for direction in ("forward", "backward") for state in states]
        return [[f"layer_{number}_{state}" for state in states] for number in range(1, len(self.units) + 1)]

    @property
    def _state_sizes(self) -> dict[str, int]:
        return {name: size for names, size in zip(self.state_names, self.units, strict=True) for name in names}

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
        initial_state: Mapping[str, Any] | None = None,
        mask: Any = None,
        sequences_mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        """Run the stack. Keras passes the mask as `mask`, or as `sequences_mask` where a call gives states too."""
        refuse_other_shapes(sequences.shape, self.features)
        mask = sequences_mask if mask is None else mask
        starts = self._initial_states(initial_state, ops.shape(sequences)[0], training)
        outputs = sequences  # (B, T, F)
        states: dict[str, Any] = {}
        for layer, drop, names in zip(self.recurrent, self.drops, self.state_names, strict=True):
            start = [starts[name] for name in names] if starts else None
            outputs = layer(outputs, initial_state=start, mask=mask, training=training)
            if self.return_state:
                outputs, *last_states = outputs
                states |= dict(zip(names, last_states, strict=True))
            if drop is not None:
                outputs = drop(outputs, training=training)
        return (outputs, states) if self.return_state else outputs  # (B, U) or (B, T, U)

    def _initial_states(self, initial_state: Mapping[str, Any] | None, samples: Any, training: bool | None) -> Any:
        if initial_state is not None:
            refuse_other_states(initial_state, self._state_sizes)
            return initial_state
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

    def compute_output_spec(self, sequences: Any, *_: Any, **__: Any) -> Any:
        """Return the shapes of the output and, with `return_state`, of the states."""
        refuse_other_shapes(sequences.shape)
        samples, timesteps, _features = sequences.shape

        def tensor(*shape: int | None) -> keras.KerasTensor:
            return keras.KerasTensor(shape, dtype=self.compute_dtype)

        width = self.units[-1] * (2 if self.bidirectional else 1)
        output = tensor(samples, timesteps, width) if self.return_sequences else tensor(samples, width)
        if not self.return_state:
            return output
        return output, {name: tensor(samples, size) for name, size in self._state_sizes.items()}

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes, except `depth` and `first_dropout`: `units` and `dropout` contain them."""
        names = ["units", "cell", "bidirectional", "dropout", "return_sequences", "return_state"]
        names += ["initial_state", "memory"]
        activations = {
            name: keras.activations.serialize(keras.activations.get(getattr(self, name)))
            for name in ("activation", "recurrent_activation")
        }
        return {**super().get_config(), **{name: getattr(self, name) for name in names}, **activations}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RecurrentStack:
        """Rebuild the layer without the warnings that were given when it was first made."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="RecurrentStack: ", category=UserWarning)
            return cls(**config)


def _cell_options(cell: str, memory: int | None, activation: Any, recurrent_activation: Any) -> dict[str, Any]:
    _checks.choice("RecurrentStack", "cell", cell, CELLS)
    options: dict[str, Any] = {"activation": activation}
    if cell != "simple_rnn":
        options["recurrent_activation"] = recurrent_activation
        _warn_of_lost_kernel("activation", activation, keras.activations.tanh)
        _warn_of_lost_kernel("recurrent_activation", recurrent_activation, keras.activations.sigmoid)
    if memory is not None:
        if cell == "simple_rnn":
            problem = f'memory={memory} sets gates, and cell="simple_rnn" has none.'
            raise InvalidValue("RecurrentStack", problem, 'Use "lstm" or "gru".', argument="memory")
        options["bias_initializer"] = ChronoBias(memory, cell)
        if cell == "lstm":
            options["unit_forget_bias"] = False  # the initializer sets the forget gate's bias
    return options


def _warn_of_lost_kernel(name: str, activation: Any, fast_activation: Any) -> None:
    if keras.activations.get(activation) is not fast_activation:
        warnings.warn(
            SeqkitWarning(
                "RecurrentStack",
                f"{name}={activation!r} cannot use the cuDNN kernel, so training on a GPU is several times slower.",
                f'{name}="{fast_activation.__name__}" can.',
                argument=name,
            ),
            stacklevel=4,
        )
