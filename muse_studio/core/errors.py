"""The one exception that people see. Knows nothing about where it is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from muse_studio.core.offers import Offer


class ErrorKind(StrEnum):
    """What sort of thing went wrong; the values travel over the wire and into exit codes."""

    BAD_PICTURE = "bad_picture"
    BAD_MASK = "bad_mask"
    BAD_PROMPT = "bad_prompt"
    BAD_REQUEST = "bad_request"
    BAD_MODEL = "bad_model"
    OUT_OF_MEMORY = "out_of_memory"
    DISK = "disk"
    NETWORK = "network"
    DEVICE = "device"
    WORKER_LOST = "worker_lost"
    PROTOCOL = "protocol"
    INTERNAL = "internal"


class MuseStudioError(Exception):
    """A fault that a person is told about.

    message: says what happened and what to do, in plain words, without markup.
    detail:  for the log: paths, the original exception, numbers. May be empty.
    offers:  smaller plans that may do instead, the best first.
    """

    def __init__(self, kind: ErrorKind, message: str, detail: str = "", offers: tuple[Offer, ...] = ()) -> None:
        super().__init__(kind, message, detail)
        self.kind = kind
        self.message = message
        self.detail = detail
        self.offers = offers

    def __str__(self) -> str:
        return self.message
