"""What is fetched runs: from a Hub on this machine to a picture by commands alone. So does a snapshot of its cache."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from PIL import Image

from muse_studio.cli.main import EXIT_BAD_MODEL, main
from muse_studio.core.fetched import models_folder
from tests.weights.hub.loopback_hub import COMMIT, Hub, git_blob
from tests.weights.published_folders import OWN_256, store_amused


@pytest.fixture
def published(tmp_path: Path) -> dict[str, bytes]:
    """The files of a small random checkpoint, as its authors would upload them."""
    store_amused(tmp_path, OWN_256)
    folder = tmp_path / "model"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def home(hub: Hub, published: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MUSE_STUDIO_DATA", str(tmp_path / "data"))
    hub.files = published
    return models_folder()


def generate(model: str, out: Path) -> int:
    words = ["generate", "a fox", "--model", model, "--size", "256", "--steps", "2", "--seed", "5", "--device", "cpu"]
    return main([*words, "-o", str(out)])


def test_a_fetched_cascade_makes_a_picture_by_its_name_until_a_byte_of_it_changes(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    assert generate("amused-256", tmp_path / "one.png") == 0
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.size == (256, 256)
    weights = home / "amused-256" / "transformer" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert generate("amused-256", tmp_path / "two.png") == EXIT_BAD_MODEL
    assert "sha256" in capsys.readouterr().err
    assert not (tmp_path / "two.png").exists()


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_a_snapshot_of_the_hub_cache_makes_the_same_picture_where_it_lies(
    home: Path, published: dict[str, bytes], tmp_path: Path
) -> None:
    repository = tmp_path / "hub" / "models--amused--amused-256"
    for name, data in published.items():
        large = name.endswith(".safetensors")
        blob = repository / "blobs" / (hashlib.sha256(data).hexdigest() if large else git_blob(data))
        link = repository / "snapshots" / COMMIT / name
        for path in (blob, link):
            path.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        link.symlink_to(os.path.relpath(blob, link.parent))
    before = sorted(path for path in repository.rglob("*"))
    assert main(["models", "add", str(repository)]) == 0
    assert generate("amused-256", tmp_path / "cache.png") == 0
    assert sorted(path for path in repository.rglob("*")) == before
    assert main(["models", "remove", "amused-256"]) == 0
    assert main(["models", "get", "amused-256", "--yes"]) == 0
    assert generate("amused-256", tmp_path / "fetched.png") == 0
    with Image.open(tmp_path / "cache.png") as one, Image.open(tmp_path / "fetched.png") as other:
        assert one.tobytes() == other.tobytes()
