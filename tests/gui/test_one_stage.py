"""Models of one stage, at 512 and at 1,024 px: everything that an artist does with our own is done with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest

from muse_studio.core.composite import FEATHER_PX
from muse_studio.core.geometry import Rect
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.core.request import Mode
from muse_studio.core.wishes import Aim
from muse_studio.gui import live
from muse_studio.gui.aim_bar import COMMANDS
from muse_studio.gui.canvas.frame import frame_label
from muse_studio.gui.canvas.legend import legend_lines
from muse_studio.gui.export_page import ExportPage
from muse_studio.gui.timeline.branch_dialog import BranchDialog
from muse_studio.ipc.messages import ModelInfo
from tests.client.models import AMUSED, MEISSONIC, MONETICO, OURS
from tests.gui.conftest import Pixels, Studio, noise
from tests.gui.timeline.hand import LEFT, dialog_of, run_of, seek

BOTH = pytest.mark.parametrize("model", [AMUSED, MEISSONIC], ids=lambda model: str(model.name))


def use(studio: Studio, model: ModelInfo) -> None:
    """The worker is started again with another model."""
    studio.client.plays = model
    studio.client.crash()
    studio.settle()


def make(studio: Studio, words: str = "a fox") -> None:
    studio.type_prompt(words)
    studio.generate()
    studio.finish_job()


def far_from(mask: Pixels, distance: int) -> np.ndarray:  # type: ignore[type-arg]
    """Where no painted pixel is near."""
    rows, columns = np.nonzero(mask)
    far = np.ones(mask.shape, bool)
    top, left = max(0, rows.min() - distance), max(0, columns.min() - distance)
    far[top : rows.max() + distance + 1, left : columns.max() + distance + 1] = False
    return far


@pytest.fixture
def large_photo(tmp_path: Path) -> Path:
    """A PNG of 1,300 × 1,100 px."""
    path = tmp_path / "large.png"
    path.write_bytes(encode_png(noise(1100, 1300), {}))
    return path


# What the panel offers ----------------------------------------------------------------------------------------------


def test_the_panel_offers_what_the_model_makes_and_says_what_is_its_own(studio: Studio) -> None:
    panel, fields = studio.window.panel, studio.window.panel.advanced.fields
    panel.advanced_section.button.setChecked(True)
    use(studio, AMUSED)
    assert panel.size_px.button(256).isVisible()
    assert panel.size_px.value == 512
    assert not any(box.isVisible() for (stage, _), box in fields.items() if stage == "superres")
    assert fields["base", "guidance"].specialValueText() == "own: 19"
    assert "to 20;" in fields["base", "guidance"].toolTip()
    assert fields["base", "steps"].accessibleName() == "Steps"
    use(studio, MEISSONIC)
    assert [button.text() for button in panel.size_px._group.buttons()] == ["1024 px"]
    assert panel.size_px.value == 1024
    assert fields["base", "steps"].specialValueText() == "own: 64"
    use(studio, OURS)
    assert panel.size_px.value == 512
    assert fields["superres", "steps"].isVisible()
    assert fields["superres", "steps"].specialValueText() == "own: 8"
    assert fields["base", "steps"].accessibleName() == "Composition: Steps"


def test_new_detail_is_not_to_be_had_and_the_button_says_why(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    action = studio.window.commands[COMMANDS[Aim.RETEXTURE]]
    assert action.isEnabled()
    use(studio, AMUSED)
    assert not action.isEnabled()
    button = studio.window.panel.aims.buttons[Aim.RETEXTURE]
    assert not button.isEnabled()
    assert "one stage" in button.toolTip()
    use(studio, OURS)
    assert action.isEnabled()


def test_a_size_that_the_model_lacks_is_its_own_in_words_and_comes_back(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    use(studio, OURS)
    QTest.mouseClick(studio.window.panel.size_px.button(256), LEFT)
    use(studio, MEISSONIC)
    assert any("no pictures of 256 px" in message for message in studio.messages)
    make(studio)
    assert studio.client.requests[-1].size == 1024
    use(studio, OURS)
    assert studio.window.panel.size_px.value == 256
    assert studio.window.panel.wishes().size == 256


def test_the_models_own_size_is_that_of_whichever_is_used(studio: Studio, photo: Path) -> None:
    studio.open(photo)
    use(studio, MEISSONIC)
    make(studio)
    assert studio.client.requests[-1].size == 1024
    assert studio.document.wishes.size is None
    use(studio, AMUSED)
    assert studio.messages == []
    make(studio)
    assert studio.client.requests[-1].size == 512


@BOTH
def test_cells_and_label_are_those_of_the_model(studio: Studio, photo: Path, model: ModelInfo) -> None:
    studio.open(photo)
    use(studio, model)
    canvas = studio.window.canvas
    canvas.show_cells = True
    studio.paint((300, 300), (304, 300))
    canvas.grab()
    assert canvas._cells is not None
    assert canvas._cells.base.shape == (model.base_grid, model.base_grid)
    assert canvas._cells.detail is None
    assert f"of {model.base_grid**2} cells" in legend_lines(canvas._cells)[0]
    assert len(legend_lines(canvas._cells)) == 1
    assert frame_label(Rect(0, 0, 700, 700), canvas.sight.side_px).endswith(f"→  {model.sizes[0]}")


# What an artist does ------------------------------------------------------------------------------------------------


@BOTH
def test_a_picture_is_made_filled_and_edited_in_the_models_own_grid(studio: Studio, model: ModelInfo) -> None:
    use(studio, model)
    side, grid = model.sizes[0], model.base_grid
    make(studio)
    assert (studio.document.extent.width, studio.document.extent.height) == (side, side)
    tokens = studio.document.layers[-1].variations[0].tokens
    assert tokens is not None
    assert (tokens.base.tokens.shape, tokens.superres) == ((grid, grid), None)

    before = studio.document.picture.copy()
    studio.paint((0.3 * side, 0.3 * side), (0.45 * side, 0.4 * side))
    mask = studio.document.mask.copy()
    make(studio, "a cat")
    request = studio.client.requests[-1]
    assert (request.mode, request.size) == (Mode.INPAINT, side)
    assert request.picture is not None
    assert request.picture.shape == (side, side, 3)
    np.testing.assert_array_equal(request.mask, mask)
    after = studio.document.picture
    assert (after[mask > 0] != before[mask > 0]).any()
    far = far_from(mask, round(FEATHER_PX))
    np.testing.assert_array_equal(after[far], before[far])

    studio.window.commands[COMMANDS[Aim.EDIT]].trigger()
    make(studio, "a dog")
    request = studio.client.requests[-1]
    assert request.mode is Mode.EDIT
    assert request.tokens is not None
    assert len(request.tokens.base.tokens) == grid


@BOTH
def test_outside_the_mask_a_photo_keeps_its_bytes_at_any_frame(
    studio: Studio, large_photo: Path, model: ModelInfo
) -> None:
    studio.open(large_photo)
    use(studio, model)
    studio.document.set_frame(Rect(150, 90, 700, 700))  # neither side is the model's
    before = studio.document.picture.copy()
    studio.paint((400, 400), (500, 430))
    mask = studio.document.mask.copy()
    make(studio)
    request, after = studio.client.requests[-1], studio.document.picture
    assert request.frame_side == model.sizes[0]
    far = far_from(mask, round(FEATHER_PX * 700 / request.frame_side) + 4)
    np.testing.assert_array_equal(after[far], before[far])
    assert (after[430, 500] != before[430, 500]).any()


@BOTH
def test_a_photo_is_extended_and_keeps_its_bytes(studio: Studio, large_photo: Path, model: ModelInfo) -> None:
    studio.open(large_photo)
    use(studio, model)
    side = model.sizes[0]
    before = studio.document.picture.copy()
    studio.document.set_frame(Rect(1300 - side // 2, 20, side, side))
    studio.window.refresh()
    make(studio)
    request = studio.client.requests[-1]
    assert request.mask is not None
    assert (request.mask[:, side // 2 :] == 255).all()
    assert (request.mask[:, : side // 2 - 2] == 0).all()
    assert studio.document.extent.width == 1300 + side // 2
    kept = 1300 - round(FEATHER_PX) - 1
    np.testing.assert_array_equal(studio.document.picture[:, :kept], before[:, :kept])


def test_the_frame_is_exported_at_the_models_size(studio: Studio, large_photo: Path, tmp_path: Path) -> None:
    studio.open(large_photo)
    use(studio, MEISSONIC)
    studio.window.commands["export"].trigger()
    page = dialog_of(studio, ExportPage)
    assert isinstance(page, ExportPage)
    assert "1024 × 1024 px" in page.frame.text()
    page.frame.setChecked(True)
    choice = page.choice()
    page.reject()
    studio.settle()
    target = tmp_path / "frame.png"
    assert studio.run(studio.window.exports.write(target, choice))
    assert open_picture(target).pixels.shape[:2] == (1024, 1024)


# The timeline -------------------------------------------------------------------------------------------------------


@BOTH
def test_steps_are_scrubbed_branched_saved_and_come_back(studio: Studio, tmp_path: Path, model: ModelInfo) -> None:
    use(studio, model)
    make(studio)
    parent = run_of(studio)
    assert len(parent.steps[0]) == 24, "one stage only"
    seek(studio, 8)
    assert "Step 9 of 24" in studio.window.timeline.panel.facts.text()
    held = studio.window.canvas._held
    assert held is not None
    assert held.frame.width == model.sizes[0]
    studio.window.commands["branch"].trigger()
    dialog = dialog_of(studio, BranchDialog)
    assert isinstance(dialog, BranchDialog)
    assert not dialog.superres.isVisible()
    QTest.mouseClick(dialog.go, LEFT)
    studio.until(lambda: len(studio.client.requests) == 2)
    request = studio.client.requests[-1]
    assert (request.mode, request.size) == (Mode.CONTINUE, model.sizes[0])
    assert request.tokens == parent.steps[0][8].tokens
    studio.finish_job()
    assert len(run_of(studio).steps[0]) == 24 - 9

    target = tmp_path / "saved.ora"
    assert studio.run(studio.window.files.save_to(target))
    saved = studio.window.sheet
    assert saved is not None
    before = saved.runs.runs
    studio.open(target)
    assert studio.window.sheet is not None
    assert studio.window.sheet is not saved
    after = studio.window.sheet.runs.runs
    assert run_of(studio) is after[-1]
    assert [run.model for run in after] == [model.name] * 2
    for one, other in zip(before, after, strict=True):
        assert [step.tokens for step in one.steps[0]] == [step.tokens for step in other.steps[0]]
        for step in other.steps[0]:
            assert step.tokens is not None
            assert step.tokens.superres is None
    seek(studio, 3)
    assert "Step 13 of 24" in studio.window.timeline.panel.facts.text()


def test_steps_of_another_model_are_refused_in_words_and_its_tokens_not_sent(studio: Studio) -> None:
    use(studio, AMUSED)
    make(studio)
    seek(studio, 8)
    use(studio, MONETICO)  # its grid is the same, and its tokens mean something else
    studio.window.commands["branch"].trigger()
    studio.settle()
    assert any("amused-512" in message for message in studio.messages)
    assert len(studio.client.requests) == 1
    studio.window.timeline.state.leave()
    studio.window.commands[COMMANDS[Aim.EDIT]].trigger()
    make(studio, "a dog")
    assert studio.client.requests[-1].tokens is None
    assert studio.client.requests[-1].picture is not None


def test_models_of_one_and_two_stages_may_take_turns(studio: Studio) -> None:
    use(studio, OURS)
    make(studio)
    assert len(run_of(studio).steps[0]) == 32
    for model, steps, side in ((MEISSONIC, 24, 1024), (AMUSED, 24, 512), (OURS, 32, 512)):
        use(studio, model)
        make(studio)
        assert len(run_of(studio).steps[0]) == steps
        assert studio.client.requests[-1].size == side
    assert studio.window.sheet is not None
    assert [run.model for run in studio.window.sheet.runs.runs] == ["ours", "meissonic", "amused-512", "ours"]
    for run in studio.window.sheet.runs.runs:
        studio.window.timeline.state.choose(run)
        seek(studio, 2)


def test_a_draft_of_one_stage_is_of_the_size_that_generate_makes(
    studio: Studio, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PAUSE_MS", 20)
    studio.open(photo)
    use(studio, AMUSED)
    studio.type_prompt("a fox")
    studio.window.commands["live"].setChecked(True)
    studio.window.making.live.switch(on=True)
    studio.paint((400, 300), (450, 330))
    studio.until(lambda: studio.client.requests)
    assert studio.client.requests[-1].size == 512
    studio.window.making.live.switch(on=False)
