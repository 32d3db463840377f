"""A studio in which a picture was made."""

from __future__ import annotations

import pytest

from tests.gui.conftest import Studio
from tests.gui.timeline.hand import run_of


@pytest.fixture
def made(studio: Studio) -> Studio:
    """Its steps are developed."""
    studio.window.timeline.screen.rest_s = None  # steps are made again only where a test asks for it
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    studio.until(lambda: all(step.picture.raw is None for step in run_of(studio).steps[0]))
    return studio
