"""Members of a forecast: what exponential smoothing and its like forecast, and how much of a network is mixed in.

Shapes: B samples, T timesteps, H horizon, C columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
from keras import layers, ops

from seqkit import _checks
from seqkit.layers.baseline import SmoothedBaseline
from seqkit.layers.exponential_smoothing import ExponentialSmoothing, Theta, forecasts_together

# A member that reads raw values, such as a pretrained network, has its place here too: `MemberForecasts` is called with
# the scaled window alone, so it would take a second input, and `forecaster_network` would pass it.
MEMBERS: Mapping[str, type[layers.Layer]] = MappingProxyType(
    {"ets": ExponentialSmoothing, "theta": Theta, "smoothed": SmoothedBaseline}
)


@keras.saving.register_keras_serializable("seqkit")
class MemberForecasts(layers.Layer):
    """The mean of the members' forecasts, moved towards the trained forecast by a share.

    forecast = mean of members + share * (trained - mean of members). No weight of it is trained. In training the
    trained forecast alone is returned, so that training costs and learns the same as without members.

    Shapes: past `[B, T, C]` and trained `[B, H, C]` in scaled units; output `[B, H, C]`. It computes in float32.

    Args:
        members: `"ets"` (`ExponentialSmoothing`), `"theta"` (`Theta`) and `"smoothed"` (`SmoothedBaseline`, untrained).
        horizon: steps to forecast, H.
        season: steps in a season; 1 for none.
        long_season: steps in the longer season; 1 for none.

    Attributes:
        share: of the trained forecast, 0 to 1, a weight; at first the trained forecast is a member like the others.
        trained_alone: whether the trained forecast alone is returned, as in training.
    """

    def __init__(
        self, members: Sequence[str], horizon: int, season: int = 1, long_season: int = 1, **kwargs: Any
    ) -> None:
        """Make the members."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.members = checked_members("MemberForecasts", members)
        self.horizon, self.season, self.long_season = horizon, season, long_season
        self.trained_alone = False
        self._layers_of_members = [
            MEMBERS[name](horizon, season, long_season, dtype="float32", trainable=False, name=name)
            for name in self.members
        ]

    def build(self, past_shape: Any, trained_shape: Any = None) -> None:
        """Build the members, and make the share."""
        for layer in self._layers_of_members:
            layer.build(past_shape)
        equal = keras.initializers.Constant(1 / (1 + len(self.members)))
        self.share = self.add_weight(shape=(), initializer=equal, trainable=False, name="share")
        self.built = True

    def call(self, past: Any, trained: Any, training: bool = False) -> Any:
        """Mix the forecasts."""
        if training or self.trained_alone:
            return ops.convert_to_tensor(trained)
        return self.mixed(self.mean_of_members(past), trained)

    def mean_of_members(self, past: Any) -> Any:
        """The mean of what the members forecast `(B, H, C)`."""
        smoothed = [layer for layer in self._layers_of_members if isinstance(layer, SmoothedBaseline)]
        together = [layer for layer in self._layers_of_members if layer not in smoothed]
        forecasts = [layer(past) for layer in smoothed]
        forecasts += forecasts_together(together, past) if together else []
        return sum(forecasts[1:], forecasts[0]) / len(forecasts)

    def mixed(self, members: Any, trained: Any) -> Any:
        """Move the mean of the members towards the trained forecast by the share."""
        return members + self.share * (trained - members)

    def compute_output_shape(self, past_shape: Any, trained_shape: Any = None) -> Any:
        """Return `[B, H, C]`."""
        return (past_shape[0], self.horizon, past_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        sizes = {"horizon": self.horizon, "season": self.season, "long_season": self.long_season}
        return {**super().get_config(), "members": self.members, **sizes}


def checked_members(where: str, members: Any) -> tuple[str, ...]:
    """Return the members as a tuple, each once; refuse other words, and none."""
    names = (members,) if isinstance(members, str) else tuple(members)
    for name in names:
        _checks.choice(where, "members", name, MEMBERS)
    return tuple(dict.fromkeys(names))
