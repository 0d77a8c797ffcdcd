"""Layers: recurrent stacks, scaling, baselines."""

from seqkit.layers.baseline import LastValue, SmoothedBaseline
from seqkit.layers.scaling import (
    FillMissing,
    NoScaling,
    RawUnits,
    StandardScaling,
    TakeColumns,
    ValueTransform,
    WindowScaling,
)
from seqkit.layers.segments import Segments
from seqkit.layers.stack import RecurrentStack

__all__ = [
    "FillMissing",
    "LastValue",
    "NoScaling",
    "RawUnits",
    "RecurrentStack",
    "Segments",
    "SmoothedBaseline",
    "StandardScaling",
    "TakeColumns",
    "ValueTransform",
    "WindowScaling",
]
