"""Whether Krita shows our projects as we do, and we its files: `python .ci/krita_check.py [KEEP]`.

Krita works without its window here, but needs a display: on a machine without one, begin with `xvfb-run -a`.
KEEP: a folder for the three files; without it nothing is left behind.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from muse_studio.core.document import Document
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Variation
from muse_studio.core.pictures import decode_picture
from muse_studio.core.project.encoded import EncodedPixels
from muse_studio.core.project.project import Project
from muse_studio.core.project.reading import read_project
from muse_studio.core.project.writing import project_parts

SIDE_PX = 96
ALLOWED = 1
"""Of 255: two programs may round a half-transparent pixel differently."""


def layered() -> Document:
    """Layers over the edge, at negative places, hidden, half opaque, with variations and a name in three scripts."""
    across = np.tile(np.linspace(0, 255, 3 * SIDE_PX // 2, dtype=np.uint8), (SIDE_PX, 1))
    document = Document(np.dstack([across, across, np.full_like(across, 90)]))
    fox = Variation(blob(50, 40, 220)), Variation(blob(50, 40, 30))
    document.add_result(Rect(30, 10, 40, 50), fox, "A fox „ä“ 狐")
    document.change_layer(document.layers[-1].id, "Opacity", opacity=0.6)
    document.add_result(Rect(110, 60, 60, 60), [Variation(blob(60, 60, 240))], "Over the edge")
    document.add_result(Rect(-20, -15, 60, 60), [Variation(blob(60, 60, 130))], "Negative place")
    document.add_result(Rect(60, 30, 30, 30), [Variation(blob(30, 30, 0))], "Hidden")
    document.change_layer(document.layers[-1].id, "Hide", visible=False)
    return document


def blob(height: int, width: int, value: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """uint8 [H, W, 4]: opaque in the middle, gone at the border."""
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(rows - height / 2, columns - width / 2) / (min(height, width) / 2)
    alpha = np.clip((1 - away) * 510, 0, 255).astype(np.uint8)
    return np.dstack([np.full((height, width), value, np.uint8)] * 3 + [alpha])


def krita(source: Path, target: Path) -> None:
    command = ["krita", "--export", "--export-filename", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


def main(folder: Path) -> int:
    document = layered()
    ours, shown, back = folder / "ours.ora", folder / "krita.png", folder / "krita.ora"
    ours.write_bytes(b"".join(project_parts(Project(document.snapshot(), "check"), EncodedPixels())))
    krita(ours, shown)
    krita(ours, back)
    there = difference(document.picture, decode_picture(shown.read_bytes(), shown.name).pixels)
    read = read_project(back).state
    here = difference(document.picture, read.picture())
    same = [layer.name for layer in read.layers] == [layer.name for layer in document.layers]
    print(f"what Krita shows of our project differs by {there} of 255 at most")
    print(f"what we show of Krita's file differs by {here} of 255 at most")
    print(f"its layers have {'the same' if same else 'OTHER'} names")
    return 0 if same and max(there, here) <= ALLOWED else 1


def difference(one: np.ndarray, other: np.ndarray) -> int:  # type: ignore[type-arg]
    """The largest of any channel; 255 for other shapes. What has no alpha is opaque."""
    one, other = (np.dstack([part, np.full(part.shape[:2], 255, np.uint8)])[..., :4] for part in (one, other))
    return int(np.abs(one.astype(int) - other).max()) if one.shape == other.shape else 255


if __name__ == "__main__":
    if shutil.which("krita") is None:
        sys.exit("Krita is not installed.")
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1])))
    with tempfile.TemporaryDirectory() as kept_for_a_moment:
        sys.exit(main(Path(kept_for_a_moment)))
