"""`muse-studio demo`: the real studio, worker and model, driven off screen by real events on a real picture.

It leaves a screenshot of every phase, every step's preview and the exported PNG, and checks what it sees: above all
that pixels outside the mask and its feather are the artist's, bit for bit. Knows nothing the window's parts don't say.
"""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from muse_studio import places
from muse_studio.client.client import WorkerClient
from muse_studio.client.jobs import JobStep, WorkerState
from muse_studio.client.surface import StudioClient
from muse_studio.core.composite import FEATHER_PX, export_picture
from muse_studio.core.document import Document
from muse_studio.core.files import atomic_write
from muse_studio.core.geometry import Point, Rect
from muse_studio.core.layers import Layer
from muse_studio.core.metadata import read_request_text
from muse_studio.core.pictures import encode_png, open_picture
from muse_studio.core.settings import Settings, Theme
from muse_studio.gui.apart import apart
from muse_studio.gui.app import begin, catching, make_application, make_loop, make_window
from muse_studio.gui.export_page import ExportPage
from muse_studio.gui.hands import ALT, CONTROL, SHIFT, Hands, by_hand, picture_of
from muse_studio.gui.main_window import MainWindow
from muse_studio.gui.message_bar import NoticeKind
from muse_studio.gui.sheet import Sheet

Pixels = NDArray[np.uint8]

SAMPLE = "resources/samples/mountain-valley.jpg"
FILL_PROMPT = "a 3d fox"
NEW_PROMPT = "a rocket on a sky blue background, 3d style"
VARIATIONS = 2
WINDOW_PX = (1440, 900)
QUICK_STEPS = 10
LOAD_TIMEOUT_S = 600.0
JOB_TIMEOUT_S = 600.0
"""Only against waiting for ever: a busy machine is no fault of the studio."""

_BLOB = [(720 + 40 * math.cos(turn / 2), 395 + 40 * math.sin(turn / 2)) for turn in range(13)]
_BLOB += [(720 + 100 * math.cos(turn / 4), 395 + 95 * math.sin(turn / 4)) for turn in range(26)]
_BLOB += [(720 + 165 * math.cos(turn / 6), 395 + 150 * math.sin(turn / 6)) for turn in range(39)]
_BLOB += [(860, 300), (865, 215), (800, 300), (640, 300), (575, 215), (580, 300)]  # two ears
_SLIP = [(960, 300), (1010, 330)]


_SETTLED = (WorkerState.READY, WorkerState.FAILED)
_OFF_SCREEN_NOTE = "This plugin does not support "  # Qt's off-screen platform, of window sizes and the like


class DemoFailed(Exception):
    """Something never came; the message says what."""


def run_demo(out: Path, model: Path | None = None, device: str = "auto", size: tuple[int, int] = WINDOW_PX) -> int:
    """Run the whole path and leave its pictures in `out`, which is emptied of an earlier demo's. 0 if all was right."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = model or places.default_model()
    return drive(make_application(["muse-studio"]), WorkerClient(folder, device), folder, out, size)


def drive(app: QApplication, client: StudioClient, model: Path, out: Path, size: tuple[int, int] = WINDOW_PX) -> int:
    """`run_demo` on any client. A warning from Qt is a fault of ours."""
    heard: list[str] = []

    def hear(kind: QtMsgType, _context: object, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not text.startswith(_OFF_SCREEN_NOTE):
            heard.append(text)

    before = qInstallMessageHandler(hear)
    with apart():  # the pictures made here are not the artist's
        window = make_window(app, client, model, Settings(theme=Theme.DARK), lambda _: None)
        window.resize(*size)
        demo = Demo(window, out)
        with make_loop(app) as loop:
            loop.run_until_complete(demo.run())
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # now, in order, and not when collected
    qInstallMessageHandler(before)
    demo.check(not heard, f"Qt has nothing to complain of {heard or ''}")
    print(f"{len(demo.wrong)} of {demo.checks} checks went wrong; pictures are in {out}")
    return 1 if demo.wrong else 0


class Demo:
    """One run: does things, waits for what they bring, checks it, and keeps pictures of it."""

    def __init__(self, window: MainWindow, out: Path) -> None:
        self.window = window
        self.hands = Hands(window)
        self.out = out
        self.wrong: list[str] = []
        self.checks = 0
        self._shots = 0
        self._steps: list[JobStep] = []
        self._job_name = ""
        self._started = time.monotonic()
        window.jobs.on_step.append(self._keep_step)

    async def run(self) -> None:
        """Everything, in order; a phase that never ends is a fault like any other."""
        self._clear_folder()
        with catching(self.window):
            try:
                await self._scenes()
            except DemoFailed as fault:
                self.check(False, str(fault))
                self.shot("failed")
            finally:
                self.check(not self._errors(), f"the message bar shows no error {self._errors() or ''}")
                await self.window.shut_down()

    async def _scenes(self) -> None:
        await self.start()
        await self.open()
        await self.paint()
        original = self.document.picture.copy()
        await self.fill(original)
        await self.choose(original)
        await self.look_back()
        await self.cancel()
        await self.make_new()
        await self.export()
        await self.save(original)
        await self.keep()

    # Scenes

    async def start(self) -> None:
        self.say("the studio opens and the worker starts")
        self.window.show()
        begin(self.window)
        await asyncio.sleep(0.1)
        self.shot("start")
        await self.until(lambda: self.window.client.status.state in _SETTLED, LOAD_TIMEOUT_S, "the model")
        if self.window.client.status.state is not WorkerState.READY:
            raise DemoFailed(self.window.client.status.message)
        self.say(f"worker ready: {self.window.client.status.model} on {self.window.client.status.device}")

    async def open(self) -> None:
        self.say(f"drop {SAMPLE} on the window")
        await by_hand(lambda: self.hands.drop_file(places.shipped(SAMPLE)))
        await self.until(lambda: self.window.sheet is not None, 30, "the picture")
        self.check(self.document.picture.shape[2] == 4, f"a document of {self.document.extent} px")
        await self.pause()
        self.shot("opened")

    async def paint(self) -> None:
        self.say("paint a mask, slip, erase, undo")
        self.window.canvas.setFocus()
        await by_hand(lambda: self.hands.press(Qt.Key.Key_B))
        self.window.options.brush.size_px.number.setValue(110)
        await self.stroke(_BLOB)
        painted = self.document.mask.copy()
        self.check(bool(painted.any()), f"a mask of {np.count_nonzero(painted):,} px")
        await self.stroke(_SLIP)
        self.check(bool((self.document.mask != painted).any()), "the slip is on the mask")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Z, CONTROL))
        self.check(np.array_equal(self.document.mask, painted), "undo takes the slip back")
        self.window.canvas.setFocus()
        await by_hand(lambda: self.hands.press(Qt.Key.Key_E))
        await self.stroke([(525, 545), (545, 560)])
        erased = bool(np.count_nonzero(self.document.mask) < np.count_nonzero(painted))
        self.check(erased, "the eraser takes a corner off")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_B))
        await self.both_themes("painted")

    async def fill(self, original: Pixels) -> None:
        self.say(f"type “{FILL_PROMPT}”, ask for {VARIATIONS} variations and press Ctrl+Enter")
        document, mask, frame = self.document, self.document.mask.copy(), self.document.frame
        await by_hand(lambda: self.hands.type_prompt(FILL_PROMPT))
        self.check(self.window.actions_area.generate.text() == "Fill the mask", "the button says “Fill the mask”")
        await by_hand(lambda: self.hands.click(self.window.panel.count.button(VARIATIONS)))
        await self.job("fill", lambda: self.hands.press(Qt.Key.Key_Return, CONTROL), themes=True)
        await by_hand(lambda: self.hands.click(self.window.panel.count.button(1)))
        far = ~dilated(mask > 0, feather_reach_px(frame))
        same = np.array_equal(document.picture[far], original[far])
        self.check(same, f"all {np.count_nonzero(far):,} px outside mask and feather are bit-identical")
        self.check(bool((document.picture[mask == 255] != original[mask == 255]).any()), "the mask is filled")
        self.check(np.array_equal(document.mask, mask), "the mask is kept")
        await self.both_themes("filled")

    async def choose(self, original: Pixels) -> None:
        self.say("choose the other variation of the new layer")
        document = self.document
        first, layer = document.picture.copy(), document.layers[-1]
        self.check(len(layer.variations) == VARIATIONS, f"one layer with {len(layer.variations)} variations")
        self.window.canvas.setFocus()
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Right, ALT))
        inside = np.zeros(document.mask.shape, bool)
        inside[layer.place.intersect(document.bounds).slices] = True
        changed = (document.picture != first).any(axis=2)
        self.check(document.layers[-1].chosen == 1 and bool(changed.any()), "another variation shows")
        self.check(not changed[~inside].any(), "nothing but the layer's place looks different")
        far = ~dilated(document.mask > 0, feather_reach_px(document.frame))
        self.check(np.array_equal(document.picture[far], original[far]), "outside mask and feather nothing changed")
        await self.one_shot("other-variation")

    async def look_back(self) -> None:
        self.say("put the timeline's head on a step in the middle, and leave it")
        timeline, run = self.window.timeline, self.sheet.runs.runs[-1]
        counts = [len(row) for row in run.steps]
        asked = self._steps[-1].job_total
        self.check(counts == [asked] * VARIATIONS, f"the timeline has {counts} steps")
        scrubber, middle = timeline.panel.scrubber, asked // 2
        place = QPoint(round(scrubber.place_of(middle)), scrubber.height() // 2)
        await by_hand(lambda: self.hands.click_at(scrubber, place))
        await self.until(lambda: timeline.screen.shown is not None, 10, "the step on the canvas")
        self.check(timeline.state.step == middle, f"the canvas shows step {middle + 1}")
        await self.both_themes("step")
        before = self.document.version
        self.window.canvas.setFocus()
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Escape))
        left = timeline.screen.shown is None and self.document.version == before
        self.check(left, "Escape leaves it, and the document is as before")

    async def cancel(self) -> None:
        self.say("generate again, and cancel in the middle")
        before = self.document.picture.copy()
        self._begin("cancelled")
        await by_hand(lambda: self.hands.click(self.window.actions_area.generate))
        await self.until(lambda: self._steps, JOB_TIMEOUT_S, "the first step")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Escape))
        await self.until(lambda: not self.window.jobs.is_busy, 30, "the end of the cancelled job")
        if self._steps[-1].job_total > QUICK_STEPS:  # all of a tiny model's may be on their way before a key is heard
            self.check(not self._steps[-1].is_last, f"stopped after {len(self._steps)} steps")
        elif self._steps[-1].is_last and not np.array_equal(self.document.picture, before):
            self.say("done before the key was heard: undo")
            await by_hand(lambda: self.hands.press(Qt.Key.Key_Z, CONTROL))
        self.check(np.array_equal(self.document.picture, before), "the document is as before")
        await self.pause()
        self.shot("cancelled")

    async def make_new(self) -> None:
        self.say(f"clear the mask and make “{NEW_PROMPT}”")
        before = self.document.picture.copy()
        self.window.canvas.setFocus()
        await by_hand(lambda: self.hands.press(Qt.Key.Key_D, CONTROL))
        self.check(self.window.actions_area.generate.text() == "New picture", "the button says “New picture”")
        await by_hand(lambda: self.hands.type_prompt(NEW_PROMPT))
        await self.job("new", lambda: self.hands.click(self.window.actions_area.generate))
        after = self.document.picture.copy()
        self.check(self.document.layers[-1].place == self.document.frame, "a layer that fills the frame")
        await self.both_themes("new-picture")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Z, CONTROL))
        self.check(np.array_equal(self.document.picture, before), "undo brings the landscape back")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Z, CONTROL | SHIFT))
        self.check(np.array_equal(self.document.picture, after), "redo brings the new picture back")

    async def export(self) -> None:
        target = self.out / "export-512.png"
        await self.write(target, whole=False)
        picture = open_picture(target)
        settings = read_request_text(picture.text) or {}
        self.check(picture.pixels.shape[:2] == (512, 512), "the export is 512 × 512 px")
        self.check(settings.get("prompt") == NEW_PROMPT, "the export carries its prompt and settings")
        shown = export_picture(self.document)
        self.check(np.array_equal(picture.pixels[..., : shown.shape[2]], shown), "the export is what the frame shows")

    async def save(self, original: Pixels) -> None:
        self.say("undo to the landscape and save it at full size")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_Z, CONTROL))
        target = self.out / "landscape-full-size.png"
        await self.write(target, whole=True)
        self.check(open_picture(target).pixels.shape == original.shape, "the saved picture has the original's size")
        self.shot("saved")

    async def keep(self) -> None:
        target = self.out / "landscape.ora"
        self.say(f"save {target.name} and open it again")
        before, runs = self.document.snapshot(), _told(self.sheet)
        await by_hand(lambda: self.hands.press(Qt.Key.Key_S, CONTROL))
        await self.name_file(target)
        await self.until(lambda: not self.sheet.is_unsaved, 30, "the project")
        kept = self.sheet
        await by_hand(lambda: self.hands.drop_file(target.absolute()))
        await self.until(lambda: self.sheet is not kept, 30, "the project that was saved")
        after = self.document.snapshot()
        self.check(_same_layers(before.layers, after.layers), f"{len(after.layers)} layers with all their variations")
        self.check(np.array_equal(before.mask, after.mask), "the mask is back")
        self.check(before.wishes == after.wishes, "prompt and settings are back")
        self.check(_told(self.sheet) == runs, f"{len(runs)} runs with all their steps are back")
        await self.pause()
        self.shot("opened-again")

    # Doing and waiting

    @property
    def sheet(self) -> Sheet:
        sheet = self.window.sheet
        if sheet is None:
            raise DemoFailed("there is no document")
        return sheet

    @property
    def document(self) -> Document:
        return self.sheet.document

    async def stroke(self, points: Sequence[tuple[float, float]]) -> None:
        await by_hand(lambda: self.hands.stroke([Point(x, y) for x, y in points]))
        await by_hand(self.hands.leave_canvas)
        await self.pause()

    async def job(self, name: str, start: Callable[[], None], *, themes: bool = False) -> None:
        """Start a job, keep all its previews, take a picture in the middle, wait for its end."""
        self._begin(name)
        began = time.monotonic()
        await by_hand(start)
        await self.until(lambda: self._share_done() > 0.4, JOB_TIMEOUT_S, "the middle of the job")
        await (self.both_themes(f"{name}-running") if themes else self.one_shot(f"{name}-running"))
        await self.until(lambda: not self.window.jobs.is_busy, JOB_TIMEOUT_S, "the job's end")
        last = self._steps[-1]
        self.check(last.is_last, f"{last.job_total} steps in {time.monotonic() - began:.1f} s")
        await self.pause()

    def _share_done(self) -> float:
        return (self._steps[-1].job_index + 1) / self._steps[-1].job_total if self._steps else 0.0

    async def write(self, target: Path, *, whole: bool) -> None:
        """Export a PNG of the whole picture, or of its frame at 512 px."""
        self.say(f"write {target.name}")
        await by_hand(lambda: self.hands.press(Qt.Key.Key_E, CONTROL))
        await self.until(lambda: self.window.findChildren(ExportPage), 10, "the export page")
        page = self.window.findChildren(ExportPage)[-1]
        (page.whole if whole else page.frame).setChecked(True)
        await by_hand(lambda: self.hands.click(page.accept_button))
        await self.name_file(target)
        await self.pause()

    async def name_file(self, target: Path) -> None:
        """Type a name into the file dialog that opens, and wait for the file."""
        await self.until(lambda: self.hands.dialog() is not None, 10, "the file dialog")
        dialog = self.hands.dialog()
        assert dialog is not None
        await by_hand(lambda: self.hands.name_file(dialog, target.absolute()))
        await self.until(target.exists, 30, f"the file {target.name}")

    async def until(self, true: Callable[[], object], timeout_s: float, what: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > deadline:
                raise DemoFailed(f"{what} did not come within {timeout_s:.0f} s")
            await asyncio.sleep(0.01)

    async def pause(self) -> None:
        """Let what was started be painted."""
        await asyncio.sleep(0.05)

    # Keeping

    def _begin(self, name: str) -> None:
        self._job_name = name
        self._steps = []

    def _keep_step(self, step: JobStep) -> None:
        self._steps.append(step)
        if step.has_preview:
            which = f"-{step.variation + 1}" if step.variation else ""
            name = f"{self._job_name}-{step.job_index + 1:02d}-{step.stage}{which}.png"
            atomic_write(self.out / "steps" / name, encode_png(step.preview, {}))

    async def both_themes(self, name: str) -> None:
        """A screenshot in the light theme and one in the dark."""
        for theme in ("light", "dark"):
            self.window.commands[f"theme_{theme}"].trigger()
            await self.one_shot(f"{name}-{theme}")

    async def one_shot(self, name: str) -> None:
        await self.pause()
        self.shot(name)

    def shot(self, name: str) -> None:
        self._shots += 1
        atomic_write(self.out / f"{self._shots:02d}-{name}.png", encode_png(picture_of(self.window), {}))

    def say(self, words: str) -> None:
        print(f"[{time.monotonic() - self._started:6.1f} s] {words}", flush=True)

    def check(self, right: bool, words: str) -> None:
        self.checks += 1
        print(f"           {'ok   ' if right else 'WRONG'} {words}", flush=True)
        if not right:
            self.wrong.append(words)

    def _errors(self) -> list[str]:
        return [notice.message for notice in self.window.messages.notices if notice.kind is NoticeKind.ERROR]

    def _clear_folder(self) -> None:
        steps = self.out / "steps"
        if steps.exists():
            shutil.rmtree(steps)
        steps.mkdir(parents=True)
        for old in (*self.out.glob("*.png"), *self.out.glob("*.ora")):
            old.unlink()


def _same_layers(some: Sequence[Layer], others: Sequence[Layer]) -> bool:
    """Whether two documents have the same layers, every variation's pixels included."""
    facts = [
        [(one.id, one.name, one.place, one.chosen, len(one.variations)) for one in all_] for all_ in (some, others)
    ]
    return facts[0] == facts[1] and all(
        np.array_equal(mine.pixels, theirs.pixels)
        for one, other in zip(some, others, strict=True)
        for mine, theirs in zip(one.variations, other.variations, strict=True)
    )


def _told(sheet: Sheet) -> list[tuple[str, str, list[int]]]:
    """Of each run its id, its state, and how many steps each variation has."""
    return [(run.id, run.state.value, [len(row) for row in run.steps]) for run in sheet.runs.runs]


def feather_reach_px(frame: Rect) -> int:
    """How far from a painted pixel a result may reach in document pixels: the feather, at this frame's scale."""
    return math.ceil(FEATHER_PX * frame.width / 512)


def dilated(painted: NDArray[np.bool_], radius_px: int) -> NDArray[np.bool_]:
    """bool [H, W]: every pixel within `radius_px` of a painted one. Written apart from core's own feather."""
    grown = np.zeros_like(painted)
    height = painted.shape[0]
    for dy in range(-radius_px, radius_px + 1):
        row = _widened(painted, math.isqrt(radius_px**2 - dy**2))
        grown[max(0, dy) : height + min(0, dy)] |= row[max(0, -dy) : height - max(0, dy)]
    return grown


def _widened(painted: NDArray[np.bool_], reach_px: int) -> NDArray[np.bool_]:
    """bool [H, W]: painted, or with something painted within `reach_px` to the left or right."""
    counts = np.cumsum(np.pad(painted, ((0, 0), (reach_px + 1, reach_px))), axis=1, dtype=np.int32)
    return (counts[:, 2 * reach_px + 1 :] - counts[:, : -2 * reach_px - 1]) > 0
