"""Tables and columns of other libraries (polars, pyarrow, ...) as pandas."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from narwhals.dependencies import is_into_dataframe, is_into_series, is_polars_lazyframe

from seqkit._errors import InvalidValue, listed


def is_other_frame(x: Any) -> bool:
    """Whether `x` is a table of another library than pandas."""
    return not isinstance(x, pd.DataFrame) and (is_polars_lazyframe(x) or is_into_dataframe(x))


def is_other_column(x: Any) -> bool:
    """Whether `x` is a column of another library than pandas."""
    return not isinstance(x, (pd.Series, pd.Index)) and (is_into_series(x) or _is_pyarrow_array(x))


def _is_pyarrow_array(x: Any) -> bool:
    return type(x).__module__ == "pyarrow.lib" and hasattr(x, "to_pylist") and not hasattr(x, "column_names")


def as_pandas(x: Any) -> Any:
    """A table or column of another library as a DataFrame or a Series; anything else as it is."""
    if isinstance(x, (pd.DataFrame, pd.Series)):  # at once: `forecast` asks each time
        return x
    if is_other_frame(x):
        frame = nw.from_native(x.collect() if is_polars_lazyframe(x) else x, eager_only=True)
        return pd.DataFrame({name: _column(frame[name]) for name in frame.columns})
    if is_other_column(x):
        return pd.Series(x.to_pylist()) if _is_pyarrow_array(x) else _column(nw.from_native(x, series_only=True))
    return x


def _column(values: nw.Series[Any]) -> pd.Series:
    if values.dtype == nw.Datetime or values.dtype == nw.Date:
        zone = getattr(values.dtype, "time_zone", None)
        stamps = pd.Series(pd.DatetimeIndex(values.to_numpy()), name=values.name)
        return stamps if zone is None else stamps.dt.tz_localize("UTC").dt.tz_convert(zone)
    if values.dtype.is_numeric() or values.dtype == nw.Boolean:
        numbers = values.cast(nw.Float64).to_numpy() if values.is_null().any() else values.to_numpy()
        return pd.Series(np.asarray(numbers), name=values.name)
    return pd.Series(values.to_list(), name=values.name, dtype=object)


def as_time_table(where: str, x: Any) -> Any:
    """A table of another library as a DataFrame whose index is its only column of time stamps; else `x` as it is."""
    if isinstance(x, pd.DataFrame) or not is_other_frame(x):
        return as_pandas(x)
    frame = as_pandas(x)
    times = [name for name in frame.columns if pd.api.types.is_datetime64_any_dtype(frame[name])]
    if len(times) != 1:
        problem = f"the table needs one column of dates or times, got {listed(times) or 'none'}."
        way_out = "Leave the others out." if times else "Turn the column of the time into dates first."
        raise InvalidValue(where, problem, way_out)
    return frame.set_index(times[0])
