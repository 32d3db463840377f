"""Frames: how bytes on a pipe become pairs of (header, payload), and nothing else does.

A frame is `MUSE`, version u16, header length u32, payload length u32 (little endian), header, payload. Knows nothing of
what a header says. The only exception that leaves this module is MuseStudioError(PROTOCOL), whatever the bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.ipc.limits import HEADER_LIMIT_BYTES, PAYLOAD_LIMIT_BYTES

MAGIC = b"MUSE"
VERSION = 1
_PREFIX = struct.Struct("<4sHII")
PREFIX_BYTES = _PREFIX.size


@dataclass(frozen=True, slots=True)
class Frame:
    """header: 1 byte to HEADER_LIMIT_BYTES. payload: 0 to PAYLOAD_LIMIT_BYTES."""

    header: bytes
    payload: bytes = b""


def encode_frame(frame: Frame) -> bytes:
    """The bytes of one frame. MuseStudioError(PROTOCOL) if it is over a limit."""
    _check_lengths(len(frame.header), len(frame.payload))
    return b"".join((prefix_bytes(len(frame.header), len(frame.payload)), frame.header, frame.payload))


def prefix_bytes(header_bytes: int, payload_bytes: int) -> bytes:
    """The fixed first part of a frame, unchecked: tests build wrong ones with it."""
    return _PREFIX.pack(MAGIC, VERSION, header_bytes, payload_bytes)


class FrameReader:
    """Collects bytes in pieces of any size and gives the frames they complete.

    Holds at most one incomplete frame. After a fault it stays broken: a stream that lost its place can't be trusted.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._fault: MuseStudioError | None = None

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes, in order; MuseStudioError(PROTOCOL) at the place where one is wrong.

        Iterate to the end: frames that came before the fault are given before it is raised.
        """
        if self._fault is None:
            self._buffer += data
        return self._complete_frames()

    def finish(self) -> None:
        """The stream has ended. MuseStudioError(PROTOCOL) if it ended inside a frame."""
        if self._fault is None and self._buffer:
            self._fault = protocol_error(f"the stream ended inside a frame, after {len(self._buffer)} bytes of it")
        if self._fault is not None:
            raise self._fault

    def _complete_frames(self) -> Iterator[Frame]:
        while True:
            if self._fault is not None:
                raise self._fault
            try:
                frame = self._next_frame()
            except MuseStudioError as fault:
                self._fault = fault
                self._buffer.clear()
                raise
            if frame is None:
                return
            yield frame

    def _next_frame(self) -> Frame | None:
        buffer = self._buffer
        if not MAGIC.startswith(buffer[: len(MAGIC)]):
            raise protocol_error(f"a frame begins with {bytes(buffer[:4])!r}, not {MAGIC!r}")
        if len(buffer) < PREFIX_BYTES:
            return None
        _, version, header_bytes, payload_bytes = _PREFIX.unpack_from(buffer)
        if version != VERSION:
            raise protocol_error(f"the other side speaks version {version}, this side version {VERSION}")
        _check_lengths(header_bytes, payload_bytes)
        header_end = PREFIX_BYTES + header_bytes
        end = header_end + payload_bytes
        if len(buffer) < end:
            return None
        frame = Frame(bytes(buffer[PREFIX_BYTES:header_end]), bytes(buffer[header_end:end]))
        del buffer[:end]
        return frame


def protocol_error(reason: str, detail: str = "") -> MuseStudioError:
    """The fault that this package raises for everything the other side should not have sent."""
    message = (
        "The studio and its worker misunderstood each other; start the worker again, and if this returns, report it."
    )
    return MuseStudioError(ErrorKind.PROTOCOL, message, f"{reason}. {detail}" if detail else reason)


def _check_lengths(header_bytes: int, payload_bytes: int) -> None:
    if not 0 < header_bytes <= HEADER_LIMIT_BYTES:
        raise protocol_error(f"a header of {header_bytes} bytes; it may have 1 to {HEADER_LIMIT_BYTES}")
    if payload_bytes > PAYLOAD_LIMIT_BYTES:
        raise protocol_error(f"a payload of {payload_bytes} bytes; it may have at most {PAYLOAD_LIMIT_BYTES}")
