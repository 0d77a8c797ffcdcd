"""Settings of a model, which are written into its config and read back, and what a model connects from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from seqkit._shown import shown_shortly

RECURRENT_OPTIONS = ("units", "cell", "bidirectional", "dropout", "activation", "initial_state")


@dataclass(frozen=True)
class PlainSettings:
    """The base of dataclasses of plain values."""

    def __init_subclass__(cls) -> None:
        """Show each setting on a line; a vocabulary of thousands of words is cut."""
        shown_shortly(cls)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild the settings from JSON, which has lists instead of tuples."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in config.items()})

    @property
    def recurrent_options(self) -> dict[str, Any]:
        """The settings that are arguments of `RecurrentStack`, under their names there."""
        return {name: getattr(self, name) for name in RECURRENT_OPTIONS if hasattr(self, name)}

    def to_config(self) -> dict[str, Any]:
        """The settings as a dict of plain values."""
        return asdict(self)


class Connected(NamedTuple):
    """What `Task.connect` makes of settings."""

    network: Any  # the layers, in whatever form the task keeps them
    inputs: Any  # of the graph that trains
    outputs: Any
