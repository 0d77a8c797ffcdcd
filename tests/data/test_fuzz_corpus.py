"""Inputs that once found a fault, and some that are drawn anew: seqkit answers, or refuses in its own words."""

from pathlib import Path

import pytest
from fuzz_targets import TARGETS, try_one
from hypothesis import given
from hypothesis import strategies as draw

CORPUS = sorted(Path(__file__).parents[1].glob("fuzz_corpus/*.bin"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_an_input_that_found_a_fault_finds_none_now(path):
    try_one(path.read_bytes())


@given(
    draw.integers(0, len(TARGETS) - 1),
    draw.binary(max_size=12),
    draw.text("tx,;\n\t-:./ 0123456789abc\"'%é時", max_size=200),
)
def test_drawn_input_finds_none(target, choices, text):
    try_one(bytes([target]) + choices + text.encode())


def test_there_is_a_corpus():
    assert CORPUS
