"""Branches of a step ask for what was typed and become runs of their own; runs are named, removed, brought back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from muse_studio.core.composite import frame_picture
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.request import EditRequest, Mode, Reached
from muse_studio.core.runs import Branch
from muse_studio.core.wishes import Aim
from muse_studio.gui.aim_bar import COMMANDS
from muse_studio.gui.timeline.branch_dialog import BranchDialog
from muse_studio.gui.timeline.words import run_title, run_words
from tests.core.decodes import record
from tests.gui.conftest import Studio
from tests.gui.timeline.hand import LEFT, dialog_of, run_of, screened, seek, state

Pixels = NDArray[np.uint8]

# Branching -----------------------------------------------------------------------------------------------------------


def test_branch_here_asks_for_what_was_typed_and_makes_another_run(made: Studio) -> None:
    parent = run_of(made)
    seek(made, 8)
    QTest.mouseClick(made.window.timeline.panel.branch, LEFT)
    dialog = dialog_of(made, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    dialog.prompt.selectAll()
    QTest.keyClicks(dialog.prompt, "a lion")
    dialog.seed.selectAll()
    QTest.keyClicks(dialog.seed, "77")
    dialog.base.setValue(3.5)
    QTest.mouseClick(dialog.go, LEFT)
    made.until(lambda: len(made.client.requests) == 2)
    request = made.client.requests[-1]
    assert request.mode is Mode.CONTINUE
    assert (request.prompt, request.seed, request.base.guidance) == ("a lion", 77, 3.5)
    assert request.tokens == parent.steps[0][8].tokens
    made.finish_job()
    branch = run_of(made)
    assert branch.parent == Branch(parent.id, 0, 8)
    assert len(branch.steps[0]) == 32 - 9
    tree = state(made).tree
    assert tree is not None
    assert [depth for depth, _ in tree.walk()] == [0, 1]
    assert run_words(branch, tree).startswith("From step 9")
    made.window.timeline.panel.strip.grab()


def test_with_nothing_changed_the_branch_is_the_same_decode(made: Studio) -> None:
    parent = run_of(made)
    seek(made, 8)
    made.window.commands["branch"].trigger()
    dialog = dialog_of(made, BranchDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    made.until(lambda: len(made.client.requests) == 2)
    made.finish_job()
    for before, after in zip(parent.steps[0][9:], run_of(made).steps[0], strict=True):
        assert before.tokens == after.tokens


def test_the_mask_now_is_offered_where_something_is_painted(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (500, 350))
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    frame = run_of(studio).frame
    before = studio.client.requests[-1].mask
    studio.paint((300, 420), (360, 420))
    studio.document.set_frame(frame.translate(30, 0))
    moved = studio.document.frame
    seek(studio, 10)
    studio.window.commands["branch"].trigger()
    dialog = dialog_of(studio, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    assert dialog.new_mask.isEnabled()
    dialog.new_mask.setFocus()
    QTest.keyClick(dialog.new_mask, Qt.Key.Key_Space)
    QTest.mouseClick(dialog.go, LEFT)
    studio.until(lambda: len(studio.client.requests) == 2)
    request = studio.client.requests[-1]
    assert request.mask is not None
    assert before is not None
    assert (request.mask > 0).sum() > (before > 0).sum(), "both strokes, seen through the run's frame"
    assert studio.document.frame == moved
    studio.finish_job()


def test_an_earlier_run_is_shown_and_branched_where_it_lies_after_the_canvas_has_moved(
    studio: Studio, photo: Path
) -> None:
    studio.open(photo)
    studio.paint((400, 300), (500, 350))
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    made_at = studio.document.layers[-1].place
    studio.document.resize_canvas(Rect(-100, -40, 1000, 740))  # more room at the left and the top
    studio.document.crop(Rect(30, 10, 900, 700))
    studio.window.refresh()
    run = run_of(studio)
    seek(studio, 8)
    held = studio.window.canvas._held
    studio.window.commands["branch"].trigger()
    dialog = dialog_of(studio, BranchDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    studio.until(lambda: len(studio.client.requests) == 2)
    studio.finish_job()
    assert held is not None
    assert held.frame == run.frame.translate(70, 30)
    assert studio.document.layers[-1].place == made_at.translate(70, 30)
    assert run_of(studio).frame == run.frame  # noted in the same coordinates


@pytest.mark.parametrize("change", ["quarter", "mirrored", "half the size"])
def test_after_a_turn_of_the_canvas_a_run_is_shown_and_branched_as_the_canvas_stands(
    studio: Studio, photo: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[Rect, Pixels, Pixels]] = []
    hold = studio.window.canvas.hold_preview
    monkeypatch.setattr(studio.window.canvas, "hold_preview", lambda *what: (shown.append(what), hold(*what)))
    studio.window.timeline.screen.rest_s = None
    studio.open(photo)
    studio.paint((400, 300), (500, 350))
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    run, document = run_of(studio), studio.document
    seek(studio, 8)
    state(studio).leave()
    if change == "quarter":
        document.rotate(1)
    elif change == "mirrored":
        document.flip(horizontally=True)
    else:
        document.scale(Extent(document.extent.width // 2, document.extent.height // 2))
    studio.window.refresh()
    frame, since = document.found(run.noted), document.since(run.noted)
    assert frame == document.frame != run.frame or change == "mirrored"
    seek(studio, 8)
    (_, before, alpha), (place, after, seen) = shown
    assert place == frame
    np.testing.assert_array_equal(after, since.turned(before))
    if since.turns:
        np.testing.assert_allclose(seen.astype(int), since.turned(alpha).astype(int), atol=1)  # blurred along x first
    result = document.layers[-1]
    studio.window.commands["branch"].trigger()
    dialog = dialog_of(studio, BranchDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    studio.until(lambda: len(studio.client.requests) == 2)
    studio.finish_job()
    again = document.layers[-1]
    assert again is not result
    assert (again.variations[0].tokens is None) == since.turns  # tokens belong to pixels as they were made
    assert run_of(studio).noted == run.noted
    if since.turns:  # the same decode on the same ground: it lies on its parent's result, as that was turned
        assert again.place == result.place
        first, second = (premultiplied(layer.variations[0].pixels) for layer in (result, again))
        assert np.abs(first - second).mean() < 0.1  # scaled along x first: noise is clipped otherwise


def test_the_mask_now_is_seen_as_the_run_saw_its_picture(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    studio.paint((400, 300), (500, 350))
    studio.type_prompt("a fox")
    studio.generate()
    studio.finish_job()
    run, document = run_of(studio), studio.document
    document.rotate(1)
    studio.window.refresh()
    seek(studio, 10)
    studio.window.commands["branch"].trigger()
    dialog = dialog_of(studio, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    dialog.new_mask.setFocus()
    QTest.keyClick(dialog.new_mask, Qt.Key.Key_Space)
    QTest.mouseClick(dialog.go, LEFT)
    studio.until(lambda: len(studio.client.requests) == 2)
    first, again = studio.client.requests
    assert first.mask is not None
    assert again.mask is not None
    np.testing.assert_array_equal(again.mask > 0, first.mask > 0)  # the same stroke: it was turned with the canvas
    assert again.picture is not None
    assert document.found(run.noted) == document.frame
    np.testing.assert_array_equal(
        document.since(run.noted).turned(again.picture), frame_picture(document, run.request.frame_side)
    )
    studio.finish_job()


def premultiplied(rgba: Pixels) -> NDArray[np.float64]:
    """Colours as far as they are seen, and how far that is."""
    return np.concatenate([rgba[..., :3] * (rgba[..., 3:] / 255), rgba[..., 3:]], axis=-1)


def test_without_a_mask_the_one_of_now_is_not_offered(made: Studio) -> None:
    seek(made, 8)
    made.window.commands["branch"].trigger()
    dialog = dialog_of(made, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    assert not dialog.new_mask.isEnabled()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    made.settle()
    assert len(made.client.requests) == 1


def test_an_edit_goes_on_from_an_iteration_with_other_words(made: Studio) -> None:
    made.window.commands[COMMANDS[Aim.EDIT]].trigger()
    made.type_prompt("an owl")
    made.generate()
    made.finish_job()
    parent, whole = run_of(made), made.client.requests[-1]
    assert whole.mode is Mode.EDIT
    seek(made, 8)
    assert "38 % decided" in made.window.timeline.panel.facts.text(), "9 of 24 iterations"
    made.window.commands["branch"].trigger()
    dialog = dialog_of(made, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    assert any("9 of 24 iterations" in label.text() for label in dialog.findChildren(QLabel))
    assert not dialog.new_mask.isEnabled()
    assert "whole picture" in dialog.new_mask.toolTip()
    dialog.prompt.selectAll()
    QTest.keyClicks(dialog.prompt, "a lion")
    QTest.mouseClick(dialog.go, LEFT)
    made.until(lambda: len(made.client.requests) == 3)
    request = made.client.requests[-1]
    step = parent.steps[0][8]
    assert step.tokens is not None
    assert request == replace(whole, prompt="a lion", reached=Reached(step.tokens.base.tokens, 9))
    made.finish_job()
    assert run_of(made).parent == Branch(parent.id, 0, 8)
    assert len(run_of(made).steps[0]) == len(parent.steps[0]) - 9


def test_steps_of_a_roll_again_are_no_places_to_branch(made: Studio) -> None:
    assert made.window.sheet is not None
    picture = np.zeros((512, 512, 3), np.uint8)
    record(made.window.sheet.runs, EditRequest(Mode.REROLL, "an owl", picture=picture))
    made.settle()
    assert not made.window.timeline.panel.branch.isEnabled()
    assert "whole picture" in made.window.timeline.panel.branch.toolTip()


# The tree ------------------------------------------------------------------------------------------------------------


def test_a_run_is_chosen_renamed_removed_and_brought_back(made: Studio) -> None:
    first = run_of(made)
    made.type_prompt("an owl")
    made.generate()
    made.finish_job()
    second, runs = run_of(made), made.window.timeline.panel.runs
    assert runs.topLevelItemCount() == 2
    QTest.mouseClick(runs.viewport(), LEFT, pos=runs.visualItemRect(runs.topLevelItem(0)).center())
    made.until(lambda: screened(made))
    assert run_of(made) is first
    made.window.sheet.runs.rename(first, "The best fox")  # type: ignore[union-attr]
    assert runs.topLevelItem(0).text(0) == "The best fox"
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    made.settle()
    assert run_of(made) is second
    assert runs.topLevelItemCount() == 1
    notice = made.window.messages.notices[0]
    assert "The best fox" in notice.message
    notice.actions[0].run()
    assert runs.topLevelItemCount() == 2


def test_a_name_is_typed_in_place(made: Studio) -> None:
    runs = made.window.timeline.panel.runs
    runs.setFocus()
    runs.rename()
    editor = runs.findChild(type(made.window.panel.seed.number))
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "Evening fox")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    made.settle()
    assert run_title(run_of(made)) == "Evening fox"


def test_only_steps_that_are_seen_are_fetched(made: Studio) -> None:
    assert made.window.sheet is not None
    tree = made.window.sheet.runs
    for _ in range(5):
        record(tree, EditRequest(Mode.GENERATE, "many", count=4), base_steps=40, superres_steps=24)
    made.settle()
    asked: list[tuple[int, int]] = []
    darkroom, fetch = made.window.timeline._darkroom, made.window.timeline._darkroom.thumb
    darkroom.thumb = lambda run, variation, step, side_px=None: (  # type: ignore[method-assign]
        asked.append((variation, step)),
        fetch(run, variation, step, side_px),
    )[1]
    strip = made.window.timeline.panel.strip
    strip.grab()
    seen = strip.viewport().width() // strip.cell(0, 0).width() + 3
    assert 0 < len(asked) <= 4 * seen
    assert len(asked) < 4 * 64 / 2
