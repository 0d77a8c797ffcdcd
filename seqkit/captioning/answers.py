"""What a captioner answers: a caption for each image."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.captioning import inputs
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import batch_size_of

DEFAULT_BATCH_SIZE = 256


def caption_images(
    model: Any, where: str, images: Any, beam: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = 0
) -> list[str]:
    """A caption for each image."""
    tokens = caption_tokens(model, where, images, beam, batch_size, callbacks, verbose)
    return model.vocabulary.join(tokens)


def caption_tokens(
    model: Any, where: str, images: Any, beam: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = 0
) -> list[np.ndarray]:
    """The numbers of the tokens of each caption, the end mark included, then padding."""
    beam = _checks.whole_number(where, "beam", beam)
    size = batch_size_of(where, batch_size, DEFAULT_BATCH_SIZE)
    images = inputs.as_images(where, images, model.settings.image_shape)
    graph = model.graphs.compiled(beam, lambda images: list(model.network.caption(images, beam)), images.ndim - 1)
    lengths = [1] * len(images)  # equal, so that the images stay in their order
    return answer_in_batches(
        model, lengths, size, lambda positions: graph(images[positions])[0], callbacks=callbacks, verbose=verbose
    )
