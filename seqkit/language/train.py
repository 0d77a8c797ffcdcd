"""Recipe that trains a language model: held-back text chooses the number of epochs and lowers the learning rate."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.language import inputs
from seqkit.language.build import build_language_model
from seqkit.language.model import LanguageModel
from seqkit.task.compiling import clipped_adam
from seqkit.task.progress import AUTO, watch_of
from seqkit.task.recipe import (
    learning_rate_callbacks,
    recipe_optimizer,
    refuse_divergence,
    set_seed,
    several_steps_at_once,
)
from seqkit.text.vocabulary_argument import choose_splitting

WHERE = "train_language_model"
HELD_BACK_ONE_IN = 10
LONGEST_WORD = 100  # characters; a text is cut at a white space this near, if there is one
PATIENCE = 3  # epochs without a lower perplexity
LEARNING_RATE_FACTOR = 0.5  # after an epoch without a lower perplexity
MOST_EPOCHS = 30
MONITORED_METRIC = "val_perplexity"


def train_language_model(
    texts: Any,
    *,
    validation: Any = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: Any = None,
    seed: int | None = None,
    callbacks: Any = None,
    verbose: Any = AUTO,
    checkpoint: Any = None,
    **options: Any,
) -> LanguageModel:
    """Train a language model for the number of epochs that held-back text chooses.

    After each epoch, the model computes the perplexity of the held-back text. If it has not fallen, the learning rate
    is halved (as in Mikolov et al. 2010). The weights of the epoch with the lowest perplexity are kept.

    Args:
        texts: one long text or a list of separate ones, as `build_language_model(like=)` takes them. The vocabulary
            is learnt from the part that is trained on.
        validation: the held-back text, of the same form; by default the last tenth of one text, or every tenth text of
            a list.
        epochs: the largest number of epochs; 30 by default.
        batch_size: as in `LanguageModel.fit`.
        learning_rate: of the recipe's optimizer, a number or a schedule of Keras's; 0.001 by default.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        callbacks: Keras's, for the training; with small models, those of batches are called every 32 steps.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        checkpoint: a file from which the same call goes on after it was killed. Each training has one beside it, named
            after it. Without a seed, the seed is 0.
        options: anything `build_language_model` takes.

    Returns:
        The trained `LanguageModel`. `chosen_epochs` is the epoch with the lowest perplexity, `validation_history` the
        validation curve, with the perplexity of training beside it.

    Raises:
        TypeError, ValueError: what `build_language_model` and `fit` refuse; too little text to hold some back.

    Example:
        >>> import seqkit as sk
        >>> texts = ["never too late to code", "never too late to read"] * 10
        >>> model = sk.train_language_model(texts, units=4, embedding=3, epochs=1, verbose=0)
        >>> model.generate("never", 3, seed=0).startswith("never")
        True
    """
    seed_followed = set_seed(WHERE, seed, checkpoint)
    watch = watch_of(WHERE, callbacks, verbose, checkpoint, seed_followed)
    epochs = MOST_EPOCHS if epochs is None else _checks.whole_number(WHERE, "epochs", epochs)
    splitting = choose_splitting(options.get("vocabulary"), options.get("by"))
    _refuse_invalid(WHERE, texts, splitting)
    if validation is None:
        texts, validation = _hold_back(texts)
    else:
        _refuse_invalid(f"{WHERE}: validation", validation, splitting)
    optimizer = recipe_optimizer(WHERE, options, learning_rate, clipped_adam)
    model = build_language_model(like=texts, **{**options, "optimizer": optimizer})
    showing = watch.of_training(
        "training",
        keras.callbacks.EarlyStopping(MONITORED_METRIC, mode="min", patience=PATIENCE, restore_best_weights=True),
        *learning_rate_callbacks(model, MONITORED_METRIC, LEARNING_RATE_FACTOR),
        score=MONITORED_METRIC,
    )
    with several_steps_at_once(model):
        history = model.fit(texts, batch_size=batch_size, epochs=epochs, validation_data=validation, **showing).history
    history = {name: [float(value) for value in history[name]] for name in (MONITORED_METRIC, "perplexity", "val_loss")}
    curve = history[MONITORED_METRIC]
    refuse_divergence(WHERE, curve)
    model.chosen_epochs = int(np.nanargmin(curve)) + 1
    model.validation_history = {
        "epochs": [float(epoch) for epoch in range(1, len(curve) + 1)],
        "perplexity": history["perplexity"],
        MONITORED_METRIC: curve,
        "val_loss": history["val_loss"],
    }
    return model


def _refuse_invalid(where: str, texts: Any, splitting: Any) -> None:
    """Refuse what is not text; before texts are held back, so that a message has the user's own positions."""
    inputs.refuse_empty(where, inputs.as_texts(where, texts), splitting)


def _hold_back(texts: Any) -> tuple[Any, Any]:
    """Return the text to train on, and the held-back text."""
    if isinstance(texts, str):
        cut = _cut_between_words(texts, len(texts) - len(texts) // HELD_BACK_ONE_IN)
        parts: tuple[Any, Any] = texts[:cut], texts[cut:]
        is_enough = all(part.strip() for part in parts)
    else:
        training = [text for number, text in enumerate(texts, 1) if number % HELD_BACK_ONE_IN]
        parts = training, list(texts)[HELD_BACK_ONE_IN - 1 :: HELD_BACK_ONE_IN]
        is_enough = bool(parts[1])
    if not is_enough:
        raise InvalidValue(WHERE, "too little text to hold a tenth back.", "Pass more, or validation=.")
    return parts


def _cut_between_words(text: str, position: int) -> int:
    """Return the position of the last white space before; if none is near, as in Chinese, the position itself."""
    for candidate in range(position, max(position - LONGEST_WORD, 0), -1):
        if text[candidate : candidate + 1].isspace():
            return candidate
    return position
