"""Scores of a tagger: right figures, a fair baseline that sees the training sequences alone, plain words."""

import numpy as np
import pytest
from tiny_taggers import SENTENCES, TAGS, TINY, WORDS, weather, weeks

import seqkit as sk
from seqkit.tagging.spans import span_scores

X = [["the", "old", "Rome", "sat"], ["dog", "ran"]]
Y = [["B-NP", "I-NP", "I-NP", "B-VP"], ["B-NP", "B-VP"]]


@pytest.fixture(scope="module")
def model():
    return sk.build_tagger(like=SENTENCES, tags=TAGS, **WORDS)


@pytest.fixture
def score(model, monkeypatch):
    def score(predicted, x=X, y=Y, train=(SENTENCES, TAGS)):
        monkeypatch.setattr(model, "predict_tags", lambda x: predicted)
        return sk.score_tagger(model, x, y, train=train)

    return score


# Figures


def test_a_span_is_right_where_its_type_and_both_its_ends_are(score):
    predicted = [["B-NP", "I-NP", "B-NP", "B-VP"], ["B-NP", "B-NP"]]
    result = score(predicted)
    correct, predicted_spans, true_spans = 2, 5, 4
    assert result.scores.loc["tagger"].to_dict() == pytest.approx(
        {
            "accuracy": 4 / 6,
            "precision": correct / predicted_spans,
            "recall": correct / true_spans,
            "f1": 2 * correct / (predicted_spans + true_spans),
        }
    )
    assert list(result.scores.index) == ["tagger", "most_frequent"]
    by_span = result.by_tag
    assert (by_span.index.name, list(by_span.index)) == ("span", ["NP", "VP"])
    assert by_span.loc["NP"].to_dict() == pytest.approx(
        {"precision": 1 / 4, "recall": 1 / 2, "f1": 1 / 3, "support": 2}
    )
    assert by_span.loc["VP"].to_dict() == pytest.approx({"precision": 1, "recall": 1 / 2, "f1": 2 / 3, "support": 2})


def test_tags_that_the_tagger_does_not_know_may_count_as_wrong(model, score):
    right, unheard = [["B-NP", "I-NP", "I-NP", "B-VP"], ["B-NP", "B-VP"]], [Y[0], ["B-X", "I-X"]]
    score(right)
    result = sk.score_tagger(model, X, unheard, train=(SENTENCES, TAGS), unknown_tags="wrong")
    assert result.scores.loc["tagger", "accuracy"] == pytest.approx(4 / 6)
    assert result.scores.loc["tagger", "f1"] == pytest.approx(2 * 2 / (4 + 3))
    assert result.verdict.endswith("The tagger does not know 'B-X', 'I-X'; 2 tags of that name count as wrong.")
    with pytest.raises(TypeError, match="score_tagger: .* tags are of mixed types, 'B-NP' is text and 7 a number"):
        sk.score_tagger(model, X, [[7] * 4, [7] * 2], train=(SENTENCES, TAGS), unknown_tags="wrong")
    with pytest.raises(ValueError, match="unknown_tags must be one of 'refuse', 'wrong'"):
        sk.score_tagger(model, X, Y, train=(SENTENCES, TAGS), unknown_tags="count")


def by_conlleval(rows):
    """The spans of tags as the script of CoNLL-2000 counts them: an I that does not go on begins one."""
    spans = set()
    for number, row in enumerate(rows):
        start = None
        for step, tag in enumerate([*row, "O"]):
            goes_on = start is not None and tag == f"I-{start[1]}"
            if start is not None and not goes_on:
                spans.add((number, start[0], step - 1, start[1]))
                start = None
            if tag != "O" and not goes_on:
                start = (step, tag[2:])
    return spans


def test_spans_are_counted_as_conlleval_does_whatever_the_tags():
    random = np.random.default_rng(7)
    for _ in range(50):
        truth, predicted = (
            [random.choice(["O", "B-a", "I-a", "B-b", "I-b"], length).tolist() for length in (7, 1, 5, 11)]
            for _ in range(2)
        )
        true_spans, predicted_spans = by_conlleval(truth), by_conlleval(predicted)
        correct = len(true_spans & predicted_spans)
        scores = span_scores(truth, predicted)[""]
        assert scores.support == len(true_spans)
        assert (scores.precision, scores.recall) == pytest.approx(
            (correct / (len(predicted_spans) or 1), correct / (len(true_spans) or 1))
        )
        assert scores.f1 == pytest.approx(2 * correct / (len(predicted_spans) + len(true_spans)))


def test_tags_without_any_span_score_zero():
    assert span_scores([["O", "O"]], [["O", "O"]]) == {"": (0, 0, 0, 0)}
    assert span_scores([["B-a"]], [["O"]])["a"] == (0, 0, 0, 1)


def test_each_word_has_its_most_frequent_tag_and_an_unknown_one_the_most_frequent_of_all(score):
    train = ([["a", "b", "a", "a"], ["b", "A"]], [["O", "B-NP", "O", "B-VP"], ["B-VP", "B-NP"]])
    predicted = [["O", "B-NP", "B-NP", "B-NP"]]
    result = score(predicted, [["a", "b", "A", "never"]], [["O", "B-NP", "B-NP", "B-NP"]], train)
    assert result.scores.loc["most_frequent", "accuracy"] == 1  # b and all have two tags as often: the first in order


def test_tags_that_mark_no_spans_are_scored_one_by_one():
    model = sk.build_tagger(like=weeks(), tags=weather(weeks()), **TINY)
    result = sk.score_tagger(model, weeks(), weather(weeks()), train=(weeks(), weather(weeks())))
    assert list(result.scores.columns) == ["accuracy"]
    truth = [tag for row in weather(weeks()) for tag in row]
    assert result.by_tag["support"].to_dict() == {tag: truth.count(tag) for tag in ("down", "same", "up")}
    overall = max(truth.count(tag) for tag in set(truth)) / len(truth)
    assert result.scores.loc["most_frequent", "accuracy"] == pytest.approx(overall)
    predicted = [tag for row in model.predict_tags(weeks()) for tag in row]
    assert result.scores.loc["tagger", "accuracy"] == pytest.approx(np.mean(np.array(predicted) == np.array(truth)))
    assert result.verdict.startswith(f"On 5 series of {len(truth)} steps the tagger's accuracy is ")


# The verdict


def test_a_lead_is_told_in_points_and_that_it_may_be_chance(score):
    verdict = score(Y).verdict
    assert verdict.startswith("On 2 sentences of 6 tokens the tagger's span F1 is 100.0% and accuracy is 100.0%.")
    assert "It beats the most frequent tag of each word by" in verdict
    many = score(Y * 9, X * 9, Y * 9)
    assert "chance" not in many.verdict


def test_a_lead_in_few_sentences_may_be_chance(score):
    assert "The lead in accuracy (p = 0.5) may be chance." in score(Y).verdict


def test_a_tagger_no_better_than_the_baseline_is_told_so(score):
    verdict = score([["O"] * 4, ["O"] * 2]).verdict
    assert "It is no better than the most frequent tag of each word, whose span F1 is" in verdict


# Bad input


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda model: sk.score_tagger("model", X, Y, train=(X, Y)), TypeError, "model must be a Tagger, got str"),
        (lambda model: sk.score_tagger(model, X, Y, train=X[0]), TypeError, "train must be the pair"),
        (
            lambda model: sk.score_tagger(model, X, [Y[0], ["B-NP", "B-X"]], train=(X, Y)),
            ValueError,
            "score_tagger: the tag 'B-X', in sequence 1, is unknown to the model, whose tags are 'B-NP'",
        ),
        (
            lambda model: sk.score_tagger(model, X, Y, train=(X, [Y[0], ["Q", "O"]])),
            ValueError,
            "score_tagger: train: the tag 'Q', in sequence 1, is unknown",
        ),
        (
            lambda model: sk.score_tagger(model, X, [Y[0], ["B-NP"]], train=(X, Y)),
            ValueError,
            r"score_tagger: sentence 1 \('dog ran'\) has 2 tokens and 1 tags",
        ),
        (lambda model: sk.score_tagger(model, [[]], [[]], train=(X, Y)), ValueError, "score_tagger: no tags at all"),
    ],
)
def test_bad_input_is_refused_in_words(model, ask, error, message):
    with pytest.raises(error, match=message):
        ask(model)
