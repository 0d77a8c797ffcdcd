"""Convolutions beside a recurrent network: what shapes occur in a series, wherever they occur.

Shapes: B samples, T timesteps, F features, N numbers that describe a series. Masks are True where there is data;
a padded series gives what it gives alone.
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

LENGTH, POSITIVES = 9, 3  # of a fixed kernel: nine weights, three of them 2 and the others -1
MOST_DILATIONS = 32
GOLDEN = (np.sqrt(5) + 1) / 2
HAIR = 1e-5  # of the series' mean size; what rounding makes of equal values lies within
GAIN = 2000.0  # over N: steps of Adam at its usual rate then move the scores at a usual speed, however many they are


@keras.saving.register_keras_serializable("seqkit")
class LearnedConvolutions(layers.Layer):
    """Three convolutions, each with batch normalisation and ReLU, then the mean over time.

    The branch beside the recurrent one in LSTM-FCN (Karim et al. 2018, figure 1; Wang et al. 2017): 128, 256 and 128
    filters over 8, 5 and 3 steps.

    Shapes: `[B, T, F]` to `[B, filters[-1]]`.

    Args:
        filters: of each convolution.
        widths: steps that each reads.
    """

    def __init__(
        self, filters: Sequence[int] = (128, 256, 128), widths: Sequence[int] = (8, 5, 3), **kwargs: Any
    ) -> None:
        """Make the layers."""
        super().__init__(**kwargs)
        self.filters = tuple(_checks.whole_number("LearnedConvolutions", "filters", one) for one in filters)
        self.widths = tuple(_checks.whole_number("LearnedConvolutions", "widths", one) for one in widths)
        if len(self.filters) != len(self.widths):
            raise InvalidValue(
                "LearnedConvolutions",
                f"filters has {len(self.filters)} numbers and widths {len(self.widths)}.",
                "Give one width for each.",
            )
        self.supports_masking = True
        dtype = self.dtype_policy
        self.convolutions = [
            layers.Conv1D(size, width, padding="same", use_bias=False, kernel_initializer="he_uniform", dtype=dtype)
            for size, width in zip(self.filters, self.widths, strict=True)
        ]
        self.norms = [layers.BatchNormalization(momentum=0.9, dtype=dtype) for _ in self.filters]

    def build(self, input_shape: Any) -> None:
        """Build each on the output of the one below."""
        shape = tuple(input_shape)
        for convolution, norm, size in zip(self.convolutions, self.norms, self.filters, strict=True):
            convolution.build(shape)
            shape = (*shape[:2], size)
            norm.build(shape)
        self.built = True

    def call(self, series: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Convolve and take the mean over the steps that are data."""
        known = None if mask is None else ops.expand_dims(ops.cast(mask, series.dtype), -1)  # (B, T, 1)
        steps = series if known is None else series * known
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            steps = ops.relu(norm(convolution(steps), training=training, mask=mask))
            steps = steps if known is None else steps * known
        if known is None:
            return ops.mean(steps, axis=1)
        return ops.sum(steps, axis=1) / ops.maximum(ops.sum(known, axis=1), 1.0)

    def compute_mask(self, series: Any, mask: Any = None) -> None:
        """No steps are left."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """One vector a sample."""
        return (input_shape[0], self.filters[-1])

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "filters": self.filters, "widths": self.widths}


@keras.saving.register_keras_serializable("seqkit")
class FixedConvolutions(layers.Layer):
    """How much of a series lies above a threshold after each of many fixed convolutions.

        n_k = mean_t [ (w_i * x)(t; dilation d) > b_k ]          output = 2000 / N (n - mean) / spread

    MiniRocket (Dempster et al. 2021, section 3): the 84 kernels of nine weights of which three are 2 and six -1, at
    dilations growing by powers up to the length of the series, thresholds at quantiles of what the training series
    give. Nothing here is trained; what follows is. Of several features a kernel reads a fixed random choice. Edges
    are always padded with zeros, where the paper does so for every other kernel; thresholds stand a hair above the
    quantiles, since flat and short series give many values that are equal but for rounding; the numbers leave
    standardised and small, for a dense layer that is trained by Adam.

    Shapes: `[B, T, F]` to `[B, N]`.

    Args:
        timesteps: the longest series; it limits the dilations.
        numbers: N, rounded down to a multiple of 84 times the dilations (at least one threshold for each).
        seed: of the choice of features.
    """

    def __init__(self, timesteps: int, numbers: int = 5000, seed: int = 0, **kwargs: Any) -> None:
        """Choose dilations and thresholds."""
        super().__init__(**{**kwargs, "dtype": "float32"})  # thresholds do not fit in 16 bits
        self.timesteps = _checks.whole_number("FixedConvolutions", "timesteps", timesteps)
        self.numbers = _checks.whole_number("FixedConvolutions", "numbers", numbers)
        self.seed = _checks.whole_number("FixedConvolutions", "seed", seed, least=0)
        self.supports_masking = True
        self.patterns = _patterns()  # (9, 84)
        self.dilations = _dilations(self.timesteps, self.numbers // self.patterns.shape[1])
        self.thresholds_each = max(1, self.numbers // (self.patterns.shape[1] * len(self.dilations)))

    def build(self, input_shape: Any) -> None:
        """Make the kernels, and the weights that `adapt` fills; a spread of NaN says that it has not run."""
        kernels = self.patterns.shape[1]
        self.kernel = self.patterns[:, None] * _chosen(input_shape[-1], kernels, self.seed)  # (9, F, 84)
        count = len(self.dilations) * self.thresholds_each * kernels
        shape = (len(self.dilations), self.thresholds_each, kernels)
        unknown = keras.initializers.Constant(np.nan)
        self.thresholds = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="thresholds")
        self.mean = self.add_weight(shape=(count,), initializer="zeros", trainable=False, name="mean")
        self.spread = self.add_weight(shape=(count,), initializer=unknown, trainable=False, name="spread")
        self.built = True

    @property
    def is_adapted(self) -> bool:
        """Whether the thresholds are known."""
        return bool(np.isfinite(ops.convert_to_numpy(self.spread)).all())

    def adapt(self, series: Any, mask: Any = None, batch: int = 64) -> None:
        """Take thresholds and the spread of the numbers from training series `[B, T, F]`."""
        picked = np.random.default_rng(self.seed).permutation(len(series))[:batch]
        if mask is not None:
            series = np.where(np.asarray(mask, bool)[..., None], series, 0)
        self.thresholds.assign(self._quantiles(series[picked], None if mask is None else mask[picked]))
        parts = [slice(first, first + batch) for first in range(0, len(series), batch)]
        numbers = [self._numbers(series[part], None if mask is None else mask[part]) for part in parts]
        found = np.concatenate([ops.convert_to_numpy(one) for one in numbers])  # (B, N)
        self.mean.assign(found.mean(axis=0))
        self.spread.assign(found.std(axis=0) + 0.01)  # a number that hardly varies must not be blown up

    def _quantiles(self, series: Any, mask: Any) -> np.ndarray:
        kernels = self.patterns.shape[1]
        levels = (np.arange(1, self.thresholds_each * kernels + 1) * GOLDEN % 1).reshape(-1, kernels)
        known = slice(None) if mask is None else np.asarray(mask, bool)
        hair = HAIR * np.abs(ops.convert_to_numpy(series)[known]).mean()
        found = []
        for dilation in self.dilations:
            steps = ops.convert_to_numpy(self._convolved(series, dilation))[known].reshape(-1, kernels)
            found.append([np.quantile(steps[:, k], levels[:, k]) for k in range(kernels)])
        return np.swapaxes(np.array(found, "float32"), 1, 2) + hair

    def _convolved(self, series: Any, dilation: int) -> Any:
        return ops.conv(series, self.kernel, padding="same", dilation_rate=dilation)  # (B, T, 84)

    def _numbers(self, series: Any, mask: Any) -> Any:
        known = None if mask is None else ops.expand_dims(ops.cast(mask, series.dtype), -1)  # (B, T, 1)
        series = series if known is None else series * known
        count = None if known is None else ops.maximum(ops.sum(known, axis=1), 1.0)
        shares = []
        for position, dilation in enumerate(self.dilations):
            steps = self._convolved(series, dilation)
            for which in range(self.thresholds_each):
                above = ops.cast(steps > self.thresholds[position, which], series.dtype)
                share = ops.mean(above, axis=1) if known is None else ops.sum(above * known, axis=1) / count
                shares.append(share)  # (B, 84)
        return ops.concatenate(shares, axis=1)

    def call(self, series: Any, mask: Any = None) -> Any:
        """Count, and standardise by the training series."""
        numbers = self._numbers(series, mask)
        return (numbers - self.mean) / self.spread * (GAIN / numbers.shape[1])

    def compute_mask(self, series: Any, mask: Any = None) -> None:
        """No steps are left."""

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {**super().get_config(), "timesteps": self.timesteps, "numbers": self.numbers, "seed": self.seed}


def _patterns() -> np.ndarray:
    """All kernels of nine weights, three of which are 2 and six -1, so that they sum to zero: (9, 84)."""
    chosen = list(combinations(range(LENGTH), POSITIVES))
    patterns = -np.ones((LENGTH, len(chosen)), "float32")
    for column, places in enumerate(chosen):
        patterns[list(places), column] = 2
    return patterns


def _dilations(timesteps: int, most: int) -> tuple[int, ...]:
    largest = max(1.0, (timesteps - 1) / (LENGTH - 1))
    spaced = np.logspace(0, np.log2(largest), max(1, min(most, MOST_DILATIONS)), base=2)
    return tuple(int(one) for one in np.unique(np.floor(spaced)))


def _chosen(features: int, kernels: int, seed: int) -> np.ndarray:
    """Which features each kernel reads, one or more, at random on a scale of doublings: (F, 84)."""
    rng = np.random.default_rng(seed)
    counts = np.floor(2 ** rng.uniform(0, np.log2(features + 1), kernels)).astype(int)
    chosen = np.zeros((features, kernels), "float32")
    for column, count in enumerate(counts):
        chosen[rng.permutation(features)[:count], column] = 1
    return chosen
