"""Live painting on a fake client, by real events: when a draft is asked for, what goes before it, what it leaves."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from muse_studio.client.fake import FakeScript
from muse_studio.client.jobs import JobState
from muse_studio.core.limits import BASE_SIDE_PX, FRAME_SIDE_PX
from muse_studio.core.request import Mode
from muse_studio.gui import live
from tests.gui.conftest import Pixels, Studio

STROKE = ((400, 300), (450, 330), (500, 350))
OTHER = ((300, 500), (360, 520))
PAUSE_S = 0.2
NEVER_MS = 60_000


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PAUSE_MS", round(PAUSE_S * 1000))
    monkeypatch.setattr(live, "FULL_AFTER_MS", NEVER_MS)


@pytest.fixture
def ready(studio: Studio, photo: Path) -> Studio:
    """A photo, a prompt, and Live switched on by its key; nothing is painted yet."""
    studio.open(photo)
    studio.type_prompt("a 3d fox")
    press_key(studio)
    return studio


def press_key(studio: Studio) -> None:
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    studio.hands.press(Qt.Key.Key_P, modifiers)
    studio.settle()


def pause(studio: Studio, seconds: float = 2 * PAUSE_S) -> None:
    studio.run(asyncio.sleep(seconds))


def wait_for_drafts(studio: Studio, count: int) -> None:
    studio.until(lambda: len(studio.client.requests) >= count)


def digest(studio: Studio) -> str:
    """Of all that a document keeps."""
    state = studio.document.snapshot()
    parts = [state.mask.tobytes(), repr((state.extent, state.active, state.frame, state.wishes)).encode()]
    parts += [one.pixels.tobytes() for layer in state.layers for one in layer.variations]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def look_of(studio: Studio) -> Pixels:
    """uint8 [h, w, 4], the canvas as it is seen."""
    studio.hands.leave_canvas()
    studio.settle()
    image = studio.window.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


def differ(one: Pixels, other: Pixels) -> bool:
    """By more than the rounding of a part that was painted anew."""
    return bool((np.abs(one.astype(int) - other) > 2).any())


def draw(studio: Studio) -> None:
    """Let the running draft come to its end."""
    studio.client.advance(40)
    studio.until(lambda: not studio.client.jobs)
    studio.settle()


def test_a_stroke_asks_for_one_small_draft_after_the_pause(ready: Studio) -> None:
    ready.paint(*STROKE)
    assert ready.client.requests == [], "a draft came before the pause"
    pause(ready)
    [request] = ready.client.requests
    assert (request.mode, request.size, request.count) == (Mode.INPAINT, BASE_SIDE_PX, 1)
    assert request.prompt == "a 3d fox"
    pause(ready)
    assert len(ready.client.requests) == 1, "nothing had changed"


def test_nothing_is_drawn_without_a_mask_or_without_a_prompt(ready: Studio) -> None:
    pause(ready)
    ready.type_prompt(" ")
    ready.paint(*STROKE)
    pause(ready)
    assert ready.client.requests == []
    ready.type_prompt("a fox")
    wait_for_drafts(ready, 1)
    assert ready.client.requests[0].prompt == "a fox"


def test_a_newer_stroke_cancels_the_draft_and_asks_for_another(ready: Studio) -> None:
    ready.paint(*STROKE)
    wait_for_drafts(ready, 1)
    [older] = ready.client.jobs
    ready.paint(*OTHER)
    assert older.state is JobState.CANCELLED
    wait_for_drafts(ready, 2)
    first, second = ready.client.requests
    assert (second.mask > 0).sum() > (first.mask > 0).sum()  # type: ignore[operator]
    assert second.seed == first.seed


def test_no_draft_begins_in_the_middle_of_a_stroke(ready: Studio) -> None:
    ready.paint(*STROKE)
    canvas, at = ready.window.canvas, ready.place(300, 500)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    pause(ready)
    assert ready.client.requests == []
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    wait_for_drafts(ready, 1)


def test_a_draft_is_seen_and_leaves_nothing_behind(ready: Studio) -> None:
    ready.paint(*STROKE)
    before, bytes_before = look_of(ready), digest(ready)
    undo, wishes = ready.document.undo_label, ready.document.wishes
    wait_for_drafts(ready, 1)
    ready.client.advance(12)
    ready.settle()
    forming = look_of(ready)
    assert differ(forming, before), "its steps are not seen"
    assert not ready.window.jobs.is_busy, "it is listed in the queue"
    draw(ready)
    drawn = look_of(ready)
    assert differ(drawn, before)
    assert differ(drawn, forming), "its picture is not seen"
    assert digest(ready) == bytes_before
    assert (ready.document.undo_label, ready.document.wishes) == (undo, wishes)
    assert len(ready.document.layers) == 1
    assert ready.window.sheet is not None
    assert ready.window.sheet.runs.runs == ()
    assert len(ready.window.history.desk.gallery.entries) == 0
    press_key(ready)
    assert not differ(look_of(ready), before), "the draft is still shown"


def test_the_draft_stays_until_the_next_one(ready: Studio) -> None:
    ready.paint(*STROKE)
    wait_for_drafts(ready, 1)
    draw(ready)
    ready.paint(*OTHER)
    with_draft = look_of(ready)
    ready.window.canvas.clear_preview()
    assert differ(look_of(ready), with_draft), "it went with the next stroke"


def test_where_nothing_changes_the_draft_is_made_in_full_size(ready: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FULL_AFTER_MS", 50)
    ready.paint(*STROKE)
    wait_for_drafts(ready, 1)
    draw(ready)
    wait_for_drafts(ready, 2)
    small, full = ready.client.requests
    assert (small.size, full.size, full.seed) == (BASE_SIDE_PX, FRAME_SIDE_PX, small.seed)
    draw(ready)
    pause(ready)
    assert len(ready.client.requests) == 2


def test_generate_goes_first_with_the_seed_of_the_draft(ready: Studio) -> None:
    ready.paint(*STROKE)
    wait_for_drafts(ready, 1)
    [draft] = ready.client.jobs
    ready.generate()
    assert draft.state is JobState.CANCELLED
    wait_for_drafts(ready, 2)
    small, full = ready.client.requests
    assert (full.seed, full.size) == (small.seed, FRAME_SIDE_PX)
    ready.finish_job()
    assert len(ready.document.layers) == 2
    pause(ready)
    assert len(ready.client.requests) == 2, "a draft covers what was just made"
    assert ready.window.canvas._scene.preview is None
    ready.paint(*OTHER)
    wait_for_drafts(ready, 3)
    assert ready.client.requests[-1].size == BASE_SIDE_PX


def test_what_was_painted_while_a_job_ran_is_drawn_after_it(ready: Studio) -> None:
    ready.paint(*STROKE)
    ready.generate()
    wait_for_drafts(ready, 1)
    ready.paint(*OTHER)
    pause(ready)
    assert len(ready.client.requests) == 1, "a draft waits beside a real job"
    ready.finish_job()
    wait_for_drafts(ready, 2)


def test_undo_and_mask_commands_ask_and_an_empty_mask_clears(ready: Studio) -> None:
    ready.paint(*STROKE)
    wait_for_drafts(ready, 1)
    draw(ready)
    ready.press(Qt.Key.Key_A, control=True)
    wait_for_drafts(ready, 2)
    draw(ready)
    ready.press(Qt.Key.Key_Z, control=True)
    wait_for_drafts(ready, 3)
    draw(ready)
    ready.press(Qt.Key.Key_D, control=True)
    assert ready.window.canvas._scene.preview is None
    pause(ready)
    assert len(ready.client.requests) == 3


def test_the_seed_is_kept_while_it_is_on(ready: Studio) -> None:
    lock = ready.window.panel.seed.lock
    assert lock.isChecked()
    press_key(ready)
    assert not lock.isChecked()


def test_a_lost_worker_switches_it_off_and_says_so(ready: Studio) -> None:
    ready.client.script = FakeScript(lose_at=3)
    ready.paint(*STROKE)
    wait_for_drafts(ready, 1)
    ready.client.advance(10)
    ready.settle()
    assert not ready.window.commands["live"].isChecked()
    assert not ready.window.actions_area.live.isChecked()
    assert any(message.startswith("Live painting was switched off.") for message in ready.messages)
    assert ready.window.canvas._scene.preview is None


def test_the_button_beside_generate_switches_it(studio: Studio) -> None:
    studio.hands.click(studio.window.actions_area.live)
    assert studio.window.making.live.is_on
    studio.hands.click(studio.window.actions_area.live)
    assert not studio.window.making.live.is_on
