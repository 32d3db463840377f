"""Building is complete, resumable, idempotent, and says what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from muse_studio.core.errors import MuseStudioError
from muse_studio.training.data import build as building
from muse_studio.training.data import drawings as drawing_files
from muse_studio.training.data import table as tables
from muse_studio.training.data.drawings import DrawingSet
from muse_studio.training.data.landscapes import Landscapes
from muse_studio.training.data.rasters import ink_box

SQUARE = '<path d="M4 6h20v10H4z" fill="#d02020"/>'


class Registry:
    """Stands in for the registries: three icons of one pack, and a landscape maker that writes one row."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self.fetched: list[str] = []
        self.bodies = {"one": SQUARE, "two": SQUARE, "three": SQUARE}
        drawing = tables.load_table("reduced")[60]
        self.table = tuple(replace(drawing, index=n, pack="noto", icon=icon) for n, icon in enumerate(self.bodies))
        monkeypatch.setattr(building, "load_table", lambda subset: self.table)
        monkeypatch.setattr(drawing_files, "load_table", lambda subset: self.table)
        monkeypatch.setattr(building, "fetch", self.fetch)
        monkeypatch.setattr(building, "read_json", self.read_json)
        monkeypatch.setattr(building, "build_landscapes", lambda archive, home: np.save(home / "landscapes.npy", 0))

    def fetch(self, package: Any, folder: Path) -> Path:
        self.fetched.append(package.key)
        return folder / package.file_name

    def read_json(self, archive: Path, name: str) -> dict[str, Any]:
        icons = {icon: {"body": body} for icon, body in self.bodies.items()}
        return {"icons": icons, "width": 32, "height": 32}

    def build(self) -> list[float]:
        """Builds in this process; the shares that were reported."""
        shares: list[float] = []
        building.build(self.folder, "reduced", lambda share, what: shares.append(share), processes=1)
        return shares


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registry:
    """A registry to build from, and a place to build in."""
    return Registry(monkeypatch, tmp_path)


def test_what_was_built_can_be_read(registry: Registry) -> None:
    shares = registry.build()
    drawings = DrawingSet(registry.folder, "reduced")
    assert [drawing.icon for drawing in drawings.entries] == ["one", "two", "three"]
    assert drawings.rgba(1, 512).shape == (512, 512, 4)
    assert drawings.rgba(1, 256).shape == (256, 256, 4)
    left, _, right, _ = ink_box(drawings.rgba(1, 512))
    assert right - left == pytest.approx(450, abs=2)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_missing_renderer_is_named(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MuseStudioError, match=r"muse-studio\[train\]"):
        registry.build()


def test_building_again_does_nothing(registry: Registry) -> None:
    registry.build()
    before = {path: path.stat().st_mtime_ns for path in registry.folder.rglob("*") if path.is_file()}
    registry.fetched.clear()
    assert registry.build() == [1.0]
    assert registry.fetched == []
    assert before == {path: path.stat().st_mtime_ns for path in registry.folder.rglob("*") if path.is_file()}


def test_an_interrupted_build_goes_on(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.build()
    (registry.folder / "reduced" / "index.json").unlink()
    whole = DrawingSet.__init__
    registry.bodies["one"] = ""  # the kept picture is used, not the archive
    registry.build()
    assert whole is DrawingSet.__init__
    assert len(DrawingSet(registry.folder, "reduced")) == 3


def test_a_drawing_that_cannot_be_rendered_is_left_out(registry: Registry) -> None:
    registry.bodies["two"] = "<script/>"
    registry.build()
    drawings = DrawingSet(registry.folder, "reduced")
    assert [drawing.icon for drawing in drawings.entries] == ["one", "three"]
    assert drawings.entries[1].index == 1
    assert ink_box(drawings.rgba(1, 512))
    assert "noto/two" in json.loads((registry.folder / "reduced" / "index.json").read_bytes())["failures"][0]


def test_many_failures_are_an_error(registry: Registry) -> None:
    registry.bodies = dict.fromkeys(registry.bodies, "")
    with pytest.raises(MuseStudioError, match="3 of 3"):
        registry.build()
    assert not building.is_built(registry.folder, "reduced")


def test_pictures_without_a_big_cache_are_read_from_their_files(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "BIG_CACHE_LIMIT", 1)
    registry.build()
    assert not (registry.folder / "reduced" / "pixels-512.npy").exists()
    drawings = DrawingSet(registry.folder, "reduced")
    assert tuple(drawings.rgba(2, 512)[256, 256]) == (0xD0, 0x20, 0x20, 255)
    with pytest.raises(ValueError, match="256 and 512"):
        drawings.rgba(2, 128)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"drawings": 3}', b'{"drawings": [{}]}'])
def test_a_folder_that_is_not_built_says_so(tmp_path: Path, damage: bytes) -> None:
    with pytest.raises(MuseStudioError, match="Build them first"):
        DrawingSet(tmp_path, "full")
    with pytest.raises(MuseStudioError, match="Build"):
        Landscapes(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "index.json").write_bytes(damage)
    assert not building.is_built(tmp_path, "full")
    with pytest.raises(MuseStudioError, match="Build them first"):
        DrawingSet(tmp_path, "full")
