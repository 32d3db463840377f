"""Which cascades there are, which one is used on which device, and what is done with them. Knows no widgets.

Folders are read and hashed in a thread of its own. Switching waits for the picture that is being made; the document and
the jobs that wait are not touched.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Protocol, TypeVar

import numpy as np
import psutil
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from muse_studio.client.surface import StudioClient
from muse_studio.core.cascade_folder import verify
from muse_studio.core.errors import MuseStudioError
from muse_studio.core.fetched import delete_fetched
from muse_studio.core.needs import FLOAT_BYTES, ITEM_BYTES, Forecast, forecast, weights_bytes
from muse_studio.core.pictures import open_picture
from muse_studio.core.settings import Settings
from muse_studio.core.shelf import Cascade, cascades, with_folder, without_folder
from muse_studio.core.thumbnails import small
from muse_studio.gui.faults import Faults
from muse_studio.gui.fetch_desk import FetchDesk
from muse_studio.gui.language import noop, tr
from muse_studio.gui.message_bar import Notice, NoticeKind, notice_of

T = TypeVar("T")
Pixels = NDArray[np.uint8]

_TOPIC = "models"
_TELL_EVERY_S = 0.1  # of a verification's progress

DEVICES = (
    ("auto", noop("Automatic"), noop("The fastest that is there: a GPU, else the processor")),
    ("cpu", noop("Processor"), noop("Works everywhere; slower than a GPU")),
    ("cuda", noop("GPU (CUDA)"), noop("A graphics card by NVIDIA, or by AMD with ROCm")),
    ("mps", noop("GPU (Apple)"), noop("The graphics of a Mac with Apple silicon")),
    ("xla", noop("TPU (XLA)"), noop("Needs torch_xla; the first picture takes minutes to prepare")),
)
"""What may compute: as the command line calls it, its words, and what they mean."""


@dataclass(frozen=True, slots=True)
class Check:
    """A verification: how far it is, or what it found. seconds_left: None until it can be told."""

    share: float
    seconds_left: float | None = None
    is_over: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """Of the device in use. is_live: measured now, not when the model was loaded."""

    total_bytes: int
    free_bytes: int
    is_live: bool


class ModelHost(Protocol):
    """What the window offers to this desk."""

    @property
    def settings(self) -> Settings: ...

    def keep_settings(self, settings: Settings) -> None:
        """Remember them now."""
        ...

    def model_chosen(self, folder: Path) -> None:
        """Another cascade will be used: show its defaults."""
        ...

    def notify(self, notice: Notice) -> None: ...


class ModelDesk(QObject):
    """The shelf of one window."""

    changed = Signal()
    """Other cascades, another one in use, another check: look again."""

    def __init__(self, host: ModelHost, client: StudioClient, faults: Faults, shipped: Path) -> None:
        super().__init__()
        self._host, self._client, self._faults, self._shipped = host, client, faults, shipped
        self.cascades: tuple[Cascade, ...] = ()
        self.checks: dict[Path, Check] = {}
        self._stop = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="models")
        self.fetching = FetchDesk(host, faults, self)
        client.on_status.append(faults.slot(self._tell_changed))

    def close(self) -> None:
        """End the thread, and what it verifies."""
        self._stop.set()
        self.fetching.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    # Looking

    def _tell_changed(self) -> None:
        self.changed.emit()

    def refresh(self) -> None:
        """Read the folders again, without waiting."""
        self._faults.spawn(self._refresh())

    async def _refresh(self) -> None:
        added = self._host.settings.models
        self.cascades = await self.in_thread(lambda: cascades(self._shipped, added))
        await self.fetching.look()
        self.changed.emit()

    async def sample(self, cascade: Cascade, side_px: int) -> Pixels | None:
        """The picture that shows what it draws, uint8 [h, w, 4], scaled down; None where there is none to be opened."""
        path = cascade.sample
        if path is None:
            return None
        try:
            return await self.in_thread(lambda: small(open_picture(path).pixels, side_px))
        except MuseStudioError:
            return None

    def is_used(self, cascade: Cascade) -> bool:
        """Whether pictures are made with it now, or will be as soon as the running one is finished."""
        model = self._client.model
        return model is not None and model.resolve() == cascade.folder.resolve()

    @property
    def device(self) -> str:
        """What was chosen, one of DEVICES' names."""
        return self._client.device

    @property
    def device_words(self) -> tuple[str, str]:
        """The device's own name and the numbers it computes in; empty where that is not known yet."""
        info = self._client.device_info
        return ("", "") if info is None else (info.name, info.dtype)

    @property
    def memory(self) -> Memory | None:
        """Of the device; of a CPU as it is at this moment. None where nobody knows."""
        info = self._client.device_info
        if info is None or info.total_bytes is None or info.free_bytes is None:
            return None
        if info.kind == "cpu":
            free = min(psutil.virtual_memory().available, info.total_bytes)
            return Memory(info.total_bytes, free, is_live=True)
        return Memory(info.total_bytes, info.free_bytes, is_live=False)

    def forecast(self, cascade: Cascade, size: int, count: int) -> Forecast | None:
        """What would become of a job of this size and count; None where that cannot be reckoned."""
        memory, info = self.memory, self._client.device_info
        if memory is None or info is None or cascade.facts is None:
            return None
        return forecast(
            cascade.facts.architecture,
            cascade.parameters,
            memory.free_bytes,
            size,
            count,
            ITEM_BYTES.get(info.dtype, FLOAT_BYTES),
            on_cpu=info.kind == "cpu",
            is_loaded=self.is_used(cascade),
            sizes=cascade.facts.sizes,
        )

    def weights_bytes(self, cascade: Cascade) -> int | None:
        """What its weights take on this device beyond what is in use; None where that is not known."""
        info = self._client.device_info
        if info is None or not cascade.parameters:
            return None
        return (
            0 if self.is_used(cascade) else weights_bytes(cascade.parameters, ITEM_BYTES.get(info.dtype, FLOAT_BYTES))
        )

    # Choosing

    def use(self, cascade: Cascade) -> None:
        """Make the next pictures with this cascade; the one that is being made is finished first."""
        settings = self._host.settings
        self._host.keep_settings(replace(settings, model=None if cascade.ships else str(cascade.folder)))
        self._host.model_chosen(cascade.folder)
        self._switch(cascade.folder, None, tr("{name} is used as soon as this picture is finished.", name=cascade.name))

    def choose_device(self, device: str) -> None:
        """Compute the next pictures there; the one that is being made is finished first."""
        if device != self._client.device:
            self._host.keep_settings(replace(self._host.settings, device=device))
            self._switch(None, device, tr("The device is changed as soon as this picture is finished."))

    def _switch(self, model: Path | None, device: str | None, later: str) -> None:
        if self._client.jobs:
            self._tell(NoticeKind.INFO, later)
        self._faults.spawn(self._restart(model, device))

    async def _restart(self, model: Path | None, device: str | None) -> None:
        await self._client.restart(model, device, after_job=True)
        self.changed.emit()

    # Changing the shelf

    async def delete(self, cascade: Cascade) -> None:
        """Take it off the list, and delete the files that the program has fetched."""
        self.remove(cascade)
        try:
            await self.in_thread(lambda: delete_fetched(cascade.folder))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
        await self._refresh()

    async def add(self, folder: Path) -> Cascade | None:
        """Put a folder on the list, after a look at all that can be seen without hashing; None where it is refused."""
        added = self._host.settings.models
        try:
            models = await self.in_thread(lambda: with_folder(added, folder, self._shipped))
        except MuseStudioError as error:
            self._host.notify(notice_of(error))
            return None
        self._host.keep_settings(replace(self._host.settings, models=models))
        await self._refresh()
        return next((cascade for cascade in self.cascades if str(cascade.folder) == models[-1]), None)

    def remove(self, cascade: Cascade) -> None:
        """Take it off the list; if it is used, the one that ships is used again. Its files stay."""
        models = without_folder(self._host.settings.models, cascade.folder, self._shipped)
        self._host.keep_settings(replace(self._host.settings, models=models))
        if self.is_used(cascade):
            self.use(self.cascades[0])
        self.checks.pop(cascade.folder, None)
        self.refresh()

    # Verifying

    @property
    def is_verifying(self) -> bool:
        return any(not check.is_over for check in self.checks.values())

    def verify(self, cascade: Cascade) -> None:
        """Hash every file; `checks` says how far it is and what it found."""
        if cascade.facts is not None and not self.is_verifying:
            self._stop.clear()
            self.checks[cascade.folder] = Check(0.0)
            self._faults.spawn(self._verify(cascade))
            self.changed.emit()

    def stop_verifying(self) -> None:
        self._stop.set()

    async def _verify(self, cascade: Cascade) -> None:
        loop, facts, started = asyncio.get_event_loop(), cascade.facts, time.monotonic()
        assert facts is not None
        told = started

        def progress(done: int, total: int) -> bool:
            nonlocal told
            now = time.monotonic()
            if now - told >= _TELL_EVERY_S:
                told = now
                left = (now - started) * (total - done) / done
                loop.call_soon_threadsafe(self._show_check, cascade.folder, Check(done / total, left))
            return not self._stop.is_set()

        problems = await self.in_thread(lambda: verify(cascade.folder, facts, progress))
        if self._stop.is_set():
            self.checks.pop(cascade.folder, None)
        else:
            self.checks[cascade.folder] = Check(1.0, is_over=True, problems=problems)
        self.changed.emit()

    def _show_check(self, folder: Path, check: Check) -> None:
        if folder in self.checks and not self.checks[folder].is_over:
            self.checks[folder] = check
            self.changed.emit()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """What reads or deletes files; one after the other."""
        return await asyncio.get_event_loop().run_in_executor(self._pool, work)

    def _tell(self, kind: NoticeKind, message: str) -> None:
        self._host.notify(Notice(kind, message, topic=_TOPIC))
