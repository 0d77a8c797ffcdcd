"""A forecaster from the file that `model.save` wrote."""

from __future__ import annotations

import os
from pathlib import Path

import keras

from seqkit._errors import InvalidType, InvalidValue
from seqkit.forecasting.model import Forecaster


def read_forecaster(where: str, path: str | os.PathLike[str]) -> Forecaster:
    """Read a forecaster, or refuse a file that holds none; `where` names the argument for the message."""
    if not Path(path).is_file():
        raise InvalidValue(where, f"{path}: there is no such file.", "Check the path.", "model")
    try:
        model = keras.saving.load_model(path)
    except InvalidValue as error:
        raise InvalidValue(where, f"{path}: {error.problem}", error.way_out, "model") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InvalidValue(where, f"{path} is no model of Keras's (.keras).", "Name another.", "model") from error
    if not isinstance(model, Forecaster):
        raise InvalidType(where, f"{path} holds a {type(model).__name__}, not a forecaster.", "Name another.", "model")
    return model
