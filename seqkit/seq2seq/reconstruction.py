"""How far what an autoencoder's code gives back is from what was read: of series, and of texts.

Shapes: B samples, T steps or tokens, K values.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.seq2seq.decoding import decode_values, said_before
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.task.search import MARKS
from seqkit.text.tokens import token_weights
from seqkit.text.vocabulary import END, PADDING, UNKNOWN


def reconstruction_error(network: Seq2SeqNetwork, source: Any) -> Any:
    """Of each sample `(B,)`, from series `(B, T, K)` or numbers of tokens `(B, T)`."""
    if network.settings.is_text:
        return _nats_of_tokens(network, source)
    away = (decode_values(network, source) - source) / network.target_scaling.spread
    return ops.sqrt(ops.mean(ops.square(away), axis=(1, 2)))


def _nats_of_tokens(network: Seq2SeqNetwork, tokens: Any) -> Any:
    """-log p of a token by the code and the tokens before it, the mean over a text and its end mark."""
    known = ops.take(ops.convert_to_tensor(_numbers_in_targets(network.settings)), tokens)
    longer = ops.pad(known, [[0, 0], [0, 1]], constant_values=PADDING)
    lengths = ops.sum(ops.cast(ops.not_equal(tokens, PADDING), "int32"), axis=1)
    is_end = ops.equal(ops.arange(ops.shape(longer)[1])[None], lengths[:, None])
    wanted = ops.where(is_end, MARKS[END], longer)
    described = network.describe(said_before(longer), network.encode(tokens)).described
    nats = keras.losses.sparse_categorical_crossentropy(wanted, network.score(described), from_logits=True)
    weights = token_weights(wanted)
    return ops.sum(nats * weights, axis=1) / ops.sum(weights, axis=1)


def _numbers_in_targets(settings: Seq2SeqSettings) -> np.ndarray:
    """What the decoder calls each number of the source's vocabulary."""
    numbers = {word: number for number, word in enumerate(settings.target_words, start=UNKNOWN + 1)}
    words = [numbers.get(word, UNKNOWN) for word in settings.source_words]
    return np.array([PADDING, UNKNOWN, *words], "int32")
