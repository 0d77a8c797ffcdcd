"""The reconstruction error of an autoencoder: how far its answer is from its source, for series and for texts.

Shapes: B samples, T timesteps or tokens, K values.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit.seq2seq.decoding import decode_values, previous_tokens
from seqkit.seq2seq.network import Seq2SeqNetwork
from seqkit.seq2seq.settings import Seq2SeqSettings
from seqkit.task.search import MARK_NUMBERS
from seqkit.text.tokens import token_weights
from seqkit.text.vocabulary import END, PADDING, UNKNOWN


def reconstruction_error(network: Seq2SeqNetwork, source: Any) -> Any:
    """The error of each sample `(B,)`, from series `(B, T, K)` or numbers of tokens `(B, T)`."""
    if network.settings.reads_text:
        return _mean_nats(network, source)
    difference = (decode_values(network, source) - source) / network.target_scaling.spread
    return ops.sqrt(ops.mean(ops.square(difference), axis=(1, 2)))


def _mean_nats(network: Seq2SeqNetwork, tokens: Any) -> Any:
    """The mean of -log p over the tokens of a text and its end mark, each from the code and the tokens before it."""
    target = ops.take(ops.convert_to_tensor(_target_numbers(network.settings)), tokens)
    target = ops.pad(target, [[0, 0], [0, 1]], constant_values=PADDING)
    previous = previous_tokens(target)
    lengths = ops.sum(ops.cast(ops.not_equal(tokens, PADDING), "int32"), axis=1)
    is_end = ops.equal(ops.arange(ops.shape(target)[1])[None], lengths[:, None])
    target = ops.where(is_end, MARK_NUMBERS[END], target)
    scores = network.score(network.decode(previous, network.encode(tokens)).outputs)
    nats = keras.losses.sparse_categorical_crossentropy(target, scores, from_logits=True)
    weights = token_weights(target)
    return ops.sum(nats * weights, axis=1) / ops.sum(weights, axis=1)


def _target_numbers(settings: Seq2SeqSettings) -> np.ndarray:
    """For each number of the source's vocabulary, the number of the same word in the target's vocabulary."""
    numbers = {word: number for number, word in enumerate(settings.target_words, start=UNKNOWN + 1)}
    words = [numbers.get(word, UNKNOWN) for word in settings.source_words]
    return np.array([PADDING, UNKNOWN, *words], "int32")
