"""Layers: recurrent stacks, attention, segments, scaling, baselines."""

from seqkit.layers.attention import FeatureAttention, LayerAttention, QueryAttention, StepAttention
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
    "FeatureAttention",
    "FillMissing",
    "LastValue",
    "LayerAttention",
    "NoScaling",
    "QueryAttention",
    "RawUnits",
    "RecurrentStack",
    "Segments",
    "SmoothedBaseline",
    "StandardScaling",
    "StepAttention",
    "TakeColumns",
    "ValueTransform",
    "WindowScaling",
]
