"""Decoding: the most probable next words, and the generation of texts word by word.

Shapes: B texts, T timesteps of the longest prompt, N steps to generate, U units, V numbers of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from seqkit._refusals import Refusal
from seqkit.language.network import LanguageNetwork
from seqkit.language.perplexity import SMALLEST_PROBABILITY
from seqkit.text.vocabulary import PADDING

EXCLUDED_SCORE = -1e9  # log probability of a word that must not be drawn
LOWEST_TEMPERATURE = 1e-4
BAD_TEMPERATURE = Refusal("temperature must be a number of 0 or more, got {value}; 0 takes the most probable word.")
BAD_TOP_P = Refusal("top_p must be a number from above 0 to 1, got {value}; 1 keeps every word.")


def add_start_mark(numbers: Any, start: int, continuous: bool) -> Any:
    """Return numbers of words `(B, T)` with the start mark in front.

    For a continuous model a prompt comes from the middle of a text, so only an empty prompt gets the mark.
    """
    numbers = ops.cast(numbers, "int32")
    if not continuous:
        return ops.pad(numbers, [[0, 0], [1, 0]], constant_values=start)
    padded = ops.pad(numbers, [[0, 0], [0, 1]], constant_values=PADDING)  # T is 1 or more, even if all are empty
    first = ops.where(ops.equal(padded[:, :1], PADDING), start, padded[:, :1])
    return ops.concatenate([first, padded[:, 1:]], axis=1)


def most_probable(probabilities: np.ndarray, k: int, excluded: Sequence[int]) -> np.ndarray:
    """Return the k most probable numbers, best first, without the excluded ones; equal ones stay in their order."""
    ranked = probabilities.copy()
    ranked[list(excluded)] = -1
    return np.argsort(-ranked, kind="stable")[: min(k, len(ranked) - len(excluded))]


def run_prompts(network: LanguageNetwork, numbers: Any) -> tuple[Any, dict[str, Any]]:
    """Return the output at the last word of each prompt `(B, U)`, and the states; prompts are padded at the end."""
    mask = ops.not_equal(numbers, PADDING)
    outputs, states = network.run(numbers, mask=mask)
    last = ops.sum(ops.cast(mask, "int32"), axis=1) - 1
    return ops.squeeze(ops.take_along_axis(outputs, last[:, None, None], axis=1), 1), states


def next_probabilities(network: LanguageNetwork, numbers: Any, excluded: Sequence[int]) -> Any:
    """Return the probability of each number to come next `(B, V)`.

    The probabilities of excluded numbers are 0; the others are not rescaled.
    """
    outputs, _ = run_prompts(network, numbers)
    return network.probabilities(outputs) * (1 + vector_of_excluded(network, excluded, -1))


def vector_of_excluded(network: LanguageNetwork, excluded: Sequence[int], value: float) -> np.ndarray:
    """Return a vector `(V,)` that is `value` at the excluded numbers and 0 elsewhere."""
    vector = np.zeros(network.size, "float32")
    vector[list(excluded)] = value
    return vector


def generate_numbers(
    network: LanguageNetwork,
    numbers: Any,
    uniform: Any,
    *,
    temperature: Any,
    top_k: Any,
    top_p: Any,
    excluded: Sequence[int],
    end: int,
) -> Any:
    """Return the numbers of the words that follow each prompt `(B, N)`, padding after the end mark.

    One loop computes them; each step runs the network on one word, from the states of the step before.

    Args:
        network: the layers.
        numbers: prompts `(B, T)`, padded at the end, none empty.
        uniform: a random number from 0 to below 1 for each word, `(B, N)`; there is no other randomness.
        temperature: divides the log probabilities; 0 always takes the most probable word.
        top_k: draw from this number of most probable words only.
        top_p: draw from the fewest most probable words whose probabilities sum to this.
        excluded: numbers that are never drawn.
        end: the number of the end mark.
    """
    outputs, states = run_prompts(network, numbers)
    names, steps = list(states), ops.shape(uniform)[1]
    exclusion = vector_of_excluded(network, excluded, EXCLUDED_SCORE)

    def goes_on(step: Any, _generated: Any, _outputs: Any, ended: Any, *_states: Any) -> Any:
        return ops.logical_and(step < steps, ops.logical_not(ops.all(ended)))

    def generate(step: Any, generated: Any, outputs: Any, ended: Any, *states: Any) -> tuple[Any, ...]:
        scores = ops.log(ops.maximum(network.probabilities(outputs), SMALLEST_PROBABILITY)) + exclusion
        drawn = draw(scores, ops.take(uniform, step, axis=1), temperature, top_k, top_p)
        ended = ops.logical_or(ended, ops.equal(drawn, end))
        drawn = ops.where(ended, PADDING, drawn)
        is_step = ops.equal(ops.arange(steps), step)
        generated = ops.where(is_step[None], drawn[:, None], generated)
        outputs, next_states = network.run(drawn[:, None], dict(zip(names, states, strict=True)))
        return step + 1, generated, outputs[:, 0], ended, *(next_states[name] for name in names)

    generated = ops.zeros_like(uniform, dtype="int32")
    ended = ops.zeros_like(numbers[:, 0], dtype="bool")
    initial = (ops.convert_to_tensor(0, "int32"), generated, outputs, ended, *states.values())
    return ops.while_loop(goes_on, generate, initial)[1]


def draw(scores: Any, uniform: Any, temperature: Any, top_k: Any, top_p: Any) -> Any:
    """Draw one number for each row of log probabilities `(B, V)`.

    `uniform` `(B,)` chooses it: the inverse of the cumulative distribution of the candidates.
    """
    size = scores.shape[-1]
    ranked, order = ops.top_k(scores, size, sorted=True)  # best first
    temperature = ops.cast(temperature, scores.dtype)
    scaled = ranked / ops.maximum(temperature, LOWEST_TEMPERATURE)
    probabilities = ops.softmax(ops.where(ranked > EXCLUDED_SCORE / 2, scaled, EXCLUDED_SCORE), axis=-1)
    sum_before = ops.cumsum(probabilities, axis=-1) - probabilities
    is_candidate = ops.logical_and(ops.arange(size)[None] < top_k, sum_before < ops.cast(top_p, scores.dtype))
    candidates = ops.cast(ops.logical_or(is_candidate, ops.arange(size)[None] == 0), scores.dtype)
    cumulative = ops.cumsum(probabilities * candidates, axis=-1)
    threshold = ops.cast(uniform, scores.dtype)[:, None] * cumulative[:, -1:]
    rank = ops.sum(ops.cast(cumulative <= threshold, "int32"), axis=-1)
    rank = ops.minimum(rank, ops.cast(ops.sum(candidates, axis=-1), "int32") - 1)
    rank = ops.where(temperature > 0, rank, ops.zeros_like(rank))
    return ops.squeeze(ops.take_along_axis(ops.cast(order, "int32"), rank[:, None], axis=1), 1)
