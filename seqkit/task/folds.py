"""The recipe of models that read whole samples: folds that are held out choose the epochs, then all samples train."""

from __future__ import annotations

import contextlib
import random as python_random  # seeded by keras.utils.set_random_seed
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.data.frames import as_pandas
from seqkit.task.progress import Watch
from seqkit.task.recipe import (
    MOST_WEIGHTS_AT_ONCE,
    averaging_callbacks,
    copy_state,
    epochs_without_validation,
    patience_of,
    pick_samples,
    refuse_divergence,
    restarted,
    restore_state,
    rounds_within_steps,
    several_steps_at_once,
    trained_numbers,
)
from seqkit.task.series_model import SeriesTask
from seqkit.task.training_run import training_run
from seqkit.task.unrolling import LONGEST_UNROLLED, STEPS_THAT_PAY, unrolled
from seqkit.task.validation import Judge, Schedule, Validation, Validator, history_of

FOLDS = 5  # each fold is a fifth of the samples
ENOUGH_VALIDATION_SAMPLES = 60  # where one fold holds fewer, more folds validate in turn
MOST_DEFAULT_FOLDS = 3  # that validate
STEPS_BETWEEN_LOOKS = 16
MOST_STEPS = 800
FEWEST_LOOKS = 20
LEAST_STEPS = 150  # until then, untrained weights are still a part of the moving average of the weights
SMALLEST_BATCH, LARGEST_BATCH = 4, 32
UNVALIDATED_STEPS = 150  # steps of training without validation samples


class FoldsRecipe(NamedTuple):
    """What a task says of its recipe. Samples and answers are arrays or lists."""

    where: str  # the recipe, for messages
    build: Callable[[Any, Any], Any]  # of samples and answers: a compiled `SeriesTask`
    adapt: Callable[[Any, Any, Any], None]  # of a model, samples and answers: the statistics of these alone
    targets: Callable[[Any, Any], np.ndarray]  # of a model and answers: [B, ...] as the network gives them
    judge: Judge
    learns_inputs: bool = False  # whether each fold builds anew, since what samples may be read is learnt from them


class TrainedByFolds(NamedTuple):
    """The model that all samples trained, and what the folds said before."""

    model: Any
    validations: list[Validation]  # of each fold; empty without folds
    look: int  # of the validations, that chose the epochs


def train_by_folds(
    recipe: FoldsRecipe, samples: Any, answers: Any, folds: list[np.ndarray], schedule: Schedule, watch: Watch
) -> TrainedByFolds:
    """Train without each fold in turn, choose the epochs, and train a model on all samples for that long.

    Args:
        recipe: how models are built and judged.
        samples: an array or a list.
        answers: an array or a list, one for each sample.
        folds: the positions of the samples of each fold; an empty list trains for a short fixed time.
        schedule: batches, looks and epochs.
        watch: callbacks, progress and checkpoint.

    Returns:
        The model with its `validation_history` and `chosen_epochs`, and the validations.
    """
    validations, used = _validate(recipe, samples, answers, folds, schedule, watch)
    model = restarted(used, recipe.build(samples, answers))
    history = history_of(validations, schedule, recipe.judge) if validations else None
    look = _best_look(recipe.where, history["val_loss"], schedule.first_look) if history else 0
    model.validation_history = history
    model.chosen_epochs = int(history["epochs"][look]) if history else schedule.unvalidated_epochs
    showing = watch.of_training("all samples")
    with several_steps_at_once(model), _without_loops(model, schedule, len(folds)):
        model.fit(samples, answers, batch_size=schedule.batch_size, epochs=model.chosen_epochs, **showing)
    return TrainedByFolds(model, validations, look)


def _best_look(where: str, losses: list[float], first_look: int) -> int:
    way_out = (
        "Are there values too large for float32? Divide them by a power of ten, or pass an optimizer of smaller steps."
    )
    refuse_divergence(where, losses, way_out)
    eligible = losses[first_look:] if np.isfinite(losses[first_look:]).any() else losses
    return len(losses) - len(eligible) + int(np.nanargmin(eligible))


def indexable(where: str, x: Any, what: str = "series") -> Any:
    """The samples as an array or a list; `what` they are, for messages."""
    x = as_pandas(x)
    if isinstance(x, pd.DataFrame):
        raise InvalidType(where, f"{what} are needed, got a DataFrame.", "See seqkit.take_sequences.", "x")
    if isinstance(x, str):
        raise InvalidType(where, f"a list of {what.split()[-1]} is needed, got one string.", argument="x")
    return x if isinstance(x, np.ndarray) else list(x)


def _without_loops(model: SeriesTask, schedule: Schedule, folds: int) -> contextlib.AbstractContextManager[None]:
    """Unroll the recurrent layers of a small model where the folds may take so many steps that it pays."""
    timesteps = model.settings.timesteps  # None for series of several lengths, and for texts
    is_short = timesteps is not None and timesteps // model.settings.segment <= LONGEST_UNROLLED
    pays = is_short and trained_numbers(model) <= MOST_WEIGHTS_AT_ONCE and folds * schedule.most_steps >= STEPS_THAT_PAY
    return unrolled(model) if pays else contextlib.nullcontext()


def schedule_of(where: str, samples: int, batch_size: Any, epochs: Any) -> Schedule:
    """Check the batch size (an eighth of the samples by default) and the most epochs, and plan the looks."""
    epochs = None if epochs is None else _checks.whole_number(where, "epochs", epochs)
    if batch_size is None:
        batch_size = int(np.clip(samples // 8, SMALLEST_BATCH, LARGEST_BATCH))
    batch_size = _checks.whole_number(where, "batch_size", batch_size)
    steps = -(-samples // batch_size)
    looks = rounds_within_steps(steps, epochs, between=STEPS_BETWEEN_LOOKS, most_steps=MOST_STEPS, fewest=FEWEST_LOOKS)
    steps_in_a_look = looks.passes * steps
    first_look = min(-(-LEAST_STEPS // steps_in_a_look), looks.most) - 1
    patience = patience_of(steps_in_a_look, STEPS_BETWEEN_LOOKS)
    unvalidated = epochs_without_validation(steps, epochs, most_steps=UNVALIDATED_STEPS)
    most_steps = looks.most * steps_in_a_look
    return Schedule(batch_size, looks.passes, looks.most, most_steps, first_look, patience, unvalidated)


def usual_folds(samples: int) -> int:
    """How many folds are held out in turn where the user does not say."""
    return int(np.clip(-(-ENOUGH_VALIDATION_SAMPLES * FOLDS // samples), 1, MOST_DEFAULT_FOLDS))


def held_out(where: str, folds: Any, groups: Sequence[str], seed: int | None) -> list[np.ndarray]:
    """The positions of the samples of each fold that validates, with nearly the same share of every group.

    Args:
        where: the recipe, for messages.
        folds: how many, 0 to 5.
        groups: the group of each sample.
        seed: of their order.
    """
    if _checks.whole_number(where, "folds", folds, least=0) > FOLDS:
        raise InvalidValue(where, f"folds must be from 0 to {FOLDS}, got {folds}.", argument="folds")
    fold_of = assign_folds(groups, seed)
    parts = [np.flatnonzero(fold_of == fold) for fold in range(folds)]
    return [positions for positions in parts if len(positions)]


def assign_folds(groups: Sequence[str], seed: int | None) -> np.ndarray:
    """Assign each sample to one of five folds, 0 to 4, so that each fold has nearly the same share of every group.

    The samples of a group (such as a class) go to the folds in turn, in random order. A group begins at the fold where
    the group before it ended. Without a seed, the order follows `keras.utils.set_random_seed`.
    """
    rng = np.random.default_rng(python_random.getrandbits(31) if seed is None else seed)
    fold_of, first = np.empty(len(groups), int), 0
    for name in sorted(set(groups), key=str):
        members = rng.permutation([position for position, group in enumerate(groups) if group == name])
        fold_of[members] = (first + np.arange(len(members))) % FOLDS
        first += len(members)
    return fold_of


def _validate(
    recipe: FoldsRecipe, samples: Any, answers: Any, folds: list[np.ndarray], schedule: Schedule, watch: Watch
) -> tuple[list[Validation], Any]:
    """Train without each fold in turn, from the same initial weights, and validate on the fold.

    The last model is returned too, if any: what was compiled for it can be used again.
    """
    validations: list[Validation] = []
    model, initial_state = None, []
    for number, positions in enumerate(folds, 1):
        others = np.setdiff1d(np.arange(len(answers)), positions)
        train, train_answers = pick_samples(samples, others), pick_samples(answers, others)
        if model is None or recipe.learns_inputs:
            # For series, all samples give the lengths.
            model = recipe.build(train if recipe.learns_inputs else samples, answers)
            initial_state = copy_state(model)
        restore_state(model, initial_state)
        recipe.adapt(model, train, train_answers)
        held, targets = pick_samples(samples, positions), recipe.targets(model, pick_samples(answers, positions))
        validator = Validator(model, held, targets, schedule, recipe.judge)
        showing = watch.of_training(f"fold {number}/{len(folds)}", *averaging_callbacks(model), validator)
        how: dict[str, Any] = {"shuffle": True, "passes": schedule.passes, "precompute": True}
        with (
            several_steps_at_once(model, keep=True),
            _without_loops(model, schedule, len(folds)),
            training_run(model, showing.pop("checkpoint")) as run,
        ):
            batches = model.batches("fit", train, train_answers, schedule.batch_size, **how)
            model.fit(batches, epochs=schedule.most_looks, checkpoint=run, **showing)
        validations.append(validator.validation)
    return validations, model
