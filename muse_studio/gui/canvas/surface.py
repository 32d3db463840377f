"""Shows a document: zoom, pan, preview, mask overlay. Knows nothing of tools or of what the mouse does.

Three coordinate systems meet here: document pixels, device pixels (the view and the scene) and the widget's logical
pixels (events, fonts, line widths). On a screen without scaling the last two are the same.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Point, Rect
from muse_studio.gui.canvas.empty import draw_empty
from muse_studio.gui.canvas.overlay import MaskOverlay, MaskStyle
from muse_studio.gui.canvas.painter import Scene
from muse_studio.gui.canvas.picture import PictureCache
from muse_studio.gui.canvas.preview import Preview
from muse_studio.gui.canvas.view import View, next_zoom
from muse_studio.gui.language import follow_language, noop, tr
from muse_studio.gui.theme import DARK, Colors

FIT_MARGIN_PX = 28
"""Logical pixels left free around a fitted document: room for the frame's handles and label."""


class Surface(QWidget):
    """A window onto a document."""

    zoomChanged = Signal(float)
    """The new zoom: 1.0 is one document pixel per device pixel."""
    viewChanged = Signal(object)
    """The new View: another zoom, place or turn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors: Colors = DARK
        self._style = MaskStyle()
        self._document: Document | None = None
        self._scene = Scene(self._colors)
        self._forming: Preview | None = None
        self._held: Preview | None = None
        self._shown_mask: NDArray[np.uint8] | None = None
        self._fitted = True
        self._drop_lit = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        follow_language(self, self._describe)

    # What is shown

    @property
    def document(self) -> Document | None:
        return self._document

    def set_document(self, document: Document | None, picture: PictureCache | None = None) -> None:
        """Show another document, all of it; None shows the invitation.

        picture: the document's pixels made ready by `PictureCache.of`, in another thread if they are many; a 64 MP
        picture takes half a second.
        """
        self._document = document
        self._forming = None
        self._scene.preview = self._held
        self._scene.look(View())  # a turn belongs to the picture that was turned
        self._rebuild(picture)
        self.fit()

    def refresh(self, rect: Rect | None = None, ready: PictureCache | None = None) -> None:
        """The document's pixels or mask have changed inside `rect` (document pixels; None: anywhere, size included).

        ready: all of its pixels, where the whole document is another and they were made ready in a thread.
        """
        if self._document is None:
            return
        picture = self._scene.picture
        if rect is None or picture is None or self._document.mask is not self._shown_mask:
            before = self._extent
            self._rebuild(ready)
            if self._extent != before:
                self.fit()
            return
        picture.update(self._document.picture, rect)
        self._scene.invalidate(self._scene.screen_area(rect))
        self._mask_changed(rect)

    def refresh_picture(self, rect: Rect, picture: PictureCache | None = None) -> None:
        """The same where only pixels have changed. picture: all of them made ready by `PictureCache.of` in a thread."""
        if self._document is None or self._scene.picture is None:
            return
        if picture is None or picture.extent != self._scene.picture.extent:
            self._scene.picture.update(self._document.picture, rect)
        else:
            self._scene.picture = picture
        area = self._scene.screen_area(rect)
        self._scene.invalidate_picture(area)
        self._update_area(area)

    def refresh_mask(self, rect: Rect) -> None:
        """The same where only the mask has changed: much cheaper where `rect` is large."""
        self._mask_changed(rect)

    def _rebuild(self, picture: PictureCache | None = None) -> None:
        if self._document is None:
            self._scene.picture = self._scene.mask = self._shown_mask = self._scene.before = None
        else:
            self._scene.picture = picture or PictureCache(self._document.picture)
            self._shown_mask = self._document.mask  # another array once the whole document is replaced
            self._scene.mask = MaskOverlay(self._shown_mask, self._style, self._colors.mask)
        self._describe()
        self._redraw()

    def _mask_changed(self, rect: Rect) -> bool:
        """Bring the overlay up to date inside `rect`; False if none of it is in sight."""
        if self._scene.mask is None or rect.is_empty:
            return False
        self._scene.mask.update(rect)
        area = self._scene.screen_area(rect)
        self._scene.invalidate_mask(area)
        return self._update_area(area)

    def show_preview(self, frame: Rect, rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> None:
        """Show a picture in the making inside `frame` (document pixels), at once and over the document.

        rgb: uint8 [s, s, 3] of any size; alpha: uint8 [h, w] over the frame, how much shows; None shows all of it.
        """
        self._forming = Preview(frame, rgb, alpha)
        self._choose_preview()

    def clear_preview(self) -> None:
        """Show the document itself again."""
        self._forming = None
        self._choose_preview()

    def hold_preview(self, frame: Rect, rgb: NDArray[np.uint8], alpha: NDArray[np.uint8] | None = None) -> None:
        """Show an earlier picture instead of document and forming one, until `release_preview`; see `show_preview`."""
        self._held = Preview(frame, rgb, alpha)
        self._choose_preview()

    def release_preview(self) -> None:
        """Show again what `hold_preview` had covered."""
        self._held = None
        self._choose_preview()

    @property
    def holds_preview(self) -> bool:
        return self._held is not None

    def _choose_preview(self) -> None:
        """What is held goes before what is forming; nothing changes where a covered one does."""
        before, previous = self._extent, self._scene.preview
        preview = self._scene.preview = self._held or self._forming
        if preview is previous:
            return
        if preview is not None and self._extent != before:
            self.fit()
        only_pixels = previous is not None and preview is not None and previous.frame == preview.frame
        for frame in {shown.frame for shown in (previous, preview) if shown is not None}:
            area = self._scene.screen_area(frame)
            self._scene.invalidate_picture(area) if only_pixels else self._scene.invalidate(area)
            self._update_area(area)
        if preview is None:
            self.update()

    # How it is shown

    def set_theme(self, colors: Colors) -> None:
        self._colors = colors
        self._scene.set_colors(colors, self._ratio)
        self.mask_style = self._style

    @property
    def mask_style(self) -> MaskStyle:
        return self._style

    @mask_style.setter
    def mask_style(self, style: MaskStyle) -> None:
        self._style = style
        if self._scene.mask is not None:
            self._scene.mask.restyle(style, self._colors.mask)
        self._scene.invalidate_mask()
        self.update()

    @property
    def drop_lit(self) -> bool:
        """Whether the canvas shows that what is held over it may be dropped; set by whoever takes the drop."""
        return self._drop_lit

    @drop_lit.setter
    def drop_lit(self, lit: bool) -> None:
        self._drop_lit = lit
        self.update()

    # Where it is shown

    @property
    def view(self) -> View:
        return self._scene.view

    @property
    def zoom(self) -> float:
        return self.view.zoom

    def fit(self) -> None:
        """Show the whole document, and keep showing it as the window's size changes."""
        self.fit_rect(Rect.of(self._extent))
        self._fitted = True

    def fit_rect(self, rect: Rect) -> None:
        """Show all of these document pixels, as large as fits."""
        if not rect.is_empty:
            self._look(self.view.fitted(rect, self._scene.viewport, self._fit_margin))

    def fit_frame(self) -> None:
        """Show all of the model's frame, as large as fits."""
        if self._frame is not None:
            self.fit_rect(self._frame)

    @property
    def _fit_margin(self) -> int:
        return round(FIT_MARGIN_PX * self._ratio)

    def actual_size(self) -> None:
        """One document pixel on one pixel of the screen."""
        self.zoom_to(1.0)

    def zoom_in(self, anchor: QPointF | None = None) -> None:
        """One rung up the ladder, about `anchor` (default: the middle)."""
        self.zoom_to(next_zoom(self.zoom, 1), anchor)

    def zoom_out(self, anchor: QPointF | None = None) -> None:
        self.zoom_to(next_zoom(self.zoom, -1), anchor)

    def zoom_to(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom to `factor`, within the limits; the document stays put under `anchor` (default: the middle)."""
        x, y = self._device(anchor or self._middle)
        self._look(self.view.zoomed(factor, x, y))

    def pan(self, dx: float, dy: float) -> None:
        """Move the document by logical pixels."""
        self._look(self.view.panned(round(dx * self._ratio), round(dy * self._ratio)))

    def turn(self, degrees: float, anchor: QPointF | None = None) -> None:
        """Turn the view clockwise; the document stays put under `anchor` (default: the middle). No pixel changes."""
        self._turn_to(self.view.angle + degrees, anchor)

    def turn_upright(self) -> None:
        """Take back all turning; a mirrored view stays mirrored."""
        self._turn_to(0.0, None)

    def _turn_to(self, angle: float, anchor: QPointF | None) -> None:
        fitted = self._fitted
        self._look(self.view.turned(angle, *self._device(anchor or self._middle)))
        if fitted:
            self.fit()

    def mirror(self) -> None:
        """Show the document as a mirror would, to see it afresh; again to take that back. No pixel changes."""
        fitted = self._fitted
        self._look(self.view.flipped(*self._device(self._middle)))
        self._fitted = fitted

    @property
    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def to_document(self, position: QPointF) -> Point:
        """The document point under a place in the widget."""
        return self.view.to_document(*self._device(position))

    def to_widget(self, point: Point) -> QPointF:
        """The place in the widget that shows a document point."""
        x, y = self.view.to_screen(point)
        return QPointF(x / self._ratio, y / self._ratio)

    def _look(self, view: View) -> None:
        before = self.view
        self._fitted = False
        self._scene.look(view.kept_visible(self._extent, self._scene.viewport))
        self.update()
        if self.zoom != before.zoom:
            self.zoomChanged.emit(self.zoom)
        if self.view != before:
            self.viewChanged.emit(self.view)

    @property
    def _extent(self) -> Extent:
        if self._scene.picture is not None:
            return self._scene.picture.extent
        preview = self._scene.preview
        return Extent(1, 1) if preview is None else Extent(preview.frame.right, preview.frame.bottom)

    @property
    def _is_empty(self) -> bool:
        """Whether there is nothing but the invitation."""
        return self._document is None and self._scene.preview is None

    @property
    def _frame(self) -> Rect | None:
        return None if self._document is None else self._document.frame

    # Coordinates

    @property
    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _device(self, position: QPointF) -> tuple[float, float]:
        return position.x() * self._ratio, position.y() * self._ratio

    def _logical(self, area: Rect) -> QRectF:
        ratio = self._ratio
        return QRectF(area.x / ratio, area.y / ratio, area.width / ratio, area.height / ratio)

    # In a turned view, what is drawn along the document's sides is drawn upright by a painter that is turned.

    def _turn_painter(self, painter: QPainter) -> None:
        """Let the painter draw the upright document, its corner at (0, 0), in logical pixels."""
        painter.translate(self.view.left / self._ratio, self.view.top / self._ratio)
        painter.rotate(self.view.angle)
        if self.view.mirrored:
            painter.scale(-1, 1)

    def _upright(self, position: QPointF) -> QPointF:
        """A place in the widget as the turned painter has it."""
        point = self.to_document(position)
        return QPointF(point.x, point.y) * (self.zoom / self._ratio)

    def _upright_area(self, area: QRectF) -> QRectF:
        """A rectangle that holds all of these places."""
        corners = (area.topLeft(), area.topRight(), area.bottomRight(), area.bottomLeft())
        return QPolygonF([self._upright(corner) for corner in corners]).boundingRect()

    def _upright_rect(self, rect: Rect) -> QRectF:
        """A rectangle of the document, on whole device pixels so that its lines are crisp."""
        edges = [round(edge * self.zoom) for edge in (rect.x, rect.y, rect.right, rect.bottom)]
        return self._logical(Rect.between(*edges))

    def _update_area(self, area: Rect) -> bool:
        """Ask for these device pixels to be painted; False if none of them is in sight."""
        visible = self._logical(area).toAlignedRect() & self.rect()
        self.update(visible)
        return not visible.isEmpty()

    def _redraw(self) -> None:
        self._scene.invalidate()
        self.update()

    # Qt's events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_viewport()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._scene.set_colors(self._colors, self._ratio)
            self._fit_viewport()
        return super().event(event)

    def _fit_viewport(self) -> None:
        """Take over the widget's size; what was in the middle stays there unless all is to be seen."""
        before = self._scene.viewport
        middle = self.view.to_document(before.width / 2, before.height / 2)
        fitted = self._fitted
        size = Extent(math.ceil(self.width() * self._ratio), math.ceil(self.height() * self._ratio))
        self._scene.resize(size)
        if fitted:
            self.fit()
        else:
            self._look(self.view.centred_on(middle, size))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            if self._is_empty:
                self._paint_empty(painter)
            else:
                self._paint_scene(painter, event.region())
                self._paint_over(painter, QRectF(event.rect()))
        finally:
            painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self._colors.surround))
        title = tr("Start with a picture or a prompt")
        text = tr("Drop a picture here, paste one,\nor type a prompt and press Generate")
        draw_empty(painter, QRectF(self.rect()), self._colors, title, text, lit=self._drop_lit)

    def _paint_scene(self, painter: QPainter, region: QRegion) -> None:
        pieces = [self._device_piece(piece) for piece in region]  # type: ignore[attr-defined]
        wanted = QRegion()
        for piece in pieces:
            wanted |= piece
        self._scene.refresh(wanted)
        painter.save()
        painter.scale(1 / self._ratio, 1 / self._ratio)
        for piece in pieces:
            painter.drawImage(piece.topLeft(), self._scene.image, piece)
        painter.restore()

    def _device_piece(self, piece: QRect) -> QRect:
        ratio = self._ratio
        scaled = QRectF(piece.x() * ratio, piece.y() * ratio, piece.width() * ratio, piece.height() * ratio)
        return scaled.toAlignedRect() & QRect(0, 0, self._scene.viewport.width, self._scene.viewport.height)

    def _paint_over(self, painter: QPainter, area: QRectF) -> None:
        """Paint what lies over the scene and changes often; a subclass adds its tools. area: all that will be seen."""

    # Assistive technology

    def _describe(self) -> None:
        self.setAccessibleName(tr("Canvas"))
        if self._document is None:
            self.setAccessibleDescription(tr("No picture. Drop or paste one, or type a prompt and press Generate."))
            return
        extent = self._extent
        words = noop("Picture of {width} by {height} pixels. Paint the part that is to be made anew.")
        self.setAccessibleDescription(tr(words, width=extent.width, height=extent.height))
