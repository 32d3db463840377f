"""The old pixels of changed 64-px tiles, kept so that a change can be taken back.

Knows nothing about what the pixels mean: any uint8 array [H, W] or [H, W, C]. Only tiles that a change touches are
copied, once per change, so undo costs the same on a small and on a huge document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Extent, Rect

TILE_PX = 64  # two base cells, eight super-resolution cells; 4 KiB of mask
_ENTRY_BYTES = 200  # bookkeeping of one tile: key, array header, dictionary slot

Pixels = NDArray[np.uint8]
_Key = tuple[int, int]  # (row, column) of a tile


@dataclass(slots=True)
class TilePatch:
    """The other state of some tiles: `swap` exchanges it with the array's, so one patch serves undo and redo."""

    tiles: dict[_Key, Pixels]
    rect: Rect

    @property
    def size_bytes(self) -> int:
        return sum(_stored_bytes(tile) + _ENTRY_BYTES for tile in self.tiles.values())

    def swap(self, pixels: Pixels) -> None:
        for key, stored in self.tiles.items():
            current = pixels[_area(key, pixels).slices]
            kept = _stored(current)
            current[...] = stored
            self.tiles[key] = kept


@dataclass(slots=True)
class BlockPatch:
    """The other state of one rectangle, for changes made in one go; `swap` as in `TilePatch`."""

    stored: Pixels
    rect: Rect

    @classmethod
    def of(cls, pixels: Pixels, rect: Rect) -> BlockPatch:
        """Keep the pixels of `rect`; call before they change."""
        return cls(_stored(pixels[rect.slices]), rect)

    @property
    def size_bytes(self) -> int:
        return _stored_bytes(self.stored) + _ENTRY_BYTES

    def swap(self, pixels: Pixels) -> None:
        current = pixels[self.rect.slices]
        kept = _stored(current)
        current[...] = self.stored
        self.stored = kept


class TileRecorder:
    """Keeps the tiles of one array as they were before a change."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._bounds = Rect.of(Extent(pixels.shape[1], pixels.shape[0]))
        self._tiles: dict[_Key, Pixels] = {}

    def touch(self, rect: Rect) -> None:
        """Call before the pixels of `rect` change. Tiles already kept are left as they are."""
        for key in _keys(rect.intersect(self._bounds)):
            if key not in self._tiles:
                self._tiles[key] = self._pixels[_area(key, self._pixels).slices].copy()

    def finish(self) -> TilePatch | None:
        """What changed since the start; None if nothing did."""
        changed: dict[_Key, Pixels] = {}
        rect = Rect.empty()
        for key, before in self._tiles.items():
            area = _area(key, self._pixels)
            if not np.array_equal(before, self._pixels[area.slices]):
                changed[key] = _stored(before)
                rect = rect.union(area)
        self._tiles = {}
        return TilePatch(changed, rect) if changed else None

    def restore(self) -> Rect:
        """Put everything back as it was; returns what that changed."""
        patch = self.finish()
        if patch is None:
            return Rect.empty()
        patch.swap(self._pixels)
        return patch.rect


def _keys(rect: Rect) -> Iterator[_Key]:
    if rect.is_empty:
        return
    for row in range(rect.y // TILE_PX, (rect.bottom - 1) // TILE_PX + 1):
        for column in range(rect.x // TILE_PX, (rect.right - 1) // TILE_PX + 1):
            yield row, column


def _area(key: _Key, pixels: Pixels) -> Rect:
    top, left = key[0] * TILE_PX, key[1] * TILE_PX
    bottom, right = min(top + TILE_PX, pixels.shape[0]), min(left + TILE_PX, pixels.shape[1])
    return Rect.between(left, top, right, bottom)


def _stored(tile: Pixels) -> Pixels:
    """A copy; of a tile in one colour only that colour, spread out without memory."""
    colour = tile[0, 0]
    if (tile[0] == colour).all() and (tile == colour).all():  # most are told by their first row
        return np.broadcast_to(colour.copy(), tile.shape)
    return tile.copy()


def _stored_bytes(tile: Pixels) -> int:
    return tile.nbytes if 0 not in tile.strides[:2] else tile.itemsize * (tile.shape[2] if tile.ndim == 3 else 1)
