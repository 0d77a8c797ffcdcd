"""A learning rate that is constant at first, and then is halved again and again."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqkit import _checks


@keras.saving.register_keras_serializable("seqkit")
class HalvingRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of step t: `first * 0.5 ** (max(0, t - constant_steps) / half_life)`.

    SegRNN (Lin et al. 2023) trains with such a rate, by epochs. It depends on no number of steps to come, so both
    stages of a recipe have the same rate at the same step.

    Args:
        first: the rate of the first steps.
        constant_steps: gradient steps that have it.
        half_life: gradient steps after which the rate is half as large.
    """

    def __init__(self, first: float = 2e-3, constant_steps: int = 2048, half_life: int = 1536) -> None:
        """Store the numbers."""
        super().__init__()
        self.first = _checks.positive_number("HalvingRate", "first", first)
        self.constant_steps = _checks.whole_number("HalvingRate", "constant_steps", constant_steps, least=0)
        self.half_life = _checks.whole_number("HalvingRate", "half_life", half_life)

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step."""
        falling = ops.maximum(ops.cast(step, "float32") - self.constant_steps, 0.0)
        return self.first * ops.power(0.5, falling / self.half_life)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {"first": self.first, "constant_steps": self.constant_steps, "half_life": self.half_life}
