"""What does not fit into memory is offered smaller, with a button that does it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from muse_studio.client.fake import FakeScript
from muse_studio.client.jobs import JobState, WorkerState
from muse_studio.core.document import Document
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import TO_THE_CPU, choices, smaller_plans
from muse_studio.core.request import EditRequest, Mode
from muse_studio.gui.message_bar import NoticeAction
from muse_studio.gui.sheet import Sheet
from tests.gui.conftest import Studio


@pytest.fixture
def painted(studio: Studio, photo: Path) -> Studio:
    """A studio with a photo, a stroke on it and a prompt."""
    studio.open(photo)
    studio.paint((400, 300), (450, 330), (500, 350))
    studio.type_prompt("a 3d fox")
    return studio


def too_large(request: EditRequest, on_cpu: bool = False) -> MuseStudioError:
    """What the worker says of a request that does not fit."""
    offers = smaller_plans(request, on_cpu)
    message = (
        f"There is not enough memory on NVIDIA GeForce RTX 3050 (4.0 GiB) for a picture of "
        f"{request.size} × {request.size}: {choices(offers, '')}, or close other programs."
    )
    return MuseStudioError(ErrorKind.OUT_OF_MEMORY, message, "", offers)


def fail_for_memory(studio: Studio, on_cpu: bool = False) -> tuple[NoticeAction, ...]:
    """Press Generate, let the job run out of memory, and give back the buttons that are offered."""
    error = too_large(EditRequest(Mode.GENERATE, ""), on_cpu)
    studio.client.script = FakeScript(fail_at=3, error=error)
    studio.generate()
    studio.finish_job()
    studio.client.script = FakeScript()
    return studio.window.messages.notices[0].actions


def buttons(studio: Studio) -> dict[str, QPushButton]:
    return {button.text(): button for button in studio.window.messages.findChildren(QPushButton) if button.isVisible()}


def test_what_does_not_fit_is_offered_smaller_with_a_button_for_each_way(painted: Studio) -> None:
    before = painted.document.picture.copy()
    assert [action.label for action in fail_for_memory(painted)] == ["Try at 256 px", "Try on the CPU"]
    np.testing.assert_array_equal(painted.document.picture, before)
    assert "NVIDIA GeForce RTX 3050" in painted.messages[0]
    assert painted.window.actions_area.generate.isEnabled()


def test_the_smaller_size_is_the_same_request_and_fills_the_same_mask(painted: Studio) -> None:
    before = painted.document.picture.copy()
    fail_for_memory(painted, on_cpu=True)
    first = painted.client.requests[-1]
    QTest.mouseClick(buttons(painted)["Try at 256 px"], Qt.MouseButton.LeftButton)
    painted.settle()
    assert painted.client.requests[-1] == replace(first, size=256)
    assert not painted.messages, "the offer is taken, so its message goes"
    painted.finish_job()
    assert (painted.document.picture[325, 450] != before[325, 450]).any()
    np.testing.assert_array_equal(painted.document.picture[450:], before[450:])
    painted.press(Qt.Key.Key_Z, control=True)
    np.testing.assert_array_equal(painted.document.picture, before)


def test_a_new_picture_at_the_smaller_size_is_one_of_256_pixels(studio: Studio) -> None:
    studio.type_prompt("an owl")
    fail_for_memory(studio)[0].run()
    studio.settle()
    studio.finish_job()
    assert studio.document.picture.shape == (256, 256, 4)


def test_another_device_starts_the_worker_there_and_runs_the_job_again(painted: Studio) -> None:
    action = fail_for_memory(painted)[1]
    first = painted.client.requests[-1]
    action.run()
    painted.until(lambda: painted.client.restarts == 1)
    painted.settle()
    assert painted.client.status.device == "cpu"
    assert painted.client.requests[-1] == first
    assert [job.state for job in painted.client.jobs] == [JobState.RUNNING], "it must not be lost with the old worker"
    label = painted.document.undo_label
    painted.finish_job()
    assert painted.document.undo_label != label


def test_an_offer_for_a_picture_that_is_gone_changes_nothing(painted: Studio) -> None:
    action = fail_for_memory(painted)[0]
    count = len(painted.client.requests)
    painted.window.start_over(Sheet(Document(np.zeros((64, 64, 3), np.uint8)), "Another"))
    action.run()
    painted.settle()
    assert len(painted.client.requests) == count
    assert "not there any more" in painted.messages[0]


def test_a_model_that_does_not_fit_the_gpu_is_offered_on_the_cpu(studio: Studio) -> None:
    message = "There is not enough memory for the model default: choose the CPU as device, or close other programs."
    studio.client.set_status(WorkerState.FAILED, message, offers=(TO_THE_CPU,))
    labels = [action.label for action in studio.window.messages.notices[0].actions]
    assert labels == ["Try on the CPU", "Restart worker"]
    studio.window.messages.notices[0].actions[0].run()
    studio.until(lambda: studio.client.status.device == "cpu")
    assert not studio.messages


@pytest.mark.parametrize("width", [1200, 760])
def test_offers_are_laid_out_inside_their_message_and_over_no_other_word(painted: Studio, width: int) -> None:
    painted.window.resize(width, 700)
    fail_for_memory(painted)
    painted.settle()
    bar = painted.window.messages
    shown = buttons(painted)
    assert set(shown) == {"Try at 256 px", "Try on the CPU"}
    places = [QRect(button.mapTo(bar, QPoint()), button.size()) for button in shown.values()]
    label = next(label for label in bar.findChildren(QLabel) if label.text() == painted.messages[0])
    words = QRect(label.mapTo(bar, QPoint()), label.size())
    for place, button in zip(places, shown.values(), strict=True):
        assert bar.rect().contains(place)
        assert not place.intersects(words)
        assert button.width() >= button.sizeHint().width(), "its label must not be cut off"
    assert not places[0].intersects(places[1])
    assert label.height() >= label.heightForWidth(label.width()), "every line of the message shows"
