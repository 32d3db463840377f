"""From a request to the tokens a decode begins with, and which of them must stay. Knows nothing of steps or results.

Every mode is a choice of these two, and of what was known when the decode began, if this one continues it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.request import EditRequest, Mode
from muse_studio.core.tokens import TokenGrid, TokenState
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.doubt import least_sure
from muse_studio.muse.masking import known_grids, seeded_share
from muse_studio.muse.plans import KnownGrids, TokenGrids


@dataclass(frozen=True, slots=True)
class Given:
    """What `Cascade.sample` and `Cascade.edit` are given beside texts and plans: the same for every variation.

    start: None makes a picture from nothing. known, begun: None where nothing is known, or nothing is continued.
    renewed: bool [1, n, n] cells that are made anew where no mask says so, else None.
    """

    start: TokenGrids | None = None
    known: KnownGrids | None = None
    begun: KnownGrids | None = None
    renewed: Tensor | None = None


def given(cascade: Cascade, request: EditRequest) -> Given:
    """The beginning of a request's decode. MuseStudioError(BAD_REQUEST) on tokens that are not this model's."""
    match request.mode:
        case Mode.GENERATE:
            return Given()
        case Mode.INPAINT:
            return Given(_tokenized(cascade, request), _left(cascade, request))
        case Mode.EDIT:
            return Given(_whole(cascade, request))
        case Mode.CONTINUE:
            return _continued(cascade, request)
        case Mode.REROLL:
            return _rerolled(cascade, request)
        case Mode.RETEXTURE:
            return _retextured(cascade, request)


def _tokenized(cascade: Cascade, request: EditRequest) -> TokenGrids:
    assert request.picture is not None
    picture = torch.from_numpy(request.picture.copy()).to(cascade.device)
    return cascade.tokenize(picture.permute(2, 0, 1)[None].float() / 255)


def _whole(cascade: Cascade, request: EditRequest) -> TokenGrids:
    """The tokens of the request's picture, as given or made of its pixels."""
    if request.tokens is None:
        return _tokenized(cascade, request)
    base, superres = _state(cascade, request.tokens)
    if not base.decided.all() or (superres and not superres.decided.all()):
        message = "Some of these tokens are not decided yet. Continue that decode to its end first."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    fine = None if superres is None else _tensor(cascade, superres)
    return TokenGrids(_tensor(cascade, base), fine)


def _outside(cascade: Cascade, request: EditRequest) -> KnownGrids:
    """What the mask leaves alone; without a mask, nothing."""
    config = cascade.config
    if request.mask is None:
        grids = [torch.zeros(1, side, side, dtype=torch.bool) for side in (config.base.grid, config.superres.grid)]
        return KnownGrids(grids[0].to(cascade.device), grids[1].to(cascade.device))
    mask = torch.from_numpy(request.mask.copy()).to(cascade.device)
    return known_grids(mask[None], config.base.grid, config.superres.grid)


def _left(cascade: Cascade, request: EditRequest) -> KnownGrids:
    """What a filling leaves alone: all outside the mask and, below full strength, some base tokens under it."""
    outside = _outside(cascade, request)
    if request.strength == 1 or request.mask is None:
        return outside
    return KnownGrids(~seeded_share(~outside.base, request.strength, request.seeds), outside.superres)


def _continued(cascade: Cascade, request: EditRequest) -> Given:
    """What a step had decided joins what lies outside the mask; the schedule goes on from there."""
    assert request.tokens is not None
    base, superres = _state(cascade, request.tokens)
    outside = _outside(cascade, request)
    picture = _tokenized(cascade, request) if request.picture is not None else None
    coarse, coarse_known = _joined(cascade, base, outside.base, picture.base if picture else None)
    if superres is None:
        fine, fine_known = picture.superres if picture else None, outside.superres
    else:
        fine, fine_known = _joined(cascade, superres, outside.superres, picture.superres if picture else None)
    return Given(TokenGrids(coarse, fine), KnownGrids(coarse_known, fine_known), _left(cascade, request))


def _joined(cascade: Cascade, grid: TokenGrid, outside: Tensor, picture: Tensor | None) -> tuple[Tensor, Tensor]:
    """The picture's tokens outside, the step's inside; and what of both is known."""
    tokens = _tensor(cascade, grid)
    decided = torch.from_numpy(grid.decided.copy())[None].to(cascade.device)
    return tokens if picture is None else torch.where(outside, picture, tokens), outside | decided


def _rerolled(cascade: Cascade, request: EditRequest) -> Given:
    """Unknown is what the model doubts most, and the detail above it."""
    start = _whole(cascade, request)
    among = ~_outside(cascade, request).base
    doubted = least_sure(cascade.confidence(request.prompt, start.base), request.share, among)
    times = cascade.config.superres.grid // cascade.config.base.grid
    detail = doubted.repeat_interleave(times, 1).repeat_interleave(times, 2)
    known = torch.zeros_like(detail) if start.superres is None else ~detail
    return Given(start, KnownGrids(~doubted, known), renewed=doubted)


def _retextured(cascade: Cascade, request: EditRequest) -> Given:
    """The base tokens stay as they are; unknown is the detail under the mask, or all of it."""
    start, outside = _whole(cascade, request), _outside(cascade, request)
    if start.superres is None:
        outside = KnownGrids(outside.base, torch.zeros_like(outside.superres))
    return Given(start, KnownGrids(torch.ones_like(outside.base), outside.superres), renewed=~outside.superres)


def _state(cascade: Cascade, state: TokenState) -> tuple[TokenGrid, TokenGrid | None]:
    """The tokens, if they can be this model's."""
    config = cascade.config
    _check(state.base, config.base.grid, config.base.codebook_size, "base")
    if state.superres is not None:
        _check(state.superres, config.superres.grid, config.superres.codebook_size, "super-resolution")
    return state.base, state.superres


def _check(grid: TokenGrid, side: int, codes: int, name: str) -> None:
    if len(grid.tokens) != side:
        raise _wrong_tokens(f"its {name} grid is {side} × {side} and theirs {len(grid.tokens)} × {len(grid.tokens)}")
    if int(grid.tokens[grid.decided].max(initial=0)) >= codes:
        raise _wrong_tokens(f"its {name} stage knows {codes} tokens and theirs go up to {int(grid.tokens.max())}")


def _tensor(cascade: Cascade, grid: TokenGrid) -> Tensor:
    """int64 [1, n, n]; zeros where nothing is decided."""
    tokens = torch.from_numpy(grid.tokens.astype("int64") * grid.decided)
    return tokens[None].to(cascade.device)


def _wrong_tokens(reason: str) -> MuseStudioError:
    message = f"These tokens are not this model's: {reason}. Choose the model they were made with."
    return MuseStudioError(ErrorKind.BAD_REQUEST, message)
