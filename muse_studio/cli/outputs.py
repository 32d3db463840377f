"""The files that a command leaves, with everything inside that makes them again, and what a program is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse_studio import __version__
from muse_studio.cli.jobs import Outcome
from muse_studio.core.files import atomic_write
from muse_studio.core.metadata import pixels_digest, request_text
from muse_studio.core.pictures import encode_png
from muse_studio.core.request import EditRequest
from muse_studio.core.tokens import TokenState


@dataclass(frozen=True, slots=True)
class Finished:
    """One picture to write, uint8 [H, W, 3 or 4]. tokens: where they make the whole of it, else None."""

    outcome: Outcome
    pixels: NDArray[np.uint8]
    tokens: TokenState | None = None


def write_all(path: Path, request: EditRequest, pictures: Sequence[Finished], **more: Any) -> dict[str, Any]:
    """Writes each variation's file and says what a program wants to know: of the first, and a list of several."""
    told = []
    for number, (picture, seed) in enumerate(zip(pictures, request.seeds, strict=True)):
        own = replace(request, seed=seed, count=1)
        place = path if len(pictures) == 1 else path.with_stem(f"{path.stem}-{number + 1}")
        _write(place, own, picture)
        told.append(_facts(place, own, picture))
    return {**told[0], **({"variations": told} if len(told) > 1 else {}), **more}


def _write(path: Path, request: EditRequest, picture: Finished) -> None:
    outcome = picture.outcome
    extra = {"model": outcome.model, "device": outcome.device, "version": __version__}
    if picture.tokens is not None:
        extra["pixels"] = pixels_digest(picture.pixels)
    atomic_write(path, encode_png(picture.pixels, request_text(request, extra, picture.tokens)))


def _facts(path: Path, request: EditRequest, picture: Finished) -> dict[str, Any]:
    height, width = picture.pixels.shape[:2]
    return {
        "output": str(path),
        "width": width,
        "height": height,
        "seed": request.seed,
        "seconds": round(picture.outcome.seconds, 3),
        "model": picture.outcome.model,
        "device": picture.outcome.device,
        "request": request.settings(),
    }
