"""Between the values both ends work with and the letters that cross: requests, steps, results and errors.

Checks here what a shape alone can't say, for instance that tokens and confidence belong to one grid. Every fault of the
other side is MuseStudioError(PROTOCOL). Knows nothing of pipes.
"""

from __future__ import annotations

import numpy as np

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse
from muse_studio.core.model_shape import ModelShape
from muse_studio.core.offers import Offer, OfferKind
from muse_studio.core.request import EditRequest, Mode, Reached, StagePlan
from muse_studio.core.tokens import TokenGrid, TokenState
from muse_studio.ipc import limits
from muse_studio.ipc.events import ResultEvent, StepEvent
from muse_studio.ipc.framing import protocol_error
from muse_studio.ipc.messages import (
    Array,
    Failed,
    Finished,
    Letter,
    Looked,
    LoraPart,
    Made,
    ModelInfo,
    Plan,
    Run,
    Size,
    SmallerPlan,
    Step,
    shapes_of,
)

NO_PREVIEW = np.zeros((0, 0, 3), np.uint8)
NO_PREVIEW.flags.writeable = False


def run_letter(job: int, request: EditRequest) -> Letter:
    """A request on its way to the worker."""
    reached = request.reached
    arrays = (
        request.picture,
        request.mask,
        *_token_arrays(request.tokens),
        None if reached is None else reached.tokens,
    )
    message = Run(
        job=job,
        mode=request.mode.value,
        prompt=request.prompt,
        negative_prompt=request.negative_prompt,
        seed=int(request.seed),
        size=_size(request.size),
        base=_plan(request.base),
        superres=_plan(request.superres),
        share=float(request.share),
        count=int(request.count),
        strength=float(request.strength),
        iterations=0 if reached is None else int(reached.iterations),
        loras=tuple(LoraPart(use.name, use.sha256, float(use.strength), use.path) for use in request.loras),
        shapes=shapes_of(*arrays),
    )
    return Letter(message, arrays)


def read_request(letter: Letter) -> EditRequest:
    """The request of a Run letter. MuseStudioError if it is one that `EditRequest` refuses."""
    run = letter.message
    assert isinstance(run, Run)
    picture, mask, *tokens, reached = letter.arrays
    return EditRequest(
        mode=Mode(run.mode),
        prompt=run.prompt,
        negative_prompt=run.negative_prompt,
        seed=run.seed,
        size=run.size,
        base=StagePlan(run.base.steps, run.base.guidance, run.base.temperature),
        superres=StagePlan(run.superres.steps, run.superres.guidance, run.superres.temperature),
        picture=picture,
        mask=mask,
        tokens=_token_state(*tokens),
        share=run.share,
        count=run.count,
        strength=run.strength,
        reached=None if reached is None else Reached(reached, run.iterations),
        loras=tuple(LoraUse(part.name, part.sha256, part.strength, path=part.path) for part in run.loras),
    )


def _token_arrays(state: TokenState | None) -> tuple[Array | None, ...]:
    """Tokens and what of them is decided, of both grids."""
    grids = (None, None) if state is None else (state.base, state.superres)
    pairs = [(None, None) if grid is None else (grid.tokens, grid.decided.astype(np.uint8)) for grid in grids]
    return (*pairs[0], *pairs[1])


def _token_state(
    base: Array | None, base_decided: Array | None, superres: Array | None, superres_decided: Array | None
) -> TokenState | None:
    coarse, fine = _token_grid(base, base_decided), _token_grid(superres, superres_decided)
    if coarse is None:
        if fine is not None:
            raise protocol_error("super-resolution tokens without their base tokens")
        return None
    return TokenState(coarse, fine)


def _token_grid(tokens: Array | None, decided: Array | None) -> TokenGrid | None:
    if (tokens is None) != (decided is None):
        raise protocol_error("tokens without what of them is decided, or the reverse")
    return None if tokens is None or decided is None else TokenGrid(tokens, decided != 0)


def step_letter(job: int, step: StepEvent, with_preview: bool = True) -> Letter:
    """A step on its way to the studio, if need be without its preview: tokens are never left out."""
    known = step.known.astype(np.uint8)
    arrays = (step.tokens, step.confidence, known, step.preview if with_preview else NO_PREVIEW)
    message = Step(
        job=job,
        index=step.index,
        total=step.total,
        stage="base" if step.stage == "base" else "superres",
        job_index=step.job_index,
        job_total=step.job_total,
        seconds_left=step.seconds_left,
        variation=step.variation,
        shapes=shapes_of(*arrays),
    )
    return Letter(message, arrays)


def read_step(letter: Letter) -> StepEvent:
    """The step of a Step letter; its arrays are read-only."""
    step = letter.message
    assert isinstance(step, Step)
    tokens, confidence, known, preview = letter.arrays
    assert tokens is not None
    assert confidence is not None
    assert known is not None
    assert preview is not None
    if len({tokens.shape, confidence.shape, known.shape}) != 1 or tokens.size == 0:
        shapes = f"{tokens.shape}, {confidence.shape} and {known.shape}"
        raise protocol_error(f"tokens, confidence and what is known, {shapes}, are not one grid")
    if preview.shape[2] != 3 or (preview.size == 0 and preview.shape != NO_PREVIEW.shape):
        raise protocol_error(f"a preview of shape {preview.shape} is not a picture")
    if tokens.min() < 0 or not (confidence.min() >= 0 and confidence.max() <= 1):
        raise protocol_error("tokens or confidences are out of their range")
    return StepEvent(
        index=step.index,
        total=step.total,
        stage=step.stage,
        job_index=step.job_index,
        job_total=step.job_total,
        tokens=tokens,
        confidence=confidence,
        known=known != 0,
        preview=preview,
        seconds_left=step.seconds_left,
        variation=step.variation,
    )


def result_letter(job: int, result: ResultEvent, count: int) -> Letter:
    """A result on its way to the studio: the last of `count` variations ends the job."""
    arrays = (result.picture, result.base_tokens, result.superres_tokens, result.edited)
    notes = tuple(_sendable(note)[: limits.MESSAGE_LIMIT_CHARACTERS] for note in result.notes[: limits.NOTES_LIMIT])
    shapes = shapes_of(*arrays)
    if result.variation + 1 < count:
        made = Made(job=job, variation=result.variation, seconds=result.seconds, notes=notes, shapes=shapes)
        return Letter(made, arrays)
    return Letter(Finished(job=job, seconds=result.seconds, notes=notes, shapes=shapes), arrays)


def read_result(letter: Letter, size: int, variation: int = 0) -> ResultEvent:
    """The result of a Made or Finished letter, whose picture must be [size, size, 3]; its arrays are read-only.

    variation: the one that comes next.
    """
    message = letter.message
    assert isinstance(message, Made | Finished)
    picture, base_tokens, superres_tokens, edited = letter.arrays
    assert picture is not None
    if picture.shape != (size, size, 3) or (edited is not None and edited.shape != (size, size)):
        raise protocol_error(f"a result of shape {picture.shape} for a request of {size} px")
    if isinstance(message, Made) and message.variation != variation:
        raise protocol_error(f"variation {message.variation} where {variation} comes next")
    return ResultEvent(picture, base_tokens, superres_tokens, message.seconds, edited, message.notes, variation)


def failed_letter(job: int | None, error: MuseStudioError) -> Letter:
    """An error on its way to the studio, cut to what fits: the beginning of its message, the end of its detail."""
    message = _sendable(error.message)[: limits.MESSAGE_LIMIT_CHARACTERS]
    detail = _sendable(error.detail)[-limits.DETAIL_LIMIT_CHARACTERS :]
    offers = tuple(SmallerPlan(offer.kind.value, offer.value) for offer in error.offers[: limits.OFFERS_LIMIT])
    return Letter(Failed(job=job, kind=error.kind.value, message=message, detail=detail, offers=offers))


def read_error(failed: Failed) -> MuseStudioError:
    """The error of a Failed message. A kind this side doesn't know is refused, and so is an offer."""
    try:
        kind = ErrorKind(failed.kind)
    except ValueError as fault:
        raise protocol_error(f"an error of the unknown kind {failed.kind!r}") from fault
    try:
        offers = tuple(Offer(OfferKind(plan.kind), plan.value) for plan in failed.offers)
    except MuseStudioError as fault:
        raise protocol_error("a smaller plan that cannot be taken", fault.message) from fault
    return MuseStudioError(kind, failed.message, failed.detail, offers)


def looked_letter(nonce: int, found: LoraUse | MuseStudioError) -> Letter:
    """What a LoRA file is, or why it cannot be used, on its way to the studio."""
    if isinstance(found, LoraUse):
        return Letter(Looked(nonce, found.name, found.sha256))
    problem = _sendable(found.message)[: limits.MESSAGE_LIMIT_CHARACTERS]
    return Letter(Looked(nonce, "", "", problem, _sendable(found.detail)[-limits.DETAIL_LIMIT_CHARACTERS :]))


def read_looked(looked: Looked, path: str) -> LoraUse:
    """The LoRA that a worker has looked at. MuseStudioError(BAD_MODEL) with its words where it cannot be used."""
    if looked.problem:
        raise MuseStudioError(ErrorKind.BAD_MODEL, looked.problem, looked.detail)
    try:
        return LoraUse(looked.name, looked.sha256, path=path)
    except MuseStudioError as fault:
        raise protocol_error("a LoRA that is none", fault.message) from fault


def read_shape(info: ModelInfo) -> ModelShape:
    """What an artist's canvas must know of the model that a worker has loaded."""
    return ModelShape(info.name, info.sizes, info.base_grid, info.superres_grid, info.loras == "taken")


def _size(size: int) -> Size:
    return 256 if size == 256 else 512 if size == 512 else 1024


def _plan(plan: StagePlan) -> Plan:
    steps = None if plan.steps is None else int(plan.steps)
    return Plan(steps=steps, guidance=_number(plan.guidance), temperature=_number(plan.temperature))


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
