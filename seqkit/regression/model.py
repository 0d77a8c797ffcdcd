"""The regressor: a Keras model that reads series and answers numbers in raw units, with intervals."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.data.series import as_series
from seqkit.export import Served
from seqkit.layers.target_scaling import ConformalIntervals, TargetScaling
from seqkit.regression import answers
from seqkit.regression.network import regressor_network
from seqkit.regression.serving import served_regressor
from seqkit.regression.settings import RegressorSettings
from seqkit.regression.targets import as_targets, refuse_constant
from seqkit.task.interval_levels import USUAL_LEVELS
from seqkit.task.series_model import SeriesTask
from seqkit.task.settings import Connected


@keras.saving.register_keras_serializable("seqkit")
class Regressor(SeriesTask):
    """A compiled `keras.Model` from series to numbers, raw units on both sides; `build_regressor` makes it.

    The model holds the scaling of series and of targets, and its intervals. The loss compares scaled targets, so that
    several of them count alike; the metrics `mae` and `rmse` are in raw units, over all targets. `fit`, `evaluate`,
    `predict` and the methods below take series: an array `[B, T, F]`, or a list of arrays `[T_i, F]`, which the model
    pads and masks; and targets: numbers `[B]` or `[B, C]`, or a table with a column for each target. `predict` returns
    `[B]` where the builder was given one number for each sample, else `[B, C]`. All of them also take what Keras
    takes, with targets `[B, C]`. A batch has 32 samples by default.

    Where no training target is below zero and one in a hundred, two at least, are zero, as of the time that is left,
    neither an answer nor an interval lies below zero.

    `export` writes two endpoints. `serve` takes `series` `[B, T, F]` (pad shorter series with NaN). It returns `value`
    `[B, C]` and, where the intervals are calibrated, `lower` and `upper` `[B, C, L]` of the levels 80 and 95, as far as
    they are promised. `describe` returns the targets, features, timesteps and levels.

    Shapes: B samples, T timesteps, F features, C targets, L levels.

    Attributes:
        settings: the complete, checked settings.
        targets: the names of the targets.
        chosen_epochs: the epochs that `train_regressor` trained it for, else None.
        validation_history: the validation curve that chose the epochs; None without one, and after loading.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x, y = np.eye(5)[:, :, None], [3.0, 5.0, 4.0, 6.0, 2.0]
        >>> model = sk.build_regressor(like=x, targets=y, units=2)
        >>> model.targets, model.predict(x, verbose=0).shape
        (('value',), (5,))
    """

    Settings, called, answers_are = RegressorSettings, "regressor", "targets"
    parts_shown = ("targets", "features", "timesteps")

    def connect(self, settings: RegressorSettings) -> Connected:
        """Connect the layers, and return the inputs and outputs of their graph."""
        network = regressor_network(settings)
        return Connected(network, network.inputs, network.outputs)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of the targets, in the order of the predictions."""
        return self.settings.targets

    @property
    def raw_units(self) -> TargetScaling:
        """The layer that scales targets."""
        return self.get_layer("raw_units")

    @property
    def intervals(self) -> ConformalIntervals:
        """The layer that holds the half widths of intervals; its `count` is 0 before `calibrate`."""
        return self.get_layer("intervals")

    def adapt(self, x: Any, y: Any) -> None:
        """Compute from training series and targets what gradients do not learn: means, spreads, thresholds.

        Args:
            x: series.
            y: their targets; two samples or more, and not all alike.
        """
        series = as_series("adapt", x, self.settings.features, self.settings.missing, names=self.settings.feature_names)
        targets = as_targets("adapt", y, self.targets, len(series))
        refuse_constant("adapt", targets)
        self.adapt_to(series)
        self.raw_units.adapt(targets.values)

    def refuse_unadapted(self, where: str) -> None:
        """Refuse a model that has not seen the training samples."""
        if not self.raw_units.is_adapted:
            problem = "the regressor has not seen the training samples yet, and it needs their means and spreads."
            way_out = "Build with like=x and targets=y, or call model.adapt(x, y) first."
            raise InvalidValue(where, problem, way_out)
        super().refuse_unadapted(where)

    def encoded_answers(self, where: str, y: Any, samples: int | None = None) -> np.ndarray:
        """Targets `[B, C]` in raw units; refuse others than `samples` of them."""
        return as_targets(where, y, self.targets, samples).values

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss of scaled targets and scaled predictions."""
        scale = self.raw_units.scale
        y = scale(ops.cast(self._with_targets_axis(y, y_pred), "float32"))
        return super().compute_loss(x, y, scale(ops.cast(y_pred, "float32")), sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The compiled metrics of targets and predictions in raw units."""
        return super().compute_metrics(x, self._with_targets_axis(y, y_pred), y_pred, sample_weight)

    def _with_targets_axis(self, y: Any, y_pred: Any) -> Any:
        """Targets `[B, C]`; those of one target may come as `[B]`."""
        count, rank = len(self.targets), _rank(y)
        if rank is None or (rank == 1 and count == 1):  # Keras forgets the rank after it has read both (B,) and (B, 1)
            return ops.reshape(y, ops.shape(y_pred))
        shape = tuple(y.shape)
        if len(shape) != 2 or shape[1] not in (None, count):  # broadcasting would hide the difference
            problem = f"y must have the shape (samples, {count}), got {shape}."
            raise InvalidValue("fit", problem, argument="y")
        return y

    def refuse_options(self, where: str, x: Any, options: dict[str, Any]) -> None:
        """Refuse options of Keras that mean something else here."""
        if options.get("class_weight") is not None:
            problem = "class_weight is a weight for each class, and targets are numbers."
            raise InvalidValue(where, problem, "Pass sample_weight= instead.", argument="class_weight")
        super().refuse_options(where, x, options)

    @contextlib.contextmanager
    def around_keras(self, verb: str, data: Any, epochs: int = 1) -> Iterator[list[Any]]:
        """Forget the intervals before training: they were calibrated to the old weights."""
        if verb == "fit":
            self.intervals.forget()
        yield []

    def served(self, **options: Any) -> Served:
        """The endpoints `serve` and `describe`."""
        return served_regressor(self, answers.served_levels(self.intervals), **options)

    def predict_samples(self, x: Any, batch_size: int | None, **options: Any) -> np.ndarray:
        """Numbers in raw units, `[B]` or `[B, C]`."""
        values = super().predict_samples(x, batch_size, **options)
        return values[:, 0] if self.settings.is_one else values

    def calibrate(self, x: Any, y: Any) -> None:
        """Set the intervals by samples that were held out of the training; `fit` forgets them.

        Args:
            x: series.
            y: their targets. 4 samples or more promise 80 %, 19 or more 95 %.
        """
        self.refuse_unadapted("calibrate")
        targets = as_targets("calibrate", y, self.targets, len(self.read_samples("calibrate", x))).values
        predictions = self.predict(x, verbose=0).reshape(targets.shape)
        self.intervals.calibrate(targets.astype("float64") - predictions)

    def predict_interval(
        self, x: Any, levels: Sequence[float] = USUAL_LEVELS, batch_size: int | None = None
    ) -> pd.DataFrame:
        """Predict numbers, and intervals that hold the truth with a probability of each level or more.

        Split conformal intervals: the same width for every sample, from the residuals of samples that the model had not
        seen. The promise holds where new samples come from where those came from.

        Args:
            x: series; a pandas column of them gives the index.
            levels: in percent, rising: whole numbers, 99.5 or 99.9.
            batch_size: samples answered at once.

        Returns:
            DataFrame with a row for each sample; for each target `NAME`, `NAME-lo-80`, `NAME-hi-80`, `NAME-lo-95`, ...

        Raises:
            ValueError: the model is not calibrated, or by too few samples for a level.
        """
        self.refuse_unadapted("predict_interval")
        return answers.tabulate_intervals(self, x, levels, batch_size)


def _rank(y: Any) -> int | None:
    """How many axes; None where TensorFlow does not know."""
    return y.shape.rank if hasattr(y.shape, "rank") else len(y.shape)
