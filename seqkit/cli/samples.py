"""What `seqkit classify` has read, in words: how many series or texts, of how many steps, features and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqkit.data.samples import Samples


def described(samples: Samples) -> str:
    """Say what the samples are, as in `300 series of 60 steps, 1 feature, 6 classes`."""
    count = len(samples.x)
    parts = [_counted(count, "text", "texts")]
    if samples.features:
        lengths = sorted({len(series) for series in samples.x})
        steps = _counted(lengths[0], "step", "steps") if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]} steps"
        parts = [f"{count} series of {steps}", _counted(len(samples.features), "feature", "features")]
    if samples.y is not None:
        parts.append(f"{_counted(samples.y.nunique(), 'class', 'classes')} in column {samples.y.name!r}")
    return ", ".join(parts)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
