"""SeriesTask: a `Task` that describes each whole sample, a series or a text, by `described_network` and answers it.

Shapes: B samples, T timesteps, T_i those of sample i, F features, N numbers of the fixed convolutions.
"""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.lengths import batches_by_length
from seqkit.data.series import as_series, stacked
from seqkit.layers.convolution import FixedConvolutions
from seqkit.layers.scaling import StandardScaling
from seqkit.task import batches as batching
from seqkit.task import fitting
from seqkit.task.model import Task
from seqkit.task.series_network import Network
from seqkit.task.untuned import UntunedModel

MOST_SAMPLES_PRECOMPUTED = 20_000  # 20 kB each


class SeriesTask(Task):
    """A `Task` whose `network` is a `Network`; of samples of any length, batches are padded with `padding`."""

    called: ClassVar[str]  # in messages
    network: Network

    # What a task writes

    def encoded_answers(self, where: str, y: Any, samples: int) -> np.ndarray:
        """Answers `[B, ...]` as the network gives them; refuse others than `samples` of them."""
        raise NotImplementedError

    # Hooks with a default

    @property
    def padding(self) -> float:
        """The value that pads a sample after its end."""
        return float("nan")

    def read_samples(self, where: str, x: Any) -> list[np.ndarray]:
        """Samples as the network reads them: series `[T_i, F]`."""
        series = as_series(where, x, self.settings.features, self.settings.missing, names=self.settings.feature_names)
        return series if self.settings.timesteps is None else list(stacked(where, series, self.settings.timesteps))

    # Written once

    def __init__(self, settings: Any, **kwargs: Any) -> None:
        """Connect the layers."""
        super().__init__(settings, **kwargs)
        self.input_spec = None  # accept series, and the pair (series, precomputed convolutions)

    def adapt_to(self, series: list[np.ndarray]) -> None:
        """Compute from training series `[T_i, F]` the mean, the spread, and the thresholds of convolutions."""
        scaling, convolution = self.network.scaling, self.network.convolution
        if isinstance(scaling, StandardScaling):
            scaling.adapt(np.concatenate(series))
        if isinstance(convolution, FixedConvolutions):
            scaled = ops.convert_to_numpy(self.get_layer("scaling")(batching.pad(series))[0])
            is_step = ~np.isnan(scaled).any(axis=-1)
            convolution.adapt(np.where(is_step[..., None], scaled, 0), None if self.settings.timesteps else is_step)

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model that has not seen the training series."""
        for layer in (self.network.scaling, self.network.convolution):
            if not getattr(layer, "is_adapted", True):
                problem = (
                    f"the {self.called} has not seen the training series yet, and it needs their mean, spread and "
                    "thresholds."
                )
                raise InvalidValue(where, problem, "Build with like=x, or call model.adapt(x) first.")

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Answers to series, to token numbers, or to the pair (series, precomputed convolutions)."""
        if isinstance(inputs, (tuple, list)) and self.network.precomputed is not None:
            return self.network.precomputed(list(inputs), training=training)
        return super().call(inputs, training=training, mask=mask)

    def batch_options(self, epochs: int) -> dict[str, Any]:
        """Compute fixed convolutions in advance where there is more than one epoch."""
        return {"precompute": epochs > 1}

    def batches(
        self,
        where: str,
        x: Any,
        y: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sample_weight: Any = None,
        *,
        passes: int = 1,
        precompute: bool = False,
    ) -> Any:
        """Samples, with answers if there are any, as batches for Keras.

        With `precompute`, the fixed convolutions are computed once, now. The batches hold them beside the series.
        """
        samples = self.read_samples(where, x)
        precompute = precompute and isinstance(self.network.convolution, FixedConvolutions)
        return batching.padded_batches(
            samples,
            None if y is None else self.encoded_answers(where, y, len(samples)),
            batch_size=batching.batch_size_of(where, batch_size),
            shuffle=shuffle,
            passes=passes,
            padding=self.padding,
            weights=fitting.checked_weights(where, sample_weight, len(samples), self.samples_are),
            length=self.settings.timesteps,
            extra_inputs=self._convolutions_of(samples) if precompute else None,
        )

    def _convolutions_of(self, samples: list[np.ndarray]) -> np.ndarray | None:
        """The output of the fixed convolutions, `[B, N]`; None where it would take too much memory."""
        if len(samples) > MOST_SAMPLES_PRECOMPUTED:
            return None
        convolutions = keras.Model(self.input, self.get_layer("convolution").output)
        size = batching.DEFAULT_BATCH_SIZE
        batches = batching.padded_batches(samples, None, batch_size=size, length=self.settings.timesteps)
        answer = self.graphs.compiled(
            "convolutions", lambda batch: convolutions(batch[0], training=False), signature=batches.element_spec
        )
        return np.concatenate([answer(batch) for batch in batches])

    def network_input(self, x: Any, where: str) -> np.ndarray:
        """The input of the graph: series padded with NaN `[B, T, F]`, or token numbers `[B, T]`."""
        return batching.pad(self.read_samples(where, x), self.padding)

    def with_attention(self) -> keras.Model:
        """The same layers; attention over steps, if there is any, is a second output `[B, T]`."""
        attention = self.network.attention
        return keras.Model(self.input, self.output if attention is None else [self.output, attention])

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> np.ndarray:
        """Answers `[B, ...]`, computed in batches of similar length."""
        samples = self.read_samples("predict", x)
        order = batches_by_length(list(map(len, samples)), batching.batch_size_of("predict", batch_size))
        batches = batching.batches_in_order(samples, order, self.padding, self.settings.timesteps)
        answers_in_order = UntunedModel.predict(self, batches, **options)
        return answers_in_order[np.argsort(np.concatenate(order))]
