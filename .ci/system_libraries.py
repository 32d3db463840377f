"""The shared libraries of the system that PySide6 needs on Linux: which are missing, and their Debian packages.

PySide6's wheel carries Qt but not what Qt links to: the list below is what `ldd` shows for QtGui, QtWidgets, QtDBus
and the `xcb`, `wayland` and `offscreen` platforms of PySide6 6.11. With --install, as root on Debian or Ubuntu,
the missing ones are installed; otherwise the exact command to run is printed. Standard library only.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Without these `import PySide6.QtWidgets` fails, even off screen.
NEEDED = {
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
FONTS = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", str(Path.home() / ".local/share/fonts"))


def present(library: str) -> bool:
    """Whether the loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_fonts() -> bool:
    """Whether any scalable font is installed: Qt draws boxes for letters without one."""
    walks = (names for folder in FONT_FOLDERS for _, _, names in os.walk(folder))
    return any(name.lower().endswith((".ttf", ".otf", ".ttc")) for names in walks for name in names)


def missing_packages() -> tuple[list[str], list[str]]:
    """(libraries that were not found, Debian packages to install)."""
    libraries = [name for group in (NEEDED, FOR_X11, FOR_WAYLAND) for name in group if not present(name)]
    known = NEEDED | FOR_X11 | FOR_WAYLAND
    packages = sorted({known[name] for name in libraries} | (set() if has_fonts() else {FONTS}))
    return libraries, packages


def renamed(package: str) -> str:
    """Debian 13 and Ubuntu 24.04 call some packages by a new name: libglib2.0-0 is libglib2.0-0t64 there."""
    for name in (package, f"{package}t64"):
        found = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if found.returncode == 0:
            return name
    return package


def install(packages: list[str]) -> int:
    """Install with apt-get; its exit status."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    names = [renamed(package) for package in packages]
    print("Installing system libraries that Qt needs:", " ".join(names), flush=True)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode


def main(arguments: list[str]) -> int:
    """Exit status 0 when all that is needed to run off screen is there (afterwards, with --install)."""
    if sys.platform != "linux":
        return 0
    libraries, packages = missing_packages()
    if not packages:
        return 0
    if libraries:
        print("Not found on this system:", ", ".join(libraries))
    may_install = "--install" in arguments and shutil.which("apt-get") is not None and os.geteuid() == 0
    if may_install and install(packages) == 0 and not missing_packages()[0]:
        return 0
    print("Qt needs these. On Debian or Ubuntu run:\n  sudo apt-get install", " ".join(packages))
    print("On another Linux, install the packages that hold the libraries named above.")
    fatal = [name for name in NEEDED if not present(name)]
    return 1 if fatal else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
