"""What a captioner answers: a sentence about each image."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit import _checks
from seqkit.captioning import inputs
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import batch_size_of

AT_ONCE = 256  # images that are captioned together


def caption_images(
    model: Any, where: str, images: Any, beam: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = 0
) -> list[str]:
    """A caption for each image."""
    tokens = caption_tokens(model, where, images, beam, batch_size, callbacks, verbose)
    return model.vocabulary.join(tokens)


def caption_tokens(
    model: Any, where: str, images: Any, beam: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = 0
) -> list[np.ndarray]:
    """The numbers of the words of each caption, the end mark included, then padding."""
    beam = _checks.whole_number(where, "beam", beam)
    size = batch_size_of(where, batch_size, AT_ONCE)
    read = inputs.as_images(where, images, model.settings.image_shape)
    graph = model.graphs.of(beam, lambda images: list(model.network.caption(images, beam)), read.ndim - 1)
    lengths = [1] * len(read)  # so that they stay in their order
    return answer_in_batches(
        model, lengths, size, lambda positions: graph(read[positions])[0], callbacks=callbacks, verbose=verbose
    )
