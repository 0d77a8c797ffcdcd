"""LinearChainCRF against every path there is, and CharacterWords and RareWords against their equations."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from seqkit.layers import CharacterWords, LinearChainCRF, RareWords

STEPS, TAGS, LENGTHS = 5, 3, (5, 2, 1)
FORBIDDEN = {"forbidden": [(1, 2), (2, 2)], "never_first": [2]}


def scored(seed=7):
    """Scores `[B, T, K]`, their mask, and tags that keep to what is forbidden."""
    scores = np.random.default_rng(seed).normal(0, 2, (len(LENGTHS), STEPS, TAGS)).astype("float32")
    mask = np.arange(STEPS)[None] < np.array(LENGTHS)[:, None]
    return scores, mask, np.where(mask, [[0, 2, 1, 0, 1]], -1)


def built(seed=5, **options):
    layer = LinearChainCRF(**options)
    layer.build((None, None, TAGS))
    random = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    return layer


def every_path(layer, scores):
    """The paths through one sequence without padding, and the logarithms of their probabilities."""
    transitions, first, last = (np.array(weight, "float64") for weight in (layer.transitions, layer.first, layer.last))
    for before, after in layer.forbidden:
        transitions[before, after] = -np.inf
    first[list(layer.never_first)] = -np.inf
    paths = list(itertools.product(range(TAGS), repeat=len(scores)))
    totals = np.array(
        [
            first[path[0]] + last[path[-1]]
            + sum(scores[step, tag] for step, tag in enumerate(path))
            + sum(transitions[pair] for pair in itertools.pairwise(path))
            for path in paths
        ]
    )  # fmt: skip
    return paths, totals - np.logaddexp.reduce(totals)


free_and_forbidden = pytest.mark.parametrize("options", [{}, FORBIDDEN], ids=["free", "forbidden"])


@free_and_forbidden
def test_the_log_likelihood_is_that_of_all_paths_enumerated(options):
    layer, (scores, mask, tags) = built(**options), scored()
    result = ops.convert_to_numpy(layer.log_likelihood(scores, tags, mask))
    for row, length in enumerate(LENGTHS):
        paths, logs = every_path(layer, scores[row, :length])
        assert result[row] == pytest.approx(logs[paths.index(tuple(tags[row, :length]))], abs=1e-5)


@free_and_forbidden
def test_the_best_path_is_the_most_probable_of_all(options):
    for seed in range(3):
        layer, (scores, mask, _) = built(seed, **options), scored(seed)
        best = ops.convert_to_numpy(layer(scores, mask=mask)[0])
        for row, length in enumerate(LENGTHS):
            paths, logs = every_path(layer, scores[row, :length])
            assert tuple(best[row]) == (*paths[int(logs.argmax())], *[-1] * (STEPS - length))


@free_and_forbidden
def test_marginals_sum_the_probabilities_of_all_paths_through_a_tag(options):
    layer, (scores, mask, _) = built(**options), scored()
    result = ops.convert_to_numpy(layer(scores, mask=mask)[1])
    for row, length in enumerate(LENGTHS):
        expected = np.zeros((STEPS, TAGS))
        for path, log in zip(*every_path(layer, scores[row, :length]), strict=True):
            expected[np.arange(length), path] += np.exp(log)
        np.testing.assert_allclose(result[row], expected, atol=1e-5)


def test_a_forbidden_pair_is_never_chosen_however_high_its_scores():
    layer = built(forbidden=[(1, 2)], never_first=[2])
    scores = np.tile(np.array([0, 50, 0], "float32"), (1, STEPS, 1))
    scores[0, ::2] = [0, 0, 60]
    best = ops.convert_to_numpy(layer(scores)[0])[0].tolist()
    assert best[0] != 2
    assert (1, 2) not in itertools.pairwise(best)


def test_what_stands_in_the_padding_changes_nothing():
    layer, (scores, mask, tags) = built(), scored()
    changed = np.where(mask[..., None], scores, 99).astype("float32")
    for output, same in zip(layer(scores, mask=mask), layer(changed, mask=mask), strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(output), ops.convert_to_numpy(same))
    np.testing.assert_array_equal(
        ops.convert_to_numpy(layer.log_likelihood(scores, tags, mask)),
        ops.convert_to_numpy(layer.log_likelihood(changed, tags, mask)),
    )


def test_a_row_of_nothing_but_padding_costs_nothing_and_has_no_tags():
    layer, (scores, _, _) = built(), scored()
    nothing = np.zeros((len(LENGTHS), STEPS), bool)
    assert not ops.convert_to_numpy(layer.log_likelihood(scores, np.full(nothing.shape, -1), nothing)).any()
    best, probabilities = layer(scores, mask=nothing)
    assert (ops.convert_to_numpy(best) == -1).all()
    assert not ops.convert_to_numpy(probabilities).any()


def test_without_scores_of_pairs_each_step_is_a_softmax_by_itself():
    layer, (scores, _, _) = LinearChainCRF(), scored()
    best, probabilities = layer(scores)
    grown = np.exp(scores)
    np.testing.assert_allclose(probabilities, grown / grown.sum(axis=-1, keepdims=True), rtol=1e-4)
    assert ops.convert_to_numpy(best).tolist() == scores.argmax(axis=-1).tolist()


def test_scores_of_pairs_are_learnt():
    """Tags that alternate, whatever the scores of the steps."""
    scores = keras.Input((7, 2))
    tags = np.tile(np.arange(7) % 2, (11, 1))
    tags[5:] = 1 - tags[5:]
    crf = LinearChainCRF()
    crf(scores)

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.crf = crf

        def call(self, x):
            return x

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return -ops.mean(self.crf.log_likelihood(y_pred, y))

    model = Model()
    model.compile(keras.optimizers.Adam(0.1))
    losses = model.fit(np.zeros((11, 7, 2), "float32"), tags, epochs=30, verbose=0).history["loss"]
    assert losses[0] > 3
    assert losses[-1] < 1.2  # near log 2, the choice of the first tag
    assert ops.convert_to_numpy(crf(np.zeros((1, 4, 2), "float32"))[0])[0].tolist() in ([0, 1, 0, 1], [1, 0, 1, 0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LinearChainCRF().build((None, 3)), "wanted scores .samples, timesteps, tags., got shape .None, 3."),
        (lambda: built(forbidden=[(0, 3)]), r"\(0, 3\) is forbidden, but the tags are 0 to 2. Name tags by number"),
        (lambda: built(never_first=[-1]), "-1 is forbidden, but the tags are 0 to 2"),
        (lambda: CharacterWords(0), "CharacterWords: characters must be 1 or more, got 0"),
        (lambda: CharacterWords(5, widths=()), "widths is empty"),
        (lambda: CharacterWords(5, 1, widths=(2, 3)), "filters must be 2 or more, got 1"),
        (lambda: CharacterWords(5).build((None, 3)), "wanted numbers .samples, timesteps, characters."),
        (lambda: RareWords(-1), "RareWords: first must be 0 or more, got -1"),
        (lambda: RareWords(3, rate=1.0), "RareWords: rate must be from 0 to below 1"),
    ],
)
def test_bad_arguments_are_refused_in_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# CharacterWords


def spelt(layer, word):
    """One word by the equations of the class."""
    vectors, result = ops.convert_to_numpy(layer.vectors.embeddings)[word], []
    for convolution, width in zip(layer.convolutions, layer.widths, strict=True):
        kernel, bias = (ops.convert_to_numpy(weight) for weight in convolution.weights)
        padded = np.pad(vectors, (((width - 1) // 2, width // 2), (0, 0)))
        steps = [sum(padded[place + tap] @ kernel[tap] for tap in range(width)) + bias for place in range(len(word))]
        result.append(np.tanh(np.max(steps, axis=0)))
    return np.concatenate(result)


@pytest.mark.parametrize(("widths", "parts"), [((3,), [5]), ((3, 2), [3, 2])])
def test_a_word_is_the_maximum_of_filters_over_its_characters_alone(widths, parts):
    layer = CharacterWords(11, filters=5, embedding=3, widths=widths)
    assert [convolution.filters for convolution in layer.convolutions] == parts
    numbers = np.zeros((2, 3, 7), "int32")
    words = {(0, 0): [2, 3, 5, 7, 10, 1, 2], (0, 1): [3], (1, 0): [9, 9]}
    for place, word in words.items():
        numbers[place][: len(word)] = word
    result = ops.convert_to_numpy(layer(numbers))
    assert result.shape == (2, 3, 5)
    for place, word in words.items():
        np.testing.assert_allclose(result[place], spelt(layer, word), atol=1e-6)
    assert not result[1, 2].any()


# RareWords


def test_rare_words_are_read_as_unknown_now_and_then_in_training_alone():
    numbers = np.tile(np.arange(11), (500, 1))
    layer = RareWords(first=7, rate=0.3)
    assert ops.convert_to_numpy(layer(numbers)).tolist() == numbers.tolist()
    result = ops.convert_to_numpy(layer(numbers, training=True))
    assert (result[:, :7] == numbers[:, :7]).all()
    unknown = result[:, 7:] == 1
    assert ((result == numbers)[:, 7:] | unknown).all()
    assert unknown.mean() == pytest.approx(0.3, abs=0.05)
