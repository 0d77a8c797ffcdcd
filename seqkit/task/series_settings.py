"""What models that read a whole series share in their settings: the input, its segments and the choices of a word."""

from __future__ import annotations

from typing import Any, NamedTuple

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.feature_names import names_of_features
from seqkit.data.series import as_series
from seqkit.task.settings import PlainSettings

MISSING_CHOICES = {"refuse": "an error", "mask": "the step is skipped"}
CONVOLUTIONS = {"none": "no branch", "fixed": "FixedConvolutions", "learned": "LearnedConvolutions"}  # of series
MOST_RECURRENT_STEPS = 32  # for series of one length; longer ones are cut into segments


class SeriesInput(NamedTuple):
    """The settings of an input of series."""

    features: int
    timesteps: int | None  # of every series, or None for any length
    longest: int  # timesteps of the longest training series
    feature_names: tuple[str, ...] = ()  # of the columns, where the training series are tables


class SegmentedSettings(PlainSettings):
    """Settings of a model that joins `segment` timesteps to one recurrent step."""

    timesteps: int | None
    segment: int

    @property
    def leading_zeros(self) -> int:
        """Timesteps of zeros that fill up the first segment."""
        return -(self.timesteps or 0) % self.segment


def series_input(
    where: str, like: Any, features: int | None, timesteps: int | None, missing: str, nothing_given: str
) -> SeriesInput:
    """What the training series say about the input, or without them the arguments.

    Args:
        where: the builder, for messages.
        like: training series, or None.
        features: features of a timestep, or None for those of `like`.
        timesteps: of every series, or None for those of `like`, or for any length.
        missing: a word of `MISSING_CHOICES`.
        nothing_given: what to say where there is neither `like` nor `features`.
    """
    if like is not None:
        return _like(where, like, features, timesteps, missing)
    if features is None:
        raise InvalidValue(where, nothing_given)
    features = _checks.whole_number(where, "features", features)
    timesteps = None if timesteps is None else _checks.whole_number(where, "timesteps", timesteps)
    return SeriesInput(features, timesteps, timesteps or 1)


def _like(where: str, like: Any, features: int | None, timesteps: int | None, missing: str) -> SeriesInput:
    samples = as_series(where, like, features, missing)
    lengths = sorted({len(series) for series in samples})
    if timesteps not in (None, *lengths[:1]) or (timesteps is not None and len(lengths) > 1):
        problem = f"timesteps={timesteps!r}, but the series of like= have {_checks.listed(lengths)} steps."
        raise InvalidValue(where, problem, "Leave timesteps out: it is taken from like=.", "timesteps")
    names = names_of_features(like)
    return SeriesInput(samples[0].shape[1], lengths[0] if len(lengths) == 1 else None, lengths[-1], names)


def segment_of(timesteps: int | None) -> int:
    """Timesteps that are joined to one recurrent step: 1 for series of any length."""
    return 1 if timesteps is None else -(-timesteps // MOST_RECURRENT_STEPS)
