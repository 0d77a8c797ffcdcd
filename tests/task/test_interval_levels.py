"""Levels of intervals in percent: what is a level, and what is refused."""

from __future__ import annotations

import pytest

from seqkit.task.interval_levels import checked_levels


def test_one_number_is_one_level():
    assert checked_levels("here", 80) == (80.0,)
    assert checked_levels("here", [80, 95.5]) == (80.0, 95.5)


@pytest.mark.parametrize("levels", ["80", ["80"], [None], object(), True, [80, True]])
def test_what_is_no_number_is_refused_as_it_came(levels):
    with pytest.raises(ValueError, match="here: levels must be numbers of percent, got") as caught:
        checked_levels("here", levels)
    assert repr(levels) in str(caught.value)


@pytest.mark.parametrize(("levels", "way_out"), [(0.8, "80"), ([0.8, 0.955], "80, 95.5"), (0.99, "99")])
def test_shares_are_refused_with_the_percent_that_they_are(levels, way_out):
    with pytest.raises(ValueError, match="here: levels are in percent, got") as caught:
        checked_levels("here", levels)
    assert f"Pass {way_out}." in str(caught.value)


@pytest.mark.parametrize("levels", [[95, 80], [80, 80], [0], [100], [-5], [float("nan")], []])
def test_levels_rise_between_0_and_100(levels):
    with pytest.raises(ValueError, match="here: levels must rise between 0 and 100 percent, got"):
        checked_levels("here", levels)
