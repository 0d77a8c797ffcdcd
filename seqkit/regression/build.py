"""Build a regressor: series of numbers in, a number or several for each out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from seqkit import _checks
from seqkit.regression.model import Regressor
from seqkit.regression.settings import WHERE, settle
from seqkit.task.compiling import compile_built

__all__ = ["Regressor", "build_regressor"]

LOSSES = {
    "mae": "absolute errors: the median",
    "mse": "squared errors: the mean",
    "huber": "squared below a spread of the targets, absolute above",
}


def build_regressor(
    *,
    like: Any = None,
    targets: Any = None,
    features: int | None = None,
    timesteps: int | None = None,
    cell: str = "lstm",
    units: int | Sequence[int] = 64,
    activation: str = "tanh",
    initial_state: str = "zeros",
    bidirectional: bool = True,
    dropout: float | Sequence[float] = 0.0,
    attention: str | Sequence[str] = "tanh",
    convolution: str = "none",
    scaling: str = "standard",
    missing: str = "refuse",
    loss: Any = "huber",
    optimizer: Any = None,
    jit_compile: bool | str = "auto",
) -> Regressor:
    """Build a compiled recurrent regressor: a series in, a number out (remaining life, dose, energy of a batch).

    With `like=` and `targets=`, the training samples decide: the features, one length or any, and the mean and spread
    of series and of targets. Without `like=`, pass `features=`, and call `adapt(x, y)` before training.

    Args:
        like: training series in raw units, `[B, T, F]` or a list of `[T_i, F]`. The columns of tables are read
            by their names, in any order, then and later.
        targets: numbers of the training series in raw units: `[B]`, or `[B, C]` of several targets, or a table with a
            column for each. Without `like`, the name or the list of names of the targets.
        features: features of a timestep, where `like` is left out.
        timesteps: timesteps of every series; None for any length.
        cell: `"lstm"`, `"gru"` or `"simple_rnn"`.
        units: units of each recurrent layer and direction, first to last.
        activation: of the cells' candidates and outputs, by name; only `"tanh"` can use the cuDNN kernel.
        initial_state: `"zeros"`, `"random"` (in training) or `"learned"`, a weight.
        bidirectional: read in both directions.
        dropout: fraction dropped after each recurrent layer.
        attention: over timesteps, `"tanh"`, `"dense"` or `"weighted_tanh"` (`StepAttention`); `"layers"` over the last
            output of each layer (`LayerAttention`); `"features"` over the features (`FeatureAttention`); several, as
            `("tanh", "layers")`; or `"none"`, the last timestep.
        convolution: a branch beside the recurrent layers: `"none"` (the default: on held-back samples of three sets it
            was about as good or better, see `benchmarks/regression.py`), `"fixed"` (`FixedConvolutions`) or
            `"learned"` (`LearnedConvolutions`, as in LSTM-FCN).
        scaling: scaling of series: `"standard"` (mean and spread of the training series), `"series"` (each series
            by its own, where its size says nothing) or `"none"`.
        missing: `"refuse"` makes a missing value inside a series an error; `"mask"` skips its timestep.
        loss: `"mae"`, `"mse"` or `"huber"`, or any Keras loss; it compares scaled targets.
        optimizer: any Keras optimizer; by default Adam with gradients clipped to norm 1.
        jit_compile: True lets XLA compile the training steps of full batches; by default Keras's "auto".

    Returns:
        `Regressor`, a compiled `keras.Model`; its metrics are `mae` and `rmse` in raw units.

    Raises:
        TypeError, ValueError: an argument out of its range; targets missing, not finite, all alike, or of another
            number than the series; samples that are no series.

    Example:
        >>> import numpy as np
        >>> recordings = [np.ones((5, 3)), np.ones((7, 3))]
        >>> model = build_regressor(like=recordings, targets=[120.0, 80.0])
        >>> model.targets, model.predict(recordings, verbose=0).shape
        (('value',), (2,))
    """
    settings = settle(
        like=like,
        targets=targets,
        features=features,
        timesteps=timesteps,
        cell=cell,
        units=units,
        activation=activation,
        initial_state=initial_state,
        bidirectional=bidirectional,
        dropout=dropout,
        attention=attention,
        convolution=convolution,
        scaling=scaling,
        missing=missing,
    )
    if loss is None or isinstance(loss, str):
        _checks.choice(WHERE, "loss", loss, LOSSES)
    model = Regressor(settings)
    metrics = [keras.metrics.MeanAbsoluteError(name="mae"), keras.metrics.RootMeanSquaredError(name="rmse")]
    compile_built(WHERE, model, optimizer, jit_compile, loss=loss, weighted_metrics=metrics)
    if like is not None:
        model.adapt(like, targets)
    return model
