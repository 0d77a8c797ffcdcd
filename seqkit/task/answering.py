"""Answers to many samples: those of like length together, in batches, with Keras's callbacks and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np


def like_length(lengths: Sequence[int], batch_size: int) -> list[np.ndarray]:
    """Positions of samples, batch by batch, the shortest first."""
    order = np.argsort(lengths, kind="stable")
    return np.split(order, range(batch_size, len(order), batch_size))


def answer_in_batches(
    model: keras.Model,
    lengths: Sequence[int],
    batch_size: int,
    answer: Callable[[np.ndarray], Iterable[Any]],
    *,
    callbacks: Any = None,
    verbose: Any = 0,
) -> list[Any]:
    """One answer for each sample, in the order of the samples.

    Args:
        model: what the callbacks are told of, as in `keras.Model.predict`.
        lengths: of the samples.
        batch_size: samples that are answered together.
        answer: from the positions of a batch to an answer for each.
        callbacks: Keras's.
        verbose: as `keras.Model.predict` takes it; `"auto"` shows progress.
    """
    batches = like_length(lengths, batch_size)
    told = callbacks
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        verbose = 1 if verbose == "auto" else verbose
        told = keras.callbacks.CallbackList(
            callbacks, add_progbar=verbose != 0, verbose=verbose, epochs=1, steps=len(batches), model=model
        )
    answers: dict[int, Any] = {}
    told.on_predict_begin()
    for step, positions in enumerate(batches):
        told.on_predict_batch_begin(step)
        batch = list(answer(positions))
        answers |= dict(zip(positions.tolist(), batch, strict=True))
        told.on_predict_batch_end(step, {"outputs": batch})
    told.on_predict_end()
    return [answers[position] for position in range(len(lengths))]
