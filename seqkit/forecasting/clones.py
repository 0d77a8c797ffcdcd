"""Fresh copies of anyone's Keras model, compiled like it and fitted on the windows before an origin."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np

from seqkit._errors import InvalidValue, first_line
from seqkit.data.windows import Windows
from seqkit.forecasting.origins import WHERE

WAY_OUT = "Use refit=False, or register its own classes with keras.saving.register_keras_serializable."


class Blueprint(NamedTuple):
    """What a fresh copy is made from; it pickles."""

    network: keras.Model  # a copy without an optimizer, whose weights are nobody's
    compiled: dict[str, Any]  # of `compile_from_config`


def blueprint_of(model: keras.Model) -> Blueprint:
    """Take the config of a model, or refuse one that has none.

    Raises:
        InvalidValue: the model is not compiled, or its classes do not say their config.
    """
    if not model.compiled:
        problem = "refit=True fits a copy that is compiled like the model, and the model is not compiled."
        raise InvalidValue(WHERE, problem, "Call model.compile(...) first, or use refit=False.", argument="refit")
    try:
        blueprint = Blueprint(keras.models.clone_model(model), model.get_compile_config())
        _fresh(blueprint)
    except Exception as error:
        problem = f"refit=True copies the model by its config, and that fails: {first_line(error)}"
        raise InvalidValue(WHERE, problem, WAY_OUT, argument="refit") from error
    return blueprint


def _fresh(blueprint: Blueprint) -> keras.Model:
    model = keras.models.clone_model(blueprint.network)
    model.compile_from_config(blueprint.compiled)
    if not model.compiled:  # where a class has a `compile` of its own
        raise TypeError("its compile() does not say its arguments")
    return model


def fitted_copy(blueprint: Blueprint, windows: Windows, epochs: int, seed: int) -> keras.Model:
    """Return a copy with new weights, trained on the windows.

    Raises:
        InvalidValue: it cannot be fitted on windows.
    """
    keras.utils.set_random_seed(seed)
    model = _fresh(blueprint)
    _adapt(model, windows)
    try:
        model.fit(windows.dataset(shuffle=True), epochs=epochs, shuffle=False, verbose=0)
    except Exception as error:
        problem = f"the model cannot be fitted on windows of shape {windows[0].x.shape} and targets of shape "
        raise InvalidValue(WHERE, f"{problem}{windows[0].y.shape}: {first_line(error)}", argument="model") from error
    return model


def _adapt(model: keras.Model, windows: Windows) -> None:
    """Adapt a normalization of the input to the rows of the windows; a copy has the config alone."""
    for layer in model._flatten_layers(include_self=False):
        if not isinstance(layer, keras.layers.Normalization) or layer.input_mean is not None:
            continue
        if not any(layer.input is given for given in model.inputs or []):
            problem = (
                f"layer {layer.name!r} was adapted to rows that nobody knows, and does not read the model's input."
            )
            way_out = "Give it mean= and variance=, put it first, or use refit=False."
            raise InvalidValue(WHERE, problem, way_out, argument="refit")
        layer.adapt(np.ascontiguousarray(windows.values[:, None, :]))  # (rows, 1, F)
