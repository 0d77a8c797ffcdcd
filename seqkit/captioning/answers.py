"""What a captioner answers: a caption for each image."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit._shown import shown_shortly
from seqkit.captioning import inputs
from seqkit.task.answering import answer_in_batches
from seqkit.task.batches import batch_size_of
from seqkit.task.progress import AUTO
from seqkit.text.vocabulary import START

DEFAULT_BATCH_SIZE = 256


@shown_shortly
class AttentionMap(NamedTuple):
    """Where the decoder looked in an image as it wrote each word."""

    words: tuple[str, ...]  # T words of the caption
    weights: np.ndarray  # (T, H, W) over the places of the encoder's map, or (T, P); each word's sum to 1


def caption_images(
    model: Any, where: str, images: Any, beam: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = AUTO
) -> list[str]:
    """A caption for each image."""
    tokens = caption_tokens(model, where, images, beam, batch_size, callbacks, verbose)
    return model.vocabulary.join(tokens)


def caption_tokens(
    model: Any, where: str, images: Any, beam: Any, batch_size: int | None, callbacks: Any = None, verbose: Any = AUTO
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


def attention_maps(model: Any, images: Any, beam: Any) -> list[AttentionMap]:
    """The words of each image's caption, and the weights of attention over the places of the encoder's map."""
    where, settings = "attention_maps", model.settings
    if settings.attention == "none":
        raise InvalidValue(where, "the model has no attention.", 'Build with attention="general".')
    images = inputs.as_images(where, images, settings.image_shape)
    tokens = np.array(caption_tokens(model, where, images, beam, None))  # (B, L)
    start = model.vocabulary.number_of(START)
    previous = np.pad(tokens[:, :-1], [(0, 0), (1, 0)], constant_values=start)
    graph = model.graphs.compiled("weights", lambda arrays: _weights(model, *arrays))
    weights = graph((images, previous.astype("int32")))  # (B, L, P)
    places = model.network.encoder.compute_output_shape((None, *settings.image_shape))[1:-1]
    names = np.array(model.vocabulary.written_names, dtype=object)
    maps = []
    for row, numbers in zip(weights, tokens, strict=True):
        is_word = names[numbers] != ""
        maps.append(AttentionMap(tuple(names[numbers[is_word]]), row[is_word].reshape(-1, *places)))
    return maps


def _weights(model: Any, images: Any, previous: Any) -> Any:
    return model.network.decode(previous, model.network.encode(images)).weights
