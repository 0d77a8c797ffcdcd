"""The classifier's recipe: validation samples choose epochs and temperature, then all samples train."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from typing import Any

import numpy as np

from seqkit._errors import InvalidValue
from seqkit.classification.build import build_classifier
from seqkit.classification.model import Classifier
from seqkit.classification.temperature import fit_temperature
from seqkit.data import labels as class_labels
from seqkit.data.texts import is_text
from seqkit.task.folds import FoldsRecipe, held_out, indexable, schedule_of, train_by_folds, usual_folds
from seqkit.task.progress import AUTO, watch_of
from seqkit.task.recipe import adam_averaging_steps, recipe_optimizer, set_seed

WHERE = "train_classifier"


def train_classifier(
    x: Any,
    y: Any,
    *,
    folds: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: Any = None,
    seed: int | None = None,
    callbacks: Any = None,
    verbose: Any = AUTO,
    checkpoint: Any = None,
    **options: Any,
) -> Classifier:
    """Train a classifier on every sample, for the number of epochs that validation samples choose.

    First the recipe holds out a fifth of the samples, the same share of each class, and computes their log loss during
    training. With few samples it holds out other fifths in turn and judges all of them together. It keeps the number
    of epochs with the lowest loss, and drops the weights. The loss is that at the best temperature: a temperature
    corrects overconfidence, but not errors. The recipe keeps this temperature too. Then training starts anew on all
    samples, for that number of epochs.

    The weights are a moving average (Polyak & Juditsky 1992). Before 150 steps, untrained weights are still a part of
    it. So the recipe never chooses fewer steps, unless `epochs` allows no more.

    Args:
        x: series or texts, as `build_classifier(like=)` takes them.
        y: their labels.
        folds: fifths to hold out in turn, 0 to 5; 1 to 3 by default. 0 trains for a short fixed time.
        epochs: the most epochs; by default enough for 800 steps and 20 epochs.
        batch_size: samples in a gradient step; by default an eighth of the samples, between 4 and 32.
        learning_rate: of the recipe's optimizer, a number or a schedule of Keras's; 0.001 by default.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        callbacks: Keras's, for every training; with small models, those of batches are called every 32 steps.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        checkpoint: a file from which the same call goes on after it was killed. Each training has one beside it, named
            after it. Without a seed, the seed is 0.
        options: any argument of `build_classifier`.

    Returns:
        The trained `Classifier`. `chosen_epochs` is the number of epochs, `validation_history` the validation curve
        that chose it (None without validation).

    Raises:
        TypeError, ValueError: `build_classifier` or `fit` refuses an argument.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x, y = np.random.default_rng(0).normal(size=(20, 5, 1)), ["low", "high"] * 10
        >>> model = sk.train_classifier(x, y, units=2, epochs=1, folds=1, seed=0, verbose=0)
        >>> model.labels, model.chosen_epochs
        (('high', 'low'), 1)
    """
    start = time.monotonic()
    seed_followed = set_seed(WHERE, seed, checkpoint)
    watch = watch_of(WHERE, callbacks, verbose, checkpoint, seed_followed)
    multi_label = bool(options.get("multi_label", False))
    samples, labels = indexable(WHERE, x, "series or texts"), class_labels.plain(WHERE, y)
    if len(samples) != len(labels):
        raise InvalidValue(WHERE, f"{len(samples)} samples and {len(labels)} labels.", "They must pair up.")
    if len(samples) == 0:
        raise InvalidValue(WHERE, "no samples at all.", "Pass one or more.")
    schedule = schedule_of(WHERE, len(samples), batch_size, epochs)
    parts = _choose_folds(labels, folds, multi_label, seed)
    recipe = FoldsRecipe(
        WHERE,
        partial(_build, {**options, "multi_label": multi_label}, learning_rate),
        lambda model, train, _: model.adapt(train),
        lambda model, part: model.encode(part),
        lambda probabilities, targets: fit_temperature(probabilities, targets, 1.0, multi_label),
        learns_inputs=is_text(samples),
    )
    trained = train_by_folds(recipe, samples, labels, parts, schedule, watch)
    if trained.validations:
        trained.model.set_temperature(trained.model.validation_history["temperature"][trained.look])
    trained.model.training_seconds = time.monotonic() - start
    return trained.model


def _build(options: dict[str, Any], learning_rate: Any, samples: Any, labels: Any) -> Classifier:
    optimizer = recipe_optimizer(WHERE, options, learning_rate, adam_averaging_steps)
    return build_classifier(like=samples, labels=labels, **{**options, "optimizer": optimizer})


def _choose_folds(labels: list[Any], folds: int | None, multi_label: bool, seed: int | None) -> list[np.ndarray]:
    """The positions of each fold that validates; by default none where a class has only one sample."""
    names = [str(sorted(row, key=str)) for row in class_labels.as_rows(WHERE, labels, multi_label)]
    if folds is None:
        is_alone = not multi_label and min(Counter(names).values()) == 1
        folds = 0 if is_alone else usual_folds(len(names))
    return held_out(WHERE, folds, names, seed)
