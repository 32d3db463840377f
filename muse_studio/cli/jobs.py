"""Runs requests in this process and keeps their steps. Knows nothing of tensors, or of what a picture shows."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse_studio.cli.options import model_folder
from muse_studio.cli.progress import Speaker
from muse_studio.cli.step_files import StepFiles, make_folder
from muse_studio.core.cascade_folder import CASCADE_NAME, is_cascade
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from muse_studio.core.published_folder import INDEX_NAME
from muse_studio.core.request import EditRequest
from muse_studio.core.tokens import TokenState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the model made: uint8 [S, S, 3], S the request's size; which model on which device took how long; of a mode
    without a mask of its own, uint8 [S, S] that is 255 where something is new; and the tokens of it all."""

    picture: NDArray[np.uint8]
    model: str = ""
    device: str = ""
    seconds: float = 0.0
    edited: NDArray[np.uint8] | None = None
    tokens: TokenState | None = None


def compute(options: argparse.Namespace, request: EditRequest, speaker: Speaker) -> list[Outcome]:
    """Load the model and run one request: one outcome for each variation. MuseStudioError for every known fault."""
    return Runner(options, speaker, request.loras).run(request)


class Runner:
    """A model that is loaded once, for one request after another. MuseStudioError for every known fault."""

    def __init__(self, options: argparse.Namespace, speaker: Speaker, loras: Sequence[LoraUse] = ()) -> None:
        """loras: those of the requests to come; those of a model in int8 can't be changed any more."""
        folder = model_folder(options)
        if not is_cascade(folder):  # said at once, and not after the seconds that importing torch takes
            names = f"neither {CASCADE_NAME} nor {INDEX_NAME}"
            message = f"There is no model in “{folder}”: it holds {names}. Choose another folder with --model."
            raise MuseStudioError(ErrorKind.BAD_MODEL, message)
        self._speaker = speaker
        self._steps_dir: Path | None = options.steps_dir
        self._tokens_of: str = getattr(options, "tokens_of", "")
        make_folder(self._steps_dir)  # or be refused before the model is loaded
        from muse_studio.worker.session import Session  # torch comes with it

        self._session = Session(way="sequential" if options.low_memory else None)
        self._session.load(folder, options.device, speaker.loading, options.dtype, loras)

    def run(self, request: EditRequest, below: str = "") -> list[Outcome]:
        """Run a request and write the steps that were asked for, into the folder `below` the one for steps."""
        from muse_studio.worker.session import ResultEvent

        session, speaker = self._session, self._speaker
        model, device = session.model_info().name, session.device_info().name
        self._refuse_other_model(model)
        steps = StepFiles(self._steps_dir / below if self._steps_dir else None, request, model)
        outcomes = []
        for event in session.run(request):
            if isinstance(event, ResultEvent):
                steps.write_final(event)
                for note in event.notes if event.variation == 0 else ():
                    speaker.notice(note)
                tokens = None
                if event.base_tokens is not None:
                    tokens = TokenState.whole(event.base_tokens, event.superres_tokens)
                outcomes.append(Outcome(event.picture, model, device, event.seconds, event.edited, tokens))
                continue
            preview = steps.write(event)
            if event.variation == 0:
                speaker.step(event, preview)
        return outcomes

    def _refuse_other_model(self, model: str) -> None:
        """Tokens mean something to the model that made them only. MuseStudioError(BAD_REQUEST)."""
        if self._tokens_of not in ("", model):
            message = f"These tokens were made by the model “{self._tokens_of}” and mean nothing to “{model}”."
            raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{message} Choose that model with --model.")
