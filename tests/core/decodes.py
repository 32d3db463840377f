"""Decodes made by hand, for tests of runs: steps whose tokens are decided one after the other, with small previews."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from muse_studio.core.geometry import Rect
from muse_studio.core.job_state import JobState
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.runs import Run, RunTree
from muse_studio.ipc.events import ResultEvent, StepEvent

FRAME = Rect(0, 0, 512, 512)


def inpainting(count: int = 1) -> EditRequest:
    """Under a mask that covers the right half."""
    rng = np.random.default_rng(1)
    mask = np.zeros((512, 512), np.uint8)
    mask[:, 256:] = 255
    picture = rng.integers(0, 256, (512, 512, 3), dtype=np.uint8)
    return EditRequest(Mode.INPAINT, "a fox", "dull", seed=7, picture=picture, mask=mask, count=count)


def decode(
    request: EditRequest, base_steps: int = 4, superres_steps: int = 2, preview_px: int = 32, seed: int = 0
) -> Iterator[StepEvent]:
    """All events, each variation making a step before the next one. Where the request has a mask, the rest is known."""
    rng = np.random.default_rng(seed)
    total = base_steps + superres_steps
    for job_index in range(total):
        base = job_index < base_steps
        side = 16 if base else 64
        index, of = (job_index, base_steps) if base else (job_index - base_steps, superres_steps)
        for variation in range(request.count):
            known = np.arange(side * side).reshape(side, side) < side * side * (index + 1) // of
            if request.mask is not None:
                known |= request.mask[:: 512 // side, :: 512 // side] == 0
            yield StepEvent(
                index=index,
                total=of,
                stage="base" if base else "superres",
                job_index=job_index,
                job_total=total,
                tokens=rng.integers(0, 896, (side, side)).astype(np.int32),
                confidence=rng.random((side, side)).astype(np.float32),
                known=known,
                preview=rng.integers(0, 256, (preview_px, preview_px, 3), dtype=np.uint8),
                seconds_left=None,
                variation=variation,
            )


def result_of(request: EditRequest, variation: int = 0) -> ResultEvent:
    rng = np.random.default_rng(100 + variation)
    return ResultEvent(
        rng.integers(0, 256, (512, 512, 3), dtype=np.uint8),
        rng.integers(0, 896, (16, 16)).astype(np.int32),
        rng.integers(0, 896, (64, 64)).astype(np.int32),
        2.5,
        notes=("Memory was short.",),
        variation=variation,
    )


def record(tree: RunTree, request: EditRequest, **how: int) -> Run:
    """A run from its beginning to its end."""
    run = tree.begin(request, FRAME)
    for event in decode(request, **how):
        tree.add_step(run, event)
    for variation in range(request.count):
        tree.add_result(run, result_of(request, variation))
    tree.finish(run, JobState.FINISHED)
    return run
