"""What a forecaster with columns known ahead serves: the past and the other inputs by name, raw units in and out.

Shapes: B samples, T timesteps, F features, H horizon, F2 columns that are known ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit._guards import guarded, shape_as_text, unless_refused
from seqkit._refusals import Refusal
from seqkit.data.known_ahead import FUTURE, PAST, STATIC, TIME
from seqkit.export import Endpoint, Served, describe_endpoint, window_of
from seqkit.forecasting.calendar_inputs import checked_time
from seqkit.forecasting.calendar_served import READS_TEXTS, example_times, numbers_of_texts
from seqkit.forecasting.categories_served import READS_WORDS, WordInputs
from seqkit.forecasting.settings import ForecasterSettings

if TYPE_CHECKING:
    import tensorflow as tf

    from seqkit.forecasting.model import Forecaster

OTHER_FUTURE = Refusal(
    "future must have the shape ({samples}, {horizon}, {columns}), [samples of past, horizon, future columns], got "
    "{came}."
)
OTHER_STATIC = Refusal(
    "static must have the shape ({samples}, {columns}), [samples of past, static columns], got {came}."
)
UNKNOWN_STATIC = Refusal(
    "static has no finite value in column {column}, sample {sample}.", "It must be known of each series."
)
UNKNOWN_FUTURE = Refusal(
    "future has no finite value in column {column}, sample {sample}, step {step}.", "The future columns must be known."
)
NOT_POSITIVE_FUTURE = Refusal(
    "a log needs values above zero, got {value} in future, column {column}, sample {sample}, step {step}."
)


def served_with_future(
    model: Forecaster,
    description: Mapping[str, Any],
    checked: Callable[[Any], Any],
    answered: Callable[[Any], Any],
    answers: Callable[[Any], dict[str, Any]] | None = None,
    live: Callable[[Any], Mapping[str, np.ndarray]] | None = None,
    words: WordInputs | None = None,
) -> Served:
    """The endpoints `serve` and `describe`, which takes nothing.

    `serve` takes `past` `[B, >= T, F]`, `future` `[B, H, F2]`, `static` `[B, F3]` and `time` `[B]`, the ISO stamps of
    the last rows of the past, as far as the model reads them.

    Args:
        model: the forecaster.
        description: what `describe` returns.
        checked: takes the window `[B, T, F]` and returns it, or refuses it.
        answered: takes the forecast and returns it, or refuses it.
        answers: takes the inputs by name and returns all outputs by name; by default `forecast` alone.
        live: takes the example and returns what the live model answers by name, in NumPy; by default `answers` does.
        words: the inputs of category columns; the others then hold the columns of numbers alone.
    """
    import tensorflow as tf

    settings = model.settings if words is None else words.numbers
    timesteps, features = settings.timesteps, len(settings.columns)
    random = np.random.default_rng(0)
    example: dict[str, np.ndarray] = {
        PAST: random.uniform(1.0, 2.0, (2, timesteps, features)).astype("float32"),
        FUTURE: random.uniform(1.0, 2.0, (2, settings.horizon, len(settings.future_columns))).astype("float32"),
    }
    example |= {STATIC: random.uniform(1.0, 2.0, (2, len(settings.static_columns))).astype("float32")}
    example = {name: array for name, array in example.items() if array.shape[-1]}
    if settings.fill is not None:
        example[PAST][1, : timesteps // 2] = np.nan
    numbers: Any = dict(example)
    if settings.reads_time:
        example[TIME] = times = example_times(settings)
        numbers[TIME] = checked_time(settings, times, len(times), "export")
    of_words = {} if words is None else words.example()

    def alone(inputs: dict[str, Any]) -> dict[str, Any]:
        return {"forecast": model(inputs, training=False)}

    answer_all = alone if answers is None else answers

    def served(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        window = checked(window_of(inputs[PAST], timesteps, features, timesteps))
        inputs = {**inputs, PAST: window}
        samples = tf.shape(window)[0]
        if FUTURE in inputs:
            inputs[FUTURE] = _checked_future(settings, inputs[FUTURE], samples)
        if STATIC in inputs:
            inputs[STATIC] = _checked_static(settings, inputs[STATIC], samples)
        if TIME in inputs:
            inputs[TIME] = numbers_of_texts(settings, inputs[TIME], samples)
        inputs = inputs if words is None else words.joined(inputs)
        return unless_refused({name: answered(answer) for name, answer in answer_all(inputs).items()})

    serve = _of_named(served, [*example, *of_words])
    kinds = {name: tf.string if name == TIME else tf.float32 for name in example}
    any_size = [tf.TensorSpec((None,) * array.ndim, kinds[name], name=name) for name, array in example.items()]
    sizes = [tf.TensorSpec((None, *array.shape[1:]), kinds[name], name=name) for name, array in example.items()]
    any_size += [] if words is None else words.specs
    if words is not None:
        description = {**description, **words.description()}
        numbers = tf.nest.map_structure(lambda array: array.numpy(), words.joined({**numbers, **of_words}))
    endpoints = {"serve": Endpoint(serve, any_size), "describe": describe_endpoint(description)}
    expected = {name: answer.numpy() for name, answer in answer_all(numbers).items()} if live is None else live(numbers)
    tracked = [] if words is None else list(words.lookups.values())
    not_in_files = READS_TEXTS if settings.reads_time else READS_WORDS if words is not None else ""
    example |= of_words
    return Served(model, endpoints, example, expected, tracked, signature=sizes, not_in_files=not_in_files)


def _of_named(served: Callable[[dict[str, Any]], Any], names: list[str]) -> Callable[..., Any]:
    """The function with an argument for each name, by which TensorFlow names what a request lacks."""

    def serve(*tensors: Any, **named: Any) -> Any:
        return served({**dict(zip(names, tensors, strict=False)), **named})

    serve.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])  # type: ignore[attr-defined]
    return serve


def _checked_static(settings: ForecasterSettings, static: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """The same static numbers `[B, F3]`; the served graph refuses another shape, and values that are not known."""
    import tensorflow as tf

    shape, columns = tf.shape(static), len(settings.static_columns)
    is_other = (shape[0] != samples) | (shape[1] != columns)
    static = guarded(OTHER_STATIC, static, is_other, came=shape_as_text(shape), samples=samples, columns=columns)
    static = tf.ensure_shape(static, (None, columns))
    names = tf.constant([repr(name) for name in settings.static_columns])
    sample = tf.range(shape[0])[:, None]
    return guarded(UNKNOWN_STATIC, static, ~tf.math.is_finite(static), column=names, sample=sample)


def _checked_future(settings: ForecasterSettings, future: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """The same future `[B, H, F2]`; the served graph refuses another shape, and values that are not known."""
    import tensorflow as tf

    horizon, columns = settings.horizon, len(settings.future_columns)
    shape = tf.shape(future)
    is_other = (shape[0] != samples) | (shape[1] != horizon) | (shape[2] != columns)
    wanted = {"samples": samples, "horizon": horizon, "columns": columns}
    future = guarded(OTHER_FUTURE, future, is_other, came=shape_as_text(shape), **wanted)
    future = tf.ensure_shape(future, (None, horizon, columns))
    place = {
        "column": tf.constant([repr(name) for name in settings.future_columns]),
        "sample": tf.range(shape[0])[:, None, None],
        "step": tf.range(horizon)[:, None],
    }
    future = guarded(UNKNOWN_FUTURE, future, ~tf.math.is_finite(future), **place)
    is_log = tf.constant([settings.transform[position] == "log" for position in settings.future_positions])
    return guarded(NOT_POSITIVE_FUTURE, future, is_log & (future <= 0), value=future, **place)
