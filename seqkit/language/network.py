"""The language model's layers: a word's vector, a recurrent stack, a linear layer, a softmax over the vocabulary.

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
    """The layers, and one reading by them that serves training, evaluation and generation alike.

        x_t = E w_t       h_t = cell(x_t, h_{t-1})       p(w_{t+1}) = softmax(W h_t + b)

    Mikolov et al. 2010; with LSTM and dropout between the layers, Zaremba et al. 2014. One-hot words go straight to
    the cell, whose input weights then are their vectors. Tied, W is E (Press & Wolf 2017), and a linear layer makes
    h_t as wide as E where it is not.
    """

    def __init__(self, settings: LanguageSettings) -> None:
        """Make the layers."""
        self.size = len(settings.words) + 2
        self.is_one_hot, self.is_tied = not settings.embedding, settings.tied
        self.vectors = None if self.is_one_hot else _vectors(settings, self.size)
        self.drop = layers.Dropout(settings.dropout[0], name="dropped_vectors") if settings.dropout[0] else None
        self.stack = RecurrentStack(
            settings.units,
            settings.cell,
            dropout=settings.dropout,
            return_sequences=True,
            return_state=True,
            name="recurrent",
        )
        self.projection = None
        if settings.tied and settings.units[-1] != settings.embedding:
            self.projection = layers.Dense(settings.embedding, name="projection")
        self.scores = OutputBias(name="scores") if settings.tied else layers.Dense(self.size, name="scores")
        self.softmax = layers.Softmax(dtype="float32", name="probabilities")

    def read(
        self, words: Any, states: Mapping[str, Any] | None = None, mask: Any = None, training: bool | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Outputs of the stack `(B, T, U)` and its last states, beginning from states or zeros."""
        if self.vectors is None:
            vectors = ops.one_hot(words, self.size)  # (B, T, V)
        else:
            vectors = self.vectors(words)  # (B, T, E)
            if self.drop is not None:
                vectors = self.drop(vectors, training=training)
        return self.stack(vectors, initial_state=states, mask=mask, training=training)

    def probabilities(self, outputs: Any) -> Any:
        """Of each number of the vocabulary to come next, `(..., V)`."""
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
