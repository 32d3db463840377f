"""The screenshots' command: jobs stand still until told, pictures are a worker's, each look differs, all repeats."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from muse_studio.client.fake import FakeClient, FakeScript
from muse_studio.client.jobs import JobState
from muse_studio.core.request import EditRequest, Mode
from muse_studio.gui.screens.looks import LOOKS, with_overlays
from muse_studio.gui.screens.played import PlayedClient
from muse_studio.gui.screens.session import take


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_each_look_is_another_picture_and_again_the_same(qapp: QApplication, tmp_path: Path) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    for out in (first, again):
        assert take(out, ("welcome",), fake=True) == 0
        qapp.setStyleSheet("")
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(f"welcome-{look.name}.webp" for look in LOOKS)
    for name in names:
        assert (first / name).read_bytes() == (again / name).read_bytes()
    light, dark = pixels(first / "welcome-light-en.webp"), pixels(first / "welcome-dark-en.webp")
    assert light.mean() > dark.mean() + 50


@pytest.mark.parametrize("fonts", [[], ["Noto Sans CJK JP"]])
def test_boxes_in_place_of_japanese_letters_are_told(
    fonts: list[str],
    qapp: QApplication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("muse_studio.gui.screens.session.QFontDatabase.families", lambda *_: fonts)
    assert take(tmp_path, ("welcome",), fake=True) == 0
    assert ("show boxes" in capsys.readouterr().out) == (not fonts)
    qapp.setStyleSheet("")


def test_a_scene_that_goes_wrong_is_told_and_the_others_are_played(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def wrong(studio: object) -> None:
        raise RuntimeError("no light")

    monkeypatch.setitem(__import__("muse_studio.gui.screens.session", fromlist=["SCENES"]).SCENES, "painting", wrong)
    assert take(tmp_path, ("welcome", "painting", "shortcuts"), fake=True) == 1
    qapp.setStyleSheet("")
    assert "no light" in capsys.readouterr().out
    assert (tmp_path / "shortcuts-dark-en.webp").is_file()


def test_what_lies_over_the_window_is_in_its_picture(qapp: QApplication) -> None:
    window, over = QWidget(), QWidget()
    for widget, colour, place in ((window, "#ffffff", (0, 0, 200, 100)), (over, "#102030", (50, 40, 60, 30))):
        widget.setStyleSheet(f"background: {colour}")
        widget.setGeometry(*place)
        widget.show()
    QApplication.processEvents()
    picture = with_overlays(window)
    corner = over.mapToGlobal(QPoint()) - window.mapToGlobal(QPoint())
    over.close()
    alone = with_overlays(window)
    window.close()
    inside = picture[max(0, corner.y()) : corner.y() + 30, max(0, corner.x()) : corner.x() + 60]
    assert inside.size
    assert (inside == (0x10, 0x20, 0x30)).all()
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) == 3, "white, the shadow and what lies over it"
    assert (alone == 255).all()


def test_a_played_job_has_the_worker_s_steps_one_by_one() -> None:
    async def play() -> None:
        worker = FakeClient(step_s=0.0, script=FakeScript(base_steps=5, superres_steps=2, notes=("real",)))
        client = PlayedClient(worker, "tiny")
        await client.start()
        job = client.submit(EditRequest(Mode.GENERATE, "a fox", seed=3, count=2))
        await client.develop()
        assert job.history == []
        client.advance(2)
        assert [(step.job_index, step.variation) for step in job.history] == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert job.state is JobState.RUNNING
        assert all(step.has_preview for step in job.history)
        client.advance(100)
        assert job.state is JobState.FINISHED
        assert [(result.variation, result.notes) for result in job.results] == [(0, ("real",)), (1, ("real",))]
        assert len(job.history) == 2 * 7
        await client.close()

    asyncio.run(play())
