"""Build a forecaster of random weights: preset, settings, loss and optimizer, and what a refit asks for again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqkit.forecasting.build_pretrained import raw_metrics
from seqkit.forecasting.calendar_inputs import refuse_stamps_beyond, stamps_of
from seqkit.forecasting.categories import warn_of_constant
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.intermittent import chosen_loss
from seqkit.forecasting.like import Like
from seqkit.forecasting.members import take_pretrained_weights
from seqkit.forecasting.model import Forecaster
from seqkit.forecasting.presets import with_preset
from seqkit.forecasting.settings import ForecasterSettings
from seqkit.forecasting.settling import settle
from seqkit.forecasting.table_checks import check_columns
from seqkit.forecasting.tables import last_stamp
from seqkit.task.compiling import compile_built
from seqkit.task.plain_fit import averaging_adam

OF_A_PRESET = (
    *("cell", "units", "bidirectional", "dropout", "first_dropout", "segment", "baseline", "scaling", "transform"),
    *("squeeze", "channels", "channel_vectors", "head", "loss"),
)
OF_SETTINGS = (
    *("horizon", "timesteps", "features", "targets", "season", "fill", "most_windows", "members", "future_columns"),
    *("calendar", "holidays", "unseen"),
)
ARTICLE = "article"  # the preset that leaves everything as the articles write it


def build_new(like: Like, arguments: Mapping[str, Any]) -> Forecaster:
    """Make the compiled model; the arguments are those of `build_forecaster` by name."""
    preset, jit_compile = arguments["preset"], arguments["jit_compile"]
    network = _network(like, arguments)
    loss = network.pop("loss")
    settings = _settings(like, arguments, network)
    is_open = arguments["loss"] is None and preset is None
    loss = chosen_loss(loss, is_open, like.facts, settings.targets)
    asked = _asked(like, arguments, network, settings)
    model = Forecaster(settings, asked={name: value for name, value in asked.items() if value is not None})
    take_pretrained_weights(model)
    optimizer = arguments["optimizer"]
    if optimizer is None:
        optimizer = "adam" if preset == ARTICLE else averaging_adam()  # the articles write "adam"
    compile_built("build_forecaster", model, optimizer, jit_compile, loss=loss, weighted_metrics=raw_metrics())
    _show(model, like)
    return model


def _network(like: Like, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the arguments, the preset and the defaults say of the network and its loss."""
    given = {name: arguments[name] for name in OF_A_PRESET}
    if given["channels"] is None and arguments["preset"] is None and _weighs_columns(arguments["attention"]):
        given["channels"] = "joint"
    return with_preset(arguments["preset"], many=like.facts is not None and like.facts.series is not None, **given)


def _settings(like: Like, arguments: Mapping[str, Any], network: Mapping[str, Any]) -> ForecasterSettings:
    defaults: dict[str, Any] = {"activation": "tanh", "initial_state": "zeros", "attention": "none"}
    chosen = {name: default if arguments[name] is None else arguments[name] for name, default in defaults.items()}
    levels = arguments["quantiles"]
    return settle(
        facts=like.facts,
        levels=() if levels is None and arguments["preset"] == ARTICLE else levels,
        static_columns=like.static,
        words=like.words,
        **{name: arguments[name] for name in OF_SETTINGS},
        **chosen,
        **network,
    )


def _asked(
    like: Like, arguments: Mapping[str, Any], network: Mapping[str, Any], settings: ForecasterSettings
) -> dict[str, Any]:
    """The arguments that a refit passes again; it takes the others from its table."""
    asked = {name: arguments[name] for name in ("timesteps", "season", "fill", "most_windows", "members", "quantiles")}
    asked |= network
    # Dropout is one number for each layer, since a single number is its old spelling.
    asked |= {"dropout": list(settings.dropout), "first_dropout": None}
    asked |= {"activation": settings.activation, "initial_state": settings.initial_state}
    asked |= {"attention": list(settings.attention), "static_columns": list(like.static) or None}
    asked |= {"future_columns": list(settings.future_columns) or None}
    asked |= {"calendar": list(settings.calendar) or None, "holidays": settings.holidays}
    if like.words and all(isinstance(name, str) for name in like.words):  # a file's names are text
        words = {name: list(known) for name, known in like.words.items()}
        asked |= {"categories": words, "unseen": arguments["unseen"]}
    jit_compile = arguments["jit_compile"]
    return asked | {"jit_compile": None if jit_compile == "auto" else jit_compile}


def _show(model: Forecaster, like: Like) -> None:
    """Let the model see the table: its statistics and last stamp."""
    if like.table is None or like.rows is None:
        return
    if model.settings.series is None:
        check_columns(model.settings, like.rows)
    refuse_stamps_beyond(model.settings, stamps_of(like.table), model.settings.horizon, WHERE)
    warn_of_constant(like.table, like.words, [*model.settings.future_columns, *like.static])
    model.adapt(like.table)
    model.has_seen(last_stamp(like.table))


def _weighs_columns(attention: Any) -> bool:
    return attention == "features" or (isinstance(attention, (list, tuple)) and "features" in attention)
