"""Whether a job fits into the memory that is free, and how guidance is computed so that it does. Computes nothing."""

from __future__ import annotations

import os

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import Offer, OfferKind, choices
from muse_studio.core.request import EditRequest
from muse_studio.muse.any_cascade import AnyCascade
from muse_studio.muse.device import DeviceInfo
from muse_studio.muse.guidance import WAYS, Way

GIB = 2**30
WAY_VARIABLE = "MUSE_STUDIO_GUIDANCE"
"""“batch” or “sequential” for every job, whatever memory is free; anything else leaves the choice to the program."""
EASE = 1.5  # a batch is chosen where half as much again is free: libraries take workspaces of their own


def chosen_way(name: str | None = None) -> Way | None:
    """The way that a person asked for, by name or by WAY_VARIABLE; None where it follows from the memory."""
    asked = name or os.environ.get(WAY_VARIABLE, "")
    return next((way for way in WAYS if way == asked), None)


def fitting_way(cascade: AnyCascade, request: EditRequest, device: DeviceInfo, offers: tuple[Offer, ...]) -> Way:
    """In a batch where there is plenty of room, else one half after the other.

    MuseStudioError(OUT_OF_MEMORY) with those of the offers that fit, where not even that would: told before the first
    step and not after the last one.
    """
    free = device.free_bytes
    if free is None or EASE * cascade.job_bytes(request.size, request.count, "batch") <= free:
        return "batch"
    needed = _needed(cascade, request)
    if needed <= free:
        return "sequential"
    fitting = tuple(
        offer for offer in offers if offer.kind is OfferKind.DEVICE or _needed(cascade, offer.applied(request)) <= free
    )
    message = (
        f"There is not enough memory on {device.name} for {job_words(request)}: "
        f"it takes {_amount(needed)} more and {_amount(free)} are free. To make it, "
        f"{choices(fitting, 'choose a smaller model')}, or close other programs."
    )
    raise MuseStudioError(ErrorKind.OUT_OF_MEMORY, message, f"needed {needed}, free {free} bytes", fitting)


def job_words(request: EditRequest) -> str:
    """“a picture of 512 × 512”, “4 pictures of 256 × 256”."""
    count = "a picture" if request.count == 1 else f"{request.count} pictures"
    return f"{count} of {request.size} × {request.size}"


def _amount(count: int) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB else f"{count // 2**20} MiB"


def _needed(cascade: AnyCascade, request: EditRequest) -> int:
    return cascade.job_bytes(request.size, request.count, "sequential")
