"""Layers: recurrent stacks, attention, convolutions, word vectors, CRF, decoders, segments, scaling, baselines."""

from seqkit.layers.attention import FeatureAttention, LayerAttention, StepAttention
from seqkit.layers.baseline import LastValue, SmoothedBaseline
from seqkit.layers.character_words import CharacterWords
from seqkit.layers.column_sequences import ColumnSequences, ColumnsTogether, ColumnVectors
from seqkit.layers.convolution import FixedConvolutions, LearnedConvolutions
from seqkit.layers.crf import LinearChainCRF
from seqkit.layers.decoder import AttentionDecoder
from seqkit.layers.exponential_smoothing import ExponentialSmoothing, Theta
from seqkit.layers.gap_channels import GapChannels
from seqkit.layers.interval_widths import IntervalWidths
from seqkit.layers.known_scaling import KnownScaling
from seqkit.layers.known_steps import KnownSteps
from seqkit.layers.neighbours import NeighbourWords
from seqkit.layers.peephole import PeepholeLSTMCell
from seqkit.layers.phrases import PhraseConvolutions
from seqkit.layers.probabilities import ClassProbabilities
from seqkit.layers.quantiles import IncreasingQuantiles
from seqkit.layers.query_attention import QueryAttention
from seqkit.layers.rare_words import RareWords
from seqkit.layers.scaling import (
    FillMissing,
    NoScaling,
    SeriesScaling,
    StandardScaling,
    TakeColumns,
    WindowScaling,
)
from seqkit.layers.seasonal_inputs import SeasonalInputs
from seqkit.layers.segment_decoder import SegmentDecoder
from seqkit.layers.segments import Segments
from seqkit.layers.stack import RecurrentStack
from seqkit.layers.target_scaling import ConformalIntervals, TargetScaling
from seqkit.layers.transform import RawUnits, ValueTransform

__all__ = [
    "AttentionDecoder",
    "CharacterWords",
    "ClassProbabilities",
    "ColumnSequences",
    "ColumnVectors",
    "ColumnsTogether",
    "ConformalIntervals",
    "ExponentialSmoothing",
    "FeatureAttention",
    "FillMissing",
    "FixedConvolutions",
    "GapChannels",
    "IncreasingQuantiles",
    "IntervalWidths",
    "KnownScaling",
    "KnownSteps",
    "LastValue",
    "LayerAttention",
    "LearnedConvolutions",
    "LinearChainCRF",
    "NeighbourWords",
    "NoScaling",
    "PeepholeLSTMCell",
    "PhraseConvolutions",
    "QueryAttention",
    "RareWords",
    "RawUnits",
    "RecurrentStack",
    "SeasonalInputs",
    "SegmentDecoder",
    "Segments",
    "SeriesScaling",
    "SmoothedBaseline",
    "StandardScaling",
    "StepAttention",
    "TakeColumns",
    "TargetScaling",
    "Theta",
    "ValueTransform",
    "WindowScaling",
]
