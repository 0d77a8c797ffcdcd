"""What a tagger cannot read or learn, each kind once or more: refused in words."""

import functools

import numpy as np
import pandas as pd
import pytest
from tiny_taggers import PARTS, SENTENCES, TAGS, TINY, WORDS, build, weather, weeks

import seqkit as sk

NAN = np.nan


@functools.cache
def reader():
    return build()


@functools.cache
def watcher():
    return build(weeks(), weather(weeks()))


@functools.cache
def with_parts():
    return build({"words": SENTENCES, "extra": PARTS}, TAGS)


def make(like=SENTENCES, tags=TAGS, **options):
    return sk.build_tagger(like=like, tags=tags, **{**WORDS, **options})


def fitted(y, x=SENTENCES, **options):
    return reader().fit(x, y, verbose=0, **options)


def changed(rows, number, row):
    return [row if place == number else unchanged for place, unchanged in enumerate(rows)]


def gap():
    series = weeks()
    series[1][1, 0] = NAN
    return series


BAD = {
    # Tags
    "tags not given": (
        lambda: make(tags=None),
        ValueError,
        "build_tagger: give tags=, those of the training sequences",
    ),
    "one tag": (lambda: make(tags=["a"]), ValueError, "two different tags or more are needed, got 'a'"),
    "no tags": (lambda: make(tags=[]), ValueError, "tags or more are needed, got none"),
    "tags of mixed types": (
        lambda: make(tags=[["a", 1]]),
        TypeError,
        "tags are of mixed types, 'a' is text and 1 a number. Make all of them strings",
    ),
    "a missing tag": (
        lambda: fitted(changed(TAGS, 1, ["B-NP", None, "B-VP"])),
        TypeError,
        "fit: tag 1 of sequence 1 is None; strings or numbers are needed",
    ),
    "one string of tags": (
        lambda: fitted(changed(TAGS, 3, "B-VP")),
        TypeError,
        "the tags of sequence 3 are 'B-VP'; a list is needed, one tag for each step",
    ),
    "a tag for each sequence": (lambda: fitted([1, 2, 3, 4, 5]), TypeError, "the tags of sequence 0 are 1; a list"),
    "a table of tags": (
        lambda: fitted(pd.DataFrame({"tags": TAGS})),
        TypeError,
        "one tag for each step, got DataFrame",
    ),
    "tags missing": (lambda: reader().fit(SENTENCES), ValueError, r"fit: the tags are missing. Pass fit\(x, y\)"),
    "tags missing, evaluated": (lambda: reader().evaluate(SENTENCES), ValueError, "evaluate: the tags are missing"),
    "too few tags": (
        lambda: fitted(changed(TAGS, 2, TAGS[2][:3])),
        ValueError,
        r"fit: sentence 2 \('So it is !'\) has 4 tokens and 3 tags. Each of the tokens needs one",
    ),
    "too few sentences of tags": (
        lambda: fitted(TAGS[:4]),
        ValueError,
        "fit: got 5 sentences, but tags for 4. They must pair up",
    ),
    "too few tags of a series": (
        lambda: watcher().fit(weeks(), changed(weather(weeks()), 4, ["up"])),
        ValueError,
        "fit: series 4 has 5 steps and 1 tags. Each of the steps needs one",
    ),
    "too few tags in validation": (
        lambda: fitted(TAGS, validation_data=(SENTENCES, changed(TAGS, 0, ["O"]))),
        ValueError,
        r"fit: validation_data: sentence 0 \('The cat sat in Rome .'\) has 6 tokens and 1 tags",
    ),
    "an unknown tag": (
        lambda: fitted(changed(TAGS, 3, ["B-VPP"])),
        ValueError,
        "fit: the tag 'B-VPP', in sequence 3, is unknown to the model, whose tags are 'B-NP'.*Did you mean 'B-VP'",
    ),
    "an unknown tag, evaluated": (
        lambda: reader().evaluate(SENTENCES, changed(TAGS, 3, ["X"])),
        ValueError,
        "evaluate: the tag 'X', in sequence 3, is unknown",
    ),
    # Sentences
    "one string": (
        lambda: reader().predict_tags("The dog"),
        TypeError,
        "a list of sentences is needed, got one string",
    ),
    "no sentences": (lambda: reader().predict_tags([]), ValueError, "predict_tags: no sentences at all"),
    "a number among the tokens": (
        lambda: reader().predict_tags([["so"], ["it", 7]]),
        TypeError,
        "token 1 of sentence 1 is 7, an int; strings are needed",
    ),
    "a missing token": (
        lambda: make(changed(SENTENCES, 1, ["A", None, "b"])),
        TypeError,
        "token 1 of sentence 1 is None",
    ),
    "an empty token": (
        lambda: reader().predict_tags([["so", ""]]),
        ValueError,
        "token 1 of sentence 0 is empty. Leave it out, with its tag",
    ),
    "a sentence that is none": (
        lambda: reader().predict_tags([["so"], 7]),
        TypeError,
        "sentence 1 is 7; a list of tok",
    ),
    "series for sentences": (
        lambda: reader().predict_tags(weeks()),
        TypeError,
        "predict_tags: sentence 0 is array.*a list of tokens or a string is needed",
    ),
    "a table": (lambda: reader().predict_tags(pd.DataFrame({"words": PARTS})), TypeError, "got DataFrame"),
    "an empty sentence, trained": (
        lambda: fitted(changed(TAGS, 3, []), changed(SENTENCES, 3, [])),
        ValueError,
        "fit: sentence 3 has no tokens. Leave it out, with its tags",
    ),
    "no words": (lambda: make(["", " "], [["a", "b"], []]), ValueError, "the training sentences have no tokens"),
    "capitals in the vocabulary": (
        lambda: sk.build_tagger(vocabulary=["so", "It"], tags=["a", "b"], **WORDS),
        ValueError,
        "the word 'It' of vocabulary= is never found, because words are lower-cased. Pass 'it'",
    ),
    "tokens to tag": (
        lambda: reader().tag([["so"]]),
        TypeError,
        "tag: a string or a list of strings is needed, got .* For lists of tokens use",
    ),
    "a series to tag": (
        lambda: watcher().tag("so"),
        TypeError,
        "tag: this tagger reads series of numbers. Use predict",
    ),
    # Extra features
    "extra left out": (
        lambda: with_parts().predict_tags(SENTENCES),
        ValueError,
        "built with an extra feature for each token. Pass {'words': sentences, 'extra': features}",
    ),
    "extra left out, a text": (lambda: with_parts().tag("so it is"), ValueError, "built with an extra feature"),
    "extra unasked": (
        lambda: reader().predict_tags({"words": SENTENCES, "extra": PARTS}),
        ValueError,
        "built without an extra feature. Pass the sentences alone",
    ),
    "extra of another length": (
        lambda: with_parts().predict_tags({"words": SENTENCES, "extra": changed(PARTS, 1, ["D"])}),
        ValueError,
        r"sentence 1 \('A dog ran'\) has 3 tokens and 1 extra features",
    ),
    "other keys": (
        lambda: with_parts().predict_tags({"words": SENTENCES, "pos": PARTS}),
        ValueError,
        "must be the dict .*, got the keys 'words', 'pos'",
    ),
    # Series
    "text for series": (lambda: watcher().predict_tags(SENTENCES), TypeError, "reads series of numbers, got text"),
    "other features": (lambda: watcher().predict_tags(weeks(3)), ValueError, "series 0 has 3 features, 2 are needed"),
    "a missing value": (
        lambda: watcher().predict_tags(gap()),
        ValueError,
        "series 1 has missing values, the first at step 1. Fill them: every step gets a tag",
    ),
    "a missing value, built": (lambda: make(gap(), weather(weeks())), ValueError, "build_tagger: series 1 has missing"),
    "not adapted": (
        lambda: sk.build_tagger(features=2, tags=["a", "b"], **TINY).predict_tags(weeks()),
        ValueError,
        "predict_tags: the tagger has not seen the training series yet.*call model.adapt",
    ),
    # Arguments
    "nothing to read": (
        lambda: sk.build_tagger(tags=["a", "b"]),
        ValueError,
        "give like=<the training sequences>, or features= for series, or vocabulary= for words",
    ),
    "output": (lambda: make(output="crff"), ValueError, "output must be one of 'crf', 'softmax', got 'crff'. Did you"),
    "cell": (lambda: make(cell="LSMT"), ValueError, "cell must be one of .*Did you mean 'lstm'"),
    "by": (lambda: make(by="space"), ValueError, "by must be one of .*Did you mean 'spaces'"),
    "scaling": (lambda: make(scaling=None), ValueError, "scaling must be one of .*got None"),
    "characters": (lambda: make(characters=-1), ValueError, "characters must be 0 or more, got -1"),
    "embedding": (lambda: make(embedding=0), ValueError, "embedding must be 1 or more, got 0"),
    "most_words": (lambda: make(most_words=2.5), TypeError, "most_words must be a whole number, got 2.5"),
    "dropout": (lambda: make(dropout=1.7), ValueError, "dropout must be from 0 to below 1, got 1.7"),
    "units": (lambda: make(units=()), ValueError, "units is empty"),
    "batch size": (lambda: fitted(TAGS, batch_size=0), ValueError, "fit: batch_size must be 1 or more, got 0"),
    "sample_weight": (
        lambda: fitted(TAGS, sample_weight=[1, 2]),
        ValueError,
        r"sample_weight must be one number for each of 5 sequences, got the shape \(2,\)",
    ),
    "validation_split": (lambda: fitted(TAGS, validation_split=0.1), ValueError, "validation_split cuts off the last"),
    "a missing weight": (
        lambda: fitted(TAGS, sample_weight=[1, 2, None, 1, 1]),
        ValueError,
        "fit: sample_weight 2 is nan; a number from 0 up is needed",
    ),
    "a weight below 0": (lambda: fitted(TAGS, sample_weight=[1, 2, 3, 4, -1]), ValueError, "sample_weight 4 is -1.0"),
    "weights in words": (lambda: fitted(TAGS, sample_weight=["a"] * 5), TypeError, "sample_weight must be numbers"),
    "class_weight": (lambda: fitted(TAGS, class_weight={0: 2.0}), ValueError, "class_weight needs one answer for each"),
    "impossible tags": (
        lambda: build(output="crf").fit(SENTENCES, changed(TAGS, 2, ["O", "I-NP", "O", "O"]), verbose=0),
        ValueError,
        r"the tags of sequence 2, \['O', 'I-NP', 'O', 'O'\], have an I- tag that is first or follows",
    ),
    "impossible tags, judged": (
        lambda: build(output="crf").evaluate(SENTENCES, changed(TAGS, 2, ["O", "I-NP", "O", "O"])),
        ValueError,
        "evaluate: the tags of sequence 2, .* have an I- tag that is first",
    ),
    "fewer tags than sentences": (
        lambda: make(tags=TAGS[:3]),
        ValueError,
        "build_tagger: got 5 sequences, but tags for 3",
    ),
    "tags that are read once": (lambda: make(tags=iter(TAGS)), TypeError, "tags= is an iterator, .* Pass list"),
    "a token of nothing": (
        lambda: reader().predict_tags([["so", "\x00"]]),
        ValueError,
        "token 1 of sentence 0 has the character NUL at place 0",
    ),
    "half of a pair": (
        lambda: reader().predict_tags([["so", "a\udc80"]]),
        ValueError,
        "token 1 of sentence 0 has half of a character pair",
    ),
    "nothing to fit": (lambda: fitted(TAGS, x=None), TypeError, "fit: a list of sentences is needed.* got NoneType"),
    "a number to tag": (lambda: reader().tag(3), TypeError, "tag: a string or a list of strings is needed, got 3"),
    "a table to tag": (lambda: reader().tag(pd.DataFrame({"a": ["so"]})), TypeError, "a list of strings is needed"),
    "nothing to predict": (lambda: reader().predict(None), TypeError, "predict: a list of sentences .* got NoneType"),
    "a number to build from": (
        lambda: make(like=3),
        TypeError,
        "build_tagger: like= must be a list of sentences or of series, got int",
    ),
    "validation_data": (lambda: fitted(TAGS, validation_data=(1,)), ValueError, "validation_data must be a pair"),
    # The recipe
    "unpaired": (
        lambda: sk.train_tagger(SENTENCES, TAGS[:3]),
        ValueError,
        "train_tagger: got 5 sentences, but tags for 3",
    ),
    "unpaired series": (
        lambda: sk.train_tagger(weeks(), weather(weeks())[:3]),
        ValueError,
        "train_tagger: got 5 series, but tags for 3. They must pair up",
    ),
    "a row of the whole, not of the part held back": (
        lambda: sk.train_tagger(SENTENCES, changed(TAGS, 4, ["O"])),
        ValueError,
        r"train_tagger: sentence 4 \('The dog s.*old house'\) has 7 tokens and 1 tags",
    ),
    "an empty sentence, trained on last": (
        lambda: sk.train_tagger(changed(SENTENCES, 4, []), changed(TAGS, 4, [])),
        ValueError,
        "train_tagger: sentence 4 has no tokens",
    ),
    "one text, trained": (lambda: sk.train_tagger("so", TAGS), TypeError, "a list of sentences or of .* got str"),
    "nothing, trained": (lambda: sk.train_tagger(None, TAGS), TypeError, "a list of sentences or of .* got NoneType"),
    "nothing to train on": (lambda: sk.train_tagger([], []), ValueError, "train_tagger: no samples at all"),
    "validation": (lambda: sk.train_tagger(SENTENCES, TAGS, validation=7), TypeError, r"validation must be the pair"),
    "epochs": (lambda: sk.train_tagger(SENTENCES, TAGS, epochs=0), ValueError, "epochs must be 1 or more, got 0"),
    "seed": (lambda: sk.train_tagger(SENTENCES, TAGS, seed=-1), ValueError, "seed must be 0 or more, got -1"),
}


@pytest.mark.parametrize(("ask", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
