"""Pictures and masks out of the window, and masks in: the export page, the quick export, mask files.

Everything is written in a thread from a snapshot. Knows nothing about projects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QDialog, QWidget

from muse_studio.core.document import DocumentState
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.export import ExportArea, ExportChoice, ExportFormat, encode_export
from muse_studio.core.files import atomic_write, printable
from muse_studio.core.layers import is_opaque, is_seen
from muse_studio.core.metadata import settings_text
from muse_studio.core.pictures import encode_png, open_mask
from muse_studio.gui.dialogs import finished
from muse_studio.gui.export_page import ExportPage
from muse_studio.gui.file_questions import ask_open_picture, ask_save
from muse_studio.gui.files import FileDesk
from muse_studio.gui.language import tr
from muse_studio.gui.message_bar import Notice, NoticeKind, notice_of
from muse_studio.gui.sheet import Sheet
from muse_studio.gui.stage import Stage

_TOPIC = "files"


class ExportHost(Protocol):
    """What the window offers to this desk."""

    @property
    def sheet(self) -> Sheet | None: ...
    @property
    def stage(self) -> Stage: ...

    def widget(self) -> QWidget:
        """The parent of dialogs."""
        ...

    def refresh(self) -> None:
        """Make all labels true."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """What an exported picture says beside its request: model, version."""
        ...

    def notify(self, notice: Notice) -> None: ...


class ExportDesk:
    """Writes pictures for one window; dialogs begin where the file desk's do."""

    def __init__(self, host: ExportHost, files: FileDesk, choice: ExportChoice) -> None:
        """choice: how the last export was made."""
        self._host = host
        self._files = files
        self.choice = choice

    async def export(self) -> bool:
        """Ask how and where, and write it. True when it was written."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        see_through = not is_opaque(sheet.document.picture)
        page = ExportPage(
            self._host.widget(),
            replace(self.choice, side_px=self._side_px),
            sheet.document.extent,
            see_through=see_through,
        )
        code = await finished(page)
        choice = page.choice()
        page.deleteLater()
        if code != QDialog.DialogCode.Accepted:
            return False
        self.choice = choice
        return await self._ask_and_write(sheet, choice)

    async def quick(self) -> bool:
        """Write the frame as a PNG of the model's size with prompt and settings, asking for nothing but a name."""
        sheet = self._host.sheet
        return sheet is not None and await self._ask_and_write(
            sheet, ExportChoice(area=ExportArea.FRAME, side_px=self._side_px)
        )

    @property
    def _side_px(self) -> int:
        """What the frame is for the model."""
        return self._host.stage.canvas.sight.side_px

    async def _ask_and_write(self, sheet: Sheet, choice: ExportChoice) -> bool:
        whole = choice.area is ExportArea.WHOLE or choice.format is ExportFormat.PSD
        suggested = self._files.suggest(sheet, f"{'' if whole else f'-{choice.side_px}'}.{choice.format.value}")
        title = tr("Export") if whole else tr("Export the frame as PNG")
        path = await ask_save(self._host.widget(), title, suggested)
        return path is not None and await self.write(path, choice)

    async def write(self, path: Path, choice: ExportChoice) -> bool:
        """As `export`, without asking. A document of nothing but one opaque picture counts as saved by a PNG of it."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        state, version = sheet.document.snapshot(), sheet.document.version
        text = sheet_text(sheet, self._host.facts())
        written = await self._write(path, lambda: encode_export(state, choice, text))
        if written and _says_all(state, choice) and sheet.document.version == version:
            sheet.mark_saved()
            self._host.refresh()
        return written

    async def save_mask(self) -> bool:
        """Ask for a name and write the mask as a grey PNG of the document's size: white is what is made anew."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        suggested = self._files.suggest(sheet, "-mask.png")
        path = await ask_save(self._host.widget(), tr("Save the mask"), suggested)
        return path is not None and await self.save_mask_to(path)

    async def save_mask_to(self, path: Path) -> bool:
        """As `save_mask`, without asking."""
        sheet = self._host.sheet
        if sheet is None:
            return False
        mask = sheet.document.mask.copy()
        return await self._write(path, lambda: encode_png(mask))

    async def load_mask(self) -> None:
        """Ask for a picture and take it as the mask: its transparency if it has any, else its brightness."""
        if self._host.sheet is not None:
            path = await ask_open_picture(self._host.widget(), tr("Load a mask"), self._files.folder)
            if path is not None:
                await self.load_mask_from(path)

    async def load_mask_from(self, path: Path) -> None:
        """As `load_mask`, without asking. One undo step."""
        sheet = self._host.sheet
        if sheet is None:
            return
        extent = sheet.document.extent
        try:
            mask = await self._files.in_thread(lambda: open_mask(path, extent))
            if self._host.sheet is sheet and sheet.document.extent == extent:
                self._host.stage.take_mask(mask)
                self._files.folder = path.parent
        except MuseStudioError as error:
            self._host.notify(notice_of(error))

    async def _write(self, path: Path, encode: Callable[[], bytes]) -> bool:
        try:
            await self._files.in_thread(lambda: atomic_write(path, encode()))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return False
        self._files.folder = path.parent
        told = tr("Exported {name} in {folder}.", name=printable(path.name), folder=printable(str(path.parent)))
        self._host.notify(Notice(NoticeKind.GOOD, told, topic=_TOPIC))
        return True


def sheet_text(sheet: Sheet, facts: Mapping[str, Any]) -> dict[str, str]:
    """The texts that a picture of this sheet carries: the request of the topmost result that shows; {} without one."""
    for layer in reversed(sheet.document.layers):
        if is_seen(layer):
            chosen = layer.variations[layer.chosen]
            settings = chosen.facts.get("request")
            if isinstance(settings, Mapping):
                own = {
                    key: value for key, value in chosen.facts.items() if key in ("model", "seed", "run", "variation")
                }
                return settings_text(settings, {**facts, **own})
    request = sheet.request
    return {} if request is None else settings_text(request.settings(), facts)


def _says_all(state: DocumentState, choice: ExportChoice) -> bool:
    """Whether the file holds all there is: one picture with one variation, at its own size, without loss."""
    lossless = choice.format is ExportFormat.PNG and choice.transparent
    lone = len(state.layers) == 1 and len(state.layers[0].variations) == 1
    whole = choice.area is ExportArea.WHOLE or (state.frame == state.bounds and state.extent.width == choice.side_px)
    return lossless and lone and whole and state.layers[0].place == state.bounds and not state.mask.any()


def choice_of(values: Mapping[str, Any]) -> ExportChoice:
    """A remembered choice; the default for what is not sound."""
    plain = ExportChoice()
    try:
        return replace(
            plain,
            format=ExportFormat(values["format"]),
            area=ExportArea(values["area"]),
            quality=min(max(int(values["quality"]), 1), 100),
            **{name: bool(values[name]) for name in ("lossless", "transparent", "settings")},
        )
    except (KeyError, TypeError, ValueError):
        return plain
