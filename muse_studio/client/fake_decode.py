"""Pictures that form as a decode's do, made of nothing: cells are decided in a drawn order, doubt fades, colours come.

For `fake.FakeClient`. What is made depends on prompt and seed alone, so equal requests give equal steps.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.geometry import Extent
from muse_studio.core.masks import resample_by_maximum
from muse_studio.core.model_shape import OWN_SHAPE, ModelShape, Sight
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.tokens import TokenGrid
from muse_studio.ipc.events import ResultEvent, StepEvent

_PREVIEW_PX_PER_TOKEN = {"base": 8, "superres": 4}
_CODES = 896
STEP_S = 0.1
"""What a step is said to take, whatever the clock says."""


def steps_begun(request: EditRequest, base_steps: int, superres_steps: int) -> int:
    """How many steps lie behind the tokens that a request begins from."""
    if request.reached is not None:
        return min(request.reached.iterations, base_steps)
    if request.tokens is None or request.mode is Mode.EDIT:
        return 0
    fine = request.tokens.superres
    if fine is None:
        return round(base_steps * _share(request, request.tokens.base))
    return base_steps + round(superres_steps * _share(request, fine))


def fake_step(
    request: EditRequest,
    job_index: int,
    base_steps: int,
    job_total: int,
    variation: int = 0,
    begun: int = 0,
    shape: ModelShape = OWN_SHAPE,
) -> StepEvent:
    """One step of one variation by a model of this shape; `begun` steps were made before the job's first."""
    place = job_index + begun
    stage = "base" if place < base_steps else "superres"
    total = base_steps if stage == "base" else job_total + begun - base_steps
    index = place if stage == "base" else place - base_steps
    given = _given(request, stage)
    inside, rng = _inside(request, _grid(shape.sight(request.size), stage)), _chance(request, variation, stage)
    tokens, rank = rng.integers(0, _CODES, inside.shape), rng.permutation(inside.size).reshape(inside.shape)
    known = ~inside | (rank < inside.size * (index + 1) // total)
    sure = np.clip(0.35 + 0.6 * (index + 1) / total + 0.25 * (rng.random(inside.shape) - 0.5), 0, 1)
    if given is not None:
        tokens, known = np.where(given.decided, given.tokens, tokens), known | given.decided
    return StepEvent(
        index=index,
        total=total,
        stage=stage,
        job_index=job_index,
        job_total=job_total,
        tokens=tokens.astype(np.int32),
        confidence=np.where(inside, sure, 1).astype(np.float32),
        known=known,
        preview=_forming(request, variation, stage, known),
        seconds_left=STEP_S * (job_total - job_index - 1),
        variation=variation,
    )


def fake_result(request: EditRequest, variation: int = 0, shape: ModelShape = OWN_SHAPE) -> ResultEvent:
    """The picture under the request's mask; the request's own where there is no mask."""
    picture = _picture(request, variation, request.size)
    if request.picture is not None and request.mask is not None:
        scale = request.frame_side // request.size
        keep = request.mask[::scale, ::scale] == 0
        picture[keep] = request.picture[::scale, ::scale][keep]
    sight = shape.sight(request.size)
    coarse = _tokens(request, variation, "base", sight.base)
    fine = None if sight.detail is None else _tokens(request, variation, "superres", sight.detail)
    return ResultEvent(picture, coarse, fine, 1.0, variation=variation)


def _tokens(request: EditRequest, variation: int, stage: str, side: int) -> NDArray[np.int32]:
    return _chance(request, variation, stage).integers(0, _CODES, (side, side)).astype(np.int32)


def _grid(sight: Sight, stage: str) -> int:
    if stage == "base":
        return sight.base
    assert sight.detail is not None, "a model of one stage has no step of detail"
    return sight.detail


def _given(request: EditRequest, stage: str) -> TokenGrid | None:
    if request.tokens is None:
        return None
    return request.tokens.base if stage == "base" else request.tokens.superres


def _inside(request: EditRequest, side: int) -> NDArray[np.bool_]:
    if request.mask is None:
        return np.ones((side, side), np.bool_)
    return resample_by_maximum(request.mask, Extent(side, side)) > 0


def _share(request: EditRequest, grid: TokenGrid) -> float:
    inside = _inside(request, len(grid.tokens))
    return float((grid.decided & inside).sum() / max(1, inside.sum()))


def _chance(request: EditRequest, variation: int, stage: str) -> np.random.Generator:
    words = f"{request.prompt}/{request.negative_prompt}/{request.seeds[variation]}/{stage}"
    return np.random.default_rng(zlib.crc32(words.encode()))


def _forming(request: EditRequest, variation: int, stage: str, known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """What is decided shows; the rest of the composition is a grey guess, the rest of the detail a blur."""
    side = _PREVIEW_PX_PER_TOKEN[stage] * len(known)
    whole, times = _picture(request, variation, side).astype(np.int32), side // len(known)
    seen = known.repeat(times, 0).repeat(times, 1)[..., None]
    cells = whole.reshape(len(known), times, len(known), times, 3).mean(axis=(1, 3)).repeat(times, 0).repeat(times, 1)
    guess = (cells + 2 * 128) // 3 if stage == "base" else cells
    return np.where(seen, whole, guess).astype(np.uint8)


def _picture(request: EditRequest, variation: int, side: int) -> NDArray[np.uint8]:
    """uint8 [side, side, 3]: a disc before a sky, in colours of the words and the seed."""
    rng = _chance(request, variation, "picture")
    above, below, disc = rng.integers(40, 230, (3, 3))
    down = np.linspace(0, 1, side)[:, None, None]
    picture = np.broadcast_to(above + (below - above) * down, (side, side, 3)).copy()
    x, y, radius = rng.uniform(0.3, 0.7), rng.uniform(0.35, 0.65), rng.uniform(0.15, 0.3)
    rows, columns = np.mgrid[0:side, 0:side] / side
    distance = np.hypot(columns - x, rows - y)
    picture[distance < radius] = disc
    picture[distance < radius / 2] = 255 - disc
    return picture.astype(np.uint8)
