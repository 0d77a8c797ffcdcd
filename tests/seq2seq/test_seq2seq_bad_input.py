"""What an encoder-decoder cannot read: refused in words."""

import functools

import numpy as np
import pandas as pd
import pytest
from tiny_seq2seq import SOURCES, TARGETS, TINY, build, series

import seqkit as sk
from seqkit.text.vocabulary import Vocabulary

translator = functools.cache(build)


@functools.cache
def continuer():
    return sk.build_seq2seq(like=(series(), series(7, 3, 1)), units=4)


def make(like=(SOURCES, TARGETS), **options):
    return sk.build_seq2seq(like=like, **{**TINY, **options})


def fitted(sources=SOURCES, targets=TARGETS, **options):
    return translator().fit(sources, targets, verbose=0, **options)


BAD = {
    # Pairs
    "different count": (
        lambda: make((SOURCES, TARGETS[:3])),
        ValueError,
        "build_seq2seq: 5 sources and 3 targets. They must pair up",
    ),
    "zipped pairs": (
        lambda: make(list(zip(SOURCES, TARGETS, strict=True))),
        TypeError,
        r"like= must be a pair \(sources, targets\).* The pairs look zipped",
    ),
    "a pair of nothing": (
        lambda: make((None, None)),
        TypeError,
        "sources: series are needed .* got None",
    ),
    "texts and nothing": (lambda: make((SOURCES, None)), TypeError, "targets: a list of texts is needed, got None"),
    "what is read once": (lambda: make((iter(SOURCES), iter(TARGETS))), TypeError, "read only once. Pass list"),
    "nothing to translate": (lambda: translator().translate(None), TypeError, "translate: a list of texts is needed"),
    "no series to answer": (lambda: continuer().predict(None), TypeError, "predict: series are needed .* got None"),
    "by a number": (lambda: make(by=5), ValueError, "by must be one of 'words', 'spaces', 'characters', got 5"),
    "longest of series": (lambda: make((series(), series()), longest=3), ValueError, "longest= is for texts"),
    "smoothing of series": (
        lambda: make((series(), series()), label_smoothing=0.1),
        ValueError,
        "label_smoothing=0.1 is for texts",
    ),
    "different count, fitted": (lambda: fitted(SOURCES[:2]), ValueError, "fit: 2 sources and 5 targets"),
    "different count, validation": (
        lambda: fitted(validation_data=(SOURCES, TARGETS[:1])),
        ValueError,
        "fit: validation_data: 5 sources and 1 targets",
    ),
    "sample weights": (
        lambda: fitted(sample_weight=[1, 2]),
        ValueError,
        "fit: sample_weight must be one number for each of 5 pairs",
    ),
    "class_weight": (
        lambda: fitted(class_weight={0: 2.0}),
        ValueError,
        "class_weight needs one answer for each sample",
    ),
    "validation_split": (
        lambda: fitted(validation_split=0.5),
        ValueError,
        "cuts off the last pairs .*unshuffled. Pass",
    ),
    "targets of an autoencoder": (
        lambda: sk.train_seq2seq(series(20), series(20), autoencoder=True),
        ValueError,
        "train_seq2seq: an autoencoder answers with its sources; leave the targets out",
    ),
    "an empty target, by its own place": (
        lambda: sk.train_seq2seq(SOURCES * 4, [*TARGETS * 3, *TARGETS[:4], " "], seed=1),
        ValueError,
        "train_seq2seq: 1 of 20 pairs have an empty target, the first at position 19",
    ),
    "different count of series": (
        lambda: make((series(), series(3))),
        ValueError,
        "build_seq2seq: 7 sources and 3 targets",
    ),
    "an empty source": (
        lambda: fitted(["one", " ", ""], ["eins", "zwei", "drei"]),
        ValueError,
        "fit: 2 of 3 pairs have an empty source, the first at position 1. Leave them out",
    ),
    "an empty target": (lambda: make((["one"], [""])), ValueError, "1 of 1 pairs have an empty target, the first at"),
    "no pairs": (lambda: make(([], [])), ValueError, "no texts at all|no samples at all"),
    "no targets": (lambda: translator().fit(SOURCES), ValueError, r"fit: the targets are missing. Pass fit\(sources"),
    "no pair": (
        lambda: make(SOURCES),
        TypeError,
        r"like= must be a pair \(sources, targets\); for an auto",
    ),
    "nothing": (lambda: make(None), ValueError, r"pass like=\(sources, targets\), the training pairs"),
    "one string": (lambda: fitted("one", "eins"), TypeError, r"a list of texts is needed, got one string"),
    # Text
    "no text": (
        lambda: fitted(["one", 7], ["eins", "zwei"]),
        TypeError,
        "fit: sources: text number 1 is 7, an int; strings",
    ),
    "missing text": (
        lambda: fitted(["one", "two"], pd.Series(["eins", None])),
        TypeError,
        "fit: targets: text number 1 is (None|nan)",
    ),
    "text to numbers": (
        lambda: make((SOURCES, series(5))),
        TypeError,
        "the sources are texts, the targets are not. Both must be texts, or both numbers",
    ),
    "no words left": (
        lambda: make(least_count=99),
        ValueError,
        "build_seq2seq: no words are left of the sources. Pass texts with words in them, or a lower",
    ),
    "a word that is never found": (
        lambda: make(None, vocabulary=(Vocabulary(["one"]), Vocabulary(["Eins"]))),
        ValueError,
        "the word 'Eins' of vocabulary= is never found, because texts are split by words and lower-cased",
    ),
    "no vocabularies": (
        lambda: make(None, vocabulary=5),
        TypeError,
        "vocabulary= must be a Vocabulary or a list of words, or a pair of these, .*got 5",
    ),
    # Series
    "missing values": (
        lambda: make((np.full((2, 3, 1), np.nan), series(2))),
        ValueError,
        "build_seq2seq: sources: series 0 has no known value",
    ),
    "unequal lengths": (
        lambda: make(([np.ones((3, 1)), np.ones((4, 1))], series(2))),
        ValueError,
        "sources: series 1 has 4 steps, 3 are needed; all must be of one length",
    ),
    "another horizon": (
        lambda: continuer().fit(series(), series(7, 2, 1)),
        ValueError,
        "fit: targets: series 0 has 2 steps, 3 are needed",
    ),
    "text for series": (
        lambda: continuer().predict(SOURCES),
        TypeError,
        "predict: series of numbers are needed, got text",
    ),
    "tied series": (lambda: make((series(), series()), tied=True), ValueError, "tied=True is for texts"),
    # Choices
    "context": (
        lambda: make(context="every stp"),
        ValueError,
        "context must be one of 'initial', 'transform', 'pooled', 'every step', got .* Did you mean 'every step'",
    ),
    "attention": (lambda: make(attention="adition"), ValueError, "attention must be one of 'additive', 'dot'"),
    "cell": (lambda: make(cell="gnu"), ValueError, "cell must be one of .* Did you mean 'gru'"),
    "by": (lambda: make(by="letters"), ValueError, "by must be one of 'words', 'spaces', 'characters'"),
    "by three": (lambda: make(by=("words",) * 3), ValueError, "by must be one word, or one each for sources and targ"),
    "odd units": (
        lambda: make(units=7, bidirectional=True),
        ValueError,
        "units=7 cannot be halved between the two directions",
    ),
    "copying without attention": (
        lambda: make(attention="none", copy_unknown=True),
        ValueError,
        "copy_unknown=True copies the unknown words that attention points to, so it needs texts and attention",
    ),
    "words without feedback": (lambda: make(feedback=False), ValueError, "feedback=False is for numbers"),
    "autoencoder with attention": (
        lambda: make(SOURCES, autoencoder=True, attention="dot"),
        ValueError,
        'attention="dot" lets the decoder of an autoencoder copy the source past its code',
    ),
    "smoothing of another loss": (
        lambda: make(label_smoothing=0.1, loss="sparse_categorical_crossentropy"),
        ValueError,
        "build_seq2seq: label_smoothing belongs to the default loss",
    ),
    "sampling without feedback": (
        lambda: make((series(), series()), feedback=False, scheduled_sampling=0.3),
        ValueError,
        "scheduled_sampling=0.3 mixes the previous values that the decoder reads, but without feedback it reads none",
    ),
    "no words left of the targets": (
        lambda: make((["a a"] * 3, ["b", "c", "d"]), least_count=2),
        ValueError,
        "build_seq2seq: no words are left of the targets",
    ),
    "most words": (lambda: make(most_words=0), ValueError, "build_seq2seq: most_words must be 1 or more, got 0"),
    "weights beside batches": (
        lambda: translator().fit(translator().batches("fit", SOURCES, TARGETS), sample_weight=[1] * 5),
        ValueError,
        "fit: sample_weight cannot go with batches",
    ),
    "smoothing": (lambda: make(label_smoothing=1.0), ValueError, "label_smoothing must be from 0 to below 1"),
    "sampling": (lambda: make(scheduled_sampling=2), ValueError, "scheduled_sampling must be from 0 to below 1"),
    "longest": (lambda: make(longest=0), ValueError, "longest must be 1 or more, got 0"),
    "longest of three": (lambda: make(longest=(1, 2, 3)), ValueError, "longest must be one number, or one each for"),
    # Decoding
    "beam 0": (lambda: translator().translate(["one"], beam=0), ValueError, "translate: beam must be 1 or more, got 0"),
    "half a beam": (
        lambda: translator().translate(["one"], beam=2.5),
        TypeError,
        "beam must be a whole number, got 2.5",
    ),
    "penalty": (
        lambda: translator().translate(["one"], length_penalty=-1),
        ValueError,
        "length_penalty must be a number from 0 up, got -1",
    ),
    "texts to translate": (
        lambda: translator().translate("one"),
        TypeError,
        r"translate: a list of texts .* Pass \[tex",
    ),
    "no texts to translate": (lambda: translator().translate([]), ValueError, "translate: no texts at all"),
    "translated series": (
        lambda: continuer().translate(SOURCES),
        TypeError,
        "translate: this model reads and writes series. Use predict",
    ),
    "alignments of none": (
        lambda: build(attention="none").alignments(SOURCES),
        ValueError,
        "alignments: the model has no attention",
    ),
    "autoencoder split in two ways": (
        lambda: sk.build_seq2seq(like=SOURCES, autoencoder=True, by=("words", "characters"), **TINY),
        ValueError,
        "it would be split by words and by characters. Pass one word as by=",
    ),
    "error of no autoencoder": (
        lambda: continuer().reconstruction_error(series()),
        ValueError,
        "only an autoencoder has one. Build with autoencoder=True",
    ),
    "alignment that is none": (
        lambda: sk.plot_alignment([[1.0]]),
        TypeError,
        "plot_alignment: one of model.alignments",
    ),
    # Recipe
    "too few to hold back": (
        lambda: sk.train_seq2seq(SOURCES, TARGETS, **TINY),
        ValueError,
        "train_seq2seq: 5 pairs are too few to hold a tenth back. Pass validation=",
    ),
    "recipe, a table": (
        lambda: sk.train_seq2seq(pd.DataFrame({"a": SOURCES}), pd.DataFrame({"a": TARGETS})),
        TypeError,
        "train_seq2seq: sources: .* got a DataFrame",
    ),
    "recipe, validation": (
        lambda: sk.train_seq2seq(SOURCES, TARGETS, validation=(SOURCES, TARGETS[:2])),
        ValueError,
        "train_seq2seq: validation: 5 sources and 2 targets",
    ),
    "recipe, no pair to watch": (
        lambda: sk.train_seq2seq(SOURCES, TARGETS, validation=SOURCES),
        TypeError,
        r"train_seq2seq: validation= must be a pair \(sources, targets\)",
    ),
    "recipe, different count": (
        lambda: sk.train_seq2seq(SOURCES * 3, TARGETS, **TINY),
        ValueError,
        "train_seq2seq: 15 sources and 5 targets",
    ),
    "recipe, no targets": (lambda: sk.train_seq2seq(SOURCES), ValueError, "train_seq2seq: the targets are missing"),
}


@pytest.mark.parametrize(("act", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_what_is_longer_than_the_longest_is_left_out_and_counted():
    model = build(longest=(2, 3))
    with pytest.warns(UserWarning, match="translate: 2 of 3 texts have more than longest=2 tokens; the tokens beyond"):
        targets = model.translate(["one two three", "two four", "four two one four"])
    with pytest.warns(UserWarning, match="1 of 1 texts"):
        (alignment,) = model.alignments(["one two seven four"])
    assert " ".join(alignment.target) == targets[0]
    assert (alignment.source, alignment.weights.shape) == (("one", "two"), (len(alignment.target), 2))
    with pytest.warns(UserWarning, match="fit: ") as warned:
        model.batches("fit", SOURCES, TARGETS)
    assert [str(warning.message).split(";")[0] for warning in warned] == [
        "fit: 2 of 5 sources have more than longest=2 tokens",
        "fit: 1 of 5 targets have more than longest=3 tokens",
    ]


@pytest.mark.filterwarnings("ignore:fit. ")
def test_a_target_that_was_cut_does_not_end_there():
    model = build(longest=(9, 2))
    ((_, previous), targets) = next(iter(model.batches("fit", SOURCES, TARGETS)))
    previous, targets = previous.numpy(), targets.numpy()
    words = ["", "?", *model.settings.target_words]
    assert {tuple(words[number] for number in row if number) for row in targets} == {
        ("drei", "zwei", "eins"),
        ("vier", "zwei", "[END]"),
        ("eins", "sieben", "[END]"),
        ("zwei", "[END]"),
        ("vier", "eins", "zwei"),
    }
    assert (previous[:, 1:] == np.where(targets[:, 1:] > 0, targets[:, :-1], 0)).all()
