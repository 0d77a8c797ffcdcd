"""Answers of a model to many samples, in batches of similar length, with Keras's callbacks and a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np

from seqkit.data.lengths import batches_by_length
from seqkit.task.progress import AUTO, SILENT, bar, check_verbose, keras_verbose


def answer_in_batches(
    model: keras.Model,
    lengths: Sequence[int],
    batch_size: int,
    answer: Callable[[np.ndarray], Iterable[Any]],
    *,
    callbacks: Any = None,
    verbose: Any = AUTO,
) -> list[Any]:
    """One answer for each sample, in the order of the samples.

    Args:
        model: the model that the callbacks are given, as in `keras.Model.predict`.
        lengths: the length of each sample.
        batch_size: how many samples are answered together.
        answer: takes the positions of a batch, returns an answer for each.
        callbacks: Keras callbacks.
        verbose: "auto" for a bar after a second, where somebody watches; 0 for silence, 1 and 2 for Keras's progress.
    """
    batches = batches_by_length(lengths, batch_size)
    verbose = check_verbose("predict", verbose)
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        how = {"verbose": keras_verbose(verbose), "epochs": 1, "steps": len(batches), "model": model}
        callbacks = keras.callbacks.CallbackList(callbacks, add_progbar=how["verbose"] != 0, **how)
    answers: dict[int, Any] = {}
    callbacks.on_predict_begin()
    shown = AUTO if verbose == AUTO else SILENT
    for step, positions in enumerate(bar("answers", len(batches), "batch", shown, delay=1, iterable=batches)):
        callbacks.on_predict_batch_begin(step)
        batch = list(answer(positions))
        answers |= dict(zip(positions.tolist(), batch, strict=True))
        callbacks.on_predict_batch_end(step, {"outputs": batch})
    callbacks.on_predict_end()
    return [answers[position] for position in range(len(lengths))]
