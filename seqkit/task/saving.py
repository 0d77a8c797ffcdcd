"""`save` and `save_weights` of every model: a kill at any moment leaves the old file or the new one."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import keras

from seqkit._errors import InvalidValue
from seqkit._whole_paths import reserve_space, whole_file

WEIGHTS_ENDING = ".weights.h5"
MOST_BYTES_A_NUMBER = 8
BYTES_BESIDE = 10_000  # of each variable: its name and group in HDF5, and its share of the rest
MODEL_ENDINGS, OLD_ENDINGS = (".keras",), (".h5", ".hdf5")


class SavedWhole(keras.Model):
    """`keras.Model` whose files are written beside and renamed."""

    def save(self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """`keras.Model.save`; `filepath` holds the old model or the new one, whenever the process is killed.

        Raises:
            ValueError: a file of an older Keras, `.h5`.
            OSError: the disk is full, read-only or gone. The old file is unchanged.
        """
        if str(filepath).endswith(OLD_ENDINGS):
            problem = f"{filepath} would be a file of an older Keras, from which these models do not load."
            raise InvalidValue("save", problem, "Name a file that ends in .keras.", argument="filepath")
        if not _is_one_file(filepath, MODEL_ENDINGS, overwrite) or zipped is False:
            super().save(filepath, overwrite=overwrite, zipped=zipped, **kwargs)
            return
        with whole_file("save", filepath) as written:
            super().save(written, zipped=zipped, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None) -> None:
        """`keras.Model.save_weights`, as `save`. Weights in several files are written as Keras writes them.

        Raises:
            OSError: as `save`.
        """
        if not _is_one_file(filepath, (WEIGHTS_ENDING,), overwrite) or max_shard_size is not None:
            super().save_weights(filepath, overwrite=overwrite, max_shard_size=max_shard_size)
            return
        with whole_file("save_weights", filepath) as written:
            reserve_space(written, self._most_bytes())
            super().save_weights(written)

    def _most_bytes(self) -> int:
        """The size of a weights file, or somewhat more."""
        variables = [*self.variables, *(self.optimizer.variables if self.optimizer else ())]
        return sum(math.prod(variable.shape) * MOST_BYTES_A_NUMBER + BYTES_BESIDE for variable in variables)


def _is_one_file(path: Any, endings: tuple[str, ...], overwrite: bool) -> bool:
    """Whether it is a file of this disk. Keras asks about one that it may not replace, and refuses other endings."""
    if not isinstance(path, (str, os.PathLike)) or "://" in str(path) or not str(path).endswith(endings):
        return False
    return (overwrite and Path(path).is_file()) or not Path(path).exists()
