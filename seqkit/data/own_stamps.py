"""Time stamps as the file of a table writes them."""

from __future__ import annotations

import pandas as pd

from seqkit.data.clocks import written
from seqkit.data.time_formats import write_stamps


def own_stamps(table: pd.DataFrame, timezone: str | None = None) -> list[str]:
    """The stamps of the rows in the format of the table's file, or in ISO format where it is unknown.

    Args:
        table: of one series, or a panel.
        timezone: the zone of the file's clock, where the index is in UTC.
    """
    index = pd.DatetimeIndex(table.index.get_level_values(-1))
    if timezone is not None:
        index = index.tz_convert(timezone)
    time_format = table.attrs.get("time_format")
    if time_format is not None:
        return write_stamps(index, time_format)
    whole_days = index.tz is None and (index == index.normalize()).all()
    return [written(stamp) if whole_days else str(stamp) for stamp in index]
