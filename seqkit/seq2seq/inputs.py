"""What an encoder-decoder reads: pairs of texts, or of series, checked and turned to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.series import as_series
from seqkit.data.texts import as_texts, is_text


def pair_of(where: str, name: str, given: Any, is_autoencoder: bool) -> tuple[Any, Any]:
    """Sources and targets from the argument of this name; of an autoencoder they are the same."""
    if is_autoencoder:
        return given, given
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        zipped = isinstance(given, list) and given and all(isinstance(one, tuple) and len(one) == 2 for one in given)
        hint = " These look zipped: pass tuple(zip(*pairs))." if zipped else ""
        raise InvalidType(
            where,
            f"{name} must be a pair (sources, targets); of an autoencoder it is the sources alone.",
            hint,
            argument=name,
        )
    return given[0], given[1]


def _refuse_other_count(where: str, sources: Any, targets: Any) -> None:
    if len(sources) != len(targets):
        raise InvalidValue(where, f"{len(sources)} sources and {len(targets)} targets.", "They must pair up.")


def text_pairs(where: str, sources: Any, targets: Any) -> tuple[list[str], list[str]]:
    """Two lists of strings that pair up, none of them empty."""
    for name, texts in (("sources", sources), ("targets", targets)):
        if isinstance(texts, (list, tuple, np.ndarray)) and len(texts) and not is_text(texts):
            other = "targets" if name == "sources" else "sources"
            raise InvalidType(
                where, f"the {other} are texts, the {name} are not.", "Both must be texts, or both numbers."
            )
    source_texts = as_texts(f"{where}: sources", sources)
    target_texts = as_texts(f"{where}: targets", targets)
    _refuse_other_count(where, source_texts, target_texts)
    for name, texts in (("source", source_texts), ("target", target_texts)):
        empty = [position for position, one in enumerate(texts) if not one.strip()]
        if empty:
            raise InvalidValue(
                where,
                f"{len(empty)} of {len(texts)} pairs have an empty {name}, the first at position {empty[0]}.",
                "Leave them out.",
            )
    return source_texts, target_texts


def series_pairs(where: str, sources: Any, targets: Any) -> tuple[np.ndarray, np.ndarray]:
    """Arrays `[B, T, F]` and `[B, H, K]` that pair up, without missing values."""
    source = _stacked(f"{where}: sources", sources, None, None)
    target = source if targets is sources else _stacked(f"{where}: targets", targets, None, None)
    _refuse_other_count(where, source, target)
    return source, target


def checked_series(where: str, sources: Any, targets: Any, settings: Any) -> tuple[np.ndarray, np.ndarray]:
    """Arrays `[B, T, F]` and `[B, H, K]` of the steps and features that the model was built for."""
    named = (f"{where}: sources", sources), (f"{where}: targets", targets)
    shapes = zip(settings.longest, settings.features, strict=True)
    return series_pairs(where, *(one_series(*one, *shape) for one, shape in zip(named, shapes, strict=True)))


def one_series(where: str, values: Any, timesteps: int, features: int) -> np.ndarray:
    """An array `[B, T, F]` of the steps and features that the model was built for."""
    return _stacked(where, values, timesteps, features)


def _stacked(where: str, values: Any, timesteps: int | None, features: int | None) -> np.ndarray:
    if is_text(values):
        raise InvalidType(where, "series of numbers are needed, got text.")
    samples = as_series(where, values, features, way_out="Fill them.")
    wanted = len(samples[0]) if timesteps is None else timesteps
    for position, one in enumerate(samples):
        if len(one) != wanted:
            raise InvalidValue(
                where, f"series {position} has {len(one)} steps, {wanted} are needed; all must be of one length."
            )
    return np.stack(samples)
