"""Makes the pictures that are judged, one after another, and keeps them, so that a run that was stopped goes on.

Knows nothing of who judges them.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write, disk_error
from muse_studio.core.pictures import open_picture
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.checkpoint import read_cascade_json
from muse_studio.muse.device import DeviceError, pick_device
from muse_studio.muse.folder import CASCADE_NAME, CheckpointError

Pixels = NDArray[np.uint8]
Report = Callable[[str], None]
REPORT_EVERY_S = 10.0


class Maker:
    """A cascade and the folder of the pictures that it has made."""

    def __init__(self, model: Path, device: str, size: int, kept: Path, report: Report) -> None:
        """size: 512, or 256 for the base stage alone. MuseStudioError BAD_MODEL, DEVICE, DISK."""
        self.cascade = load_cascade(model, device)
        self._digest = hashlib.sha256(
            (model / CASCADE_NAME).read_bytes()
        ).hexdigest()  # it lists the sha256 of the rest
        self._size, self._kept, self._report = size, kept, report
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise disk_error(kept, fault) from fault

    def pictures(self, prompts: Sequence[str], first_seed: int) -> Iterator[Pixels]:
        """uint8 [size, size, 3] of each prompt by the model's own plans, seeds counted up from `first_seed`."""
        begun = said = time.perf_counter()
        made = 0
        for number, prompt in enumerate(prompts):
            path = self._kept / f"{self._name(prompt, first_seed + number)}.png"
            picture = self._again(path)
            if picture is None:
                picture = self._make(prompt, first_seed + number)
                atomic_write(path, png(picture))
                made += 1
            now = time.perf_counter()
            if now - said > REPORT_EVERY_S:
                left = (now - begun) / max(1, made) * (len(prompts) - number - 1)
                self._report(f"picture {number + 1} of {len(prompts)}, {left / 60:.0f} min left")
                said = now
            yield picture

    def _make(self, prompt: str, seed: int) -> Pixels:
        plans = self.cascade.config.defaults
        fine = None if self._size == 256 else plans.superres
        *_, last = self.cascade.sample([prompt], [""], [seed], plans.base, fine)
        picture = self.cascade.picture(last.tokens, last.stage)[0]
        pixels: Pixels = (picture.float() * 255).round().byte().permute(1, 2, 0).cpu().numpy()
        return pixels

    def _name(self, prompt: str, seed: int) -> str:
        """A file's name that changes with everything that decides a picture."""
        decided = (self._digest, str(self.cascade.device.type), str(self.cascade.dtype), prompt, seed, self._size)
        return hashlib.sha256(repr(decided).encode()).hexdigest()[:24]

    def _again(self, path: Path) -> Pixels | None:
        """The picture of an earlier run; None where there is none that can be read."""
        try:
            return open_picture(path).pixels[..., :3] if path.is_file() else None
        except MuseStudioError:
            return None


def model_name(folder: Path) -> str:
    """What the cascade calls itself. MuseStudioError(BAD_MODEL)."""
    try:
        return read_cascade_json(folder).config.name
    except CheckpointError as fault:
        raise MuseStudioError(ErrorKind.BAD_MODEL, f"{fault}. Choose another folder with --model.") from fault


def load_cascade(folder: Path, device: str) -> Cascade:
    """MuseStudioError BAD_MODEL or DEVICE with what to choose instead."""
    try:
        return Cascade.load(folder, pick_device(device))
    except CheckpointError as fault:
        raise MuseStudioError(ErrorKind.BAD_MODEL, f"{fault}. Choose another folder with --model.") from fault
    except DeviceError as fault:
        raise MuseStudioError(ErrorKind.DEVICE, str(fault)) from fault


def png(pixels: Pixels) -> bytes:
    """The picture as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
