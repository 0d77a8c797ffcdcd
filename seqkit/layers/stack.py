"""A stack of recurrent layers: `return_sequences`, states and masks right by construction."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning
from seqkit._old_names import warn_of_old_spelling
from seqkit.layers.gate_bias import ChronoBias

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
INITIAL_STATES = {
    "zeros": "as in Keras",
    "random": "normal with a standard deviation of 0.1 in training, else zeros",
    "learned": "a weight, the same for every sample",
}
RANDOM_SPREAD = 0.1


@keras.saving.register_keras_serializable("seqkit")
class RecurrentStack(layers.Layer):
    """Recurrent layers one above the other, each reading every step of the one below.

    Inner layers return their whole sequence, the last one only its last step unless `return_sequences`.
    Keras's own layers with Keras's own defaults: tanh and sigmoid, no recurrent dropout, not unrolled, so the
    cuDNN kernel is used where there is one. Equations: Hochreiter & Schmidhuber 1997 with the forget gate of
    Gers et al. 2000 (`lstm`), Cho et al. 2014 (`gru`), Elman 1990 (`simple_rnn`).

    Shapes: B samples, T timesteps, F features, U units of the last layer (2U when bidirectional).
    Input `[B, T, F]`; output `[B, U]`, or `[B, T, U]` with `return_sequences`. With `return_state` also a dict
    of every layer's last states `[B, units]`: `layer_1_hidden`, for LSTM `layer_1_cell`, and so on;
    `layer_1_forward_hidden`, `layer_1_backward_hidden` when bidirectional. Such a dict is what a call takes as
    `initial_state`.

    Args:
        units: units of each layer, first to last; a whole number for layers of equal size.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        depth: how many layers, where `units` is a whole number.
        bidirectional: read each layer's input in both directions and join the two.
        dropout: fraction of outputs dropped after each layer in training, one number for each.
        first_dropout: fraction dropped after the first layer alone, as in the articles' stack; 0 by default. For
            this release a single number as `dropout` still means this, with a warning where there are more layers.
        return_sequences: return the last layer's output at every step.
        return_state: return every layer's last states as well.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`, where a call gives none.
        memory: timesteps that the gates are to remember from the start (`ChronoBias`); None for Keras's biases,
            which forget within some tens of steps.
        activation: of candidates and outputs. Anything but tanh loses the cuDNN kernel.
        recurrent_activation: of gates. Anything but sigmoid loses the cuDNN kernel.

    Raises:
        ValueError: an unknown cell or initial state, units below 1, a depth or dropout of another length than
            units, `memory` for a cell without gates; when called: no third axis, states of other names or shapes.
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
            self._layer(size, depth < last or self.return_sequences, options) for depth, size in enumerate(self.units)
        ]
        self.drops = [layers.Dropout(rate, dtype=self.dtype_policy) if rate else None for rate in self.dropout]
        self.seed_generator = keras.random.SeedGenerator() if initial_state == "random" else None
        self.first_states: dict[str, Any] = {}

    def _layer(self, size: int, sequences: bool, options: Mapping[str, Any]) -> layers.Layer:
        kind = _checks.choice("RecurrentStack", "cell", self.cell, CELLS)
        one = kind(size, return_sequences=sequences, return_state=self.return_state, dtype=self.dtype_policy, **options)
        return layers.Bidirectional(one, dtype=self.dtype_policy) if self.bidirectional else one

    @property
    def state_names(self) -> list[list[str]]:
        """The names of each layer's states, in Keras's order."""
        parts = ["hidden", "cell"] if self.cell == "lstm" else ["hidden"]
        if self.bidirectional:
            parts = [f"{way}_{part}" for way in ("forward", "backward") for part in parts]
        return [[f"layer_{number}_{part}" for part in parts] for number in range(1, len(self.units) + 1)]

    def build(self, sequences_shape: tuple[int | None, ...], initial_state_shape: Any = None) -> None:
        """Build every layer on the output of the one below."""
        _refuse_other_shapes(sequences_shape)
        shape = tuple(sequences_shape)
        self.features = shape[2]
        for layer, size in zip(self.recurrent, self.units, strict=True):
            layer.build(shape)
            shape = (*shape[:2], size * (2 if self.bidirectional else 1))
        if self.initial_state == "learned":
            self.first_states = {
                name: self.add_weight(shape=(1, size), initializer="zeros", name=name)
                for names, size in zip(self.state_names, self.units, strict=True)
                for name in names
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
        """Run the stack; Keras passes the mask as `mask`, or as `sequences_mask` where states are given too."""
        _refuse_other_shapes(sequences.shape, self.features)
        mask = sequences_mask if mask is None else mask
        given = self._given_states(initial_state, ops.shape(sequences)[0], training)
        outputs = sequences  # (B, T, F)
        states: dict[str, Any] = {}
        for layer, drop, names in zip(self.recurrent, self.drops, self.state_names, strict=True):
            first = [given[name] for name in names] if given else None
            outputs = layer(outputs, initial_state=first, mask=mask, training=training)
            if self.return_state:
                outputs, *after = outputs
                states |= dict(zip(names, after, strict=True))
            if drop is not None:
                outputs = drop(outputs, training=training)
        return (outputs, states) if self.return_state else outputs  # (B, U) or (B, T, U)

    def _given_states(self, initial_state: Mapping[str, Any] | None, samples: Any, training: bool | None) -> Any:
        sizes = {name: size for names, size in zip(self.state_names, self.units, strict=True) for name in names}
        if initial_state is not None:
            _refuse_other_states(initial_state, sizes)
            return initial_state
        if self.initial_state == "learned":
            return {
                name: ops.repeat(ops.cast(weight, self.compute_dtype), samples, axis=0)
                for name, weight in self.first_states.items()
            }
        if self.initial_state == "random" and training:
            return {
                name: keras.random.normal(
                    (samples, size), stddev=RANDOM_SPREAD, dtype=self.compute_dtype, seed=self.seed_generator
                )
                for name, size in sizes.items()
            }
        return None

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        """Pass the mask on only while there still are steps."""
        return mask if self.return_sequences else None

    def compute_output_spec(self, sequences: Any, *_: Any, **__: Any) -> Any:
        """Shapes of the output and, with `return_state`, of the states."""
        _refuse_other_shapes(sequences.shape)
        samples, timesteps, _features = sequences.shape

        def one(*shape: int | None) -> keras.KerasTensor:
            return keras.KerasTensor(shape, dtype=self.compute_dtype)

        width = self.units[-1] * (2 if self.bidirectional else 1)
        output = one(samples, timesteps, width) if self.return_sequences else one(samples, width)
        if not self.return_state:
            return output
        sizes = zip(self.state_names, self.units, strict=True)
        return output, {name: one(samples, size) for names, size in sizes for name in names}

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes but `depth` and `first_dropout`, which `units` and `dropout` show."""
        names = [
            "units",
            "cell",
            "bidirectional",
            "dropout",
            "return_sequences",
            "return_state",
            "initial_state",
            "memory",
        ]
        activations = {
            name: keras.activations.serialize(keras.activations.get(getattr(self, name)))
            for name in ("activation", "recurrent_activation")
        }
        return {**super().get_config(), **{name: getattr(self, name) for name in names}, **activations}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RecurrentStack:
        """Rebuild; what was warned of when it was made is not said again."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="RecurrentStack: ", category=UserWarning)
            return cls(**config)


def layer_units(where: str, units: Any, depth: int | None = None) -> tuple[int, ...]:
    """Units of each layer as a tuple, checked."""
    sizes = tuple(units) if isinstance(units, (list, tuple)) else (units,)
    if not sizes:
        raise InvalidValue(
            where, "units is empty; name the units of one layer or more, e.g. units=(128, 64).", argument="units"
        )
    if depth is not None:
        depth = _checks.whole_number(where, "depth", depth)
        sizes = sizes * depth if len(sizes) == 1 else sizes
        if len(sizes) != depth:
            raise InvalidValue(where, f"units names {len(sizes)} layers, depth={depth}.", "Leave depth out.")
    return tuple(_checks.whole_number(where, "units", size) for size in sizes)


def layer_dropout(where: str, dropout: Any, depth: int) -> tuple[float, ...]:
    """Dropout after each of `depth` layers as a tuple, checked; a single number is dropped after every layer."""
    if not isinstance(dropout, (list, tuple)):
        dropout = (dropout,) * depth
    if len(dropout) != depth:
        raise InvalidValue(where, f"dropout has {len(dropout)} numbers for {depth} layers.", "Pass one for each layer.")
    return tuple(_checks.fraction(where, "dropout", rate) for rate in dropout)


def first_layer_dropout(
    where: str, dropout: Any, first_dropout: Any, depth: int, default: float = 0.0
) -> tuple[float, ...]:
    """As `layer_dropout`, where a single number was dropped after the first layer alone: `first_dropout` now."""
    if dropout is None:
        first = _checks.fraction(where, "first_dropout", default if first_dropout is None else first_dropout)
    elif first_dropout is not None:
        raise InvalidValue(
            where,
            f"dropout={dropout!r} and first_dropout={first_dropout!r} both say what is dropped after the first layer.",
            "Pass one of them.",
        )
    elif isinstance(dropout, (list, tuple)):
        return layer_dropout(where, dropout, depth)
    else:
        first = _checks.fraction(where, "dropout", dropout)
        if first and depth > 1:
            meaning = f"is dropped after the first of {depth} layers alone"
            warn_of_old_spelling(where, f"dropout={first}", meaning, f"first_dropout={first}")
    return (first, *(0.0,) * (depth - 1))


def _cell_options(cell: str, memory: int | None, activation: Any, recurrent_activation: Any) -> dict[str, Any]:
    _checks.choice("RecurrentStack", "cell", cell, CELLS)
    options: dict[str, Any] = {"activation": activation}
    if cell != "simple_rnn":
        options["recurrent_activation"] = recurrent_activation
        _warn_of_lost_kernel("activation", activation, keras.activations.tanh)
        _warn_of_lost_kernel("recurrent_activation", recurrent_activation, keras.activations.sigmoid)
    if memory is not None:
        if cell == "simple_rnn":
            raise InvalidValue(
                "RecurrentStack", f'memory={memory} sets gates, and cell="simple_rnn" has none.', 'Use "lstm" or "gru".'
            )
        options["bias_initializer"] = ChronoBias(memory, cell)
        if cell == "lstm":
            options["unit_forget_bias"] = False  # the initializer sets the forget gate's bias
    return options


def _warn_of_lost_kernel(name: str, given: Any, fast: Any) -> None:
    if keras.activations.get(given) is not fast:
        warnings.warn(
            SeqkitWarning(
                "RecurrentStack",
                f"{name}={given!r} cannot use the cuDNN kernel, so training on a GPU is several times slower.",
                f'{name}="{fast.__name__}" can.',
            ),
            stacklevel=4,
        )


def _refuse_other_shapes(shape: Sequence[int | None], features: int | None = None) -> None:
    if len(shape) == 3 and shape[1] == 0:
        raise InvalidValue("RecurrentStack", "the sequences have no timesteps.", "Leave empty ones out.")
    if len(shape) == 3 and features is not None and shape[2] != features:
        raise InvalidValue(
            "RecurrentStack",
            f"built for features={features}, got sequences of {shape[2]} (shape {tuple(shape)}).",
            "Pass the columns it was built for.",
        )
    if len(shape) != 3:
        raise InvalidValue(
            "RecurrentStack",
            f"wanted [samples, timesteps, features], got shape {tuple(shape)}.",
            "A table with one sample a row becomes that with seqkit.reshape(table, timesteps=...) or "
            "reshape(table, features=...).",
        )


def _refuse_other_states(given: Any, sizes: Mapping[str, int]) -> None:
    if not isinstance(given, Mapping) or set(given) != set(sizes):
        names = _checks.listed(given) if isinstance(given, Mapping) else type(given).__name__
        raise InvalidValue(
            "RecurrentStack",
            f"initial_state must be a dict of {_checks.listed(sizes)}, got {names}.",
            "return_state=True returns such a dict.",
            argument="initial_state",
        )
    for name, size in sizes.items():
        if len(given[name].shape) != 2 or given[name].shape[-1] != size:
            raise InvalidValue(
                "RecurrentStack",
                f"initial_state {name!r} must have the shape (samples, {size}), got {tuple(given[name].shape)}.",
            )
