"""Settings come back as they were, and a damaged file costs only what is damaged."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse_studio.core.brush import Brush
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraFile
from muse_studio.core.selection import Combine
from muse_studio.core.settings import (
    CanvasSettings,
    Language,
    Settings,
    Theme,
    load_settings,
    save_settings,
    settings_folder,
)

SAVED = Settings(
    export={"format": "webp", "quality": 80},
    theme=Theme.DARK,
    language=Language.JAPANESE,
    shortcuts={"undo": ("F5", "Ctrl+Z"), "brush": ()},
    last_folder="/pictures",
    export_folder="/out",
    recent_files=("/pictures/狐.png",),
    brush=Brush(33.5, 0.25, 0.75, True, False, True),
    canvas=CanvasSettings("#12abEF", 0.25, True, False, True, False, Combine.SUBTRACT, 99, False),
    prompt="a fox 🦊",
    negative_prompt="rain",
    seed=123,
    seed_locked=True,
    prompt_history=("a fox 🦊", "an owl"),
    presets={"Stickers": {"prompt": "a sticker", "count": 4}},
    device="cpu",
    model="/models/mine",
    models=("/models/mine", "/models/yours"),
    lora_files=(LoraFile("/loras/ink.safetensors", "ab" * 32),),
    loras=({"name": "ink", "sha256": "ab" * 32, "strength": 0.7, "on": False},),
    window="AAAA",
    docks="AAAA",
)


def test_every_field_survives(tmp_path: Path) -> None:
    changed = {
        field.name
        for field in dataclasses.fields(Settings)
        if getattr(SAVED, field.name) != getattr(Settings(), field.name)
    }
    assert changed == {field.name for field in dataclasses.fields(Settings)}
    save_settings(SAVED, tmp_path / "new" / "settings.json")
    assert load_settings(tmp_path / "new" / "settings.json") == SAVED


def test_the_platforms_folder_is_used_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "here"))
    save_settings(SAVED)
    assert load_settings() == SAVED
    assert (tmp_path / "here" / "settings.json").exists()
    monkeypatch.delenv("MUSE_STUDIO_CONFIG")
    for platform in ("win32", "darwin", "linux"):
        monkeypatch.setattr(sys, "platform", platform)
        assert "muse" in settings_folder().name.lower()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"1" * 300_000])
def test_a_damaged_file_means_the_defaults(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    assert load_settings(path) == Settings()
    assert load_settings(tmp_path / "missing") == Settings()
    assert load_settings(tmp_path) == Settings()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
names = [field.name for field in dataclasses.fields(Settings)]


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(names), anything, min_size=1, max_size=3))
def test_a_damaged_field_costs_only_itself(tmp_path_factory: pytest.TempPathFactory, damage: dict[str, object]) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    save_settings(SAVED, path)
    stored = json.loads(path.read_bytes())
    path.write_bytes(json.dumps({**stored, **damage, "from the future": 1}).encode())
    loaded = load_settings(path)
    for name in set(names) - set(damage):
        assert getattr(loaded, name) == getattr(SAVED, name)
    save_settings(loaded, path)
    assert load_settings(path) == loaded


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MuseStudioError) as caught:
        save_settings(SAVED, tmp_path / "file" / "settings.json")
    assert caught.value.kind is ErrorKind.DISK


def test_recent_files_are_newest_first_once_and_few() -> None:
    remembered = Settings()
    for number in range(20):
        remembered = remembered.with_recent(Path(f"/pictures/{number}.png"))
    remembered = remembered.with_recent(Path("/pictures/15.png"))
    assert len(remembered.recent_files) == 12
    assert remembered.recent_files[:3] == tuple(str(Path(f"/pictures/{number}.png")) for number in (15, 19, 18))
    assert remembered.last_folder == str(Path("/pictures"))
