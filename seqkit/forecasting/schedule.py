"""How long a forecaster trains: gradient steps, looks at the validation loss, and what a budget of time pays for.

The same budget gives the same number of steps on every machine, since a table of costs takes the place of a clock.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from seqkit.forecasting.settings import ForecasterSettings
from seqkit.task.recipe import STEPS_AT_ONCE, rounds_within_steps

BATCH = 32
STEPS_BETWEEN_LOOKS = 32  # gradient steps between two looks at the validation loss
MOST_STEPS_BETWEEN_LOOKS = 512  # a longer pass through the windows is looked at before its end
MOST_STEPS = 1600
FEWEST_LOOKS = 10
UNLIMITED = 10**12  # gradient steps
LOOKS_OF_A_BUDGET = 20
FEWEST_STEPS_OF_A_BUDGET = 256
GATES = {"gru": 3, "lstm": 4, "peephole_lstm": 4, "simple_rnn": 1}

# Seconds on one core of 2024, TensorFlow 2.21, several steps at once; benchmarks/budget.py compares them with a clock.
STEP, RECURRENT_STEP, MULTIPLICATION, VALUE = 2.0e-3, 1.5e-4, 3.0e-11, 2.5e-8
COST_OF_A_LOOK = 1 / 3  # of a gradient step on as many windows
SHARE_OF_FIRST_STAGE = 0.45  # of the steps; the second stage has more rows


class Looks(NamedTuple):
    """Training in rounds, with one look at the validation loss after each."""

    steps: int  # gradient steps of a round
    most: int  # rounds
    passes: int | None  # whole passes through the windows in a round; None where a round is a part of one

    @property
    def keras_options(self) -> dict[str, Any]:
        """What Keras's `fit` is told of a round."""
        return {"steps_per_epoch": self.steps} if self.passes is None else {}

    def epochs(self, rounds: int, windows: int, batch_size: int) -> float:
        """Return the passes through the windows in so many rounds, a whole number where a round has whole passes."""
        if self.passes is not None:
            return self.passes * rounds
        return round(self.steps * rounds / -(-windows // batch_size), 4)


def seconds_of_a_step(settings: ForecasterSettings, batch_size: int = BATCH) -> float:
    """Return the seconds that a gradient step takes by the table of costs."""
    recurrent_steps = -(-settings.timesteps // settings.segment)
    inputs = settings.features_of_a_sequence * settings.segment
    directions = 2 if settings.bidirectional else 1
    weights = 0
    for units in settings.units:
        weights += directions * GATES[settings.cell] * units * (inputs + units)
        inputs = directions * units
    columns = len(settings.targets) // settings.sequences
    if settings.head == "dense":
        head = inputs * settings.horizon * columns
    else:
        segment = min(settings.segment, settings.horizon)
        head = GATES["gru"] * inputs * inputs + -(-settings.horizon // segment) * inputs * segment * columns
    multiplications = 6 * batch_size * settings.sequences * (recurrent_steps * weights + head)
    return (
        STEP
        + RECURRENT_STEP * recurrent_steps * len(settings.units) * directions
        + MULTIPLICATION * multiplications
        + VALUE * batch_size * settings.timesteps * settings.sequences * settings.features_of_a_sequence
    )


def affordable_steps(
    settings: ForecasterSettings, seconds: float | None, batch_size: int, validation_windows: int
) -> int | None:
    """Return the gradient steps of the first stage that a budget pays for, in whole calls; None without a budget."""
    if seconds is None:
        return None
    first_stage = seconds * SHARE_OF_FIRST_STAGE
    cost_of_looks = LOOKS_OF_A_BUDGET * COST_OF_A_LOOK * -(-validation_windows // batch_size)  # in gradient steps
    steps = int(first_stage / seconds_of_a_step(settings, batch_size) - cost_of_looks)
    return max(FEWEST_STEPS_OF_A_BUDGET, steps // STEPS_AT_ONCE * STEPS_AT_ONCE)


def looks_of(windows: int, batch_size: int, epochs: int | None, affordable: int | None) -> Looks:
    """Return the rounds of the first stage: whole passes through the windows where these are short enough, else parts.

    Args:
        windows: windows to train on.
        batch_size: windows in a gradient step.
        epochs: most passes, or None.
        affordable: most gradient steps, or None.
    """
    of_a_pass = -(-windows // batch_size)
    most = UNLIMITED if affordable is None else affordable
    if of_a_pass <= min(MOST_STEPS_BETWEEN_LOOKS, most // FEWEST_LOOKS):
        how = {"between": STEPS_BETWEEN_LOOKS, "most_steps": MOST_STEPS, "fewest": FEWEST_LOOKS}
        passes, rounds = rounds_within_steps(of_a_pass, epochs, **how)
        return Looks(passes * of_a_pass, min(rounds, max(1, most // (passes * of_a_pass))), passes)
    most = min(most, of_a_pass * (FEWEST_LOOKS if epochs is None else epochs))
    wanted = min(MOST_STEPS_BETWEEN_LOOKS, most // LOOKS_OF_A_BUDGET)
    steps = max(1, wanted // STEPS_AT_ONCE) * STEPS_AT_ONCE
    return Looks(steps, max(1, most // steps), None)
