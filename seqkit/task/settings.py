"""The base of all models' settings, which are written into a saved model's config and read back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class PlainSettings:
    """The base of dataclasses of plain values."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild the settings from JSON, which has lists instead of tuples."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in config.items()})

    def to_config(self) -> dict[str, Any]:
        """The settings as a dict of plain values."""
        return asdict(self)
