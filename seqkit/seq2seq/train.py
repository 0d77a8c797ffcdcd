"""The encoder-decoder's recipe: held-back pairs say when to slow down and when to stop."""

from __future__ import annotations

import random as python_random  # seeded by keras.utils.set_random_seed
from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.data.texts import is_text
from seqkit.seq2seq import inputs
from seqkit.seq2seq.answers import BATCH
from seqkit.seq2seq.build import build_seq2seq
from seqkit.seq2seq.model import Seq2Seq
from seqkit.task.recipe import (
    averages,
    averaging_adam,
    begin,
    keep,
    own_optimizer,
    pick,
    refuse_divergence,
    smaller_steps,
)

PARTS = 10  # of the pairs, one of which is held back
MOST_EPOCHS = 30
SLOWER = 0.5  # what the steps are multiplied by when the held-back pairs no longer gain


def train_seq2seq(
    sources: Any,
    targets: Any = None,
    *,
    validation: Any = None,
    epochs: int | None = None,
    patience: int = 3,
    batch_size: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    **options: Any,
) -> Seq2Seq:
    """Train an encoder-decoder for as long as pairs that it is not trained on say.

    Their loss is watched: after an epoch without a gain the steps are halved (unless the optimizer has a schedule of
    its own), after `patience` of them it is over, and
    the weights of the best epoch are kept. They are a moving average over about one time through the pairs (Polyak &
    Juditsky 1992). A tenth of the pairs is held back where no `validation` is given; unlike in `train_classifier` the
    model is not trained anew on all pairs, which would take as long again.

    Args:
        sources: texts or series, as `build_seq2seq(like=)` takes them.
        targets: likewise; none for an autoencoder.
        validation: a pair `(sources, targets)` to watch instead of holding back.
        epochs: most times through the pairs, 30 by default.
        patience: epochs without a gain before it ends.
        batch_size: pairs in a batch, 64 by default.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        verbose: 0 silent, 1 Keras's progress, 2 a line an epoch.
        options: anything `build_seq2seq` takes.

    Returns:
        The trained `Seq2Seq`; `chosen_epochs` says which epoch was kept, `validation_history` holds the curve.

    Raises:
        TypeError, ValueError: what `build_seq2seq` and `fit` refuse; too few pairs to hold any back.
    """
    where = "train_seq2seq"
    begin(where, seed)
    epochs = MOST_EPOCHS if epochs is None else _checks.whole_number(where, "epochs", epochs)
    patience = _checks.whole_number(where, "patience", patience)
    is_autoencoder = bool(options.get("autoencoder"))
    if not is_autoencoder and targets is None:
        raise InvalidValue(where, "the targets are missing.", "Pass train_seq2seq(sources, targets).")
    if is_autoencoder and targets is not None:
        raise InvalidValue(
            where,
            "an autoencoder answers with its sources; leave the targets out.",
            "To mend noisy ones use build_seq2seq(autoencoder=True) and fit(noisy, clean).",
        )
    if validation is None:
        (sources, targets), validation = _held_back(where, sources, targets, is_autoencoder, seed)
    else:
        _read(f"{where}: validation", *inputs.pair_of(where, "validation", validation, is_autoencoder))
    like = sources if is_autoencoder else (sources, targets)
    size = BATCH if batch_size is None else _checks.whole_number(where, "batch_size", batch_size)
    optimizer = own_optimizer(options) or averaging_adam(size, len(sources))
    model = build_seq2seq(like=like, **{**options, "optimizer": optimizer})
    best = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    history = model.fit(
        sources,
        targets,
        size,
        epochs,
        validation_data=validation,
        callbacks=[*averages(model), best, *smaller_steps(model, "val_loss", SLOWER)],
        verbose=verbose,
    ).history
    refuse_divergence(where, history["val_loss"])
    keep(model, best.best_weights)
    model.chosen_epochs = int(np.nanargmin(history["val_loss"])) + 1
    names = [name for name in ("loss", "val_loss", "learning_rate") if name in history]
    curves = {name: [float(one) for one in history[name]] for name in names}
    model.validation_history = {"epochs": [float(one) for one in range(1, len(history["loss"]) + 1)], **curves}
    return model


def _read(where: str, sources: Any, targets: Any) -> Any:
    """Pairs of texts or of series, checked."""
    are_texts = is_text(sources) or is_text(targets)
    return inputs.text_pairs(where, sources, targets) if are_texts else inputs.series_pairs(where, sources, targets)


def _held_back(where: str, sources: Any, targets: Any, is_autoencoder: bool, seed: int | None) -> Any:
    """A tenth of the pairs, drawn at random, and the others; what is wrong is named by its place before."""
    both = _read(where, sources, sources if is_autoencoder else targets)
    count = len(both[0])
    if count < PARTS:
        raise InvalidValue(
            where, f"{count} pairs are too few to hold a tenth back.", "Pass validation=, or use build_seq2seq and fit."
        )
    drawn = python_random.getrandbits(31) if seed is None else seed
    order = np.random.default_rng(drawn).permutation(count)
    cut = count // PARTS
    train, held = ([pick(one, places) for one in both] for places in (order[cut:], order[:cut]))
    return (train[0], None if is_autoencoder else train[1]), held[0] if is_autoencoder else tuple(held)
