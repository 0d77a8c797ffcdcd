"""Convolutions beside a recurrent network: they find short shapes anywhere in a series.

Shapes: B samples, T timesteps, F features, N output numbers of a series. A mask is True where there is data.
A series gives the same output with and without padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from seqkit import _checks
from seqkit._errors import InvalidValue

KERNEL_LENGTH, POSITIVE_WEIGHTS = 9, 3  # a fixed kernel has three weights of 2 and six of -1
MOST_DILATIONS = 32
GOLDEN_RATIO = (np.sqrt(5) + 1) / 2
ROUNDING_MARGIN = 1e-5  # of the mean absolute value: larger than the rounding error between equal values
OUTPUT_SCALE = 2000.0  # divided by N: Adam at its usual rate then trains a dense layer equally fast for every N


@keras.saving.register_keras_serializable("seqkit")
class LearnedConvolutions(layers.Layer):
    """Three convolutions, each with batch normalisation and ReLU, then the mean over time.

    This is the branch beside the recurrent one in LSTM-FCN (Karim et al. 2018, figure 1; Wang et al. 2017): 128, 256
    and 128 filters over 8, 5 and 3 steps.

    Shapes: input `[B, T, F]`, output `[B, filters[-1]]`.

    Args:
        filters: number of filters of each convolution.
        widths: timesteps that a filter of each convolution reads.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import LearnedConvolutions
        >>> tuple(LearnedConvolutions(filters=(4, 8, 4))(np.ones((2, 10, 1))).shape)
        (2, 4)
    """

    def __init__(
        self, filters: Sequence[int] = (128, 256, 128), widths: Sequence[int] = (8, 5, 3), **kwargs: Any
    ) -> None:
        """Make the layers."""
        super().__init__(**kwargs)
        self.filters = tuple(_checks.whole_number("LearnedConvolutions", "filters", size) for size in filters)
        self.widths = tuple(_checks.whole_number("LearnedConvolutions", "widths", width) for width in widths)
        if len(self.filters) != len(self.widths):
            raise InvalidValue(
                "LearnedConvolutions",
                f"filters has {len(self.filters)} numbers, but widths has {len(self.widths)}.",
                "Give one width for each convolution.",
                argument="widths",
            )
        self.supports_masking = True
        dtype = self.dtype_policy
        self.convolutions = [
            layers.Conv1D(size, width, padding="same", use_bias=False, kernel_initializer="he_uniform", dtype=dtype)
            for size, width in zip(self.filters, self.widths, strict=True)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.9, dtype=dtype) for _ in self.filters]

    def build(self, input_shape: Any) -> None:
        """Build each convolution on the output of the one before it."""
        shape = tuple(input_shape)
        for convolution, norm, size in zip(self.convolutions, self.norms, self.filters, strict=True):
            convolution.build(shape)
            shape = (*shape[:2], size)
            norm.build(shape)
        self.built = True

    def call(self, series: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Convolve, then take the mean over the steps where the mask is True."""
        is_step = _column(mask, series.dtype)
        steps = series if is_step is None else series * is_step
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            steps = ops.relu(norm(convolution(steps), training=training, mask=mask))
            steps = steps if is_step is None else steps * is_step
        return _mean_over_steps(steps, is_step)

    def compute_mask(self, series: Any, mask: Any = None) -> None:
        """Return None: the output has no timesteps."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of one vector per sample."""
        return (input_shape[0], self.filters[-1])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "filters": self.filters, "widths": self.widths}


@keras.saving.register_keras_serializable("seqkit")
class FixedConvolutions(layers.Layer):
    """Measure which share of a series lies above a threshold, after each of many fixed convolutions.

        n_k = mean_t [ (w_i * x)(t; dilation d) > b_k ]          output = 2000 / N (n - mean) / spread

    This is MiniRocket (Dempster et al. 2021, section 3). Its 84 kernels have nine weights: three are 2 and six are
    -1. The dilations grow by powers up to the length of the series. The thresholds are quantiles of the convolved
    training series. No weight of this layer is trained. With several features, each kernel reads a fixed random
    choice of them. There are three deviations. The edges are always padded with zeros; in the paper only those of
    every second kernel are. Each threshold lies slightly above its quantile, because flat and short series give many
    values that differ by rounding alone. The numbers are standardised and made small, for a dense layer that is
    trained by Adam.

    Shapes: input `[B, T, F]`, output `[B, N]`.

    Args:
        timesteps: length of the longest series; it limits the dilations.
        numbers: N, rounded down to a multiple of 84 times the number of dilations (at least one threshold for each).
        seed: seed of the choice of features.

    Example:
        >>> import numpy as np
        >>> from seqkit.layers import FixedConvolutions
        >>> series = np.random.default_rng(0).normal(size=(5, 20, 1)).astype("float32")
        >>> layer = FixedConvolutions(timesteps=20, numbers=168)
        >>> layer.build(series.shape)
        >>> layer.adapt(series)
        >>> tuple(layer(series).shape)
        (5, 168)
    """

    def __init__(self, timesteps: int, numbers: int = 5000, seed: int = 0, **kwargs: Any) -> None:
        """Choose the dilations and the number of thresholds."""
        super().__init__(**{**kwargs, "dtype": "float32"})  # thresholds do not fit in 16 bits
        self.timesteps = _checks.whole_number("FixedConvolutions", "timesteps", timesteps)
        self.numbers = _checks.whole_number("FixedConvolutions", "numbers", numbers)
        self.seed = _checks.whole_number("FixedConvolutions", "seed", seed, least=0)
        self.supports_masking = True
        self.patterns = _patterns()  # (9, 84)
        self.dilations = _dilations(self.timesteps, self.numbers // self.patterns.shape[1])
        self.thresholds_each = max(1, self.numbers // (self.patterns.shape[1] * len(self.dilations)))

    def build(self, input_shape: Any) -> None:
        """Make the kernels, and the weights that `adapt` fills. A spread of NaN means that `adapt` has not run."""
        kernels = self.patterns.shape[1]
        self.kernel = self.patterns[:, None] * _feature_choice(input_shape[-1], kernels, self.seed)  # (9, F, 84)
        count = len(self.dilations) * self.thresholds_each * kernels
        shape = (len(self.dilations), self.thresholds_each, kernels)
        unknown = keras.initializers.Constant(np.nan)
        self.thresholds = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="thresholds")
        self.mean = self.add_weight(shape=(count,), initializer="zeros", trainable=False, name="mean")
        self.spread = self.add_weight(shape=(count,), initializer=unknown, trainable=False, name="spread")
        self.built = True

    @property
    def is_adapted(self) -> bool:
        """Whether `adapt` has set the thresholds."""
        return bool(ops.all(ops.isfinite(self.spread)))

    def adapt(self, series: Any, mask: Any = None, batch: int = 64) -> None:
        """Set the thresholds, and the mean and spread of the numbers, from training series `[B, T, F]`."""
        drawn = np.random.default_rng(self.seed).permutation(len(series))[:batch]
        if mask is not None:
            series = np.where(np.asarray(mask, bool)[..., None], series, 0)
        self.thresholds.assign(self._quantiles(series[drawn], None if mask is None else mask[drawn]))
        batches = [slice(first, first + batch) for first in range(0, len(series), batch)]
        shares = [self._shares_above(series[rows], None if mask is None else mask[rows]) for rows in batches]
        numbers = np.concatenate([ops.convert_to_numpy(share) for share in shares])  # (B, N)
        self.mean.assign(numbers.mean(axis=0))
        self.spread.assign(numbers.std(axis=0) + 0.01)  # the division must not enlarge a nearly constant number

    def _quantiles(self, series: Any, mask: Any) -> np.ndarray:
        kernels = self.patterns.shape[1]
        levels = (np.arange(1, self.thresholds_each * kernels + 1) * GOLDEN_RATIO % 1).reshape(-1, kernels)
        is_step = slice(None) if mask is None else np.asarray(mask, bool)
        margin = ROUNDING_MARGIN * np.abs(ops.convert_to_numpy(series)[is_step]).mean()
        quantiles = []
        for dilation in self.dilations:
            steps = ops.convert_to_numpy(self._convolve(series, dilation))[is_step].reshape(-1, kernels)
            quantiles.append([np.quantile(steps[:, k], levels[:, k]) for k in range(kernels)])
        return np.swapaxes(np.array(quantiles, "float32"), 1, 2) + margin

    def _convolve(self, series: Any, dilation: int) -> Any:
        return ops.conv(series, self.kernel, padding="same", dilation_rate=dilation)  # (B, T, 84)

    def _shares_above(self, series: Any, mask: Any) -> Any:
        is_step = _column(mask, series.dtype)
        series = series if is_step is None else series * is_step
        shares = []
        for position, dilation in enumerate(self.dilations):
            steps = self._convolve(series, dilation)
            for number in range(self.thresholds_each):
                is_above = ops.cast(steps > self.thresholds[position, number], series.dtype)
                shares.append(_mean_over_steps(is_above if is_step is None else is_above * is_step, is_step))  # (B, 84)
        return ops.concatenate(shares, axis=1)

    def call(self, series: Any, mask: Any = None) -> Any:
        """Compute the shares, and standardise them by the training series."""
        shares = self._shares_above(series, mask)
        return (shares - self.mean) / self.spread * (OUTPUT_SCALE / shares.shape[1])

    def compute_mask(self, series: Any, mask: Any = None) -> None:
        """Return None: the output has no timesteps."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return `[B, N]`."""
        return (input_shape[0], len(self.dilations) * self.thresholds_each * self.patterns.shape[1])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "timesteps": self.timesteps, "numbers": self.numbers, "seed": self.seed}


def _column(mask: Any, dtype: Any) -> Any:
    return None if mask is None else ops.expand_dims(ops.cast(mask, dtype), -1)  # (B, T, 1)


def _mean_over_steps(steps: Any, is_step: Any) -> Any:
    """Mean over time of `[B, T, N]`, which is zero where `is_step` is."""
    if is_step is None:
        return ops.mean(steps, axis=1)
    return ops.sum(steps, axis=1) / ops.maximum(ops.sum(is_step, axis=1), 1.0)


def _patterns() -> np.ndarray:
    """All kernels with three weights of 2 and six of -1, which sum to zero: (9, 84)."""
    positives = list(combinations(range(KERNEL_LENGTH), POSITIVE_WEIGHTS))
    patterns = -np.ones((KERNEL_LENGTH, len(positives)), "float32")
    for column, positions in enumerate(positives):
        patterns[list(positions), column] = 2
    return patterns


def _dilations(timesteps: int, most: int) -> tuple[int, ...]:
    largest = max(1.0, (timesteps - 1) / (KERNEL_LENGTH - 1))
    spaced = np.logspace(0, np.log2(largest), max(1, min(most, MOST_DILATIONS)), base=2)
    return tuple(int(dilation) for dilation in np.unique(np.floor(spaced)))


def _feature_choice(features: int, kernels: int, seed: int) -> np.ndarray:
    """1 for the features that each kernel reads, else 0: (F, 84). The logarithm of their number is uniform."""
    rng = np.random.default_rng(seed)
    counts = np.floor(2 ** rng.uniform(0, np.log2(features + 1), kernels)).astype(int)
    choice = np.zeros((features, kernels), "float32")
    for column, count in enumerate(counts):
        choice[rng.permutation(features)[:count], column] = 1
    return choice
