"""Time stamps that are one number: seconds or milliseconds since 1970, Excel's days, decimal years."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

EPOCH, EXCEL, DECIMAL_YEAR = "epoch", "excel", "decimal-year"
NUMBER_FORMS = (EPOCH, EXCEL, DECIMAL_YEAR)
NAMES_OF_TIME = r"(?i)(?:.*[ _.-])?(?:time|date|timestamp|datetime|stamp|ts|epoch|unix|datum|zeit|fecha|data|时间|日期)"
NAMES_OF_YEAR = r"(?i)(?:decimal|dec|frac(?:tional)?)?[ _.-]?(?:year|yr|jahr|年)"
EPOCH_UNITS = {"s": (1e8, 1e10), "ms": (1e11, 1e13), "us": (1e14, 1e16), "ns": (1e17, 1e19)}  # 1973 to about 2286
EXCEL_DAYS = (10_000, 80_000)  # 1927 to 2119
EXCEL_DAY_ZERO = "1899-12-30"
YEARS = (1000, 3000)
MONTHS_OF_ROUNDING = 0.06  # 1958.83 is 1958.8333
SECONDS_OF_DAY = 86_400


def number_form(name: str, texts: pd.Series) -> str | None:
    """The form that a column of numbers has under this header, if its header says that it holds the time."""
    if re.fullmatch(NAMES_OF_TIME, name):
        return next((form for form in NUMBER_FORMS if parse_number_stamps(texts, form).notna().all()), None)
    has_fractions = re.fullmatch(NAMES_OF_YEAR, name) is not None and texts.str.contains(r"\d[.,]\d", na=False).any()
    return DECIMAL_YEAR if has_fractions and parse_number_stamps(texts, DECIMAL_YEAR).notna().all() else None


def parse_number_stamps(texts: pd.Series, form: str) -> pd.Series:
    """Stamps of one of these forms; NaT where a number cannot be one."""
    numbers = pd.to_numeric(texts.str.replace(",", ".", regex=False), errors="coerce").astype("float64")
    return {EPOCH: _since_1970, EXCEL: _days_of_excel, DECIMAL_YEAR: _decimal_years}[form](numbers)


def _since_1970(numbers: pd.Series) -> pd.Series:
    for unit, (least, most) in EPOCH_UNITS.items():
        if numbers.between(least, most).all():
            return pd.Series(numbers.astype("int64").to_numpy().view(f"datetime64[{unit}]"), index=numbers.index)
    return _none(numbers)


def _days_of_excel(numbers: pd.Series) -> pd.Series:
    if not numbers.between(*EXCEL_DAYS).all():
        return _none(numbers)
    seconds = (numbers * SECONDS_OF_DAY).round()  # a clock in days is rounded in the last digits
    return pd.Timestamp(EXCEL_DAY_ZERO) + pd.to_timedelta(seconds, unit="s")


def _decimal_years(numbers: pd.Series) -> pd.Series:
    if not numbers.between(*YEARS).all():
        return _none(numbers)
    months = numbers * 12
    if (months - months.round()).abs().max() <= MONTHS_OF_ROUNDING:
        whole = months.round().astype("int64")
        return pd.to_datetime(pd.DataFrame({"year": whole // 12, "month": whole % 12 + 1, "day": 1}), errors="coerce")
    year = np.floor(numbers).astype("int64")
    starts = pd.to_datetime(pd.DataFrame({"year": year, "month": 1, "day": 1}))
    days = (numbers - year) * np.where(starts.dt.is_leap_year, 366, 365)
    return starts + pd.to_timedelta(days.round(), unit="D")


def _none(numbers: pd.Series) -> pd.Series:
    return pd.Series(pd.NaT, index=numbers.index, dtype="datetime64[ns]")
