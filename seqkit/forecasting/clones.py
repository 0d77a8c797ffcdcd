"""A fresh copy of anyone's Keras model, compiled like it and fitted on the windows before an origin."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit._errors import InvalidValue, first_line
from seqkit.data.windows import Windows
from seqkit.forecasting.origins import WHERE

WAY_OUT = "Use refit=False, or register its own classes with keras.saving.register_keras_serializable."


def fitted_clone(model: keras.Model, windows: Windows, epochs: int, seed: int) -> keras.Model:
    """Return a copy of the model with new weights, trained on the windows.

    Raises:
        ValueError: the model cannot be copied from its config, or not be fitted on windows.
    """
    keras.utils.set_random_seed(seed)
    try:
        clone = keras.models.clone_model(model)
        clone.compile_from_config(model.get_compile_config())
    except Exception as error:
        problem = f"refit=True copies the model from its config, and that fails: {first_line(error)}"
        raise InvalidValue(WHERE, problem, WAY_OUT, argument="refit") from error
    if not clone.compiled:
        problem = "refit=True compiles a copy like the model, and the model's compile() does not say how."
        raise InvalidValue(WHERE, problem, WAY_OUT, argument="refit")
    _adapt(clone, windows)
    try:
        clone.fit(windows.dataset(shuffle=True), epochs=epochs, verbose=0)
    except Exception as error:
        problem = f"the copy cannot be fitted on windows of shape {windows[0].x.shape} and targets of shape "
        raise InvalidValue(WHERE, f"{problem}{windows[0].y.shape}: {first_line(error)}", argument="model") from error
    return clone


def _adapt(clone: keras.Model, windows: Windows) -> None:
    """Adapt a normalization of the input to the rows of the windows; a copy has the config alone."""
    for layer in _normalizations(clone):
        if not _reads_input(clone, layer):
            problem = f"layer {layer.name!r} was adapted to rows that nobody knows, and reads no input of the model."
            way_out = "Give it mean= and variance=, put it first, or use refit=False."
            raise InvalidValue(WHERE, problem, way_out, argument="refit")
        first, last = int(windows.starts[0]), int(windows.starts[-1]) + windows.timesteps
        layer.adapt(np.ascontiguousarray(windows.values[first:last][:, None, :]))  # (rows, 1, F)


def _normalizations(clone: keras.Model) -> list[Any]:
    layers = clone._flatten_layers(include_self=False)
    return [layer for layer in layers if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None]


def _reads_input(clone: keras.Model, layer: Any) -> bool:
    inputs = getattr(clone, "inputs", None) or []
    return any(layer.input is given for given in inputs)
