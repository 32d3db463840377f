"""Three things to try in the first minute, each really done: the prompt is typed, the mask is painted, the job begins.

Knows nothing about how they are offered; the welcome page has a button for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from muse_studio.core.pictures import open_mask
from muse_studio.core.wishes import Aim
from muse_studio.gui.incoming import Incoming, PictureFile
from muse_studio.gui.language import noop
from muse_studio.gui.sheet import Sheet
from muse_studio.places import shipped

SAMPLES = "resources/samples"
FILL_LABEL = noop("Paint the fox's place")


class FirstStepsHost(Protocol):
    """What the window offers to these steps."""

    @property
    def sheet(self) -> Sheet | None: ...

    async def take(self, incoming: Incoming) -> None:
        """Open a picture; what is unsaved is asked about first."""
        ...

    def generate_with(self, prompt: str, aim: Aim | None, seed: int) -> None:
        """Put a prompt into the panel and do what Generate does."""
        ...

    def refresh_mask(self) -> None:
        """The mask of the document has changed: show it."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """picture: a file of the samples that shows what comes of it."""

    name: str
    title: str
    text: str
    picture: str
    run: Callable[[FirstStepsHost], Coroutine[Any, Any, None]]


async def make(host: FirstStepsHost) -> None:
    """A new picture from a prompt alone."""
    host.generate_with("a rocket on a sky blue background, 3d style", Aim.NEW, 3)


async def fill(host: FirstStepsHost) -> None:
    """A fox under a mask that is painted already."""
    sheet = await _opened(host, "mountain-valley.jpg")
    if sheet is None:
        return
    extent = sheet.document.extent
    mask = await asyncio.to_thread(open_mask, shipped(f"{SAMPLES}/mountain-valley-mask.png"), extent)
    sheet.document.set_mask(mask, FILL_LABEL)
    host.refresh_mask()
    host.generate_with("a 3d fox in front of snowy mountains", Aim.FILL, 6)


async def edit(host: FirstStepsHost) -> None:
    """A picture changed by a prompt, without a mask."""
    if await _opened(host, "fox.png") is not None:
        host.generate_with("a 3d penguin on a teal background", Aim.EDIT, 2)


async def _opened(host: FirstStepsHost, name: str) -> Sheet | None:
    """The sheet of a sample that was just opened; None where the person kept what was there."""
    before = host.sheet
    await host.take(PictureFile(shipped(f"{SAMPLES}/{name}")))
    return host.sheet if host.sheet is not before else None


STEPS = (
    Step(
        "make",
        noop("Make a picture"),
        noop("From words alone: a rocket on a blue sky. Watch it form, step by step."),
        "try-make.jpg",
        make,
    ),
    Step(
        "fill",
        noop("Paint a fox into a landscape"),
        noop("The mask is painted already; only what is under it changes."),
        "try-fill.jpg",
        fill,
    ),
    Step(
        "edit",
        noop("Change a picture by words"),
        noop("Without a mask: the fox becomes a penguin, the rest stays."),
        "try-edit.jpg",
        edit,
    ),
)

SAMPLE_PICTURES = (
    ("mountain-valley.jpg", noop("Mountain valley")),
    ("fox.png", noop("Fox")),
    ("rocket.png", noop("Rocket")),
    ("hamburger.png", noop("Hamburger")),
)
"""Files of the samples and what they show."""
