"""A SavedModel of seqkit as a model of MLflow. It needs TensorFlow and MLflow, and no seqkit.

python _mlflow_served.py SAVED_MODEL FOLDER   # writes FOLDER, which `mlflow models serve` serves

It has no MLflow signature. With one, MLflow turns null into the word "None" or "nan" and 3.5 into "3.5" before a model
sees them, and no graph can tell such a word from a text. Without one they arrive as they are, and are refused here.
"""

import re
import sys

import mlflow
import numpy as np
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

WORDS = re.compile(r"assertion failed: \[(.*)\]")  # of a graph that refuses


class Served(mlflow.pyfunc.PythonModel):
    """Answers of `serving_default`; what is refused is a 400 with the words of the refusal."""

    def load_context(self, context):
        """Load the SavedModel."""
        self.model = tf.saved_model.load(context.artifacts["model"])
        self.serve = self.model.signatures["serving_default"]

    def predict(self, context, model_input, params=None):
        """Answers by name, as lists."""
        specs = self.serve.structured_input_signature[1]
        try:
            if not isinstance(model_input, np.ndarray) and set(model_input) >= set(specs):
                inputs = {name: as_tensor(name, model_input[name], spec) for name, spec in specs.items()}
            else:
                raise ValueError(f"the model takes inputs by name, {', '.join(specs)}; they are not all there.")
            answers = self.serve(**inputs)
        except (tf.errors.InvalidArgumentError, TypeError, ValueError) as error:
            raise MlflowException(in_words(error), INVALID_PARAMETER_VALUE) from error
        return {name: as_lists(answer.numpy()) for name, answer in answers.items()}


def as_tensor(name, values, spec):
    """A column or an array as a tensor; refuse text for numbers, what is no text for texts, and other axes."""
    array = np.asarray(values)
    if spec.dtype != tf.string:
        if array.ndim != len(spec.shape):
            raise ValueError(f"{name} must have {len(spec.shape)} axes, got the shape {array.shape}.")
        if array.dtype.kind not in "fiubO":
            raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}.")
        return tf.constant(array.astype("float32"))  # null becomes NaN
    texts = [one.item() if isinstance(one, np.ndarray) and not one.ndim else one for one in array.tolist()]
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            hint = " An empty text is ''." if text is None or text != text else ""
            kind = type(text).__name__
            raise TypeError(f"text number {position} is {text}, a {kind}; strings are needed.{hint}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"text number {position} has half of a character pair, {text[error.start]!a}, at place {error.start}, "
                "which UTF-8 cannot write. Read the file again with its right encoding."
            ) from None
    return tf.constant(texts, tf.string)


def in_words(error):
    """The words of a graph that refuses, without those of TensorFlow around them."""
    found = WORDS.search(str(error))
    return re.sub(r"\\(['\"])", r"\1", found[1]) if found else str(error)


def as_lists(array):
    """Plain lists, with strings instead of bytes."""
    return np.char.decode(array.astype(bytes), "utf-8").tolist() if array.dtype == object else array.tolist()


if __name__ == "__main__" and len(sys.argv) == 3:
    mlflow.pyfunc.save_model(
        sys.argv[2], python_model=__file__, artifacts={"model": sys.argv[1]}, pip_requirements=["tensorflow"]
    )
else:
    mlflow.models.set_model(Served())
