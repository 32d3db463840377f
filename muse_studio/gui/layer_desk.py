"""What the Layer menu and the Layers panel do to the document on the canvas: the one place that knows both.

Every edit ends the drag that is going on, changes the document, and shows what changed. Knows nothing of how the panel
looks, and nothing of files beyond asking for one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QWidget

from muse_studio.core.document import Document
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.geometry import Rect
from muse_studio.core.layers import Layer
from muse_studio.core.pictures import Picture, decode_picture, open_picture
from muse_studio.gui.faults import Faults
from muse_studio.gui.file_questions import ask_open_picture
from muse_studio.gui.incoming import PictureFile, find_picture
from muse_studio.gui.language import noop, tr
from muse_studio.gui.message_bar import Notice, NoticeKind, notice_of
from muse_studio.gui.stage import Stage

NEEDS_LAYER = (
    *("layer_duplicate", "layer_rename", "layer_hide", "layer_raise", "layer_lower", "layer_delete"),
    *("layer_above", "layer_below", "layer_flatten", "layer_to_frame"),
)


class LayerHost(Protocol):
    """What the window offers to this desk."""

    @property
    def stage(self) -> Stage: ...

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def refresh(self) -> None:
        """The document has changed: make all labels true."""
        ...

    def notify(self, notice: Notice) -> None: ...


class LayerDesk:
    """Edits the layers of what one window shows."""

    def __init__(self, host: LayerHost, faults: Faults) -> None:
        self._host, self._faults = host, faults
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="layers")
        self.on_rename: Callable[[], object] = lambda: None
        """Begins to type the active layer's name; the panel's."""

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def document(self) -> Document | None:
        """What is on the canvas."""
        sheet = self._host.stage.sheet
        return sheet.document if sheet else None

    @property
    def active(self) -> Layer | None:
        """The layer that commands are about."""
        document = self.document
        return document.layer(document.active) if document is not None and document.layers else None

    def handlers(self) -> Mapping[str, Callable[..., object]]:
        """What each command of the Layer menu does."""
        return {
            "layer_add": lambda: self._faults.spawn(self.add_picture()),
            "layer_paste": lambda: self._faults.spawn(self.paste(QGuiApplication.clipboard().mimeData())),
            "layer_from_visible": self.add_visible,
            "layer_duplicate": lambda: self._on_active(lambda document, layer: self.duplicate(document, layer.id)),
            "layer_rename": self._begin_rename,
            "layer_hide": lambda: self._on_active(lambda _, layer: self.show_layer(layer.id, not layer.visible)),
            "layer_above": lambda: self.step(1),
            "layer_below": lambda: self.step(-1),
            "layer_raise": lambda: self._on_active(lambda document, layer: self._shift(document, layer, 1)),
            "layer_lower": lambda: self._on_active(lambda document, layer: self._shift(document, layer, -1)),
            "layer_to_frame": self.to_frame,
            "variation_next": lambda: self._on_active(lambda _, layer: self._turn(layer, 1)),
            "variation_previous": lambda: self._on_active(lambda _, layer: self._turn(layer, -1)),
            "layer_merge": lambda: self._on_active(lambda _, layer: self.merge_down(layer.id)),
            "layer_flatten": lambda: self.edit(lambda document: document.flatten(noop("Flatten"))),
            "layer_delete": lambda: self._on_active(lambda _, layer: self.delete(layer.id)),
        }

    def enable(self, commands: Mapping[str, QAction], *, shown: bool) -> None:
        """Make the commands' states true. shown: whether the canvas shows the document."""
        document, layer = (self.document, self.active) if shown else (None, None)
        for name in ("layer_add", "layer_paste", "layer_from_visible"):
            commands[name].setEnabled(document is not None)
        for name in NEEDS_LAYER:
            commands[name].setEnabled(layer is not None)
        several = layer is not None and len(layer.variations) > 1
        commands["variation_next"].setEnabled(several)
        commands["variation_previous"].setEnabled(several)
        merges = document is not None and layer is not None and document.can_merge_down(layer.id)
        commands["layer_merge"].setEnabled(merges)

    # Edits

    def edit(self, act: Callable[[Document], Rect]) -> None:
        """Do something to the document and show what it changed; nothing without a document."""
        stage, document = self._host.stage, self.document
        if document is None:
            return
        stage.canvas.finish_gesture()
        changed = act(document)
        if not changed.is_empty:
            stage.canvas.refresh(changed)
        self._host.refresh()

    def _on_active(self, act: Callable[[Document, Layer], object]) -> None:
        document, layer = self.document, self.active
        if document is not None and layer is not None:
            act(document, layer)

    def choose(self, layer_id: int) -> None:
        """Make a layer the active one."""
        document = self.document
        if document is not None and document.active != layer_id:
            document.set_active(layer_id)
            self._host.refresh()

    def step(self, direction: int) -> None:
        """Make the layer above (1) or below (-1) the active one."""
        document = self.document
        if document is None or not document.layers:
            return
        index = document.index_of(document.active) + direction
        if 0 <= index < len(document.layers):
            self.choose(document.layers[index].id)

    def _begin_rename(self) -> None:
        self.on_rename()

    def rename(self, layer_id: int, name: str) -> None:
        self.edit(lambda document: document.change_layer(layer_id, noop("Rename layer"), name=name))

    def show_layer(self, layer_id: int, visible: bool) -> None:
        label = noop("Show layer") if visible else noop("Hide layer")
        self.edit(lambda document: document.change_layer(layer_id, label, visible=visible))

    def show_only(self, layer_id: int) -> None:
        """Hide all others; if they are hidden already, show all."""
        document = self.document
        if document is None:
            return
        alone = all(layer.visible == (layer.id == layer_id) for layer in document.layers)
        label = noop("Show all layers") if alone else noop("Show only this layer")
        shown = {layer.id for layer in document.layers if alone or layer.id == layer_id}
        self.edit(lambda document: document.show_layers(shown, label))

    def set_opacity(self, layer_id: int, opacity: float, gesture: Hashable) -> None:
        """gesture: equal for all changes that are one undo step."""
        label = noop("Layer opacity")
        self.edit(lambda document: document.change_layer(layer_id, label, opacity=opacity, gesture=gesture))

    def choose_variation(self, layer_id: int, index: int) -> None:
        self.edit(lambda document: document.change_layer(layer_id, noop("Choose variation"), chosen=index))

    def _turn(self, layer: Layer, direction: int) -> None:
        self.choose_variation(layer.id, (layer.chosen + direction) % len(layer.variations))

    def move(self, layer_id: int, index: int) -> None:
        """To another place from the bottom."""
        self.edit(lambda document: document.move_layer(layer_id, index, noop("Move layer")))

    def _shift(self, document: Document, layer: Layer, direction: int) -> None:
        self.move(layer.id, document.index_of(layer.id) + direction)

    def nudge(self, dx: int, dy: int) -> None:
        """Move the active layer by document pixels; nudges that follow each other are one undo step."""
        layer = self.active
        if layer is not None:
            self._put(layer, layer.place.translate(dx, dy), gesture="nudge")

    def to_frame(self) -> None:
        """Move the active layer into the middle of the frame."""
        document, layer = self.document, self.active
        if document is not None and layer is not None:
            frame, place = document.frame, layer.place
            x, y = frame.x + (frame.width - place.width) // 2, frame.y + (frame.height - place.height) // 2
            self._put(layer, Rect(x, y, place.width, place.height))

    def _put(self, layer: Layer, place: Rect, gesture: Hashable = None) -> None:
        label = noop("Move layer's pixels")
        self.edit(lambda document: document.change_layer(layer.id, label, place=place, gesture=gesture))

    def duplicate(self, document: Document, layer_id: int) -> None:
        name = tr("{name} copy", name=document.layer(layer_id).name)
        self.edit(lambda document: document.duplicate_layer(layer_id, noop("Duplicate layer"), name))

    def merge_down(self, layer_id: int) -> None:
        self.edit(lambda document: document.merge_down(layer_id, noop("Merge down")))

    def delete(self, layer_id: int) -> None:
        self.edit(lambda document: document.remove_layer(layer_id, noop("Delete layer")))

    def add_visible(self) -> None:
        """All that can be seen as one more layer on top; the others stay."""
        document = self.document
        if document is not None:
            pixels, name = document.picture.copy(), tr("Visible")
            self.edit(
                lambda document: document.add_layer(pixels, document.bounds, name, noop("New layer from visible"))
            )

    async def add_picture(self) -> None:
        """Ask for a picture and lay it over the middle of the document."""
        path = await ask_open_picture(self._host.widget(), tr("Add a picture as a layer"), None)
        if path is not None:
            await self.add_file(path)

    async def add_file(self, path: Path) -> None:
        """As `add_picture`, without asking. What goes wrong is said."""
        await self._add(lambda: open_picture(path), path.stem)

    async def paste(self, mime: QMimeData | None) -> None:
        """Lay the picture of the clipboard over the middle of the document; say so if there is none."""
        found = find_picture(mime, "clipboard") if mime is not None else None  # None: an empty clipboard
        if isinstance(found, PictureFile):
            await self.add_file(found.path)
        elif found is not None:
            await self._add(lambda: decode_picture(found.data, found.name), tr("Pasted"))
        else:
            words = tr("The clipboard holds no picture. Copy a PNG, JPEG or WebP.")
            self._host.notify(Notice(NoticeKind.INFO, words, topic="layers"))

    async def _add(self, read: Callable[[], Picture], name: str) -> None:
        """Read in the thread, and make room there for what the document needs beside its first layer."""
        document, run = self.document, asyncio.get_running_loop().run_in_executor
        if document is None:
            return
        try:
            picture, version = await run(self._pool, read), document.picture_version
            if document.wants_buffer:
                document.lend_buffer(await run(self._pool, document.picture.copy), version)
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return
        if self.document is document:
            self.edit(lambda document: _laid_over(document, picture, name))


def _laid_over(document: Document, picture: Picture, name: str) -> Rect:
    height, width = picture.pixels.shape[:2]
    x, y = (document.extent.width - width) // 2, (document.extent.height - height) // 2
    place = Rect(x, y, width, height)
    return document.add_layer(picture.pixels, place, name, noop("Add picture as layer"))
