"""Attention over timesteps, over stacked layers and over features.

Shapes: B samples, T timesteps, F features, U units, L layers. A mask is True where there is data.
Weights over steps sum to one and are zero on padding. A sample with no data has weights of zero everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue

STEP_SCORES = {"dense": "w h + b", "tanh": "w tanh(h)", "weighted_tanh": "w h + b, and tanh of the weighted steps"}


def masked_softmax(scores: Any, mask: Any = None) -> Any:
    """Softmax over the last axis; weights are zero where `mask` is False, and all zero where no step is True."""
    if mask is None:
        return _softmax(scores)
    mask = ops.cast(mask, "bool")
    lowest = ops.cast(-1e9 if keras.backend.standardize_dtype(scores.dtype) == "float32" else -3e4, scores.dtype)
    weights = _softmax(ops.where(mask, scores, lowest))
    return ops.where(mask, weights, ops.zeros_like(weights))


def _softmax(scores: Any) -> Any:
    """Softmax over the last axis. A single step has weight 1; Keras's softmax would warn about it."""
    return ops.ones_like(scores) if scores.shape[-1] == 1 else ops.softmax(scores, axis=-1)


class TracedLayer(layers.Layer):
    """A layer whose symbolic outputs come from `call`: shapes do not say whether a call asks for the weights too."""

    def compute_output_spec(self, *inputs: Any, **options: Any) -> Any:
        """Trace `call`. Keras would ask `compute_output_shape`, which wrappers such as `TimeDistributed` need."""
        return keras.Operation.compute_output_spec(self, *inputs, **options)


@keras.saving.register_keras_serializable("seqkit")
class StepAttention(TracedLayer):
    """Turn a sequence into one vector: the weighted sum of its steps, with weights from a score of each step.

        "dense"           s_t = w h_t + b      a = softmax(s)      output = sum_t a_t h_t
        "tanh"            s_t = w tanh(h_t)    a = softmax(s)      output = sum_t a_t h_t
        "weighted_tanh"   s_t = w h_t + b      a = softmax(s)      output = sum_t tanh(a_t h_t)

    `"tanh"` is Zhou et al. 2016, equations 9 to 11. The last tanh (equation 12) is left out, because the next
    layer has its own activation. `"weighted_tanh"` is another reading of it, found in articles: first the weights, then
    tanh, then the sum. As tanh(a h) is near a h for small weights, it differs little from `"dense"` for many steps.

    Shapes: input `[B, T, U]`, output `[B, U]`; with `return_attention_scores` also the weights `[B, T]`.

    Args:
        score: `"dense"`, `"tanh"` or `"weighted_tanh"`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import StepAttention
        >>> output, weights = StepAttention("dense")(np.ones((2, 4, 3)), return_attention_scores=True)
        >>> tuple(output.shape), weights.numpy()[0]
        ((2, 3), array([0.25, 0.25, 0.25, 0.25], dtype=float32))
    """

    def __init__(self, score: str = "tanh", **kwargs: Any) -> None:
        """Choose the score of a step."""
        super().__init__(**kwargs)
        _checks.choice("StepAttention", "score", score, STEP_SCORES)
        self.score = score
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the scoring weights."""
        _refuse_other_rank("StepAttention", input_shape, "[samples, timesteps, units]; use return_sequences=True")
        self.kernel = self.add_weight(shape=(input_shape[-1], 1), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(1,), initializer="zeros", name="bias") if self.score != "tanh" else None
        self.built = True

    def call(self, sequence: Any, mask: Any = None, return_attention_scores: bool = False) -> Any:
        """Sum the steps by their weights."""
        steps = ops.tanh(sequence) if self.score == "tanh" else sequence
        scores = ops.squeeze(ops.matmul(steps, ops.cast(self.kernel, sequence.dtype)), -1)  # (B, T)
        if self.bias is not None:
            scores = scores + ops.cast(self.bias, scores.dtype)
        weights = masked_softmax(scores, mask)
        weighted = sequence * ops.expand_dims(weights, -1)
        summed = ops.sum(ops.tanh(weighted) if self.score == "weighted_tanh" else weighted, axis=1)  # (B, U)
        return (summed, weights) if return_attention_scores else summed

    def compute_mask(self, sequence: Any, mask: Any = None) -> None:
        """Return None: the output has no timesteps."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, U]`, the shape without the weights."""
        return (input_shape[0], input_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "score": self.score}


@keras.saving.register_keras_serializable("seqkit")
class LayerAttention(TracedLayer):
    """Sum the last outputs of stacked layers by weight: a = softmax_l(w h_l + b), output = sum_l a_l h_l.

    Shapes: input a list of L tensors `[B, U]`, all with the same units; output `[B, U]`; with
    `return_attention_scores` also the weights `[B, L]`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import LayerAttention
        >>> output, weights = LayerAttention()([np.ones((2, 3)), np.zeros((2, 3))], return_attention_scores=True)
        >>> tuple(output.shape), tuple(weights.shape)
        ((2, 3), (2, 2))
    """

    def build(self, input_shape: Sequence[Any]) -> None:
        """Make the scoring weights."""
        widths = {shape[-1] for shape in input_shape}
        if len(widths) != 1:
            problem = f"the layers must have the same units to be summed, got {sorted(widths)}."
            raise InvalidValue("LayerAttention", problem, "Give every layer the same units.")
        self.kernel = self.add_weight(shape=(widths.pop(), 1), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(1,), initializer="zeros", name="bias")
        self.built = True

    def call(self, outputs: Sequence[Any], return_attention_scores: bool = False) -> Any:
        """Sum the layers' outputs by their weights."""
        stacked = ops.stack(list(outputs), axis=1)  # (B, L, U)
        scores = ops.squeeze(ops.matmul(stacked, ops.cast(self.kernel, stacked.dtype)), -1)
        weights = ops.softmax(scores + ops.cast(self.bias, scores.dtype), axis=-1)  # (B, L)
        fused = ops.sum(stacked * ops.expand_dims(weights, -1), axis=1)
        return (fused, weights) if return_attention_scores else fused

    def compute_output_shape(self, input_shape: Sequence[Any]) -> Any:
        """Return `[B, U]`, the shape without the weights."""
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("seqkit")
class FeatureAttention(TracedLayer):
    """Weight each feature of the input by its mean and maximum over time (squeeze and excitation).

        a = sigmoid(W mean_t(x) + W max_t(x) + b)         output_t = a x_t

    Hu et al. 2018 (sections 3.1 and 3.2). As in Woo et al. 2018 (equation 2), the maximum is used beside the mean,
    and one dense layer serves both. The narrow middle layer is left out, because there are few features. Each weight
    is between 0 and 1. The weights do not sum to one. A weight measures the importance of a feature in a sample.

    Shapes: input and output `[B, T, F]`; with `return_attention_scores` also the weights `[B, F]`.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import FeatureAttention
        >>> output, weights = FeatureAttention()(np.ones((2, 3, 4)), return_attention_scores=True)
        >>> tuple(output.shape), tuple(weights.shape)
        ((2, 3, 4), (2, 4))
    """

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of a Keras layer only."""
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the dense layer."""
        _refuse_other_rank("FeatureAttention", input_shape, "[samples, timesteps, features]; see seqkit.reshape")
        features = input_shape[-1]
        self.kernel = self.add_weight(shape=(features, features), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(features,), initializer="zeros", name="bias")
        self.built = True

    def call(self, sequence: Any, mask: Any = None, return_attention_scores: bool = False) -> Any:
        """Multiply each feature by its weight."""
        mean, largest = _mean_and_maximum(sequence, mask)  # (B, F) each
        scores = ops.matmul(mean + largest, ops.cast(self.kernel, sequence.dtype))
        weights = ops.sigmoid(scores + ops.cast(self.bias, sequence.dtype))
        weighted = sequence * ops.expand_dims(weights, 1)
        return (weighted, weights) if return_attention_scores else weighted

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input, without the weights."""
        return tuple(input_shape)


def _mean_and_maximum(sequence: Any, mask: Any) -> tuple[Any, Any]:
    """Mean and maximum over the steps where the mask is True; zero for a sample without such steps."""
    if mask is None:
        return ops.mean(sequence, axis=1), ops.max(sequence, axis=1)
    is_step = ops.expand_dims(ops.cast(mask, sequence.dtype), -1)  # (B, T, 1)
    count = ops.sum(is_step, axis=1)
    mean = ops.sum(sequence * is_step, axis=1) / ops.maximum(count, 1.0)
    lowest = ops.min(sequence, axis=1, keepdims=True)
    largest = ops.max(ops.where(ops.cast(is_step, "bool"), sequence, lowest), axis=1)
    return mean, ops.where(count > 0, largest, ops.zeros_like(largest))


def _refuse_other_rank(where: str, shape: Any, axes: str) -> None:
    if len(shape) != 3:
        raise InvalidValue(where, f"wanted {axes}, got shape {tuple(shape)}.")
