"""Reshape and windows: the only offset arithmetic in the package.

Shapes: B samples, T timesteps, F features, H horizon, C targets, N rows of a table.
A window that starts at row s has the inputs s .. s+T-1 and the targets s+T .. s+T+H-1,
so no target row is ever in its own input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit.data.pipelines import pipeline, position_batches
from seqkit.data.tables import require_regular

if TYPE_CHECKING:
    import tensorflow as tf


class Window(NamedTuple):
    """One training pair."""

    x: np.ndarray  # (T, F)
    y: np.ndarray  # (H, C)


def reshape(values: Any, *, timesteps: int | None = None, features: int | None = None) -> np.ndarray:
    """Turn a table with one sample a row into `[samples, timesteps, features]`.

    A row stays a sample: `(n, T*F) -> (n, T, F)`, each row read as its first step's features, then its
    second step's, and so on. Give `timesteps` or `features`; the other follows from the row's length.

    Args:
        values: array or DataFrame `[samples, timesteps * features]`.
        timesteps: steps in one sample.
        features: values at one step.

    Returns:
        Array `[samples, timesteps, features]` of the same numbers.

    Raises:
        ValueError: not 2-D, no rows, not numeric, or the row's length is not `timesteps * features`.

    Example:
        >>> reshape(np.arange(12).reshape(2, 6), timesteps=6).shape   # a series a row
        (2, 6, 1)
        >>> reshape(np.arange(12).reshape(2, 6), timesteps=1).shape   # a row of features a sample
        (2, 1, 6)
        >>> reshape(np.arange(12).reshape(2, 6), features=2).shape
        (2, 3, 2)
    """
    array = _numeric("reshape", values, "[samples, timesteps * features]")
    samples, length = array.shape
    if timesteps is None and features is None:
        raise InvalidValue("reshape", f"give timesteps or features; a row holds {length} values.")
    if timesteps is None:
        timesteps = length // _checks.whole_number("reshape", "features", features)
    timesteps = _checks.whole_number("reshape", "timesteps", timesteps, least=0)
    if features is None:
        features = length // max(timesteps, 1)
    features = _checks.whole_number("reshape", "features", features, least=0)
    if timesteps * features != length or not length:
        raise InvalidValue(
            "reshape",
            f"timesteps={timesteps} x features={features} makes {timesteps * features} values a row, got rows of "
            f"{length}.",
            f"Choose two whole numbers whose product is {length}.",
        )
    return array.reshape(samples, timesteps, features)


def make_windows(
    table: Any, *, timesteps: int, horizon: int, targets: str | int | Sequence[str | int] | None = None
) -> Windows:
    """Cut a table into lazy (past, target) pairs, one for every row it can start at.

    Nothing is copied until a pair or a batch is asked for.

    Args:
        table: DataFrame with a regular time index, or array `[rows, features]`.
        timesteps: rows of input, T.
        horizon: rows to predict, H.
        targets: the column or columns to predict (names for a DataFrame, positions for an array);
            all columns by default.

    Returns:
        `Windows`, with `len`, `[i]` giving `(x, y)` of shapes `[T, F]` and `[H, C]`, and `.dataset()`.

    Raises:
        ValueError: too few rows, an unknown or repeated target, an array that is not 2-D and numeric.

    Example:
        >>> windows = make_windows(np.arange(10.0).reshape(10, 1), timesteps=3, horizon=2)
        >>> len(windows)
        6
        >>> x, y = windows[0]
        >>> x[:, 0], y[:, 0]
        (array([0., 1., 2.], dtype=float32), array([3., 4.], dtype=float32))
    """
    timesteps = _checks.whole_number("make_windows", "timesteps", timesteps)
    horizon = _checks.whole_number("make_windows", "horizon", horizon)
    if isinstance(table, pd.Series):
        table = table.to_frame()
    if isinstance(table, pd.DataFrame):
        table = require_regular(table, "make_windows")
        names = list(table.columns)
    else:
        names = list(range(_numeric("make_windows", table, "[rows, features]").shape[1]))
    chosen = names if targets is None else [targets] if isinstance(targets, (str, int)) else targets
    positions = [names.index(name) for name in _checks.require_columns("make_windows", "target", chosen, names)]
    if not positions:
        raise InvalidValue(
            "make_windows", "targets is empty.", f"Name one or more of {_checks.listed(names)}.", argument="targets"
        )
    return cut_windows(table, timesteps, horizon, positions, where="make_windows")


def cut_windows(table: Any, timesteps: int, horizon: int, targets: Sequence[int], *, where: str) -> Windows:
    """`make_windows` on a checked table, target columns given by position."""
    first_target = own_rows_from(table) if isinstance(table, pd.DataFrame) else 0
    values = _numeric(where, table, "[rows, features]").astype("float32")
    start, span = max(0, first_target - timesteps), timesteps + horizon
    rows = len(values) - start
    if rows < span:
        raise InvalidValue(
            where,
            keywords(timesteps=timesteps)
            + " and "
            + keywords(horizon=horizon)
            + f" need {span} rows or more, got {rows}.",
            f"Shorten either, or pass more rows{_context_hint(first_target)}.",
        )
    windows = Windows(values, np.arange(start, start + rows - span + 1), timesteps, horizon, targets)
    windows.last_stamp = table.index[-1].isoformat() if isinstance(table, pd.DataFrame) else None
    return windows


def own_rows_from(table: pd.DataFrame) -> int:
    """Position of the first row that is not context lent by `split` (0 for a table of its own)."""
    stamp = table.attrs.get("targets_from")
    return 0 if stamp is None else int(table.index.searchsorted(stamp))


class Windows:
    """Lazy pairs over one array of rows; see `make_windows`."""

    def __init__(
        self, values: np.ndarray, starts: np.ndarray, timesteps: int, horizon: int, targets: Sequence[int]
    ) -> None:
        """Hold the rows (N, F), where each window starts, and which columns are targets."""
        self.values = values
        self.starts = starts
        self.timesteps = timesteps
        self.horizon = horizon
        self.targets = list(targets)
        self.last_stamp: str | None = None  # of the table the rows are from

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    def __getitem__(self, index: int) -> Window:
        """Copy out one window."""
        split = self.starts[index] + self.timesteps
        past = self.values[split - self.timesteps : split]
        return Window(past.copy(), self.values[split : split + self.horizon, self.targets])

    def __iter__(self) -> Iterator[Window]:
        """Yield the windows in order."""
        return (self[index] for index in range(len(self)))

    @property
    def has_gaps(self) -> bool:
        """Whether any target value is missing (NaN)."""
        return bool(np.isnan(self.values[:, self.targets]).any())

    def dataset(
        self, batch_size: int = 32, *, shuffle: bool = False, seed: int | None = None, passes: int = 1
    ) -> tf.data.Dataset:
        """Batches `(x, y)` for `keras.Model.fit`, gathered in the graph, never all in memory.

        Where a target value is missing, a third item weighs that step 0 in the loss.

        Args:
            batch_size: windows in a batch.
            shuffle: visit every window once in a new order, each pass and each epoch (some 300 bytes of memory a
                window).
            seed: of the order; by default `keras.utils.set_random_seed` decides.
            passes: times through all windows in one epoch.
        """
        import tensorflow as tf

        batch_size = _checks.whole_number("dataset", "batch_size", batch_size)
        values, starts, columns = (
            tf.constant(self.values),
            tf.constant(self.starts, tf.int32),
            tf.constant(self.targets),
        )
        steps, has_gaps = tf.range(self.timesteps + self.horizon), self.has_gaps

        def gather(index: tf.Tensor) -> tuple[tf.Tensor, ...]:
            rows = tf.gather(values, tf.gather(starts, index)[:, None] + steps)  # (B, T + H, F)
            x, y = rows[:, : self.timesteps], tf.gather(rows[:, self.timesteps :], columns, axis=2)
            if not has_gaps:
                return x, y
            known = tf.math.is_finite(y)
            # 1 stands in for what is missing: every transform takes it, and log(0) times a weight of 0 is NaN.
            return x, tf.where(known, y, 1.0), tf.cast(tf.reduce_all(known, axis=2), tf.float32)

        positions = position_batches(len(self), batch_size, shuffle=shuffle, seed=seed, passes=passes)
        # One traced function in all: building this is the whole cost of a call of `fit` beside its steps.
        batches = pipeline(positions, gather)
        batches.last_stamp = self.last_stamp
        return batches


def _numeric(where: str, values: Any, wanted: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 2:
        raise InvalidValue(
            where,
            f"wanted a 2-D array {wanted}, got {array.ndim}-D of shape {array.shape}.",
            "One series in a flat array becomes a column with values.reshape(-1, 1).",
        )
    if array.dtype.kind not in "fiub":
        raise InvalidValue(where, f"wanted numbers, got dtype {array.dtype}.", "Convert with values.astype('float32').")
    if not len(array):
        raise InvalidValue(where, f"wanted {wanted}, got no rows at all (shape {array.shape}).")
    return array


def _context_hint(first_target: int) -> str:
    return f" (the table has {first_target} context rows; split(context=) can lend more)" if first_target else ""
