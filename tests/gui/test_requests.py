"""What an artist wants becomes a request, and what comes of it a layer: pure, without a window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from muse_studio.client.fake import fake_result
from muse_studio.client.jobs import JobResult
from muse_studio.core.composite import FEATHER_PX, outside_in_frame
from muse_studio.core.document import Document
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.limits import PICTURE_SIDE_LIMIT_PX
from muse_studio.core.masks import dilate
from muse_studio.core.request import Mode, StagePlan
from muse_studio.core.wishes import Aim, Wishes
from muse_studio.gui.landing import land, put_down
from muse_studio.gui.requests import (
    FRAME_INSIDE,
    MASK_OUTSIDE,
    NO_MASK,
    NO_PICTURE,
    Asked,
    ask,
    going_on,
    suggested,
    tokens_in_frame,
    why_not,
)
from tests.gui.conftest import noise

EDIT = StagePlan(60, 1.5)
WISHES = Wishes("a fox", "rain", seed=7, base=StagePlan(12), strength=0.6, share=0.2, count=2, edit=EDIT)


def a_document(width: int = 900, height: int = 700, frame: Rect | None = None) -> Document:
    document = Document(noise(height, width))
    document.set_frame(frame or Rect(100, 80, 512, 512))
    return document


def paint(document: Document, rect: Rect) -> None:
    mask = document.mask.copy()
    mask[rect.slices] = 255
    document.set_mask(mask)


def made(asked: Asked, edited: np.ndarray | None = None) -> list[JobResult]:  # type: ignore[type-arg]
    """Results as the fake client makes them, one of each seed."""
    base = np.arange(256, dtype=np.int32).reshape(16, 16)
    one = replace(fake_result(asked.request), base_tokens=base, edited=edited)
    return [replace(one, variation=number) for number in range(asked.request.count)]


def down(document: Document, asked: Asked, edited: np.ndarray | None = None) -> Rect:  # type: ignore[type-arg]
    landed = land(asked, made(asked, edited), {"run": "r", "model": "m"})
    assert landed is not None
    return put_down(document, asked, landed, "a fox", "Fill the mask")


def test_what_can_be_done_depends_on_picture_mask_and_frame_and_says_why_not() -> None:
    assert [aim for aim in Aim if not why_not(aim, None)] == [Aim.NEW]
    assert {why_not(aim, None) for aim in Aim} == {"", NO_PICTURE}
    document = a_document()
    assert suggested(document) is Aim.NEW
    assert why_not(Aim.FILL, document) == NO_MASK
    assert why_not(Aim.EXTEND, document) == FRAME_INSIDE
    assert {why_not(aim, document) for aim in (Aim.EDIT, Aim.REROLL, Aim.RETEXTURE)} == {""}
    paint(document, Rect(0, 0, 40, 40))
    assert suggested(document) is Aim.FILL
    assert why_not(Aim.FILL, document) == MASK_OUTSIDE
    paint(document, Rect(200, 200, 40, 40))
    assert why_not(Aim.FILL, document) == ""
    document.set_frame(Rect(600, 80, 512, 512))
    assert suggested(document) is Aim.EXTEND
    assert why_not(Aim.EXTEND, document) == ""


@pytest.mark.parametrize(
    ("aim", "mode", "picture", "mask"),
    [
        (Aim.NEW, Mode.GENERATE, False, False),
        (Aim.FILL, Mode.INPAINT, True, True),
        (Aim.EDIT, Mode.EDIT, True, False),
        (Aim.REROLL, Mode.REROLL, True, True),
        (Aim.RETEXTURE, Mode.RETEXTURE, True, True),
    ],
)
def test_each_aim_is_a_request_of_its_mode_with_what_it_works_on(
    aim: Aim, mode: Mode, picture: bool, mask: bool
) -> None:
    document = a_document()
    paint(document, Rect(200, 200, 90, 60))
    asked = ask(document, replace(WISHES, size=256), aim)
    request = asked.request
    assert (request.mode, request.picture is not None, request.mask is not None) == (mode, picture, mask)
    assert (request.prompt, request.negative_prompt, request.seed, request.count) == ("a fox", "rain", 7, 2)
    assert (request.strength, request.share) == (0.6, 0.2)
    assert request.size == (512 if aim is Aim.RETEXTURE else 256)
    assert request.base == (EDIT if aim is Aim.EDIT else StagePlan(12))
    assert asked.frame == document.frame


def test_without_a_picture_a_new_one_is_as_large_as_it_is_made() -> None:
    assert ask(None, replace(WISHES, size=256), Aim.NEW).frame == Rect(0, 0, 256, 256)


def test_what_lies_outside_the_canvas_is_unknown_to_the_model() -> None:
    document = a_document(frame=Rect(600, -100, 512, 512))
    asked = ask(document, WISHES, Aim.EXTEND)
    outside = outside_in_frame(document.frame, document.extent)
    assert (outside[:100] == 255).all()
    assert (outside[100:, :300] == 0).all()
    assert (outside[:, 300:] == 255).all()
    np.testing.assert_array_equal(asked.request.mask, outside)
    assert asked.request.strength == 1.0
    assert asked.reaches_over


def test_extending_grows_the_canvas_in_one_undo_step_and_keeps_what_was_there() -> None:
    document = a_document(frame=Rect(600, -100, 512, 512))
    before = document.picture.copy()
    asked = ask(document, WISHES, Aim.EXTEND)
    down(document, asked)
    assert (document.extent.width, document.extent.height) == (1112, 800)
    assert document.frame == Rect(600, 0, 512, 512), "the frame stays where it was on the picture"
    assert len(document.layers[-1].variations) == 2
    far = dilate(asked.request.mask, FEATHER_PX + 1) == 0  # type: ignore[arg-type]
    kept = np.ones(before.shape[:2], bool)
    kept[0:412, 600:900] = far[100:, :300]
    np.testing.assert_array_equal(document.picture[100:, :900][kept], before[kept])
    assert (document.picture[:400, 950:, 3] == 255).all(), "what is new is opaque"
    document.undo()
    assert document.extent.width == 900
    np.testing.assert_array_equal(document.picture, before)
    assert document.can_undo is False


def test_an_extension_beyond_the_limits_is_refused_before_anything_runs() -> None:
    document = Document(np.zeros((64, PICTURE_SIDE_LIMIT_PX, 3), np.uint8))
    document.set_frame(Rect(PICTURE_SIDE_LIMIT_PX - 32, 0, 512, 512))
    with pytest.raises(MuseStudioError):
        ask(document, WISHES, Aim.EXTEND)


@pytest.mark.parametrize("side", [512, 300, 640])
def test_a_fill_changes_nothing_outside_its_mask_and_feather(side: int) -> None:
    """Law 1, also where the frame is scaled and reaches over an edge; the canvas stays as it is."""
    document = a_document(frame=Rect(900 - side // 2, 40, side, side))
    paint(document, Rect(760, 200, 140, 50))
    before, mask = document.picture.copy(), document.mask.copy()
    down(document, ask(document, WISHES, Aim.FILL))
    assert document.extent.width == 900
    far = dilate(mask, FEATHER_PX * side / 512 + 1) == 0
    np.testing.assert_array_equal(document.picture[far], before[far])
    assert (document.picture[mask == 255] != before[mask == 255]).any()
    layer = document.layers[-1]
    assert layer.place.area < side * side / 3, "a layer holds no more than it needs"


def test_an_edit_changes_the_cells_that_it_names() -> None:
    document = a_document()
    before = document.picture.copy()
    edited = np.zeros((512, 512), np.uint8)
    edited[64:128, 96:160] = 255
    down(document, ask(document, WISHES, Aim.EDIT), edited)
    changed = (document.picture != before).any(2)
    allowed = np.zeros_like(changed)
    allowed[80:592, 100:612] = dilate(edited, FEATHER_PX + 1) > 0
    assert changed[80 + 96, 100 + 128]
    assert not changed[~allowed].any()


def test_an_edit_that_changed_nothing_is_no_layer() -> None:
    asked = ask(a_document(), WISHES, Aim.EDIT)
    assert land(asked, made(asked, np.zeros((512, 512), np.uint8)), {}) is None


def test_what_a_layer_was_made_of_lies_beside_it() -> None:
    document = a_document()
    down(document, ask(document, WISHES, Aim.NEW))
    layer = document.layers[-1]
    facts: Any = layer.variations[1].facts
    assert layer.place == document.frame
    assert (facts["run"], facts["variation"], facts["seed"]) == ("r", 1, 8)
    assert facts["request"] == ask(document, WISHES, Aim.NEW).request.settings()
    assert layer.variations[1].tokens is not None


def test_going_on_begins_from_the_tokens_of_the_chosen_variation_while_they_are_what_is_seen() -> None:
    document = a_document()
    down(document, ask(document, WISHES, Aim.NEW))
    layer = document.layers[-1]
    for aim in (Aim.EDIT, Aim.REROLL, Aim.RETEXTURE):
        request = ask(document, WISHES, aim).request
        assert request.picture is None
        assert request.tokens == layer.variations[0].tokens
    document.set_frame(document.frame.translate(8, 0))
    assert tokens_in_frame(document) is None, "another frame shows something else"
    document.set_frame(Rect(100, 80, 512, 512))
    assert tokens_in_frame(document) is not None
    document.change_layer(layer.id, "Layer opacity", opacity=0.5)
    assert tokens_in_frame(document) is None
    document.undo()
    document.add_layer(np.full((20, 20, 4), 255, np.uint8), Rect(150, 150, 20, 20), "dot")
    assert tokens_in_frame(document) is None, "the dot is active"
    document.set_active(layer.id)
    assert tokens_in_frame(document) is None, "the dot lies over it"


def test_the_tokens_of_a_fill_are_of_use_only_over_what_it_was_made_over() -> None:
    document = a_document()
    down(document, ask(document, WISHES, Aim.NEW))
    below = document.layers[-1]
    paint(document, Rect(200, 200, 90, 60))
    down(document, ask(document, WISHES, Aim.FILL))
    assert tokens_in_frame(document) == document.layers[-1].variations[0].tokens
    document.change_layer(below.id, "Choose variation", chosen=1)
    assert tokens_in_frame(document) is None


def test_a_branch_belongs_where_its_run_was() -> None:
    document = a_document()
    paint(document, Rect(200, 200, 90, 60))
    fill = ask(document, WISHES, Aim.FILL)
    frame = document.frame
    document.set_frame(Rect(0, 0, 512, 512))
    asked = going_on(document, fill.request, document.noted(frame))
    assert (asked.aim, asked.frame) == (None, frame)
    before = document.picture.copy()
    down(document, asked)
    assert (document.picture[220, 240] != before[220, 240]).any()
    np.testing.assert_array_equal(document.picture[:100], before[:100])
