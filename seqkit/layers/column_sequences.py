"""Target columns as sequences of their own, which share the weights of all later layers, and their way back.

Shapes: B samples, T timesteps, F features, C target columns, O other columns, H horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks


@keras.saving.register_keras_serializable("seqkit")
class ColumnSequences(layers.Layer):
    """Make a sequence of each target column, with the columns that are no targets beside it.

    So later layers have the same weights for every target, and no target reads another one ("channel independence",
    Nie et al. 2023, section 3.1). Shapes: input `[B, T, F]`, output `[B * C, T, 1 + O]`; the C sequences of a sample
    follow each other.

    Args:
        targets: positions of the C target columns on the last axis.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ColumnSequences
        >>> ColumnSequences([0, 1])(np.array([[[1.0, 2, 9], [3, 4, 9]]])).numpy().tolist()
        [[[1.0, 9.0], [3.0, 9.0]], [[2.0, 9.0], [4.0, 9.0]]]
    """

    def __init__(self, targets: Sequence[int], **kwargs: Any) -> None:
        """Choose the target columns."""
        super().__init__(**kwargs)
        self.targets = list(targets)

    def call(self, columns: Any) -> Any:
        """Take the columns apart."""
        timesteps = ops.shape(columns)[1]  # a number where it is fixed, else a tensor
        sequences = ops.transpose(ops.take(columns, self.targets, axis=-1), (0, 2, 1))[..., None]  # (B, C, T, 1)
        others = self._others(columns.shape[-1])
        if others:
            beside = ops.take(columns, others, axis=-1)[:, None]  # (B, 1, T, O)
            sequences = ops.concatenate([sequences, ops.repeat(beside, len(self.targets), axis=1)], axis=-1)
        return ops.reshape(sequences, (-1, timesteps, 1 + len(others)))

    def _others(self, columns: int) -> list[int]:
        return [position for position in range(columns) if position not in self.targets]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B * C, T, 1 + O]`."""
        samples = None if input_shape[0] is None else input_shape[0] * len(self.targets)
        return (samples, input_shape[1], 1 + len(self._others(input_shape[2])))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "targets": self.targets}


@keras.saving.register_keras_serializable("seqkit")
class ColumnsTogether(layers.Layer):
    """Put the sequences of `ColumnSequences` back beside each other. Shapes: `[B * C, H, 1]` to `[B, H, C]`.

    Args:
        columns: sequences of a sample, C.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ColumnsTogether
        >>> ColumnsTogether(2)(np.array([[[1.0], [3]], [[2], [4]]])).numpy().tolist()
        [[[1.0, 2.0], [3.0, 4.0]]]
    """

    def __init__(self, columns: int, **kwargs: Any) -> None:
        """Choose the number of columns."""
        super().__init__(**kwargs)
        self.columns = _checks.whole_number("ColumnsTogether", "columns", columns)

    def call(self, sequences: Any) -> Any:
        """Join the columns of each sample."""
        steps = ops.shape(sequences)[1]
        return ops.transpose(ops.reshape(sequences, (-1, self.columns, steps)), (0, 2, 1))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, H, C]`."""
        samples = None if input_shape[0] is None else input_shape[0] // self.columns
        return (samples, input_shape[1], self.columns)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "columns": self.columns}


@keras.saving.register_keras_serializable("seqkit")
class ColumnVectors(layers.Layer):
    """Give each sequence of `ColumnSequences` the learnt vector of its column (SegRNN, Lin et al. 2023, section 4.2).

    Shapes: input `[B * C, ...]`, output `[B * C, V]`.

    Args:
        columns: sequences of a sample, C.
        size: numbers in a vector, V.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import ColumnVectors
        >>> tuple(ColumnVectors(columns=2, size=3)(np.ones((4, 5, 1))).shape)
        (4, 3)
    """

    def __init__(self, columns: int, size: int, **kwargs: Any) -> None:
        """Choose the number and the size of the vectors."""
        super().__init__(**kwargs)
        self.columns = _checks.whole_number("ColumnVectors", "columns", columns)
        self.size = _checks.whole_number("ColumnVectors", "size", size)

    def build(self, input_shape: Any) -> None:
        """Make the vectors."""
        self.vectors = self.add_weight(shape=(self.columns, self.size), initializer=first_vectors(), name="vectors")
        self.built = True

    def call(self, sequences: Any) -> Any:
        """Repeat the vectors for each sample."""
        return ops.tile(ops.cast(self.vectors, self.compute_dtype), (ops.shape(sequences)[0] // self.columns, 1))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B * C, V]`."""
        return (input_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "columns": self.columns, "size": self.size}


def first_vectors() -> keras.initializers.Initializer:
    """The untrained vectors of columns and of positions: numbers of mean 0 and variance 1."""
    return keras.initializers.RandomNormal(stddev=1.0)
