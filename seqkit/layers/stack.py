"""A stack of recurrent layers, `return_sequences` right by construction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from seqkit import _checks

CELLS = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}


@keras.saving.register_keras_serializable("seqkit")
class RecurrentStack(layers.Layer):
    """Recurrent layers one above the other, each reading every step of the one below.

    Inner layers return their whole sequence, the last one only its last step unless `return_sequences`.
    Keras's own layers with Keras's own defaults: tanh and sigmoid, no recurrent dropout, not unrolled, so the
    cuDNN kernel is used where there is one. Equations: Hochreiter & Schmidhuber 1997 with the forget gate of
    Gers et al. 2000 (`lstm`), Cho et al. 2014 (`gru`), Elman 1990 (`simple_rnn`).

    Shapes: B samples, T timesteps, F features, U units of the last layer (2U when bidirectional).
    Input `[B, T, F]`; output `[B, U]`, or `[B, T, U]` with `return_sequences`.

    Args:
        units: units of each layer, first to last; a whole number for a single layer.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        bidirectional: read each layer's input in both directions and join the two.
        dropout: fraction of outputs dropped after each layer in training, one number a layer; a single
            number is dropped after the first layer, as in the articles' stack.
        return_sequences: return the last layer's output at every step.

    Raises:
        ValueError: an unknown cell, units below 1, a dropout outside [0, 1) or of another length.
    """

    def __init__(
        self,
        units: int | Sequence[int],
        cell: str = "lstm",
        *,
        bidirectional: bool = False,
        dropout: float | Sequence[float] = 0.0,
        return_sequences: bool = False,
        **kwargs: Any,
    ) -> None:
        """Make the layers; see the class for the arguments."""
        super().__init__(**kwargs)
        self.units = layer_units("RecurrentStack", units)
        self.dropout = layer_dropout("RecurrentStack", dropout, len(self.units))
        self.cell, self.bidirectional, self.return_sequences = cell, bool(bidirectional), bool(return_sequences)
        self.supports_masking = True
        kind = _checks.choice("RecurrentStack", "cell", cell, CELLS)
        last = len(self.units) - 1
        self.recurrent = [
            self._layer(kind, size, depth < last or self.return_sequences) for depth, size in enumerate(self.units)
        ]
        self.drops = [layers.Dropout(rate, dtype=self.dtype_policy) if rate else None for rate in self.dropout]

    def _layer(self, kind: type[layers.Layer], size: int, sequences: bool) -> layers.Layer:
        one = kind(size, return_sequences=sequences, dtype=self.dtype_policy)
        return layers.Bidirectional(one, dtype=self.dtype_policy) if self.bidirectional else one

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build every layer on the output of the one below."""
        for layer in self.recurrent:
            layer.build(input_shape)
            input_shape = (*input_shape[:2], layer.compute_output_shape(input_shape)[-1])
        self.built = True

    def call(self, sequences: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Run the stack."""
        outputs = sequences  # (B, T, F)
        for layer, drop in zip(self.recurrent, self.drops, strict=True):
            outputs = layer(outputs, mask=mask, training=training)
            if drop is not None:
                outputs = drop(outputs, training=training)
        return outputs  # (B, U) or (B, T, U)

    def compute_mask(self, sequences: Any, mask: Any = None) -> Any:
        """Pass the mask on only while there still are steps."""
        return mask if self.return_sequences else None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape of the last layer's output."""
        width = self.units[-1] * (2 if self.bidirectional else 1)
        return (*input_shape[:2], width) if self.return_sequences else (input_shape[0], width)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("units", "cell", "bidirectional", "dropout", "return_sequences")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def layer_units(where: str, units: Any) -> tuple[int, ...]:
    """Units of each layer as a tuple, checked."""
    sizes = tuple(units) if isinstance(units, (list, tuple)) else (units,)
    if not sizes:
        raise ValueError(f"{where}: units is empty; name the units of one layer or more, e.g. units=(128, 64).")
    return tuple(_checks.whole_number(where, "units", size) for size in sizes)


def layer_dropout(where: str, dropout: Any, depth: int) -> tuple[float, ...]:
    """Dropout after each of `depth` layers as a tuple, checked."""
    if not isinstance(dropout, (list, tuple)):
        dropout = (dropout, *(0.0,) * (depth - 1))
    if len(dropout) != depth:
        raise ValueError(f"{where}: dropout has {len(dropout)} numbers for {depth} layers. Pass one for each layer.")
    return tuple(_checks.fraction(where, "dropout", rate) for rate in dropout)
