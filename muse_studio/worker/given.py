"""From a request to the tokens a decode begins with, and which of them must stay. Knows nothing of steps or results.

Every mode is a choice of these two, and of what was known when the decode began, if this one continues it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.tokens import TokenGrid
from muse_studio.muse.any_cascade import AnyCascade, StageTraits, Traits
from muse_studio.muse.doubt import least_sure
from muse_studio.muse.masking import known_grids, seeded_share
from muse_studio.muse.plans import KnownGrids, Reached, TokenGrids


@dataclass(frozen=True, slots=True)
class Given:
    """What a cascade's `sample` and `edit` are given beside texts and plans: the same for every variation.

    start: None makes a picture from nothing. known, begun: None where nothing is known, or nothing is continued.
    renewed: bool [1, n, n] cells that are made anew where no mask says so, else None. reached: see `AnyCascade.edit`.
    """

    start: TokenGrids | None = None
    known: KnownGrids | None = None
    begun: KnownGrids | None = None
    renewed: Tensor | None = None
    reached: Reached | None = None


def check_possible(traits: Traits, request: EditRequest) -> None:
    """MuseStudioError(BAD_REQUEST) where a model lacks the size, or the stage that a mode is about."""
    if request.size not in traits.sizes:
        sizes = " or ".join(map(str, traits.sizes))
        message = f"This model makes pictures of {sizes} px, not of {request.size}. Choose one of its sizes."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    if request.mode is Mode.RETEXTURE and traits.last_stage(request.size) != "superres":
        message = (
            f"“{traits.name}” makes a whole picture in one stage, so it has no detail to make anew over what is there. "
            "Fill a mask instead, or choose a model of two stages."
        )
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)


def given(cascade: AnyCascade, request: EditRequest) -> Given:
    """Where a possible request's decode begins. MuseStudioError(BAD_REQUEST) on tokens that are not this model's."""
    match request.mode:
        case Mode.GENERATE:
            return Given()
        case Mode.INPAINT:
            return Given(_tokenized(cascade, request), _left(cascade, request))
        case Mode.EDIT:
            return Given(_whole(cascade, request), reached=_reached(cascade, request))
        case Mode.CONTINUE:
            return _continued(cascade, request)
        case Mode.REROLL:
            return _rerolled(cascade, request)
        case Mode.RETEXTURE:
            return _retextured(cascade, request)


def _tokenized(cascade: AnyCascade, request: EditRequest) -> TokenGrids:
    assert request.picture is not None
    picture = torch.from_numpy(request.picture.copy()).to(cascade.device)
    return cascade.tokenize(picture.permute(2, 0, 1)[None].float() / 255, request.size)


def _whole(cascade: AnyCascade, request: EditRequest) -> TokenGrids:
    """The tokens of the request's picture, as given or made of its pixels."""
    if request.tokens is None:
        return _tokenized(cascade, request)
    base, superres = _state(cascade, request)
    if not base.decided.all() or (superres and not superres.decided.all()):
        message = "Some of these tokens are not decided yet. Continue that decode to its end first."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    fine = None if superres is None else _tensor(cascade, superres)
    return TokenGrids(_tensor(cascade, base), fine)


def _reached(cascade: AnyCascade, request: EditRequest) -> Reached | None:
    """Where the edit that this request goes on with stands, if it does."""
    if request.reached is None:
        return None
    grid, stage = TokenGrid.whole(request.reached.tokens), cascade.traits.base
    _check(grid, stage, stage.grids[request.size], "base")
    return Reached(_tensor(cascade, grid), request.reached.iterations)


def _outside(cascade: AnyCascade, request: EditRequest) -> KnownGrids:
    """What the mask leaves alone; without a mask, nothing."""
    base, superres = _sides(cascade, request)
    if request.mask is None:
        return KnownGrids(_nothing(cascade, base), None if superres is None else _nothing(cascade, superres))
    mask = torch.from_numpy(request.mask.copy()).to(cascade.device)
    return known_grids(mask[None], base, superres)


def _nothing(cascade: AnyCascade, side: int) -> Tensor:
    return torch.zeros(1, side, side, dtype=torch.bool, device=cascade.device)


def _left(cascade: AnyCascade, request: EditRequest) -> KnownGrids:
    """What a filling leaves alone: all outside the mask and, below full strength, some base tokens under it."""
    outside = _outside(cascade, request)
    if request.strength == 1 or request.mask is None:
        return outside
    return KnownGrids(~seeded_share(~outside.base, request.strength, request.seeds), outside.superres)


def _continued(cascade: AnyCascade, request: EditRequest) -> Given:
    """What a step had decided joins what lies outside the mask; the schedule goes on from there."""
    assert request.tokens is not None
    base, superres = _state(cascade, request)
    outside = _outside(cascade, request)
    picture = _tokenized(cascade, request) if request.picture is not None else None
    coarse, coarse_known = _joined(cascade, base, outside.base, picture.base if picture else None)
    if superres is None or outside.superres is None:
        fine, fine_known = picture.superres if picture else None, outside.superres
    else:
        fine, fine_known = _joined(cascade, superres, outside.superres, picture.superres if picture else None)
    return Given(TokenGrids(coarse, fine), KnownGrids(coarse_known, fine_known), _left(cascade, request))


def _joined(cascade: AnyCascade, grid: TokenGrid, outside: Tensor, picture: Tensor | None) -> tuple[Tensor, Tensor]:
    """The picture's tokens outside, the step's inside; and what of both is known."""
    tokens = _tensor(cascade, grid)
    decided = torch.from_numpy(grid.decided.copy())[None].to(cascade.device)
    return tokens if picture is None else torch.where(outside, picture, tokens), outside | decided


def _rerolled(cascade: AnyCascade, request: EditRequest) -> Given:
    """Unknown is what the model doubts most, and the detail above it."""
    start = _whole(cascade, request)
    base, superres = _sides(cascade, request)
    doubted = least_sure(
        cascade.confidence(request.prompt, start.base), request.share, ~_outside(cascade, request).base
    )
    if superres is None:
        return Given(start, KnownGrids(~doubted), renewed=doubted)
    detail = doubted.repeat_interleave(superres // base, 1).repeat_interleave(superres // base, 2)
    known = torch.zeros_like(detail) if start.superres is None else ~detail
    return Given(start, KnownGrids(~doubted, known), renewed=doubted)


def _retextured(cascade: AnyCascade, request: EditRequest) -> Given:
    """The base tokens stay as they are; unknown is the detail under the mask, or all of it."""
    start, outside = _whole(cascade, request), _outside(cascade, request)
    assert outside.superres is not None
    detail = torch.zeros_like(outside.superres) if start.superres is None else outside.superres
    return Given(start, KnownGrids(torch.ones_like(outside.base), detail), renewed=~detail)


def _sides(cascade: AnyCascade, request: EditRequest) -> tuple[int, int | None]:
    """Tokens a side of the grids that take part in a request's result."""
    traits = cascade.traits
    return traits.base.grids[request.size], None if traits.superres is None else traits.superres.grids.get(request.size)


def _state(cascade: AnyCascade, request: EditRequest) -> tuple[TokenGrid, TokenGrid | None]:
    """The request's tokens, if they can be this model's at this size."""
    assert request.tokens is not None
    base, superres = request.tokens.base, request.tokens.superres
    traits = cascade.traits
    _check(base, traits.base, traits.base.grids[request.size], "base")
    if superres is not None:
        if traits.superres is None:
            raise _wrong_tokens("it makes pictures in one stage and theirs was made in two")
        _check(superres, traits.superres, max(traits.superres.grids.values()), "super-resolution")
    return base, superres


def _check(grid: TokenGrid, stage: StageTraits, side: int, name: str) -> None:
    theirs = len(grid.tokens)
    if theirs != side:
        sizes = [size for size, own in stage.grids.items() if own == theirs]
        if sizes:
            message = f"These tokens are of a picture of {sizes[0]} × {sizes[0]}. Choose the size {sizes[0]}."
            raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
        raise _wrong_tokens(f"its {name} grid is {side} × {side} and theirs {theirs} × {theirs}")
    if int(grid.tokens[grid.decided].max(initial=0)) >= stage.codebook_size:
        most = int(grid.tokens.max())
        raise _wrong_tokens(f"its {name} stage knows {stage.codebook_size} tokens and theirs go up to {most}")


def _tensor(cascade: AnyCascade, grid: TokenGrid) -> Tensor:
    """int64 [1, n, n]; zeros where nothing is decided."""
    tokens = torch.from_numpy(grid.tokens.astype("int64") * grid.decided)
    return tokens[None].to(cascade.device)


def _wrong_tokens(reason: str) -> MuseStudioError:
    message = f"These tokens are not this model's: {reason}. Choose the model they were made with."
    return MuseStudioError(ErrorKind.BAD_REQUEST, message)
