"""Dropping pictures on the window. Knows nothing about what is done with them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from muse_studio.gui.incoming import holds_picture


class DropTarget(QObject):
    """Lets pictures be dropped anywhere on a widget, which it filters the events of.

    take: gets the dropped data. light: is told whether something that may be dropped is held over the widget.
    """

    def __init__(self, widget: QWidget, take: Callable[[QMimeData], None], light: Callable[[bool], None]) -> None:
        super().__init__(widget)
        self._take, self._light = take, light
        widget.setAcceptDrops(True)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            return self._enter(event)
        if event.type() == QEvent.Type.DragLeave:
            self._light(False)
            return True
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            return self._drop(event)
        return False

    def _enter(self, event: QDragEnterEvent) -> bool:
        if holds_picture(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._light(True)
        else:
            event.ignore()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self._light(False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take(event.mimeData())
        return True
