"""`muse-studio models`: the same list as the window's, checked and changed without one."""

from __future__ import annotations

import json
import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from muse_studio.cli.main import main
from muse_studio.cli.options import model_folder
from muse_studio.core.settings import load_settings
from tests.test_house import modules_after


@pytest.fixture
def mine(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cascade of one's own, and settings that hold nothing."""
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))
    shutil.copytree(tiny_model, tmp_path / "mine")
    return tmp_path / "mine"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_the_list_has_the_shipped_one_and_what_was_added(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "add", str(mine)]) == 0
    assert "Added tiny" in said(capsys)
    assert main(["models", "list"]) == 0
    first, second = said(capsys).splitlines()
    assert first.startswith("muse-drawings-reduced  47.0 million")
    assert "Apache-2.0, ships" in first
    assert second.startswith("tiny ")
    assert second.endswith(str(mine))
    assert main(["models", "list", "--json"]) == 0
    assert [json.loads(line)["name"] for line in said(capsys).splitlines()] == ["muse-drawings-reduced", "tiny"]
    assert main(["models", "remove", "tiny"]) == 0
    assert load_settings().models == ()
    assert (mine / "cascade.json").is_file()


def test_info_shows_parts_and_card(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "info", "muse-drawings-reduced"]) == 0
    text = said(capsys)
    assert "base: 5.9 million parameters" in text
    assert "# Model card" in text
    assert main(["models", "info", str(mine), "--json"]) == 0
    assert json.loads(said(capsys))["parameters"]["base"] > 0


def test_verify_finds_one_flipped_bit(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", str(mine)]) == 0
    assert "all 8 files are what was published" in said(capsys)
    data = bytearray((mine / "base.safetensors").read_bytes())
    data[-1] ^= 1
    (mine / "base.safetensors").write_bytes(data)
    assert main(["models", "verify", str(mine)]) == 3
    assert "base.safetensors is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["add", "remove", "info", "verify"])
def test_what_is_no_cascade_ends_with_the_code_for_models(
    mine: Path, tmp_path: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    assert main(["models", action, str(tmp_path / "photos")]) == 3
    assert "photos" in capsys.readouterr().err
    assert load_settings().models == ()


def test_a_cascade_of_the_list_is_chosen_by_its_name(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["models", "add", str(mine)]) == 0
    chosen = {name: model_folder(Namespace(model=Path(name))) for name in ("tiny", str(mine), "nobody", "a/tiny")}
    assert chosen == {"tiny": mine, str(mine): mine, "nobody": Path("nobody"), "a/tiny": Path("a/tiny")}
    monkeypatch.chdir(mine.parent)
    (mine.parent / "tiny").mkdir()
    assert model_folder(Namespace(model=Path("tiny"))) == Path("tiny"), "a folder that is there is meant"


def test_nothing_is_loaded_to_list_models() -> None:
    for words in (["models", "list"], ["models", "--help"], ["models", "info", "muse-drawings-reduced"]):
        modules = modules_after(f"from muse_studio.__main__ import main; assert main({words!r}) == 0")
        assert not modules & {"torch", "transformers", "PySide6"}, words
