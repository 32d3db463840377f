"""Every state of the window that a screenshot shows, in the order in which an artist would come through them."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable

from muse_studio.gui.screens.looks import HIGH_CONTRAST
from muse_studio.gui.screens.studio import Studio

Scene = Callable[[Studio], Awaitable[None]]

FOX, FOX_SEED = "a 3d fox", 5
RUNNING_STEPS = 15

_BLOB = [(720.0, 395.0)] + [(720 + 40 * math.cos(turn / 2), 395 + 40 * math.sin(turn / 2)) for turn in range(13)]
_BLOB += [(720 + 100 * math.cos(turn / 4), 395 + 95 * math.sin(turn / 4)) for turn in range(26)]
_BLOB += [(720 + 165 * math.cos(turn / 6), 395 + 150 * math.sin(turn / 6)) for turn in range(39)]
_BLOB += [(860, 300), (865, 215), (800, 300), (640, 300), (575, 215), (580, 300)]  # two ears


async def welcome(studio: Studio) -> None:
    studio.show_nothing()
    await studio.shoot("welcome")


async def painting(studio: Studio) -> None:
    await studio.open_sample()
    await studio.paint(_BLOB)
    studio.prompt(FOX, FOX_SEED)
    await studio.shoot("painting")
    await studio.shoot("painting", [HIGH_CONTRAST])


async def running(studio: Studio) -> None:
    await studio.generate(RUNNING_STEPS)
    await studio.shoot("running")


async def result(studio: Studio) -> None:
    await studio.finish()
    await studio.shoot("result")


async def shortcuts(studio: Studio) -> None:
    studio.do("shortcuts")
    await studio.settle()
    await studio.shoot("shortcuts")
    await studio.close_overlays()


SCENES: dict[str, Scene] = {
    "welcome": welcome,
    "painting": painting,
    "running": running,
    "result": result,
    "shortcuts": shortcuts,
}
"""Each begins where the one before it ended."""
