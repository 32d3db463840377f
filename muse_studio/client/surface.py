"""What a window may ask of a client, real or fake. Knows nothing of how it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from muse_studio.client.jobs import Job, WorkerStatus
from muse_studio.client.queue import Place
from muse_studio.core.loras import LoraUse
from muse_studio.core.request import EditRequest
from muse_studio.ipc.messages import DeviceInfo, ModelInfo


class StudioClient(Protocol):
    """A queue of jobs and the worker that runs them, one at a time. Call everything from the event loop's thread."""

    on_status: list[Callable[[WorkerStatus], None]]
    on_queue: list[Callable[[tuple[Job, ...]], None]]
    """Told of the jobs that wait whenever one comes, goes or moves."""

    model_info: ModelInfo | None
    device_info: DeviceInfo | None
    """What the worker said when it was last ready; None before."""

    @property
    def status(self) -> WorkerStatus:
        """What the worker is doing now; `on_status` listeners hear of every change."""
        ...

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs that haven't ended, the running one first, then in the order they will run."""
        ...

    @property
    def model(self) -> Path | None:
        """The cascade's folder, from the next start of a worker on."""
        ...

    @property
    def device(self) -> str:
        """As it was asked for: auto, cpu, cuda, mps or xla."""
        ...

    async def start(self) -> None:
        """Start the worker; returns before it is ready, and jobs may be submitted at once."""
        ...

    async def ready(self) -> None:
        """Wait until the model is loaded. MuseStudioError if it can't be."""
        ...

    async def restart(self, model: Path | None = None, device: str | None = None, *, after_job: bool = False) -> None:
        """Kill the worker and start another, also after it had failed for good. Jobs that wait are run by the new one.

        model, device: what to load from now on; None leaves it as it was.
        after_job:     let the running job finish first; else it is lost.
        """
        ...

    async def close(self) -> None:
        """Cancel every job and end the worker; afterwards no process and no thread is left."""
        ...

    def submit(self, request: EditRequest, place: Place = Place.BACK) -> Job:
        """Put a request into the queue, at its end unless it is said otherwise."""
        ...

    async def look_at_lora(self, path: Path) -> LoraUse:
        """What a LoRA file is, once the model is loaded, also while a job runs. MuseStudioError says why it cannot be
        used on top of that model; nothing is changed either way."""
        ...

    def move(self, job: Job, index: int) -> bool:
        """Let a waiting job run after `index` others that wait; False if it doesn't wait."""
        ...

    def cancel_all(self) -> None:
        """Cancel the jobs that wait and the one that runs."""
        ...

    def seconds_left(self, job: Job) -> float | None:
        """How long a job will take from now if it runs, or once it does if it waits; None while that is not known."""
        ...

    @property
    def queue_seconds_left(self) -> float | None:
        """Until all of `jobs` have ended; None while that is not known."""
        ...
