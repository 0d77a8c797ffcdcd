"""The tagger's recipe: held-back sequences choose how long to train, then all sequences train."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.build import build_tagger
from seqkit.tagging.model import Tagger
from seqkit.tagging.spans import span_scores
from seqkit.task.recipe import (
    Looks,
    averages,
    averaging_adam,
    begin,
    keep,
    looks_within_epochs,
    own_optimizer,
    refuse_divergence,
)
from seqkit.text.known_words import splitting_of

WHERE = "train_tagger"
HELD_BACK = 10  # one of so many sequences
LEAST = 2  # sequences that can be divided
BATCH = 32
SMALLEST_BATCH = 4
LEAST_STEPS = 1000  # that training may last, where there are few sequences
MOST_EPOCHS = 20
FIRST_RATE, LAST_RATE = 0.004, 0.0002  # of Adam, between which the rate falls as a cosine does
PATIENCE = 8  # looks without a better one
STEPS_BETWEEN_LOOKS = 16
UNVALIDATED_STEPS = 300  # where there is a single sequence


class Parts(NamedTuple):
    """Sequences and their tags, apart."""

    x: Any
    y: list[Any]


def train_tagger(
    x: Any,
    y: Any,
    *,
    validation: tuple[Any, Any] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    verbose: int = 0,
    **options: Any,
) -> Tagger:
    """Train a tagger for as long as held-back sequences say.

    Without `validation` the last tenth of the sequences is held back and watched, and then training starts anew on
    all of them, for the number of epochs that was best: by span F1 where there are spans among the tags held back, else
    by accuracy. (Sequences sorted by kind should be shuffled first.) With `validation`, those sequences are never
    trained on, and the weights that were best on them are kept. The steps grow smaller over the `epochs`, as a cosine
    falls (Loshchilov & Hutter 2017), and the weights are a moving average over about one time through the sequences
    (Polyak & Juditsky 1992). To train the tagger further, compile it anew, for its steps stay small.

    Args:
        x: sentences or series, as `build_tagger(like=)` takes them.
        y: a list of tags for each.
        validation: a pair `(x, y)` like these.
        epochs: most times through the sequences; 20 by default, or more where they are few.
        batch_size: sequences in a batch; an eighth of them by default, between 4 and 32.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        verbose: 0 silent, 1 Keras's progress.
        options: anything `build_tagger` takes.

    Returns:
        The trained `Tagger`; `chosen_epochs` says how long it trained, `validation_history` holds the validation
        curve it was chosen from (None without one).

    Raises:
        TypeError, ValueError: what `build_tagger` and `fit` refuse.
    """
    begin(WHERE, seed)
    epochs = None if epochs is None else _checks.whole_number(WHERE, "epochs", epochs)
    splitting = splitting_of(options.get("vocabulary"), options.get("by"))
    everyone = _paired(WHERE, x, y, splitting)
    count = len(everyone.y)
    size = int(np.clip(count // 8, SMALLEST_BATCH, BATCH)) if batch_size is None else batch_size
    size = _checks.whole_number(WHERE, "batch_size", size)
    if validation is None and count < LEAST:
        return _unvalidated(everyone, epochs, size, options, verbose)
    if validation is None:
        cut = count - max(1, count // HELD_BACK)
        part, held = _cut(everyone, slice(cut)), _cut(everyone, slice(cut, None))
    else:
        part, held = everyone, _paired(f"{WHERE}: validation", *_pair(validation), splitting)
    passes, looks = _looks(-(-len(part.y) // size), epochs)
    most = passes * looks
    model = _build(part, everyone.y, size, most, options)
    look = _Look(model, held, passes)
    batches = model.batches("fit", *part, size, shuffle=True, passes=passes)
    model.fit(batches, epochs=looks, callbacks=[*averages(model), look], verbose=verbose)
    if validation is None:
        model = _build(everyone, everyone.y, size, most, options)
        model.fit(*everyone, batch_size=size, epochs=look.best_epochs, verbose=verbose)
    else:
        keep(model, look.best_weights)
    model.chosen_epochs, model.validation_history = look.best_epochs, look.history
    return model


def _pair(validation: Any) -> tuple[Any, Any]:
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise InvalidType(
            WHERE, "validation must be the pair (x, y) of sequences that were held back.", argument="validation"
        )
    return validation[0], validation[1]


def _paired(where: str, x: Any, y: Any, splitting: str) -> Parts:
    """Sequences that can be cut, and a list of tags for each; of words, one for each token."""
    tags = [list(row) for row in tag_rows.as_rows(where, y)]
    if isinstance(x, (str, pd.DataFrame)) or not isinstance(x, Iterable):
        raise InvalidType(where, f"a list of sentences or of series is needed, got {type(x).__name__}.")
    if inputs.is_words(x):
        tokens, extra = inputs.as_sentences(where, x, splitting)
        inputs.pair_up(where, tokens, tags, "tags")
        inputs.refuse_empty(where, tokens)
        return Parts(tokens if extra is None else {inputs.WORDS: tokens, inputs.EXTRA: extra}, tags)
    x = x if isinstance(x, np.ndarray) else list(x)
    inputs.pair_up(where, inputs.as_series(where, x, None), tags, "tags", "steps")
    return Parts(x, tags)


def _cut(whole: Parts, where: slice) -> Parts:
    x = {name: rows[where] for name, rows in whole.x.items()} if isinstance(whole.x, Mapping) else whole.x[where]
    return Parts(x, whole.y[where])


def _looks(steps: int, epochs: int | None) -> Looks:
    """A look after every few epochs of so many steps."""
    most = max(MOST_EPOCHS, -(-LEAST_STEPS // steps)) if epochs is None else epochs
    return looks_within_epochs(steps, most, between=STEPS_BETWEEN_LOOKS)


def _build(part: Parts, tags: list[Any], size: int, most: int, options: dict[str, Any]) -> Tagger:
    """A tagger of the words of one part and of all tags, whose steps grow smaller over `most` epochs."""
    steps = most * -(-len(part.y) // size)
    rate = keras.optimizers.schedules.CosineDecay(FIRST_RATE, steps, LAST_RATE / FIRST_RATE)
    optimizer = own_optimizer(options) or averaging_adam(size, len(part.y), rate)
    return build_tagger(like=part.x, tags=tags, **{**options, "optimizer": optimizer})


def _unvalidated(everyone: Parts, epochs: int | None, size: int, options: dict[str, Any], verbose: int) -> Tagger:
    most = epochs or UNVALIDATED_STEPS
    model = _build(everyone, everyone.y, size, most, options)
    model.chosen_epochs = most
    model.fit(*everyone, batch_size=size, epochs=most, verbose=verbose)
    return model


def _has_spans(rows: list[Any]) -> bool:
    return any(tag != tag_rows.OUTSIDE for row in rows for tag in row)


class _Look(keras.callbacks.Callback):
    """After every look's epochs tag the held-back sequences, and stop when their score stays lower."""

    def __init__(self, judged: Tagger, held: Parts, passes: int) -> None:
        super().__init__()
        self._judged, self._held, self._passes = judged, held, passes
        judged.paired(f"{WHERE}: validation", *held)  # refuses what it cannot read before an epoch is spent
        self._kind = "span_f1" if tag_rows.are_spans(judged.tags) and _has_spans(held.y) else "accuracy"
        self.history: dict[str, list[float]] = {"epochs": [], self._kind: []}
        self.best_weights: list[np.ndarray] = []

    @property
    def best_epochs(self) -> int:
        """How many times through the sequences were best."""
        return int(self.history["epochs"][self._best])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None and epoch == 0:
            refuse_divergence(WHERE, logs["loss"])
        given = self._judged.predict_tags(self._held.x)
        scores = self.history[self._kind]
        scores.append(self._score(given))
        if logs is not None:
            logs[f"val_{self._kind}"] = scores[-1]  # for the progress that Keras prints
        self.history["epochs"].append(float(self._passes * (epoch + 1)))
        best = self._best
        if best == epoch:
            self.best_weights = [np.array(one) for one in self._judged.get_weights()]
        if epoch - best >= PATIENCE:
            self.model.stop_training = True

    @property
    def _best(self) -> int:
        """The first look of the best score; the last look, while nothing has been learnt that the score shows."""
        scores = self.history[self._kind]
        unmoved = len(set(scores)) == 1 and scores[0] < 1
        return len(scores) - 1 if unmoved else int(np.argmax(scores))

    def _score(self, given: list[list[Any]]) -> float:
        if self._kind == "span_f1":
            return float(span_scores(self._held.y, given)[""].f1)
        pairs = zip(itertools.chain(*self._held.y), itertools.chain(*given), strict=True)
        return float(np.mean([one == other for one, other in pairs]))
