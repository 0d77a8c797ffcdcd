"""Presets: forecasters of the articles, each by one word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from seqkit import _checks
from seqkit._errors import InvalidValue

WHERE = "build_forecaster"
STACK: dict[str, Any] = {"cell": "lstm", "units": (128, 128, 64), "first_dropout": 0.5}
REPLACED = {"dropout": "first_dropout"}  # arguments that say the same as one of a preset


class Preset(NamedTuple):
    """A row of the table."""

    description: str
    arguments: Mapping[str, Any]  # of `build_forecaster`


DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "cell": "gru",
        "units": 32,
        "bidirectional": False,
        "scaling": "window",
        "baseline": "smoothed",
        "loss": "mae",
        "squeeze": False,
        "channels": "independent",
        "channel_vectors": 0,
        "head": "dense",
    }
)
LONG_HORIZON: dict[str, Any] = {
    "channels": "independent",
    "head": "segments",
    "cell": "gru",
    "units": 128,
    "first_dropout": 0.5,
}
DEFAULTS_OF_MANY: Mapping[str, Any] = MappingProxyType({**DEFAULTS, **LONG_HORIZON})  # series
PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "stacked_lstm": Preset(
            "the articles' stack, LSTM 128, dropout 0.5, LSTM 128, LSTM 64, dense, in the default scaling and baseline",
            MappingProxyType(STACK),
        ),
        "long_horizon": Preset(
            "each column by itself, segments of the horizon decoded by the same weights, GRU 128 (SegRNN)",
            MappingProxyType(LONG_HORIZON),
        ),
        "article": Preset(
            "the same stack exactly as the articles write it: raw values in and out, mean squared error, output [B, H]",
            MappingProxyType(
                {
                    **STACK,
                    "bidirectional": False,
                    "scaling": "none",
                    "transform": "none",
                    "baseline": "none",
                    "segment": 1,
                    "channels": "joint",
                    "loss": "mse",
                    "squeeze": True,
                }
            ),
        ),
    }
)


def with_preset(preset: str | None, *, many: bool = False, **arguments: Any) -> dict[str, Any]:
    """The arguments of a preset beside those that were given; the defaults for those that neither says.

    Args:
        preset: a name of `PRESETS`, or None.
        many: whether the model is of many series, whose defaults are others.
        arguments: of `build_forecaster`; None for those that were not given.

    Raises:
        ValueError: an unknown preset, or an argument that the preset says already.
    """
    chosen: Mapping[str, Any] = {}
    if preset is not None:
        chosen = _checks.choice(WHERE, "preset", preset, PRESETS).arguments
    for name, value in arguments.items():
        if value is not None and REPLACED.get(name, name) in chosen:
            raise InvalidValue(
                WHERE,
                f"preset={preset!r} says {name} already, got {name}={value!r}.",
                f"Leave {name} out, or leave preset out and give all arguments.",
                argument=name,
            )
    given = {name: value for name, value in arguments.items() if value is not None}
    defaults = dict(DEFAULTS_OF_MANY if many and preset is None else DEFAULTS)
    if "dropout" in given:
        defaults.pop("first_dropout", None)
    return {**dict.fromkeys(arguments), **defaults, **chosen, **given}
