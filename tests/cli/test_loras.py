"""LoRAs on the command line: what a picture was made with is in it, and is taken up again where the files are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from muse_studio.cli.main import main
from muse_studio.core.loras import LoraUse, with_file
from muse_studio.core.metadata import read_request_text
from muse_studio.core.pictures import open_picture
from muse_studio.core.settings import Settings, save_settings
from tests.weights.published_folders import stored
from tests.worker.test_loras import store

QUICK = ("--steps", "2", "--device", "cpu", "--dtype", "float32", "--seed", "11", "--size", "256")


@pytest.fixture(scope="module")
def amused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("amused"), "amused 512")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, amused: Path) -> Path:
    """An empty folder to work in, with a small aMUSEd as the default model and no settings."""
    monkeypatch.setenv("MUSE_STUDIO_MODEL", str(amused))
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def loras_in(path: Path) -> list[dict[str, object]]:
    settings = read_request_text(open_picture(path).text)
    assert settings is not None
    loras: list[dict[str, object]] = settings.get("loras", [])
    return loras


def test_a_picture_says_what_it_was_made_with_and_goes_on_with_it_where_the_file_is_known(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ink = store(work / "ink.safetensors", 3)
    use = LoraUse.of_file(ink, 0.5)
    assert main(["generate", "a fox", "--lora", "ink.safetensors:0.5", "-o", "a.png", "--steps-dir", "s", *QUICK]) == 0
    assert loras_in(work / "a.png") == [use.settings()]
    for path in (work / "a.png", work / "s" / "base-01.png"):
        assert str(work).encode() not in path.read_bytes()
        assert loras_in(path) == [use.settings()]
    goes_on = ["generate", "--from", "s/base-01.png", "-o", "b.png", *QUICK]
    assert main(goes_on) == 0
    assert "“ink” was on top of the model, and its file is not known here" in capsys.readouterr().err
    assert loras_in(work / "b.png") == []
    save_settings(Settings(lora_files=with_file((), str(ink), use.sha256)))
    assert main(goes_on) == 0
    assert "not known" not in capsys.readouterr().err
    assert loras_in(work / "b.png") == [use.settings()]
    np.testing.assert_array_equal(open_picture(work / "b.png").pixels, open_picture(work / "a.png").pixels)
    assert main(["reroll", "a.png", "-o", "c.png", *QUICK]) == 0
    assert loras_in(work / "c.png") == [use.settings()]
    assert main(["reroll", "a.png", "--lora", "ink.safetensors:-1", "-o", "c.png", *QUICK]) == 0
    assert loras_in(work / "c.png") == [{**use.settings(), "strength": -1.0}], "what is named goes before"
    ink.unlink()
    assert main(["reroll", "a.png", "-o", "c.png", *QUICK]) == 0
    assert "is left out" in capsys.readouterr().err
    assert loras_in(work / "c.png") == []


def test_another_model_takes_up_nothing(work: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use = LoraUse.of_file(store(work / "ink.safetensors", 3))
    save_settings(Settings(lora_files=with_file((), use.path, use.sha256)))
    assert main(["generate", "a fox", "--lora", "ink.safetensors", "-o", "a.png", *QUICK]) == 0
    own = ("--model", str(tiny_model), "--device", "cpu", "--iterations", "2")
    assert main(["edit", "a.png", "an owl", "-o", "c.png", *own]) == 0
    assert loras_in(work / "c.png") == []
    assert main(["edit", "a.png", "an owl", "--lora", "ink.safetensors", "-o", "c.png", *own]) == 3
    assert "change published cascades" in capsys.readouterr().err


@pytest.mark.parametrize("strength", ["11", "-10.5", "nan", "inf"])
def test_a_strength_that_is_none_is_refused_at_once(
    work: Path, strength: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "a fox", "--lora", f"ink.safetensors:{strength}", "-o", "a.png"]) == 2
    assert "is no strength from -10 to 10" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told_before_the_model_is_loaded(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("muse_studio.worker.session.Session", None)
    assert main(["generate", "a fox", "--lora", "none.safetensors", "-o", "a.png"]) != 0
    assert "The LoRA “none.safetensors” cannot be used" in capsys.readouterr().err
