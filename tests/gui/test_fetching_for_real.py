"""The window's own buttons, the process that they start, and a Hub on this machine: from an offer to the shelf."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from muse_studio.client.fetches import FetchState
from muse_studio.core.cascade_folder import read_cascade, verify
from tests.gui.conftest import Studio
from tests.gui.test_fetching import AMUSED, desk, open_offer
from tests.gui.test_models_page import names
from tests.weights.hub.conftest import hub  # noqa: F401 - a fixture
from tests.weights.hub.loopback_hub import WANTED, Hub


@pytest.mark.skipif(os.name != "posix", reason="the Hub's tests")
def test_a_model_comes_from_the_hub_to_the_shelf_by_the_window_alone(
    hub: Hub,  # noqa: F811
    studio: Studio,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    page, box = open_offer(studio)
    assert hub.address in box.said.text()
    assert not hub.asked
    fetches = desk(studio).fetching.fetches
    studio.hands.click(box.get)
    wait(studio, lambda: fetches.of(AMUSED.name).state is FetchState.TERMS)
    assert box.values[0].text() == hub.address
    assert "not secure" in box.warning.text()
    assert not hub.fetched()
    studio.hands.click(box.accept)
    wait(studio, lambda: names(page) == ["muse-drawings-reduced", "amused-256"])
    folder = fetches.folder(AMUSED.name)
    assert folder.is_relative_to(tmp_path)
    assert verify(folder, read_cascade(folder)) == ()
    assert len(hub.fetched()) == len(WANTED)
    assert studio.saved[-1].models == (str(folder),)


def wait(studio: Studio, true: object) -> None:
    """Python and the Hub's library take their seconds to start on a busy machine."""
    for _ in range(8):
        try:
            studio.until(true)  # type: ignore[arg-type]
            return
        except AssertionError:
            continue
    studio.until(true)  # type: ignore[arg-type]
