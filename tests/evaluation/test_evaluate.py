"""`muse-studio evaluate` writes a report that a person can read, and says at once what it lacks."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFont

from muse_studio.cli.main import main
from muse_studio.core.errors import MuseStudioError
from muse_studio.evaluation import commands, sections
from muse_studio.evaluation.bench import Row
from muse_studio.evaluation.commands import GROUP_NAMES
from muse_studio.evaluation.making import Maker
from muse_studio.evaluation.probe import tokenized
from muse_studio.evaluation.probe.ceilings import measure
from muse_studio.evaluation.probe.network import Probe
from muse_studio.evaluation.probe.pictures import LABELS
from muse_studio.evaluation.probe.prompts import GROUPS
from muse_studio.evaluation.probe.weights import save_probe
from muse_studio.evaluation.report import Report, Section, Sheet, Table
from muse_studio.evaluation.sheets import FRAMES, Cell, sheet, wrapped
from muse_studio.muse.presets import tiny
from muse_studio.muse.vqgan import VQGAN


@pytest.fixture(scope="module")
def probe_folder(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """A probe that has learned nothing, with what it scores on real drawings all the same."""
    folder = tmp_path_factory.mktemp("probe")
    probe = Probe(LABELS).eval()
    save_probe(folder, probe, {"training": {"pictures": 64, "seconds": 60, "loss": 7.0}, **measure(probe, drawn, 4)})
    return folder


def evaluate(*words: str | Path) -> int:
    return main(["evaluate", *map(str, words)])


def test_the_probe_reports_every_group_with_its_ceiling(
    tiny_model: Path, probe_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    assert evaluate("probe", "--model", tiny_model, "--probe", probe_folder, "--pictures", 6, "-o", out, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures == json.loads((out / "figures.json").read_text())
    assert set(figures["probe"]["groups"]) == {
        "asked", "held out", "never drawn", "on a photograph", "counts", "positions"
    }  # fmt: skip
    style = figures["probe"]["groups"]["asked"]["style"]
    assert style["trials"] == 3
    assert 0 <= style["low"] <= style["share"] <= style["high"] <= 1
    words = (out / "report.md").read_text()
    for phrase in ("real drawings", "goal", "held-out drawings", "![", "asked.png", "Chance"):
        assert phrase in words
    assert (out / "report.html").read_text().count("data:image/png;base64,") == 2
    with Image.open(out / "asked.png") as picture:
        assert picture.width > 1000


def test_the_probe_can_be_asked_for_one_group_alone(tiny_model: Path, probe_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "places"
    named = ("--model", tiny_model, "--probe", probe_folder, "--pictures", 3, "--size", 256, "-o", out)
    assert evaluate("probe", "--groups", "positions", *named) == 0
    figures = json.loads((out / "figures.json").read_text())["probe"]
    assert set(figures["groups"]) == {"positions"}
    assert figures["groups"]["positions"]["position"]["trials"] == 3
    report = (out / "report.md").read_text()
    assert "--groups positions" in report
    assert (out / "others.png").exists()
    assert not (out / "asked.png").exists()


def test_the_names_of_the_groups_are_those_of_the_prompts() -> None:
    assert GROUP_NAMES == GROUPS


def test_a_probe_can_be_trained_anew(
    tiny_model: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "CEILING_PICTURES", 4)
    home, out = tmp_path / "probe", tmp_path / "report"
    named = ("--probe", home, "--data", drawn, "--model", tiny_model, "--pictures", 6, "-o", out)
    assert evaluate("probe", *named) == 3  # there is none yet
    assert evaluate("probe", "--train", "--steps", 1, *named) == 0
    facts = json.loads((home / "probe.json").read_text())
    assert facts["training"]["pictures"] == 64
    assert facts["ceilings"]["asked"]["held out"]["style"]["drawings"] == 1
    assert "No recipe here" in (out / "report.md").read_text()


def test_pictures_that_were_made_are_not_made_again(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(Maker(tiny_model, "cpu", 512, tmp_path, print).pictures(["a fox", "a cat"], 3))
    again = Maker(tiny_model, "cpu", 512, tmp_path, print)
    monkeypatch.setattr(again, "_make", lambda prompt, seed: pytest.fail("made again"))
    for one, other in zip(first, again.pictures(["a fox", "a cat"], 3), strict=True):
        assert np.array_equal(one, other)
    monkeypatch.setattr(again, "_make", lambda prompt, seed: np.full((4, 4, 3), seed, np.uint8))
    assert [int(one[0, 0, 0]) for one in again.pictures(["a fox", "a dog"], 4)] == [4, 5]


def test_fid_and_clip_score_of_a_folder(
    tiny_model: Path, clip_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for number in range(4):
        Image.new("RGB", (40, 40), (60 * number, 90, 30)).save(images / f"{number}.png")
        (images / f"{number}.txt").write_text("a fox on white" if number else "")
    named = ("--cc3m", images, "--features", clip_folder, "--clip", clip_folder)
    assert evaluate("fid", "--model", tiny_model, *named, "-o", tmp_path / "report", "--json") == 0
    figures = json.loads(capsys.readouterr().out)["fid"]
    assert figures["pictures"] == 3
    assert list(figures["skipped"].values()) == [1]
    assert figures["distances"][0]["title"] == "Fréchet distance in tiny-clip features"
    assert figures["distances"][0]["distance"] > 0
    words = (tmp_path / "report" / "report.md").read_text()
    assert "too few to compare" in words
    assert "FID" not in words.replace("evaluate fid", "")
    assert "1 no caption" in words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fid",), "--coco or --cc3m"),
        (("fid", "--cc3m", "x"), "--inception FILE.safetensors"),
        (("reconstruction", "--data", "none"), "muse-studio train data"),
        (("probe", "--seed", "-1"), "seed"),
        (("probe", "--model", "none"), "--model"),
    ],
)
def test_what_is_missing_is_said_at_once(
    words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(*words, "-o", tmp_path / "report") in (2, 3)
    assert said in capsys.readouterr().err


def test_reconstruction_of_a_folder_of_pictures(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (90, 70), (200, 40, 40)).save(tmp_path / "red.png")
    out = tmp_path / "report"
    assert evaluate("reconstruction", "--model", tiny_model, "--images", tmp_path, "-o", out, "--json") == 0
    figures = json.loads(capsys.readouterr().out)["reconstruction"]
    assert len(figures) == 2
    assert all(one["pictures"] == 1 and one["psnr"] > 0 for one in figures.values())
    with pytest.raises(MuseStudioError, match="no JPEG"):
        list(sections._to_reconstruct(out / "pictures", tmp_path, 256))


def test_held_out_drawings_are_reconstructed_where_the_data_is(drawn: Path) -> None:
    kinds = dict(sections._to_reconstruct(None, drawn, 256))
    assert next(iter(kinds["held-out drawings"])).shape == (3, 256, 256)
    assert len(list(kinds["held-out photographs"])) == sections.HELD_OUT_PICTURES


def test_the_probe_judges_what_the_tokenizers_leave_of_real_drawings(
    tiny_model: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokenized, "PICTURES", 5)
    named = ("--model", tiny_model, "--data", drawn, "-o", tmp_path / "report")
    monkeypatch.setattr(tokenized, "decoded", lambda vqgan, rgb: rgb)
    assert evaluate("reconstruction", *named, "--json") == 0
    figures = json.loads(capsys.readouterr().out)["tokenized"]
    assert len(figures) == 8
    assert {score["trials"] for one in figures.values() for score in one.values()} == {5}
    for kind in tokenized.KINDS:
        nothing_lost = figures[f"{kind}: as they are, 256 px"]
        assert figures[f"{kind}: through the base tokenizer"] == nothing_lost
    ground = "drawings that the probe learned from: {}"
    assert figures[ground.format("as they are, 512 px")]["background"]["right"] > 2
    monkeypatch.setattr(tokenized, "decoded", lambda vqgan, rgb: np.full_like(rgb, 77))
    assert evaluate("reconstruction", *named, "--json") == 0
    figures = json.loads(capsys.readouterr().out)["tokenized"]
    after, before = (
        figures[ground.format(what)]["background"]["right"]
        for what in ("through the super-resolution tokenizer", "as they are, 512 px")
    )
    assert after < before
    assert "would score this" in (tmp_path / "report" / "report.md").read_text()


def test_a_picture_is_decoded_from_its_own_tokens() -> None:
    torch.manual_seed(1)
    vqgan = VQGAN(tiny().base_vqgan).eval()
    rgb = np.random.default_rng(1).integers(0, 256, (64, 32, 3), np.uint8)
    picture = torch.from_numpy(rgb).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        expected = vqgan.decode(vqgan.encode(picture))[0].permute(1, 2, 0).numpy()
    made = tokenized.decoded(vqgan, rgb)
    assert made.shape == rgb.shape
    assert made.dtype == np.uint8
    assert np.abs(made / 255 - expected).max() <= 0.51 / 255


def test_all_says_what_was_not_measured(
    tiny_model: Path, probe_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muse_studio.evaluation import speed

    rows = [Row("a picture", 2.5, "s", 0.5, "another", "≤ 10 s", True)]
    monkeypatch.setattr(speed, "measure", lambda model, device, repeats: rows)
    out, none = tmp_path / "report", tmp_path / "none"
    named = ("--model", tiny_model, "--probe", probe_folder, "--data", none, "--pictures", 6, "--size", 256)
    assert evaluate("all", *named, "-o", out) == 0
    words = (out / "report.md").read_text()
    assert words.count("Not measured.") == 2
    assert "| a picture | 2.5 s | 0.50 of another | ≤ 10 s | reached |" in words


def test_every_option_has_its_part() -> None:
    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    options = parser.parse_args(["probe", "speed"])
    assert options.what == ["probe", "speed"]
    assert (options.pictures, options.size, options.seed) == (300, 512, 0)
    with pytest.raises(SystemExit):
        parser.parse_args(["probe", "--pictures", "0"])


def test_a_report_escapes_what_it_quotes(tmp_path: Path) -> None:
    png = sheet([Cell(np.zeros((8, 8, 3), np.uint8), ("<b>",))])
    table = Table(("a|b", "c"), (("<script>", "1"),))
    report = Report(
        "<T>", "intro", [Section("S & T", ("text <i> `so <`", table, Sheet("s.png", png, "a ] b")))], {"x": 1}
    )
    report.write(tmp_path / "new" / "folder")
    page = (tmp_path / "new" / "folder" / "report.html").read_text()
    assert "<script>" not in page
    assert "S &amp; T" in page
    assert "<code>so &lt;</code>" in page
    words = (tmp_path / "new" / "folder" / "report.md").read_text()
    assert "| a\\|b | c |\n| --- | --- |" in words
    assert (tmp_path / "new" / "folder" / "s.png").read_bytes() == png


def test_a_sheet_frames_each_picture_in_its_colour() -> None:
    cells = [Cell(np.full((40, 40, 3), 255, np.uint8), ("a word",), frame) for frame in ("good", "bad")]
    with Image.open(io.BytesIO(sheet(cells, columns=2, side=60))) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    for frame in ("good", "bad"):
        assert (np.abs(pixels - FRAMES[frame]).sum(2) < 30).sum() > 500
    assert not (np.abs(pixels - FRAMES["fair"]).sum(2) < 30).any()


def test_words_are_wrapped_to_the_width() -> None:
    font = ImageFont.load_default(11)
    lines = wrapped("a 3d render of a birthday cake on a sky blue background with more words", font, 100)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert font.getlength(lines[0]) <= 100
