"""Arguments of Keras's own `fit` and `evaluate`, from samples as the user has them or from what Keras reads."""

from __future__ import annotations

from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit.task import fitting
from seqkit.task.string_batches import gathered, holds_strings


def keras_arguments(
    task: Any, where: str, x: Any, y: Any, batch_size: Any, shuffle: bool, sample_weight: Any, **batch_options: Any
) -> dict[str, Any]:
    """Check samples and answers, and make batches of them; pass on what Keras reads, and refuse what goes not with it.

    Args:
        task: the `Task` that is fitted or evaluated.
        where: the public method, for messages.
        x: samples, batches, or arrays as the graph reads them.
        y: answers.
        batch_size: samples in a batch, or None.
        shuffle: a new order each epoch.
        sample_weight: of each sample, or None.
        batch_options: what `Task.batch_options` returns.
    """
    if holds_strings(x):
        fitting.refuse_beside_batches(where, y=y, batch_size=batch_size, sample_weight=sample_weight)
        x, y, sample_weight, batch_size = gathered(where, x)
        y = task.answers_of_batches(y)
    if task.reads(x):
        if y is None and task.needs_answers(x):
            verb = where.split(":")[0]
            raise InvalidValue(where, f"the {task.answers_are} are missing.", f"Pass {verb}({task.asked_for}).")
        x, y = fitting.as_array(x), fitting.as_array(y)
        made = task.batches(where, x, y, batch_size, shuffle, sample_weight, **batch_options)
        return made if isinstance(made, dict) else {"x": made, "shuffle": False}
    if fitting.is_batches(x):
        fitting.refuse_beside_batches(where, y=y, batch_size=batch_size, sample_weight=sample_weight)
        return {"x": x, "shuffle": shuffle and isinstance(x, keras.utils.PyDataset)}  # Keras shuffles no other batches
    return {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle, "sample_weight": sample_weight}


def keras_validation_data(task: Any, validation_data: Any, batch_size: Any, **batch_options: Any) -> Any:
    """What Keras takes as `validation_data`: batches, or a pair or triple of arrays.

    Args:
        task: the `Task` that is fitted.
        validation_data: the user's, or None.
        batch_size: samples in a batch, or None.
        batch_options: what `Task.batch_options` returns.
    """
    if validation_data is None or (fitting.is_batches(validation_data) and not holds_strings(validation_data)):
        return validation_data
    is_dataset = holds_strings(validation_data)
    x, y, weights = (validation_data, None, None) if is_dataset else task.held_parts(validation_data)
    batch_size = None if is_dataset else batch_size
    held = keras_arguments(task, "fit: validation_data", x, y, batch_size, False, weights, **batch_options)
    parts = [held.get(name) for name in ("x", "y", "sample_weight")]
    return held["x"] if held.get("y") is None else tuple(part for part in parts if part is not None)
