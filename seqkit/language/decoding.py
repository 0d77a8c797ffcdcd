"""Words that follow: the most probable ones, or one after another drawn by their probabilities.

Shapes: B texts, T timesteps of the longest prompt, N steps to write, U units, V numbers of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from seqkit.language.network import LanguageNetwork
from seqkit.language.perplexity import LEAST_PROBABILITY
from seqkit.text.vocabulary import PADDING

NEVER = -1e9  # log probability of what must not be chosen
LEAST_TEMPERATURE = 1e-4
SPACE = "\t\n\f\r "


def from_start(numbers: Any, start: int, continuous: bool) -> Any:
    """Numbers of words `(B, T)` with the mark of the beginning in front.

    To a model of one long text a prompt is from the midst of it; only the empty one is its beginning.
    """
    numbers = ops.cast(numbers, "int32")
    if not continuous:
        return ops.pad(numbers, [[0, 0], [1, 0]], constant_values=start)
    padded = ops.pad(numbers, [[0, 0], [0, 1]], constant_values=PADDING)  # some step, if all are empty
    first = ops.where(ops.equal(padded[:, :1], PADDING), start, padded[:, :1])
    return ops.concatenate([first, padded[:, 1:]], axis=1)


def most_probable(probabilities: np.ndarray, k: int, never: Sequence[int]) -> np.ndarray:
    """The k best positions, best first, ties in their order; none of those that are never chosen."""
    ranked = probabilities.copy()
    ranked[list(never)] = -1
    return np.argsort(-ranked, kind="stable")[: min(k, len(ranked) - len(never))]


def joined_to_prompt(prompt: str, continuation: str, splitting: str) -> str:
    """The prompt as it was given, and what follows."""
    if splitting == "characters":
        return prompt + continuation
    prompt = prompt.rstrip(SPACE)
    return f"{prompt} {continuation}" if prompt and continuation else prompt + continuation


def read_prompts(network: LanguageNetwork, numbers: Any) -> tuple[Any, dict[str, Any]]:
    """The output after each prompt's own last word `(B, U)`, and the states; prompts are padded at the end."""
    known = ops.not_equal(numbers, PADDING)
    outputs, states = network.read(numbers, mask=known)
    last = ops.sum(ops.cast(known, "int32"), axis=1) - 1
    return ops.squeeze(ops.take_along_axis(outputs, last[:, None, None], axis=1), 1), states


def next_probabilities(network: LanguageNetwork, numbers: Any, never: Sequence[int]) -> Any:
    """Of each number to come next `(B, V)`; zero for those that never do, and not scaled up for that."""
    last, _ = read_prompts(network, numbers)
    return network.probabilities(last) * (1 + barred(network, never))


def barred(network: LanguageNetwork, never: Sequence[int], value: float = -1) -> np.ndarray:
    """`(V,)`: this value where a number is never chosen, else 0."""
    found = np.zeros(network.size, "float32")
    found[list(never)] = value
    return found


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
    never_chosen = barred(network, never, NEVER)

    def goes_on(step: Any, _written: Any, _last: Any, ended: Any, *_states: Any) -> Any:
        return ops.logical_and(step < steps, ops.logical_not(ops.all(ended)))

    def write(step: Any, written: Any, last: Any, ended: Any, *states: Any) -> tuple[Any, ...]:
        scores = ops.log(ops.maximum(network.probabilities(last), LEAST_PROBABILITY)) + never_chosen
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
