"""A sheet follows undo, so that a saved picture never claims a request whose result was taken back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from muse_studio.core.brush import Brush
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.layers import Variation
from muse_studio.core.request import EditRequest, Mode
from muse_studio.gui.sheet import Sheet, title_of


def blank() -> Document:
    return Document(np.full((600, 600, 3), 200, np.uint8))


def result(sheet: Sheet, request: EditRequest, variation: int = 0) -> None:
    run = sheet.runs.begin(request, sheet.document.frame)
    facts = {"request": request.settings(), "run": run.id, "variation": variation}
    made = Variation(np.full((64, 64, 4), 255, np.uint8), facts)
    sheet.document.add_result(Rect(0, 0, 64, 64), [made], request.prompt, "New picture")


def stroke(sheet: Sheet) -> None:
    sheet.document.begin_stroke(Brush(20.0, 1.0, 1.0))
    sheet.document.stroke_to(Point(100, 100))
    sheet.document.end_stroke()


def test_the_request_is_that_of_the_result_that_shows() -> None:
    sheet = Sheet(blank(), "photo.png", Path("photo.png"))
    fox, owl = (EditRequest(Mode.GENERATE, prompt) for prompt in ("a fox", "an owl"))
    assert sheet.request is None
    result(sheet, fox)
    stroke(sheet)
    result(sheet, owl)
    assert sheet.request == owl
    sheet.document.undo()
    sheet.document.undo()
    assert sheet.request == fox
    sheet.document.undo()
    assert sheet.request is None
    for _ in range(3):
        sheet.document.redo()
    assert sheet.request == owl
    sheet.document.change_layer(sheet.document.active, "Hide layer", visible=False)
    assert sheet.request == fox


def test_a_variation_has_its_own_seed_and_a_forgotten_run_leaves_the_settings() -> None:
    sheet = Sheet(blank(), "x")
    result(sheet, EditRequest(Mode.GENERATE, "a fox", seed=7, count=3), variation=2)
    assert sheet.request is not None
    assert sheet.request.seed == 9
    sheet.runs.remove(sheet.runs.runs[0])
    assert sheet.request is not None
    assert (sheet.request.prompt, sheet.request.count) == ("a fox", 3)


def test_what_was_changed_while_it_was_saved_is_still_unsaved() -> None:
    sheet = Sheet(blank(), "photo.png", is_new=True)
    version = sheet.snapshot().version
    stroke(sheet)
    sheet.note_saved(Path("saved.ora"), None, version)
    assert (sheet.path, sheet.title) == (Path("saved.ora"), "saved.ora")
    assert sheet.is_unsaved
    sheet.note_saved(Path("saved.ora"), None, sheet.snapshot().version)
    assert not sheet.is_unsaved


def test_a_sheet_is_unsaved_until_it_is_saved_and_after_every_change() -> None:
    sheet = Sheet(blank(), "x", is_new=True)
    assert sheet.is_unsaved
    sheet.mark_saved()
    assert not sheet.is_unsaved
    stroke(sheet)
    assert sheet.is_unsaved


def test_titles_are_one_short_line() -> None:
    assert title_of("  a\n fox ") == "a fox"
    assert title_of("") == "Untitled"
    assert len(title_of("long " * 100)) <= 41
