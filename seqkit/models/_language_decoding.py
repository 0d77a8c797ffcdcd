"""Words that follow: the most probable ones, or one after another drawn by their probabilities.

Shapes: B texts, T timesteps of the longest prompt, N steps to write, U units, V numbers of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from seqkit.models._language_network import LanguageNetwork
from seqkit.vocabulary import PADDING

NEVER = -1e9  # log probability of what must not be chosen
LEAST_PROBABILITY = 1e-37  # whose logarithm float32 still holds
LEAST_TEMPERATURE = 1e-4


def read_prompts(network: LanguageNetwork, numbers: Any) -> tuple[Any, dict[str, Any]]:
    """The output after each prompt's own last word `(B, U)`, and the states; prompts are padded at the end."""
    known = ops.not_equal(numbers, PADDING)
    outputs, states = network.read(numbers, mask=known)
    last = ops.sum(ops.cast(known, "int32"), axis=1) - 1
    return ops.squeeze(ops.take_along_axis(outputs, last[:, None, None], axis=1), 1), states


def next_probabilities(network: LanguageNetwork, numbers: Any, never: Sequence[int]) -> Any:
    """Of each number to come next `(B, V)`; zero for those that never do, and not scaled up for that."""
    last, _ = read_prompts(network, numbers)
    return network.probabilities(last) * _allowed(network, never)


def _allowed(network: LanguageNetwork, never: Sequence[int]) -> np.ndarray:
    allowed = np.ones(network.size, "float32")
    allowed[list(never)] = 0
    return allowed


def write_on(
    network: LanguageNetwork,
    numbers: Any,
    uniform: Any,
    *,
    temperature: Any,
    top_k: Any,
    top_p: Any,
    never: Sequence[int],
    end: int,
) -> Any:
    """Numbers of the words that follow each prompt `(B, N)`, padding once its end mark was chosen.

    One loop; each step reads one word from the states that the step before has left.

    Args:
        network: the layers.
        numbers: prompts `(B, T)`, padded at the end, none empty.
        uniform: a number from 0 to below 1 for each word to write, `(B, N)`: all the chance there is.
        temperature: divides the log probabilities; 0 always takes the most probable.
        top_k: choose among as many of the most probable only.
        top_p: choose among the fewest most probable whose probabilities reach this.
        never: numbers that are never chosen.
        end: the number of the end mark.
    """
    last, states = read_prompts(network, numbers)
    names, steps = list(states), ops.shape(uniform)[1]
    barred = NEVER * (1 - _allowed(network, never))

    def goes_on(step: Any, _written: Any, _last: Any, ended: Any, *_states: Any) -> Any:
        return ops.logical_and(step < steps, ops.logical_not(ops.all(ended)))

    def write(step: Any, written: Any, last: Any, ended: Any, *states: Any) -> tuple[Any, ...]:
        scores = ops.log(ops.maximum(network.probabilities(last), LEAST_PROBABILITY)) + barred
        chosen = choose(scores, ops.take(uniform, step, axis=1), temperature, top_k, top_p)
        ended = ops.logical_or(ended, ops.equal(chosen, end))
        chosen = ops.where(ended, PADDING, chosen)
        here = ops.equal(ops.arange(steps), step)
        written = ops.where(here[None], chosen[:, None], written)
        outputs, after = network.read(chosen[:, None], dict(zip(names, states, strict=True)))
        return step + 1, written, outputs[:, 0], ended, *(after[name] for name in names)

    nothing = ops.zeros_like(uniform, dtype="int32")
    ended = ops.zeros_like(numbers[:, 0], dtype="bool")
    first = (ops.convert_to_tensor(0, "int32"), nothing, last, ended, *states.values())
    return ops.while_loop(goes_on, write, first)[1]


def choose(scores: Any, uniform: Any, temperature: Any, top_k: Any, top_p: Any) -> Any:
    """One number for each row of log probabilities `(B, V)`, where `uniform` `(B,)` falls among the best ones."""
    size = scores.shape[-1]
    ranked, order = ops.top_k(scores, size, sorted=True)  # best first
    temperature = ops.cast(temperature, scores.dtype)
    warmed = ops.where(ranked > NEVER / 2, ranked / ops.maximum(temperature, LEAST_TEMPERATURE), NEVER)
    probabilities = ops.softmax(warmed, axis=-1)
    before = ops.cumsum(probabilities, axis=-1) - probabilities
    kept = ops.logical_and(ops.arange(size)[None] < top_k, before < ops.cast(top_p, scores.dtype))
    kept = ops.cast(ops.logical_or(kept, ops.arange(size)[None] == 0), scores.dtype)
    reached = ops.cumsum(probabilities * kept, axis=-1)
    wanted = ops.cast(uniform, scores.dtype)[:, None] * reached[:, -1:]
    place = ops.sum(ops.cast(reached <= wanted, "int32"), axis=-1)
    place = ops.minimum(place, ops.cast(ops.sum(kept, axis=-1), "int32") - 1)
    place = ops.where(temperature > 0, place, ops.zeros_like(place))
    return ops.squeeze(ops.take_along_axis(ops.cast(order, "int32"), place[:, None], axis=1), 1)
