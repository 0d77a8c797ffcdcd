"""Settings of a model, which are written into its config and read back, and what a model connects from them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import MISSING, asdict, dataclass, fields
from types import UnionType
from typing import Any, NamedTuple, Self, get_args, get_origin, get_type_hints

import numpy as np

import seqkit
from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit._shown import shown_shortly
from seqkit.layers.cells import CELLS
from seqkit.layers.stack import INITIAL_STATES
from seqkit.layers.stack_arguments import activation_name, layer_dropout, layer_units
from seqkit.task.loading import current_load

RECURRENT_OPTIONS = ("units", "cell", "bidirectional", "dropout", "activation", "initial_state")
MOST_LAYERS = 256
NUMBERS = {int: numbers.Integral, float: numbers.Real}  # NumPy's too


@dataclass(frozen=True)
class PlainSettings:
    """The base of dataclasses of plain values.

    A setting that a file lacks has the default of its field: what the releases before that setting did.
    """

    def __init_subclass__(cls) -> None:
        """Show each setting on a line; a vocabulary of thousands of words is cut."""
        shown_shortly(cls)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild the settings from JSON, which has lists instead of tuples.

        Raises:
            ValueError: a setting that this release does not know, one that is missing, or what the builder refuses.
        """
        known = {field.name: field for field in fields(cls)}
        refuse_unknown(cls, config, known)
        missing = [name for name, field in known.items() if name not in config and field.default is MISSING]
        if missing:
            problem = f"the settings {_checks.listed(missing)} are missing."
            raise InvalidValue(cls.__name__, problem, "The file is damaged.", "settings")
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in config.items()}
        for name, hint in get_type_hints(cls).items():
            if name in values and not _fits(values[name], hint):
                problem = f"{name} must be {known[name].type}, got {values[name]!r:.80}."
                raise InvalidValue(cls.__name__, problem, argument=name)
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse settings with which no builder would end."""

    def check_recurrent(self, where: str) -> None:
        """Refuse what `RecurrentStack` refuses, in the words of a builder."""
        given = self.recurrent_options
        sizes, dropout = layer_units(where, given["units"]), given["dropout"]
        if len(sizes) > MOST_LAYERS:
            problem = f"units names {len(sizes)} layers, and {MOST_LAYERS} is the most."
            raise InvalidValue(where, problem, "Use wider layers.", argument="units")
        _checks.choice(where, "cell", given["cell"], CELLS)
        layer_dropout(where, dropout, len(sizes) if isinstance(dropout, tuple) else 1)
        activation_name(where, given["activation"])
        _checks.choice(where, "initial_state", given.get("initial_state", "zeros"), INITIAL_STATES)

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


def refuse_unknown(kind: type, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse settings that this release does not know: it would build another model without a word."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        load = current_load()
        version = load.version if load else ""
        wrote = f", and seqkit {version} wrote the file" if version else ""
        problem = f"seqkit {seqkit.__version__} does not know the settings {_checks.listed(unknown)}{wrote}."
        way_out = f"Load it with seqkit {version or 'of the release that wrote it'} or later."
        raise InvalidValue(kind.__name__, problem, way_out, "settings")


def _fits(value: Any, hint: Any) -> bool:
    """Whether a plain value is of a type, one of several, or a tuple of these."""
    if get_origin(hint) is UnionType:
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        parts = get_args(hint)
        parts = parts[:1] * len(value) if isinstance(value, tuple) and parts[-1] is ... else parts
        return isinstance(value, tuple) and len(value) == len(parts) and all(map(_fits, value, parts))
    if isinstance(value, (bool, np.bool_)) or hint is bool:
        return isinstance(value, (bool, np.bool_)) and hint is bool
    return isinstance(value, NUMBERS.get(hint, hint)) and not (hint is float and not math.isfinite(value))
