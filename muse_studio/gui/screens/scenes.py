"""Every state of the window that a screenshot shows, in the order in which an artist would come through them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from muse_studio.client.fake_fetch import FakeFetch
from muse_studio.core.geometry import Rect
from muse_studio.core.loras import LoraUse
from muse_studio.gui.models_page import open_models
from muse_studio.gui.screens.looks import HIGH_CONTRAST, LOOKS
from muse_studio.gui.screens.published import NAME, lay_down
from muse_studio.gui.screens.studio import SAMPLE, Studio
from muse_studio.places import shipped

Scene = Callable[[Studio], Awaitable[None]]

FOX, FOX_SEED = "a 3d fox", 5
RUNNING_STEPS = 15
EARLIER_STEP = 9
OTHERS = ("a rocket on a sky blue background, 3d style", "a flat hamburger", "a penguin sticker", "a 3d turtle")
LORAS = (("ink wash", 0.8), ("woodcut", -0.35))
PICTURES_S = 1.5
"""Thumbnails are read in threads."""

_BLOB = [(720.0, 395.0)] + [(720 + 40 * math.cos(turn / 2), 395 + 40 * math.sin(turn / 2)) for turn in range(13)]
_BLOB += [(720 + 100 * math.cos(turn / 4), 395 + 95 * math.sin(turn / 4)) for turn in range(26)]
_BLOB += [(720 + 165 * math.cos(turn / 6), 395 + 150 * math.sin(turn / 6)) for turn in range(39)]
_BLOB += [(860, 300), (865, 215), (800, 300), (640, 300), (575, 215), (580, 300)]  # two ears


async def welcome(studio: Studio) -> None:
    studio.show_nothing()
    await asyncio.sleep(PICTURES_S)
    await studio.shoot("welcome")


async def painting(studio: Studio) -> None:
    await studio.open_sample()
    await studio.paint(_BLOB)
    studio.prompt(FOX, FOX_SEED)
    studio.do("cells")
    await studio.shoot("painting")
    await studio.shoot("painting", [HIGH_CONTRAST])
    studio.do("cells")


async def selecting(studio: Studio) -> None:
    """The wand's area of one colour, before it is used."""
    studio.do("wand")
    await studio.click(620, 30)
    await studio.shoot("wand", LOOKS[:1])
    studio.do("undo")
    studio.do("brush")


async def running(studio: Studio) -> None:
    await studio.generate(RUNNING_STEPS)
    await studio.shoot("running")


async def layers(studio: Studio) -> None:
    """The result has arrived above the picture; the mask is still there."""
    await studio.finish()
    studio.window.docks.show("layers")
    await studio.shoot("layers")
    await studio.shoot_panel("layers", studio.panel("layers"))


async def timeline(studio: Studio) -> None:
    """An earlier step on the canvas, with the model's doubt; then the question of where to go from there."""
    studio.window.timeline.state.seek(EARLIER_STEP)
    studio.window.timeline.state.show_doubt(True)
    await studio.finish()  # a step that is rested on is made again in full
    await studio.shoot("timeline")
    await studio.shoot_panel("timeline", studio.panel("timeline"))
    studio.window.timeline.state.show_doubt(False)
    await studio.shoot_over("branch", lambda: studio.do("branch"))
    studio.window.timeline.state.leave()


async def history(studio: Studio) -> None:
    """Some more pictures, all of them kept."""
    studio.forget()
    studio.window.stage.show(None)
    for number, words in enumerate(OTHERS):
        studio.prompt(words, number + 1)
        await studio.generate(0)
        await studio.finish()
        studio.show_nothing()
    await studio.open_sample()
    studio.window.docks.show("history")
    await asyncio.sleep(PICTURES_S)
    await studio.shoot("history")
    await studio.shoot_panel("history", studio.panel("history"))


async def compare(studio: Studio) -> None:
    """What it was at the left, what it is at the right."""
    studio.do("compare_slider")
    await studio.shoot("compare")
    studio.do("compare_off")


async def extend(studio: Studio) -> None:
    """The frame reaches over the right edge: what is outside will be made."""
    await studio.open_sample()
    document = studio.document
    extent = document.extent
    document.set_frame(Rect(extent.width - 420, 0, 720, 720))
    studio.window.canvas.refresh(None)
    studio.window.refresh()
    studio.window.canvas.zoom_to(0.5)
    studio.window.canvas.pan(-120, 0)
    studio.do("frame")
    studio.prompt("mountains", FOX_SEED)
    await studio.shoot("extend")
    studio.do("brush")


async def queue(studio: Studio) -> None:
    """One job runs, two wait."""
    await studio.open_sample()
    await studio.paint(_BLOB)
    studio.prompt(FOX, FOX_SEED)
    studio.window.docks.show("queue")
    await studio.generate(EARLIER_STEP)
    for number, words in enumerate(OTHERS[:2]):
        studio.prompt(words, number)
        await studio.ask()
    await studio.shoot("queue")
    await studio.shoot_panel("queue", studio.panel("queue"))
    studio.do("cancel_all")
    await studio.until(lambda: not studio.window.jobs.is_busy, "the jobs' end")
    studio.window.docks.show("layers")


async def models(studio: Studio) -> None:
    await studio.shoot_over("models", lambda: studio.do("models"))


async def fetching(studio: Studio) -> None:
    """A published cascade from its offer to the shelf; what comes is a script's."""
    desk, script = studio.window.models, FakeFetch()
    fetches = desk.fetching.fetches
    fetches.start, folder = script.start, fetches.folder(NAME)
    page = open_models(studio.window)
    names = [fetch.entry.name for fetch in desk.fetching.offered]
    page.offers.rows.setCurrentRow(names.index(NAME))
    fetches.ask(NAME)
    script.offer(folder)
    await studio.shoot_panel("models-terms", page)
    fetches.accept(NAME)
    script.move(1_214_000_000, seconds_left=190.0)
    await studio.shoot_panel("models-fetching", page)
    await asyncio.to_thread(lay_down, folder)
    script.finish(folder)
    await studio.until(lambda: len(desk.cascades) == 2, "the fetched cascade")
    await studio.shoot_panel("models-fetched", page)
    desk.remove(desk.cascades[1])
    studio.window.messages.dismiss_all()
    await studio.close_overlays()


async def loras(studio: Studio) -> None:
    """Two files, as on a model that takes some; any file will do, for none is read."""
    panel, path = studio.window.panel, str(shipped(SAMPLE))
    panel.loras.show_uses([LoraUse(name, "0" * 64, strength, path=path) for name, strength in LORAS])
    panel.show_taking("")
    await studio.shoot_panel("loras", panel.loras_section)
    panel.loras.show_uses([])
    studio.window.making.loras.refresh()


async def export(studio: Studio) -> None:
    await studio.shoot_over("export", lambda: studio.do("export"))


async def make(studio: Studio) -> None:
    await studio.shoot_panel("make", studio.panel("make"))


async def words(studio: Studio) -> None:
    popup = studio.window.panel.word_list
    studio.window.panel.words.click()
    popup.search.setText("ap")
    await studio.shoot_panel("words", popup)
    popup.hide()


async def palette(studio: Studio) -> None:
    await studio.shoot_over("palette", lambda: studio.do("palette"), "mask")


async def shortcuts(studio: Studio) -> None:
    await studio.shoot_over("shortcuts", lambda: studio.do("shortcuts"))


SCENES: dict[str, Scene] = {
    "welcome": welcome,
    "painting": painting,
    "selecting": selecting,
    "running": running,
    "layers": layers,
    "timeline": timeline,
    "compare": compare,
    "history": history,
    "extend": extend,
    "queue": queue,
    "make": make,
    "words": words,
    "models": models,
    "fetching": fetching,
    "loras": loras,
    "export": export,
    "palette": palette,
    "shortcuts": shortcuts,
}
"""Each begins where the one before it ended."""
