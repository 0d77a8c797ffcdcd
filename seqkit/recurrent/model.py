"""A plain recurrent network as a Keras model that a machine without a GPU can serve."""

from __future__ import annotations

import os
from typing import Any

import keras

from seqkit.export import without_cudnn
from seqkit.task.untuned import UntunedModel


@keras.saving.register_keras_serializable("seqkit")
class RecurrentModel(UntunedModel):
    """A functional `keras.Model` whose `export` traces its recurrent layers without the cuDNN kernel.

    The graph of that kernel loads only where there is a GPU. All else is Keras's.
    """

    def export(self, filepath: str | os.PathLike[str], format: str = "tf_saved_model", **kwargs: Any) -> Any:
        """`keras.Model.export`, for any machine."""
        with without_cudnn(self):
            return super().export(filepath, format=format, **kwargs)
