"""The regressor's recipe: held-out samples choose the epochs and calibrate the intervals, then all samples train."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from seqkit._errors import InvalidValue
from seqkit.regression.build import build_regressor
from seqkit.regression.model import Regressor
from seqkit.regression.targets import Targets, as_targets, refuse_constant
from seqkit.task.folds import FoldsRecipe, held_out, indexable, schedule_of, train_by_folds, usual_folds
from seqkit.task.progress import AUTO, watch_of
from seqkit.task.recipe import adam_averaging_steps, recipe_optimizer, set_seed

WHERE = "train_regressor"
FEWEST_SAMPLES = 10  # of which some are held out by default


class Judged(NamedTuple):
    """What validation samples say of a look."""

    loss: float  # of scaled targets


def train_regressor(
    x: Any,
    y: Any,
    *,
    folds: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: Any = None,
    intervals: bool = True,
    seed: int | None = None,
    callbacks: Any = None,
    verbose: Any = AUTO,
    checkpoint: Any = None,
    **options: Any,
) -> Regressor:
    """Train a regressor on every sample, for the number of epochs that held-out samples choose.

    First the recipe holds out a fifth of the samples, drawn by chance, and computes their loss during training. With
    few samples it holds out other fifths in turn and judges all of them together. It keeps the number of epochs with
    the lowest loss, and drops the weights. Then training starts anew on all samples, for that number of epochs.

    The residuals of the held-out samples at that number of epochs calibrate the intervals. No model had seen its
    held-out samples, but the one that is returned has seen more, and the epochs were chosen by them; so the promise of
    `predict_interval` is approximate here. For the exact one, call `calibrate` with samples that were kept from this
    function.

    The weights are a moving average, as in `train_classifier`, and so 150 steps are the fewest that are chosen.

    Args:
        x: series, as `build_regressor(like=)` takes them.
        y: their targets, as `build_regressor(targets=)` takes them.
        folds: fifths to hold out in turn, 0 to 5; 1 to 3 by default, and none of fewer than 10 samples. 0 trains for a
            short fixed time, without intervals.
        epochs: the most epochs; by default enough for 800 steps and 20 epochs.
        batch_size: samples in a gradient step; by default an eighth of the samples, between 4 and 32.
        learning_rate: of the recipe's optimizer, a number or a schedule of Keras's; 0.001 by default.
        intervals: whether held-out samples calibrate the intervals.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        callbacks: Keras's, for every training; with small models, those of batches are called every 32 steps.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        checkpoint: a file from which the same call goes on after it was killed. Each training has one beside it, named
            after it. Without a seed, the seed is 0.
        options: any argument of `build_regressor`.

    Returns:
        The trained `Regressor`. `chosen_epochs` is the number of epochs, `validation_history` the validation curve
        that chose it (None without validation).

    Raises:
        TypeError, ValueError: `build_regressor` or `fit` refuses an argument.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x, y = np.random.default_rng(0).normal(size=(20, 5, 1)), np.arange(20.0)
        >>> model = sk.train_regressor(x, y, units=2, epochs=1, folds=1, seed=0, verbose=0)
        >>> model.predict_interval(x[:3], levels=50).shape
        (3, 3)
    """
    seed_followed = set_seed(WHERE, seed, checkpoint)
    watch = watch_of(WHERE, callbacks, verbose, checkpoint, seed_followed)
    samples, targets = indexable(WHERE, x), as_targets(WHERE, y)
    if len(samples) != len(targets.values):
        problem = f"{len(samples)} samples and {len(targets.values)} targets."
        raise InvalidValue(WHERE, problem, "They must pair up one to one.", "y")
    refuse_constant(WHERE, targets)
    schedule = schedule_of(WHERE, len(samples), batch_size, epochs)
    if folds is None:
        folds = usual_folds(len(samples)) if len(samples) >= FEWEST_SAMPLES else 0
    parts = held_out(WHERE, folds, ["all"] * len(samples), seed)
    recipe = FoldsRecipe(
        WHERE,
        partial(_build, targets, options, learning_rate),
        partial(_adapt, targets.values),
        lambda model, part: part,
        _judge_by(options.get("loss", "huber"), targets.values),
    )
    trained = train_by_folds(recipe, samples, targets.values, parts, schedule, watch)
    if intervals and trained.validations:
        residuals = [fold.targets.astype("float64") - fold.predictions_at(trained.look) for fold in trained.validations]
        trained.model.intervals.calibrate(np.concatenate(residuals))
    return trained.model


def _build(targets: Targets, options: dict[str, Any], learning_rate: Any, samples: Any, values: Any) -> Regressor:
    optimizer = recipe_optimizer(WHERE, options, learning_rate, adam_averaging_steps)
    return build_regressor(like=samples, targets=targets.like(values), **{**options, "optimizer": optimizer})


def _adapt(all_targets: np.ndarray, model: Regressor, samples: Any, targets: np.ndarray) -> None:
    """Take means and spreads from a part of the samples; a part that is all alike has the spread of all."""
    model.adapt_to(model.read_samples("adapt", samples))
    model.raw_units.adapt(targets if np.ptp(targets, axis=0).all() else all_targets)


def _judge_by(loss: Any, targets: np.ndarray) -> Callable[[np.ndarray, np.ndarray], Judged]:
    """The loss of predictions and targets `[B, C]`, scaled by the mean and spread of all training targets `[N, C]`."""
    compute = keras.losses.get(loss)
    level, spread = targets.mean(axis=0, dtype="float64"), targets.std(axis=0, dtype="float64")

    def judge(predictions: np.ndarray, truth: np.ndarray) -> Judged:
        scaled = [
            ops.convert_to_tensor(((values - level) / spread).astype("float32")) for values in (truth, predictions)
        ]
        return Judged(float(ops.mean(compute(*scaled))))

    return judge
