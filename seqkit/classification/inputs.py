"""What a classifier reads: series or texts as arrays, and the fixed convolutions of series, computed once.

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

MOST_KEPT = 20_000  # samples whose fixed convolutions are computed once and kept, 20 kB each


def filling(settings: Any) -> float:
    """What stands after the end of a sample."""
    return PADDING if settings.is_text else np.nan


def samples_of(where: str, x: Any, settings: Any, vocabulary: Vocabulary | None) -> list[np.ndarray]:
    """Series `[T_i, F]`, or the numbers of words `[T_i]`."""
    if vocabulary is not None:
        return encode_and_shorten(where, "texts", as_texts(where, x), vocabulary)
    series = as_series(where, x, settings.features, settings.missing)
    return series if settings.timesteps is None else list(stacked(where, series, settings.timesteps))


def convolved(model: Any, samples: list[np.ndarray]) -> np.ndarray | None:
    """What the fixed convolutions give for each series, `[B, N]`; None where that would take too much memory."""
    if len(samples) > MOST_KEPT:
        return None
    reader = keras.Model(model.input, model.get_layer("convolution").output)
    series = padded_batches(samples, None, batch_size=DEFAULT_BATCH_SIZE, length=model.settings.timesteps)
    return np.asarray(reader.predict(series, verbose=0))
