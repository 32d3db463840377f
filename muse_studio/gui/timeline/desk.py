"""What the timeline's buttons lead to: branching, a step as a layer, an animation, runs removed and used again.

The one place that knows the timeline, the window and the document together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from muse_studio.core.branching import Masking, branch_request
from muse_studio.core.canvas_transform import CanvasTransform
from muse_studio.core.composite import Made, frame_mask, frame_picture, frame_seen, result_layer
from muse_studio.core.document import Document
from muse_studio.core.geometry import Extent, Rect
from muse_studio.core.layers import Variation
from muse_studio.core.runs import Branch, Run, RunStep, RunTree
from muse_studio.gui.dialogs import finished
from muse_studio.gui.language import noop, tr
from muse_studio.gui.message_bar import Notice, NoticeAction, NoticeKind
from muse_studio.gui.panels.timeline import TimelinePanel
from muse_studio.gui.theme import Colors
from muse_studio.gui.timeline.branch_dialog import BranchDialog
from muse_studio.gui.timeline.darkroom import Darkroom
from muse_studio.gui.timeline.export import DecodeExport
from muse_studio.gui.timeline.redecode import full_picture
from muse_studio.gui.timeline.screen import Screen
from muse_studio.gui.timeline.state import Timeline, Told
from muse_studio.gui.timeline.words import run_title, step_title

if TYPE_CHECKING:
    from muse_studio.gui.main_window import MainWindow

Pixels = NDArray[np.uint8]

_TOPIC = "timeline"
_LAYER_LABEL = noop("Step as a layer")
_NEEDS_STEP = ("export_decode", "play_decode")


class TimelineDesk:
    """One window's timeline."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.state = Timeline()
        self._darkroom = Darkroom(window.faults)
        self._darkroom.setParent(window)
        self.panel = TimelinePanel(self.state, self._darkroom)
        self.screen = Screen(window.canvas, self.state, self._darkroom, window.client, window.faults)
        self._export = DecodeExport(window, self.panel, self._darkroom)
        self.state.on_change.append(self._changed)
        slot, panel = window.faults.slot, self.panel
        panel.branchWanted.connect(slot(self.branch))
        panel.layerWanted.connect(slot(self.as_layer))
        panel.exportWanted.connect(slot(self.export))
        panel.exportStopped.connect(slot(self._export.stop))
        panel.runs.removeWanted.connect(slot(self.remove))
        panel.runs.reuseWanted.connect(slot(self._reuse))

    def wear(self, colors: Colors) -> None:
        self.panel.wear(colors)

    def close(self) -> None:
        """Let go of the threads; the desk is of no use afterwards."""
        self._export.stop()
        self.screen.rest(None)
        self._darkroom.close()

    def follow(self, tree: RunTree | None) -> None:
        """Show another document's runs; the same ones again cost nothing."""
        self._darkroom.watch(tree)
        self.state.show_tree(tree)

    def refresh(self) -> None:
        """Make the commands' states true."""
        commands = self._window.commands
        for name in _NEEDS_STEP:
            commands[name].setEnabled(self.state.current is not None)
        commands["branch"].setEnabled(self.panel.can_branch)

    def _changed(self, told: Told) -> None:
        if told in (Told.RUN, Told.HEAD):
            self.refresh()

    # Commands

    def play(self) -> None:
        """Play the decode on the canvas, or stop."""
        self._window.docks.show("timeline")
        self.state.stop() if self.state.is_playing else self.state.play()

    def branch(self) -> None:
        """Ask what shall be different from this step on, and make it."""
        run, step = self.state.run, self.state.current
        if run is None or step is None or not self.panel.can_branch:
            return
        self.state.stop()
        if not run.is_made_by(self._window.shape.name):
            self._refuse(run)
            return
        place = Branch(run.id, self.state.variation, self.state.step)
        picture = self._darkroom.thumb(run, place.variation, place.step)
        painted = not run.is_edit and _is_painted(self._document, self._frame(run))
        dialog = BranchDialog(self._window, run, place.variation, step, picture, can_remask=painted)
        self._window.faults.spawn(self._branch(dialog, run, place))

    def _refuse(self, run: Run) -> None:
        """Tokens mean something to the model that made them alone."""
        words = tr(
            "These steps are not this model's. Choose “{name}”, which made them, to go on from one.", name=run.model
        )
        choose = NoticeAction(tr("Models and devices"), self._window.commands["models"].trigger)
        self._tell(words, choose)

    async def _branch(self, dialog: BranchDialog, run: Run, place: Branch) -> None:
        wanted = await finished(dialog)
        wish, remasks = dialog.wish, dialog.remasks
        dialog.deleteLater()
        document = self._document
        if not wanted:
            return
        masking = _masking(document, run) if remasks and document is not None else None
        request = branch_request(run, run.steps[place.variation][place.step], wish, masking)
        self.state.leave()
        self._window.jobs.submit(request, run.noted, parent=place)

    def export(self) -> None:
        """Write the chosen variation's decode as an animation."""
        if self.state.run is not None and self.state.current is not None:
            self._export.ask(self.state.run, self.state.variation)

    def as_layer(self) -> None:
        """Put what the head's step looked like into the document, in the run's frame and under its mask."""
        run, step = self.state.run, self.state.current
        if run is None or step is None:
            return
        if self._document is None:
            self._tell(tr("Wait until the first picture is there; then its steps can become layers."))
            return
        self.state.stop()
        self._window.faults.spawn(self._as_layer(self._document, run, self.state.variation, step))

    async def _as_layer(self, document: Document, run: Run, variation: int, step: RunStep) -> None:
        pixels = await full_picture(self._window.client, run, step)
        if pixels is None:
            self._tell(tr("This step's picture was let go to save memory, and no model is ready to make it again."))
            return
        made = await self._darkroom.in_thread(
            layer_of, document.picture, run, document.found(run.noted), document.since(run.noted), pixels
        )
        if made is None or self._document is not document:
            return
        place, rgba = made
        facts = {"request": run.request.settings(), "run": run.id, "variation": variation}
        name = f"{run_title(run)}, {step_title(run, step)}"
        self.state.leave()
        changed = document.add_result(place, [Variation(rgba, facts)], name, _LAYER_LABEL)
        self._window.canvas.refresh(changed)
        self._window.refresh()

    def remove(self, run: Run) -> None:
        """Take a run out of the tree; the message brings it back."""
        tree = self.state.tree
        if tree is None:
            return
        if not run.state.is_end:
            self._tell(tr("This run is still being made. Cancel it first."))
            return
        tree.remove(run)
        back = NoticeAction(tr("Bring it back"), self._window.faults.slot(lambda: tree.restore(run)))
        self._tell(tr("The run “{name}” was removed.", name=run_title(run)), back)

    def _reuse(self, run: Run) -> None:
        self._window.use_settings(run.request.settings())

    def _tell(self, words: str, *actions: NoticeAction) -> None:
        self._window.notify(Notice(NoticeKind.INFO, words, actions, _TOPIC))

    def _frame(self, run: Run) -> Rect:
        """Where a run belongs now."""
        document = self._document
        return run.frame if document is None else document.found(run.noted)

    @property
    def _document(self) -> Document | None:
        sheet = self._window.sheet
        return sheet.document if sheet is not None else None


def layer_of(
    picture: Pixels, run: Run, frame: Rect, since: CanvasTransform, pixels: Pixels
) -> tuple[Rect, Pixels] | None:
    """Where a step's picture [s, s, 3] belongs, and its pixels there, uint8 [h, w, 4]; in a thread.

    frame: where the run belongs now. since: what has become of the canvas since then. Under the run's mask the picture
    fits its surroundings in `picture` as a result does; without one it fills the frame.
    """
    extent = Extent(picture.shape[1], picture.shape[0])
    mask = None if run.request.mask is None else since.turned(run.request.mask)
    found = result_layer(frame, extent, [Made(since.turned(pixels), mask)], frame_seen(picture, frame))
    return None if found is None else (found[0], found[1][0])


def _is_painted(document: Document | None, frame: Rect) -> bool:
    """Whether anything inside a frame is under the mask."""
    if document is None:
        return False
    inside = frame.intersect(document.bounds)
    return not inside.is_empty and bool(document.mask[inside.slices].any())


def _masking(document: Document, run: Run) -> Masking:
    """What the model sees now through the frame of a run, which need not be the one that is set; as the run saw it."""
    before, side = document.frame, run.request.frame_side
    back = document.since(run.noted).inverse()
    document.set_frame(document.found(run.noted))
    try:
        return Masking(back.turned(frame_picture(document, side)), back.turned(frame_mask(document, side)))
    finally:
        document.set_frame(before)
