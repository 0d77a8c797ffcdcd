"""The part of a forecaster's graph that reads columns known ahead: their effects leave the past and join the forecast.

Shapes: B samples, T timesteps, F features, F2 columns known ahead, H horizon, C targets, N rows.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit._errors import InvalidValue, SeqkitWarning, listed, warn
from seqkit.data.known_ahead import FUTURE, PAST, STATIC, TIME
from seqkit.data.panels import is_panel
from seqkit.forecasting.calendar_effects import calendar_features, calendar_statistics, warn_of_constant_calendar
from seqkit.forecasting.categories import expanded, of_categories, with_numbers
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.layers.categories import CategoryColumns
from seqkit.layers.covariates import CovariateEffects
from seqkit.layers.scaling import FillMissing, StandardScaling, Statistics, TakeColumns
from seqkit.layers.transform import ValueTransform

EFFECTS, JOINED, STATIC_SCALING = "covariates", "with_covariates", "static_scaling"  # names of layers
KNOWN_CATEGORIES = "known_categories"  # another
LARGEST_STATIC = 5.0  # spreads from the mean of the series that a static column counts at most


class Covariates:
    """The effects of known columns, connected.

    Attributes:
        inputs: of the graph, by name, without the past.
        static: the scaled static columns `(B, F3)`; None without any.
        effects: on the targets over the horizon `(B, H, C)`, in scaled units; None where neither a column nor the
            calendar is known ahead.
    """

    def __init__(self, settings: ForecasterSettings, past: Any, spread: Any) -> None:
        """Connect the layers to the raw past `(B, T, F)` and the spread `(B, 1, C)` of the targets."""
        self.settings = settings
        self.inputs: dict[str, Any] = {}
        self.static = self._scaled_static() if settings.static_columns else None
        effects: Any = self._effects(past, spread) if settings.has_effects else (None, None)
        self._of_past, self.effects = effects

    def _scaled_static(self) -> Any:
        self.inputs[STATIC] = keras.Input((len(self.settings.static_columns),), name=STATIC, dtype="float32")
        raw = self.inputs[STATIC][:, None]
        scaled, _, _ = StandardScaling(name=STATIC_SCALING)(raw)
        scaled = ops.clip(scaled, -LARGEST_STATIC, LARGEST_STATIC)
        return with_numbers(self.settings, self.settings.static_columns, scaled, raw, "static_categories")[:, 0]

    def _effects(self, past: Any, spread: Any) -> Any:
        """The effects in the past `(B, T, C)` and over the horizon `(B, H, C)`."""
        settings = self.settings
        known = [self._known_columns(past)] if settings.future_columns else []
        if settings.reads_time:
            self.inputs[TIME] = keras.Input((2,), name=TIME, dtype="float32")
            known.append(calendar_features(settings)(self.inputs[TIME], past))
        columns = known[0] if len(known) == 1 else layers.Concatenate(dtype="float32", name="known_steps")(known)
        in_spreads = [settings.transform[position] == "none" for position in settings.target_positions]
        layer = CovariateEffects(settings.horizon, in_spreads, name=EFFECTS)
        return layer(columns, spread) if self.static is None else layer(columns, spread, self.static)

    def _known_columns(self, past: Any) -> Any:
        """The columns known ahead `(B, T + H, F2)`, in the units of their transform."""
        settings, positions = self.settings, self.settings.future_positions
        self.inputs[FUTURE] = future = keras.Input((settings.horizon, len(positions)), name=FUTURE, dtype="float32")
        columns = TakeColumns(positions, name="known_columns")(past)
        columns = layers.Concatenate(axis=1, dtype="float32", name="known_ahead")([columns, future])  # (B, T + H, F2)
        if settings.fill:
            columns = FillMissing(settings.value_filled, name="fill_known")(columns)
        columns = covariate_transform(settings)(columns)
        return with_numbers(settings, settings.future_columns, columns, columns, KNOWN_CATEGORIES)

    def taken_from(self, scaled: Any) -> Any:
        """The scaled past `(B, T, F)` without the effects on its targets."""
        if self.effects is None:
            return scaled
        places = np.eye(len(self.settings.columns), dtype="float32")[self.settings.target_positions]  # (C, F)
        return scaled - ops.matmul(self._of_past, places)

    def joined_to(self, forecast: Any) -> Any:
        """The forecast `(B, H, C)` with the effects over the horizon."""
        if self.effects is None:
            return forecast
        return layers.Add(dtype="float32", name=JOINED)([forecast, self.effects])


def covariate_transform(settings: ForecasterSettings) -> ValueTransform:
    """The transform of the columns that are known ahead."""
    return ValueTransform([settings.transform[position] for position in settings.future_positions], name="known_scale")


def raw_past(settings: ForecasterSettings, scaled: Any, statistics: Statistics) -> Any:
    """The targets of a scaled past `(B, T, C)` in raw units, for members that read these."""
    kinds = [settings.transform[position] for position in settings.target_positions]
    return ValueTransform(kinds, name="without_effects").invert(scaled * statistics.spread + statistics.level)


def effects_layer(model: Any) -> CovariateEffects | None:
    """The layer of the effects; None where nothing is known ahead."""
    return model.get_layer(EFFECTS) if model.settings.has_effects else None


def known_categories(model: Any) -> CategoryColumns | None:
    """The layer of the categories that are known ahead; None without any."""
    is_there = any(name in model.settings.categories for name in model.settings.future_columns)
    return model.get_layer(KNOWN_CATEGORIES) if is_there else None


def effects_in(model: Any) -> list[Any]:
    """The effects over the horizon in the graph, as a list of one tensor; [] where nothing is known ahead."""
    return [model.get_layer(JOINED).input[1]] if model.settings.has_effects else []


def named_inputs(past: Any, covariates: Covariates | None) -> Any:
    """The inputs of the graph: the past alone, or all by name."""
    return past if covariates is None else {PAST: past, **covariates.inputs}


def adapt_effects(model: Any, table: Any, rows: np.ndarray) -> None:
    """Take the level and spread of the known columns from the training rows; one warning names those that are constant.

    Args:
        model: the forecaster.
        table: the training table or panel, or an array.
        rows: its rows `[N, F]`, in the column order of the model.
    """
    settings = model.settings
    if settings.static_columns:
        first = np.flatnonzero(np.diff(np.asarray(table.index.codes[0]), prepend=-1))
        _adapt_static(model, rows[first][:, len(settings.columns) :])
    layer = effects_layer(model)
    if layer is None:
        return
    statistics = [_statistics_of_columns(model, table, rows)] if settings.future_columns else []
    count = len(statistics[0][0]) if statistics else 0
    statistics += [calendar_statistics(model, table)] if settings.reads_time else []
    level, spread = (np.concatenate(parts) for parts in zip(*statistics, strict=True))
    layer.adapt(level, spread)
    factors = ops.convert_to_numpy(layer.factor)
    warn_of_constant_calendar(model, factors[count:])
    _warn_of_constant_columns(model, factors[:count])


def _warn_of_constant_columns(model: Any, factors: np.ndarray) -> None:
    """One warning names the future columns that do not vary in the training rows."""
    names, of_words = model.settings.future_columns, known_categories(model)
    places = [[at] for at in range(len(names))] if of_words is None else of_words.places(len(names))
    constant = [name for name, at in zip(names, places, strict=True) if not factors[at].any()]
    if constant:
        problem = f"the future column {listed(constant)} is constant in the training rows, so its effect is not known."
        warn(SeqkitWarning(WHERE, problem, "It is left out of the forecast; pass rows in which it varies."))


def _statistics_of_columns(model: Any, table: Any, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level and spread `(O,)` of the numbers of columns that are known ahead, in the units of their transform."""
    settings = model.settings
    columns = covariate_transform(settings)(rows[None][..., settings.future_positions])
    columns = np.asarray(ops.convert_to_numpy(columns)[0], "float64")  # (N, F2)
    of_words = known_categories(model)
    columns = expanded(of_words, columns)
    return of_categories(of_words, np.nanmean(columns, axis=0), spread_within_series(columns, table))


def _adapt_static(model: Any, series: np.ndarray) -> None:
    """Take mean and spread of static columns from the values of the training series `[S, F3]`."""
    model.get_layer(STATIC_SCALING).adapt(series)
    constant = [
        name for name, values in zip(model.settings.static_columns, series.T, strict=True) if not np.ptp(values)
    ]
    if constant:
        problem = f"the static column {listed(constant)} is the same in all series, so it tells nothing."
        warn(SeqkitWarning(WHERE, problem, "Leave it out."))


def spread_within_series(columns: np.ndarray, table: Any) -> np.ndarray:
    """The standard deviation `(F2,)` of columns `[N, F2]` around the mean of their series."""
    codes = np.asarray(table.index.codes[0]) if is_panel(table) else np.zeros(len(columns), int)
    codes = np.unique(codes, return_inverse=True)[1]
    is_known = np.isfinite(columns)
    means = [
        np.bincount(codes, np.where(known, column, 0.0)) / np.maximum(np.bincount(codes, known), 1)
        for column, known in zip(columns.T, is_known.T, strict=True)
    ]
    around = columns - np.stack(means, axis=1)[codes]
    spread: np.ndarray = np.sqrt(np.nanmean(np.square(around), axis=0))
    return spread


def refuse_unadapted_effects(model: Any, where: str) -> None:
    """Refuse a model before it has the level and spread of the columns that are known ahead."""
    if model.settings.static_columns and not model.get_layer(STATIC_SCALING).is_adapted:
        problem = f"the static columns {listed(model.settings.static_columns)} need their mean and spread."
        raise InvalidValue(where, problem, "Call model.adapt(train) first.", "static_columns")
    layer = effects_layer(model)
    if layer is not None and not layer.is_adapted:
        names = [f"the future columns {listed(model.settings.future_columns)}"] if model.settings.future_columns else []
        names += ["the calendar features"] if model.settings.reads_time else []
        problem = f"{' and '.join(names)} need their level and spread."
        raise InvalidValue(where, problem, "Build with like=train, or call model.adapt(train) first.", "future_columns")
