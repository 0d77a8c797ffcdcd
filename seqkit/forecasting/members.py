"""The members of a forecaster: which there are by default, and how much of the trained network is mixed in.

Shapes: B windows, T timesteps, F features, H horizon, C targets, K fold windows that do not overlap.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np

from seqkit.data.known_ahead import past_of
from seqkit.forecasting.member_forecasts import FIRST_SHARE_OF_PRETRAINED
from seqkit.forecasting.parts import members_of, parts_of
from seqkit.forecasting.seasons import natural_period
from seqkit.pretraining.weights import load_synthetic

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.data.windows import Windows
    from seqkit.forecasting.model import Forecaster

SHARE = "share of the network"  # in the attrs of a forecast
DEFAULT_MEMBERS = ("theta", "pretrained")  # benchmarks/members.py chose them on 132 series
SHARES = (0.25, 0.5, 0.75, 1.0)  # of the trained network, that folds are asked about
SHARES_OF_PRETRAINED = (0.0, *SHARES)  # among the members, beside the first one
MOST_FOLDS_OF_MEMBERS = 8  # the latest ones
SHARE_OF_MANY = 2 / 3  # of the trained network of a panel; benchmarks/panel_members.py chose it
FEWEST_SEASONS = 3  # of a table whose network is trained
FEWEST_FOLDS = 2  # that move a share; one has no standard error
LOSSES_OF_A_MIDDLE = (None, "mae", "mse", "mean_absolute_error", "mean_squared_error")


def default_members(options: Mapping[str, Any], rows: int | None) -> tuple[str, ...]:
    """The members of `train_forecaster`: none where the arguments ask for another simple forecast, or another scale.

    Args:
        options: arguments of `build_forecaster`.
        rows: validation rows as they were asked for; with 0, no fold could say what the network is worth.
    """
    usual = {"preset": (None,), "weights": (None,), "baseline": (None, "smoothed"), "scaling": (None, "window")}
    usual |= {"loss": LOSSES_OF_A_MIDDLE}
    is_usual = all(isinstance(options.get(name), (str, type(None))) for name in usual)
    is_usual = is_usual and all(options.get(name) in values for name, values in usual.items())
    return DEFAULT_MEMBERS if is_usual and rows != 0 else ()


def take_pretrained_weights(model: Forecaster) -> None:
    """Give the pretrained member, if there is one, the weights that come with the package."""
    layer = members_of(model)
    if layer is not None and layer.pretrained is not None:
        load_synthetic(layer.pretrained.network)


def share_of(model: Forecaster) -> float | None:
    """The share of the trained network in a forecast, 0 to 1; None without members."""
    layer = members_of(model)
    return None if layer is None else float(np.array(layer.share))


def pretrained_shares(model: Forecaster) -> list[float] | None:
    """The share of the pretrained network among the members, for each target; None where it has none of its own."""
    layer = members_of(model)
    if layer is None or layer.pretrained_share is None:
        return None
    return [float(share) for share in np.array(layer.pretrained_share)]


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
    return settings.series is None and bool(settings.members) and season > 1 and len(table) < FEWEST_SEASONS * season


def is_left_to_members(model: Forecaster, held_out: int) -> bool:
    """Whether so few validation rows of a table leave the network a share of 0, whatever it learns: one fold of them.

    Effects of future columns and of the calendar are learnt all the same.
    """
    settings = model.settings
    is_usual = settings.series is None and bool(settings.members) and not settings.has_effects
    return is_usual and held_out - settings.horizon + 1 <= (FEWEST_FOLDS - 1) * settings.horizon


def folds_of(windows: Windows, horizon: int, most: int | None = None) -> tuple[Any, np.ndarray]:
    """The latest windows whose horizons do not overlap, `most` of them: past `[K, T, F]` and what came `[K, H, C]`."""
    chosen = [windows[position] for position in range(len(windows) - 1, -1, -horizon)[:most]]
    past = keras.tree.map_structure(lambda *parts: np.stack(parts).astype("float32"), *(window.x for window in chosen))
    return past, np.stack([window.y for window in chosen])


class Share(NamedTuple):
    """How much of the trained network is mixed in, and the error of the mixture over that of the members alone."""

    share: float
    ratio: float = 1.0


def share_by_folds(model: Forecaster, past: Any, came: np.ndarray) -> Share:
    """The share of the trained network that is best on the folds, shrunk by what the folds leave open.

    It is 0 where the gain over the members alone is within one standard error over the folds.
    """
    parts = parts_of(model, past)
    simple, network = (parts[name].astype("float64") for name in ("simple", "trained"))
    actual = _scaled(model, past, came)
    errors = {share: _errors(actual, simple + share * (network - simple)) for share in (0.0, *SHARES)}
    share = shrunk_share(errors)
    mixed = _errors(actual, simple + share * (network - simple)).mean()
    return Share(share, float(mixed / errors[0.0].mean()) if share else 1.0)


def has_shares_to_weigh(model: Forecaster) -> bool:
    """Whether the pretrained network has a share of its own among the members, which folds of a single table move."""
    return pretrained_shares(model) is not None and model.settings.series is None


def weigh_members(model: Forecaster, windows: Windows) -> None:
    """Set the share of the pretrained network among the members, for each target, by folds of windows.

    None of the members is trained on the windows, so all of them may be folds. Each share starts from
    `FIRST_SHARE_OF_PRETRAINED`, and the folds move it as they do that of the trained network.

    Args:
        model: it has such shares, as `has_shares_to_weigh` says.
        windows: of the table that it is trained on.
    """
    layer = members_of(model)
    assert layer is not None
    past, came = folds_of(windows, model.settings.horizon, MOST_FOLDS_OF_MEMBERS)
    actual, found = _scaled(model, past, came), []
    for share in (0.0, 1.0):
        layer.pretrained_share.assign(np.full(layer.pretrained_share.shape, share))
        found.append(parts_of(model, past)["simple"].astype("float64"))
    others, pretrained = found
    first = FIRST_SHARE_OF_PRETRAINED
    mixed = {share: others + share * (pretrained - others) for share in (first, *SHARES_OF_PRETRAINED)}
    shares = []
    for target in range(actual.shape[-1]):
        errors = {share: _errors(actual[..., target], forecast[..., target]) for share, forecast in mixed.items()}
        shares.append(shrunk_share(errors, first))
    layer.pretrained_share.assign(shares)


def _scaled(model: Forecaster, past: Any, came: np.ndarray) -> np.ndarray:
    """What came `[K, H, C]` after the windows, in scaled units."""
    _, statistics = model.network.scale_past(keras.ops.convert_to_tensor(past_of(past)))
    scaled = model.network.raw_units.scale(keras.ops.cast(came, "float32"), *statistics)
    return np.asarray(keras.ops.convert_to_numpy(scaled), "float64")


def shrunk_share(errors: Mapping[float, np.ndarray], first: float = 0.0) -> float:
    """The first share, moved to that of the least mean of errors `(K,)` by 1 - (e / g)^2; not where g is within e.

    g is the mean gain over the first share, and e its standard error: the estimate of James & Stein (1961), its
    positive part.
    """
    count = len(errors[first])
    if count < FEWEST_FOLDS:
        return first
    best = min(errors, key=lambda share: float(np.mean(errors[share])))
    gains = errors[first] - errors[best]
    gain, error = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(count))
    return first + (best - first) * (1 - (error / gain) ** 2) if gain > error else first


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

    Attributes:
        first: the weights before training.
        kept: those of the lowest loss; the first ones where no loss was a number.
    """

    def __init__(self, model: keras.Model) -> None:
        """Keep the weights before training."""
        super().__init__()
        self.lowest = float("inf")
        self.first = self.kept = model.get_weights()

    def on_test_end(self, logs: Any = None) -> None:
        """Keep the weights of a new lowest loss."""
        loss = float((logs or {}).get("loss", np.nan))
        if loss < self.lowest:
            self.lowest, self.kept = loss, self.model.get_weights()
