"""The table of ways is complete, and what it draws is what artists do."""

from __future__ import annotations

import pytest

from muse_studio.core.request import Mode
from muse_studio.worker.session import Session
from tests.laws.ways import A_WISH, WAYS, Way


@pytest.mark.parametrize("mode", Mode)
def test_every_mode_of_the_program_is_under_the_laws(mode: Mode) -> None:
    """A mode without a way in the table is not tested at all."""
    assert mode in {way.mode for way in WAYS.values()}, f"add a way for {mode!r} to tests/laws/ways.py"


def test_a_ways_requests_are_of_its_mode(session: Session, way: Way) -> None:
    request = way.request(session, A_WISH, way.start(A_WISH))
    assert request.mode is way.mode
    assert way.masked == (request.mask is not None)
