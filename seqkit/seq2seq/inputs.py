"""What an encoder-decoder reads: pairs of texts or of series; checked, and converted to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqkit._errors import InvalidType, InvalidValue
from seqkit._refusals import Refusal
from seqkit.data.series import as_series
from seqkit.data.texts import as_texts, is_text
from seqkit.seq2seq.sources import as_source_texts, hold_texts

FILL = "Fill them."
OTHER_LENGTH = Refusal("series {position} has {steps} steps, {timesteps} are needed; all must be of one length.")


def as_pair(where: str, name: str, value: Any, is_autoencoder: bool) -> tuple[Any, Any]:
    """Sources and targets from the argument `name`; for an autoencoder, the sources are the targets too."""
    if is_autoencoder:
        return value, value
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        is_zipped = isinstance(value, list) and value and all(isinstance(row, tuple) and len(row) == 2 for row in value)
        raise InvalidType(
            where,
            f"{name}= must be a pair (sources, targets); for an autoencoder, it is the sources alone.",
            "The pairs look zipped: pass tuple(zip(*pairs))." if is_zipped else "",
            argument=name,
        )
    return value[0], value[1]


def _refuse_other_count(where: str, sources: Any, targets: Any) -> None:
    if len(sources) != len(targets):
        raise InvalidValue(where, f"{len(sources)} sources and {len(targets)} targets.", "They must pair up.")


def text_pairs(where: str, sources: Any, targets: Any, names: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Two lists of strings that pair up; empty strings are refused. `names` are those of several texts of a source."""
    for name, texts in (("sources", sources), ("targets", targets)):
        if isinstance(texts, (list, tuple, np.ndarray)) and len(texts) and not hold_texts(texts):
            text_name = "targets" if name == "sources" else "sources"
            raise InvalidType(
                where,
                f"the {text_name} are texts, the {name} are not.",
                "Both must be texts, or both numbers; a model of like=(series, texts) reads numbers and writes texts.",
            )
    source_texts = as_source_texts(f"{where}: sources", sources, names)
    target_texts = as_texts(f"{where}: targets", targets)
    _refuse_other_count(where, source_texts, target_texts)
    _refuse_empty(where, "source", source_texts)
    _refuse_empty(where, "target", target_texts)
    return source_texts, target_texts


def _refuse_empty(where: str, name: str, texts: list[str]) -> None:
    empty = [position for position, text in enumerate(texts) if not text.strip()]
    if empty:
        raise InvalidValue(
            where,
            f"{len(empty)} of {len(texts)} pairs have an empty {name}, the first at position {empty[0]}.",
            "Leave them out.",
        )


def is_speech(sources: Any, targets: Any) -> bool:
    """Whether these are series to read and texts to write."""
    return is_text(targets) and not hold_texts(sources)


def speech_pairs(
    where: str, sources: Any, targets: Any, features: int | None = None
) -> tuple[list[np.ndarray], list[str]]:
    """Series `[T_i, F]` of any length without missing values, and as many strings; empty strings are refused."""
    series = as_series(f"{where}: sources", sources, features, way_out=FILL)
    texts = as_texts(f"{where}: targets", targets)
    _refuse_other_count(where, series, texts)
    _refuse_empty(where, "target", texts)
    return series, texts


def series_pairs(where: str, sources: Any, targets: Any, settings: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Arrays `[B, T, F]` and `[B, H, K]` that pair up, without missing values, of the sizes in `settings` if given."""
    shapes: Any = [(None, None)] * 2
    if settings is not None:
        shapes = list(zip(settings.longest, settings.features, strict=True))
    source = as_series_array(f"{where}: sources", sources, *shapes[0])
    is_same = targets is sources and shapes[0] == shapes[1]
    target = source if is_same else as_series_array(f"{where}: targets", targets, *shapes[1])
    _refuse_other_count(where, source, target)
    return source, target


def as_series_array(where: str, series: Any, timesteps: int | None, features: int | None) -> np.ndarray:
    """An array `[B, T, F]` without missing values, of these sizes if given."""
    if is_text(series):
        raise InvalidType(where, "series of numbers are needed, got text.")
    samples = as_series(where, series, features, way_out=FILL)
    timesteps = len(samples[0]) if timesteps is None else timesteps
    for position, sample in enumerate(samples):
        if len(sample) != timesteps:
            raise OTHER_LENGTH.error(where, position=position, steps=len(sample), timesteps=timesteps)
    return np.stack(samples)
