"""Columns of categories as columns of numbers that a network reads.

Shapes: B samples, N steps, F columns, G of which are categories, O columns that come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

MOST_ONE_HOT = 32  # words of a column that have a column each
VECTOR = 8  # numbers in the learnt vector of a word, where there are more words


@keras.saving.register_keras_serializable("seqkit")
class CategoryColumns(layers.Layer):
    r"""Put numbers in the place of the codes of categories.

        code = 0 (a gap, or an unknown word)   ->  zeros
        code = k                               ->  the k-th unit vector, for 32 words or fewer
                                                   the k-th row of a learnt table [words, 8], for more

    The first number of a category stands in its column, and the others follow after all columns, so that every other
    column keeps its position. It computes in float32.

    Shapes: columns `[B, N, F]` and the codes `[B, N, G]` of those at `positions`; output `[B, N, O]`.

    Args:
        positions: of the category columns among the F.
        sizes: the number of words of each.
    """

    def __init__(self, positions: Sequence[int], sizes: Sequence[int], **kwargs: Any) -> None:
        """Check the sizes."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.positions = [_checks.whole_number("CategoryColumns", "positions", one, least=0) for one in positions]
        self.sizes = [_checks.whole_number("CategoryColumns", "sizes", size) for size in sizes]

    @property
    def widths(self) -> list[int]:
        """The numbers of each category."""
        return [width_of(size) for size in self.sizes]

    def places(self, columns: int) -> list[list[int]]:
        """Where the numbers of each of the F columns stand in the output."""
        found, end = [[position] for position in range(columns)], columns
        for position, width in zip(self.positions, self.widths, strict=True):
            found[position] += range(end, end + width - 1)
            end += width - 1
        return found

    def build(self, columns_shape: Any, codes_shape: Any = None) -> None:
        """Make the tables of words."""
        self.tables = [
            self.add_weight(shape=(size, VECTOR), initializer=keras.initializers.RandomNormal(stddev=1.0), name=name)
            for name, size in ((f"words_{at}", size) for at, size in enumerate(self.sizes))
            if size > MOST_ONE_HOT
        ]
        self.built = True

    def call(self, columns: Any, codes: Any) -> Any:
        """Put the numbers in."""
        codes = ops.cast(ops.where(ops.isnan(codes), 0.0, codes), "int32")  # (B, N, G)
        tables, first, others = list(self.tables), {}, []
        for at, (position, size) in enumerate(zip(self.positions, self.sizes, strict=True)):
            code = codes[..., at]
            if size > MOST_ONE_HOT:
                is_known = ops.cast((code > 0) & (code <= size), "float32")[..., None]
                numbers = ops.take(tables.pop(0), ops.clip(code - 1, 0, size - 1), axis=0) * is_known
            else:
                numbers = ops.cast(code[..., None] == np.arange(1, size + 1), "float32")  # (B, N, words)
            first[position] = numbers[..., :1]
            others.append(numbers[..., 1:])
        kept = [first.get(at, columns[..., at : at + 1]) for at in range(columns.shape[-1])]
        return ops.concatenate([*kept, *others], axis=-1)

    def compute_output_shape(self, columns_shape: Any, codes_shape: Any = None) -> Any:
        """Return `[B, N, O]`."""
        return (*columns_shape[:-1], columns_shape[-1] + sum(self.widths) - len(self.sizes))

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "positions": self.positions, "sizes": self.sizes}


def width_of(words: int) -> int:
    """The numbers into which a category of so many words turns."""
    return words if words <= MOST_ONE_HOT else VECTOR
