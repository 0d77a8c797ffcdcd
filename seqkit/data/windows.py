"""Windows: the only arithmetic of row offsets in the package.

Shapes: B samples, T timesteps, F features, H horizon, C targets, N rows of a table.
A window that starts at row s has the inputs s .. s+T-1 and the targets s+T .. s+T+H-1,
so the input of a window never contains its targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidValue, keywords
from seqkit._shown import shown_shortly
from seqkit.data.context import FIRST_TARGET, first_target_row, with_earlier_rows
from seqkit.data.float32 import in_float32, numeric_rows, refuse_infinite
from seqkit.data.frames import is_other_frame
from seqkit.data.known_ahead import PAST, Known, window_input
from seqkit.data.pipelines import pipeline, position_batches, run_batches
from seqkit.data.regular import require_regular
from seqkit.data.runs import Runs

if TYPE_CHECKING:
    import tensorflow as tf


@shown_shortly
class Window(NamedTuple):
    """One training pair."""

    x: Any  # (T, F); of columns that are known ahead a dict, see `Windows`
    y: np.ndarray  # (H, C)


def make_windows(
    table: Any, *, timesteps: int, horizon: int, targets: str | int | Sequence[str | int] | None = None
) -> Windows:
    """Cut a table into lazy (past, target) pairs, one for every row at which a pair can start.

    Rows are copied only when a pair or a batch is read.

    Args:
        table: DataFrame with a regular time index, or array `[rows, features]`. Missing values are NaN, or masked in a
            NumPy masked array. Windows of a table that `split` cut
            reach back into the rows before it, as far as their first target needs.
        timesteps: rows of input, T.
        horizon: rows to predict, H.
        targets: the column or columns to predict (names for a DataFrame, positions for an array);
            all columns by default.

    Returns:
        `Windows`, with `len`, `[i]` giving `(x, y)` of shapes `[T, F]` and `[H, C]`, and `.dataset()`.

    Raises:
        ValueError: too few rows, an unknown or repeated target, an array that is not 2-D and numeric, values that
            are infinite or too large for float32.

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
    if isinstance(table, pd.DataFrame) or is_other_frame(table):
        table = with_earlier_rows(require_regular(table, "make_windows"), timesteps)
        names = list(table.columns)
    else:
        names = list(range(numeric_rows("make_windows", table, "[rows, features]").shape[1]))
    chosen = _checks.require_columns("make_windows", "target", names if targets is None else targets, names)
    positions = [names.index(name) for name in chosen]
    if not positions:
        raise InvalidValue(
            "make_windows", "targets is empty.", f"Name one or more of {_checks.listed(names)}.", argument="targets"
        )
    return cut_windows(table, timesteps, horizon, positions, where="make_windows")


def cut_windows(table: Any, timesteps: int, horizon: int, targets: Sequence[int], *, where: str) -> Windows:
    """Cut a checked table as `make_windows` does; `targets` are positions of columns."""
    first_target = first_target_row(table) if isinstance(table, pd.DataFrame) else 0
    values = in_float32(numeric_rows(where, table, "[rows, features]"))
    refuse_infinite(where, values, table.columns if isinstance(table, pd.DataFrame) else range(values.shape[1]))
    start, span = max(0, first_target - timesteps), timesteps + horizon
    rows = len(values) - start
    if rows < span:
        raise InvalidValue(
            where,
            keywords(timesteps=timesteps)
            + " and "
            + keywords(horizon=horizon)
            + f" need {span} rows or more, got {rows}.",
            f"Shorten either, or pass more rows{_context_hint(table, first_target)}.",
        )
    windows = Windows(values, np.arange(start, start + rows - span + 1), timesteps, horizon, targets)
    windows.last_stamp = table.index[-1].isoformat() if isinstance(table, pd.DataFrame) else None
    return windows


@shown_shortly
class Windows:
    """Lazy pairs of past and targets in one array of rows; see `make_windows`.

    Where a model knows columns ahead, x is a dict: `past` `[T, F]`, `future` `[H, F2]` and `static` `[F3]`.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> windows = sk.make_windows(np.arange(10.0).reshape(-1, 1), timesteps=4, horizon=2)
        >>> len(windows), windows[0]
        (5, Window
          x  float32 (4, 1), 0 to 3
          y  float32 (2, 1), 4 to 5)
        >>> past, ahead = windows[0]
        >>> past.ravel(), ahead.ravel()
        (array([0., 1., 2., 3.], dtype=float32), array([4., 5.], dtype=float32))
    """

    def __init__(
        self, values: np.ndarray, starts: np.ndarray | Runs, timesteps: int, horizon: int, targets: Sequence[int]
    ) -> None:
        """Store the rows (N, F), the start of each window, and the positions of the target columns.

        Of many series, the starts are runs: a list of all windows is never held.
        """
        self.values = values
        self.starts = starts
        self.timesteps = timesteps
        self.horizon = horizon
        self.targets = list(targets)
        self.last_stamp: str | None = None  # the last time stamp of the table
        self.any_length = False  # whether graphs that read the batches are to take windows of any length
        self.known: Known | None = None  # what x holds besides the past
        self.series: tuple[np.ndarray, Any] | None = None  # of a panel: the first row and the name of each series
        self.weighs_values = False  # whether a missing target alone has weight 0, and not its step

    def _parts(self) -> dict[str, Any]:
        return {
            "windows": len(self),
            "x": f"({self.timesteps}, {self.values.shape[1]}) each: timesteps, features",
            "y": f"({self.horizon}, {len(self.targets)}) each: horizon, targets",
            "values": self.values,
        }

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    def __getitem__(self, index: int) -> Window:
        """Return a copy of one window."""
        split = self.starts[index] + self.timesteps
        past, ahead = self.values[split - self.timesteps : split], self.values[split : split + self.horizon]
        x = window_input(self.known, past.copy(), ahead, lambda rows, columns: rows[..., columns])
        return Window(x, ahead[:, self.targets])

    def __iter__(self) -> Iterator[Window]:
        """Yield the windows in order."""
        return (self[index] for index in range(len(self)))

    @property
    def has_gaps(self) -> bool:
        """Whether any target value is missing (NaN)."""
        return bool(np.isnan(self.values[:, self.targets]).any())

    def dataset(
        self, batch_size: int = 32, *, shuffle: bool = False, seed: int | None = None, passes: int | None = 1
    ) -> tf.data.Dataset:
        """Make batches `(x, y)` for `keras.Model.fit`; each is gathered in the graph when it is needed.

        If target values are missing, a third item `[B, H]` gives those steps a weight of 0 in the loss; that of
        `Forecaster.windows` has a weight for each value, `[B, H, C]`, which a loss of Keras alone does not take.

        Args:
            batch_size: windows in a batch.
            shuffle: whether each pass of each epoch has a new order (needs about 300 bytes of memory per window; that
                of a panel needs none).
            seed: seed of the order; by default that of `keras.utils.set_random_seed`.
            passes: passes through all windows in one epoch; None for no end, with `steps_per_epoch` of Keras's `fit`.
        """
        import tensorflow as tf

        batch_size = _checks.whole_number("dataset", "batch_size", batch_size)
        values = tf.constant(self.values)
        columns = tf.constant(self.targets)
        steps, has_gaps = tf.range(self.timesteps + self.horizon), self.has_gaps

        def gather(starts: tf.Tensor) -> tuple[tf.Tensor, ...]:
            rows = tf.gather(values, tf.cast(starts, tf.int32)[:, None] + steps)  # (B, T + H, F)
            past, ahead = rows[:, : self.timesteps], rows[:, self.timesteps :]
            y = tf.gather(ahead, columns, axis=2)
            x = window_input(self.known, past, ahead, lambda rows, chosen: tf.gather(rows, chosen, axis=-1))
            if self.any_length and self.known is None:
                x = tf.compat.v1.placeholder_with_default(x, [None, None, x.shape[2]])
            elif self.any_length:
                x[PAST] = tf.compat.v1.placeholder_with_default(x[PAST], [None, None, x[PAST].shape[2]])
            if not has_gaps:
                return x, y
            is_known = tf.math.is_finite(y)
            # Missing targets become 1, which every transform accepts. With 0, log(0) times a weight of 0 is NaN.
            weights = is_known if self.weighs_values else tf.reduce_all(is_known, axis=2)
            return x, tf.where(is_known, y, 1.0), tf.cast(weights, tf.float32)

        how: dict[str, Any] = {"shuffle": shuffle, "seed": seed, "passes": passes}
        if isinstance(self.starts, Runs):
            batches = pipeline(run_batches(self.starts, batch_size, **how), gather)
        else:
            starts = tf.constant(self.starts, tf.int32)
            positions = position_batches(len(self), batch_size, **how)
            # `take` is the only traced function: tracing is nearly the whole cost of a call of `fit` besides its steps.
            batches = pipeline(positions, lambda index: gather(tf.gather(starts, index)))
        batches.last_stamp = self.last_stamp
        return batches


def empty_windows(values: np.ndarray, timesteps: int) -> np.ndarray:
    """Whether a column has no known value in the T rows `(N, F)` from each row on, `(N - T + 1, F)`."""
    is_missing = np.isnan(values)
    if not is_missing.any():
        return np.zeros((max(len(values) - timesteps + 1, 0), values.shape[1]), bool)
    counts = np.cumsum(np.pad(is_missing, ((1, 0), (0, 0))), axis=0)
    return np.asarray(counts[timesteps:] - counts[:-timesteps] == timesteps)


def _context_hint(table: Any, first_target: int) -> str:
    if first_target:
        return f" ({first_target} of them are context rows, which are no targets)"
    if isinstance(table, pd.DataFrame) and FIRST_TARGET in table.attrs:
        return " (the table has changed since split, so the rows before it are unknown; split(context=) includes them)"
    return ""
