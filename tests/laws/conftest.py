"""One session on a tiny random cascade serves all laws: that none of them harms it is one of the laws."""

from __future__ import annotations

from pathlib import Path

import pytest

from muse_studio.worker.session import Session
from tests.laws.ways import WAYS, Way


@pytest.fixture(scope="package")
def session(tiny_model: Path) -> Session:
    session = Session()
    session.load(tiny_model, "cpu")
    return session


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen
