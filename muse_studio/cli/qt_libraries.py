"""The shared libraries of a Linux system that PySide6 needs: which are missing, and the Debian packages that hold them.

PySide6's wheel carries Qt but not what Qt links to: the lists are what `ldd` shows for QtGui, QtWidgets, QtDBus and the
`offscreen`, `xcb` and `wayland` platforms of PySide6 6.11. Knows nothing of Qt itself, nor of installing.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path

# Without these `import PySide6.QtWidgets` fails, even off screen.
FOR_QT = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# Without these no window opens on an X11 desktop.
FOR_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# And these for a window on a Wayland desktop.
FOR_WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts"))
FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


@dataclass(frozen=True, slots=True)
class QtNeeds:
    """What this system lacks.

    fatal:    libraries without which nothing of Qt loads.
    window:   libraries without which no window opens on X11 or Wayland; off screen they are not needed.
    fonts:    whether a scalable font is missing: Qt draws boxes for letters without one.
    packages: the Debian packages to install, sorted.
    """

    fatal: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    fonts: bool = False
    packages: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that installs everything on Debian or Ubuntu; empty if nothing is missing."""
        return f"sudo apt-get install {' '.join(self.packages)}" if self.packages else ""


def missing() -> QtNeeds:
    """Look at this system. Nothing is ever missing on Windows and macOS, where Qt's wheel is complete."""
    if sys.platform != "linux":
        return QtNeeds()
    fatal = tuple(name for name in FOR_QT if not loads(name))
    window = tuple(name for name in FOR_X11 | FOR_WAYLAND if not loads(name))
    fonts = not has_fonts()
    owners = FOR_QT | FOR_X11 | FOR_WAYLAND
    packages = {owners[name] for name in (*fatal, *window)} | ({FONT_PACKAGE} if fonts else set())
    return QtNeeds(fatal, window, fonts, tuple(sorted(packages)))


def loads(library: str) -> bool:
    """Whether the system's loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_fonts() -> bool:
    """Whether any scalable font is installed."""
    walks = (names for folder in FONT_FOLDERS for _, _, names in os.walk(folder.expanduser()))
    return any(name.lower().endswith(FONT_SUFFIXES) for names in walks for name in names)
