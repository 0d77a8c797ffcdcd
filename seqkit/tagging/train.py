"""Recipe that trains a tagger: held-back sequences choose the number of epochs, then all sequences train."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

from seqkit import _checks
from seqkit._errors import InvalidType
from seqkit.data.frames import as_pandas
from seqkit.tagging import inputs
from seqkit.tagging import tags as tag_rows
from seqkit.tagging.build import build_tagger
from seqkit.tagging.model import Tagger
from seqkit.tagging.spans import span_scores
from seqkit.task.progress import AUTO, watch_of
from seqkit.task.recipe import (
    Rounds,
    adam_averaging_epoch,
    averaging_callbacks,
    recipe_optimizer,
    refuse_divergence,
    rounds_within_epochs,
    set_seed,
    set_weights_and_averages,
    several_steps_at_once,
)
from seqkit.task.training_run import training_run
from seqkit.text.vocabulary_argument import choose_splitting

WHERE = "train_tagger"
HELD_BACK_ONE_IN = 10
SMALLEST_BATCH, LARGEST_BATCH = 4, 32
BATCHES_PER_EPOCH = 8  # from which the default batch size follows
MOST_EPOCHS = 20
MOST_STEPS_OF_FEW_SEQUENCES = 1000  # they may train for more epochs than MOST_EPOCHS
FIRST_LEARNING_RATE, LAST_LEARNING_RATE = 0.004, 0.0002
PATIENCE = 8  # evaluations without a better score
STEPS_BETWEEN_EVALUATIONS = 16
EPOCHS_OF_ONE_SEQUENCE = 300


class TaggedData(NamedTuple):
    """Sequences and their tags."""

    x: Any
    y: list[Any]


def train_tagger(
    x: Any,
    y: Any,
    *,
    validation: tuple[Any, Any] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: Any = None,
    seed: int | None = None,
    callbacks: Any = None,
    verbose: Any = AUTO,
    checkpoint: Any = None,
    **options: Any,
) -> Tagger:
    """Train a tagger for the number of epochs that held-back sequences choose.

    Without `validation`, the last tenth of the sequences is held back, and a tagger trains on the others. The best
    number of epochs is the one with the highest span F1 on the held-back sequences, or with the highest accuracy if
    their tags mark no spans. Then a new tagger trains on all sequences for that number of epochs. (If the sequences
    are sorted by kind, shuffle them first.) With `validation`, those sequences are never trained on, and the weights
    that were best on them are kept. The learning rate falls over the `epochs` as a cosine does (Loshchilov & Hutter
    2017), and the weights are averaged over about one epoch (Polyak & Juditsky 1992). To train the tagger further,
    compile it anew, because its learning rate stays small.

    Args:
        x: sentences or series, as `build_tagger(like=)` takes them.
        y: a list of tags for each.
        validation: a pair `(x, y)` like these.
        epochs: the largest number of epochs; 20 by default, or more if there are few sequences.
        batch_size: sequences in a gradient step; an eighth of them by default, between 4 and 32.
        learning_rate: of the recipe's optimizer, a schedule of Keras's or the number it falls from; 0.004 by default.
        seed: makes the result repeatable on one machine (it seeds Python, NumPy and Keras).
        callbacks: Keras's, for every training; with small models, those of batches are called every 32 steps.
        verbose: "auto" for a progress bar in a terminal or in Jupyter, 0 for silence, 1 and 2 for Keras's progress.
        checkpoint: a file from which the same call goes on after it was killed. Each training has one beside it, named
            after it. Without a seed, the seed is 0.
        options: anything `build_tagger` takes.

    Returns:
        The trained `Tagger`. `chosen_epochs` is the number of epochs it trained, `validation_history` the validation
        curve that chose it (None without one).

    Raises:
        TypeError, ValueError: what `build_tagger` and `fit` refuse.

    Example:
        >>> import numpy as np
        >>> import seqkit as sk
        >>> x = np.random.default_rng(0).normal(size=(20, 5, 1))
        >>> y = np.where(x[:, :, 0] > 0, "high", "low").tolist()
        >>> model = sk.train_tagger(x, y, units=2, epochs=1, seed=0, verbose=0)
        >>> model.tags, model.chosen_epochs
        (('high', 'low'), 1)
    """
    seed_followed = set_seed(WHERE, seed, checkpoint)
    watch = watch_of(WHERE, callbacks, verbose, checkpoint, seed_followed)
    options = {**options, "learning_rate": learning_rate}
    epochs = None if epochs is None else _checks.whole_number(WHERE, "epochs", epochs)
    splitting = choose_splitting(options.get("vocabulary"), options.get("by"))
    data = _checked_data(WHERE, x, y, splitting)
    count = len(data.y)
    default_size = int(np.clip(count // BATCHES_PER_EPOCH, SMALLEST_BATCH, LARGEST_BATCH))
    size = _checks.whole_number(WHERE, "batch_size", default_size if batch_size is None else batch_size)
    if validation is None and count == 1:
        epochs = epochs or EPOCHS_OF_ONE_SEQUENCE
        model = _build(data, data.y, size, epochs, options)
        with several_steps_at_once(model):
            model.fit(*data, batch_size=size, epochs=epochs, **watch.of_training("training"))
        model.chosen_epochs = epochs
        return model
    if validation is None:
        cut = count - max(1, count // HELD_BACK_ONE_IN)
        training, held_back = _cut(data, slice(cut)), _cut(data, slice(cut, None))
    else:
        pair = inputs.as_pair(WHERE, "validation", validation)
        training, held_back = data, _checked_data(f"{WHERE}: validation", *pair, splitting)
    passes, evaluations = _evaluation_schedule(math.ceil(len(training.y) / size), epochs)
    most_epochs = passes * evaluations
    model = _build(training, data.y, size, most_epochs, options)
    validate = _Validation(model, held_back, passes)
    showing = watch.of_training("training", *averaging_callbacks(model), validate, score=validate.score_name)
    with several_steps_at_once(model), training_run(model, showing.pop("checkpoint")) as run:
        batches = model.batches("fit", *training, size, shuffle=True).repeat(passes)
        model.fit(batches, epochs=evaluations, checkpoint=run, **showing)
    if validation is None:
        model = _build(data, data.y, size, most_epochs, options)
        showing = watch.of_training("all sequences")
        with several_steps_at_once(model):
            model.fit(*data, batch_size=size, epochs=validate.best_epochs, **showing)
    else:
        set_weights_and_averages(model, validate.best_weights)
    model.chosen_epochs, model.validation_history = validate.best_epochs, validate.history
    return model


def _checked_data(where: str, x: Any, y: Any, splitting: str) -> TaggedData:
    """Return sequences that can be sliced, raw strings as lists of tokens, and a list of tags for each."""
    x, tags = as_pandas(x), [list(row) for row in tag_rows.as_rows(where, y)]
    if isinstance(x, (str, pd.DataFrame)) or not isinstance(x, Iterable):
        raise InvalidType(where, f"a list of sentences or of series is needed, got {type(x).__name__}.")
    if inputs.is_words(x):
        tokens, extra = inputs.as_sentences(where, x, splitting)
        inputs.refuse_unpaired(where, tokens, tags, "tags")
        inputs.refuse_empty(where, tokens)
        return TaggedData(tokens if extra is None else {inputs.WORDS: tokens, inputs.EXTRA: extra}, tags)
    x = x if isinstance(x, np.ndarray) else list(x)
    inputs.refuse_unpaired(where, inputs.as_series(where, x, None), tags, "tags", "steps")
    return TaggedData(x, tags)


def _cut(data: TaggedData, rows: slice) -> TaggedData:
    x = {name: values[rows] for name, values in data.x.items()} if isinstance(data.x, Mapping) else data.x[rows]
    return TaggedData(x, data.y[rows])


def _evaluation_schedule(steps: int, epochs: int | None) -> Rounds:
    """Return after how many epochs of so many steps to evaluate, and how often."""
    most_epochs = max(MOST_EPOCHS, math.ceil(MOST_STEPS_OF_FEW_SEQUENCES / steps)) if epochs is None else epochs
    return rounds_within_epochs(steps, most_epochs, between=STEPS_BETWEEN_EVALUATIONS)


def _build(data: TaggedData, tags: list[Any], size: int, epochs: int, options: dict[str, Any]) -> Tagger:
    """Build a tagger with the words of `data` and all `tags`, whose learning rate falls over `epochs`."""
    steps = epochs * math.ceil(len(data.y) / size)
    alpha = LAST_LEARNING_RATE / FIRST_LEARNING_RATE

    def adam(rate: Any = FIRST_LEARNING_RATE) -> keras.optimizers.Optimizer:
        if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
            rate = keras.optimizers.schedules.CosineDecay(rate, steps, alpha)
        return adam_averaging_epoch(size, len(data.y), rate)

    rest = {name: value for name, value in options.items() if name != "learning_rate"}
    optimizer = recipe_optimizer(WHERE, options, options["learning_rate"], adam)
    return build_tagger(like=data.x, tags=tags, **{**rest, "optimizer": optimizer})


class _Validation(keras.callbacks.Callback):
    """Scores the held-back sequences after each of Keras's epochs, and stops training when no score is better."""

    def __init__(self, tagger: Tagger, held_back: TaggedData, passes: int) -> None:
        super().__init__()
        self._tagger, self._held_back, self._passes = tagger, held_back, passes
        tagger.paired(f"{WHERE}: validation", *held_back)  # refuses what it cannot read before the first epoch
        has_spans = any(tag != tag_rows.OUTSIDE_TAG for tag in itertools.chain(*held_back.y))
        self._metric = "span_f1" if has_spans and tag_rows.are_span_tags(tagger.tags) else "accuracy"
        self.history: dict[str, list[float]] = {"epochs": [], self._metric: []}
        self.best_weights: list[np.ndarray] = []

    @property
    def score_name(self) -> str:
        """The name of the score in Keras's logs."""
        return f"val_{self._metric}"

    @property
    def best_epochs(self) -> int:
        """The number of epochs with the best score."""
        return int(self.history["epochs"][self._best])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None and epoch == 0:
            refuse_divergence(WHERE, logs["loss"])
        score = self._score(self._tagger.predict_tags(self._held_back.x, verbose=0))
        self.history[self._metric].append(score)
        self.history["epochs"].append(float(self._passes * (epoch + 1)))
        if logs is not None:
            logs[self.score_name] = score  # for callbacks and progress
        best = self._best
        if best == epoch:
            self.best_weights = [np.array(weights) for weights in self._tagger.get_weights()]
        if epoch - best >= PATIENCE:
            self.model.stop_training = True

    @property
    def _best(self) -> int:
        """The first evaluation with the best score; the last one while the score has not changed and is below 1."""
        scores = self.history[self._metric]
        is_unchanged = len(set(scores)) == 1 and scores[0] < 1
        return len(scores) - 1 if is_unchanged else int(np.argmax(scores))

    def _score(self, predicted: list[list[Any]]) -> float:
        if self._metric == "span_f1":
            return float(span_scores(self._held_back.y, predicted)[""].f1)
        pairs = zip(itertools.chain(*self._held_back.y), itertools.chain(*predicted), strict=True)
        return float(np.mean([tag == prediction for tag, prediction in pairs]))
