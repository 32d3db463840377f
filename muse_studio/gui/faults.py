"""The window's one place for faults: what goes wrong in a slot or a task is shown, logged, and does no more harm.

Knows nothing about what the slots do. A slot is connected as `faults.slot(function)`, a coroutine started with
`faults.spawn(coroutine)`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from muse_studio.core.errors import ErrorKind, MuseStudioError

log = logging.getLogger(__name__)

_UNEXPECTED = "Something went wrong inside Muse Studio, and the last action was not finished. Your picture is unharmed."


class Faults:
    """Wraps slots and tasks so that no exception escapes them; `show` receives each as a MuseStudioError."""

    def __init__(self, show: Callable[[MuseStudioError], None]) -> None:
        self._show = show
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = False
        self.on_fault: list[Callable[[], object]] = []
        """Called for every fault that nobody foresaw, before it is shown: what is open is put in safety."""

    def slot(self, function: Callable[..., Any]) -> Callable[..., None]:
        """`function` as a slot: surplus signal arguments are dropped, exceptions are reported."""
        takes = _positional_count(function)

        def guarded(*arguments: Any) -> None:
            try:
                function(*arguments[:takes])
            except Exception as fault:  # noqa: BLE001  one of the three places that catch everything
                self.report(fault)

        return guarded

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[None] | None:
        """Run `work` on the event loop, keep it alive, report its exception. None when all is over."""
        if self._over:
            work.close()
            return None
        task = asyncio.get_event_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception as fault:  # noqa: BLE001  as above, for tasks
            self.report(fault)

    async def finish_tasks(self, timeout_s: float = 3.0) -> None:
        """Wait for what was spawned, and for what that spawns at its end, then cancel what is left."""
        while tasks := [task for task in self._tasks if task is not asyncio.current_task()]:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._over = True

    def report(self, fault: BaseException) -> None:
        """Log the fault in full and show a person what to do."""
        log.error("%s", fault, exc_info=fault)
        if not isinstance(fault, MuseStudioError):
            self._put_in_safety()
        error = fault if isinstance(fault, MuseStudioError) else unexpected(fault)
        try:
            self._show(error)
        except Exception:
            log.exception("the fault could not be shown")

    def _put_in_safety(self) -> None:
        for act in self.on_fault:
            try:
                act()
            except Exception:
                log.exception("putting the work in safety failed")


def unexpected(fault: BaseException) -> MuseStudioError:
    """What a person is told about an exception that nobody foresaw."""
    if isinstance(fault, MemoryError):
        message = "There is not enough memory for this. Close other programs, or work on a smaller picture."
        return MuseStudioError(ErrorKind.OUT_OF_MEMORY, message, repr(fault))
    return MuseStudioError(ErrorKind.INTERNAL, _UNEXPECTED, repr(fault))


def _positional_count(function: Callable[..., Any]) -> int:
    """How many positional arguments `function` takes; a large number for *args. ValueError for Qt's own methods."""
    kinds = inspect.Parameter
    count = 0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is kinds.VAR_POSITIONAL:
            return 100
        if parameter.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD):
            count += 1
    return count
