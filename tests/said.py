"""What a live model and its served graph say of the same input."""

import re

import pytest
import tensorflow as tf

from seqkit import InvalidType, InvalidValue


def served_words(call):
    """The words with which a served graph refuses."""
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        call()
    found = re.search(r"assertion failed: \[(.*?)\]$", str(caught.value), re.M)
    assert found, caught.value
    return re.sub(r"\\(['\"])", r"\1", found[1])  # TensorFlow writes a backslash before quotes


def live_words(call):
    """The words with which a live model refuses, without the name of the method."""
    with pytest.raises((InvalidValue, InvalidType)) as caught:
        call()
    return f"{caught.value.problem} {caught.value.way_out}".strip()
