"""The order of the timesteps of labelled sequences, whose time is a number, a code such as t10, a clock or a date."""

from __future__ import annotations

import pandas as pd

from seqkit._errors import InvalidValue, keywords
from seqkit.data.stamps import readings

NUMBER_WITH_UNIT = r"^(?P<before>\D*?)(?P<number>[-+]?\d+(?:[.,]\d+)?)(?P<after>\D*)$"
CLOCK = r"^\d{1,3}:\d\d(?::\d\d(?:\.\d+)?)?$"


def order_of_steps(where: str, name: str, column: pd.Series) -> pd.Series:
    """The time of each row as a number or a time stamp that sorts as time does, not as text does.

    Args:
        where: the public function, for messages.
        name: the name of the column.
        column: its values `(rows,)`; none is missing.

    Raises:
        ValueError: texts that are neither numbers, codes with one number, clocks nor dates of one form.
    """
    if pd.api.types.is_numeric_dtype(column) or not isinstance(column.iloc[0], str):
        return column
    texts = column.astype("str").str.strip()
    for read in (_numbers, _numbers_of_codes, _clocks):
        order = read(texts)
        if order.notna().all():
            return order
    stamps = readings(where, texts, None)
    complete = [reading for reading in stamps.values() if reading.notna().all()]
    if not complete:
        raise InvalidValue(
            where,
            f"the steps in column {name!r}, such as {texts.iloc[0]!r}, are neither numbers nor times of one form.",
            "Number them, or leave " + keywords(time=...) + " out if the rows are in order.",
            argument="time",
        )
    ranks = [reading.rank(method="dense") for reading in complete]
    if not all(rank.equals(ranks[0]) for rank in ranks):
        raise _ambiguous(where, name, texts)
    return complete[0]


def _ambiguous(where: str, name: str, texts: pd.Series) -> ValueError:
    return InvalidValue(
        where,
        f"the time in column {name!r}, such as {texts.iloc[0]!r}, may have the day first or the month first, and no "
        "row decides.",
        "Write it as 2020-01-31.",
        argument="time",
    )


def _numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts, errors="coerce")


def _numbers_of_codes(texts: pd.Series) -> pd.Series:
    """The number in `t10` or `9 s`, where all texts are the same around it."""
    parts = texts.str.extract(NUMBER_WITH_UNIT)
    is_one_code = parts["before"].nunique() == 1 and parts["after"].nunique() == 1
    numbers = pd.to_numeric(parts["number"].str.replace(",", ".", regex=False), errors="coerce")
    return numbers if is_one_code else numbers * float("nan")


def _clocks(texts: pd.Series) -> pd.Series:
    """Seconds of `9:00` or `10:00:30`."""
    if not texts.str.match(CLOCK).all():
        return pd.Series(float("nan"), index=texts.index)
    parts = texts.str.split(":", expand=True).astype("float64").fillna(0.0)
    seconds = [3600.0, 60.0, 1.0][: parts.shape[1]]
    return (parts * seconds).sum(axis=1)
