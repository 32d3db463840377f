"""A step's picture made again from its tokens, at the model's full size: what previews are too small for, or were let
go. Costs no step of decoding: all tokens are given as decided. Knows nothing of what the picture is for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from muse_studio.client.jobs import JobState, WorkerState
from muse_studio.client.surface import StudioClient
from muse_studio.core.limits import BASE_SIDE_PX, FRAME_SIDE_PX
from muse_studio.core.model_shape import CELL_PX
from muse_studio.core.request import SIZES_PX, EditRequest, Mode
from muse_studio.core.run_pictures import preview_pixels
from muse_studio.core.runs import Run, RunStep
from muse_studio.core.tokens import TokenState

Pixels = NDArray[np.uint8]

_AWAKE = (WorkerState.READY, WorkerState.BUSY)


def side_px(step: RunStep) -> int:
    """Of the model's own picture at this step's stage."""
    if step.stage != "base":
        return FRAME_SIDE_PX
    side = CELL_PX * len(step.confidence)
    return side if side in SIZES_PX else BASE_SIDE_PX


def can_redecode(client: StudioClient, run: Run, step: RunStep) -> bool:
    """Whether the worker of the model that made the step's tokens is there."""
    return step.tokens is not None and client.status.state in _AWAKE and run.is_made_by(client.status.model)


def is_quick(client: StudioClient, step: RunStep) -> bool:
    """Whether making it again is a tenth of a second's work: small, or not on a CPU."""
    info = client.device_info
    return side_px(step) <= BASE_SIDE_PX or (info is not None and info.kind != "cpu")


async def full_picture(client: StudioClient, run: Run, step: RunStep) -> Pixels | None:
    """uint8 [s, s, 3], the best there is: kept at full size, made again, or the preview; None where nothing is left.

    A job of its own in the queue, so it waits for the one that runs. Tokens of another model give the preview.
    """
    kept = preview_pixels(step.picture)
    if kept is not None and kept.shape[0] >= side_px(step):
        return kept
    if step.tokens is None or not can_redecode(client, run, step):
        return kept
    job = client.submit(request_for(step.tokens, side_px(step)))
    made = await job.wait() is JobState.FINISHED and job.result is not None
    return job.result.picture if made and job.result is not None else kept


def request_for(tokens: TokenState, size: int) -> EditRequest:
    """Nothing is left to decide, so it is a decoder's work alone."""
    fine = None if tokens.superres is None else tokens.superres.tokens
    return EditRequest(Mode.CONTINUE, "", size=size, tokens=TokenState.whole(tokens.base.tokens, fine))
