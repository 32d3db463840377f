"""Before and after: on a held key, with a slider over the picture, or side by side. Knows nothing of jobs or files.

The other picture is put together and packed in a thread of its own, and kept until a layer changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum

from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from muse_studio.core.before import layers_below, layers_without_newest_result, look_of
from muse_studio.core.document import Document
from muse_studio.core.layers import Layer
from muse_studio.gui.canvas.canvas import Canvas
from muse_studio.gui.canvas.labels import draw_pill, pill_rect
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.surface import Surface
from muse_studio.gui.canvas.view import View
from muse_studio.gui.faults import Faults
from muse_studio.gui.language import tr

_LABEL_PX = 12


class Comparison(StrEnum):
    """How the picture is compared with what it was. Values are the names of the commands that choose them."""

    OFF = "compare_off"
    SLIDER = "compare_slider"
    BESIDE = "compare_beside"


class BesideView(Surface):
    """The picture as it was, at the canvas' side; what the mouse does here, the canvas does too."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._last: QPoint | None = None
        self.hide()

    def follow(self, view: View) -> None:
        """Look at the same place as the canvas."""
        if self.isVisible() and view != self.view:
            self._look(view)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._last = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            place = event.position().toPoint()
            moved, self._last = place - self._last, place
            self._canvas.pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._last = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._canvas.wheelEvent(event)

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        text = tr("Before")
        box = pill_rect(painter.fontMetrics(), text)
        box.moveTopLeft(QPointF(_LABEL_PX, _LABEL_PX))
        draw_pill(painter, box, text)


class CompareDesk:
    """Shows the other picture on the canvas, or beside it."""

    def __init__(self, canvas: Canvas, faults: Faults) -> None:
        self._canvas, self._faults = canvas, faults
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="compare")
        self._mode = Comparison.OFF
        self._held = False
        self.beside = BesideView(canvas)
        self._shown: tuple[object, ...] = ()
        canvas.viewChanged.connect(faults.slot(self.beside.follow))
        canvas.beforeHeld.connect(faults.slot(self.hold))
        canvas.beforeLost.connect(faults.slot(self._lost))

    def put_beside(self, area: QWidget) -> None:
        """Give the other view its place in the area that holds the canvas."""
        layout = area.layout()
        assert isinstance(layout, QBoxLayout)
        layout.setDirection(QBoxLayout.Direction.LeftToRight)
        layout.setSpacing(2)
        layout.insertWidget(0, self.beside, 1)

    @property
    def mode(self) -> Comparison:
        return self._mode

    def choose(self, mode: Comparison) -> None:
        self._mode = mode
        self.refresh()

    def hold(self, held: bool) -> None:
        """While the key is held, the picture is shown without its newest result."""
        self._held = held
        self.refresh()

    def refresh(self) -> None:
        """Show what is true now: after another mode, a key, a layer or a document."""
        document = self._canvas.document
        wanted = () if document is None else self._wanted(document)
        if wanted == self._shown:
            return
        self._shown = wanted
        if document is None or not wanted:
            self._canvas.show_before(None)
            self.beside.hide()
            self.beside.set_document(None)
        else:
            self._faults.spawn(self._show(document, wanted))

    def _lost(self) -> None:
        self._shown = ()
        self.refresh()

    def _wanted(self, document: Document) -> tuple[object, ...]:
        """All that decides about what is shown; empty for nothing."""
        if not self._held and self._mode is Comparison.OFF:
            return ()
        return (id(document), document.picture_version, document.active, self._held, self._mode)

    async def _show(self, document: Document, wanted: tuple[object, ...]) -> None:
        choose: Callable[[Sequence[Layer], int], tuple[Layer, ...]] = layers_below
        if self._held:
            choose = layers_without_newest_result
        layers, extent = choose(document.layers, document.active), document.extent
        beside = not self._held and self._mode is Comparison.BESIDE

        def work() -> tuple[Document | None, PictureCache]:
            pixels = look_of(layers, extent)
            return (Document(pixels) if beside else None), PictureCache.of(pixels)

        other, picture = await asyncio.get_running_loop().run_in_executor(self._pool, work)
        if wanted != self._shown:
            return  # something else is wanted by now
        if other is None:
            self._canvas.show_before(picture, split=self._mode is Comparison.SLIDER and not self._held)
            self.beside.hide()
        else:
            self._canvas.show_before(None)
            other.set_frame(other.bounds)
            self.beside.show()
            self.beside.set_document(other, picture)
            self._canvas.fit()

    def close(self) -> None:
        self._pool.shutdown()
