"""The page of a report: what can stand on it, the HTML file that it becomes, and how it is saved."""

from __future__ import annotations

import datetime
import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from seqkit import __version__
from seqkit._errors import InvalidValue
from seqkit._whole_paths import whole_file
from seqkit.reports.columns import Columns
from seqkit.reports.plotly_library import packed_json, packed_library

ENDINGS = (".html", ".htm")
HEIGHT_IN_NOTEBOOK = 720  # pixels


@dataclass(frozen=True)
class Words:
    """Paragraphs."""

    paragraphs: Sequence[str]
    kind: str = "words"


@dataclass(frozen=True)
class Facts:
    """Names and what they are, two columns."""

    rows: Sequence[tuple[str, str]]
    kind: str = "facts"


@dataclass(frozen=True)
class Table:
    """A table of texts; the first column names the rows."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """A figure of Plotly's.

    Attributes:
        spec: `data` and `layout`; columns are those of `Columns`.
        label: what it shows, for who cannot see it.
        height: in pixels.
        title: above it.
        note: below it.
        fits: whether the vertical axis follows what a reader zooms to.
    """

    spec: dict[str, Any]
    label: str
    height: int = 360
    title: str = ""
    note: str = ""
    fits: bool = False
    kind: str = "figure"


@dataclass(frozen=True)
class Panel:
    """One of many figures: the text that a search finds, and its place in each of the orders."""

    name: str
    figure: Figure
    ranks: Sequence[int] = ()


@dataclass(frozen=True)
class Panels:
    """Many figures with a search box, and a choice of orders."""

    panels: Sequence[Panel]
    what: str  # they are called, in "12 of 200 series"
    orders: Sequence[str] = ()
    kind: str = "panels"


@dataclass(frozen=True)
class Shaded:
    """Ready HTML of a text whose words are shaded by weight."""

    title: str
    html: str
    kind: str = "shaded"


@dataclass(frozen=True)
class Folded:
    """Parts that a reader unfolds."""

    summary: str
    parts: Sequence[Any]
    kind: str = "folded"


@dataclass(frozen=True)
class Section:
    """A heading and its parts."""

    title: str
    parts: Sequence[Any]


class Report:
    """One HTML file that needs nothing else; `report` makes it.

    A notebook shows it in a frame, `save` writes it.

    Attributes:
        html: the whole file.
        title: its title.

    Example:
        >>> import seqkit as sk
        >>> page = sk.Report("<!doctype html><title>Passengers</title>", "Passengers")
        >>> page.title, page.encoded()[:9]
        ('Passengers', b'<!doctype')
    """

    def __init__(self, html: str, title: str) -> None:
        """Keep the file."""
        self.html, self.title = html, title

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, which ends in .html; it is written beside, and then takes the place of `path`.

        Args:
            path: The file.

        Raises:
            ValueError: The path does not end in .html or .htm.
            OSError: It cannot be written.
        """
        with whole_file("report", checked_path("report", path)) as written:
            written.write_bytes(self.encoded())

    def encoded(self) -> bytes:
        """The file as it is written: UTF-8."""
        return self.html.encode("utf-8")

    def __repr__(self) -> str:
        return f"Report\n  title  {self.title}\n  size   {len(self.encoded()) / 1e6:.2f} MB of HTML"

    def _repr_html_(self) -> str:
        style = f"width:100%;height:{HEIGHT_IN_NOTEBOOK}px;border:1px solid #ccc"
        return f'<iframe title="{html.escape(self.title)}" srcdoc="{html.escape(self.html)}" style="{style}"></iframe>'


def checked_path(where: str, path: str | os.PathLike[str]) -> Path:
    """Refuse a file that a browser would not open as a page."""
    if Path(path).suffix.lower() not in ENDINGS:
        raise InvalidValue(where, f"path must end in .html, got {os.fspath(path)!r}.", "Name it so.", "path")
    return Path(path)


class Page:
    """A page that is being written: its columns, and then all of it."""

    def __init__(self, title: str) -> None:
        """Begin with a title."""
        self.title, self.columns = title, Columns()
        self._figures: list[dict[str, Any]] = []

    def report(self, lead: Sequence[str], cards: Sequence[tuple[str, str, str]], sections: Sequence[Section]) -> Report:
        """The file.

        Args:
            lead: the verdict in words, one paragraph each.
            cards: the main figures: what, how much, and beside what.
            sections: all else, in its order.
        """
        text = _template().render(
            title=self.title,
            lead=lead,
            cards=cards,
            sections=sections,
            place=self._place,
            style=_asset("page.css"),
            script=_asset("page.js"),
            library=packed_library(),
            figures=lambda: packed_json({"figures": self._figures, "columns": self.columns.written}),
            made=datetime.date.today().isoformat(),
            version=__version__,
        )
        return Report(text, self.title)

    def _place(self, figure: Figure) -> int:
        """The number of a figure, in the order in which the page places them."""
        self._figures.append(figure.spec)
        return len(self._figures) - 1


@cache
def _asset(name: str) -> str:
    return files("seqkit.reports").joinpath(name).read_text("utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("page.html"))
