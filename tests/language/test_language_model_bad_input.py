"""What a language model cannot read or write, each kind once or more: refused in words."""

import functools

import numpy as np
import pandas as pd
import pytest
from tiny_language_models import STORY, TINY, VERSES, build

import seqkit as sk
from seqkit.text.vocabulary import START, Vocabulary


@functools.cache
def reader():
    return build()


@functools.cache
def sentences():
    return build(VERSES)


def make(like=STORY, **options):
    return sk.build_language_model(like=like, **{**TINY, **options})


BAD = {
    # Texts
    "nothing to read": (lambda: make(None), ValueError, "build_language_model: give like=<the training text>, or voc"),
    "a number": (lambda: make([7]), TypeError, "build_language_model: text number 0 is 7, an int; strings are needed"),
    "a missing text": (lambda: sentences().fit(["a", None]), TypeError, "fit: text number 1 is None.* An empty text"),
    "no texts": (lambda: sentences().fit([]), ValueError, "fit: no texts at all"),
    "a table": (lambda: make(pd.DataFrame({"a": VERSES})), TypeError, "one column of texts is needed, got a DataFrame"),
    "no words": (lambda: make(""), ValueError, "build_language_model: text number 0 has no words"),
    "nothing left": (
        lambda: make(least_count=99),
        ValueError,
        "build_language_model: no words are left of the texts.* a lower least_count",
    ),
    "a text without words": (
        lambda: sentences().fit(["the cat", " "]),
        ValueError,
        "fit: text number 1 has no words. Leave it out",
    ),
    "an empty text, judged": (lambda: reader().perplexity(""), ValueError, "text number 0 has no words"),
    "an empty validation": (
        lambda: reader().fit(STORY, validation_data=""),
        ValueError,
        "fit: validation_data: text number 0 has no words",
    ),
    "targets beside texts": (lambda: reader().fit(STORY, STORY), ValueError, "fit: y cannot go with raw text"),
    "weights beside texts": (
        lambda: sentences().evaluate(VERSES, sample_weight=np.ones(4)),
        ValueError,
        "evaluate: sample_weight cannot go with raw text",
    ),
    "validation split": (
        lambda: reader().fit(STORY, validation_split=0.2),
        ValueError,
        "validation_split cannot cut raw text. Pass validation_data=<other texts>",
    ),
    "bytes": (lambda: reader().next_words([b"late"]), TypeError, "next_words: text number 0 is b'late', a bytes"),
    "a number to write on": (lambda: reader().generate([3]), TypeError, "generate: text number 0 is 3, an int"),
    "one number": (lambda: make(5), TypeError, "build_language_model: a list of texts is needed, got 5"),
    "what is read once": (lambda: make(iter(VERSES)), TypeError, r"only once. Pass list\(texts\)"),
    "nothing to fit": (lambda: sentences().fit(None), TypeError, "fit: a list of texts .* got None"),
    "nothing to predict": (
        lambda: sentences().predict(None),
        TypeError,
        "predict: a list of texts .* got None",
    ),
    "nothing to judge": (lambda: sentences().perplexity(None), TypeError, "perplexity: a list of texts is needed"),
    "a table to fit": (lambda: sentences().fit(pd.DataFrame({"a": VERSES})), TypeError, "fit: one column of texts"),
    "objects": (lambda: sentences().fit(np.array([None, 1])), TypeError, "fit: text number 0 is None"),
    # The vocabulary
    "a number of words": (lambda: make(vocabulary=5), TypeError, "Vocabulary: a list of words is needed, got 5"),
    "an empty vocabulary": (lambda: make(vocabulary=[START]), ValueError, "Vocabulary: no words"),
    "words never found": (
        lambda: make(vocabulary=["late", "Too"]),
        ValueError,
        "the word 'Too' of vocabulary= is never found.*lower-cased: it is read as 'too'",
    ),
    "words for characters": (
        lambda: make(vocabulary=["late"], by="characters"),
        ValueError,
        "split by characters: it is read as 'l', 'a', 't', 'e'",
    ),
    "a word twice": (lambda: make(vocabulary=["late", "late"]), ValueError, "the word 'late' is there twice"),
    "one string of words": (
        lambda: make(vocabulary="late"),
        TypeError,
        "a list of words is needed, got .late.",
    ),
    "by": (lambda: make(by="word"), ValueError, "by must be one of 'words', .*got 'word'. Did you mean 'words'"),
    "most_words": (lambda: make(most_words=0), ValueError, "most_words must be 1 or more, got 0"),
    "least_count": (lambda: make(least_count=0), ValueError, "build_language_model: least_count must be 1 or more"),
    # Arguments
    "cell": (lambda: make(cell="LSMT"), ValueError, "build_language_model: cell must be one of .*Did you mean 'lstm'"),
    "units": (lambda: make(units=0), ValueError, "build_language_model: units must be 1 or more, got 0"),
    "embedding": (lambda: make(embedding=0), ValueError, "embedding must be 1 or more, got 0"),
    "embedding in words": (
        lambda: make(embedding="onehot"),
        ValueError,
        "embedding must be a size or \"one-hot\", got 'onehot'",
    ),
    "nothing to tie": (
        lambda: make(embedding="one-hot", tied=True),
        ValueError,
        'tied=True uses the words\' vectors again at the output, and embedding="one-hot" has none',
    ),
    "dropout": (lambda: make(dropout=1.0), ValueError, "dropout must be from 0 to below 1, got 1.0"),
    "dropouts": (lambda: make(dropout=(0.1, 0.2)), ValueError, "dropout has 2 numbers for 1 layers"),
    "timesteps": (lambda: make(timesteps=0), ValueError, "timesteps must be 1 or more, got 0"),
    "batch size": (lambda: reader().fit(STORY, batch_size=0), ValueError, "fit: batch_size must be 1 or more, got 0"),
    # Writing
    "k": (lambda: reader().next_words("late", k=0), ValueError, "next_words: k must be 1 or more, got 0"),
    "steps": (lambda: reader().generate("late", 0), ValueError, "generate: steps must be 1 or more, got 0"),
    "steps fractional": (lambda: reader().generate("late", 2.5), TypeError, "steps must be a whole number, got 2.5"),
    "temperature": (
        lambda: reader().generate("late", temperature=-1),
        ValueError,
        "generate: temperature must be a number of 0 or more, got -1; 0 takes the most probable",
    ),
    "temperature NaN": (lambda: reader().generate("late", temperature=np.nan), ValueError, "0 or more, got nan"),
    "temperature without end": (lambda: reader().generate("late", temperature=np.inf), ValueError, "got inf"),
    "top_k": (lambda: reader().generate("late", top_k=0), ValueError, "generate: top_k must be 1 or more, got 0"),
    "top_p": (
        lambda: reader().generate("late", top_p=0),
        ValueError,
        "generate: top_p must be a number from above 0 to 1, got 0; 1 keeps every word",
    ),
    "top_p above 1": (lambda: reader().generate("late", top_p=1.1), ValueError, "got 1.1"),
    "seed": (lambda: reader().generate("late", seed=-1), ValueError, "generate: seed must be 0 or more, got -1"),
    "a large seed": (lambda: reader().generate("late", seed=2**32), ValueError, "seed must be at most 4294967295"),
}


@pytest.mark.parametrize(("ask", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


def test_a_vocabulary_of_its_own_splitting_needs_no_by():
    assert make(vocabulary=Vocabulary(["l", "a"], "characters", True)).settings.splitting == "characters"
