"""The panels around the canvas: docks that can be moved, tabbed, floated and hidden. Knows nothing of what they hold.

Right of the canvas, over the window's whole height: what to make, and under it tabs. Under the canvas: the timeline.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QTabWidget, QWidget

from muse_studio.gui.language import follow_language

_STATE_VERSION = 1  # raised when panels are added, so that an older arrangement doesn't hide them

_RIGHT, _BOTTOM = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea


class Place(Enum):
    """Where a panel is at first. All of TABS share one place."""

    TOP_RIGHT = "top right"
    TABS = "tabs"
    BOTTOM = "bottom"


class Docks(QObject):
    """All panels of one window, by name."""

    def __init__(self, window: QMainWindow, menu: QMenu) -> None:
        """menu: gets a switch for each panel."""
        super().__init__(window)
        self._window, self._menu = window, menu
        self._docks: dict[str, QDockWidget] = {}
        self._places: dict[str, Place] = {}
        self._hidden: list[QDockWidget] = []
        window.setDockNestingEnabled(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        window.setCorner(Qt.Corner.TopRightCorner, _RIGHT)

    def add(self, name: str, title: Callable[[], str], widget: QWidget, place: Place, *, bare: bool = False) -> QAction:
        """A panel, and its switch in the menu.

        title: gives its words in the language of the moment. bare: without a title bar, and not to be moved.
        """
        dock = QDockWidget(self._window)
        dock.setObjectName(f"{name}Dock")
        dock.setWidget(widget)
        dock.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        if bare:
            dock.setTitleBarWidget(QWidget())
            dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self._put(dock, place)
        self._docks[name], self._places[name] = dock, place
        switch = dock.toggleViewAction()
        self._menu.addAction(switch)
        follow_language(dock, lambda: dock.setWindowTitle(title()))
        return switch

    def _put(self, dock: QDockWidget, place: Place) -> None:
        self._window.addDockWidget(_BOTTOM if place is Place.BOTTOM else _RIGHT, dock)
        tabs = [self._docks[name] for name, other in self._places.items() if other is place is Place.TABS]
        if tabs:
            self._window.tabifyDockWidget(tabs[-1], dock)
            tabs[0].raise_()

    def dock(self, name: str) -> QDockWidget:
        """KeyError for a panel that was not added."""
        return self._docks[name]

    def show(self, name: str) -> None:
        """Open a panel and bring it to the front of its tabs."""
        dock = self._docks[name]
        dock.show()
        dock.raise_()

    def toggle_all(self) -> None:
        """Hide every panel, or show again those that were hidden."""
        shown = [dock for dock in self._docks.values() if not dock.isHidden()]
        for dock in shown:
            dock.hide()
        if not shown:
            for dock in self._hidden or list(self._docks.values()):
                dock.show()
        self._hidden = shown

    def arrangement(self) -> str:
        """Where all panels are, as text for the settings."""
        return bytes(self._window.saveState(_STATE_VERSION).toBase64().data()).decode("ascii")

    def arrange(self, text: str) -> None:
        """As `arrangement` gave it; of no effect if it is damaged or another version's."""
        if text:
            self._window.restoreState(QByteArray.fromBase64(text.encode("ascii", "replace")), _STATE_VERSION)
