"""Series in wide form: a row for each series and a column for each timestep, as in the UCR archive.

Shapes: T timesteps, F features.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pandas as pd

from seqkit._checks import listed, require_columns
from seqkit._errors import InvalidValue, SeqkitWarning, keywords, warn
from seqkit.data.cells import Cells, read_cells
from seqkit.data.float32 import in_float32
from seqkit.data.sideways import are_stamps
from seqkit.data.sources import Origin, read_source
from seqkit.data.text_columns import as_values

FEWEST_STEPS = 3
NUMBERED = r"(.*?)(\d+)"  # x1, t_07, 0: a prefix and the number of the step
NAMES_OF_LABELS = r"(?i)labels?|class(es)?|targets?|y|category|kind|species|标签|类别?"
NAMES_OF_SERIES = r"(?i)(.*[ _-])?(id|name|series|sample)|unnamed: ?0|column 1"
WHOLE_NUMBER = r"[-+]?\d+(\.0*)?(e[+-]?0+)?"


class WideTable(NamedTuple):
    """What the columns of a wide table are."""

    steps: list[list[str]]  # (T, F) names of columns
    features: list[str]
    label: str | None
    names: str | None  # the column that names the series


def read_wide_cells(
    path: Origin, *, encoding: str | None, separator: str | None, sheet: str | None = None, where: str
) -> Cells:
    """Read a wide table with or without a header; without one its columns are `column 1`, `column 2` ..."""
    source = read_source(where, path, sheet)
    cells = read_cells(source, encoding=encoding, separator=separator, header=False)
    first = as_values(pd.Series([cells.raw[name].iloc[0].strip() for name in cells.raw.columns], dtype="str")).dropna()
    numbers = pd.to_numeric(first, errors="coerce").dropna()
    counts_up = len(numbers) > 1 and bool((numbers.diff().iloc[1:] == 1).all())
    is_data = len(first) - len(numbers) <= 1 and len(numbers) >= FEWEST_STEPS and not counts_up
    return cells if is_data else read_cells(source, encoding=encoding, separator=separator, header=True)


def wide_table(cells: Cells, label: str | None, series: str | None = None) -> WideTable | None:
    """What the columns are, or None where no three of them are the timesteps of a series.

    Args:
        cells: the file.
        label: the column of the classes, None for none, "auto" for the one that is named so, or the first or last.
        series: the column that names the series, if there is one.
    """
    names = cells.texts.columns
    others = [name for name in names if name not in (label, series)]
    if label == "auto" and "auto" not in names:
        label = _label_column(cells, others)
        others = [name for name in others if name != label]
    steps = _step_columns(others)
    if not steps:
        return None
    features = list(steps)
    used = {name for columns in steps.values() for name in columns}
    unused = [name for name in others if name not in used]
    if series is None:
        series = next((name for name in unused if _names_rows(cells, name)), None)
    _warn_of_unused(cells.where, [name for name in unused if name != series])
    rows = [list(columns) for columns in zip(*steps.values(), strict=True)]
    return WideTable(rows, ["value"] if len(features) == 1 else features, label, series)


def _step_columns(names: list[str]) -> dict[str, list[str]]:
    """The columns of the timesteps in their order, by feature; empty where these are no timesteps."""
    if len(names) >= FEWEST_STEPS and are_stamps(pd.Series(names, dtype="str")):
        return {"value": names}
    numbered: dict[str, dict[int, str]] = defaultdict(dict)
    for name in names:
        match = re.fullmatch(NUMBERED, name)
        if match:
            numbered[match[1].rstrip(" _-.[") or "value"][int(match[2])] = name
    most = max((len(columns) for columns in numbered.values()), default=0)
    longest = {prefix: columns for prefix, columns in numbered.items() if len(columns) == most}
    if most < FEWEST_STEPS or len({tuple(sorted(columns)) for columns in longest.values()}) > 1:
        return {}
    return {prefix: [columns[number] for number in sorted(columns)] for prefix, columns in longest.items()}


def _label_column(cells: Cells, names: list[str]) -> str:
    by_name = [name for name in names if re.fullmatch(NAMES_OF_LABELS, name)]
    if len(by_name) == 1:
        return by_name[0]
    steps = {name for columns in _step_columns(names).values() for name in columns}
    others = [name for name in names if name not in steps and not _names_rows(cells, name)]
    ends = others if others else [names[0], names[-1]]
    classes = [name for name in dict.fromkeys(ends) if _holds_classes(cells.texts[name])]
    if len(classes) == 1:
        return classes[0]
    problem = f"which column holds the classes: {listed(classes or ends)}?"
    raise InvalidValue(cells.where, problem, "Name it: " + keywords(label=(classes or ends)[0]) + ".", "label")


def _holds_classes(texts: pd.Series) -> bool:
    """Whether a column holds text or whole numbers, on average two rows or more of each."""
    known = texts.dropna()
    is_number = pd.to_numeric(known, errors="coerce").notna()
    is_whole = known[is_number].str.fullmatch(WHOLE_NUMBER).all()
    return bool(len(known) == len(texts) and is_whole and 2 <= known.nunique() <= max(2, len(known) // 2))


def _names_rows(cells: Cells, name: str) -> bool:
    return re.fullmatch(NAMES_OF_SERIES, name) is not None and cells.texts[name].is_unique


def _warn_of_unused(where: str, unused: list[str]) -> None:
    if unused:
        warn(SeqkitWarning(where, f"left out: {listed(unused)}, which are no numbered steps.", argument="features"))


def wide_values(numbers: pd.DataFrame, table: WideTable) -> list[np.ndarray]:
    """The series `(T_i, F)`, each without the missing steps at its end."""
    rows = in_float32(numbers[[name for step in table.steps for name in step]].to_numpy())
    series = rows.reshape(len(rows), len(table.steps), len(table.features))
    is_known = ~np.isnan(series).all(axis=2)
    lengths = is_known.shape[1] - is_known[:, ::-1].argmax(axis=1)
    return [values[:length] for values, length in zip(series, lengths, strict=True)]


def require_wide(cells: Cells, label: str | None) -> WideTable:
    """The same as `wide_table`, or refuse a table that has no columns of timesteps."""
    if label not in (None, "auto"):
        require_columns(cells.where, "column", [label], cells.texts.columns)
    table = wide_table(cells, label)
    if table is None:
        raise InvalidValue(
            cells.where,
            "the columns are no steps of series: where each row is a series, they are numbered, as t0, t1, t2.",
            "Name the column of the texts, " + keywords(text=...) + ", or of the series, " + keywords(series=...) + ".",
        )
    return table
