"""The names of cells, in seqkit's spelling or in Keras's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqkit import _checks

OTHER_NAMES = {"rnn": "simple_rnn"}  # besides those that differ in capitals and underscores alone


def cell_name(where: str, cell: object, cells: Mapping[str, Any]) -> str:
    """Return the key of `cells` that `cell` spells, or refuse another cell; `"LSTM"` and `"SimpleRNN"` are Keras's.

    Example:
        >>> [cell_name("build_tagger", name, {"simple_rnn": 1, "lstm": 2}) for name in ("LSTM", "SimpleRNN", "RNN")]
        ['lstm', 'simple_rnn', 'simple_rnn']
    """
    spellings = {_plain(other): name for other, name in OTHER_NAMES.items() if name in cells}
    spellings |= {_plain(name): name for name in cells}
    name = spellings.get(_plain(cell), cell) if isinstance(cell, str) else cell
    _checks.choice(where, "cell", name, cells)
    return str(name)


def _plain(name: str) -> str:
    return name.lower().replace("_", "")
