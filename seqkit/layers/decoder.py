"""The decoder of an encoder-decoder: recurrent layers that start from the encoder's states and attend to the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.layers.attention import TracedLayer
from seqkit.layers.query_attention import QUERY_SCORES, QueryAttention
from seqkit.layers.stack import RecurrentStack
from seqkit.layers.stack_arguments import layer_dropout, layer_units

DECODER_ATTENTION = {**QUERY_SCORES, "none": "the states alone carry the context"}


@keras.saving.register_keras_serializable("seqkit")
class AttentionDecoder(TracedLayer):
    """Read the previous tokens and describe the next one, with attention to the source at every step.

        s_t = recurrent layers([x_t, c], s_{t-1})
        a_t = softmax_i(score(s_t, h_i))      c_t = sum_i a_ti h_i       Luong et al. 2015, section 3.1
        o_t = tanh(W [c_t, s_t] + b)                                     equation 5

    `x_t` is the vector of the previous token and `h_i` are the steps of the source. `c` is an optional context that
    is fed at every step (Cho et al. 2014). Attention follows the recurrent layers, so no step depends on the attention
    of the step before it. Therefore one call runs any number of steps. Training runs a whole target at once (teacher
    forcing). Decoding runs one step at a time, from the states that the last call returned. (In Bahdanau et al. 2015
    attention comes before the cell, so training runs step by step.) Without attention `o_t = tanh(W s_t + b)`.

    Shapes: B samples, T steps of the target, S steps of the source, F features, U units of the last layer, V features
    of the source, C of the context, A outputs. Steps `[B, T, F]`, source `[B, S, V]`, context `[B, C]`, states as
    `RecurrentStack` takes and returns them; output `[B, T, A]`, states, and with attention the weights `[B, T, S]`.

    Args:
        units: units of each recurrent layer, from first to last.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        attention: score of `QueryAttention`: `"additive"`, `"general"` or `"dot"`; or `"none"`.
        width: A; the units of the last layer by default.
        dropout: fraction dropped after each recurrent layer, and of the output.
        activation: of the cells' candidates and outputs.

    Raises:
        ValueError: an unknown cell or attention, a number out of its range, attention without a source.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import AttentionDecoder
        >>> output, states, weights = AttentionDecoder(4)(np.ones((2, 3, 5)), np.ones((2, 6, 4)))
        >>> tuple(output.shape), sorted(states), tuple(weights.shape)
        ((2, 3, 4), ['layer_1_cell', 'layer_1_hidden'], (2, 3, 6))
    """

    def __init__(
        self,
        units: int | Sequence[int],
        cell: str = "lstm",
        *,
        attention: str = "general",
        width: int | None = None,
        dropout: float = 0.0,
        activation: Any = "tanh",
        **kwargs: Any,
    ) -> None:
        """Make the layers; see the class for the arguments."""
        super().__init__(**kwargs)
        self.units, self.attention = layer_units("AttentionDecoder", units), attention
        _checks.choice("AttentionDecoder", "attention", attention, DECODER_ATTENTION)
        self.width = self.units[-1] if width is None else _checks.whole_number("AttentionDecoder", "width", width)
        (self.dropout,) = layer_dropout("AttentionDecoder", dropout, 1)
        self.supports_masking = True
        policy = {"dtype": self.dtype_policy}
        rates = (self.dropout,) * len(self.units)
        self.recurrent = RecurrentStack(
            self.units,
            cell,
            dropout=rates,
            return_sequences=True,
            return_state=True,
            states="dict",
            activation=activation,
            name="recurrent",
            **policy,
        )
        self.cell = self.recurrent.cell
        self.look = None if attention == "none" else QueryAttention(attention, name="look", **policy)
        self.combine = layers.Dense(self.width, activation="tanh", name="combine", **policy)
        self.drop = layers.Dropout(self.dropout, **policy) if self.dropout else None

    def build(
        self,
        steps_shape: Any,
        source_shape: Any = None,
        context_shape: Any = None,
        initial_state_shape: Any = None,
    ) -> None:
        """Build each layer on the output of the one before it."""
        features = steps_shape[-1] + (0 if context_shape is None else context_shape[-1])
        self.recurrent.build((*steps_shape[:-1], features))
        hidden_shape = (*steps_shape[:-1], self.units[-1])
        if self.look is not None:
            if source_shape is None:
                problem = f'attention="{self.attention}" needs source= of shape [samples, steps, units].'
                raise InvalidValue("AttentionDecoder", problem, 'Pass source=, or attention="none".', argument="source")
            self.look.build(hidden_shape, source_shape)
            hidden_shape = (*hidden_shape[:-1], self.units[-1] + source_shape[-1])
        self.combine.build(hidden_shape)
        self.built = True

    def call(
        self,
        steps: Any,
        source: Any = None,
        context: Any = None,
        initial_state: Mapping[str, Any] | None = None,
        source_mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        """Run any number of steps."""
        if context is not None:
            repeated = ops.expand_dims(context, 1) + ops.zeros_like(steps[..., :1])  # (B, T, C)
            steps = ops.concatenate([steps, repeated], axis=-1)
        hidden, states = self.recurrent(steps, initial_state=initial_state, training=training)  # (B, T, U)
        weights = None
        if self.look is not None:
            attended, weights = self.look(hidden, source, source_mask=source_mask, return_attention_scores=True)
            hidden = ops.concatenate([attended, hidden], axis=-1)  # (B, T, V + U)
        output = self.combine(hidden)
        if self.drop is not None:
            output = self.drop(output, training=training)
        return (output, states) if weights is None else (output, states, weights)

    def compute_mask(self, steps: Any, *_: Any, **__: Any) -> None:
        """Return None: padded steps have outputs too, and the loss leaves them out."""

    def compute_output_shape(
        self,
        steps_shape: Any,
        source_shape: Any = None,
        context_shape: Any = None,
        initial_state_shape: Any = None,
    ) -> Any:
        """Return the shapes of the output, of the states by name, and with attention of the weights."""
        _hidden, states = self.recurrent.compute_output_shape(steps_shape)
        shapes = (*steps_shape[:-1], self.width), states
        return shapes if self.look is None else (*shapes, (*steps_shape[:-1], source_shape[1]))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        names = ("units", "cell", "attention", "width", "dropout")
        config = {**super().get_config(), **{name: getattr(self, name) for name in names}}
        return config | {"activation": keras.activations.serialize(self.recurrent.activation)}
