"""Long files of many series: the column that names them, and the rows of one series."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from seqkit._checks import did_you_mean, listed, require_columns
from seqkit._errors import InvalidType, InvalidValue, keywords
from seqkit.data.cells import Cells
from seqkit.data.time_parts import is_name_of_part

LEAST_SHARE = 0.5  # of the rows that share their stamp, and of the stamps that a series has
MOST_COLUMNS = 20  # that are looked at; the names of series stand at the left
MOST_NAMES = 5  # in a message


def keep_only(cells: Cells, only: Mapping[str, object] | None) -> Cells:
    """The rows where each column of `only` has this value; the columns themselves are left out.

    Args:
        cells: the file.
        only: column to value, as in `{"shop": 3}`; a number also fits a cell that writes it otherwise, as 3.0.
    """
    if not isinstance(only, Mapping | None) or (only is not None and not only):
        problem = f"only must name a column and its value, got {only!r}."
        raise InvalidType(cells.where, problem, "Pass it as in " + keywords(only={"shop": 3}) + ".", "only")
    for name, value in (only or {}).items():
        require_columns(cells.where, "column", [name], list(cells.texts.columns))
        chosen = _equals(cells.raw[name].str.strip(), value)
        if not chosen.any():
            values = cells.texts[name].dropna().unique().tolist()
            raise InvalidValue(
                cells.where,
                f"no row has {value!r} in column {name!r}, which holds {listed(values)}.",
                did_you_mean(value, values),
                argument="only",
            )
        cells = kept_rows(cells, chosen.to_numpy(), [column for column in cells.texts.columns if column != name])
    return cells


def kept_rows(cells: Cells, chosen: np.ndarray, names: list[str]) -> Cells:
    """The chosen rows `(rows,)` of the columns of these names."""
    texts, raw = (columns.kept(chosen, names) for columns in (cells.texts, cells.raw))
    numbers = {name: values[chosen] for name, values in cells.numbers.items() if name in names}
    return cells._replace(texts=texts, raw=raw, numbers=numbers, readings={}, lines=cells.lines[chosen])


def _equals(texts: pd.Series, value: object) -> pd.Series:
    same = texts == str(value)
    number = pd.to_numeric(str(value), errors="coerce")
    return same if same.any() or pd.isna(number) else pd.to_numeric(texts, errors="coerce") == number


def refuse_many_series(cells: Cells, time_names: list[str], stamps: pd.DatetimeIndex) -> None:
    """Refuse a file where most rows share their stamp with others, and one or two columns tell these apart."""
    is_shared = stamps.duplicated(keep=False)
    if is_shared.mean() < LEAST_SHARE:
        return
    names = _columns_of_names(cells, [name for name in cells.texts.columns if name not in time_names], stamps)
    if not names:
        return
    series = cells.texts.table(names).drop_duplicates()
    examples = series[names[0]].tolist() if len(names) == 1 else list(series.itertuples(index=False, name=None))
    columns = f"column {names[0]!r} names" if len(names) == 1 else f"columns {listed(names)} name"
    raise InvalidValue(
        cells.where,
        f"the file holds many series: {columns} {len(series)} of them, {listed(examples, most=MOST_NAMES)}.",
        "Read them all, with "
        + keywords(series=names[0] if len(names) == 1 else names)
        + ", or one, as with "
        + keywords(only=series.iloc[0].to_dict())
        + ".",
        argument="series",
    )


def _columns_of_names(cells: Cells, names: list[str], stamps: pd.DatetimeIndex) -> list[str]:
    """One or two columns whose values repeat at the time stamps, each once at a stamp; none where there are none."""
    rows, times = len(stamps), stamps.nunique()
    others = [name for name in names if not is_name_of_part(name)][:MOST_COLUMNS]  # an hour belongs to the stamps
    repeating = [name for name in others if 1 < cells.texts[name].nunique(dropna=False) <= rows // 2]
    for count in (1, 2):
        for columns in combinations(repeating, count):
            table = cells.texts.table(list(columns))
            series = len(table.drop_duplicates())
            is_full = rows >= LEAST_SHARE * series * times
            if is_full and not table.assign(**{"\0stamp": stamps.asi8}).duplicated().any():
                return list(columns)
    return []
