"""Pretrain the network on synthetic series alone, and write its weights.

python -m seqkit.pretraining.train FOLDER [--steps 45000] [--minutes 110] [--seed 0] [--first-weights FILE]

Series are drawn while the network trains, so that none is seen twice; the same seed gives the same series. Every ten
minutes the folder holds the whole state of the training, and the same command goes on from there. FOLDER gets
`training.keras` (the state), `progress.csv` (steps, minutes, losses) and `synthetic.weights.h5` (the averaged weights).
The learning rate rises, holds and falls over `--steps` altogether. A new training may begin from weights, such as those
that come with the package; it needs another seed then, or it would see the same series again.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from seqkit._whole_paths import together
from seqkit.pretraining.draw import Drawn, draw_series
from seqkit.pretraining.network import HORIZON, TIMESTEPS, loss_network, pretrained_network

BATCH, DRAWN_AT_ONCE = 256, 4096
HIGHEST_RATE, WEIGHT_DECAY, CLIPNORM, AVERAGED = 2e-3, 1e-4, 1.0, 0.9995
RISE, HOLD = 0.05, 0.6  # shares of the steps; the rate falls over the rest
MINUTES_OF_A_CHECKPOINT = 10
VALIDATION_SEED, VALIDATION_SERIES = 1_000_000, 4096
COLUMNS = ("steps", "minutes", "loss", "validation_loss")


@keras.saving.register_keras_serializable("seqkit")
class RiseHoldFall(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises from zero, holds, and falls to zero in a straight line.

    Args:
        highest: the rate that holds.
        steps: of the whole training; 5 % of them rise and the last 35 % fall.
    """

    def __init__(self, highest: float, steps: int) -> None:
        """Keep the numbers."""
        self.highest, self.steps = highest, steps

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        share = (ops.cast(step, "float32") + 1) / self.steps
        rising, falling = share / RISE, (1 - share) / (1 - RISE - HOLD)
        return self.highest * ops.clip(ops.minimum(rising, falling), 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Everything `__init__` takes."""
        return {"highest": self.highest, "steps": self.steps}


@keras.saving.register_keras_serializable("seqkit")
def mean_of_losses(nothing: Any, losses: Any) -> Any:
    """The losses that the network gives itself; there is no target beside them."""
    return losses


def inputs_of(drawn: Drawn, part: slice) -> dict[str, np.ndarray]:
    """A part of the series as inputs of `loss_network`."""
    values, known = drawn.values[part], drawn.known[part].astype("float32")
    season, second = (np.asarray(told, "int32")[part, None] for told in (drawn.season, drawn.second_season))
    past, future = values[:, :TIMESTEPS], values[:, TIMESTEPS:]
    return {"past": past, "known": known[:, :TIMESTEPS], "season": season, "second_season": second, "future": future}


def batches(seed: int, first: int = 0) -> Iterator[dict[str, np.ndarray]]:
    """Batches of 256 series without end, from the one of the number `first`; each block has a seed of its own."""
    in_block = DRAWN_AT_ONCE // BATCH
    block, skipped = divmod(first, in_block)
    while True:
        generator = np.random.default_rng([seed, block])
        drawn = draw_series(generator, DRAWN_AT_ONCE, TIMESTEPS + HORIZON, HORIZON)
        for number in range(skipped, in_block):
            yield inputs_of(drawn, slice(number * BATCH, (number + 1) * BATCH))
        block, skipped = block + 1, 0


def new_training(steps: int, seed: int, first_weights: Path | None = None) -> keras.Model:
    """A compiled network of losses with random weights, or with those of a file."""
    keras.utils.set_random_seed(seed)
    network = pretrained_network()
    if first_weights is not None:
        network.load_weights(first_weights)
    model = loss_network(network)
    rate = RiseHoldFall(HIGHEST_RATE, steps)
    options = {"weight_decay": WEIGHT_DECAY, "clipnorm": CLIPNORM, "use_ema": True, "ema_momentum": AVERAGED}
    model.compile(keras.optimizers.AdamW(rate, **options), mean_of_losses)
    return model


def averaged(model: keras.Model) -> keras.Model:
    """The pretrained network with the averages of its weights."""
    network = model.get_layer("pretrained")
    copy = keras.models.clone_model(network)
    copy.set_weights([ops.convert_to_numpy(average) for average in model.optimizer._model_variables_moving_average])
    return copy


def validation_loss(network: keras.Model) -> float:
    """The mean loss of series that no training draws."""
    drawn = draw_series(np.random.default_rng(VALIDATION_SEED), VALIDATION_SERIES, TIMESTEPS + HORIZON, HORIZON)
    return float(loss_network(network).predict(inputs_of(drawn, slice(None)), batch_size=BATCH, verbose=0).mean())


def keep(folder: Path, model: keras.Model, minutes: float, loss: float) -> None:
    """Write the state, the averaged weights and a row of progress; what is there stays whole until then."""
    network = averaged(model)
    row = (int(model.optimizer.iterations), round(minutes, 2), round(loss, 5), round(validation_loss(network), 5))
    with together() as paths:
        model.save(paths.file("train", folder / "training.keras"))
        network.save_weights(paths.file("train", folder / "synthetic.weights.h5"))
    progress = folder / "progress.csv"
    is_new = not progress.exists()
    with progress.open("a", newline="") as file:
        csv.writer(file).writerows([COLUMNS, row] if is_new else [row])
    print(dict(zip(COLUMNS, row, strict=True)), flush=True)


def minutes_before(folder: Path) -> float:
    """Minutes that the folder's training has taken."""
    progress = folder / "progress.csv"
    if not progress.exists():
        return 0.0
    with progress.open(newline="") as file:
        return float(list(csv.DictReader(file))[-1]["minutes"])


def train(
    folder: Path,
    steps: int,
    minutes: float,
    seed: int,
    every: float = MINUTES_OF_A_CHECKPOINT,
    first_weights: Path | None = None,
) -> None:
    """Train until all steps are done or this run has taken `minutes`; go on from the folder's state."""
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "training.keras"
    model = keras.saving.load_model(state) if state.exists() else new_training(steps, seed, first_weights)
    model.optimizer.learning_rate = RiseHoldFall(HIGHEST_RATE, steps)  # of all runs, as they are now meant
    done, before, started = int(model.optimizer.iterations), minutes_before(folder), time.monotonic()
    kept, losses, nothing = started, [], np.zeros(BATCH, "float32")
    for step, batch in zip(range(done, steps), batches(seed, done), strict=False):
        model.reset_metrics()
        losses.append(float(model.train_on_batch(batch, nothing)))
        now = time.monotonic()
        is_over = step + 1 == steps or now - started > 60 * minutes
        if is_over or now - kept > 60 * every:
            keep(folder, model, before + (now - started) / 60, float(np.mean(losses)))
            kept, losses = time.monotonic(), []
        if is_over:
            return


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=45_000, help="of the whole training, over all runs")
    parser.add_argument("--minutes", type=float, default=110, help="of this run, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first-weights", type=Path, help="of a new training")
    arguments = parser.parse_args()
    train(
        arguments.folder,
        arguments.steps,
        arguments.minutes,
        arguments.seed,
        first_weights=arguments.first_weights,
    )


if __name__ == "__main__":
    main()
