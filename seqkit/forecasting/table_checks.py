"""What a forecaster refuses of a table: other columns, another step, too few rows, an unknown future."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, SeqkitWarning, keywords, warn
from seqkit.forecasting.choices import WHERE
from seqkit.forecasting.settings import ForecasterSettings

SMALLEST_RELATIVE_SPREAD = 1e-6  # float32 holds about seven digits
SPREADS_IN_FLOAT32 = (1e-17, 1e17)  # their squares are float32 numbers


def refuse_other_table(settings: ForecasterSettings, names: Sequence[Any], frequency: str | None, where: str) -> None:
    """Refuse other columns, or another step, than the model was built for."""
    missing = [name for name in settings.table_columns if name not in names]
    extra = [name for name in names if name not in settings.table_columns]
    if missing or extra:
        differences = [f"lacks {_checks.listed(missing)}"] if missing else []
        differences += [f"adds {_checks.listed(extra)}"] if extra else []
        raise InvalidValue(
            where,
            f"the model was built for the columns {_checks.listed(settings.table_columns)}; the table "
            f"{' and '.join(differences)}.",
            f"Pass table[{list(settings.table_columns)!r}].",
        )
    if settings.frequency and frequency != settings.frequency:
        raise InvalidValue(
            where,
            f"the model was built for the frequency {settings.frequency!r}, the table has {frequency!r}.",
            "Resample the table, or build a model with like=table.",
        )


def check_columns(settings: ForecasterSettings, table: pd.DataFrame) -> None:
    """Refuse a column that float32 cannot scale; warn of a constant one, and of changes small beside the level."""
    for name, transform in zip(settings.columns, settings.transform, strict=True):
        if name in settings.future_columns or name in settings.categories:  # there are other words for these
            continue
        values = table[name].to_numpy("float64")
        spread, level = float(np.nanstd(values)), float(np.nanmax(np.abs(values), initial=0.0))
        if spread and transform == "none" and not SPREADS_IN_FLOAT32[0] <= spread <= SPREADS_IN_FLOAT32[1]:
            problem = f"column {name!r} varies by {spread:.3g}, and float32 cannot hold the square of that."
            raise InvalidValue(WHERE, problem, f"{'Multiply' if spread < 1 else 'Divide'} it by a power of ten before.")
        if spread == 0:
            problem, way_out = f"column {name!r} is constant; its forecast is that constant.", ""
            if settings.has_effects and name in settings.targets:
                problem = f"column {name!r} is constant, so what is learnt of known columns and the calendar is noise."
                way_out = "Leave them out, and its forecast is that constant."
        elif spread < SMALLEST_RELATIVE_SPREAD * level:
            problem = f"column {name!r} varies by {spread:.3g} around {level:.3g}, less than float32 resolves."
            way_out = "Subtract its level before."
        else:
            continue
        warn(SeqkitWarning(WHERE, problem, way_out))


def require_window(settings: ForecasterSettings, table: pd.DataFrame, where: str, ahead: int = 0) -> None:
    """Refuse a table with fewer rows than a window, and so many whose future columns are known."""
    if len(table) < settings.timesteps + ahead:
        future = f" rows and the future of {ahead}" if ahead else " rows"
        raise InvalidValue(
            where,
            "the model reads " + keywords(timesteps=settings.timesteps) + f"{future}, the table has {len(table)}.",
            "Pass more history, or build with fewer timesteps.",
        )


def refuse_unknown_future(settings: ForecasterSettings, steps: int) -> None:
    """Refuse steps beyond the horizon where a column is no target: its future values are unknown."""
    known = (*settings.targets, *settings.future_columns)
    others = [name for name in settings.columns if name not in known]
    if steps > settings.horizon and others:
        raise InvalidValue(
            "forecast",
            f"steps={steps} is beyond the horizon of {settings.horizon}. That needs the future of "
            f"{_checks.listed(others)}, which is not forecast because it is not a target.",
            "Build with " + keywords(horizon=steps) + ", make it a target, or name it in future_columns.",
            argument="steps",
        )
