"""What all models' settings share: they go into a saved model's config and come back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class PlainSettings:
    """The base of dataclasses of plain values."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild from JSON, which has lists for tuples."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in config.items()})

    def to_config(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)
