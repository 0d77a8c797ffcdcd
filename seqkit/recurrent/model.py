"""A plain recurrent network as a Keras model that a machine without a GPU can serve."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqkit._saved_model_folder import checked_folder
from seqkit._whole_paths import whole_folder
from seqkit.export import Endpoint, Served, quiet, refuse_other_answers, without_cudnn
from seqkit.export_formats import SAVED_MODEL, check_format, write_served
from seqkit.task.finite_weights import may_be_written
from seqkit.task.untuned import UntunedModel

EXAMPLE_STEPS = 7


@keras.saving.register_keras_serializable("seqkit")
class RecurrentModel(UntunedModel):
    """A functional `keras.Model` whose `export` traces its recurrent layers without the cuDNN kernel.

    The graph of that kernel loads only where there is a GPU.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> model = sk.build_gru(3, features=2, return_sequences=True)
        >>> type(model).__name__, tuple(model(np.ones((1, 5, 2))).shape)
        ('RecurrentModel', (1, 5, 3))
    """

    def export(
        self,
        filepath: str | os.PathLike[str],
        format: str = SAVED_MODEL,
        *,
        timesteps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """`keras.Model.export`, for any machine; what is written is compared with this model before it has its name.

        A file of `"onnx"` or `"litert"` has Keras's names of inputs, and `output_0`, `output_1` ... as its outputs. One
        of `"litert"` reads one sample of one length, `timesteps` where the model reads any.
        """
        is_of_keras = format == SAVED_MODEL and timesteps is None
        if not is_of_keras:
            check_format(format, kwargs, timesteps)
        if not may_be_written(self, "export", filepath):
            return None
        if is_of_keras:
            return self._export_as_keras(filepath, **kwargs)
        return write_served(type(self).__name__, self.served, filepath, format, timesteps)

    def _export_as_keras(self, filepath: str | os.PathLike[str], **kwargs: Any) -> Path:
        """Write the SavedModel that Keras writes, with its structure of inputs and outputs."""
        folder = checked_folder("export", filepath)
        with whole_folder("export", folder) as written, without_cudnn(self):
            with quiet("tensorflow", logging.WARNING):
                super().export(written, format=SAVED_MODEL, **{"verbose": False, **kwargs})
            if "input_signature" not in kwargs:
                self._compare(written)
        return folder

    def _compare(self, written: Path) -> None:
        import tensorflow as tf

        served = self.served()
        inputs = keras.tree.pack_sequence_as(self._inputs_struct, [tf.constant(array) for array in served.example])
        loaded = tf.saved_model.load(str(written))  # its variables are forgotten with it
        outputs = enumerate(keras.tree.flatten(loaded.serve(inputs)))
        answers = {f"output_{number}": output.numpy() for number, output in outputs}
        refuse_other_answers(answers, keras.tree.map_structure(np.asarray, served.expected))

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
