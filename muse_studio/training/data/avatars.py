"""Portraits whose every attribute is known: drawn by pinned JavaScript packages, kept as pixels with their words.

Knows nothing of composition; which parts exist and what they are called is in `avatar_words`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import cast

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.training.data.archives import members
from muse_studio.training.data.avatar_words import AvatarPlan, looks, plan_avatar
from muse_studio.training.data.drawings import drawing_path, read_drawing
from muse_studio.training.data.table import is_held_out

AVATARS = 2100
SMALL_PX = 256
_DRAW_LIMIT_S = 600.0
_SEED = 20


@dataclass(frozen=True, slots=True)
class Avatar:
    """One portrait: its row, the words for its style, and phrases that are true of it."""

    index: int
    style: str
    noun: str
    whole: str
    skin: str
    phrases: tuple[str, ...]
    light_background: bool
    held_out: bool


class Avatars:
    """The portraits as pixels. Empty if they were never built: the reduced recipe does without."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: tuple[Avatar, ...] = ()
        try:
            rows = json.loads((folder / "avatars" / "index.json").read_bytes())["avatars"]
            self._small: NDArray[np.uint8] = np.load(folder / "avatars" / "pixels-256.npy", mmap_mode="r")
        except FileNotFoundError:
            return
        self.entries = tuple(Avatar(**{**row, "phrases": tuple(row["phrases"])}) for row in rows)

    def rgba(self, index: int, size: int) -> NDArray[np.uint8]:
        """uint8 [size, size, 4], straight alpha, read-only; size is 256 or 512."""
        if size == SMALL_PX:
            return cast("NDArray[np.uint8]", self._small[index])
        return read_drawing(drawing_path(self.folder, "avatars", f"{index:05d}"))


def build_avatars(archives: dict[str, Path], folder: Path, progress: Callable[[float, str], None]) -> None:
    """Draws AVATARS portraits, alike in number for each style, unless they are there.

    archives: the packages by key, "dicebear-core" and one "dicebear-STYLE" each.
    Raises MuseStudioError(BAD_REQUEST) if Node.js is missing, (INTERNAL) if a portrait cannot be drawn.
    """
    home = folder / "avatars"
    if (home / "index.json").is_file():
        return
    home.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(_SEED)
    plans = [plan_avatar(rng, looks()[n % len(looks())]) for n in range(AVATARS)]
    _render(_draw(plans, archives), folder, progress)
    rows = [_row(index, plan) for index, plan in enumerate(plans)]
    atomic_write(home / "index.json", json.dumps({"avatars": rows}).encode())


def _row(index: int, plan: AvatarPlan) -> dict[str, object]:
    return {
        "index": index,
        "style": plan.style,
        "noun": plan.noun,
        "whole": plan.whole,
        "skin": plan.skin,
        "phrases": plan.phrases,
        "light_background": plan.light_background,
        "held_out": is_held_out("|".join(plan.phrases), plan.noun),
    }


def _render(drawn: Sequence[str], folder: Path, progress: Callable[[float, str], None]) -> None:
    from muse_studio.training.data import rasters

    part = folder / "avatars" / "pixels-256.part.npy"
    shape = (len(drawn), SMALL_PX, SMALL_PX, 4)
    small = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
    for index, svg in enumerate(drawn):
        path = drawing_path(folder, "avatars", f"{index:05d}")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            pixels = read_drawing(path) if path.is_file() else rasters.render_svg(svg)
        except rasters.BadDrawing as error:
            raise MuseStudioError(ErrorKind.INTERNAL, f"Avatar {index} could not be drawn.", str(error)) from error
        if not path.is_file():
            atomic_write(path, rasters.encode_lossless(pixels))
        small[index] = rasters.halved(pixels)
        progress((index + 1) / len(drawn), f"drawing avatar {index + 1} of {len(drawn)}")
    small.flush()
    part.replace(folder / "avatars" / "pixels-256.npy")


def _draw(plans: Sequence[AvatarPlan], archives: dict[str, Path]) -> list[str]:
    """The SVG of each plan, drawn by the packages in a scratch folder."""
    if shutil.which("node") is None:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, "Node.js is needed to draw the avatars. Install it and try again.")
    lines = "\n".join(json.dumps({"style": plan.style, "options": plan.options}) for plan in plans)
    with tempfile.TemporaryDirectory(prefix="avatars-") as scratch:
        _install(archives, Path(scratch))
        done = subprocess.run(
            ["node", "avatars.mjs"],
            cwd=scratch,
            input=lines,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_DRAW_LIMIT_S,
            check=False,
        )
    drawn = [_plain(json.loads(line)) for line in done.stdout.splitlines()] if done.returncode == 0 else []
    if len(drawn) != len(plans):
        raise MuseStudioError(ErrorKind.INTERNAL, "The avatars could not be drawn.", done.stderr[-2000:])
    return drawn


def _plain(svg: str) -> str:
    """Without the overlays, which librsvg blends with grey instead of with the skin below."""
    return svg.replace("mix-blend-mode:overlay", "display:none")


def _install(archives: dict[str, Path], scratch: Path) -> None:
    """Writes the packages' own modules, and nothing that would land outside `scratch`."""
    script = resources.files("muse_studio.training.data").joinpath("avatars.mjs").read_bytes()
    (scratch / "avatars.mjs").write_bytes(script)
    for key, archive in archives.items():
        if not key.startswith("dicebear-"):
            continue
        home = scratch / "node_modules" / "@dicebear" / key.removeprefix("dicebear-")
        for name, data in members(archive, _is_module):
            target = home.joinpath(*PurePosixPath(name).parts[1:])
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def _is_module(name: str) -> bool:
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and path.parts[:1] == ("package",)
    return inside and (path.name == "package.json" or path.suffix == ".js")
