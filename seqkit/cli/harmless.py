"""Text of others made harmless to its reader: names in a CSV for spreadsheets, and lines for a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

# Spreadsheets run cells that begin so (OWASP, CSV injection); a number such as -1 is none of them.
FORMULA = re.compile(r"[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?")
# Control characters but the newline, and those that turn the direction of what follows.
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def cell(text: Any) -> Any:
    """The text of a cell, with an apostrophe before it where a spreadsheet would take it for a formula."""
    if not isinstance(text, str) or not FORMULA.match(text) or NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """The table whose names and texts no spreadsheet runs; numbers stay as they are."""
    return table.map(cell).set_axis([cell(str(name)) for name in table.columns], axis=1)


def echo(text: object, err: bool = False) -> None:
    r"""Print the text; a character that would steer the terminal is shown as `\x1b`."""
    click.echo(UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode(), str(text)), err=err)
