"""Runs requests in this process and keeps their steps. Knows nothing of tensors, or of what a picture shows."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from muse_studio.cli.model_files import CASCADE_FILE
from muse_studio.cli.options import model_folder
from muse_studio.cli.progress import Speaker
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.files import atomic_write
from muse_studio.core.pictures import encode_png
from muse_studio.core.request import EditRequest

if TYPE_CHECKING:
    from muse_studio.worker.session import StepEvent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model made: uint8 [S, S, 3], S the request's size; which model on which device took how long; and, of an
    edit without a mask, uint8 [S, S] that is 255 where something changed."""

    picture: NDArray[np.uint8]
    model: str = ""
    device: str = ""
    seconds: float = 0.0
    edited: NDArray[np.uint8] | None = None


def compute(options: argparse.Namespace, request: EditRequest, speaker: Speaker) -> Outcome:
    """Load the model and run one request. MuseStudioError for every known fault."""
    return Runner(options, speaker).run(request)


class Runner:
    """A model that is loaded once, for one request after another. MuseStudioError for every known fault."""

    def __init__(self, options: argparse.Namespace, speaker: Speaker) -> None:
        folder = model_folder(options)
        if not (folder / CASCADE_FILE).is_file():  # said at once, and not after the seconds that importing torch takes
            message = (
                f"There is no model in “{folder}”: it holds no {CASCADE_FILE}. Choose another folder with --model."
            )
            raise MuseStudioError(ErrorKind.BAD_MODEL, message)
        self._speaker = speaker
        self._steps_dir: Path | None = options.steps_dir
        StepFiles(self._steps_dir)  # refuses a folder that can't be made, before the model is loaded
        from muse_studio.worker.session import Session  # torch comes with it

        self._session = Session()
        self._session.load(folder, options.device, speaker.loading)

    def run(self, request: EditRequest, below: str = "") -> Outcome:
        """Run a request and write the steps that were asked for, into the folder `below` the one for steps."""
        from muse_studio.worker.session import ResultEvent

        session, speaker = self._session, self._speaker
        steps = StepFiles(self._steps_dir / below if self._steps_dir else None)
        for event in session.run(request):
            if isinstance(event, ResultEvent):
                steps.write_final(event.picture)
                for note in event.notes:
                    speaker.notice(note)
                model, device = session.model_info().name, session.device_info().name
                return Outcome(event.picture, model, device, event.seconds, event.edited)
            speaker.step(event, steps.write(event))
        raise MuseStudioError(ErrorKind.INTERNAL, "The job ended without a picture. Please report this.")


class StepFiles:
    """Every step's preview as a PNG, `base-01.png` to `superres-08.png`, and the model's picture as `final.png`.

    folder: made if it is missing; None writes nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            message = f"The folder “{folder}” for the steps cannot be made: {fault.strerror}. Choose another."
            raise MuseStudioError(ErrorKind.DISK, message, repr(fault)) from fault

    def write(self, step: StepEvent) -> str | None:
        """The file that shows this step, or None."""
        digits = max(2, len(str(step.total)))
        return self._write(f"{step.stage}-{step.index + 1:0{digits}d}.png", step.preview)

    def write_final(self, picture: NDArray[np.uint8]) -> None:
        self._write("final.png", picture)

    def _write(self, name: str, pixels: NDArray[np.uint8]) -> str | None:
        if self._folder is None:
            return None
        path = self._folder / name
        atomic_write(path, encode_png(pixels, {}))
        return str(path)
