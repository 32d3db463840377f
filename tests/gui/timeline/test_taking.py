"""What is taken out of a decode: a step as a layer, all of it as an animation."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.run_pictures import preview_pixels
from muse_studio.core.runs import RunTree
from muse_studio.gui.timeline.desk import layer_of
from muse_studio.gui.timeline.export_dialog import ExportDialog
from tests.gui.conftest import Studio, noise
from tests.gui.timeline.hand import LEFT, dialog_of, run_of, seek, state

# As a layer ----------------------------------------------------------------------------------------------------------


def test_a_step_becomes_a_layer_made_again_at_full_size(made: Studio) -> None:
    before = made.document.picture.copy()
    seek(made, 6)
    QTest.mouseClick(made.window.timeline.panel.layer, LEFT)
    made.until(lambda: len(made.client.requests) == 2)
    made.client.advance(5)
    made.until(lambda: len(made.document.layers) == 2)
    request, step = made.client.requests[-1], run_of(made).steps[0][6]
    assert (request.mode, request.size) == (Mode.CONTINUE, 256)
    assert request.tokens is not None
    assert step.tokens is not None
    assert request.tokens.base.decided.all()
    np.testing.assert_array_equal(request.tokens.base.tokens, step.tokens.base.tokens)
    layer = made.document.layers[-1]
    assert layer.place == run_of(made).frame
    assert "step 7 of 24" in layer.name
    assert layer.variations[0].facts["run"] == run_of(made).id
    assert not state(made).is_screening
    assert (made.document.picture != before).any()
    made.window.canvas.setFocus()
    made.press(Qt.Key.Key_Z, control=True)
    np.testing.assert_array_equal(made.document.picture, before)


def test_the_last_step_is_the_result_itself(made: Studio) -> None:
    seek(made, 31)
    QTest.mouseClick(made.window.timeline.panel.layer, LEFT)
    made.until(lambda: len(made.document.layers) == 2)
    assert len(made.client.requests) == 1, "nothing has to be made again"
    pixels = preview_pixels(run_of(made).steps[0][-1].picture)
    assert pixels is not None
    np.testing.assert_array_equal(made.document.layers[-1].pixels[..., :3], pixels)


def test_a_fills_step_becomes_a_layer_under_its_mask(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (500, 350))
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    before = studio.document.picture.copy()
    seek(studio, 31)
    QTest.mouseClick(studio.window.timeline.panel.layer, LEFT)
    count = len(studio.document.layers)
    studio.until(lambda: len(studio.document.layers) > count)
    alpha = studio.document.layers[-1].pixels[..., 3]
    assert (alpha == 255).any()
    assert studio.document.layers[-1].place.area < studio.document.frame.area / 4
    far = np.ones(before.shape[:2], bool)
    far[240:420, 340:560] = False
    np.testing.assert_array_equal(studio.document.picture[far], before[far])


# Export --------------------------------------------------------------------------------------------------------------


def animated(path: Path) -> tuple[list[int], tuple[int, int]]:
    """How long each picture of an animation is shown, in ms, and its size."""
    image = Image.open(io.BytesIO(path.read_bytes()))
    times = []
    for number in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(number)
        image.load()
        times.append(int(image.info["duration"]))
    return times, image.size


@pytest.mark.parametrize("masked", [False, True])
def test_a_step_that_becomes_a_layer_stands_as_the_canvas_does(masked: bool) -> None:
    document = Document(noise(512, 700))
    frame = document.set_frame(Rect(100, 0, 512, 512))
    mask = np.zeros((512, 512), np.uint8)
    mask[100:200, 50:300] = 255
    request = EditRequest(Mode.INPAINT, "", picture=noise(512, 512)[..., :3], mask=mask)
    run = RunTree().begin(request if masked else EditRequest(Mode.GENERATE, ""), frame)
    pixels = noise(512, 512, 3)[..., :3]
    document.rotate(1)
    found, since = document.found(run.noted), document.since(run.noted)
    made = layer_of(document.picture, run, found, since, pixels)
    assert made is not None
    place, rgba = made
    if masked:
        inside = Rect(512 - 200, 50, 100, 250).translate(found.x, found.y)
        assert place.contains_rect(inside)
        assert rgba[inside.translate(-place.x, -place.y).slices][..., 3].mean() > 200
        assert place.area < 2 * inside.area
    else:
        assert place == found
        np.testing.assert_array_equal(rgba[..., :3], np.rot90(pixels, -1))


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_a_decode_is_written_as_an_animation(made: Studio, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"fox.{kind}"
    made.window.commands["export_decode"].trigger()
    dialog = dialog_of(made, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    dialog.kind.setCurrentIndex(0 if kind == "webp" else 1)
    dialog.side.setCurrentIndex(0)
    dialog.speed.setValue(10.0)
    dialog.hold.setValue(1.5)
    assert "32 pictures" in dialog.about.text()
    QTest.mouseClick(dialog.go, LEFT)
    files = dialog_of(made, QFileDialog)
    assert isinstance(files, QFileDialog)
    made.hands.name_file(files, target)
    made.until(target.exists)
    times, size = animated(target)
    assert size == (256, 256)
    assert sum(times) == 31 * 100 + 1500
    assert len(times) == 32 or kind == "gif", "of two equal pictures a GIF holds one for twice the time"
    made.until(lambda: any("was written" in message for message in made.messages))
    assert not made.window.timeline.panel.writing.isVisible()


def test_pictures_that_were_let_go_are_made_again_for_an_animation(made: Studio, tmp_path: Path) -> None:
    run = run_of(made)
    for step in (2, 3):
        row = run.steps[0]
        state(made).tree.put_picture(run, 0, step, row[step].picture.without_preview())  # type: ignore[union-attr]
    target = tmp_path / "fox.webp"
    made.window.commands["export_decode"].trigger()
    dialog = dialog_of(made, ExportDialog)
    assert "32 pictures" in dialog.about.text()  # type: ignore[attr-defined]
    dialog.accept()
    made.hands.name_file(dialog_of(made, QFileDialog), target)  # type: ignore[arg-type]
    for count in (2, 3):
        made.until(lambda count=count: len(made.client.requests) == count)
        made.client.advance(5)
    made.until(target.exists)
    assert sum(animated(target)[0]) == 31 * 250 + 2000, "every step has its time"


def test_stopping_leaves_no_file(made: Studio, tmp_path: Path) -> None:
    target = tmp_path / "fox.webp"
    made.window.commands["export_decode"].trigger()
    dialog = dialog_of(made, ExportDialog)
    dialog.side.setCurrentIndex(2)  # type: ignore[attr-defined]
    dialog.accept()
    files = dialog_of(made, QFileDialog)
    made.hands.name_file(files, target)  # type: ignore[arg-type]
    made.until(lambda: made.window.timeline.panel.writing.isVisible())
    QTest.mouseClick(made.window.timeline.panel.stop_writing, LEFT)
    made.until(lambda: any("stopped" in message for message in made.messages))
    assert list(tmp_path.glob("*.webp")) == []
    assert list(tmp_path.glob(".muse-studio-*")) == []
