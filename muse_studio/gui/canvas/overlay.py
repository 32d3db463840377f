"""The mask as the artist sees it: a translucent colour with fine stripes and a crisp edge. Knows nothing of pictures.

The colour alone would vanish on a picture of the same colour, so two things are laid over it in screen pixels, at any
zoom the same: diagonal stripes, and a light and a dark line along the edge of everything that will be made anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QPainter

from muse_studio.core.geometry import Point, Rect
from muse_studio.gui.canvas.levels import Levels, halve_to_largest, level_for
from muse_studio.gui.canvas.picture import ARGB32, as_image
from muse_studio.gui.canvas.sampling import Area, sample_largest
from muse_studio.gui.canvas.turning import CORNERS, turned_quarters, turned_sample
from muse_studio.gui.canvas.view import View

EDGE_MARGIN_PX = 1
"""The edge lines of a pixel depend on its neighbours: what changed must be redrawn with this margin."""

STRIPE_PERIOD_PX = 12
STRIPE_WIDTH_PX = 3
STRIPE_SHARE = 0.55
"""Opacity of the colour between the stripes, as a share of the opacity on them."""

FAINTEST_SHARE = 0.35
"""A barely masked pixel is as much made anew as a full one, so it shows at least this much of the colour."""

_EDGE_LIGHT = np.uint32(0xE6E6E6E6)  # white at 90 %, premultiplied
_EDGE_DARK = np.uint32(0x8C000000)  # black at 55 %


@dataclass(frozen=True, slots=True)
class MaskStyle:
    """How the mask is shown. opacity in [0, 1]; a colour of None means the theme's; outline: only the edge."""

    color: str | None = None
    opacity: float = 0.55
    visible: bool = True
    stripes: bool = True
    edge: bool = True
    outline: bool = False


class MaskOverlay:
    """Draws one mask, uint8 [H, W], which it shares with the document and never writes."""

    def __init__(self, mask: NDArray[np.uint8], style: MaskStyle, color: str) -> None:
        self._mask = mask
        self._levels = Levels(mask, halve_to_largest)
        self.restyle(style, color)

    def restyle(self, style: MaskStyle, color: str) -> None:
        """color: "#rrggbb", used where the style names none."""
        self.style = style
        self._colors = _color_table(QColor(style.color or color), style)

    def update(self, rect: Rect) -> None:
        """The document's mask has changed inside `rect`."""
        height, width = self._mask.shape
        rect = rect.intersect(Rect(0, 0, width, height))
        if not rect.is_empty:
            self._levels.changed(rect)

    def draw(self, painter: QPainter, view: View, area: Rect, *, filled: bool = True) -> None:
        """Draw what `area` (device pixels) shows of the mask; not filled: its edge alone."""
        height, width = self._mask.shape
        area = area.intersect(view.screen_rect(Rect(0, 0, width, height)))
        if area.is_empty or not self.style.visible:
            return
        around = area.expand(EDGE_MARGIN_PX)
        coverage = self._coverage(view, around)
        if not coverage.any():
            return
        # Stripes are tied to the document, so that panning may move finished pixels.
        start = around.translate(-view.left, -view.top)
        pixels = (
            self._filled(coverage, start) if filled and not self.style.outline else np.zeros(coverage.shape, np.uint32)
        )
        if self.style.edge and not coverage.all():
            _draw_edge(pixels, coverage > 0)
        inner = QRect(EDGE_MARGIN_PX, EDGE_MARGIN_PX, area.width, area.height)
        painter.drawImage(QPoint(area.x, area.y), as_image(pixels, ARGB32), inner)

    def _coverage(self, view: View, area: Rect) -> NDArray[np.uint8]:
        """uint8 [area.height, area.width] of the mask; 0 outside the document, so that its border is an edge too."""
        if view.is_upright:
            return self._upright_coverage(view, (area.x, area.y, area.width, area.height))
        if view.is_square:
            start = View(view.zoom)
            return turned_quarters(view, area, lambda place: self._upright_coverage(start, place))
        level = level_for(view.zoom)
        within = CORNERS if view.zoom * 2**level < 1.0 else (Point(0.5, 0.5),)
        return turned_sample(self._levels.level(level), view, level, area, within=within)

    def _upright_coverage(self, view: View, place: Area) -> NDArray[np.uint8]:
        x, y = place[:2]
        level = level_for(view.zoom)
        mask = self._levels.level(level)
        coverage: NDArray[np.uint8] = sample_largest(mask, view.zoom * 2**level, view.left, view.top, place)
        inside = view.screen_rect(Rect(0, 0, self._mask.shape[1], self._mask.shape[0]))
        coverage[: max(0, inside.y - y)] = 0
        coverage[max(0, inside.bottom - y) :] = 0
        coverage[:, : max(0, inside.x - x)] = 0
        coverage[:, max(0, inside.right - x) :] = 0
        return coverage

    def _filled(self, coverage: NDArray[np.uint8], area: Rect) -> NDArray[np.uint32]:
        if not self.style.stripes:
            return self._colors[1][coverage]
        lines = np.arange(STRIPE_PERIOD_PX)[:, None] + np.arange(area.x, area.right)
        on_stripe = np.where(lines % STRIPE_PERIOD_PX < STRIPE_WIDTH_PX, np.uint16(256), np.uint16(0))
        rows = np.arange(area.y, area.bottom) % STRIPE_PERIOD_PX
        flat: NDArray[np.uint32] = self._colors.reshape(-1)[coverage + on_stripe[rows]]
        return flat


def _color_table(color: QColor, style: MaskStyle) -> NDArray[np.uint32]:
    """Premultiplied 0xAARRGGBB [2, 256]: by mask value, between the stripes and on them."""
    value = np.arange(256) / 255
    strength = np.where(value > 0, FAINTEST_SHARE + (1 - FAINTEST_SHARE) * value, 0.0) * style.opacity
    between = strength * (STRIPE_SHARE if style.stripes else 1.0)
    alpha = np.stack((between, strength if style.stripes else between))
    channels = [
        np.round(alpha * level * 255).astype(np.uint32) for level in (color.redF(), color.greenF(), color.blueF())
    ]
    packed = np.round(alpha * 255).astype(np.uint32) << np.uint32(24)
    for channel, shift in zip(channels, (16, 8, 0), strict=True):
        packed |= channel << np.uint32(shift)
    return packed


def _draw_edge(pixels: NDArray[np.uint32], masked: NDArray[np.bool_]) -> None:
    """A light line just inside the masked region and a dark one just outside, each one device pixel wide."""
    eroded, dilated = masked.copy(), masked.copy()
    for here, there in _NEIGHBOURS:
        eroded[here] &= masked[there]
        dilated[here] |= masked[there]
    np.copyto(pixels, _EDGE_LIGHT, where=masked & ~eroded)
    np.copyto(pixels, _EDGE_DARK, where=dilated & ~masked)


_ALL, _FIRST, _LAST = slice(None), slice(None, -1), slice(1, None)
_NEIGHBOURS = (
    ((_FIRST, _ALL), (_LAST, _ALL)),
    ((_LAST, _ALL), (_FIRST, _ALL)),
    ((_ALL, _FIRST), (_ALL, _LAST)),
    ((_ALL, _LAST), (_ALL, _FIRST)),
)
