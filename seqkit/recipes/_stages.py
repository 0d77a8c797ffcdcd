"""What recipes share: seed, optimizer, samples by position, and going back to the first weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from seqkit import _checks

WEIGHTS_MEMORY = 0.98  # of the moving average of the weights


def steadied_adam() -> keras.optimizers.Optimizer:
    """Adam whose weights are averaged over the latest steps (Polyak & Juditsky 1992), with clipped gradients."""
    return keras.optimizers.Adam(clipnorm=1.0, use_ema=True, ema_momentum=WEIGHTS_MEMORY)


def begin(where: str, seed: Any) -> None:
    """Seed Python, NumPy and Keras, if there is a seed."""
    if seed is not None:
        keras.utils.set_random_seed(_checks.seed(where, seed))


def own_optimizer(options: Mapping[str, Any]) -> Any:
    """The optimizer among the builder's options, if any: a copy, for one object cannot train two models."""
    given = options.get("optimizer")
    return type(given).from_config(given.get_config()) if isinstance(given, keras.optimizers.Optimizer) else given


def pick(samples: Any, positions: np.ndarray) -> Any:
    """An array's or a list's samples at these positions."""
    return samples[positions] if isinstance(samples, np.ndarray) else [samples[position] for position in positions]


def state(model: keras.Model) -> list[np.ndarray]:
    """Copies of the weights and of the optimizer's own variables, before any step."""
    return [np.array(variable) for variable in model.variables + model.optimizer.variables]


def set_state(model: keras.Model, values: list[np.ndarray]) -> None:
    """Go back to the copies; the compiled step is kept, which saves tracing it again."""
    for variable, value in zip(model.variables + model.optimizer.variables, values, strict=True):
        variable.assign(value)
