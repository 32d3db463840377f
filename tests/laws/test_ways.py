"""The table of ways is complete, and what it draws is what artists do."""

from __future__ import annotations

import pytest
from hypothesis import find, settings

from muse_studio.core.request import Mode
from tests.laws.ways import WAYS, Way, wishes


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_of_the_program_is_under_the_laws(mode: Mode) -> None:
    """A mode without a way in the table is not tested at all."""
    assert mode in {way.mode for way in WAYS.values()}, f"add a way for {mode!r} to tests/laws/ways.py"


def test_a_ways_requests_are_of_its_mode(way: Way) -> None:
    wish = find(wishes, lambda wish: True, settings=settings(max_examples=5, database=None))
    assert way.request(wish, way.start(wish)).mode is way.mode
