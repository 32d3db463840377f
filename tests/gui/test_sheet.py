"""A sheet follows undo, so that a saved picture never claims a request whose result was taken back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from muse_studio.core.brush import Brush
from muse_studio.core.document import Document
from muse_studio.core.geometry import Point
from muse_studio.core.request import EditRequest, Mode
from muse_studio.gui.sheet import NEW_PICTURE_LABEL, Sheet, title_of


def blank() -> Document:
    return Document(np.full((600, 600, 3), 200, np.uint8))


def request(prompt: str) -> EditRequest:
    return EditRequest(mode=Mode.GENERATE, prompt=prompt)


def undo(sheet: Sheet) -> None:
    label = sheet.document.undo_label
    sheet.document.undo()
    sheet.undo_passed(label)


def redo(sheet: Sheet) -> None:
    label = sheet.document.redo_label
    sheet.document.redo()
    sheet.redo_passed(label)


def result(sheet: Sheet, prompt: str) -> None:
    sheet.document.replace_picture(np.zeros((512, 512, 3), np.uint8), NEW_PICTURE_LABEL)
    sheet.note_result(request(prompt))


def stroke(sheet: Sheet) -> None:
    sheet.document.begin_stroke(Brush(20.0, 1.0, 1.0))
    sheet.document.stroke_to(Point(100, 100))
    sheet.document.end_stroke()


def test_undo_and_redo_move_the_request_and_nothing_else() -> None:
    sheet = Sheet(blank(), "photo.png", Path("photo.png"))
    result(sheet, "a fox")
    stroke(sheet)
    result(sheet, "an owl")
    assert sheet.request == request("an owl")
    undo(sheet)
    undo(sheet)
    assert sheet.request == request("a fox")
    undo(sheet)
    assert sheet.request is None
    assert (sheet.title, sheet.path) == ("photo.png", Path("photo.png"))
    redo(sheet)
    redo(sheet)
    redo(sheet)
    assert sheet.request == request("an owl")
    assert (sheet.title, sheet.path) == ("photo.png", Path("photo.png"))


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
