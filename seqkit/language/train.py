"""The language model's recipe: text that is held back chooses how long to train, and how small the steps become."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqkit import _checks
from seqkit._errors import InvalidValue
from seqkit.language import inputs
from seqkit.language.build import build_language_model
from seqkit.language.model import LanguageModel
from seqkit.task.recipe import begin, own_optimizer, refuse_divergence, smaller_steps
from seqkit.text.known_words import splitting_of

WHERE = "train_language_model"
SHARE = 10  # one part in so many is held back
LONGEST_WORD = 100  # characters in which the end of a word is looked for
PATIENCE = 3  # epochs without a new low before it ends
SHRINK = 0.5  # of the learning rate, after an epoch without a new low
MOST_EPOCHS = 30
WATCHED = "val_perplexity"


def train_language_model(
    texts: Any,
    *,
    validation: Any = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    **options: Any,
) -> LanguageModel:
    """Train a language model for as long as held-back text says.

    After each epoch the perplexity of text that is not trained on is watched. Where it has not fallen the steps are
    halved from then on (as in Mikolov et al. 2010), and the weights of the epoch where it was lowest are kept.

    Args:
        texts: one long text or a list of separate ones, as `build_language_model(like=)` takes them. The vocabulary
            is that of the part trained on.
        validation: text to hold back, of the same kind; by default the last tenth of one text, or every tenth of a
            list.
        epochs: most times through the text, 30 by default.
        batch_size: as in `LanguageModel.fit`.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        verbose: 0 silent, 1 Keras's progress.
        options: anything `build_language_model` takes.

    Returns:
        The trained `LanguageModel`; `chosen_epochs` says after which epoch it was best, `validation_history` holds the
        validation curve, with the perplexity of training beside it.

    Raises:
        TypeError, ValueError: what `build_language_model` and `fit` refuse; too little text to hold any back.
    """
    begin(WHERE, seed)
    epochs = MOST_EPOCHS if epochs is None else _checks.whole_number(WHERE, "epochs", epochs)
    splitting = splitting_of(options.get("vocabulary"), options.get("by"))
    _read(WHERE, texts, splitting)
    if validation is None:
        texts, validation = _held_back(texts)
    else:
        _read(f"{WHERE}: validation", validation, splitting)
    model = build_language_model(like=texts, **{**options, "optimizer": own_optimizer(options)})
    history = model.fit(
        texts,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation,
        verbose=verbose,
        callbacks=[
            keras.callbacks.EarlyStopping(WATCHED, mode="min", patience=PATIENCE, restore_best_weights=True),
            *smaller_steps(model, WATCHED, SHRINK),
        ],
    ).history
    curve = [float(one) for one in history[WATCHED]]
    refuse_divergence(WHERE, curve)
    model.chosen_epochs = int(np.nanargmin(curve)) + 1
    model.validation_history = {
        "epochs": [float(epoch) for epoch in range(1, len(curve) + 1)],
        "perplexity": [float(one) for one in history["perplexity"]],
        WATCHED: curve,
        "val_loss": [float(one) for one in history["val_loss"]],
    }
    return model


def _read(where: str, texts: Any, splitting: Any) -> None:
    """Refuse what is no text by the place where the user has it, before any is held back."""
    inputs.refuse_empty(where, inputs.as_texts(where, texts), splitting)


def _held_back(texts: Any) -> tuple[Any, Any]:
    """The part to train on, and the part to hold back."""
    if isinstance(texts, str):
        cut = _between_words(texts, len(texts) - len(texts) // SHARE)
        parts: tuple[Any, Any] = texts[:cut], texts[cut:]
        enough = all(part.strip() for part in parts)
    else:
        parts = [one for at, one in enumerate(texts) if (at + 1) % SHARE], list(texts)[SHARE - 1 :: SHARE]
        enough = bool(parts[1])
    if not enough:
        raise InvalidValue(WHERE, "too little text to hold a tenth back.", "Pass more, or validation=.")
    return parts


def _between_words(text: str, wanted: int) -> int:
    """The last white space before the wanted place; that place itself where there is none near, as in Chinese."""
    for place in range(wanted, max(wanted - LONGEST_WORD, 0), -1):
        if text[place : place + 1].isspace():
            return place
    return wanted
