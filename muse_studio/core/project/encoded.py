"""PNGs of pixels that have not changed since they were last encoded, so that saving again costs only what is new.

Knows nothing about layers: an array that nobody writes to is its own key, for as long as it lives.
"""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from muse_studio.core import limits
from muse_studio.core.pictures import encode_png

Pixels = NDArray[np.uint8]


@dataclass(slots=True)
class EncodedPixels:
    """Remembers at most `limit_bytes` of PNGs; may be used from several threads at once."""

    limit_bytes: int = limits.PROJECT_CACHE_LIMIT_BYTES
    _kept: dict[int, tuple[weakref.ref[Pixels], bytes]] = field(default_factory=dict)
    _size_bytes: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def png(self, pixels: Pixels) -> bytes:
        """The PNG of read-only pixels, from memory if they were encoded before; of others it is never kept."""
        if pixels.flags.writeable:
            return encode_png(pixels, quick=True)
        key = id(pixels)
        with self._lock:
            known = self._kept.get(key)
            if known is not None and known[0]() is pixels:
                return known[1]
        data = encode_png(pixels, quick=True)
        with self._lock:
            self._forget(key)
            if self._size_bytes + len(data) <= self.limit_bytes:
                self._kept[key] = (weakref.ref(pixels, lambda _: self._forget(key)), data)
                self._size_bytes += len(data)
        return data

    @property
    def size_bytes(self) -> int:
        """Memory held for PNGs."""
        return self._size_bytes

    def _forget(self, key: int) -> None:
        with self._lock:
            known = self._kept.pop(key, None)
            self._size_bytes -= len(known[1]) if known else 0
