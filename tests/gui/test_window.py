"""The window as a whole: fast to appear, complete, usable small, reachable by keyboard, and hard to lose work in."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QGuiApplication, QImage, QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QSlider,
    QWidget,
)

from muse_studio.core.pictures import encode_png
from muse_studio.gui.canvas.tools import Tool
from muse_studio.gui.commands import COMMANDS
from muse_studio.gui.fields import IconButton
from muse_studio.gui.hands import NONE
from muse_studio.gui.message_bar import Notice, NoticeKind
from muse_studio.gui.theme import DARK, LIGHT
from tests.gui.conftest import Studio, noise


def test_the_window_starts_without_torch() -> None:
    code = "import sys, muse_studio.gui.app, muse_studio.client.client; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_command_has_a_key_and_no_key_has_two() -> None:
    keys = Counter(QKeySequence(key).toString() for command in COMMANDS for key in command.keys)
    assert all(command.keys for command in COMMANDS)
    assert not [key for key, count in keys.items() if count > 1 or not key]


def test_everything_a_hand_can_reach_has_an_accessible_name(studio: Studio) -> None:
    controls = (QAbstractButton, QAbstractSpinBox, QLineEdit, QPlainTextEdit, QSlider)
    nameless = [
        widget
        for widget in studio.window.findChildren(QWidget)
        if isinstance(widget, controls) and not isinstance(widget.parent(), QAbstractSpinBox)
        if not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        if not widget.objectName().startswith("qt_")  # Qt's own, hidden
    ]
    assert not nameless


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)])
def test_nothing_is_cut_off(studio: Studio, photo: object, size: tuple[int, int]) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    studio.window.resize(*size)
    studio.settle()
    assert (studio.window.width(), studio.window.height()) == size
    bar = studio.window.options
    for widget in bar.findChildren(QWidget):
        if widget.isVisible() and not isinstance(widget.parent(), QAbstractSpinBox):
            assert isinstance(widget, IconButton) or widget.width() >= widget.minimumSizeHint().width(), widget
            corner = widget.mapTo(bar, QPoint(widget.width(), 0))
            assert corner.x() <= bar.width(), widget
    assert studio.window.canvas.width() >= 500
    assert studio.window.actions_area.generate.visibleRegion().boundingRect().height() >= 40


def test_tab_visits_the_panel_in_reading_order(studio: Studio) -> None:
    panel = studio.window.panel
    panel.prompt.setFocus()
    visited = []
    for _ in range(30):
        QTest.keyClick(studio.app.focusWidget(), Qt.Key.Key_Tab)
        visited.append(studio.app.focusWidget())
    wanted = [
        panel.negative_section.button,
        panel.seed.number,
        panel.seed.dice,
        panel.seed.lock,
        panel.advanced_section.button,
    ]
    wanted.append(panel.actions_area.generate)
    places = [visited.index(widget) for widget in wanted]
    assert places == sorted(places)


def test_the_theme_changes_every_surface_at_once(studio: Studio) -> None:
    def ground(widget: QWidget) -> str:
        return str(widget.grab().toImage().pixelColor(widget.width() - 3, 3).name())

    window = studio.window
    assert (ground(window.options), ground(window.canvas)) == (DARK.panel, DARK.surround)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    studio.settle()
    assert (ground(window.options), ground(window.canvas)) == (LIGHT.panel, LIGHT.surround)
    assert window.commands["theme_light"].isChecked()


def test_keys_choose_tools_but_not_while_typing(studio: Studio) -> None:
    canvas = studio.window.canvas
    canvas.setFocus()
    for key, tool in ((Qt.Key.Key_E, Tool.ERASER), (Qt.Key.Key_F, Tool.FRAME), (Qt.Key.Key_H, Tool.PAN)):
        QTest.keyClick(canvas, key)
        assert canvas.tool is tool
        assert studio.window.strip.buttons[tool.value].isChecked()
    studio.type_prompt("be")
    assert studio.window.panel.prompt.toPlainText() == "be"
    assert canvas.tool is Tool.PAN


def test_tool_buttons_and_canvas_agree(studio: Studio) -> None:
    buttons = studio.window.strip.buttons
    QTest.mouseClick(buttons["eraser"], Qt.MouseButton.LeftButton)
    assert studio.window.canvas.tool is Tool.ERASER
    QTest.mouseClick(buttons["eraser"], Qt.MouseButton.LeftButton)
    assert buttons["eraser"].isChecked(), "a second click doesn't let the tool go"
    studio.window.canvas.tool = Tool.BRUSH
    assert buttons["brush"].isChecked()
    assert not buttons["eraser"].isChecked()


def test_typed_values_and_sliders_and_canvas_show_one_brush(studio: Studio) -> None:
    options, canvas = studio.window.options, studio.window.canvas
    options.brush.size_px.number.selectAll()
    QTest.keyClicks(options.brush.size_px.number, "200")
    QTest.keyClick(options.brush.size_px.number, Qt.Key.Key_Return)
    assert canvas.brush_settings.size_px == 200
    position = options.brush.size_px.slider.value()
    options.brush.size_px.slider.setValue(position - 100)
    assert canvas.brush_settings.size_px == options.brush.size_px.value < 200
    before = options.brush.size_px.value
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert options.brush.size_px.value == round(canvas.brush_settings.size_px) > before


def test_a_style_chip_adds_its_words_and_takes_them_away(studio: Studio) -> None:
    studio.type_prompt("a fox")
    chip = studio.window.panel.style_chips[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert studio.window.panel.prompt.toPlainText() == "a fox, 3d style"
    assert chip.isChecked()
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert studio.window.panel.prompt.toPlainText() == "a fox"
    assert not chip.isChecked()


def test_a_dropped_file_is_opened(studio: Studio, photo: object) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo))])
    assert studio.hands.drop(mime)
    studio.until(lambda: studio.window.sheet is not None)
    assert studio.document.picture.shape == (700, 900, 4)


def test_a_picture_on_the_web_is_refused_in_words(studio: Studio) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/fox.png")])
    assert studio.hands.drop(mime)
    studio.until(lambda: studio.messages)
    assert "Save it to this computer" in studio.messages[0]
    assert studio.window.sheet is None


def test_the_canvas_lights_up_while_a_picture_is_held_over_it(studio: Studio, photo: object) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo))])
    middle, actions, button = QPoint(500, 400), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    studio.app.sendEvent(studio.window, QDragEnterEvent(middle, actions, mime, button, NONE))
    assert studio.window.canvas.drop_lit
    studio.app.sendEvent(studio.window, QDragLeaveEvent())
    assert not studio.window.canvas.drop_lit


def test_dropped_text_is_not_taken(studio: Studio) -> None:
    mime = QMimeData()
    mime.setText("fox")
    assert not studio.hands.drop(mime)


def test_pixels_from_the_clipboard_become_a_document(studio: Studio) -> None:
    pixels = noise(40, 60)
    image = QImage(pixels.tobytes(), 60, 40, 180, QImage.Format.Format_RGB888)
    QGuiApplication.clipboard().setImage(image)
    studio.window.canvas.setFocus()
    studio.press(Qt.Key.Key_V, control=True)
    studio.until(lambda: studio.window.sheet is not None)
    np.testing.assert_array_equal(studio.document.picture[..., :3], pixels)
    assert studio.window.sheet is not None
    assert studio.window.sheet.is_unsaved


def test_encoded_bytes_are_preferred_to_qts_pixels(studio: Studio) -> None:
    mime = QMimeData()
    mime.setData("image/png", encode_png(noise(30, 30), {}))
    QGuiApplication.clipboard().setMimeData(mime)
    studio.window.paste()
    studio.until(lambda: studio.window.sheet is not None)
    np.testing.assert_array_equal(studio.document.picture[..., :3], noise(30, 30))


def test_notices_are_dismissed_by_their_button_and_never_pile_up(studio: Studio) -> None:
    for number in range(6):
        studio.window.notify(Notice(NoticeKind.ERROR, f"Fault {number}"))
    studio.window.notify(Notice(NoticeKind.ERROR, "Fault 5"))
    studio.settle()
    assert studio.messages == ["Fault 5", "Fault 4", "Fault 3"]
    close = next(
        button
        for button in studio.window.messages.findChildren(QAbstractButton)
        if button.accessibleName() == "Dismiss" and button.isVisible()
    )
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    assert len(studio.messages) == 2


def test_markup_in_a_message_is_shown_as_it_is(studio: Studio) -> None:
    studio.window.notify(Notice(NoticeKind.ERROR, "<h1>fox</h1>.png is damaged"))
    card = studio.window.messages.findChildren(QWidget, "notice")[0]
    assert card.height() < 60


def test_a_fault_in_any_slot_is_shown_and_the_window_goes_on(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(studio.window.panel, "wishes", lambda **_: fail())
    studio.generate()
    assert "unharmed" in studio.messages[0]
    monkeypatch.undo()
    studio.generate()
    assert studio.client.requests


def question(studio: Studio) -> QMessageBox:
    studio.until(lambda: studio.window.findChildren(QMessageBox, "unsavedQuestion"))
    return studio.window.findChildren(QMessageBox, "unsavedQuestion")[0]


def test_closing_asks_about_unsaved_changes_and_can_be_called_off(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    studio.paint((400, 300), (450, 300))
    studio.window.close()
    QTest.mouseClick(question(studio).button(QMessageBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)
    studio.settle()
    assert studio.window.isVisible()
    assert studio.document.dirty


def test_discarding_closes_and_remembers_the_settings(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    studio.paint((400, 300), (450, 300))
    studio.type_prompt("a fox")
    closed: list[bool] = []
    studio.window.closed.connect(lambda: closed.append(True))
    studio.window.close()
    QTest.mouseClick(question(studio).button(QMessageBox.StandardButton.Discard), Qt.MouseButton.LeftButton)
    studio.until(lambda: closed)
    assert not studio.window.isVisible()
    assert studio.saved[-1].prompt == "a fox"
    assert studio.saved[-1].recent_files == (str(photo),)


def test_closing_in_the_middle_of_a_job_ends_it(studio: Studio) -> None:
    studio.generate()
    studio.client.advance(5)
    closed: list[bool] = []
    studio.window.closed.connect(lambda: closed.append(True))
    studio.window.close()
    studio.until(lambda: closed)
    assert not studio.client.jobs


def test_random_events_leave_the_window_alive(studio: Studio, photo: object) -> None:
    studio.open(photo)  # type: ignore[arg-type]
    rng = np.random.default_rng(5)
    canvas = studio.window.canvas
    commands = ["undo", "redo", "clear_mask", "invert_mask", "mask_all", "fit", "zoom_in", "zoom_out", "frame_reset"]
    commands += ["generate", "cancel", "brush", "eraser", "frame", "pan", "overlay", "theme_light", "theme_dark"]
    for _ in range(150):
        if rng.random() < 0.4:
            studio.window.commands[str(rng.choice(commands))].trigger()
        else:
            x, y = (int(value) for value in rng.integers(0, 600, 2))
            QTest.mouseMove(canvas, QPoint(x, y))
            QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x, y))
        if rng.random() < 0.3:
            studio.client.advance(int(rng.integers(1, 8)))
        if rng.random() < 0.1:
            studio.settle()
    studio.settle()
    assert not [message for message in studio.messages if "went wrong" in message]
    studio.app.sendEvent(studio.window, QEvent(QEvent.Type.UpdateRequest))


def test_a_fault_inside_qts_own_calls_is_shown_too(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_pointer: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(studio.window.canvas, "press", fail)
    place, left = QPointF(300, 300), Qt.MouseButton.LeftButton
    press = QMouseEvent(QEvent.Type.MouseButtonPress, place, place, left, left, NONE)
    studio.app.postEvent(studio.window.canvas, press)
    studio.until(lambda: studio.messages)
    assert "unharmed" in studio.messages[0]
    monkeypatch.undo()
    studio.generate()
    assert studio.client.requests, "the window goes on"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_painting_takes_no_reference_to_none_away(studio: Studio) -> None:
    before = sys.getrefcount(None)
    for _ in range(1000):
        studio.window.canvas.update()
    assert abs(sys.getrefcount(None) - before) < 200
