"""The language model's layers: word vectors, a recurrent stack, a linear layer, a softmax over the vocabulary.

Shapes: B texts, T timesteps, E size of a word's vector, U units of the last layer, V numbers of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras import layers, ops

from seqkit.language.settings import LanguageSettings
from seqkit.layers.output_bias import OutputBias
from seqkit.layers.stack import RecurrentStack


class LanguageNetwork:
    """The layers, and their computation, which training, evaluation and generation share.

        x_t = E w_t       h_t = cell(x_t, h_{t-1})       p(w_{t+1}) = softmax(W h_t + b)

    Mikolov et al. 2010; with LSTM and dropout between the layers, Zaremba et al. 2014. One-hot words go directly to
    the cell, so its input weights are their vectors. With tied weights, W is E (Press & Wolf 2017), and a linear layer
    projects h_t to the width of E if the two differ.
    """

    def __init__(self, settings: LanguageSettings) -> None:
        """Make the layers."""
        self.size, self.is_tied = len(settings.words) + 2, settings.tied
        self.vectors = _vectors(settings, self.size) if settings.embedding else None
        self.drop = layers.Dropout(settings.dropout[0], name="dropped_vectors") if settings.dropout[0] else None
        self.stack = RecurrentStack(
            **settings.recurrent_options, return_sequences=True, return_state=True, states="dict", name="recurrent"
        )
        self.projection = None
        if settings.tied and settings.units[-1] != settings.embedding:
            self.projection = layers.Dense(settings.embedding, name="projection")
        self.scores = OutputBias(name="scores") if settings.tied else layers.Dense(self.size, name="scores")
        self.softmax = layers.Softmax(dtype="float32", name="probabilities")

    def run(
        self, words: Any, states: Mapping[str, Any] | None = None, mask: Any = None, training: bool | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Return the outputs of the stack `(B, T, U)` and its last states; it begins from `states`, or from zeros."""
        if self.vectors is None:
            vectors = ops.one_hot(words, self.size)  # (B, T, V)
        else:
            vectors = self.vectors(words)  # (B, T, E)
            if self.drop is not None:
                vectors = self.drop(vectors, training=training)
        return self.stack(vectors, initial_state=states, mask=mask, training=training)

    def probabilities(self, outputs: Any) -> Any:
        """Return the probability of each word of the vocabulary to come next, `(..., V)`."""
        if self.projection is not None:
            outputs = self.projection(outputs)
        if self.is_tied:
            assert self.vectors is not None
            outputs = self.vectors(outputs, reverse=True)
        return self.softmax(self.scores(outputs))


def _vectors(settings: LanguageSettings, size: int) -> layers.Layer:
    if settings.tied:
        return layers.ReversibleEmbedding(size, settings.embedding, name="vectors")
    return layers.Embedding(size, settings.embedding, name="vectors")
