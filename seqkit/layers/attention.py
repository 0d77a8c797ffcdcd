"""Attention over what a recurrent network has seen: its steps, its layers, its inputs, or a sequence it is asked about.

Shapes: B samples, T timesteps, S source steps, F features, U units, L layers. Masks are True where there is data.
Weights over steps sum to one, are zero on padding, and are all zero for a sample that is nothing but padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue

STEP_SCORES = {"dense": "w h + b", "tanh": "w tanh(h)"}
QUERY_SCORES = {"additive": "Bahdanau et al. 2015", "dot": "Luong et al. 2015", "general": "Luong et al. 2015"}


def masked_softmax(scores: Any, mask: Any = None) -> Any:
    """Softmax over the last axis, zero where `mask` is False, and all zero where nothing is True."""
    if mask is None:
        return _softmax(scores)
    mask = ops.cast(mask, "bool")
    floor = ops.cast(-1e9 if keras.backend.standardize_dtype(scores.dtype) == "float32" else -3e4, scores.dtype)
    weights = _softmax(ops.where(mask, scores, floor))
    return ops.where(mask, weights, ops.zeros_like(weights))


def _softmax(scores: Any) -> Any:
    """Over the last axis; Keras warns where that is a single step, whose weight is 1."""
    return ops.ones_like(scores) if scores.shape[-1] == 1 else ops.softmax(scores, axis=-1)


@keras.saving.register_keras_serializable("seqkit")
class StepAttention(layers.Layer):
    """One vector for a sequence: every step scored, the scores turned to weights, the steps summed by weight.

        "dense"   s_t = w h_t + b          "tanh"   s_t = w tanh(h_t)
        a = softmax(s)                     output = sum_t a_t h_t

    `"tanh"` is Zhou et al. 2016, equations 9 to 11, without the last tanh (equation 12): the layer that
    follows has its own activation.

    Shapes: `[B, T, U]` to `[B, U]`; with `return_attention_scores` also the weights `[B, T]`.

    Args:
        score: `"dense"` or `"tanh"`.
    """

    def __init__(self, score: str = "tanh", **kwargs: Any) -> None:
        """Choose how steps are scored."""
        super().__init__(**kwargs)
        _checks.choice("StepAttention", "score", score, STEP_SCORES)
        self.score = score
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the scoring weights."""
        _refuse_rank("StepAttention", input_shape, 3, "[samples, timesteps, units]; use return_sequences=True")
        self.kernel = self.add_weight(shape=(input_shape[-1], 1), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(1,), initializer="zeros", name="bias") if self.score == "dense" else None
        self.built = True

    def call(self, sequence: Any, mask: Any = None, return_attention_scores: bool = False) -> Any:
        """Weigh and sum the steps."""
        steps = sequence if self.score == "dense" else ops.tanh(sequence)
        scores = ops.squeeze(ops.matmul(steps, ops.cast(self.kernel, sequence.dtype)), -1)  # (B, T)
        if self.bias is not None:
            scores = scores + ops.cast(self.bias, scores.dtype)
        weights = masked_softmax(scores, mask)
        summed = ops.sum(sequence * ops.expand_dims(weights, -1), axis=1)  # (B, U)
        return (summed, weights) if return_attention_scores else summed

    def compute_mask(self, sequence: Any, mask: Any = None) -> None:
        """No steps are left."""

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "score": self.score}


@keras.saving.register_keras_serializable("seqkit")
class LayerAttention(layers.Layer):
    """Fuse the last outputs of a stack's layers: a = softmax_l(w h_l + b), output = sum_l a_l h_l.

    Shapes: a list of L tensors `[B, U]`, all of the same units, to `[B, U]`; with `return_attention_scores` also
    the weights `[B, L]`.
    """

    def build(self, input_shape: Sequence[Any]) -> None:
        """Make the scoring weights."""
        widths = {shape[-1] for shape in input_shape}
        if len(widths) != 1:
            raise InvalidValue(
                "LayerAttention",
                f"the layers must have the same units to be summed, got {sorted(widths)}.",
                "Give every layer the same units.",
            )
        self.kernel = self.add_weight(shape=(widths.pop(), 1), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(1,), initializer="zeros", name="bias")
        self.built = True

    def call(self, outputs: Sequence[Any], return_attention_scores: bool = False) -> Any:
        """Weigh and sum the layers."""
        stacked = ops.stack(list(outputs), axis=1)  # (B, L, U)
        scores = ops.squeeze(ops.matmul(stacked, ops.cast(self.kernel, stacked.dtype)), -1)
        weights = ops.softmax(scores + ops.cast(self.bias, scores.dtype), axis=-1)  # (B, L)
        fused = ops.sum(stacked * ops.expand_dims(weights, -1), axis=1)
        return (fused, weights) if return_attention_scores else fused


@keras.saving.register_keras_serializable("seqkit")
class FeatureAttention(layers.Layer):
    """Weigh the features of the input by what they did over time (squeeze and excitation).

        a = sigmoid(W mean_t(x) + W max_t(x) + b)         output_t = a x_t

    Hu et al. 2018 (sections 3.1 and 3.2), with the maximum beside the mean and one dense layer for both as in Woo
    et al. 2018 (equation 2), without the narrow middle layer, since there are few features. The weights are
    between 0 and 1 each, do not sum to one, and can be read as the importance of a feature in a sample.

    Shapes: `[B, T, F]` to `[B, T, F]`; with `return_attention_scores` also the weights `[B, F]`.
    """

    def __init__(self, **kwargs: Any) -> None:
        """Nothing to choose."""
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the dense layer."""
        _refuse_rank("FeatureAttention", input_shape, 3, "[samples, timesteps, features]; see seqkit.reshape")
        features = input_shape[-1]
        self.kernel = self.add_weight(shape=(features, features), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(features,), initializer="zeros", name="bias")
        self.built = True

    def call(self, sequence: Any, mask: Any = None, return_attention_scores: bool = False) -> Any:
        """Weigh the features."""
        mean, largest = _pooled(sequence, mask)  # (B, F) both
        scores = ops.matmul(mean + largest, ops.cast(self.kernel, sequence.dtype))
        weights = ops.sigmoid(scores + ops.cast(self.bias, sequence.dtype))
        weighed = sequence * ops.expand_dims(weights, 1)
        return (weighed, weights) if return_attention_scores else weighed


@keras.saving.register_keras_serializable("seqkit")
class QueryAttention(layers.Layer):
    """Attention of a query over a sequence: for each query its own weighted sum of the source's steps.

        "additive"   s_i = v tanh(W q + V h_i)      Bahdanau et al. 2015, appendix A.1.2
        "dot"        s_i = q h_i                    Luong et al. 2015, equation 8
        "general"    s_i = q W h_i                  Luong et al. 2015, equation 8
        a = softmax(s)                              context = sum_i a_i h_i

    Scores, softmax and sum are Keras's own `AdditiveAttention` and `Attention`; the projections W and V,
    which those leave out, and zero weights for a source of nothing but padding are added here.

    Shapes: query `[B, T, U]` and source `[B, S, V]` to `[B, T, V]`; with `return_attention_scores` also the
    weights `[B, T, S]`. `"dot"` needs U equal to V.

    Args:
        score: `"additive"`, `"dot"` or `"general"`.
        units: width in which `"additive"` compares; the source's by default.
    """

    def __init__(self, score: str = "additive", units: int | None = None, **kwargs: Any) -> None:
        """Choose how query and source are compared."""
        super().__init__(**kwargs)
        _checks.choice("QueryAttention", "score", score, QUERY_SCORES)
        self.score = score
        self.units = None if units is None else _checks.whole_number("QueryAttention", "units", units)
        self.supports_masking = True
        inner = layers.AdditiveAttention if score == "additive" else layers.Attention
        self.attention = inner(use_scale=score == "additive", dtype=self.dtype_policy, name="attention")
        self.project_query: layers.Layer | None = None
        self.project_source: layers.Layer | None = None

    def build(self, query_shape: Any, source_shape: Any) -> None:
        """Make the projections."""
        if self.score == "dot" and query_shape[-1] != source_shape[-1]:
            raise InvalidValue(
                "QueryAttention",
                f'score="dot" needs query and source of the same units, got {query_shape[-1]} and {source_shape[-1]}.',
                'Use score="general".',
                argument="score",
            )
        width = self.units or source_shape[-1]
        if self.score != "dot":
            width = width if self.score == "additive" else source_shape[-1]
            self.project_query = layers.Dense(width, use_bias=False, dtype=self.dtype_policy, name="query")
            self.project_query.build(query_shape)
            query_shape = (*query_shape[:-1], width)
        keys_shape = source_shape
        if self.score == "additive":
            self.project_source = layers.Dense(width, dtype=self.dtype_policy, name="source")
            self.project_source.build(source_shape)
            keys_shape = (*source_shape[:-1], width)
        self.attention.build([query_shape, source_shape, keys_shape])
        self.built = True

    def call(
        self,
        query: Any,
        source: Any,
        source_mask: Any = None,
        query_mask: Any = None,
        return_attention_scores: bool = False,
    ) -> Any:
        """Weigh and sum the source for each query."""
        keys = source if self.project_source is None else self.project_source(source)
        asked = query if self.project_query is None else self.project_query(query)
        context, weights = self.attention(
            [asked, source, keys], mask=[None, source_mask, None], return_attention_scores=True
        )
        if source_mask is not None:  # Keras spreads the weights of such a row evenly over its padding
            some = ops.cast(ops.any(source_mask, axis=-1), context.dtype)[:, None, None]
            context, weights = context * some, weights * some
        return (context, weights) if return_attention_scores else context

    def compute_mask(self, query: Any, source: Any, source_mask: Any = None, query_mask: Any = None) -> Any:
        """The query's steps stay."""
        return query_mask

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "score": self.score, "units": self.units}


def _pooled(sequence: Any, mask: Any) -> tuple[Any, Any]:
    """Mean and maximum over the steps that are data; zero where there are none."""
    if mask is None:
        return ops.mean(sequence, axis=1), ops.max(sequence, axis=1)
    known = ops.expand_dims(ops.cast(mask, sequence.dtype), -1)  # (B, T, 1)
    count = ops.sum(known, axis=1)
    mean = ops.sum(sequence * known, axis=1) / ops.maximum(count, 1.0)
    lowest = ops.min(sequence, axis=1, keepdims=True)
    largest = ops.max(ops.where(ops.cast(known, "bool"), sequence, lowest), axis=1)
    return mean, ops.where(count > 0, largest, ops.zeros_like(largest))


def _refuse_rank(where: str, shape: Any, rank: int, wanted: str) -> None:
    if len(shape) != rank:
        raise InvalidValue(where, f"wanted {wanted}, got shape {tuple(shape)}.")
