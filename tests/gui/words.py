"""Reads every word that a window shows or tells, to find those of a language it should not speak."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)

from muse_studio.gui.presets import load_presets
from muse_studio.places import shipped

_LATIN = re.compile(r"[A-Za-z]{2,}")
_OTHER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_NO_LANGUAGE = re.compile(
    r"Muse Studio|\.?(?:png|jpe?g|webp|gif|ora|psd|json|tiff)\b"
    r"|\b(?:px|MB|GB|KB|CPU|GPU|Fake|English|OpenRaster|Photoshop)\b"
    r"|\b(?:Ctrl|Alt|Shift|Meta|Esc|Enter|Return|Space|Tab|Del|Delete|Ins|Home|End|Backspace|PgUp|PgDown|PgDn|Up|Down"
    r"|Left|Right|F\d+)\b|photo",
    re.IGNORECASE,
)


def english_left(window: QWidget, names: Collection[str] = ()) -> list[str]:
    """Class and text of everything with Latin words and none of Japanese, beside units, keys, and `names` of pictures.

    Prompts stay English: it is the language of the model that ships.
    """
    prompts = {idea.prompt for idea in load_presets(shipped("resources/presets.json")).ideas}
    found = []
    for widget in [window, *window.findChildren(QWidget)]:
        if not _is_ours(widget):
            continue
        name = f"{type(widget).__name__} {widget.objectName()}"
        texts = [text for text in _texts(widget) if text not in prompts and not any(known in text for known in names)]
        found += [f"{name}: {text}" for text in texts if _is_english(text)]
    return sorted(set(found))


def _is_english(text: str) -> bool:
    return bool(_LATIN.search(_NO_LANGUAGE.sub("", text))) and not _OTHER.search(text)


def _is_ours(widget: QWidget) -> bool:
    names = (widget.objectName(), widget.parent().objectName() if widget.parent() is not None else "")
    return not any(name.startswith(("qt_", "Scroll")) for name in names)


def _texts(widget: QWidget) -> Iterator[str]:
    yield from (widget.toolTip(), widget.statusTip(), widget.accessibleName(), widget.accessibleDescription())
    if widget.isWindow() or isinstance(widget, QDockWidget):
        yield widget.windowTitle()
    if isinstance(widget, QAbstractButton | QLabel):
        yield widget.text()
    if isinstance(widget, QLineEdit | QPlainTextEdit):
        yield widget.placeholderText()
    if isinstance(widget, QGroupBox | QMenu):
        yield widget.title()
    if isinstance(widget, QAbstractSpinBox):
        yield widget.text()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(index) for index in range(widget.count()))
    if isinstance(widget, QTabBar):
        yield from (widget.tabText(index) for index in range(widget.count()))
    if isinstance(widget, QAbstractItemView):
        yield from _items(widget)
    for action in widget.actions():
        yield from _action_texts(action)


def _action_texts(action: QAction) -> Iterator[str]:
    if action.isVisible() and not action.isSeparator():
        yield from (action.text(), action.toolTip(), action.statusTip())


def _items(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    if model is None:
        return
    columns = model.columnCount() if isinstance(view, QTableView | QTreeView) else 1
    for column in range(columns):
        if columns > 1:
            yield str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(model.rowCount()):
            index = model.index(row, column)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                value = model.data(index, role)
                if isinstance(value, str):
                    yield value
