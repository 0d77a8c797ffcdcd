"""What a forecaster with columns known ahead serves: the past and the other inputs by name, raw units in and out.

Shapes: B samples, T timesteps, F features, H horizon, F2 columns that are known ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import numpy as np

from seqkit._guards import unless_refused
from seqkit.data.known_ahead import FUTURE, PAST, STATIC, TIME
from seqkit.export import Endpoint, Served, describe_endpoint
from seqkit.export_windows import window_of
from seqkit.forecasting.calendar_inputs import checked_time
from seqkit.forecasting.calendar_served import READS_TEXTS, example_times, numbers_of_texts
from seqkit.forecasting.categories_served import READS_WORDS, WordInputs
from seqkit.forecasting.served_covariate_checks import checked_future, checked_static
from seqkit.forecasting.settings import ForecasterSettings

if TYPE_CHECKING:
    import tensorflow as tf

    from seqkit.forecasting.model import Forecaster


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
    settings = model.settings if words is None else words.numbers
    example, of_words = _example(settings), {} if words is None else words.example()
    answer_all = answers or (lambda inputs: {"forecast": model(inputs, training=False)})

    def served(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        inputs = _checked_inputs(settings, inputs, checked)
        inputs = inputs if words is None else words.joined(inputs)
        return unless_refused({name: answered(answer) for name, answer in answer_all(inputs).items()})

    any_size, sizes = _specs(example)
    any_size += [] if words is None else words.specs
    description = description if words is None else {**description, **words.description()}
    serve = Endpoint(of_named(served, [*example, *of_words]), any_size)
    numbers = _numbers(settings, example, words)
    return Served(
        model,
        {"serve": serve, "describe": describe_endpoint(description)},
        example | of_words,
        {name: answer.numpy() for name, answer in answer_all(numbers).items()} if live is None else live(numbers),
        [] if words is None else list(words.lookups.values()),
        signature=sizes,
        not_in_files=READS_TEXTS if settings.reads_time else READS_WORDS if words is not None else "",
    )


def _example(settings: ForecasterSettings) -> dict[str, np.ndarray]:
    """Two samples of each input that the model reads, the second with gaps where it fills them."""
    random = np.random.default_rng(0)
    shapes = {
        PAST: (settings.timesteps, len(settings.columns)),
        FUTURE: (settings.horizon, len(settings.future_columns)),
        STATIC: (len(settings.static_columns),),
    }
    drawn = {name: random.uniform(1.0, 2.0, (2, *shape)).astype("float32") for name, shape in shapes.items()}
    example = {name: array for name, array in drawn.items() if array.shape[-1]}
    if settings.fill is not None:
        example[PAST][1, : settings.timesteps // 2] = np.nan
    return example | ({TIME: example_times(settings)} if settings.reads_time else {})


def _numbers(settings: ForecasterSettings, example: dict[str, np.ndarray], words: WordInputs | None) -> Any:
    """The example as the live model reads it: stamps and words as numbers."""
    import tensorflow as tf

    numbers: Any = dict(example)
    if settings.reads_time:
        numbers[TIME] = checked_time(settings, example[TIME], len(example[TIME]), "export")
    if words is None:
        return numbers
    return tf.nest.map_structure(lambda array: array.numpy(), words.joined({**numbers, **words.example()}))


def _specs(example: dict[str, np.ndarray]) -> tuple[list[tf.TensorSpec], list[tf.TensorSpec]]:
    """The inputs of any shape, of which the graph refuses some in words; and those of the sizes that it takes."""
    import tensorflow as tf

    kinds = {name: tf.string if name == TIME else tf.float32 for name in example}
    any_size = [tf.TensorSpec((None,) * array.ndim, kinds[name], name=name) for name, array in example.items()]
    sizes = [tf.TensorSpec((None, *array.shape[1:]), kinds[name], name=name) for name, array in example.items()]
    return any_size, sizes


def _checked_inputs(
    settings: ForecasterSettings, inputs: dict[str, tf.Tensor], checked: Callable[[Any], Any]
) -> dict[str, tf.Tensor]:
    """The same inputs, the past cut to its window, stamps as numbers; the graph refuses what cannot be read."""
    import tensorflow as tf

    timesteps = settings.timesteps
    window = checked(window_of(inputs[PAST], timesteps, len(settings.columns), timesteps))
    inputs, samples = {**inputs, PAST: window}, tf.shape(window)[0]
    for name, check in {FUTURE: checked_future, STATIC: checked_static, TIME: numbers_of_texts}.items():
        if name in inputs:
            inputs[name] = check(settings, inputs[name], samples)
    return inputs


def of_named(served: Callable[[dict[str, Any]], Any], names: list[str]) -> Callable[..., Any]:
    """The function with an argument for each name, by which TensorFlow names what a request lacks."""

    def serve(*tensors: Any, **named: Any) -> Any:
        return served({**dict(zip(names, tensors, strict=False)), **named})

    serve.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])  # type: ignore[attr-defined]
    return serve
