"""Smaller plans, offered when something does not fit: each can be read, typed and taken. Knows no device's memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from muse_studio.core import limits
from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.geometry import Extent
from muse_studio.core.masks import resample_by_maximum
from muse_studio.core.model_shape import OWN_SHAPE
from muse_studio.core.request import SIZES_PX, EditRequest, frame_side


class OfferKind(StrEnum):
    """What is changed: fewer variations at once, the size of the picture, or what computes it."""

    COUNT = "count"
    SIZE = "size"
    DEVICE = "device"


_VALUES = {
    OfferKind.COUNT: {str(count) for count in range(1, limits.VARIATIONS_LIMIT + 1)},
    OfferKind.SIZE: {str(size) for size in SIZES_PX[:-1]},
    OfferKind.DEVICE: {"cpu"},
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One change that makes a job smaller. MuseStudioError(BAD_REQUEST) for a value that its kind does not have."""

    kind: OfferKind
    value: str

    def __post_init__(self) -> None:
        if self.value not in _VALUES[self.kind]:
            raise MuseStudioError(ErrorKind.BAD_REQUEST, f"There is no {self.kind.value} {self.value!r} to offer.")

    @property
    def label(self) -> str:
        """What a button says."""
        if self.kind is OfferKind.COUNT:
            return "Try one at a time" if self.value == "1" else f"Try {self.value} at once"
        return f"Try at {self.value} px" if self.kind is OfferKind.SIZE else "Try on the CPU"

    @property
    def words(self) -> str:
        """What a sentence says, after “choose”."""
        if self.kind is OfferKind.COUNT:
            return "one variation at a time" if self.value == "1" else f"{self.value} variations at once"
        return f"the size {self.value}" if self.kind is OfferKind.SIZE else "the CPU as device"

    @property
    def option(self) -> str:
        """What a command line says."""
        return f"--{self.kind.value} {self.value}"

    def applied(self, request: EditRequest) -> EditRequest:
        """The smaller request; another device changes nothing in it. MuseStudioError where a mode has no such size, or
        tokens are of another."""
        match self.kind:
            case OfferKind.COUNT:
                return replace(request, count=int(self.value))
            case OfferKind.SIZE:
                return _resized(request, int(self.value))
            case OfferKind.DEVICE:
                return request


TO_THE_CPU = Offer(OfferKind.DEVICE, "cpu")


def smaller_plans(request: EditRequest, on_cpu: bool, sizes: Sequence[int] = OWN_SHAPE.sizes) -> tuple[Offer, ...]:
    """What may be tried instead of this request, the change that costs an artist least first.

    Fewer variations at once leave every picture as it would have been; a smaller size of those that the model makes
    leaves out detail; a CPU is slow.
    """
    offers = []
    if request.count > 1:
        offers.append(Offer(OfferKind.COUNT, str(request.count // 2)))
    smaller = [size for size in sizes if size < request.size]
    if smaller:
        offers.append(Offer(OfferKind.SIZE, str(max(smaller))))
    if not on_cpu:
        offers.append(TO_THE_CPU)
    return tuple(offer for offer in offers if _is_smaller(offer, request))


def _resized(request: EditRequest, size: int) -> EditRequest:
    """The same request for a smaller result: picture and mask become as large as that carries."""
    tokens, side = request.tokens, frame_side(size)
    if tokens is not None and tokens.superres is None and len(tokens.base.tokens) > OWN_SHAPE.base_grid:
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"The tokens to begin from are not those of {size} px.")
    picture, mask = request.picture, request.mask
    if side != request.frame_side:
        picture = None if picture is None else _scaled(picture, side)
        mask = None if mask is None else resample_by_maximum(mask, Extent(side, side))
    return replace(request, size=size, picture=picture, mask=mask)


def _scaled(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """uint8 [S, S, 3] to uint8 [side, side, 3]."""
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))


def _is_smaller(offer: Offer, request: EditRequest) -> bool:
    try:
        return offer.kind is OfferKind.DEVICE or offer.applied(request) != request
    except MuseStudioError:
        return False


def choices(offers: tuple[Offer, ...], otherwise: str) -> str:
    """“choose the size 256 or the CPU as device”; `otherwise` where nothing is offered."""
    return f"choose {' or '.join(offer.words for offer in offers)}" if offers else otherwise
