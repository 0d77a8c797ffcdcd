"""Attention of a query over a source sequence.

Shapes: B samples, T steps of the query, S steps of the source, U units, V units of the source. A mask is True where
there is data. Weights over the source sum to one and are zero on padding.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.layers.attention import TracedLayer

QUERY_SCORES = {"additive": "Bahdanau et al. 2015", "dot": "Luong et al. 2015", "general": "Luong et al. 2015"}


@keras.saving.register_keras_serializable("seqkit")
class QueryAttention(TracedLayer):
    """Attention of a query over a source sequence: each query step gets its own weighted sum of the source's steps.

        "additive"   s_i = v tanh(W q + V h_i)      Bahdanau et al. 2015, appendix A.1.2
        "dot"        s_i = q h_i                    Luong et al. 2015, equation 8
        "general"    s_i = q W h_i                  Luong et al. 2015, equation 8
        a = softmax(s)                              context = sum_i a_i h_i

    Keras's `AdditiveAttention` and `Attention` compute the scores, the softmax and the sum. This layer adds two
    things: the projections W and V, and weights of zero for a source that is all padding.

    Shapes: query `[B, T, U]`, source `[B, S, V]`, output `[B, T, V]`; with `return_attention_scores` also the
    weights `[B, T, S]`. `"dot"` needs U equal to V.

    Args:
        score: `"additive"`, `"dot"` or `"general"`.
        units: width of the projections of `"additive"`; by default the width of the source.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import QueryAttention
        >>> query, source = np.array([[[1.0, 0.0]]]), np.array([[[9.0, 0.0], [0.0, 9.0]]])
        >>> context, weights = QueryAttention("dot")(query, source, return_attention_scores=True)
        >>> weights.numpy().round(3).ravel(), context.numpy().round(2).ravel()
        (array([1., 0.], dtype=float32), array([9., 0.], dtype=float32))
    """

    def __init__(self, score: str = "additive", units: int | None = None, **kwargs: Any) -> None:
        """Choose how the query is compared with the source."""
        super().__init__(**kwargs)
        _checks.choice("QueryAttention", "score", score, QUERY_SCORES)
        self.score = score
        self.units = None if units is None else _checks.whole_number("QueryAttention", "units", units)
        self.supports_masking = True
        attention = layers.AdditiveAttention if score == "additive" else layers.Attention
        self.attention = attention(use_scale=score == "additive", dtype=self.dtype_policy, name="attention")
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
        """Sum the source's steps by weight, for each query step."""
        keys = source if self.project_source is None else self.project_source(source)
        queries = query if self.project_query is None else self.project_query(query)
        context, weights = self.attention(
            [queries, source, keys], mask=[None, source_mask, None], return_attention_scores=True
        )
        if source_mask is not None:  # Keras gives all steps the same weight where a whole row is padding
            has_steps = ops.cast(ops.any(source_mask, axis=-1), context.dtype)[:, None, None]
            context, weights = context * has_steps, weights * has_steps
        return (context, weights) if return_attention_scores else context

    def compute_mask(self, query: Any, source: Any, source_mask: Any = None, query_mask: Any = None) -> Any:
        """Return the query's mask: the output has the query's timesteps."""
        return query_mask

    def compute_output_shape(self, query_shape: Any, source_shape: Any) -> Any:
        """Return `[B, T, V]`, the shape without the weights."""
        return (*query_shape[:-1], source_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "score": self.score, "units": self.units}
