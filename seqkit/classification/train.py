"""The classifier's recipe: held-back samples choose how long to train and how sure to be, then all samples train."""

from __future__ import annotations

import random as python_random  # seeded by keras.utils.set_random_seed
from collections import Counter
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType, InvalidValue
from seqkit.classification.build import build_classifier
from seqkit.classification.model import Classifier
from seqkit.classification.temperature import Fitted, fit_temperature
from seqkit.data import labels as class_labels
from seqkit.data.texts import is_text
from seqkit.task.recipe import (
    adam_averaging_steps,
    averaging_callbacks,
    copied_optimizer,
    copy_state,
    epochs_without_validation,
    pick_samples,
    refuse_divergence,
    restore_state,
    rounds_within_steps,
    set_seed,
)

PARTS = 5  # of the samples, one of which is held back at a time
ENOUGH = 60  # samples held back in all; fewer are told from chance by holding back other parts in turn
MOST_FOLDS = 3
STEPS_BETWEEN_LOOKS = 16
MOST_STEPS = 800
FEWEST_LOOKS = 20
PATIENCE, LEAST_PATIENCE = 6, 3  # looks without a new low before a fold ends, each of 16 steps, or of many more
LEAST_STEPS = 150  # before that the average of the weights still holds a part of the untrained ones
SMALLEST_BATCH, LARGEST_BATCH = 4, 32
UNVALIDATED_STEPS = 150  # where a class has too few samples to hold any back


class Schedule(NamedTuple):
    """How the recipe counts: one look at the held-back samples after every `passes` times through the others."""

    batch_size: int
    passes: int
    most_looks: int
    first: int  # look that counts, from 0
    patience: int  # looks without a new low
    unvalidated: int  # epochs without any look


class Watched(NamedTuple):
    """What one fold showed, look by look."""

    probabilities: list[np.ndarray]  # (held back, K) each
    targets: np.ndarray  # zeros and ones (held back, K)
    losses: list[float]  # at the best temperature


def train_classifier(
    x: Any,
    y: Any,
    *,
    folds: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    **options: Any,
) -> Classifier:
    """Train a classifier on every sample, for as long as held-back samples say.

    First a fifth of the samples, the same share of each class, is held back and its log loss is watched; with few
    samples other fifths are held back in turn and judged together. The number of epochs at which it was lowest is
    kept, the weights are not. At every look the loss is that at the best temperature, which is kept as well: being too
    sure is mended by it, being wrong is not. Then training starts anew on all samples, for that many epochs.

    The weights are a moving average (Polyak & Juditsky 1992). Before 150 steps it still holds a part of the untrained
    ones, so fewer are never chosen, unless `epochs` allows no more.

    Args:
        x: series or texts, as `build_classifier(like=)` takes them.
        y: their labels.
        folds: fifths to hold back in turn, 0 to 5; 0 for a short fixed training, 1 to 3 by default.
        epochs: most times through the samples; by default enough for 800 steps and 20 epochs.
        batch_size: samples in a batch; an eighth of them by default, between 4 and 32.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        verbose: 0 silent, 1 Keras's progress.
        options: anything `build_classifier` takes.

    Returns:
        The trained `Classifier`; `chosen_epochs` says how long it trained, `validation_history` holds the validation
        curve it was chosen from (None without one).

    Raises:
        TypeError, ValueError: what `build_classifier` and `fit` refuse.
    """
    set_seed("train_classifier", seed)
    epochs = None if epochs is None else _checks.whole_number("train_classifier", "epochs", epochs)
    options = {**options, "multi_label": bool(options.get("multi_label", False))}
    samples, labels = _listed(x), class_labels.plain(y)
    if len(samples) != len(labels):
        raise InvalidValue(
            "train_classifier", f"{len(samples)} samples and {len(labels)} labels.", "They must pair up."
        )
    if batch_size is None:
        batch_size = int(np.clip(len(samples) // 8, SMALLEST_BATCH, LARGEST_BATCH))
    schedule = _schedule(len(samples), _checks.whole_number("train_classifier", "batch_size", batch_size), epochs)
    held_back = _held_back(labels, folds, options["multi_label"], seed)
    watched = _watch(samples, labels, held_back, schedule, options, verbose) if held_back else []
    model = _build(samples, labels, options)
    history = _history(watched, schedule, options["multi_label"]) if watched else None
    best = _choose(history["val_loss"], schedule.first) if history else 0
    model.validation_history = history
    model.chosen_epochs = int(history["epochs"][best]) if history else schedule.unvalidated
    model.fit(samples, labels, batch_size=batch_size, epochs=model.chosen_epochs, verbose=verbose)
    if history:
        model.set_temperature(history["temperature"][best])
    return model


def _choose(losses: list[float], first: int) -> int:
    way_out = (
        "Are there values too large for float32? Divide them by a power of ten, or pass an optimizer of smaller steps."
    )
    refuse_divergence("train_classifier", losses, way_out)
    counted = losses[first:] if np.isfinite(losses[first:]).any() else losses
    return len(losses) - len(counted) + int(np.nanargmin(counted))


def _listed(x: Any) -> Any:
    """Samples that can be counted and picked by position."""
    if isinstance(x, pd.DataFrame):
        raise InvalidType(
            "train_classifier", "series or texts are needed, got a DataFrame.", "See seqkit.take_sequences."
        )
    if isinstance(x, str):
        raise InvalidType("train_classifier", "a list of texts is needed, got one string.")
    return x if isinstance(x, np.ndarray) else list(x)


def _build(samples: Any, labels: Any, options: dict[str, Any]) -> Classifier:
    optimizer = copied_optimizer(options) or adam_averaging_steps()
    return build_classifier(like=samples, labels=labels, **{**options, "optimizer": optimizer})


def _schedule(samples: int, batch_size: int, epochs: int | None) -> Schedule:
    steps, how = -(-samples // batch_size), {"between": STEPS_BETWEEN_LOOKS}
    looks = rounds_within_steps(steps, epochs, **how, most_steps=MOST_STEPS, fewest=FEWEST_LOOKS)
    in_a_look = looks.passes * steps
    first = min(-(-LEAST_STEPS // in_a_look), looks.most) - 1
    patience = int(np.clip(PATIENCE * STEPS_BETWEEN_LOOKS // in_a_look, LEAST_PATIENCE, PATIENCE))
    unvalidated = epochs_without_validation(steps, epochs, most_steps=UNVALIDATED_STEPS)
    return Schedule(batch_size, looks.passes, looks.most, first, patience, unvalidated)


def _held_back(labels: list[Any], folds: int | None, multi_label: bool, seed: int | None) -> list[np.ndarray]:
    """Positions held back, fold by fold; none by default where a class has one sample alone."""
    kinds = [str(sorted(row, key=str)) for row in class_labels.as_rows("train_classifier", labels, multi_label)]
    if folds is None:
        smallest = min(Counter(kinds).values())
        folds = int(np.clip(-(-ENOUGH * PARTS // len(kinds)), 1, MOST_FOLDS)) if smallest > 1 or multi_label else 0
    if _checks.whole_number("train_classifier", "folds", folds, least=0) > PARTS:
        raise InvalidValue("train_classifier", f"folds must be from 0 to {PARTS}, got {folds}.", argument="folds")
    part = parts_by_class(kinds, seed)
    found = [np.flatnonzero(part == number) for number in range(folds)]
    return [one for one in found if len(one)]


def parts_by_class(kinds: list[Any], seed: int | None) -> np.ndarray:
    """Deal the samples out to five parts, each with the same share of every class as near as can be.

    The members of a class are dealt out in turn, beginning where the class before has ended. Without a seed, which ones
    follows `keras.utils.set_random_seed`.
    """
    rng = np.random.default_rng(python_random.getrandbits(31) if seed is None else seed)
    part, first = np.empty(len(kinds), int), 0
    for one in sorted(set(kinds), key=str):
        members = rng.permutation([position for position, kind in enumerate(kinds) if kind == one])
        part[members] = (first + np.arange(len(members))) % PARTS
        first += len(members)
    return part


def _watch(
    samples: Any,
    labels: list[Any],
    held_back: list[np.ndarray],
    schedule: Schedule,
    options: dict[str, Any],
    verbose: int,
) -> list[Watched]:
    """Train without each fold in turn, from the same first weights."""
    everyone, watched = np.arange(len(labels)), []
    model, first = None, []
    for positions in held_back:
        rest = np.setdiff1d(everyone, positions)
        part, wanted = pick_samples(samples, rest), [labels[position] for position in rest]
        if model is None or model.settings.is_text:
            # The words that a text model knows are those it was trained on; which lengths there are, all series say.
            model = _build(part if is_text(samples) else samples, labels, options)
            first = copy_state(model)
        restore_state(model, first)
        model.adapt(part)
        held_labels = [labels[position] for position in positions]
        look = _Look(model, pick_samples(samples, positions), held_labels, schedule)
        batches = model.batches(
            "fit", part, wanted, schedule.batch_size, shuffle=True, passes=schedule.passes, keep=True
        )
        model.fit(batches, epochs=schedule.most_looks, callbacks=[*averaging_callbacks(model), look], verbose=verbose)
        watched.append(look.found)
    return watched


class _Look(keras.callbacks.Callback):
    """After every epoch ask for the probabilities of the held-back samples, and stop when their loss stays higher."""

    def __init__(self, judged: Classifier, x: Any, y: Any, schedule: Schedule) -> None:
        super().__init__()
        self._schedule = schedule
        self._batches = judged.batches("fit", x, None, keep=True)
        self.found = Watched([], judged.encode(y), [])
        self._many = judged.settings.multi_label

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        probabilities = self.model.predict(self._batches, verbose=0)
        losses = self.found.losses
        self.found.probabilities.append(probabilities)
        losses.append(fit_temperature(probabilities, self.found.targets, 1.0, self._many).loss)
        first, patience = self._schedule.first, self._schedule.patience
        if epoch >= first + patience and epoch - first - int(np.argmin(losses[first:])) >= patience:
            self.model.stop_training = True


def _fit_together(watched: list[Watched], look: int, many: bool) -> Fitted:
    """Temperature and loss of all held-back samples at one look; a fold that was stopped early stays where it was."""
    shown = [one.probabilities[min(look, len(one.losses) - 1)] for one in watched]
    return fit_temperature(np.concatenate(shown), np.concatenate([one.targets for one in watched]), 1.0, many)


def _history(watched: list[Watched], schedule: Schedule, many: bool) -> dict[str, list[float]]:
    looks = range(max(len(one.losses) for one in watched))
    fitted = [_fit_together(watched, look, many) for look in looks]
    return {
        "epochs": [float(schedule.passes * (look + 1)) for look in looks],
        "val_loss": [one.loss for one in fitted],
        "temperature": [one.temperature for one in fitted],
    }
