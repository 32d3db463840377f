"""The two jobs without a window: what they write, what they refuse, and what they leave alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from muse_studio.cli.main import main
from muse_studio.core.composite import FEATHER_PX
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.masks import dilate
from muse_studio.core.metadata import read_request_text
from muse_studio.core.pictures import open_picture

QUICK = ("--steps", "2,2", "--device", "cpu", "--seed", "11")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path) -> Path:
    """An empty folder to work in, with the tiny model as the default one."""
    monkeypatch.setenv("MUSE_STUDIO_MODEL", str(tiny_model))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_picture(path: Path, width: int, height: int, alpha: bool = False) -> NDArray[np.uint8]:
    """Noise, so that any change of any pixel shows."""
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 4 if alpha else 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def write_mask(path: Path, width: int, height: int, box: tuple[int, int, int, int] | None) -> NDArray[np.uint8]:
    mask = np.zeros((height, width), np.uint8)
    if box:
        left, top, right, bottom = box
        mask[top:bottom, left:right] = 255
    Image.fromarray(mask).save(path)
    return mask


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_generate_writes_a_picture_that_carries_its_request(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "a 3d fox", "-o", "fox.png", "--negative", "blur", *QUICK]) == 0
    picture = open_picture(work / "fox.png")
    assert picture.pixels.shape == (512, 512, 4)
    settings = read_request_text(picture.text)
    assert settings is not None
    assert (settings["prompt"], settings["negative_prompt"], settings["seed"]) == ("a 3d fox", "blur", 11)
    assert settings["base"]["steps"] == settings["superres"]["steps"] == 2
    assert "seed 11" in capsys.readouterr().err


def test_the_same_words_make_the_same_file(work: Path) -> None:
    for name in ("one.png", "two.png"):
        assert main(["generate", "a fox", "-o", name, *QUICK]) == 0
    assert (work / "one.png").read_bytes() == (work / "two.png").read_bytes()


def test_json_tells_every_step_and_the_files_are_there(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "a fox", "-o", "fox.png", "--steps-dir", "steps", "--json", *QUICK]) == 0
    told = lines(capsys)
    steps = [line for line in told if line["event"] == "step"]
    assert [(step["stage"], step["index"]) for step in steps] == [
        ("base", 0),
        ("base", 1),
        ("superres", 0),
        ("superres", 1),
    ]
    assert [step["job_index"] for step in steps] == [0, 1, 2, 3]
    for step in steps:
        assert open_picture(Path(step["preview"])).pixels.size
    assert told[-1]["event"] == "finished"
    assert told[-1]["request"]["prompt"] == "a fox"
    final = open_picture(work / "steps" / "final.png")
    assert np.array_equal(final.pixels, open_picture(work / "fox.png").pixels)


def test_size_256_is_the_base_stage_alone(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "", "-o", "fox.png", "--size", "256", "--json", *QUICK]) == 0
    assert {line["stage"] for line in lines(capsys) if line["event"] == "step"} == {"base"}
    assert open_picture(work / "fox.png").pixels.shape == (256, 256, 4)


@pytest.mark.parametrize(("width", "height"), [(512, 512), (1000, 700), (333, 90), (40, 600)])
def test_inpaint_changes_nothing_outside_the_mask_and_its_feather(work: Path, width: int, height: int) -> None:
    before = write_picture(work / "in.png", width, height)
    mask = write_mask(work / "mask.png", width, height, (10, 20, 36, 52))
    assert main(["inpaint", "in.png", "mask.png", "a fox", "-o", "out.png", *QUICK]) == 0
    after = open_picture(work / "out.png").pixels[..., :3]
    assert after.shape == before.shape
    scale = max(1.0, max(width, height) / 512)
    free = dilate(mask, (FEATHER_PX + 2) * scale) == 0
    assert np.array_equal(after[free], before[free])
    assert (after[mask > 0] != before[mask > 0]).any()


def test_inpaint_keeps_transparency(work: Path) -> None:
    before = write_picture(work / "in.png", 600, 520, alpha=True)
    mask = write_mask(work / "mask.png", 600, 520, (300, 300, 330, 330))
    assert main(["inpaint", "in.png", "mask.png", "a fox", "-o", "out.png", *QUICK]) == 0
    after = open_picture(work / "out.png").pixels
    free = dilate(mask, FEATHER_PX + 4) == 0
    assert np.array_equal(after[free], before[free])


def test_an_empty_mask_changes_nothing_and_needs_no_model(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_STUDIO_MODEL", str(work / "none"))
    before = write_picture(work / "in.png", 300, 200)
    faint = write_mask(work / "mask.png", 300, 200, None) + 9  # the black of a JPEG
    Image.fromarray(faint).save(work / "mask.png")
    assert main(["inpaint", "in.png", "mask.png", "a fox", "-o", "out.png"]) == 0
    assert np.array_equal(open_picture(work / "out.png").pixels[..., :3], before)


def test_the_frame_is_told_and_obeyed(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = write_picture(work / "in.png", 900, 600)
    write_mask(work / "mask.png", 900, 600, (0, 0, 900, 600))
    words = ["inpaint", "in.png", "mask.png", "x", "-o", "out.png", "--frame", "100,50,200", "--json", *QUICK]
    assert main(words) == 0
    told = lines(capsys)
    assert told[-1]["frame"] == {"x": 100, "y": 50, "side": 200}
    assert any("outside the frame" in line["text"] for line in told if line["event"] == "notice")
    after = open_picture(work / "out.png").pixels[..., :3]
    after[50:250, 100:300] = before[50:250, 100:300]
    assert np.array_equal(after, before)


def test_a_mask_of_another_size_is_named_with_both_sizes(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_picture(work / "in.png", 300, 200)
    write_mask(work / "mask.png", 200, 300, None)
    assert main(["inpaint", "in.png", "mask.png", "x", "-o", "out.png"]) == 2
    said = capsys.readouterr().err
    assert "300 × 200" in said
    assert "200 × 300" in said
    assert not (work / "out.png").exists()


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(40), b"GIF89a" + bytes(40)])
def test_a_broken_picture_is_exit_code_2(work: Path, data: bytes) -> None:
    (work / "in.png").write_bytes(data)
    write_mask(work / "mask.png", 20, 20, None)
    assert main(["inpaint", "in.png", "mask.png", "x", "-o", "out.png"]) == 2
    assert not (work / "out.png").exists()


def test_a_missing_or_damaged_model_is_exit_code_3(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "broken").mkdir()
    (work / "broken" / "cascade.json").write_text("{}", encoding="utf-8")
    for folder in ("none", "broken"):
        assert main(["generate", "x", "-o", "out.png", "--model", folder, "--device", "cpu", "--json"]) == 3
        failed = lines(capsys)[-1]
        assert (failed["event"], failed["kind"]) == ("failed", "bad_model")
    assert not (work / "out.png").exists()


class ScriptedSession:
    """Stands where the model's session does and does what the test says."""

    fault: BaseException

    def model_info(self) -> SimpleNamespace:
        return SimpleNamespace(name="scripted")

    device_info = model_info

    def __init__(self, **_: object) -> None: ...

    def load(self, *_: object) -> None:
        pass

    def run(self, _request: object) -> Iterator[object]:
        raise self.fault
        yield


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (KeyboardInterrupt(), 130),
        (MuseStudioError(ErrorKind.OUT_OF_MEMORY, "Too large."), 4),
        (MuseStudioError(ErrorKind.DISK, "Full."), 5),
        (MuseStudioError(ErrorKind.DEVICE, "No such device."), 2),
        (MemoryError(), 4),
        (ZeroDivisionError("oh"), 1),
    ],
)
def test_every_fault_has_its_exit_code_and_leaves_no_picture(
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: BaseException,
    code: int,
) -> None:
    monkeypatch.setattr(ScriptedSession, "fault", fault, raising=False)
    monkeypatch.setattr("muse_studio.worker.session.Session", ScriptedSession)
    (work / "out.png").write_bytes(b"the old picture")
    assert main(["generate", "x", "-o", "out.png"]) == code
    assert capsys.readouterr().err.strip()
    assert [path.name for path in work.iterdir()] == ["out.png"]
    assert (work / "out.png").read_bytes() == b"the old picture"


def test_outpaint_adds_room_and_keeps_the_picture(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = write_picture(work / "photo.png", 600, 512)
    words = ["outpaint", "photo.png", "a beach", "-o", "out.png", "--left", "300", "--json", *QUICK]
    assert main([*words, "--steps-dir", "steps"]) == 0
    told = lines(capsys)[-1]
    assert (told["width"], told["height"]) == (900, 512)
    assert len(told["frames"]) == len([*(work / "steps").iterdir()]) > 1
    after = np.asarray(Image.open(work / "out.png"))
    assert after.shape == (512, 900, 3)
    reach = round(FEATHER_PX) + 1
    np.testing.assert_array_equal(after[:, 300 + reach :], before[:, reach:])
    edge = np.repeat(before[:, :1], 300 - reach, axis=1)
    assert (after[:, : 300 - reach] != edge).any(axis=2).mean() > 0.5, "the room was not filled"


def test_outpaint_without_room_or_with_too_much_says_so(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_picture(work / "photo.png", 64, 64)
    for words in ([], ["--left", "-3"], ["--right", "16400"]):
        assert main(["outpaint", "photo.png", "x", "-o", "out.png", *words]) == 2
        assert not (work / "out.png").exists()
    assert "pixels" in capsys.readouterr().err


def test_edit_changes_a_picture_where_its_tokens_changed_and_nowhere_else(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write_picture(work / "photo.png", 700, 600)
    words = ["edit", "photo.png", "a fox", "-o", "out.png", "--iterations", "2", "--keep", "kept", "--json"]
    assert main([*words, "--device", "cpu", "--seed", "3", "--frame", "60,40,512"]) == 0
    told = lines(capsys)[-1]
    assert told["frame"] == {"x": 60, "y": 40, "side": 512}
    assert 0 < told["changed"] <= 2 * 20 / 256
    after = np.asarray(Image.open(work / "out.png"))
    assert (after != before).any()
    # 40 cells of 32 px and their feathers at most; and nothing outside the frame
    assert (after != before).any(axis=2).mean() < 0.9
    outside = np.ones((600, 700), bool)
    outside[40:552, 60:572] = False
    np.testing.assert_array_equal(after[outside], before[outside])
    assert sorted(path.name for path in (work / "kept").glob("base-*.png")) == ["base-01.png", "base-02.png"]
    settings = read_request_text(open_picture(work / "out.png").text)
    assert settings is not None
    assert (settings["mode"], settings["base"]["steps"], settings["base"]["guidance"]) == ("edit", 2, None)


@pytest.mark.parametrize("wrong", [("--iterations", "0"), ("--iterations", "257"), ("--guidance", "-1")])
def test_edit_refuses_what_cannot_be_before_it_loads_a_model(
    work: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, str]
) -> None:
    write_picture(work / "photo.png", 64, 64)
    assert main(["edit", "photo.png", "a fox", "-o", "out.png", *wrong, "--model", "nowhere"]) == 2
    assert "must be" in capsys.readouterr().err
    assert not (work / "out.png").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_a_running_job_cleanly(work: Path) -> None:
    # Where the tests run in the background, Ctrl+C is ignored, and every child would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    words = ["generate", "x", "-o", "out.png", "--steps", "200,200", "--device", "cpu", "--json"]
    job = subprocess.Popen(
        [sys.executable, "-m", "muse_studio", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with job:
        assert job.stdout is not None
        for line in job.stdout:
            if json.loads(line)["event"] == "step":
                job.send_signal(signal.SIGINT)
                break
        _, said = job.communicate()
    assert job.returncode == 130
    assert said.strip() == "muse-studio: interrupted."
    assert list(work.iterdir()) == []
