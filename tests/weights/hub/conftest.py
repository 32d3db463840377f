"""A misbehaving Hub on this machine, and settings under which the program goes there instead of to the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muse_studio.core import limits
from tests.weights.hub.loopback_hub import Hub, serving, small_cascade


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Serves a small cascade under the name of a published one. Waiting between tries takes no time."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub cache"))
    monkeypatch.setattr(limits, "DOWNLOAD_WAIT_S", 0.0)
    for variable in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.upper(), raising=False)
    with serving(Hub(small_cascade())) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub
