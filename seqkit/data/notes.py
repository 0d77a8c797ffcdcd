"""Lines of a table file that hold no row: comments, a preamble, a second header, a footer."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from seqkit._checks import listed
from seqkit._errors import SeqkitWarning, keywords, warn

Record = tuple[int, list[str]]  # the line of the file, and its cells
LOOKS_LIKE_DATA = r"(?=\D*\d)[-+\d.,:/ ]+"
FEWEST_LINES = 4
MOST_LINES_OF_NOTES = 20
MOST_LINES_OF_HEADER = 3
LEAST_SHARE_OF_WIDTH = 0.9


class Notes(NamedTuple):
    """How many lines before the header and after the last row hold no row; None to find them."""

    skip_rows: int | None = None
    skip_footer: int | None = None


class Table(NamedTuple):
    """The lines of a file that make the table."""

    records: list[Record]
    left_out: list[int]  # the lines that hold notes


def without_notes(where: str, records: list[Record], skip_rows: int | None, skip_footer: int | None) -> list[Record]:
    """The header and the rows, without lines that cannot be one; a warning names what is left out.

    Comments begin with `#`. A preamble and a footer have another number of cells than nearly all other lines. Lines
    below the header without a digit, above lines with digits, belong to the header, as units do.

    Args:
        where: the function and the file, for messages.
        records: the lines of the file, blank ones left out.
        skip_rows: how many lines before the header to leave out; None to find them.
        skip_footer: how many lines after the last row to leave out; None to find them.
    """
    finds = _usual_width(records) > 1 and len(records) >= FEWEST_LINES
    table = Table([record for record in records if record[1]] if finds else records, [])
    if skip_rows is not None:
        table = Table([record for record in records if record[0] > skip_rows], [])
    elif finds:
        table = _without_units(_without_preamble(_without_comments(table)))
    if skip_footer:
        table = Table(table.records[:-skip_footer], table.left_out)
    elif skip_footer is None and finds:
        table = _without_footer(table)
    if table.left_out:
        lines = "lines " + listed(sorted(table.left_out)) if len(table.left_out) > 1 else f"line {table.left_out[0]}"
        way_out = "To choose yourself, pass " + keywords(skip_rows=...) + " and " + keywords(skip_footer=...) + "."
        warn(SeqkitWarning(where, f"left out, since they hold no row: {lines}.", way_out, "skip_rows"))
    return table.records


def _without_comments(table: Table) -> Table:
    return _kept(table, [record for record in table.records if not record[1][0].lstrip().startswith("#")])


def _without_preamble(table: Table) -> Table:
    """Without the first lines that have another number of cells than nearly all lines, and what is between them."""
    width = _usual_width(table.records)
    if width < 2:
        return table
    records = _with_header_of_width(table.records, width)
    first = _place_of_header([cells for _, cells in records[: MOST_LINES_OF_NOTES + 1]], width)
    if first is None or len(records) - first < FEWEST_LINES:
        return table
    return _kept(table, records[first:])


def _with_header_of_width(records: list[Record], width: int) -> list[Record]:
    """The lines; the one right above the first row without its last cell, if this is empty and one too many."""
    row = next((at for at, (_, cells) in enumerate(records) if len(cells) == width), 0)
    line, header = records[row - 1] if row else (0, [])
    if len(header) != width + 1 or header[-1].strip() or _has_data(header):
        return records
    return [*records[: row - 1], (line, header[:-1]), *records[row:]]


def _place_of_header(lines: list[list[str]], width: int) -> int | None:
    """The first line of this width, or the first below the last other one, where no row comes before it."""
    full = [at for at, cells in enumerate(lines) if len(cells) == width]
    row = next((at for at, cells in enumerate(lines) if _has_data(cells)), len(lines))
    others = [at for at in range(row) if len(lines[at]) != width]
    below = [at for at in full if others and others[-1] < at < row]
    header = next(iter(below or full), None)
    return None if header is None or _has_data(lines[header]) else header


def _without_footer(table: Table) -> Table:
    """Without the last lines of a single cell that holds words."""
    records = table.records
    while len(records) > FEWEST_LINES and _is_note(records[-1][1]):
        records = records[:-1]
    return _kept(table, records) if len(table.records) - len(records) <= MOST_LINES_OF_NOTES else table


def _is_note(cells: list[str]) -> bool:
    return len(cells) == 1 and re.fullmatch(LOOKS_LIKE_DATA, cells[0]) is None


def _without_units(table: Table) -> Table:
    """Without lines right below the header that hold no digit, where the lines below them do."""
    header, *rows = table.records or [(0, [])]
    count = next((at for at, (_, cells) in enumerate(rows) if _has_digit(cells)), 0)
    if not 0 < count <= MOST_LINES_OF_HEADER or not all(_has_digit(cells) for _, cells in rows[count:]):
        return table
    return _kept(table, [header, *rows[count:]])


def _usual_width(records: list[Record]) -> int:
    """The number of cells of nearly all lines; 0 if there is none."""
    widths = Counter(len(cells) for _, cells in records if cells)
    if not widths:
        return 0
    width, count = widths.most_common(1)[0]
    return width if count >= LEAST_SHARE_OF_WIDTH * (len(records) - MOST_LINES_OF_NOTES) and count >= 2 else 0


def _has_data(cells: list[str]) -> bool:
    return any(re.fullmatch(LOOKS_LIKE_DATA, cell) for cell in cells)


def _has_digit(cells: list[str]) -> bool:
    return any(character.isdigit() for cell in cells for character in cell)


def _kept(table: Table, records: list[Record]) -> Table:
    lines = {line for line, _ in records}
    return Table(records, table.left_out + [line for line, _ in table.records if line not in lines])
