"""The panels around the canvas: docks that can be moved, tabbed, floated and hidden. Knows nothing of what they hold.

Right of the canvas, over the window's whole height: what to make, and under it tabs. Under the canvas: the timeline.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

from PySide6.QtCore import QByteArray, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QTabBar, QTabWidget, QWidget
from shiboken6 import isValid

from muse_studio.gui.language import follow_language

_STATE_VERSION = 1  # raised when panels are added, so that an older arrangement doesn't hide them

_FIRST_SIDES_PX = {"make": 560, "layers": 240, "timeline": 168}
"""Heights at the first start: of what to make and of the tabs under it, and of the timeline."""

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
        self._movable: list[QDockWidget] = []
        self._tab_bars: list[QTabBar] = []
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
        if not bare:
            self._movable.append(dock)
        for moved in (dock.topLevelChanged, dock.dockLocationChanged, dock.visibilityChanged):
            moved.connect(self._dress)
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

    def _dress(self) -> None:
        """A panel among tabs has its title there; alone or afloat it has a bar of its own, to be dragged by."""
        if not isValid(self._window):  # where the program ends without closing it, its panels outlive it
            return
        for dock in self._movable:
            tabbed = not dock.isFloating() and bool(self._window.tabifiedDockWidgets(dock))
            bar: QWidget | None = dock.titleBarWidget()  # None for Qt's own
            if tabbed and bar is None:
                dock.setTitleBarWidget(QWidget(dock))
            elif bar is not None and not tabbed:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]
                bar.deleteLater()
        for tabs in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if tabs not in self._tab_bars:
                self._tab_bars.append(tabs)
                tabs.tabBarDoubleClicked.connect(partial(self._float, tabs))

    def _float(self, tabs: QTabBar, index: int) -> None:
        """A double click takes a panel out of its tabs; its window's title puts it back anywhere."""
        for dock in self._movable:
            if dock.windowTitle() == tabs.tabText(index):
                dock.setFloating(True)

    def settle(self) -> None:
        """Heights as at the first start; call when the window has its size."""
        known = [(self._docks[name], side) for name, side in _FIRST_SIDES_PX.items() if name in self._docks]
        self._window.resizeDocks([dock for dock, _ in known], [side for _, side in known], Qt.Orientation.Vertical)
        self._dress()

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
        """As `arrangement` gave it; the first start's if it is empty, damaged or another version's."""
        stored = QByteArray.fromBase64(text.encode("ascii", "replace"))
        if not text or not self._window.restoreState(stored, _STATE_VERSION):
            self.settle()
        self._dress()
