"""The forecaster's graph: fill, transform, scale, forecast in scaled units, and back.

Shapes: B samples, T timesteps, F features, H horizon, C targets, U units of the vector that the head reads.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from seqkit.forecasting.categories import with_numbers
from seqkit.forecasting.covariates import Covariates, named_inputs, raw_past
from seqkit.forecasting.member_forecasts import MemberForecasts
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.attended import summarize, weighted_features
from seqkit.layers.baseline import LastValue, SmoothedBaseline
from seqkit.layers.column_sequences import ColumnSequences, ColumnsTogether, ColumnVectors
from seqkit.layers.gap_channels import GapChannels, ZeroWhereUnknown
from seqkit.layers.interval_widths import IntervalWidths
from seqkit.layers.scaling import FillMissing, NoScaling, StandardScaling, Statistics, TakeColumns, WindowScaling
from seqkit.layers.segment_decoder import SegmentDecoder
from seqkit.layers.segments import in_segments
from seqkit.layers.transform import RawUnits, ValueTransform

INTERVALS, MEMBERS_LAYER = "intervals", "members"  # the layers of `IntervalWidths` and of `MemberForecasts`


class Scaler:
    """The layers between raw values and scaled units."""

    def __init__(self, settings: ForecasterSettings) -> None:
        """Make the layers."""
        positions = settings.target_positions
        self.fill = FillMissing(settings.value_filled, name="fill") if settings.fill else None
        self.unknown = ZeroWhereUnknown(name="unknown") if settings.tells_gaps else None
        self.transform = ValueTransform(settings.transform, name="transform")
        self.scaling = _scaling(settings)
        self.targets = TakeColumns(positions, name="targets")
        kinds = [settings.transform[position] for position in positions]
        self.raw_units = RawUnits(kinds, settings.at_least_zero, name="forecast")

    def scale_past(self, past: Any) -> tuple[Any, Statistics]:
        """Return the scaled past `(B, T, F)` and the level and spread `(B, 1, C)` of its targets."""
        scaled, level, spread = self.scaling(self.transform(self.filled(past)))
        scaled = self.unknown(scaled) if self.unknown else scaled
        return scaled, Statistics(self.targets(level), self.targets(spread))

    def filled(self, past: Any) -> Any:
        """Return the past `(B, T, F)` without missing values, where the settings fill them."""
        return self.fill(past) if self.fill else past


def forecaster_network(settings: ForecasterSettings, scaler: Scaler) -> tuple[Any, Any]:
    """Connect the layers; return the input `(B, T, F)` and the output `(B, H, C)`, squeezed `(B, H)`, in raw units.

    With columns that are known ahead, the input is a dict of `past` and `future` `(B, H, F2)`. Their effects are taken
    out of the past before anything reads it, and added to the forecast of what remains.
    """
    past = keras.Input((settings.timesteps, len(settings.columns)), name="past", dtype="float32")
    scaled, statistics = scaler.scale_past(past)
    covariates = None if settings.known is None else Covariates(settings, past, statistics.spread)
    scaled = scaled if covariates is None else covariates.taken_from(scaled)
    gaps = GapChannels(name="gaps")(past) if settings.tells_gaps else None
    read = with_numbers(settings, settings.columns, scaled, past, "categories")  # (B, T, F or more)
    forecast = _network_forecast(settings, read, covariates and covariates.static, gaps)  # (B, H, C)
    baseline = _baseline(settings)
    if baseline is not None:
        baseline_forecast = baseline(scaler.targets(scaled))
        forecast = layers.Add(dtype="float32", name="around_baseline")([baseline_forecast, forecast])
    if settings.members:
        raw = scaler.targets(past if settings.tells_gaps else scaler.filled(past))
        raw = raw if covariates is None else raw_past(settings, scaler.targets(scaled), statistics)
        forecast = _with_members(settings, raw, scaler.targets(scaled), statistics, forecast)
    forecast = forecast if covariates is None else covariates.joined_to(forecast)
    if settings.levels:
        forecast = IntervalWidths(settings.levels, name=INTERVALS)(forecast)
    forecast = scaler.raw_units(forecast, *statistics)
    if settings.squeeze:
        forecast = layers.Reshape((settings.horizon,), dtype="float32", name="squeezed")(forecast)
    return named_inputs(past, covariates), forecast


def _with_members(settings: ForecasterSettings, raw: Any, scaled: Any, statistics: Statistics, trained: Any) -> Any:
    """The forecast `(B, H, C)` in scaled units, of the members and of what is trained.

    Args:
        settings: of the model.
        raw: the past of the targets `(B, T, C)`, as the pretrained member reads it.
        scaled: the same in scaled units.
        statistics: the level and spread of the targets.
        trained: the trained forecast `(B, H, C)` in scaled units.
    """
    transforms = [settings.transform[position] for position in settings.target_positions]
    sizes = settings.horizon, settings.season, settings.long_season
    ways = {"weighed": settings.weighs_members, "shrunk": settings.shrinks_long_season}
    ways |= {"judged": settings.judges_members, "judges_trend": settings.judges_trend}
    members = MemberForecasts(settings.members, *sizes, transforms, **ways, name=MEMBERS_LAYER)
    return members(scaled, trained) if members.pretrained is None else members(scaled, trained, raw, *statistics)


def _network_forecast(settings: ForecasterSettings, scaled: Any, static: Any = None, gaps: Any = None) -> Any:
    """What the network adds to the baseline, `(B, H, C)` in scaled units.

    Static numbers `(B, F3)` stand beside the vector that the head reads. `gaps` `(B, T, 2F)`, what is known of the past
    and since when, stand beside its values.
    """
    apart = settings.sequences > 1  # one target makes the same graph either way
    columns_apart = ColumnSequences(settings.target_positions, name="columns_apart") if apart else None
    steps = columns_apart(scaled) if columns_apart else scaled
    steps = weighted_features(steps, settings.attention)
    steps = steps if gaps is None else _beside_gaps(steps, gaps, columns_apart)
    steps = in_segments(steps, settings.segment, settings.leading_zeros)
    vector = summarize(steps, settings.attention, **_recurrent_options(settings)).vector  # (B, U), or (B * C, U)
    context = None
    if apart and settings.channel_vectors:
        vectors = ColumnVectors(settings.sequences, settings.channel_vectors, dtype="float32", name="column_vectors")
        context = vectors(vector)
    if static is not None:
        static = ops.repeat(static, settings.sequences, axis=0)  # of each sequence of a sample
        context = static if context is None else ops.concatenate([context, static], axis=-1)
    forecast = _head(settings, vector, context)
    return (
        ColumnsTogether(settings.sequences, dtype="float32", name="columns_together")(forecast) if apart else forecast
    )


def _beside_gaps(steps: Any, gaps: Any, columns_apart: Any) -> Any:
    """The steps of each sequence with the gaps `(B, T, 2F)` of its own columns beside them."""
    features = gaps.shape[-1] // 2
    channels = [gaps[..., :features], gaps[..., features:]] if columns_apart else [gaps]
    channels = [columns_apart(channel) for channel in channels] if columns_apart else channels
    return layers.Concatenate(dtype="float32", name="with_gaps")([steps, *channels])


def _recurrent_options(settings: ForecasterSettings) -> dict[str, Any]:
    options = settings.recurrent_options
    if settings.head == "segments":  # it drops the last layer's share itself, after its own step
        options["dropout"] = (*settings.dropout[:-1], 0.0)
    return options


def _head(settings: ForecasterSettings, vector: Any, context: Any) -> Any:
    """The forecast of each sequence, `(B, H, C)` or `(B * C, H, 1)`, from its vector and the vector of its column."""
    horizon, columns = settings.horizon, len(settings.targets) // settings.sequences
    # With a baseline the head starts at zero, so the untrained model forecasts the baseline.
    initializer = "glorot_uniform" if settings.baseline == "none" else "zeros"
    options: dict[str, Any] = {"kernel_initializer": initializer, "dtype": "float32", "name": "head"}
    if settings.head == "segments":
        segment = min(settings.segment, horizon)
        decoder = SegmentDecoder(horizon, segment, columns, dropout=settings.dropout[-1], **options)
        return decoder(vector) if context is None else decoder(vector, context)
    if context is not None:
        vector = layers.Concatenate(dtype="float32", name="with_column_vectors")([vector, context])
    forecast = layers.Dense(horizon * columns, **options)(vector)
    return layers.Reshape((horizon, columns), dtype="float32", name="steps")(forecast)


def _scaling(settings: ForecasterSettings) -> layers.Layer:
    if settings.scaling == "window":
        return WindowScaling(max(settings.season, settings.long_season), settings.least_spread, name="scaling")
    return {"standard": StandardScaling, "none": NoScaling}[settings.scaling](name="scaling")


def _baseline(settings: ForecasterSettings) -> layers.Layer | None:
    if settings.baseline == "smoothed":
        seasons = settings.season, settings.long_season, settings.shrinks_long_season
        return SmoothedBaseline(settings.horizon, *seasons, dtype="float32", name="baseline")
    return LastValue(settings.horizon, dtype="float32", name="baseline") if settings.baseline == "last" else None
