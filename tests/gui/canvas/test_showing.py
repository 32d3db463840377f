"""What the canvas shows besides strokes: previews, overlay, cells, transparency, the invitation."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from canvas_hand import Hand, grey, noise, seen
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.gui.canvas import BrushSettings, Canvas, MaskStyle, PictureCache, Tool
from muse_studio.gui.theme import DARK, LIGHT


@pytest.fixture
def still(canvas: Canvas, painting: Document) -> Document:
    """The painting with a tool that draws nothing over it, the frame over all of it."""
    canvas.tool = Tool.PAN
    return painting


def inside(shown: np.ndarray) -> np.ndarray:
    return shown[75:225, 100:300]


def color_of(name: str) -> tuple[int, int, int]:
    color = QColor(name)
    return color.red(), color.green(), color.blue()


def flat(color: tuple[int, int, int], side: int) -> np.ndarray:
    return np.full((side, side, 3), color, np.uint8)


# Preview


def test_a_preview_is_shown_at_once_and_only_where_its_alpha_is(canvas: Canvas, still: Document) -> None:
    frame = Rect(20, 10, 128, 128)
    alpha = np.zeros((512, 512), np.uint8)
    alpha[:, :256] = 255
    before = seen(canvas)
    canvas.show_preview(frame, flat((10, 200, 30), 64), alpha)
    shown = seen(canvas)
    assert np.all(inside(shown)[12:136, 22:82] == (10, 200, 30))
    assert np.array_equal(inside(shown)[:, 86:], inside(before)[:, 86:])
    canvas.show_preview(frame, flat((200, 10, 30), 256), alpha)
    assert np.all(inside(seen(canvas))[12:136, 22:82] == (200, 10, 30))
    canvas.clear_preview()
    assert np.array_equal(seen(canvas), before)


def test_half_alpha_blends(canvas: Canvas, still: Document) -> None:
    frame = Rect(20, 10, 128, 128)
    canvas.show_preview(frame, flat((228, 28, 128), 64), np.full((512, 512), 128, np.uint8))
    assert np.all(np.abs(inside(seen(canvas))[70, 80].astype(int) - (178, 78, 128)) <= 2)


def test_a_preview_without_alpha_fills_the_frame(canvas: Canvas, still: Document) -> None:
    canvas.show_preview(Rect(20, 10, 128, 128), flat((1, 2, 3), 128), None)
    assert np.all(inside(seen(canvas))[10:138, 20:148] == (1, 2, 3))


@pytest.mark.usefixtures("flat_mask")
def test_under_a_preview_the_mask_does_not_tint(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.brush_settings = BrushSettings(60, 1.0)
    hand.drag([(200, 150)])
    canvas.tool = Tool.PAN
    assert tuple(seen(canvas)[150, 200]) == (255, 0, 0)
    canvas.show_preview(Rect(36, 11, 128, 128), flat((0, 90, 0), 64), np.full((512, 512), 255, np.uint8))
    assert tuple(seen(canvas)[150, 200]) == (0, 90, 0)


def test_painting_goes_on_under_a_preview_and_the_preview_stays(canvas: Canvas, hand: Hand, painting: Document) -> None:
    canvas.show_preview(Rect(0, 0, 128, 128), flat((0, 90, 0), 64), None)
    hand.drag([(150, 120), (190, 130)])
    assert not painting.mask_is_empty()
    assert tuple(seen(canvas)[80, 105]) == (0, 90, 0)


def test_a_preview_without_a_document_is_shown_whole(canvas: Canvas) -> None:
    canvas.show_preview(Rect(0, 0, 512, 512), flat((5, 60, 200), 128), None)
    shown = seen(canvas)
    assert tuple(shown[150, 200]) == (5, 60, 200)
    assert tuple(shown[150, 5]) == color_of(DARK.surround)
    canvas.clear_preview()
    assert tuple(seen(canvas)[150, 200]) != (5, 60, 200)


def test_a_new_preview_moves_with_its_frame(canvas: Canvas, still: Document) -> None:
    before = seen(canvas)
    canvas.show_preview(Rect(0, 0, 64, 64), flat((0, 90, 0), 64), None)
    canvas.show_preview(Rect(120, 60, 64, 64), flat((90, 0, 0), 64), None)
    shown = inside(seen(canvas))
    assert np.all(shown[62:122, 122:182] == (90, 0, 0))
    assert np.array_equal(shown[:50], inside(before)[:50])


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (0, 0, 3)])
def test_a_preview_of_a_wrong_shape_is_refused_and_changes_nothing(
    canvas: Canvas, still: Document, shape: tuple[int, ...]
) -> None:
    before = seen(canvas)
    with pytest.raises(ValueError, match="preview"):
        canvas.show_preview(Rect(0, 0, 64, 64), np.zeros(shape, np.uint8), None)
    assert np.array_equal(seen(canvas), before)


# Mask overlay


@pytest.mark.parametrize("level", [0, 40, 128, 215, 255])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_mask_reads_on_any_grey(canvas: Canvas, level: int, theme: object) -> None:
    document = Document(grey(200, 150, level))
    canvas.set_theme(theme)  # type: ignore[arg-type]
    canvas.set_document(document)
    canvas.tool = Tool.PAN
    canvas.zoom_to(1.0)
    before = inside(seen(canvas)).astype(int)
    document.begin_stroke(BrushSettings(60, 0.8).brush(erase=False))
    canvas.refresh(document.stroke_to(Point(100, 75)))
    document.end_stroke()
    difference = np.abs(inside(seen(canvas)) - before).max(axis=2)
    rows, columns = np.ogrid[:150, :200]
    distance = np.hypot(rows + 0.5 - 75, columns + 0.5 - 100)
    assert np.all(difference[distance < 20] >= 30)
    assert difference[(distance > 27) & (distance < 33)].max() >= 60
    assert np.all(difference[distance > 34] == 0)


def test_the_mask_reads_on_its_own_colour(canvas: Canvas, hand: Hand) -> None:
    pixels = grey(200, 150)
    pixels[..., :3] = color_of(DARK.mask)
    document = Document(pixels)
    canvas.set_document(document)
    canvas.tool = Tool.PAN
    before = seen(canvas).astype(int)
    document.begin_stroke(BrushSettings(60, 0.8).brush(erase=False))
    document.stroke_to(Point(100, 75))
    document.end_stroke()
    canvas.refresh()
    assert np.abs(seen(canvas) - before).max() >= 60


def test_the_mask_can_be_hidden_and_coloured(canvas: Canvas, still: Document) -> None:
    before = seen(canvas)
    still.fill_mask()
    canvas.refresh()
    assert not np.array_equal(seen(canvas), before)
    canvas.mask_style = MaskStyle(visible=False)
    assert np.array_equal(seen(canvas), before)
    canvas.mask_style = MaskStyle(color="#0000ff", opacity=0.5, stripes=False, edge=False)
    assert np.all(np.abs(inside(seen(canvas)).astype(int) - (64, 64, 192)) <= 1)


def test_the_faintest_paint_is_visible(canvas: Canvas, still: Document) -> None:
    before = seen(canvas).astype(int)
    mask = np.zeros((150, 200), np.uint8)
    mask[50:100, 50:150] = 1
    canvas.refresh(still.set_mask(mask))
    assert np.all(np.abs(inside(seen(canvas) - before))[55:95, 55:145].max(axis=2) >= 10)


def test_the_overlay_stays_inside_the_document(canvas: Canvas, still: Document) -> None:
    before = seen(canvas)
    still.fill_mask()
    canvas.refresh()
    shown = seen(canvas)
    assert np.array_equal(shown[:74], before[:74])
    assert np.array_equal(shown[:, 301:], before[:, 301:])


@pytest.mark.parametrize("zoom", [0.11, 0.5, 0.8, 1.0, 1.7, 3.0])
def test_a_mask_one_pixel_wide_is_seen_at_any_zoom(canvas: Canvas, zoom: float) -> None:
    document = Document(grey(1_000, 800))
    canvas.set_document(document)
    canvas.tool = Tool.PAN
    canvas.zoom_to(zoom)
    before = seen(canvas)
    mask = np.zeros((800, 1_000), np.uint8)
    mask[:, 500] = 255
    canvas.refresh(document.set_mask(mask))
    assert np.all(np.any(seen(canvas)[120:180] != before[120:180], axis=(1, 2)))


# Cells


def test_cells_show_what_will_be_made_anew_and_follow_the_brush(canvas: Canvas, hand: Hand, painting: Document) -> None:
    painting.set_frame(Rect(0, 0, 512, 512))
    canvas.brush_settings = BrushSettings(4, 1.0)
    canvas.mask_style = MaskStyle(visible=False)
    hand.drag([(150, 120)])
    canvas.tool = Tool.PAN
    before = seen(canvas)
    canvas.show_cells = True
    shown = seen(canvas)
    different = np.argwhere(np.any(inside(shown) != inside(before), axis=2))
    assert different.min(axis=0).tolist() == [32, 32]
    assert np.all(different.max(axis=0) <= 32 + 32 + 1)
    canvas.tool = Tool.BRUSH
    hand.drag([(250, 120)])
    canvas.tool = Tool.PAN
    piecewise = seen(canvas)
    assert np.any(inside(piecewise)[32:64, 128:160] != inside(before)[32:64, 128:160])
    canvas.update()
    assert np.array_equal(seen(canvas), piecewise)
    canvas.show_cells = False
    assert np.array_equal(seen(canvas), before)


def test_cells_painted_piece_by_piece_equal_cells_painted_at_once(canvas: Canvas, hand: Hand) -> None:
    document = Document(noise(512, 512))
    canvas.set_document(document)
    canvas.show_cells = True
    canvas.brush_settings = BrushSettings(6, 1.0)
    hand.press((150, 100))
    for place in ((152, 108), (170, 131), (250, 200), (170, 190)):
        hand.move(place)
        seen(canvas)
    hand.release((170, 190))
    canvas.tool = Tool.PAN
    kept = seen(canvas)
    canvas.show_cells = False
    canvas.show_cells = True
    canvas.refresh()
    assert np.abs(kept.astype(int) - seen(canvas)).max() <= 3


# Transparency, and other documents


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_transparency_shows_a_checkerboard(canvas: Canvas, theme: object) -> None:
    pixels = grey(200, 150)
    pixels[..., 3] = 0
    canvas.set_theme(theme)  # type: ignore[arg-type]
    document = Document(pixels)
    canvas.show_frame = False
    canvas.set_document(document)
    canvas.tool = Tool.PAN
    canvas.zoom_to(1.0)
    shown = inside(seen(canvas))[4:-4, 4:-4].reshape(-1, 3)
    colors = {tuple(int(value) for value in pixel) for pixel in shown}
    assert colors == {color_of(theme.checker_light), color_of(theme.checker_dark)}  # type: ignore[attr-defined]


def test_a_changed_part_of_the_picture_is_shown(canvas: Canvas, still: Document) -> None:
    rect = still.apply_pixels(Rect(30, 40, 20, 10), np.full((10, 20, 4), 255, np.uint8), "Paste")
    canvas.refresh(rect)
    shown = inside(seen(canvas))
    assert np.all(shown[40:50, 30:50] == 255)
    assert np.all(shown[60:90, 30:50] == 128)


def test_a_picture_made_ready_elsewhere_looks_the_same(canvas: Canvas) -> None:
    document = Document(noise(700, 500))
    canvas.set_document(document)
    canvas.tool = Tool.PAN
    shown = seen(canvas)
    canvas.set_document(document, PictureCache.of(document.picture))
    assert np.array_equal(seen(canvas), shown)
    rect = document.apply_pixels(Rect(100, 100, 200, 200), np.full((200, 200, 4), 255, np.uint8), "Paste")
    canvas.refresh(rect)
    assert tuple(seen(canvas)[120, 130]) == (255, 255, 255)


def test_a_changed_mask_is_shown_and_can_be_undone(canvas: Canvas, still: Document) -> None:
    before = seen(canvas)
    canvas.refresh_mask(still.fill_mask())
    assert np.all(np.any(inside(seen(canvas)) != inside(before), axis=2))
    canvas.undo()
    assert np.array_equal(seen(canvas), before)


def test_a_document_whose_size_changes_is_fitted_again(canvas: Canvas, still: Document) -> None:
    still.replace_picture(noise(600, 300), "Generate")
    canvas.refresh(Rect(0, 0, 1, 1))
    shown = canvas.view.screen_rect(Rect.of(Extent(600, 300)))
    assert Rect(0, 0, 400, 300).contains_rect(shown)


@pytest.mark.parametrize("size", [(1, 1), (1, 3_000), (3_000, 1), (63, 511)])
def test_odd_documents_can_be_shown_and_painted(canvas: Canvas, hand: Hand, size: tuple[int, int]) -> None:
    document = Document(noise(*size))
    canvas.set_document(document)
    hand.drag([(200, 150), (201, 151)])
    for _ in range(12):
        canvas.zoom_out()
        seen(canvas)
    canvas.zoom_to(64)
    canvas.show_cells = True
    canvas.tool = Tool.FRAME
    seen(canvas)
    assert not document.mask_is_empty()


# The invitation


def test_without_a_document_there_is_an_invitation_that_answers_to_a_drop(canvas: Canvas) -> None:
    quiet = seen(canvas)
    assert tuple(quiet[2, 2]) == color_of(DARK.surround)
    assert len(np.unique(quiet.reshape(-1, 3), axis=0)) > 20
    canvas.drop_lit = True
    lit = seen(canvas)
    assert not np.array_equal(lit, quiet)
    canvas.drop_lit = False
    canvas.set_theme(LIGHT)
    assert tuple(seen(canvas)[2, 2]) == color_of(LIGHT.surround)


def test_closing_the_document_brings_the_invitation_back(canvas: Canvas) -> None:
    quiet = seen(canvas)
    canvas.set_document(Document(noise(200, 150)))
    assert not np.array_equal(seen(canvas), quiet)
    canvas.set_document(None)
    assert np.array_equal(seen(canvas), quiet)


def test_a_screen_reader_is_told_what_is_there(canvas: Canvas) -> None:
    assert canvas.accessibleName()
    empty = canvas.accessibleDescription()
    canvas.set_document(Document(grey(640, 480)))
    assert "640" in canvas.accessibleDescription()
    assert "480" in canvas.accessibleDescription()
    assert canvas.accessibleDescription() != empty


# Qt


def test_a_thousand_updates_lose_no_reference_to_none(canvas: Canvas, painting: Document) -> None:
    QApplication.processEvents()
    before = sys.getrefcount(None)
    for _ in range(1_000):
        canvas.update()
    QApplication.processEvents()
    # PySide6 6.12.0 loses one for each call, and the interpreter aborts when none is left.
    assert abs(sys.getrefcount(None) - before) < 200


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_on_a_scaled_desktop_one_document_pixel_is_one_device_pixel(scale: str) -> None:
    script = """
        import sys
        import numpy as np
        from PySide6.QtWidgets import QApplication
        from muse_studio.core.document import Document
        from muse_studio.gui.canvas import Canvas, Tool
        from canvas_hand import Hand, noise, rgb
        app = QApplication([])
        canvas = Canvas()
        canvas.resize(300, 200)
        canvas.show()
        document = Document(noise(160, 120))
        canvas.show_frame = False
        canvas.set_document(document)
        canvas.zoom_to(1.0)
        canvas.mask_style = type(canvas.mask_style)(color="#ff0000", opacity=1.0, stripes=False, edge=False)
        app.processEvents()
        ratio = canvas.devicePixelRatioF()
        assert ratio == float(sys.argv[1]), ratio
        left, top = canvas.view.left, canvas.view.top
        Hand(canvas).drag([((left + 60) / ratio, (top + 50) / ratio)])
        canvas.tool = Tool.PAN
        shown = rgb(canvas.grab().toImage())
        assert shown.shape[:2] == (round(200 * ratio), round(300 * ratio)), shown.shape
        part = shown[top : top + 120, left : left + 160]
        painted = document.mask > 0
        assert 500 < painted.sum() < 5_000
        assert np.array_equal(part[~painted], document.picture[..., :3][~painted])
        assert np.all(part[document.mask == 255] == (255, 0, 0))
        canvas.close()
    """
    from os import environ
    from pathlib import Path

    environment = dict(environ, QT_SCALE_FACTOR=scale, QT_QPA_PLATFORM="offscreen")
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
    environment["PYTHONPATH"] = ":".join(folders)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script), scale],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
