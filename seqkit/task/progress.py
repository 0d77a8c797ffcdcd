"""Progress bars of jobs of more than a second, where somebody sees them: in a terminal and in Jupyter."""

from __future__ import annotations

import shutil
import sys
from typing import Any, NamedTuple

import keras
from tqdm import tqdm

from seqkit import _checks
from seqkit.task.checkpoint import Checkpoint
from seqkit.task.fitting import with_callbacks

SILENT, AUTO = 0, "auto"
WIDEST = 110  # characters
COMPILING = "compiling ..."  # beside the bar until the first steps are done


def is_watched() -> bool:
    """Whether stderr is a terminal or the output of a Jupyter cell."""
    return sys.stderr.isatty() or "ipykernel.iostream" in type(sys.stderr).__module__


def bar(what: str, total: int | None, unit: str, verbose: Any = AUTO, **options: Any) -> Any:
    """A progress bar that disappears at its end; hidden for `verbose=0`, in files, and with TQDM_DISABLE=1 set."""
    width = min(shutil.get_terminal_size().columns, WIDEST)  # 80 where the terminal does not say
    options = {"leave": False, "file": sys.stderr, "ncols": width, **options}
    if verbose == SILENT or not is_watched():
        options["disable"] = True  # not False otherwise: tqdm takes that from TQDM_DISABLE
    return tqdm(total=total, desc=what, unit=unit, **options)


def check_verbose(where: str, verbose: Any) -> Any:
    """Return how much is shown: "auto" or True the bar, 0 or False nothing, 1 and 2 what Keras shows."""
    if isinstance(verbose, bool):
        return AUTO if verbose else SILENT
    return verbose if verbose == AUTO else _checks.whole_number(where, "verbose", verbose, least=0)


def keras_verbose(verbose: Any) -> int:
    """Return the `verbose` of Keras's own functions."""
    return SILENT if verbose == AUTO else verbose


class TrainingBar(keras.callbacks.Callback):
    """Show the gradient steps of a training, its latest validation score and the time left."""

    kept_in_checkpoint = ()  # it begins anew

    def __init__(self, what: str, score: str = "val_loss") -> None:
        """Keep what the bar says; it opens when the training begins.

        Args:
            what: the name of the training.
            score: the validation score, by its name in Keras's logs.
        """
        super().__init__()
        self.what, self.score = what, score
        self._bar: Any = None
        self._before = 0  # gradient steps of the epochs that have ended

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the bar."""
        self._before = 0
        self._bar = bar(self.what, (self.params["steps"] or 0) * self.params["epochs"] or None, "step")
        self._bar.set_postfix_str(COMPILING)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar to the steps that are done; several steps at once call this once."""
        if not self._bar.n:
            self._bar.set_postfix_str("")
        self._bar.update(self._before + batch + 1 - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the latest validation score."""
        self._before = self._bar.n
        score = (logs or {}).get(self.score)
        if score is not None:
            name = self.score.removeprefix("val_")
            self._bar.set_postfix_str(f"look {epoch + 1}/{self.params['epochs']}, {name} {score:.3g}")

    def on_train_end(self, logs: Any = None) -> None:
        """Close the bar."""
        self._bar.close()


class Watch(NamedTuple):
    """Who watches the trainings of a recipe: the user's callbacks, how much is shown, and from where they go on."""

    callbacks: list[Any]
    verbose: Any
    checkpoint: Checkpoint | None = None

    def of_training(self, what: str, *own: keras.callbacks.Callback, score: str = "val_loss") -> dict[str, Any]:
        """Return `callbacks`, `verbose` and `checkpoint` of `fit`; the recipe's callbacks are called before the user's.

        Args:
            what: the name of the training, for its bar.
            own: callbacks of the recipe.
            score: the validation score, by its name in Keras's logs.
        """
        is_shown = self.verbose == AUTO and is_watched()
        bars = [TrainingBar(what, score)] if is_shown else []
        checkpoint = None if self.checkpoint is None else self.checkpoint.part(what)
        callbacks = [*own, *self.callbacks, *bars]
        return {"callbacks": callbacks, "verbose": keras_verbose(self.verbose), "checkpoint": checkpoint}


def watch_of(where: str, callbacks: Any, verbose: Any, checkpoint: Any, seed: Any) -> Watch:
    """Check the arguments `callbacks`, `verbose` and `checkpoint` of a recipe; `seed` is the one that is followed."""
    if not isinstance(checkpoint, (Checkpoint, type(None))):
        checkpoint = Checkpoint(checkpoint)
    if checkpoint is not None:
        checkpoint = checkpoint.asking(seed=str(seed))
    listed = with_callbacks(getattr(callbacks, "callbacks", callbacks))
    return Watch(listed, check_verbose(where, verbose), checkpoint)
