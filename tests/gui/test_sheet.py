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


def test_undo_and_redo_move_the_request_and_the_name() -> None:
    sheet = Sheet(blank(), "photo.png", Path("photo.png"))
    result(sheet, "a fox")
    stroke(sheet)
    result(sheet, "an owl")
    assert (sheet.title, sheet.path) == ("an owl", None)
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
    assert sheet.title == "an owl"


def test_saving_a_new_picture_never_writes_over_the_older_file() -> None:
    sheet = Sheet(blank(), "photo.png")
    sheet.mark_saved(Path("saved.png"))
    result(sheet, "a fox")
    assert sheet.path is None


def test_a_sheet_is_unsaved_until_it_is_saved_and_after_every_change() -> None:
    sheet = Sheet(blank(), "x", is_new=True)
    assert sheet.is_unsaved
    sheet.mark_saved(Path("x.png"))
    assert not sheet.is_unsaved
    stroke(sheet)
    assert sheet.is_unsaved


def test_titles_are_one_short_line() -> None:
    assert title_of("  a\n fox ") == "a fox"
    assert title_of("") == "Untitled"
    assert len(title_of("long " * 100)) <= 41
