"""Every step as a small PNG from which its decode can be continued. Knows nothing of who runs the decode.

The picture is the step's preview; the text inside is the request and the tokens, a few KB.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from muse_studio import __version__
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.core.geometry import Extent
from muse_studio.core.masks import resample_by_maximum
from muse_studio.core.metadata import read_request_text, read_tokens, request_text
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.tokens import TokenGrid, TokenState

if TYPE_CHECKING:
    from muse_studio.ipc.events import ResultEvent, StepEvent

CONTINUED = (Mode.GENERATE, Mode.INPAINT, Mode.CONTINUE)
"""The modes whose steps can be gone on from; the others begin from a whole picture, as a step of theirs does."""


@dataclass(frozen=True, slots=True)
class SavedStep:
    """A step to go on from. settings: of the request it is of. under_mask: whether that had a picture and a mask."""

    settings: dict[str, Any]
    tokens: TokenState
    model: str
    under_mask: bool


def open_step(path: Path) -> SavedStep:
    """The step in a PNG that `StepFiles` wrote. MuseStudioError(BAD_PICTURE) where there is none."""
    text = open_picture(path).text
    settings, tokens = read_request_text(text), read_tokens(text)
    facts = settings.pop("extra", {}) if settings else {}
    if settings is None or tokens is None or "step" not in facts:
        message = f"“{path.name}” holds no step to go on from. Give one of the PNGs that --steps-dir leaves."
        raise MuseStudioError(ErrorKind.BAD_PICTURE, message)
    return SavedStep(settings, tokens, str(facts.get("model", "")), bool(facts.get("under_mask")))


def make_folder(folder: Path | None) -> None:
    """MuseStudioError(DISK) if it is not there and cannot be made."""
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        message = f"The folder “{folder}” for the steps cannot be made: {fault.strerror}. Choose another."
        raise MuseStudioError(ErrorKind.DISK, message, repr(fault)) from fault


class StepFiles:
    """Every step's preview as a PNG, `base-01.png` to `superres-08.png`, and the model's picture as `final.png`.

    folder: made if it is missing; None writes nothing. Each of several variations has a folder of its own in it.
    """

    def __init__(self, folder: Path | None, request: EditRequest, model: str) -> None:
        self._folder, self._request, self._model = folder, request, model
        self._alone = [replace(request, seed=seed, count=1) for seed in request.seeds]
        self._base: dict[int, NDArray[np.int32]] = {}
        if request.tokens is not None:
            self._base = dict.fromkeys(range(request.count), request.tokens.base.tokens)
        for variation in range(request.count):
            make_folder(self._place(variation))

    def write(self, step: StepEvent) -> str | None:
        """The file that shows this step, or None."""
        if step.stage == "base":
            self._base[step.variation] = step.tokens
        digits = max(2, len(str(step.total)))
        facts = {"step": step.index, "stage": step.stage, "under_mask": self._request.mask is not None}
        tokens = self._state(step) if self._request.mode in CONTINUED else None
        name = f"{step.stage}-{step.index + 1:0{digits}d}.png"
        return self._write(step.variation, name, step.preview, facts, tokens)

    def write_final(self, result: ResultEvent) -> None:
        """The model's own picture, before it is put into a larger one."""
        self._write(result.variation, "final.png", result.picture, {}, None)

    def _state(self, step: StepEvent) -> TokenState:
        """What is decided now: under the mask, if there is one, for the rest is the picture's."""
        side = len(step.tokens)
        mask = self._request.mask
        inside = np.True_ if mask is None else resample_by_maximum(mask, Extent(side, side)) > 0
        grid = TokenGrid(step.tokens, step.known & inside)
        if step.stage == "base":
            return TokenState(grid)
        return TokenState(TokenGrid.whole(self._base[step.variation]), grid)

    def _place(self, variation: int) -> Path | None:
        if self._folder is None or self._request.count == 1:
            return self._folder
        return self._folder / f"variation-{variation + 1:02d}"

    def _write(
        self, variation: int, name: str, pixels: NDArray[np.uint8], facts: dict[str, Any], tokens: TokenState | None
    ) -> str | None:
        folder = self._place(variation)
        if folder is None:
            return None
        path = folder / name
        extra = {"model": self._model, "version": __version__, **facts}
        atomic_write(path, encode_png(pixels, request_text(self._alone[variation], extra, tokens)))
        return str(path)
