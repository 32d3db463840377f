"""What a window asks the worker about LoRA files, and the answers, whatever runs meanwhile. Knows no process.

A question ends in exactly one of an answer and an error; a worker that dies answers none, and all are told so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.loras import LoraUse, check_path
from muse_studio.ipc.framing import protocol_error
from muse_studio.ipc.letters import read_looked
from muse_studio.ipc.messages import Look, Looked, Message


class LoraQuestions:
    """Those of one client that have no answer yet."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._open: dict[int, tuple[str, asyncio.Future[LoraUse]]] = {}
        self._asked = 0

    async def ask(self, path: Path) -> LoraUse:
        """What the file is. MuseStudioError(BAD_MODEL) says why it cannot be used on the loaded model."""
        place = str(path.expanduser().absolute())
        check_path(path.name, place)
        self._asked += 1
        nonce = self._asked
        future: asyncio.Future[LoraUse] = asyncio.get_running_loop().create_future()
        self._open[nonce] = (place, future)
        try:
            self._send(Look(nonce, place))
            return await future
        finally:
            self._open.pop(nonce, None)

    def answer(self, looked: Looked) -> None:
        """MuseStudioError(PROTOCOL) for an answer to what nobody has asked, or one that is none."""
        if not 0 < looked.nonce <= self._asked:
            raise protocol_error(f"an answer to the question {looked.nonce}, which nobody has asked")
        place, future = self._open.get(looked.nonce, ("", None))
        if future is None or future.done():
            return
        try:
            future.set_result(read_looked(looked, place))
        except MuseStudioError as error:
            if error.kind is ErrorKind.PROTOCOL:
                raise
            future.set_exception(error)

    def drop(self) -> None:
        """The worker is gone."""
        message = "The worker stopped while it looked at the LoRA. Add the file again."
        for _, future in self._open.values():
            if not future.done():
                future.set_exception(MuseStudioError(ErrorKind.WORKER_LOST, message))
