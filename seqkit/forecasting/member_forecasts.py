"""Members of a forecast: exponential smoothing, its like and the pretrained network, and how much of a trained one.

Shapes: B samples, T timesteps, H horizon, C columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidType
from seqkit.layers.baseline import SmoothedBaseline
from seqkit.layers.exponential_smoothing import ExponentialSmoothing, Theta, forecasts_together
from seqkit.layers.scaling import TINY
from seqkit.layers.season_shapes import fitting
from seqkit.layers.transform import RawUnits
from seqkit.pretraining.forecast import PretrainedForecast

THETA, PRETRAINED = "theta", "pretrained"
MEMBERS: Mapping[str, type[layers.Layer]] = MappingProxyType(
    {
        "ets": ExponentialSmoothing,
        THETA: Theta,
        "smoothed": SmoothedBaseline,
        PRETRAINED: PretrainedForecast,
    }
)
FIRST_SHARE_OF_PRETRAINED = 2 / 3  # among the members; benchmarks/member_shares.py chose it
POWER_OF_ERRORS = 4  # of the members in a window; benchmarks/panel_members.py chose it
LEAST_SHARE_OF_PAST = 0.1  # of the smallest value of the past, below which no forecast under a log goes


@keras.saving.register_keras_serializable("seqkit")
class MemberForecasts(layers.Layer):
    """The mean of the members' forecasts, moved towards the trained forecast by a share.

        forecast = members + share * (trained - members)

    `members` is their mean; or where the pretrained one has a share of its own, with the mean of the others,

        members = others + pretrained_share * (pretrained - others)

    Where the members are judged, each window says by itself what they count in it: they forecast its last H steps from
    those before, and the weight of each is its mean absolute error there to the power of -4. A window that holds too
    few steps before its last H, for the seasons that it has as a whole, weighs them equally. Beside others, the
    pretrained member then knows the shorter season alone, so that one of them suits a window without the longer one.

    No weight of it is trained. In training the trained forecast alone is returned, so that training costs and learns
    the same as without members.

    Shapes: past `[B, T, C]` and trained `[B, H, C]` in scaled units; output `[B, H, C]`. For `"pretrained"` also the
    past in raw units `[B, T, C]`, its level and its spread `[B, 1, C]`. It computes in float32.

    Args:
        members: `"ets"` (`ExponentialSmoothing`), `"theta"` (`Theta`), `"smoothed"` (`SmoothedBaseline`, untrained) and
            `"pretrained"` (the median of `PretrainedForecast`, which reads raw values).
        horizon: steps to forecast, H.
        season: steps in a season; 1 for none.
        long_season: steps in the longer season; 1 for none.
        transforms: of each column before it is scaled, as in `RawUnits`; for `"pretrained"` alone.
        weighed: whether the pretrained member, beside others, has a share of its own; else all members are equal.
        shrunk: whether the members know the longer season by a shape that is shrunk, as `SmoothedBaseline` has it.
        judged: whether the last steps of each window weigh the members; `weighed` then says nothing.
        judges_trend: whether Theta finds in the window how much of its trend goes on, as `Theta` says.

    Attributes:
        share: of the trained forecast, 0 to 1, a weight; at first the trained forecast is a member like the others.
        pretrained_share: of the pretrained member among the members, 0 to 1, a weight `[C]`; None where all are equal.
        trained_alone: whether the trained forecast alone is returned, as in training.
    """

    def __init__(
        self,
        members: Sequence[str],
        horizon: int,
        season: int = 1,
        long_season: int = 1,
        transforms: Sequence[str] = (),
        weighed: bool = False,
        shrunk: bool = False,
        judged: bool = False,
        judges_trend: bool = False,
        **kwargs: Any,
    ) -> None:
        """Make the members."""
        super().__init__(**{**kwargs, "dtype": "float32"})
        self.members = checked_members("MemberForecasts", members)
        self.horizon, self.season, self.long_season = horizon, season, long_season
        self.transforms = list(transforms)
        self.trained_alone = False
        self.weighed, self.shrunk, self.judged = bool(weighed), bool(shrunk), bool(judged)
        self.judges_trend = bool(judges_trend)
        layers_of = {name: self._member(name) for name in self.members}
        self.pretrained: Any = layers_of.pop(PRETRAINED, None)
        if self.pretrained is not None:
            self.pretrained.network.trainable = False  # its weights were made before the layer was told
            self.pretrained.looked_into = False
        self.raw_units = RawUnits(self.transforms, name="raw_units")
        self._layers_of_members = list(layers_of.values())
        self.pretrained_share: Any = None
        self._has_fold = False

    def _member(self, name: str) -> Any:
        """The layer of a member, which is not trained."""
        if name == PRETRAINED:
            second = 1 if self.judged and len(self.members) > 1 else self.long_season
            return PretrainedForecast(self.horizon, self.season, second, trainable=False, name=name)
        options: dict[str, Any] = {"shrunk": self.shrunk, "dtype": "float32", "trainable": False, "name": name}
        options |= {"judges_trend": self.judges_trend} if name == THETA else {}
        return MEMBERS[name](self.horizon, self.season, self.long_season, **options)

    def build(self, past_shape: Any, trained_shape: Any = None, raw_shape: Any = None, **statistics: Any) -> None:
        """Build the members, and make the share."""
        for layer in self._layers_of_members:
            layer.build(past_shape)
        if self.pretrained is not None:
            self.pretrained.build(raw_shape)
        self.raw_units.build(trained_shape)
        equal = keras.initializers.Constant(1 / (1 + len(self.members)))
        self.share = self.add_weight(shape=(), initializer=equal, trainable=False, name="share")
        self._has_fold = self.judged and has_fold(past_shape[1], self.horizon, self.season, self.long_season)
        is_weighed = self.weighed and not self.judged
        if is_weighed and self.pretrained is not None and self._layers_of_members:
            first = keras.initializers.Constant(FIRST_SHARE_OF_PRETRAINED)
            options = {"shape": trained_shape[-1:], "initializer": first, "trainable": False}
            self.pretrained_share = self.add_weight(**options, name="pretrained_share")
        self.built = True

    def call(
        self, past: Any, trained: Any, raw: Any = None, level: Any = None, spread: Any = None, training: bool = False
    ) -> Any:
        """Mix the forecasts."""
        if training or self.trained_alone:
            return ops.convert_to_tensor(trained)
        return self.mixed(self.mean_of_members(past, raw, level, spread)[0], trained)

    def mean_of_members(self, past: Any, raw: Any = None, level: Any = None, spread: Any = None) -> tuple[Any, Any]:
        """The mean of what the members forecast `(B, H, C)`, weighed as the layer says.

        Beside it stand the quantiles `(B, H, C, Q)` of the pretrained member, in scaled units; None without it.
        """
        forecasts, quantiles = self._forecasts(past, raw, level, spread)
        quantiles = None if quantiles is None else ops.moveaxis(quantiles, 0, -1)
        if self.pretrained_share is not None:
            others = _mean(forecasts[:-1])
            return others + self.pretrained_share * (forecasts[-1] - others), quantiles
        if not self._has_fold or len(forecasts) == 1:
            return _mean(forecasts), quantiles
        weights = self._weights_in_window(past, raw, level, spread)
        return ops.sum(weights * ops.stack(forecasts), axis=0), quantiles

    def _forecasts(self, past: Any, raw: Any, level: Any, spread: Any) -> tuple[list[Any], Any]:
        """What each member forecasts `(B, H, C)`, the pretrained one last; and its quantiles `(Q, B, H, C)`."""
        smoothed = [layer for layer in self._layers_of_members if isinstance(layer, SmoothedBaseline)]
        together = [layer for layer in self._layers_of_members if layer not in smoothed]
        forecasts = [layer(past) for layer in smoothed]
        forecasts += forecasts_together(together, past) if together else []
        if self.pretrained is None:
            return forecasts, None
        quantiles = self._pretrained_quantiles(raw, level, spread)
        return [*forecasts, quantiles[quantiles.shape[0] // 2]], quantiles

    def _weights_in_window(self, past: Any, raw: Any, level: Any, spread: Any) -> Any:
        """The weights of the members `(M, B, 1, C)` by their errors in the last horizon of the window."""
        earlier = None if raw is None else raw[:, : -self.horizon]
        forecasts, _ = self._forecasts(past[:, : -self.horizon], earlier, level, spread)
        distances = ops.abs(ops.stack(forecasts) - past[:, -self.horizon :])
        if raw is not None:  # what fills a gap in scaled units tells nothing
            distances = ops.where(ops.isnan(raw[:, -self.horizon :]), np.nan, distances)
        errors = _mean_of_known(distances)
        errors = ops.where(ops.isfinite(errors), errors, 1.0)
        return ops.softmax(-POWER_OF_ERRORS * ops.log(errors + TINY), axis=0)

    def _pretrained_quantiles(self, raw: Any, level: Any, spread: Any) -> Any:
        """The quantiles of the pretrained network `(Q, B, H, C)` in scaled units."""
        quantiles = ops.moveaxis(self.pretrained(raw), -1, 0)
        least = LEAST_SHARE_OF_PAST * ops.min(ops.where(ops.isnan(raw), np.inf, raw), axis=1, keepdims=True)
        is_log = np.array([kind == "log" for kind in self.transforms])
        return self.raw_units.scale(ops.where(is_log, ops.maximum(quantiles, least), quantiles), level, spread)

    def mixed(self, members: Any, trained: Any) -> Any:
        """Move the mean of the members towards the trained forecast by the share."""
        return members + self.share * (trained - members)

    def compute_output_shape(self, past_shape: Any, trained_shape: Any = None, **others: Any) -> Any:
        """Return `[B, H, C]`."""
        return (past_shape[0], self.horizon, past_shape[2])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        sizes = {"horizon": self.horizon, "season": self.season, "long_season": self.long_season}
        chosen = {"transforms": self.transforms, "weighed": self.weighed, "shrunk": self.shrunk, "judged": self.judged}
        chosen["judges_trend"] = self.judges_trend
        return {**super().get_config(), "members": self.members, **sizes, **chosen}


def has_fold(timesteps: int, horizon: int, season: int, long_season: int) -> bool:
    """Whether a window has the same seasons without its last horizon, and as many steps as the horizon or more."""
    before = timesteps - horizon
    seasons = [[fitting(season, steps, 2), fitting(long_season, steps)] for steps in (before, timesteps)]
    return before >= horizon and seasons[0] == seasons[1]


def _mean_of_known(distances: Any) -> Any:
    """The mean over the steps `(M, B, 1, C)` of `(M, B, H, C)`, without NaN; NaN where all steps are."""
    known = ops.cast(ops.logical_not(ops.isnan(distances)), "float32")
    total = ops.sum(ops.where(known > 0, distances, 0.0), axis=2, keepdims=True)
    return total / ops.sum(known, axis=2, keepdims=True)


def _mean(forecasts: Sequence[Any]) -> Any:
    return sum(forecasts[1:], forecasts[0]) / len(forecasts)


def checked_members(where: str, members: Any) -> tuple[str, ...]:
    """Return the members as a tuple, each once; refuse other words, and none."""
    names = (members,) if isinstance(members, str) else members
    if not isinstance(names, Iterable):
        problem = f"members must be names of other forecasts, got {_checks.type_name(members)}."
        raise InvalidType(where, problem, f"Name some of {_checks.listed(MEMBERS)}, or () for none.", "members")
    names = tuple(names)
    for name in names:
        _checks.choice(where, "members", name, MEMBERS)
    return tuple(dict.fromkeys(names))
