"""The members of a forecaster: which there are by default, and how much of the trained network is mixed in.

Shapes: B windows, T timesteps, F features, H horizon, C targets, K fold windows that do not overlap.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqkit.forecasting.seasons import natural_period
from seqkit.pretraining.weights import load_synthetic

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.windows import Windows
    from seqkit.forecasting.member_forecasts import MemberForecasts
    from seqkit.forecasting.model import Forecaster

LAYER = "members"
SHARE = "share of the network"  # in the attrs of a forecast
DEFAULT_MEMBERS = ("theta", "pretrained")  # benchmarks/members.py chose them on 132 series
SHARES = (0.25, 0.5, 0.75, 1.0)  # of the trained network, that folds are asked about
WINDOWS_OF_HALF_TRUST = 4  # k fold windows shrink the share by k / (k + 4)
FEWEST_SEASONS = 3  # of a table whose network is trained
LOSSES_OF_A_MIDDLE = (None, "mae", "mse", "mean_absolute_error", "mean_squared_error")


def default_members(options: Mapping[str, Any], rows: int | None) -> tuple[str, ...]:
    """The members of `train_forecaster`: none where the arguments ask for another simple forecast, or another scale.

    Args:
        options: arguments of `build_forecaster`.
        rows: validation rows as they were asked for; with 0, no fold could say what the network is worth.
    """
    usual = {"preset": (None,), "baseline": (None, "smoothed"), "scaling": (None, "window")}
    usual |= {"loss": LOSSES_OF_A_MIDDLE}
    is_usual = all(isinstance(options.get(name), (str, type(None))) for name in usual)
    is_usual = is_usual and all(options.get(name) in values for name, values in usual.items())
    return DEFAULT_MEMBERS if is_usual and rows != 0 else ()


def take_pretrained_weights(model: Forecaster) -> None:
    """Give the pretrained member, if there is one, the weights that come with the package."""
    layer = members_of(model)
    if layer is not None and layer.pretrained is not None:
        load_synthetic(layer.pretrained.network)


def members_of(model: Forecaster) -> MemberForecasts | None:
    """The layer of a forecaster's members; None without any."""
    return model.get_layer(LAYER) if model.settings.members else None


def share_of(model: Forecaster) -> float | None:
    """The share of the trained network in a forecast, 0 to 1; None without members."""
    layer = members_of(model)
    return None if layer is None else float(np.array(layer.share))


def set_share(model: Forecaster, share: float) -> None:
    """Set the share of the trained network."""
    layer = members_of(model)
    if layer is not None:
        layer.share.assign(share)


@contextlib.contextmanager
def trained_alone(model: Forecaster) -> Iterator[None]:
    """Let the model forecast by what is trained alone, so that validation judges that."""
    layer = members_of(model)
    if layer is None:
        yield
        return
    layer.trained_alone = True
    try:
        yield
    finally:
        layer.trained_alone = False
        model.test_function = None  # its graph has no members; Keras makes another one


def is_too_short_to_train(model: Forecaster, table: pd.DataFrame) -> bool:
    """Whether the members alone forecast: the table has not three seasons of its calendar, or of its own."""
    settings = model.settings
    season = max(settings.season, natural_period(settings.frequency))
    return bool(settings.members) and season > 1 and len(table) < FEWEST_SEASONS * season


def parts_of(model: Forecaster, past: np.ndarray) -> np.ndarray:
    """The forecast, its members' and the trained one, `[3, B, H, C]` in raw units, after windows `[B, T, F]`.

    One compiled graph serves folds and forecasts.
    """
    fixed_axes = 1 if model.any_length else 2
    return model.graphs.compiled("parts", _parts(model), fixed_axes)(past)


def _parts(model: Forecaster) -> Any:
    layer = members_of(model)
    assert layer is not None
    inputs = keras.Model(model.inputs, list(layer.input))

    def parts(window: Any) -> Any:
        past, trained, *raw = inputs(window, training=False)
        _, statistics = model.network.scale_past(window)
        members = layer.mean_of_members(past, *raw)
        forecasts = (layer.mixed(members, trained), members, trained)
        return keras.ops.stack([model.network.raw_units(forecast, *statistics) for forecast in forecasts])

    return parts


def folds_of(windows: Windows, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """The latest windows whose horizons do not overlap: past `[K, T, F]` and what came `[K, H, C]`."""
    chosen = [windows[position] for position in range(len(windows) - 1, -1, -horizon)]
    return np.stack([window.x for window in chosen]), np.stack([window.y for window in chosen])


def share_by_folds(model: Forecaster, past: np.ndarray, came: np.ndarray) -> float:
    """The share of the trained network that is best on the folds, shrunk by k / (k + 4).

    It is 0 where the gain over the members alone is within one standard error over the folds.
    """
    _, members, trained = parts_of(model, past.astype("float32"))
    _, statistics = model.network.scale_past(keras.ops.convert_to_tensor(past.astype("float32")))
    scaled = [
        model.network.raw_units.scale(keras.ops.cast(part, "float32"), *statistics) for part in (came, members, trained)
    ]
    actual, simple, network = (np.asarray(keras.ops.convert_to_numpy(part), "float64") for part in scaled)
    errors = {share: _errors(actual, simple + share * (network - simple)) for share in (0.0, *SHARES)}
    return shrunk_share(errors)


def shrunk_share(errors: Mapping[float, np.ndarray]) -> float:
    """The share of the least mean of errors `(K,)`, shrunk; 0 within one standard error of the errors at 0."""
    count = len(errors[0.0])
    if count < 2:
        return 0.0
    best = min(errors, key=lambda share: float(np.mean(errors[share])))
    gains = errors[0.0] - errors[best]
    if gains.mean() <= gains.std(ddof=1) / np.sqrt(count):
        return 0.0
    return best * count / (count + WINDOWS_OF_HALF_TRUST)


def _errors(actual: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """The mean absolute error of each fold whose values are known."""
    distance = np.abs(actual - forecast).reshape(len(actual), -1)
    is_known = np.isfinite(distance).any(axis=1)
    return np.nanmean(distance[is_known], axis=1)


def remark_on_shares(forecasts: Sequence[pd.DataFrame]) -> str:
    """What a verdict says where the network adds nothing to the members, at some origins or at all; else nothing."""
    shares = [forecast.attrs.get(SHARE) for forecast in forecasts]
    simple = shares.count(0.0)
    if not simple:
        return ""
    if simple == len(shares):
        return "The network adds nothing that validation rows would show: the forecast is the simple one."
    return f"At {simple} of {len(shares)} origins the network adds nothing: the forecast is the simple one there."


class BestAverages(keras.callbacks.Callback):
    """Keep the weights of the lowest validation loss, as they were validated: averaged, before they are swapped back.

    It stands before `SwapEMAWeights`.
    """

    def __init__(self) -> None:
        """Nothing is kept yet."""
        super().__init__()
        self.lowest = float("inf")
        self.kept: list[np.ndarray] | None = None

    def on_test_end(self, logs: Any = None) -> None:
        """Keep the weights of a new lowest loss."""
        loss = float((logs or {}).get("loss", np.nan))
        if loss < self.lowest:
            self.lowest, self.kept = loss, self.model.get_weights()
