"""Kill processes (SIGKILL) at random moments while they train with a checkpoint, save and export; see what is left.

Each process is a fork of this one, which has imported TensorFlow and used nothing of it. Tries are kept in
tables/kills.csv, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import seqkit as sk

sys.path.insert(0, str(Path(__file__).parents[1]))
from _results import write_section
from _tries import Tries

FORK = multiprocessing.get_context("fork")
EPOCHS, SAMPLES, BATCH_SIZE = 40, 256, 16
PATH_NAMES = {"save": "model.keras", "save_weights": "model.weights.h5", "export": "model"}
SECONDS_OF_WRITING = {"save": 0.5, "save_weights": 0.5, "export": 4.0}  # within which the kill comes
NOTES = """
**train**: a GRU with dropout, shuffled samples, `EarlyStopping`, `ReduceLROnPlateau` and `SwapEMAWeights`, and a
checkpoint every epoch, killed between its first step and its end. A new process, with another seed and so with other
first weights, calls the same `fit`. Good: its final weights and optimizer are bit by bit those of a training that was
never killed. Trainings that ended before their kill are not counted. **save, save_weights, export**: a forecaster is
written over a good one again and again. Good: what is there loads, and is one of the two models that were written.
Left behind: hidden folders after the next write.
"""


class Told(keras.callbacks.Callback):
    """Say that the first step is done."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self.say: Any = say

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Say it once."""
        if self.say is not None:
            self.say("begun")
            self.say = None


def train(say: Callable[[Any], None], path: Path, seed: int) -> None:
    """Train to the end, and say what the weights and the optimizer are."""
    keras.utils.set_random_seed(seed)
    random = np.random.default_rng(0)
    x, y = random.normal(size=(SAMPLES, 7, 3)).astype("float32"), random.normal(size=(SAMPLES, 1)).astype("float32")
    options = {"features": 3, "outputs": 1, "cell": "gru", "units": 8, "dropout": 0.3}
    model = sk.build_recurrent("many_to_one", **options)
    model.compile(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9), "mse")
    callbacks = [
        keras.callbacks.EarlyStopping("val_loss", patience=EPOCHS, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau("val_loss", patience=3),
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        Told(say),
    ]
    held = (x[:32], y[:32])
    options = {"validation_data": held, "callbacks": callbacks, "verbose": 0, "checkpoint": path}
    model.fit(x, y, BATCH_SIZE, EPOCHS, **options)
    variables = [
        keras.ops.convert_to_numpy(variable).tobytes() for variable in model.variables + model.optimizer.variables
    ]
    say(hashlib.sha256(b"".join(variables)).hexdigest())


def whole_training(path: Path, seed: int) -> tuple[str, float]:
    """What a training ends with that is not killed now, and its seconds from the first step on."""
    ours, process = begun(train, path, seed)
    started = time.perf_counter()
    digest = ours.recv()
    process.join()
    return digest, time.perf_counter() - started


def begun(work: Callable[..., None], *arguments: Any) -> tuple[Any, Any]:
    """A process that works, and the end of the pipe on which it has said that it begins."""
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=work, args=(theirs.send, *arguments))
    process.start()
    theirs.close()
    assert ours.recv() == "begun"
    return ours, process


def answer(work: Callable[..., None], *arguments: Any) -> Any:
    """What a process says that works to its end."""
    ours, process = begun(work, *arguments)
    said = ours.recv()
    process.join()
    return said


def killed_training(folder: Path, moment: float, reference: str, seconds: float) -> dict[str, Any]:
    """Kill a training at a part of its time, and let a new process go on."""
    path = folder / "run.checkpoint"
    _, process = begun(train, path, 1)
    time.sleep(moment * seconds)
    is_killed = process.is_alive()
    process.kill()
    process.join()
    epoch = sk.Checkpoint(path).epoch
    digest, _ = whole_training(path, 2)
    return {"is_killed": is_killed, "epoch": epoch, "is_good": digest == reference}


def forecaster(value: float) -> Any:
    """A forecaster whose weights all have one value."""
    model = sk.build_forecaster(timesteps=8, features=1, horizon=2, units=16)
    model.set_weights([np.full_like(weights, value) for weights in model.get_weights()])
    return model


def write(model: Any, what: str, path: Path) -> None:
    getattr(model, what)(path)


def write_on_and_on(say: Callable[[str], None], what: str, path: Path) -> None:
    """Write two models in turns; the first one is there when the work begins."""
    models = [forecaster(0.25), forecaster(0.5)]
    write(models[0], what, path)
    say("begun")
    while True:
        for model in reversed(models):
            write(model, what, path)


def look(say: Callable[[Any], None], what: str, path: Path) -> None:
    """Say whether what is there loads and is one of the two models, and what is left behind after one more write."""
    say("begun")
    model = forecaster(0.0)
    try:
        values = {float(value) for weights in loaded(what, path, model) for value in np.ravel(weights)}
    except Exception as error:
        say({"is_good": False, "error": type(error).__name__})
        return
    write(model, what, path)
    left = [other.name for other in path.parent.iterdir() if other != path]
    say({"is_good": values in ({0.25}, {0.5}), "left_behind": len(left)})


def loaded(what: str, path: Path, model: Any) -> list[np.ndarray]:
    """The weights that are at the path."""
    if what == "save":
        return keras.models.load_model(path).get_weights()
    if what == "save_weights":
        model.load_weights(path)
        return model.get_weights()
    return [variable.numpy() for variable in tf.saved_model.load(str(path)).variables if variable.dtype == tf.float32]


def killed_writing(what: str, folder: Path, moment: float) -> dict[str, Any]:
    """Kill a process that writes, and look."""
    path = folder / PATH_NAMES[what]
    _, process = begun(write_on_and_on, what, path)
    time.sleep(moment * SECONDS_OF_WRITING[what])
    process.kill()
    process.join()
    hidden = [other for other in folder.iterdir() if other != path]
    return {"is_killed": True, "hidden": len(hidden), **answer(look, what, path)}


def summary(table: pd.DataFrame) -> pd.DataFrame:
    killed = table[table["is_killed"].astype(bool)]
    groups = killed.groupby("what", sort=False)
    counted = {
        "kills": groups.size(),
        "good": groups["is_good"].sum().astype(int),
        "kills within a write": groups["hidden"].agg(lambda found: int((found > 0).sum())),
        "left behind": groups["left_behind"].sum().astype(int),
    }
    shown = pd.DataFrame(counted).astype(object)
    shown.loc[shown.index == "train", ["kills within a write", "left behind"]] = ""  # not looked at
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="kills of each kind")
    parser.add_argument("--only", choices=["train", *PATH_NAMES], help="one kind alone")
    arguments = parser.parse_args()
    tries = Tries("kills", ["what", "number"])
    kinds = [arguments.only] if arguments.only else ["train", *PATH_NAMES]
    wanted = tries.missing((what, number) for what in kinds for number in range(arguments.count))
    reference: tuple[str, float] | None = None
    for what, number in wanted:
        moment = float(np.random.default_rng((number, len(what))).uniform())
        with tempfile.TemporaryDirectory() as name:
            if what != "train":
                found = killed_writing(what, Path(name), moment)
            else:
                reference = reference or whole_training(Path(name) / "never_killed", 1)
                found = killed_training(Path(name), moment, *reference)
        columns = {"moment": moment, "is_killed": True, "epoch": None, "hidden": 0, "left_behind": 0, "error": ""}
        tries.add((what, number), columns | found, None)
    write_section("Kills", summary(tries.table()), NOTES)


if __name__ == "__main__":
    main()
