"""The targets of a regressor: numbers from arrays, lists, columns and tables, with names, or a refusal in words.

Shapes: N samples, C targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.float32 import in_float32, without_mask
from seqkit.data.frames import as_pandas

USUAL_NAME = "value"
LEAST_VARIATION = 1e-6  # of the level; below, float32 has few steps within a spread
LEAST_SAMPLES = 2


class Targets(NamedTuple):
    """Numbers in raw units, as the user gave them."""

    values: np.ndarray  # (N, C), float32
    names: tuple[str, ...]
    is_one: bool  # whether they were one number for each sample, `[N]`

    def like(self, values: np.ndarray) -> Any:
        """Numbers `[N, C]` in the form of these: a named column or a table."""
        if self.is_one:
            return pd.Series(values[:, 0], name=self.names[0])
        return pd.DataFrame(values, columns=list(self.names))


def as_targets(where: str, y: Any, names: Sequence[str] | None = None, samples: int | None = None) -> Targets:
    """Read targets; refuse what is no finite number.

    Args:
        where: the public function, for messages.
        y: `[N]` or `[N, C]` numbers: an array, a list, a column, or a table with a column for each target.
        names: those of the model, or None where `y` says them. A table is read by these names, in any order.
        samples: N, or None for any.
    """
    y = as_pandas(without_mask(y))
    found = _own_names(y)
    if names is not None and isinstance(y, pd.DataFrame):
        y, found = _chosen(where, y, found, names), tuple(names)
    values = _numbers(where, y)
    is_one = values.ndim == 1
    values = values[:, None] if is_one else values
    if names is None:
        names = found or _usual_names(is_one, values.shape[1])
    if values.shape[1] != len(names):
        problem = f"{len(names)} targets are needed, {_checks.listed(names)}, got {values.shape[1]} for each sample."
        raise InvalidValue(where, problem, f"Pass numbers [samples, {len(names)}].", "y")
    if samples is not None and len(values) != samples:
        raise InvalidValue(where, f"{samples} samples and {len(values)} targets.", "They must pair up one to one.", "y")
    _refuse_unknown(where, values, names)
    return Targets(values, tuple(names), is_one)


def refuse_constant(where: str, targets: Targets) -> None:
    """Refuse targets from which nothing is to be learnt."""
    if len(targets.values) < LEAST_SAMPLES:
        problem = f"{LEAST_SAMPLES} samples or more are needed to learn from, got {len(targets.values)}."
        raise InvalidValue(where, problem, argument="y")
    values = targets.values.astype("float64")
    level, spread = np.abs(values.mean(axis=0)), values.std(axis=0)
    for name, column, of_level, of_spread in zip(targets.names, values.T, level, spread, strict=True):
        if np.ptp(column) == 0:
            problem = f"every target {name!r} is {column[0]:g}, so there is nothing to learn."
            raise InvalidValue(where, problem, "Is it the right column?", "y")
        if of_spread < LEAST_VARIATION * of_level:
            problem = (
                f"the target {name!r} varies by {of_spread:.3g} around {column.mean():.7g}, which float32 does not "
                "resolve."
            )
            raise InvalidValue(where, problem, "Subtract a constant from it before.", "y")


def named_targets(where: str, targets: Any) -> tuple[tuple[str, ...], bool]:
    """The names of targets, without samples, and whether there is one number for each sample."""
    if targets is None or isinstance(targets, str):
        return (targets or USUAL_NAME,), True
    names = list(targets) if isinstance(targets, (list, tuple)) else []
    if not names or not all(isinstance(name, str) for name in names):
        problem = f"without like=, targets= is a name or a list of names, got {targets!r:.80}."
        raise InvalidType(where, problem, "Pass like=<the training samples> beside their numbers.", "targets")
    return check_names(where, names), False


def check_names(where: str, names: Sequence[str]) -> tuple[str, ...]:
    """Refuse no names, empty ones, and a name that is there twice."""
    for name in names:
        if not name or list(names).count(name) > 1:
            problem = f"the target {name!r} is there twice." if name else "a target has no name."
            raise InvalidValue(where, problem, "Name each target once.", "targets")
    if not names:
        raise InvalidValue(where, "there are no targets.", "Pass a number for each sample.", "targets")
    return tuple(names)


def _own_names(y: Any) -> tuple[str, ...]:
    """The names that a column or a table says, if it does."""
    if isinstance(y, pd.DataFrame):
        return tuple(map(str, y.columns))
    return (str(y.name),) if isinstance(y, pd.Series) and y.name is not None else ()


def _usual_names(is_one: bool, count: int) -> tuple[str, ...]:
    return (USUAL_NAME,) if is_one else tuple(f"{USUAL_NAME}_{number}" for number in range(count))


def _chosen(where: str, table: pd.DataFrame, found: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    for name in names:
        if found.count(name) != 1:
            problem = f"the targets are {_checks.listed(names)}, the columns {_checks.listed(found)}."
            raise InvalidValue(where, problem, _checks.did_you_mean(name, found), "y")
    return table.iloc[:, [found.index(name) for name in names]]


def _numbers(where: str, y: Any) -> np.ndarray:
    """The numbers as float32 `[N]` or `[N, C]`."""
    if isinstance(y, str):
        raise InvalidType(where, f"a list of numbers is needed, got one string, {y!r}.", argument="y")
    try:
        array = y.to_numpy("float64", na_value=np.nan) if _is_nullable(y) else np.asarray(y)
        if array.dtype == object:
            _refuse_texts(where, array)
            array = array.astype("float64")
    except InvalidType:
        raise
    except (TypeError, ValueError):
        _refuse_cell(where, y)
        raise InvalidType(where, "the targets must be numbers, one or several for each sample.", argument="y") from None
    if array.dtype.kind not in "fiu":
        problem = f"the targets must be numbers, got {array.dtype}."
        hint = "Classes are for build_classifier and train_classifier." if array.dtype.kind in "bUS" else ""
        raise InvalidType(where, problem, hint, "y")
    if array.ndim not in (1, 2):
        problem = f"targets are [samples] or [samples, targets], got {array.ndim}-D of shape {array.shape}."
        raise InvalidValue(where, problem, argument="y")
    return in_float32(array)


def _is_nullable(y: Any) -> bool:
    """Whether a column or a table holds numbers of pandas's own types, whose missing values NumPy cannot read."""
    kinds = y.dtypes if isinstance(y, pd.DataFrame) else [y.dtype] if isinstance(y, pd.Series) else []
    return len(kinds) > 0 and all(
        pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in kinds
    )


def _refuse_texts(where: str, cells: np.ndarray) -> None:
    """Refuse text, which NumPy would turn into numbers without a word."""
    for position, row in enumerate(cells):
        for value in row if isinstance(row, (list, tuple, np.ndarray)) else [row]:
            if isinstance(value, (str, bytes)):
                _refuse_value(where, position, value)


def _refuse_cell(where: str, y: Any) -> None:
    """Name the first of the values that is no number."""
    cells = y.to_numpy(object) if isinstance(y, (pd.DataFrame, pd.Series)) else y
    for position, row in enumerate(cells if isinstance(cells, (list, tuple, np.ndarray)) else ()):
        for value in row if isinstance(row, (list, tuple, np.ndarray)) else [row]:
            try:
                float(value)
            except (TypeError, ValueError):
                _refuse_value(where, position, value)


def _refuse_value(where: str, position: int, value: Any) -> None:
    problem = f"the target of sample {position} is {value!r:.40}, {_checks.type_name(value)}."
    raise InvalidType(where, problem, "Numbers are needed.", "y") from None


def _refuse_unknown(where: str, values: np.ndarray, names: Sequence[str]) -> None:
    is_wrong = ~np.isfinite(values)
    if not is_wrong.any():
        return
    sample, target = np.argwhere(is_wrong)[0]
    of_several = f" {names[target]!r}" if len(names) > 1 else ""
    count = int(is_wrong.any(axis=1).sum())
    if np.isnan(values[sample, target]):
        problem = f"the target{of_several} of sample {sample} is missing ({count} of {len(values)} samples)."
        raise InvalidValue(where, problem, "Leave those samples out.", "y")
    problem = f"the target{of_several} of sample {sample} is infinite, or too large for float32."
    raise InvalidValue(where, problem, "Leave it out, or divide the target by a power of ten.", "y")
