"""A plain recurrent network as a Keras model that a machine without a GPU can serve."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np

from seqkit.export import Endpoint, Served, without_cudnn
from seqkit.export_formats import SAVED_MODEL, check_format, write_served
from seqkit.task.finite_weights import may_be_written
from seqkit.task.untuned import UntunedModel

EXAMPLE_STEPS = 7


@keras.saving.register_keras_serializable("seqkit")
class RecurrentModel(UntunedModel):
    """A functional `keras.Model` whose `export` traces its recurrent layers without the cuDNN kernel.

    The graph of that kernel loads only where there is a GPU. All else is Keras's.
    """

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = SAVED_MODEL,
        *,
        timesteps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """`keras.Model.export`, for any machine. A file of `"onnx"` or `"litert"` is compared with this model first.

        Such a file has Keras's names of inputs, and `output_0`, `output_1` ... as its outputs. One of `"litert"` reads
        one sample of one length, `timesteps` where the model reads any.
        """
        if format == SAVED_MODEL and timesteps is None:
            with without_cudnn(self):
                return super().export(filepath, format=format, **kwargs)
        check_format(format, kwargs, timesteps)
        if not may_be_written(self, "export", filepath):
            return None
        return write_served(type(self).__name__, self.served, filepath, format, timesteps)

    def served(self) -> Served:
        """The endpoint `serve`, as Keras names its inputs and outputs."""
        import tensorflow as tf

        random, signature, example = np.random.default_rng(0), [], []
        for tensor in self.inputs:
            signature.append(tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name))
            sizes = [EXAMPLE_STEPS if size is None else size for size in tensor.shape[1:]]
            example.append(random.normal(size=(2, *sizes)).astype(tensor.dtype))
        expected = self._named_outputs(*example)
        return Served(self, {"serve": Endpoint(self._named_outputs, signature)}, example, expected)

    def _named_outputs(self, *arrays: Any) -> dict[str, Any]:
        inputs = keras.tree.pack_sequence_as(self._inputs_struct, arrays)
        outputs = keras.tree.flatten(self(inputs, training=False))
        return {f"output_{number}": output for number, output in enumerate(outputs)}
