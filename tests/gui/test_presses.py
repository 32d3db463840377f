"""From a press to a job, and where its result goes: nothing that happens in between changes what was asked for."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from muse_studio.core.composite import frame_mask, frame_picture
from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import compose
from muse_studio.core.wishes import Aim
from tests.gui.conftest import PATIENCE_S, Studio

STROKE = ((400, 300), (450, 330), (500, 350))


@pytest.fixture
def painted(studio: Studio, photo: object) -> Studio:
    """A studio with a photo, a stroke on it and a prompt."""
    studio.open(photo)  # type: ignore[arg-type]
    studio.paint(*STROKE)
    studio.type_prompt("a 3d fox")
    return studio


def held_back(studio: Studio) -> threading.Event:
    """From now on frames are cut out only once this is set."""
    gate = threading.Event()
    studio.window.jobs._presses._pool.submit(gate.wait, PATIENCE_S)
    return gate


def click_generate(studio: Studio) -> None:
    studio.hands.click(studio.window.actions_area.generate)
    studio.run(asyncio.sleep(0.02))


def test_a_job_has_the_picture_and_mask_of_the_press(painted: Studio) -> None:
    """The frame is cut out in a thread; whatever happens meanwhile comes too late."""
    sent_picture, sent_mask = frame_picture(painted.document), frame_mask(painted.document)
    layer, frame = painted.document.active, painted.document.frame
    gate = held_back(painted)
    click_generate(painted)
    assert not painted.client.requests
    area = painted.window.actions_area
    assert area.cancel.isVisible(), "the button has been heard"
    assert area.doing.text() == "Cutting out the frame…"
    painted.document.fill_mask()
    painted.document.set_frame(Rect(0, 0, 300, 300))
    painted.document.remove_layer(layer)
    gate.set()
    painted.settle()
    request = painted.client.requests[-1]
    np.testing.assert_array_equal(request.picture, sent_picture)
    np.testing.assert_array_equal(request.mask, sent_mask)
    assert painted.window.jobs.runs[0].asked.frame == frame
    painted.finish_job()
    assert painted.document.layers[-1].variations[0].facts["request"] == request.settings()


def test_jobs_come_in_the_order_of_the_presses(painted: Studio) -> None:
    gate = held_back(painted)
    for text in ("first", "second"):
        painted.type_prompt(text)
        click_generate(painted)
    painted.type_prompt("third")
    painted.window.panel.choose_aim(Aim.NEW)  # has nothing to wait for
    click_generate(painted)
    assert not painted.client.jobs
    gate.set()
    painted.settle()
    assert [job.request.prompt for job in painted.client.jobs] == ["first", "second", "third"]


def test_a_press_can_be_taken_back_before_it_is_a_job(painted: Studio) -> None:
    gate = held_back(painted)
    click_generate(painted)
    QTest.mouseClick(painted.window.actions_area.cancel, Qt.MouseButton.LeftButton)
    assert not painted.window.jobs.is_busy
    gate.set()
    painted.settle()
    assert not painted.client.requests
    assert not painted.window.actions_area.cancel.isVisible()


def test_the_room_for_a_first_result_is_made_in_the_thread(painted: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copying 64 MP would hold the window for a second and more."""
    document, real = painted.document, Document.add_result
    wanting: list[bool] = []

    def add_result(self: Document, *what: object, **more: object) -> Rect:
        wanting.append(self.wants_buffer)
        return real(self, *what, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Document, "add_result", add_result)
    assert document.wants_buffer
    before = document.picture
    painted.generate()
    painted.finish_job()
    assert wanting == [False]
    expected = np.empty_like(document.picture)
    compose(document.layers, document.bounds, expected)
    np.testing.assert_array_equal(document.picture, expected)
    assert (document.picture != before).any(), "the layer below has its own pixels still"


def test_a_result_whose_canvas_was_turned_lies_where_it_would_have_been_turned_to(painted: Studio) -> None:
    document, shown = painted.document, []
    painted.generate()
    painted.client.advance(5)
    painted.settle()
    (run,) = painted.window.jobs.runs
    document.flip(horizontally=True)
    document.rotate(1)
    painted.window.canvas.set_document(document)
    painted.window.canvas.show_preview = lambda *what: shown.append(what)  # type: ignore[method-assign]
    painted.finish_job()
    frame, since = document.found(run.record.noted), document.since(run.record.noted)
    assert since.turns
    assert {place for place, _, _ in shown} == {frame}
    np.testing.assert_array_equal(shown[-1][1], since.turned(run.job.history[-1].preview))
    assert document.undo_label == "Fill the mask"
    turned = document.layers[-1]
    document.undo(), document.undo(), document.undo()
    painted.window.canvas.set_document(document)
    painted.window.jobs.submit(run.job.request, document.noted(document.frame))
    painted.finish_job()
    plain = document.layers[-1]
    document.flip(horizontally=True)
    document.rotate(1)
    assert turned.place == document.layers[-1].place
    alphas = [layer.pixels[..., 3].astype(int) for layer in (turned, document.layers[-1])]
    np.testing.assert_allclose(*alphas, atol=2)
    assert plain.variations[0].tokens is not None
    assert turned.variations[0].tokens is None


def test_a_result_that_would_reach_over_the_edge_of_a_cropped_canvas_waits_for_a_word(painted: Studio) -> None:
    painted.window.panel.choose_aim(Aim.NEW)
    painted.generate()
    painted.client.advance(5)
    painted.settle()
    painted.document.crop(Rect(0, 0, 450, 400))
    painted.window.canvas.set_document(painted.document)
    before, layers = painted.document.picture.copy(), len(painted.document.layers)
    painted.finish_job()
    np.testing.assert_array_equal(painted.document.picture, before)
    assert painted.document.undo_label == "Crop"
    notice = painted.window.messages.notices[0]
    assert "“New picture”" in notice.message
    assert "kept in the history" in notice.message
    gallery = painted.window.history.desk.gallery
    painted.until(lambda: [entry.prompt for entry in gallery.entries] == ["a 3d fox"])
    notice.actions[0].run()
    painted.until(lambda: len(painted.document.layers) == layers + 1)
    assert painted.document.undo_label == "New picture"


@pytest.mark.parametrize(("crop", "words"), [(Rect(0, 0, 90, 90), "has changed"), (Rect(0, 0, 900, 200), "lies on")])
def test_a_result_of_which_nothing_is_left_is_not_offered(painted: Studio, crop: Rect, words: str) -> None:
    painted.generate()
    painted.client.advance(5)
    painted.settle()
    painted.document.crop(crop)
    painted.window.canvas.set_document(painted.document)
    layers = len(painted.document.layers)
    painted.finish_job()
    assert len(painted.document.layers) == layers
    notice = painted.window.messages.notices[0]
    assert words in notice.message
    assert "kept in the history" in notice.message
    assert not notice.actions
