"""Public names that are imported when they are used. Completing them imports nothing; a misspelt one is told apart."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from typing import Any

from seqkit._checks import did_you_mean


class LazyName(property):
    """A public name as a property of its package.

    A completer calls `getattr` on names that it finds only in `dir`, which would import TensorFlow: jedi, in notebooks,
    and `rlcompleter`, in Python's own prompt. Both leave properties alone.
    """

    def __init__(self, name: str) -> None:
        """Store the name."""
        super().__init__()
        self.public_name = name

    def __get__(self, package: Any, owner: type | None = None) -> Any:
        """Import the name at its first use."""
        if package is None:
            return self
        values = vars(package)
        if self.public_name not in values:
            values[self.public_name] = values["__getattr__"](self.public_name)
        return values[self.public_name]

    def __set__(self, package: Any, value: Any) -> None:
        """Put another object in the place of the name."""
        vars(package)[self.public_name] = value

    def __delete__(self, package: Any) -> None:
        """Forget the object; the next use imports it again."""
        vars(package).pop(self.public_name, None)


def name_lazily(package: str, names: Sequence[str]) -> None:
    """Make `names` properties of the package, which its `__getattr__` imports."""
    module = sys.modules[package]
    kind = type("LazyPackage", (type(module),), {name: LazyName(name) for name in names})
    module.__class__ = kind


def refuse_unknown_names(package: str, names: Sequence[str], load: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a package's `__getattr__`, which passes `names` to `load` and suggests the nearest for any other.

    `from seqkit import build_forcaster` drops the text of an AttributeError, so there the suggestion is raised as an
    ImportError.
    """

    def get(name: str) -> Any:
        if name in names:
            return load(name)
        nearest = did_you_mean(name, names)
        if nearest and _asked_by_from_import() and importlib.util.find_spec(f"{package}.{name}") is None:
            raise ImportError(f"cannot import name {name!r} from {package!r}.{nearest}", name=package)
        # Without `obj=None` Python adds a suggestion of its own to the traceback.
        raise AttributeError(f"module {package!r} has no attribute {name!r}.{nearest}", name=name, obj=None)

    return get


def _asked_by_from_import() -> bool:
    """Whether `importlib` asks for the name, for `from package import name`."""
    return sys._getframe(2).f_code.co_name == "_handle_fromlist"
