"""Going on from a step of a run with something changed: the request for it, and what was changed in words' terms.

Knows nothing of windows or jobs. With nothing changed the request makes the same picture, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode, Reached
from muse_studio.core.run import Run, RunStep
from muse_studio.core.tokens import TokenGrid, TokenState

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class BranchWish:
    """What shall be different from here on. guidance: of each stage; None is the model's own."""

    prompt: str
    negative_prompt: str
    seed: int
    base_guidance: float | None = None
    superres_guidance: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Masking:
    """Another mask for a branch. picture: uint8 [S, S, 3], the frame as it is now; mask: uint8 [S, S]."""

    picture: Pixels
    mask: Pixels


def same_wish(run: Run, variation: int) -> BranchWish:
    """The wish that changes nothing."""
    request = run.request
    return BranchWish(
        request.prompt,
        request.negative_prompt,
        request.seeds[variation],
        request.base.guidance,
        request.superres.guidance,
    )


def branch_request(run: Run, step: RunStep, wish: BranchWish, masking: Masking | None = None) -> EditRequest:
    """Go on from `step` as `wish` says. MuseStudioError(BAD_REQUEST) where a run's steps are no places to go on from.

    masking: None keeps the picture and mask that the run had. Under another mask, what the step had decided inside
    both masks stays; what only the new one covers is made anew; everything outside it is as `masking.picture` shows.
    An edit by prompt takes no mask: its iterations go on from where the step stood, and all of the detail is made anew.
    """
    if not run.can_branch or step.tokens is None:
        message = "This run began from a whole picture, so its steps are no places to go on from."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message, f"{run.request.mode.value}")
    request = replace(
        run.request,
        prompt=wish.prompt,
        negative_prompt=wish.negative_prompt,
        seed=wish.seed,
        base=replace(run.request.base, guidance=wish.base_guidance),
        superres=replace(run.request.superres, guidance=wish.superres_guidance),
        count=1,
    )
    if run.is_edit:
        if masking is not None:
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST, "An edit by prompt goes on over the whole picture, not a mask."
            )
        return replace(request, reached=Reached(step.tokens.base.tokens, run.iterations(step)))
    return replace(
        request,
        mode=Mode.CONTINUE,
        picture=request.picture if masking is None else masking.picture,
        mask=request.mask if masking is None else masking.mask,
        tokens=step.tokens if masking is None else _undecided_outside(run, step.tokens),
    )


def _undecided_outside(run: Run, tokens: TokenState) -> TokenState:
    """Only what this run itself has made counts as decided: base tokens beside its mask were the picture's."""
    base = tokens.base
    return TokenState(TokenGrid(base.tokens, base.decided & run.inside(len(base.tokens))), tokens.superres)


class Changed(StrEnum):
    """What a branch has other than the run it left."""

    PROMPT = "prompt"
    NEGATIVE_PROMPT = "negative_prompt"
    SEED = "seed"
    GUIDANCE = "guidance"
    MASK = "mask"


def changes(run: Run, parent: Run) -> tuple[Changed, ...]:
    """What a run has changed against the one it branched from."""
    new, old = run.request, parent.request
    variation = run.parent.variation if run.parent is not None and run.parent.variation < old.count else 0
    pairs = {
        Changed.PROMPT: (new.prompt, old.prompt),
        Changed.NEGATIVE_PROMPT: (new.negative_prompt, old.negative_prompt),
        Changed.SEED: (new.seed, old.seeds[variation]),
        Changed.GUIDANCE: (
            (new.base.guidance, new.superres.guidance),
            (old.base.guidance, old.superres.guidance),
        ),
    }
    found = [change for change, (now, before) in pairs.items() if now != before]
    same_mask = new.mask is old.mask or (
        new.mask is not None and old.mask is not None and np.array_equal(new.mask, old.mask)
    )
    return tuple(found if same_mask else [*found, Changed.MASK])
