"""Where the windows of many series begin: runs of neighbouring rows, and draws from them, without a list of windows.

Shapes: N rows of all series, R runs, S series.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ROUNDS = 4  # of a Feistel network; three already make a pseudo-random permutation (Luby & Rackoff 1988)
BITS_OF_A_KEY = 32


class Runs:
    """The rows at which windows begin, numbered from 0 through all series; `[numbers]` gives the rows.

    Attributes:
        first: the row of the first window of each run `(R,)`.
        ends: the windows up to the end of each run `(R,)`.
        series_ends: the windows up to the end of each series `(S,)`.
        most_windows: the windows that a series gives to a shuffled pass, at most.
    """

    def __init__(self, first: np.ndarray, counts: np.ndarray, series: np.ndarray, most_windows: int | None) -> None:
        """Take the first row `(R,)`, the windows `(R,)` and the ascending number of the series `(R,)` of each run.

        Without `most_windows` it is the median over the series.
        """
        self.first, self.ends = first, np.cumsum(counts)
        of_series = np.bincount(series, weights=counts).astype(int)
        self.series_ends = np.cumsum(of_series[of_series > 0])
        self.most_windows = int(np.median(of_series[of_series > 0])) if most_windows is None else most_windows

    def __len__(self) -> int:
        """Count the windows."""
        return int(self.ends[-1])

    def __getitem__(self, numbers: Any) -> Any:
        """The rows at which the windows of these numbers begin."""
        numbers = np.arange(len(self))[numbers] if isinstance(numbers, slice) else np.asarray(numbers)
        if (numbers < -len(self)).any() or (numbers >= len(self)).any():
            raise IndexError(f"there are {len(self)} windows")
        numbers = numbers % len(self)
        run = np.searchsorted(self.ends, numbers, side="right")
        rows = self.first[run] + numbers - self.ends[run] + np.diff(self.ends, prepend=0)[run]
        return int(rows) if rows.ndim == 0 else rows

    def in_a_pass(self) -> int:
        """Count the windows of a shuffled pass."""
        return int(np.minimum(np.diff(self.series_ends, prepend=0), self.most_windows).sum())

    def drawn(self, random: np.random.Generator) -> Draw:
        """The rows of a shuffled pass."""
        return Draw(self, random)


class Draw:
    """A shuffled pass through the windows; slices of it give the rows at which they begin.

    Each series gives all of its windows, or `most_windows` of them at even distances from a random one on.
    """

    def __init__(self, runs: Runs, random: np.random.Generator) -> None:
        """Draw the order and the windows."""
        self.runs = runs
        self._windows = np.diff(runs.series_ends, prepend=0)
        self._drawn = np.minimum(self._windows, runs.most_windows)
        self._ends = np.cumsum(self._drawn)
        self._offsets = random.random(len(self._windows))
        self._order = Permutation(int(self._ends[-1]), random)

    def __len__(self) -> int:
        """Count the windows of the pass."""
        return len(self._order)

    def __getitem__(self, places: slice) -> np.ndarray:
        """The rows at which the windows at these places of the pass begin."""
        numbers = self._order[places]
        series = np.searchsorted(self._ends, numbers, side="right")
        windows, drawn = self._windows[series], self._drawn[series]
        within = numbers - self._ends[series] + drawn
        chosen = np.minimum(((within + self._offsets[series]) * (windows / drawn)).astype(int), windows - 1)
        chosen = np.where(windows == drawn, within, chosen)
        rows: np.ndarray = self.runs[self.runs.series_ends[series] - windows + chosen]
        return rows


class Permutation:
    """A random order of the numbers 0 to `count` - 1, of which slices are computed; no list of them is held.

    A Feistel network permutes the numbers below a power of four; those from `count` on are permuted again until they
    are below it, which Black & Rogaway (2002) call cycle walking.
    """

    def __init__(self, count: int, random: np.random.Generator) -> None:
        """Draw the keys of the network."""
        self.count = count
        self._half = max(1, (max(count - 1, 1).bit_length() + 1) // 2)  # bits of each half of a number
        self._keys = random.integers(0, 1 << BITS_OF_A_KEY, ROUNDS, dtype=np.uint64)

    def __len__(self) -> int:
        """Count the numbers."""
        return self.count

    def __getitem__(self, places: slice) -> np.ndarray:
        """The numbers at these places of the order."""
        numbers = self._permuted(np.arange(*places.indices(self.count), dtype=np.uint64))
        while (is_outside := numbers >= self.count).any():
            numbers[is_outside] = self._permuted(numbers[is_outside])
        return numbers.astype(np.int64)

    def _permuted(self, numbers: np.ndarray) -> np.ndarray:
        bits, mask = np.uint64(self._half), np.uint64((1 << self._half) - 1)
        left, right = numbers >> bits, numbers & mask
        for key in self._keys:
            left, right = right, left ^ (_mixed(right ^ key) & mask)
        return (left << bits) | right


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """The numbers mixed by the finaliser of SplitMix64 (Steele, Lea & Flood 2014)."""
    with np.errstate(over="ignore"):
        numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return numbers ^ (numbers >> np.uint64(31))
