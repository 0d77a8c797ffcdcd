"""The classifier's recipe: validation samples choose epochs and temperature, then all samples train."""

from __future__ import annotations

import contextlib
import random as python_random  # seeded by keras.utils.set_random_seed
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.build import build_classifier
from seqkit.classification.model import Classifier
from seqkit.classification.validation import Schedule, Validation, Validator, history_of
from seqkit.data import labels as class_labels
from seqkit.data.frames import as_pandas
from seqkit.data.texts import is_text
from seqkit.task.progress import AUTO, Watch, watch_of
from seqkit.task.recipe import (
    MOST_WEIGHTS_AT_ONCE,
    adam_averaging_steps,
    averaging_callbacks,
    copy_state,
    epochs_without_validation,
    pick_samples,
    recipe_optimizer,
    refuse_divergence,
    restarted,
    restore_state,
    rounds_within_steps,
    set_seed,
    several_steps_at_once,
)
from seqkit.task.training_run import training_run
from seqkit.task.unrolling import LONGEST_UNROLLED, STEPS_THAT_PAY, unrolled

FOLDS = 5  # each fold is a fifth of the samples
ENOUGH_VALIDATION_SAMPLES = 60  # where one fold holds fewer, more folds validate in turn
MOST_DEFAULT_FOLDS = 3  # that validate
STEPS_BETWEEN_LOOKS = 16
MOST_STEPS = 800
FEWEST_LOOKS = 20
PATIENCE, LEAST_PATIENCE = 6, 3  # looks without a new low before a fold ends: at 16 steps a look, and at many more
LEAST_STEPS = 150  # until then, untrained weights are still a part of the moving average of the weights
SMALLEST_BATCH, LARGEST_BATCH = 4, 32
UNVALIDATED_STEPS = 150  # steps of training without validation samples


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
    """
    seed_followed = set_seed("train_classifier", seed, checkpoint)
    watch = watch_of("train_classifier", callbacks, verbose, checkpoint, seed_followed)
    epochs = None if epochs is None else _checks.whole_number("train_classifier", "epochs", epochs)
    options = {**options, "multi_label": bool(options.get("multi_label", False)), "learning_rate": learning_rate}
    samples, labels = _indexable(x), class_labels.plain("train_classifier", y)
    if len(samples) != len(labels):
        raise InvalidValue(
            "train_classifier", f"{len(samples)} samples and {len(labels)} labels.", "They must pair up."
        )
    if len(samples) == 0:
        raise InvalidValue("train_classifier", "no samples at all.", "Pass one or more.")
    if batch_size is None:
        batch_size = int(np.clip(len(samples) // 8, SMALLEST_BATCH, LARGEST_BATCH))
    schedule = _schedule(len(samples), _checks.whole_number("train_classifier", "batch_size", batch_size), epochs)
    folds_held_out = _choose_folds(labels, folds, options["multi_label"], seed)
    validations, used = _validate(samples, labels, folds_held_out, schedule, options, watch)
    model = restarted(used, _build(samples, labels, options))
    history = history_of(validations, schedule, options["multi_label"]) if validations else None
    best = _best_look(history["val_loss"], schedule.first_look) if history else 0
    model.validation_history = history
    model.chosen_epochs = int(history["epochs"][best]) if history else schedule.unvalidated_epochs
    showing = watch.of_training("all samples")
    with several_steps_at_once(model), _without_loops(model, schedule, len(folds_held_out)):
        model.fit(samples, labels, batch_size=schedule.batch_size, epochs=model.chosen_epochs, **showing)
    if history:
        model.set_temperature(history["temperature"][best])
    return model


def _best_look(losses: list[float], first_look: int) -> int:
    way_out = (
        "Are there values too large for float32? Divide them by a power of ten, or pass an optimizer of smaller steps."
    )
    refuse_divergence("train_classifier", losses, way_out)
    eligible = losses[first_look:] if np.isfinite(losses[first_look:]).any() else losses
    return len(losses) - len(eligible) + int(np.nanargmin(eligible))


def _indexable(x: Any) -> Any:
    """The samples as an array or a list."""
    x = as_pandas(x)
    if isinstance(x, pd.DataFrame):
        problem = "series or texts are needed, got a DataFrame."
        raise InvalidType("train_classifier", problem, "See seqkit.take_sequences.", "x")
    if isinstance(x, str):
        raise InvalidType("train_classifier", "a list of texts is needed, got one string.", argument="x")
    return x if isinstance(x, np.ndarray) else list(x)


def _build(samples: Any, labels: Any, options: dict[str, Any]) -> Classifier:
    rest = {name: value for name, value in options.items() if name != "learning_rate"}
    optimizer = recipe_optimizer("train_classifier", options, options["learning_rate"], adam_averaging_steps)
    return build_classifier(like=samples, labels=labels, **{**rest, "optimizer": optimizer})


def _without_loops(model: Classifier, schedule: Schedule, folds: int) -> contextlib.AbstractContextManager[None]:
    """Unroll the recurrent layers of a small model where the folds may take so many steps that it pays."""
    timesteps = model.settings.timesteps  # None for series of several lengths, and for texts
    is_short = timesteps is not None and timesteps // model.settings.segment <= LONGEST_UNROLLED
    pays = is_short and model.count_params() <= MOST_WEIGHTS_AT_ONCE and folds * schedule.most_steps >= STEPS_THAT_PAY
    return unrolled(model) if pays else contextlib.nullcontext()


def _schedule(samples: int, batch_size: int, epochs: int | None) -> Schedule:
    steps = -(-samples // batch_size)
    looks = rounds_within_steps(steps, epochs, between=STEPS_BETWEEN_LOOKS, most_steps=MOST_STEPS, fewest=FEWEST_LOOKS)
    steps_in_a_look = looks.passes * steps
    first_look = min(-(-LEAST_STEPS // steps_in_a_look), looks.most) - 1
    patience = int(np.clip(PATIENCE * STEPS_BETWEEN_LOOKS // steps_in_a_look, LEAST_PATIENCE, PATIENCE))
    unvalidated = epochs_without_validation(steps, epochs, most_steps=UNVALIDATED_STEPS)
    most_steps = looks.most * steps_in_a_look
    return Schedule(batch_size, looks.passes, looks.most, most_steps, first_look, patience, unvalidated)


def _choose_folds(labels: list[Any], folds: int | None, multi_label: bool, seed: int | None) -> list[np.ndarray]:
    """The positions of each fold that validates; by default none where a class has only one sample."""
    names = [str(sorted(row, key=str)) for row in class_labels.as_rows("train_classifier", labels, multi_label)]
    if folds is None:
        folds = int(np.clip(-(-ENOUGH_VALIDATION_SAMPLES * FOLDS // len(names)), 1, MOST_DEFAULT_FOLDS))
        if not multi_label and min(Counter(names).values()) == 1:
            folds = 0
    if _checks.whole_number("train_classifier", "folds", folds, least=0) > FOLDS:
        raise InvalidValue("train_classifier", f"folds must be from 0 to {FOLDS}, got {folds}.", argument="folds")
    fold_of = assign_folds(names, seed)
    held_out = [np.flatnonzero(fold_of == fold) for fold in range(folds)]
    return [positions for positions in held_out if len(positions)]


def assign_folds(labels: list[Any], seed: int | None) -> np.ndarray:
    """Assign each sample to one of five folds, 0 to 4, so that each fold has nearly the same share of every class.

    The samples of a class go to the folds in turn, in random order. A class begins at the fold where the class before
    it ended. Without a seed, the order follows `keras.utils.set_random_seed`.
    """
    rng = np.random.default_rng(python_random.getrandbits(31) if seed is None else seed)
    fold_of, first = np.empty(len(labels), int), 0
    for name in sorted(set(labels), key=str):
        members = rng.permutation([position for position, label in enumerate(labels) if label == name])
        fold_of[members] = (first + np.arange(len(members))) % FOLDS
        first += len(members)
    return fold_of


def _validate(
    samples: Any,
    labels: list[Any],
    folds: list[np.ndarray],
    schedule: Schedule,
    options: dict[str, Any],
    watch: Watch,
) -> tuple[list[Validation], Classifier | None]:
    """Train without each fold in turn, from the same initial weights, and validate on the fold.

    The last model is returned too, if any: what was compiled for it can be used again.
    """
    validations: list[Validation] = []
    model, initial_state = None, []
    for number, positions in enumerate(folds, 1):
        others = np.setdiff1d(np.arange(len(labels)), positions)
        train, train_labels = pick_samples(samples, others), [labels[position] for position in others]
        if model is None or model.settings.is_text:
            # A text model learns its words from the samples it trains on. For series, all samples give the lengths.
            model = _build(train if is_text(samples) else samples, labels, options)
            initial_state = copy_state(model)
        restore_state(model, initial_state)
        model.adapt(train)
        validator = Validator(
            model, pick_samples(samples, positions), [labels[position] for position in positions], schedule
        )
        what = f"fold {number}/{len(folds)}"
        showing = watch.of_training(what, *averaging_callbacks(model), validator)
        how: dict[str, Any] = {"shuffle": True, "passes": schedule.passes, "precompute": True}
        with (
            several_steps_at_once(model, keep=True),
            _without_loops(model, schedule, len(folds)),
            training_run(model, showing.pop("checkpoint")) as run,
        ):
            batches = model.batches("fit", train, train_labels, schedule.batch_size, **how)
            model.fit(batches, epochs=schedule.most_looks, checkpoint=run, **showing)
        validations.append(validator.validation)
    return validations, model
