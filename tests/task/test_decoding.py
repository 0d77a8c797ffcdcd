"""Beam search beside exhaustive search, and its promises about lengths, marks and widths."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from seqkit.task.search import beam_search, length_penalty
from seqkit.text.vocabulary import PADDING

START, END, WORDS, LONGEST, SAMPLES = 2, 3, 7, 4, 3
NEVER = (PADDING, START)


def language(seed=7, spread=2.0):
    """Scores of the next token that depend on the sample, the last token and a state that remembers all before."""
    random = np.random.default_rng(seed)
    return {
        "table": random.normal(0, spread, (WORDS, WORDS)).astype("float32"),
        "memory": random.normal(0, spread, (WORDS, 5)).astype("float32"),
        "readout": random.normal(0, 1, (5, WORDS)).astype("float32"),
        "bias": random.normal(0, 1, (SAMPLES, WORDS)).astype("float32"),
    }


def step_of(weights):
    def step(last, states, fixed):
        memory = ops.tanh(0.5 * states["memory"] + ops.take(weights["memory"], last, axis=0))
        scores = ops.take(weights["table"], last, axis=0) + ops.matmul(memory, weights["readout"]) + fixed
        return scores, {"memory": memory}

    return step


def search(weights, width, longest=LONGEST, penalty=0.0, samples=SAMPLES):
    states = {"memory": np.zeros((samples, 5), "float32")}
    return beam_search(
        step_of(weights),
        states,
        weights["bias"][:samples],
        samples=samples,
        width=width,
        longest=longest,
        start=START,
        end=END,
        penalty=penalty,
        never=NEVER,
    )


def log_probability(weights, sample, tokens):
    """One hypothesis by hand."""
    total, last, memory = 0.0, START, np.zeros(5)
    for token in tokens:
        memory = np.tanh(0.5 * memory + weights["memory"][last])
        scores = weights["table"][last] + memory @ weights["readout"] + weights["bias"][sample]
        total += scores[token] - np.log(np.exp(scores).sum())
        last = token
    return total


def all_sequences(longest=LONGEST):
    inner = [word for word in range(WORDS) if word not in (*NEVER, END)]
    for length in range(1, longest + 1):
        for tokens in itertools.product(inner, repeat=length - 1):
            yield (*tokens, END)
    yield from itertools.product(inner, repeat=longest)


def by_hand(weights, sample, penalty):
    """Every sequence with its score, best first."""
    scored = [
        (log_probability(weights, sample, tokens) / ((5 + len(tokens)) / 6) ** penalty, tokens)
        for tokens in all_sequences()
    ]
    return sorted(scored, reverse=True)


def padded(tokens, longest=LONGEST):
    return [*tokens, *[PADDING] * (longest - len(tokens))]


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
def test_a_beam_that_holds_everything_finds_what_exhaustive_search_finds(penalty):
    weights, width = language(), 4**LONGEST * 2
    hypotheses = search(weights, width, penalty=penalty)
    tokens, scores = ops.convert_to_numpy(hypotheses.tokens), ops.convert_to_numpy(hypotheses.scores)
    for sample in range(SAMPLES):
        wanted = by_hand(weights, sample, penalty)
        count = len(wanted)
        np.testing.assert_allclose(scores[sample, :count], [score for score, _ in wanted], atol=1e-5)
        assert tokens[sample, 0].tolist() == padded(wanted[0][1])
        assert {tuple(row) for row in tokens[sample, :count].tolist()} == {
            tuple(padded(sequence)) for _, sequence in wanted
        }


def test_the_log_probability_that_a_narrow_beam_reports_is_that_of_its_tokens():
    weights = language(11)
    hypotheses = search(weights, 3, penalty=0.7)
    tokens, scores = ops.convert_to_numpy(hypotheses.tokens), ops.convert_to_numpy(hypotheses.scores)
    for sample, hypothesis in itertools.product(range(SAMPLES), range(3)):
        found = [token for token in tokens[sample, hypothesis].tolist() if token != PADDING]
        wanted = log_probability(weights, sample, found) / ((5 + len(found)) / 6) ** 0.7
        assert scores[sample, hypothesis] == pytest.approx(wanted, abs=1e-5)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_a_width_of_one_takes_the_most_probable_token_each_time():
    weights = language(13)
    tokens = ops.convert_to_numpy(search(weights, 1, longest=11).tokens)[:, 0]
    for sample in range(SAMPLES):
        greedy = []
        while len(greedy) < 11 and END not in greedy:
            options = [word for word in range(WORDS) if word not in NEVER]
            greedy.append(max(options, key=lambda word: log_probability(weights, sample, [*greedy, word])))
        assert tokens[sample].tolist() == padded(greedy, 11)


def test_a_wider_beam_is_never_less_probable_than_what_it_could_have_kept():
    weights = language(17)
    greedy, wide = (ops.convert_to_numpy(search(weights, width).scores)[:, 0] for width in (1, 600))
    assert (wide >= greedy - 1e-6).all()


def test_nothing_comes_after_the_end_mark_and_barred_tokens_never_come():
    tokens = ops.convert_to_numpy(search(language(19), 5, longest=13).tokens)
    ended = np.cumsum(tokens == END, axis=-1) - (tokens == END) > 0
    assert (tokens[ended] == PADDING).all()
    assert not (tokens[~ended] == PADDING).any()
    assert not np.isin(tokens, START).any()


def test_the_search_of_one_sample_does_not_see_the_others():
    weights = language(23)
    alone, together = search(weights, 3, samples=1), search(weights, 3)
    np.testing.assert_array_equal(alone.tokens[0], together.tokens[0])


def test_a_larger_penalty_prefers_longer_sequences():
    assert float(length_penalty(np.array(1), 0.7)) == 1.0
    weights = {name: np.zeros_like(values) for name, values in language().items()}
    weights["bias"][:, [1, 5, 6]] = -20  # after each token either the end or word 4, equally probable
    for penalty, wanted in ((0.0, [END, 0, 0, 0, 0, 0]), (3.0, [4] * 6)):
        tokens = ops.convert_to_numpy(search(weights, 11, longest=7, penalty=penalty).tokens)
        assert tokens[0, 0, :6].tolist() == wanted


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow has widths that are tensors")
def test_in_a_graph_the_width_is_a_tensor_and_the_number_of_samples_unknown():
    import tensorflow as tf

    weights = language()

    @tf.function(input_signature=[tf.TensorSpec((None, WORDS)), tf.TensorSpec((), tf.int32)])
    def graph(bias, width):
        samples = tf.shape(bias)[0]
        return beam_search(
            step_of(weights),
            {"memory": tf.zeros((samples, 5))},
            bias,
            samples=samples,
            width=width,
            longest=LONGEST,
            start=START,
            end=END,
            never=NEVER,
        )

    for width in (1, 5):
        found, wanted = graph(tf.constant(weights["bias"]), width), search(weights, width)
        np.testing.assert_array_equal(found.tokens, wanted.tokens)
        np.testing.assert_allclose(found.scores, wanted.scores, atol=1e-5)
