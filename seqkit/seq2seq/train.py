"""The encoder-decoder's recipe: held-back pairs decide when to lower the learning rate and when to stop."""

from __future__ import annotations

import functools
import random as python_random  # seeded by keras.utils.set_random_seed
from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.texts import is_text
from seqkit.seq2seq import inputs
from seqkit.seq2seq.answers import DEFAULT_BATCH_SIZE
from seqkit.seq2seq.build import build_seq2seq
from seqkit.seq2seq.model import Seq2Seq
from seqkit.seq2seq.sources import count_samples, names_of, pick_sources, text_columns
from seqkit.task.progress import AUTO, watch_of
from seqkit.task.recipe import (
    adam_averaging_epoch,
    averaging_callbacks,
    learning_rate_callbacks,
    pick_samples,
    recipe_optimizer,
    refuse_divergence,
    set_seed,
    set_weights_and_averages,
    several_steps_at_once,
)

VALIDATION_PART = 10  # one pair in ten is held back
DEFAULT_EPOCHS = 30
LEARNING_RATE_FACTOR = 0.5  # for an epoch without a gain


def train_seq2seq(
    sources: Any,
    targets: Any = None,
    *,
    validation: Any = None,
    epochs: int | None = None,
    patience: int = 3,
    batch_size: int | None = None,
    learning_rate: Any = None,
    seed: int | None = None,
    callbacks: Any = None,
    verbose: Any = AUTO,
    checkpoint: Any = None,
    **options: Any,
) -> Seq2Seq:
    """Train an encoder-decoder, and keep the epoch with the lowest loss on validation pairs.

    After an epoch without a gain the learning rate is halved, unless the optimizer has a schedule. After `patience`
    such epochs the training ends. The weights are a moving average over about one time through the pairs (Polyak &
    Juditsky 1992). Without `validation`, a tenth of the pairs is held back. Unlike `train_classifier`, the recipe does
    not train the model anew on all pairs, which would take as long again.

    Args:
        sources: texts or series, as `build_seq2seq(like=)` takes them.
        targets: likewise; None for an autoencoder.
        validation: a pair `(sources, targets)` to validate on, instead of holding pairs back; for an autoencoder, the
            sources alone.
        epochs: most times through the pairs, 30 by default.
        patience: epochs without a gain before the training ends.
        batch_size: pairs in a gradient step, 64 by default.
        learning_rate: of the recipe's optimizer, a number or a schedule of Keras's; 0.001 by default.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        callbacks: Keras's, for the training; with small models, those of batches are called every 32 steps.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        checkpoint: a file from which the same call goes on after it was killed. Each training has one beside it, named
            after it. Without a seed, the seed is 0.
        options: anything `build_seq2seq` takes.

    Returns:
        The trained `Seq2Seq`. `chosen_epochs` is the kept epoch, `validation_history` holds the validation curve.

    Raises:
        TypeError, ValueError: for what `build_seq2seq` and `fit` refuse, and for too few pairs to hold any back.

    Example:
        >>> import seqkit as sk
        >>> spelt, digits = ["one two", "two one"] * 10, ["1 2", "2 1"] * 10
        >>> model = sk.train_seq2seq(spelt, digits, units=4, embedding=3, epochs=1, seed=0, verbose=0)
        >>> model.chosen_epochs
        1
    """
    where = "train_seq2seq"
    seed_followed = set_seed(where, seed, checkpoint)
    watch = watch_of(where, callbacks, verbose, checkpoint, seed_followed)
    epochs = DEFAULT_EPOCHS if epochs is None else _checks.whole_number(where, "epochs", epochs)
    patience = _checks.whole_number(where, "patience", patience)
    is_autoencoder = bool(options.get("autoencoder"))
    if not is_autoencoder and targets is None:
        raise InvalidValue(
            where, "the targets are missing.", "Pass train_seq2seq(sources, targets).", argument="targets"
        )
    if is_autoencoder and targets is not None:
        raise InvalidValue(
            where,
            "an autoencoder answers with its sources; leave the targets out.",
            "To remove noise, use build_seq2seq(autoencoder=True) and fit(noisy, clean).",
            argument="targets",
        )
    if validation is None:
        (sources, targets), validation = _hold_back(where, sources, targets, is_autoencoder, seed)
    else:
        _checked_pairs(f"{where}: validation", *inputs.as_pair(where, "validation", validation, is_autoencoder))
    like = sources if is_autoencoder else (sources, targets)
    size = DEFAULT_BATCH_SIZE if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
    adam = functools.partial(adam_averaging_epoch, size, count_samples(sources))
    optimizer = recipe_optimizer(where, options, learning_rate, adam)
    model = build_seq2seq(like=like, **{**options, "optimizer": optimizer})
    best = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    showing = watch.of_training(
        "training",
        *averaging_callbacks(model),
        best,
        *learning_rate_callbacks(model, "val_loss", LEARNING_RATE_FACTOR),
    )
    with several_steps_at_once(model):
        history = model.fit(sources, targets, size, epochs, validation_data=validation, **showing).history
    refuse_divergence(where, history["val_loss"])
    set_weights_and_averages(model, best.best_weights)
    model.chosen_epochs = int(np.nanargmin(history["val_loss"])) + 1
    names = [name for name in ("loss", "val_loss", "learning_rate") if name in history]
    curves = {name: [float(value) for value in history[name]] for name in names}
    model.validation_history = {"epochs": [epoch + 1.0 for epoch in range(len(history["loss"]))], **curves}
    return model


def _checked_pairs(where: str, sources: Any, targets: Any) -> tuple[Any, Any]:
    """Sources and targets, checked, as lists of texts (of several texts a dict of lists) or of series, or arrays."""
    names = names_of(sources)
    if names:
        _, answers = inputs.text_pairs(where, sources, targets, names)
        return text_columns(where, sources, names), answers
    if inputs.is_speech(sources, targets):
        return inputs.speech_pairs(where, sources, targets)
    are_texts = is_text(sources) or is_text(targets)
    return inputs.text_pairs(where, sources, targets) if are_texts else inputs.series_pairs(where, sources, targets)


def _hold_back(where: str, sources: Any, targets: Any, is_autoencoder: bool, seed: int | None) -> Any:
    """The training pairs, and a random tenth of the pairs as validation data.

    The pairs are checked before the split, so that messages name their positions in the user's data.
    """
    sources, targets = _checked_pairs(where, sources, sources if is_autoencoder else targets)
    count = count_samples(sources)
    if count < VALIDATION_PART:
        raise InvalidValue(
            where, f"{count} pairs are too few to hold a tenth back.", "Pass validation=, or use build_seq2seq and fit."
        )
    order = np.random.default_rng(python_random.getrandbits(31) if seed is None else seed).permutation(count)
    cut = count // VALIDATION_PART
    train, validation = (
        (pick_sources(sources, positions), pick_samples(targets, positions)) for positions in (order[cut:], order[:cut])
    )
    return ((train[0], None), validation[0]) if is_autoencoder else (train, validation)
