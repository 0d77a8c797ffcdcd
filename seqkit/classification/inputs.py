"""The input of a classifier: series or texts as arrays, and precomputed fixed convolutions of series.

Shapes: B samples, T_i timesteps of sample i, F features, N numbers of the convolutions.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit.data.series import as_series, stacked
from seqkit.data.texts import as_texts
from seqkit.task.batches import DEFAULT_BATCH_SIZE, padded_batches
from seqkit.text.token_numbers import encode_and_shorten
from seqkit.text.vocabulary import PADDING, Vocabulary

MOST_SAMPLES_PRECOMPUTED = 20_000  # 20 kB each


def padding_value(settings: Any) -> float:
    """The value that pads a sample after its end."""
    return PADDING if settings.is_text else np.nan


def read_samples(where: str, x: Any, settings: Any, vocabulary: Vocabulary | None) -> list[np.ndarray]:
    """Series `[T_i, F]`, or token numbers `[T_i]`."""
    if vocabulary is not None:
        return encode_and_shorten(where, "texts", as_texts(where, x), vocabulary)
    series = as_series(where, x, settings.features, settings.missing)
    return series if settings.timesteps is None else list(stacked(where, series, settings.timesteps))


def compute_convolutions(model: Any, samples: list[np.ndarray]) -> np.ndarray | None:
    """The output of the fixed convolutions for each series, `[B, N]`; None where it would take too much memory."""
    if len(samples) > MOST_SAMPLES_PRECOMPUTED:
        return None
    convolutions = keras.Model(model.input, model.get_layer("convolution").output)
    batches = padded_batches(samples, None, batch_size=DEFAULT_BATCH_SIZE, length=model.settings.timesteps)
    answer = model.graphs.compiled(
        "convolutions", lambda batch: convolutions(batch[0], training=False), signature=batches.element_spec
    )
    return np.concatenate([answer(batch) for batch in batches])
