"""The encoder-decoder's recipe: held-back pairs say when to slow down and when to stop."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit.models import _seq2seq_inputs as inputs
from seqkit.models.seq2seq import Seq2Seq, build_seq2seq

PARTS = 10  # of the pairs, one of which is held back
SLOWER = 0.5  # what the steps are multiplied by when the held-back pairs no longer gain


def train_seq2seq(
    sources: Any,
    targets: Any = None,
    *,
    validation_data: Any = None,
    epochs: int = 30,
    patience: int = 3,
    batch_size: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    **options: Any,
) -> Seq2Seq:
    """Train an encoder-decoder for as long as pairs that it is not trained on say.

    Their loss is watched: after an epoch without a gain the steps are halved, after `patience` of them it is over, and
    the weights of the best epoch are kept. A tenth of the pairs is held back where no `validation_data` is given;
    unlike in `train_classifier` the model is not trained anew on all pairs, which would take as long again.

    Args:
        sources: texts or series, as `build_seq2seq(like=)` takes them.
        targets: likewise; none for an autoencoder.
        validation_data: a pair `(sources, targets)` to watch instead of holding back.
        epochs: most times through the pairs.
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
    if seed is not None:
        keras.utils.set_random_seed(_checks.whole_number(where, "seed", seed, least=0))
    epochs, patience = (
        _checks.whole_number(where, name, value) for name, value in (("epochs", epochs), ("patience", patience))
    )
    is_autoencoder = bool(options.get("autoencoder"))
    if not is_autoencoder and targets is None:
        raise ValueError(f"{where}: the targets are missing. Pass train_seq2seq(sources, targets).")
    if is_autoencoder and targets is not None:
        raise ValueError(
            f"{where}: an autoencoder answers with its sources; leave the targets out. To mend noisy ones use "
            "build_seq2seq(autoencoder=True) and fit(noisy, clean)."
        )
    if validation_data is None:
        (sources, targets), validation_data = _held_back(where, sources, targets, is_autoencoder, seed)
    like = sources if is_autoencoder else (sources, targets)
    model = build_seq2seq(like=like, **options)
    slower = keras.callbacks.ReduceLROnPlateau("val_loss", factor=SLOWER, patience=1, min_delta=0)
    best = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    history = model.fit(
        sources,
        targets,
        batch_size,
        epochs,
        validation_data=validation_data,
        callbacks=[slower, best],
        verbose=verbose,
    ).history
    if not np.isfinite(history["val_loss"]).any():
        raise ValueError(
            f"{where}: the loss is not a number from the first epoch on. Pass an optimizer of smaller steps."
        )
    model.chosen_epochs = int(np.nanargmin(history["val_loss"])) + 1
    curves = {name: [float(one) for one in history[name]] for name in ("loss", "val_loss", "learning_rate")}
    model.validation_history = {"epochs": [float(one) for one in range(1, len(history["loss"]) + 1)], **curves}
    return model


def _held_back(where: str, sources: Any, targets: Any, is_autoencoder: bool, seed: int | None) -> Any:
    """A tenth of the pairs, drawn at random, and the others."""
    both = [sources] if is_autoencoder else [sources, targets]
    ends = sources, sources if is_autoencoder else targets
    if any(inputs.is_text(one) for one in both):
        inputs.text_pairs(where, *ends)  # refuses what is no text, by its place before any is drawn
    elif len({len(one) for one in both}) > 1:
        inputs.series_pairs(where, *ends)
    count = len(sources)
    if count < PARTS:
        raise ValueError(
            f"{where}: {count} pairs are too few to hold a tenth back. Pass validation_data=, or use "
            "build_seq2seq and fit."
        )
    order = np.random.default_rng(seed).permutation(count)
    parts = [[_pick(one, places) for one in both] for places in (order[count // PARTS :], order[: count // PARTS])]
    (train, held) = parts
    return (train[0], None if is_autoencoder else train[1]), held[0] if is_autoencoder else tuple(held)


def _pick(samples: Any, places: np.ndarray) -> Any:
    if isinstance(samples, np.ndarray):
        return samples[places]
    listed = list(samples)
    return [listed[place] for place in places]
