"""What recipes share: the steadied optimizer, and going back to the first weights."""

from __future__ import annotations

import keras
import numpy as np

WEIGHTS_MEMORY = 0.98  # of the moving average of the weights


def steadied_adam() -> keras.optimizers.Optimizer:
    """Adam whose weights are averaged over the latest steps (Polyak & Juditsky 1992), with clipped gradients."""
    return keras.optimizers.Adam(clipnorm=1.0, use_ema=True, ema_momentum=WEIGHTS_MEMORY)


def state(model: keras.Model) -> list[np.ndarray]:
    """Copies of the weights and of the optimizer's own variables, before any step."""
    return [np.array(variable) for variable in model.variables + model.optimizer.variables]


def set_state(model: keras.Model, values: list[np.ndarray]) -> None:
    """Go back to the copies; the compiled step is kept, which saves tracing it again."""
    for variable, value in zip(model.variables + model.optimizer.variables, values, strict=True):
        variable.assign(value)
