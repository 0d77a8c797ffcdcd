"""Which recurrent layers of a model can use the fast kernel of a GPU, and what keeps the others from it."""

from __future__ import annotations

from typing import Any

import keras
import pandas as pd
from keras import layers

from seqkit.insight.calls import recurrent_layers

WANTED: dict[type, dict[str, Any]] = {
    layers.LSTM: {"activation": "tanh", "recurrent_activation": "sigmoid"},
    layers.GRU: {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True},
}
WANTED_OF_ALL = {"use_bias": True, "unroll": False, "recurrent_dropout": 0.0}


def gpu_report(model: keras.Model) -> pd.DataFrame:
    """Say for each recurrent layer of a model whether the cuDNN kernel of a GPU applies.

    TensorFlow takes that kernel by itself where the layer's arguments allow it. It is several times faster than the
    step-by-step loop. A mask is no hindrance in seqkit's stack, which moves padding to the right before the kernel.

    Args:
        model: a built model with recurrent layers, ours or any other.

    Returns:
        A DataFrame with a row for each layer, in the order they are in the model: `layer`, `cell`, `fast` (bool), and
        `in_the_way`: the arguments to change, or why there is no such kernel; empty where it applies.

    Raises:
        ValueError: the model has no recurrent layer.

    Example:
        >>> model = keras.Sequential([keras.Input((7, 2)), keras.layers.LSTM(3, activation="relu", name="memory")])
        >>> gpu_report(model)[["layer", "fast", "in_the_way"]].values.tolist()
        [['memory', False, 'activation=relu, wanted tanh']]
    """
    rows = []
    for name, layer in recurrent_layers(model, "gpu_report").items():
        hindrances = _hindrances(layer)
        cell = type(layer.cell).__name__.removesuffix("Cell")
        rows.append({"layer": name, "cell": cell, "fast": not hindrances, "in_the_way": "; ".join(hindrances)})
    return pd.DataFrame(rows)


def _hindrances(layer: layers.Layer) -> list[str]:
    wanted = next((arguments for kind, arguments in WANTED.items() if isinstance(layer, kind)), None)
    if wanted is None:
        return [f"there is no such kernel for {type(layer.cell).__name__}"]
    found = []
    for name, value in {**wanted, **WANTED_OF_ALL}.items():
        actual = getattr(layer, name)
        actual = getattr(actual, "__name__", actual)
        if actual != value:
            found.append(f"{name}={actual}, wanted {value}")
    if layer.use_cudnn is False:
        found.append("use_cudnn=False")
    return found
