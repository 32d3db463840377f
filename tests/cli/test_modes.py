"""Going on from a step, several pictures at once, rolling again and new texture: from the words to the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from muse_studio.cli.main import main
from muse_studio.core.composite import FEATHER_PX
from muse_studio.core.metadata import read_request_text, read_tokens, tokens_of
from muse_studio.core.pictures import open_picture

QUICK = ("--steps", "3,2", "--device", "cpu", "--seed", "11")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path) -> Path:
    """An empty folder to work in, with the tiny model as the default one."""
    monkeypatch.setenv("MUSE_STUDIO_MODEL", str(tiny_model))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pixels(path: Path | str) -> NDArray[np.uint8]:
    return open_picture(Path(path)).pixels


def noise(path: Path, width: int = 512, height: int = 512) -> NDArray[np.uint8]:
    picture = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(picture).save(path)
    return picture


def box(path: Path, width: int = 512, height: int = 512) -> NDArray[np.bool_]:
    mask = np.zeros((height, width), np.uint8)
    mask[100:228, 128:256] = 255
    Image.fromarray(mask).save(path)
    return mask > 0


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return told


@pytest.mark.parametrize("step", ["base-01", "base-03", "superres-01"])
def test_a_picture_continued_from_a_step_is_the_picture_it_would_have_become(work: Path, step: str) -> None:
    assert main(["generate", "a fox", "--negative", "blur", "-o", "one.png", "--steps-dir", "steps", *QUICK]) == 0
    assert main(["generate", "--from", f"steps/{step}.png", "-o", "two.png", "--device", "cpu"]) == 0
    np.testing.assert_array_equal(pixels("two.png"), pixels("one.png"))
    settings = read_request_text(open_picture(work / "two.png").text)
    assert settings is not None
    assert (settings["mode"], settings["prompt"], settings["negative_prompt"]) == ("continue", "a fox", "blur")


def test_an_inpainting_too_is_continued_from_a_step_and_only_with_its_picture(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise(work / "in.png", 600, 520)
    box(work / "mask.png", 600, 520)
    files = ["inpaint", "in.png", "mask.png"]
    assert main([*files, "a fox", "-o", "one.png", "--steps-dir", "steps", *QUICK]) == 0
    assert main([*files, "--from", "steps/base-01.png", "-o", "two.png", "--device", "cpu"]) == 0
    np.testing.assert_array_equal(pixels("two.png"), pixels("one.png"))
    capsys.readouterr()
    assert main(["generate", "--from", "steps/base-01.png", "-o", "three.png"]) == 2
    assert "inpaint" in capsys.readouterr().err


def test_another_prompt_or_seed_branches_and_the_step_keeps_its_file(work: Path) -> None:
    assert main(["generate", "a fox", "-o", "one.png", "--steps-dir", "steps", *QUICK]) == 0
    before = (work / "steps" / "base-01.png").read_bytes()
    words = ["--from", "steps/base-01.png", "--steps-dir", "branch", "--device", "cpu", "--guidance", "9"]
    assert main(["generate", "a ship", "-o", "two.png", "--seed", "12", *words]) == 0
    assert (work / "steps" / "base-01.png").read_bytes() == before
    began = read_tokens(open_picture(work / "steps" / "base-01.png").text)
    ended = read_tokens(open_picture(work / "branch" / "base-03.png").text)
    assert began is not None
    assert ended is not None
    assert began.base.decided.any()
    decided = began.base.decided
    np.testing.assert_array_equal(ended.base.tokens[decided], began.base.tokens[decided])
    assert not np.array_equal(pixels("two.png"), pixels("one.png"))


def test_what_is_no_step_is_refused_by_name(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise(work / "photo.png")
    assert main(["generate", "a fox", "-o", "one.png", "--from", "photo.png"]) == 2
    assert "photo.png" in capsys.readouterr().err
    assert main(["generate", "a fox", "-o", "one.png", "--from", "nothing.png"]) == 2
    assert main(["generate", "-o", "one.png"]) == 2
    assert "prompt" in capsys.readouterr().err
    assert not (work / "one.png").exists()


def test_a_step_of_another_model_is_refused_by_both_names(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "a fox", "-o", "one.png", "--steps-dir", "steps", *QUICK]) == 0
    path = work / "steps" / "base-01.png"
    with Image.open(path) as image:
        image.load()
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        own = json.loads(image.text["muse_studio"])  # type: ignore[attr-defined]
        name, own["extra"]["model"] = own["extra"]["model"], "another"
        info.add_text("muse_studio", json.dumps(own))
        image.save(path, pnginfo=info)
    assert main(["generate", "--from", "steps/base-01.png", "-o", "two.png", "--device", "cpu"]) == 2
    said = capsys.readouterr().err
    assert "“another”" in said
    assert f"“{name}”" in said


def test_variations_are_numbered_files_each_with_its_own_seed(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["generate", "a fox", "-o", "fox.png", "--count", "3", "--steps-dir", "steps", "--json"]
    assert main([*words, *QUICK]) == 0
    told = last_line(capsys)
    assert [one["output"] for one in told["variations"]] == ["fox-1.png", "fox-2.png", "fox-3.png"]
    assert [one["seed"] for one in told["variations"]] == [11, 12, 13]
    assert sorted(path.name for path in (work / "steps").iterdir()) == [f"variation-0{n}" for n in (1, 2, 3)]
    assert main(["generate", "a fox", "-o", "alone.png", *QUICK[:-1], "12"]) == 0
    np.testing.assert_array_equal(pixels("alone.png"), pixels("fox-2.png"))
    assert main(["generate", "--from", "steps/variation-03/base-01.png", "-o", "again.png", "--device", "cpu"]) == 0
    np.testing.assert_array_equal(pixels("again.png"), pixels("fox-3.png"))


def test_strength_spares_a_part_of_what_is_under_the_mask_and_is_remembered(work: Path) -> None:
    noise(work / "in.png")
    mask = box(work / "mask.png")
    words = ["inpaint", "in.png", "mask.png", "a fox", *QUICK]
    for name, extra in (("full", []), ("half", ["--strength", "50%"]), ("same", ["--strength", "0.5"])):
        assert main([*words, *extra, "--steps-dir", name, "-o", f"{name}.png"]) == 0
    np.testing.assert_array_equal(pixels("half.png"), pixels("same.png"))
    assert (pixels("half.png") != pixels("full.png")).any()
    rows, columns = np.nonzero(mask)
    far = np.ones(mask.shape, bool)
    reach = int(FEATHER_PX) + 1
    far[rows.min() - reach : rows.max() + reach, columns.min() - reach : columns.max() + reach] = False
    np.testing.assert_array_equal(pixels("half.png")[far], pixels("in.png")[far])
    settings = read_request_text(open_picture(work / "half.png").text)
    assert settings is not None
    assert settings["strength"] == 0.5
    again = ["inpaint", "in.png", "mask.png", "--from", "half/base-01.png", "-o", "again.png", "--device", "cpu"]
    assert main(again) == 0
    np.testing.assert_array_equal(pixels("again.png"), pixels("half.png"))


@pytest.mark.parametrize("strength", ["0", "101%", "-1", "strong", "nan"])
def test_a_strength_that_is_none_is_refused(work: Path, strength: str) -> None:
    words = ["inpaint", "in.png", "mask.png", "a fox", "-o", "out.png", f"--strength={strength}"]
    assert main(words) == 2
    assert not (work / "out.png").exists()


def test_variations_of_an_inpainting_leave_the_rest_alone(work: Path) -> None:
    noise(work / "in.png", 600, 520)
    box(work / "mask.png", 600, 520)
    assert main(["inpaint", "in.png", "mask.png", "a fox", "-o", "out.png", "--count", "2", *QUICK]) == 0
    one, two = pixels("out-1.png"), pixels("out-2.png")
    assert not np.array_equal(one, two)
    for made in (one, two):
        np.testing.assert_array_equal(made[300:], pixels("in.png")[300:])


@pytest.mark.parametrize("count", ["0", "17"])
def test_too_many_variations_are_refused(work: Path, capsys: pytest.CaptureFixture[str], count: str) -> None:
    assert main(["generate", "a fox", "-o", "fox.png", "--count", count]) == 2
    assert "count" in capsys.readouterr().err


def test_a_generated_picture_carries_its_tokens_until_it_is_painted_on(work: Path) -> None:
    assert main(["generate", "a fox", "-o", "fox.png", *QUICK]) == 0
    picture = open_picture(work / "fox.png")
    assert tokens_of(picture.pixels, picture.text) is not None
    painted = picture.pixels.copy()
    painted[3, 3] ^= 1
    assert tokens_of(painted, picture.text) is None


def test_a_reroll_changes_a_share_of_the_picture_and_tells_how_much(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = noise(work / "in.png", 700, 600)
    words = ["reroll", "in.png", "a fox", "--share", "5%", "-o", "out.png", "--frame", "60,40,512", "--json"]
    assert main([*words, *QUICK]) == 0
    told = last_line(capsys)
    assert told["changed"] == round(13 / 256, 3)
    after = np.asarray(Image.open(work / "out.png"))
    assert (after != before).any()
    outside = np.ones((600, 700), bool)
    outside[40:552, 60:572] = False
    np.testing.assert_array_equal(after[outside], before[outside])
    assert (after != before).any(axis=2).mean() < 0.4


def test_new_texture_begins_from_the_tokens_a_picture_carries(work: Path) -> None:
    assert main(["generate", "a fox", "-o", "fox.png", *QUICK]) == 0
    assert main(["retexture", "fox.png", "-o", "new.png", "--seed", "4", "--steps", "3,2", "--device", "cpu"]) == 0
    before, after = (open_picture(work / name) for name in ("fox.png", "new.png"))
    old, new = tokens_of(before.pixels, before.text), tokens_of(after.pixels, after.text)
    assert old is not None
    assert new is not None
    np.testing.assert_array_equal(old.base.tokens, new.base.tokens)
    assert old.superres != new.superres
    settings = read_request_text(after.text)
    assert settings is not None
    assert (settings["mode"], settings["prompt"]) == ("retexture", "a fox")


def test_a_mask_bounds_what_is_rolled_again_or_given_new_texture(work: Path) -> None:
    before = noise(work / "in.png")
    mask = box(work / "mask.png")
    reach = round(FEATHER_PX) + 1
    for command in (["reroll", "--share", "100%"], ["retexture"]):
        words = [command[0], "in.png", "a fox", "-o", "out.png", "--mask", "mask.png", *command[1:]]
        assert main([*words, *QUICK]) == 0
        after = np.asarray(Image.open(work / "out.png"))
        assert (after != before)[mask].any()
        rows, columns = np.nonzero((after != before).any(axis=2))
        assert rows.min() >= 100 - reach
        assert rows.max() < 228 + reach
        assert columns.min() >= 128 - reach
        assert columns.max() < 256 + reach


@pytest.mark.parametrize("share", ["0", "0%", "101%", "-3%", "some", "nan"])
def test_a_share_that_is_none_is_refused(work: Path, share: str) -> None:
    noise(work / "in.png")
    assert main(["reroll", "in.png", "a fox", "-o", "out.png", f"--share={share}"]) == 2
    assert not (work / "out.png").exists()


def test_new_texture_of_a_small_size_is_refused_before_a_model_is_loaded(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise(work / "in.png")
    words = ["retexture", "in.png", "a fox", "-o", "out.png", "--size", "256", "--model", "nowhere"]
    assert main(words) == 2
    assert "512" in capsys.readouterr().err
