"""What a network is told of missing values: which are known, and how long ago the last reading was."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks

LONGEST = 100  # steps since a reading that are told apart


@keras.saving.register_keras_serializable("seqkit")
class GapChannels(layers.Layer):
    r"""Two channels for each column: whether its value is known, and the time since its last reading.

        known[t] = 1 where x[t] is no NaN, else 0
        since[t] = log(1 + min(t - last[t], n)) / log(1 + n)        last[t]: the latest known step up to t

    These are the masking and the time interval of GRU-D (Che et al. 2018, section "Notations"). Two things differ:
    the time is counted up to the step itself, so that it is 0 where the value is known, and it is bent into 0 .. 1,
    since a day more matters after an hour and not after a year. There is no decay of hidden states: any recurrent layer
    can read the channels. Before the first reading of a window, time counts from the step before the window.

    Shapes: B samples, T timesteps, F features. Input `[B, T, F]`, output `[B, T, 2F]`: first all known, then all since.

    Args:
        longest: steps since a reading that count at most, n.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import GapChannels
        >>> past = np.array([5.0, np.nan, np.nan, 7.0]).reshape(1, 4, 1)
        >>> GapChannels(longest=9)(past).numpy()[0].T.round(2)
        array([[1.  , 0.  , 0.  , 1.  ],
               [0.  , 0.3 , 0.48, 0.  ]], dtype=float32)
    """

    def __init__(self, longest: int = LONGEST, **kwargs: Any) -> None:
        """Choose the longest time since a reading."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.longest = _checks.whole_number("GapChannels", "longest", longest)

    def call(self, past: Any) -> Any:
        """Return both channels of each column."""
        is_known = ops.logical_not(ops.isnan(past))
        step = np.arange(past.shape[1], dtype="float32")[None, :, None]  # (1, T, 1)
        last = _running_maximum(ops.where(is_known, step, -1.0))
        since = ops.log1p(ops.minimum(step - last, float(self.longest))) / np.log1p(self.longest)
        return ops.concatenate([ops.cast(is_known, "float32"), ops.cast(since, "float32")], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, T, 2F]`."""
        return (*input_shape[:-1], 2 * input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "longest": self.longest}


@keras.saving.register_keras_serializable("seqkit")
class ZeroWhereUnknown(layers.Layer):
    """Put 0, the level of a scaled window, where a value is NaN: in a column without any reading. Keeps the shape."""

    def __init__(self, **kwargs: Any) -> None:
        """Take the arguments of a Keras layer; scaled values are float32."""
        super().__init__(**{**kwargs, "dtype": "float32"})

    def call(self, scaled: Any) -> Any:
        """Replace NaN."""
        return ops.where(ops.isnan(scaled), 0.0, scaled)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape


def _running_maximum(steps: Any) -> Any:
    """The largest value `[B, T, F]` up to each step."""
    shift = 1
    while shift < steps.shape[1]:  # the shifts 1, 2, 4, ... reach 1, 3, 7, ... steps back
        earlier = ops.concatenate([steps[:, :shift], steps[:, :-shift]], axis=1)
        steps = ops.maximum(steps, earlier)
        shift *= 2
    return steps
