"""Fonts that have all characters of a plot's names, for example Chinese ones, so that matplotlib does not warn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

# Sans-serif fonts with Chinese, Japanese or Korean characters, as Linux, macOS and Windows name them.
PREFERRED_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK JP"),
    *("PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti", "Microsoft YaHei", "Microsoft JhengHei"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Yu Gothic", "Malgun Gothic", "Arial Unicode MS"),
    *("Droid Sans Fallback", "SimSun"),
)
PACKAGED_FONT = "NotoSansCJKsc-Regular.otf"
GENERIC_FAMILIES = ("sans-serif", "serif", "monospace", "cursive", "fantasy")


class Writer:
    """Writes text with characters that its fonts can draw.

    A character that no installed font has becomes its Unicode escape; `escaped` is then True.
    """

    def __init__(self, families: list[str]):
        self.families = families
        self.escaped = False
        self._drawable = set().union(*map(_characters, families))

    def __call__(self, text: object) -> str:
        """Return `text` as a string of drawable characters."""
        return "".join(self._escape(character) for character in str(text))

    def _escape(self, character: str) -> str:
        if character == "\n" or ord(character) in self._drawable:
            return character
        self.escaped = True
        return character.encode("unicode_escape").decode("ascii")


@contextmanager
def readable_fonts(texts: Iterable[object]) -> Iterator[Writer]:
    """Draw new text in fonts that have the characters of `texts`, and a `$` as a `$`, inside the `with` block."""
    writer = Writer(_families({ord(character) for text in texts for character in str(text)}))
    settings: dict[Any, Any] = {"font.family": writer.families, "text.parse_math": False, "text.usetex": False}
    with mpl.rc_context(settings):
        yield writer


def _families(characters: set[int]) -> list[str]:
    """The user's own fonts, then one Chinese font, then other fonts that `characters` need."""
    installed = _installed_families()
    families = [name for name in _user_families() if name in installed] or ["DejaVu Sans"]
    candidates = sorted(installed - set(families), key=_rank)
    if candidates and candidates[0] in PREFERRED_FONTS:  # for a title that is set later
        families.append(candidates.pop(0))
    missing = characters.difference(*map(_characters, families))
    for name in candidates:
        if not missing:
            break
        if not missing.isdisjoint(_characters(name)):
            families.append(name)
            missing -= _characters(name)
    return families if not missing else [*families, *_packaged_families()]


@lru_cache(maxsize=1)
def _packaged_families() -> tuple[str, ...]:
    """The Chinese font of the package mplfonts (extra `fonts`), where it is installed."""
    package = find_spec("mplfonts")  # not imported, since importing it changes matplotlib's settings
    folders = package.submodule_search_locations if package else None
    path = Path(folders[0], "fonts", PACKAGED_FONT) if folders else None
    if path is None or not path.exists():
        return ()
    font_manager.fontManager.addfont(path)
    return (font_manager.FontProperties(fname=path).get_name(),)


def _user_families() -> list[str]:
    """The families of matplotlib's settings; their lists replace generic names."""
    settings: Mapping[Any, Any] = mpl.rcParams
    names: list[str] = []
    for name in settings["font.family"]:
        names += settings[f"font.{name}"] if name in GENERIC_FAMILIES else [name]
    return list(dict.fromkeys(names))


def _installed_families() -> set[str]:
    """The installed text fonts, and DejaVu Sans; matplotlib's other fonts are for formulas or draw boxes."""
    matplotlib_data = Path(mpl.get_data_path())
    regular = (entry for entry in font_manager.fontManager.ttflist if _is_regular(entry))
    return {entry.name for entry in regular if not Path(entry.fname).is_relative_to(matplotlib_data)} | {"DejaVu Sans"}


def _is_regular(entry: font_manager.FontEntry) -> bool:
    return entry.style == "normal" and entry.weight in (400, "normal", "regular")


def _rank(name: str) -> tuple[int, str]:
    return (PREFERRED_FONTS.index(name) if name in PREFERRED_FONTS else len(PREFERRED_FONTS), name)


@lru_cache(maxsize=256)
def _characters(family: str) -> frozenset[int]:
    """The code points of the characters that `family` can draw."""
    path = font_manager.findfont(font_manager.FontProperties(family=[family]))
    return frozenset(font_manager.get_font(path).get_charmap())
