"""Progress bars of jobs of more than a second, where somebody sees them: in a terminal and in Jupyter."""

from __future__ import annotations

import shutil
import sys
from typing import Any

import keras
from tqdm import tqdm

from seqkit import _checks

SILENT, AUTO = 0, "auto"
WIDEST = 110  # characters


def is_watched() -> bool:
    """Whether stderr is a terminal or the output of a Jupyter cell."""
    return sys.stderr.isatty() or "ipykernel.iostream" in type(sys.stderr).__module__


def bar(what: str, total: int | None, unit: str, verbose: Any = AUTO, **options: Any) -> Any:
    """A progress bar that disappears at its end; hidden for `verbose=0`, in files, and with TQDM_DISABLE=1 set."""
    hidden = True if verbose == SILENT or not is_watched() else None
    width = min(shutil.get_terminal_size().columns, WIDEST)  # 80 where the terminal does not say
    options = {"leave": False, "file": sys.stderr, "ncols": width, **options}
    if hidden:
        options["disable"] = True
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
    """Show the gradient steps of a training, its latest validation loss and the time left."""

    def __init__(self, what: str, verbose: Any, steps_of_round: int, rounds: int) -> None:
        """Keep what the bar says; it opens when the training begins."""
        super().__init__()
        self.what, self.verbose = what, verbose
        self.steps_of_round, self.rounds = steps_of_round, rounds
        self._bar: Any = None
        self._done = 0  # rounds

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the bar."""
        total = self.steps_of_round * self.rounds
        self._bar = bar(self.what, total, "step", self.verbose)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar to the steps that are done; several steps at once call this once."""
        self._move_to(self._done * self.steps_of_round + batch + 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Show the latest validation loss."""
        self._done += 1
        self._move_to(self._done * self.steps_of_round)
        loss = (logs or {}).get("val_loss")
        if loss is not None:
            self._bar.set_postfix_str(f"look {self._done}/{self.rounds}, loss {loss:.3g}")

    def on_train_end(self, logs: Any = None) -> None:
        """Close the bar."""
        self._bar.close()

    def _move_to(self, steps: int) -> None:
        self._bar.update(steps - self._bar.n)
