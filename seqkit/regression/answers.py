"""A regressor's intervals: what held-out samples calibrate, which levels they promise, and tables of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.layers.target_scaling import LEVELS, ConformalIntervals, samples_needed
from seqkit.task.interval_levels import USUAL_LEVELS, checked_levels, interval_columns

NOT_CALIBRATED = "the model has no intervals: no samples that it has not seen say how far off it is."
CALIBRATE = (
    "Call model.calibrate(x, y) with samples held out of the training, or train with train_regressor, which holds out "
    "some of ten samples or more."
)


def tabulate_intervals(model: Any, x: Any, levels: Any, batch_size: int | None) -> pd.DataFrame:
    """Predict each target and the bounds of its intervals, as a table with a row for each sample."""
    found = promised_levels(model.intervals, levels)
    values = model.predict(x, batch_size, verbose=0).reshape(-1, len(model.targets), 1).astype("float64")  # (B, C, 1)
    widths = ops.convert_to_numpy(model.intervals.half_widths_at(found))  # (C, L)
    lower = ops.convert_to_numpy(model.raw_units.bounded(values - widths))
    bounds = np.stack([lower, values + widths], axis=-1)  # (B, C, L, 2)
    table = np.concatenate([values, bounds.reshape(*values.shape[:2], -1)], axis=-1)
    columns = interval_columns(model.targets, found)
    return pd.DataFrame(table.reshape(len(values), -1), x.index if isinstance(x, pd.Series) else None, columns)


def promised_levels(intervals: ConformalIntervals, levels: Any) -> tuple[float, ...]:
    """The levels, which rise; refuse those that the samples to calibrate with do not promise."""
    where = "predict_interval"
    found = checked_levels(where, levels)
    if not intervals.count:
        raise InvalidValue(where, NOT_CALIBRATED, CALIBRATE)
    for level in found:
        if level not in LEVELS:
            problem = f"a level of {level:g} % is not held: these are the whole numbers from 1 to 99, 99.5 and 99.9."
            raise InvalidValue(where, problem, argument="levels")
        if not intervals.promises(level):
            problem = (
                f"a level of {level:g} % needs {samples_needed(level)} samples to calibrate with, and there were "
                f"{intervals.count}, which promise {100 * intervals.count / (intervals.count + 1):.1f} % at most."
            )
            most = max(one for one in LEVELS if intervals.promises(one))
            way_out = f"Ask for {most:g} at most, or calibrate with more samples."
            raise InvalidValue(where, problem, way_out, argument="levels")
    return found


def served_levels(intervals: ConformalIntervals) -> tuple[float, ...]:
    """Of the levels 80 and 95, those that are promised."""
    return tuple(level for level in USUAL_LEVELS if intervals.count and intervals.promises(level))
