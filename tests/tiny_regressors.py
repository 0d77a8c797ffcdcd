"""Small series with numbers, and a regressor, that the tests of the regressor share."""

import numpy as np
import pandas as pd
from tiny_classifiers import any_length

from seqkit.regression.build import build_regressor

TINY = {"units": 3, "cell": "simple_rnn", "bidirectional": False}
SERIES = any_length()
DOSES = (120.0, 80.5, 101.0, 93.0, 150.0)
BOTH = pd.DataFrame({"dose": DOSES, "days": [3.0, 7.0, 2.0, 11.0, 5.0]})


def shifted(model):
    """The regressor with weights that are no longer the first ones, so that its answers differ."""
    random = np.random.default_rng(5)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 1 / np.sqrt(np.prod(weight.shape[:-1])), weight.shape))
    return model


def build(like=SERIES, targets=DOSES, **options):
    """A tiny regressor with such weights."""
    return shifted(build_regressor(like=like, targets=targets, **{**TINY, **options}))
