"""Initial gate biases that make an untrained cell remember for a chosen number of timesteps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from seqkit import _checks
from seqkit.layers.cell_names import cell_name

GATED_CELLS = {"lstm": "forget gate", "gru": "update gate"}


@keras.saving.register_keras_serializable("seqkit")
class ChronoBias(keras.initializers.Initializer):
    """Chrono initialisation (Tallec & Ollivier 2018, section 3): gates that forget after 1 to `memory` steps.

    A gate that keeps the fraction sigmoid(b) of its memory at each step remembers for about 1 / (1 - sigmoid(b))
    = 1 + exp(b) steps. T is drawn uniformly from 1 to `memory` - 1 for every unit, and

        LSTM   b_forget = log(T), b_input = -log(T)        GRU   b_update = log(T) (Keras's z keeps the old state)

    All other biases are zero. With Keras's own biases (1 for the LSTM's forget gate, 0 for the GRU) a cell forgets
    within some tens of steps, so it cannot learn from earlier steps.

    Args:
        memory: timesteps to remember, 2 or more; the length of the sequences is a good choice.
        cell: `"lstm"` or `"gru"`.
        seed: seed of the draw.
    """

    def __init__(self, memory: int, cell: str, seed: int | None = None) -> None:
        """Choose the cell and the number of timesteps to remember."""
        self.memory = _checks.whole_number("ChronoBias", "memory", memory, least=2)
        self.cell = cell_name("ChronoBias", cell, GATED_CELLS)
        self.seed = seed if seed is not None else keras.random.SeedGenerator()

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Biases in Keras's order of gates: `(4U,)` for LSTM; for GRU `(3U,)`, or `(2, 3U)` with `reset_after`."""
        units = shape[-1] // (4 if self.cell == "lstm" else 3)
        steps = keras.random.uniform((units,), 1.0, max(self.memory - 1.0, 1.0 + 1e-6), dtype=dtype, seed=self.seed)
        bias, zeros = ops.log(steps), ops.zeros((units,), dtype=dtype)
        if self.cell == "lstm":
            return ops.concatenate([-bias, bias, zeros, zeros])  # input, forget, candidate, output
        row = ops.concatenate([bias, zeros, zeros])  # update, reset, candidate
        return row if len(shape) == 1 else ops.stack([row, ops.zeros_like(row)])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {"memory": self.memory, "cell": self.cell, "seed": self.seed if isinstance(self.seed, int) else None}
