"""Fonts that have the characters of a plot's names, so that Chinese names are drawn and nothing warns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

# Sans-serif fonts with Chinese, Japanese or Korean characters, as Linux, macOS and Windows name them.
PREFERRED = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP"),
    *("PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti", "Microsoft YaHei", "Microsoft JhengHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS"),
    *("Droid Sans Fallback", "SimSun"),
)
GENERIC = ("sans-serif", "serif", "monospace", "cursive", "fantasy")


class Writer:
    """Spells text so that its fonts can draw it.

    A character that no installed font has becomes its Unicode escape; `escaped` then says so.
    """

    def __init__(self, families: list[str]):
        self.families = families
        self.escaped = False
        self._drawable = set().union(*map(_characters, families))

    def __call__(self, text: object) -> str:
        """Return `text` as a string of drawable characters."""
        return "".join(self._spell(character) for character in str(text))

    def _spell(self, character: str) -> str:
        if character == "\n" or ord(character) in self._drawable:
            return character
        self.escaped = True
        return character.encode("unicode_escape").decode("ascii")


@contextmanager
def readable(texts: Iterable[object]) -> Iterator[Writer]:
    """Within it, new text is drawn in fonts that have the characters of `texts`, and a `$` stays a `$`."""
    writer = Writer(_families({ord(character) for text in texts for character in str(text)}))
    settings: dict[Any, Any] = {
        "font.family": writer.families,
        "text.parse_math": False,
        "text.usetex": False,
    }
    with mpl.rc_context(settings):
        yield writer


def _families(characters: set[int]) -> list[str]:
    """The user's own fonts, then one Chinese font, then whichever others `characters` need."""
    installed = _installed()
    families = [name for name in _own() if name in installed] or ["DejaVu Sans"]
    candidates = sorted(installed - set(families), key=_rank)
    if candidates and candidates[0] in PREFERRED:  # so that a title set later is drawn as well
        families.append(candidates.pop(0))
    missing = characters.difference(*map(_characters, families))
    for name in candidates:
        if not missing:
            break
        if not missing.isdisjoint(_characters(name)):
            families.append(name)
            missing -= _characters(name)
    return families


def _own() -> list[str]:
    """The families of matplotlib's settings, generic names spelled out."""
    settings: Mapping[Any, Any] = mpl.rcParams
    names: list[str] = []
    for name in settings["font.family"]:
        names += settings[f"font.{name}"] if name in GENERIC else [name]
    return list(dict.fromkeys(names))


def _installed() -> set[str]:
    """Text fonts; of matplotlib's own only DejaVu Sans, as the rest are for formulas or draw boxes."""
    own = Path(mpl.get_data_path())
    upright = (entry for entry in font_manager.fontManager.ttflist if _is_regular(entry))
    return {entry.name for entry in upright if not Path(entry.fname).is_relative_to(own)} | {"DejaVu Sans"}


def _is_regular(entry: font_manager.FontEntry) -> bool:
    return entry.style == "normal" and entry.weight in (400, "normal", "regular")


def _rank(name: str) -> tuple[int, str]:
    return (PREFERRED.index(name) if name in PREFERRED else len(PREFERRED), name)


@lru_cache(maxsize=256)
def _characters(family: str) -> frozenset[int]:
    """The code points that `family` can draw."""
    path = font_manager.findfont(font_manager.FontProperties(family=[family]))
    return frozenset(font_manager.get_font(path).get_charmap())
