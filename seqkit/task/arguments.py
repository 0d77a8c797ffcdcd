"""Arguments of Keras's own `fit` and `evaluate`, from samples as the user has them or from what Keras reads."""

from __future__ import annotations

from typing import Any

from seqkit._errors import InvalidValue
from seqkit.task import fitting


def keras_arguments(
    task: Any, where: str, x: Any, y: Any, batch_size: Any, shuffle: bool, sample_weight: Any, **reading: Any
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
        reading: what `Task.reading` returns.
    """
    if task.reads(x):
        if y is None and task.needs_answers(x):
            verb = where.split(":")[0]
            raise InvalidValue(where, f"the {task.answers_are} are missing.", f"Pass {verb}({task.asked_for}).")
        made = task.batches(where, x, y, batch_size, shuffle, sample_weight, **reading)
        return made if isinstance(made, dict) else {"x": made, "shuffle": False}
    if fitting.yields_batches(x):
        fitting.refuse_beside_batches(where, y=y, batch_size=batch_size, sample_weight=sample_weight)
        return {"x": x, "shuffle": False}
    return {"x": x, "y": y, "batch_size": batch_size, "shuffle": shuffle, "sample_weight": sample_weight}
