"""Turns whatever a model, a library or a device throws into a MuseStudioError that says what happened and what to do.

The only place in the worker that catches everything. Cancelling and Ctrl-C pass through. Knows nothing of jobs.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.offers import TO_THE_CPU, Offer, choices
from muse_studio.muse.checkpoint import CheckpointError
from muse_studio.muse.device import DeviceError, classify_out_of_memory, describe_device, release_memory
from muse_studio.muse.text import TextError


@contextmanager
def explained(
    what: str, smaller: str, device: torch.device | None = None, offers: tuple[Offer, ...] = ()
) -> Iterator[None]:
    """Any fault inside leaves as a MuseStudioError.

    what:    what was being made or loaded, with its size, to complete "not enough memory for ...".
    smaller: what to choose when memory runs out and nothing is offered.
    device:  whose memory to name and to give back.
    offers:  smaller plans for when memory runs out.
    """
    try:
        yield
    except (MuseStudioError, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as fault:  # noqa: BLE001 - tokenizers' panics are BaseExceptions
        error = explain(fault, what, choices(offers, smaller), device, offers)
        if error.kind is ErrorKind.OUT_OF_MEMORY:
            traceback.clear_frames(fault.__traceback__)  # they hold the tensors that filled the memory
            release_memory(device or torch.device("cpu"))
        raise error from None


def explain(
    fault: BaseException,
    what: str,
    smaller: str,
    device: torch.device | None = None,
    offers: tuple[Offer, ...] = (),
) -> MuseStudioError:
    """The error a person is told about; the traceback goes into its detail."""
    detail = "".join(traceback.format_exception(fault))
    if classify_out_of_memory(fault):
        where = f" on {_memory_words(device)}" if device is not None else ""
        message = f"There is not enough memory{where} for {what}: {smaller}, or close other programs."
        return MuseStudioError(ErrorKind.OUT_OF_MEMORY, message, detail, offers)
    if isinstance(fault, CheckpointError):
        return MuseStudioError(ErrorKind.BAD_MODEL, f"{_sentence(fault)} Choose another model folder.", detail)
    if isinstance(fault, DeviceError):
        return MuseStudioError(ErrorKind.DEVICE, _sentence(fault), detail, (TO_THE_CPU,))
    if isinstance(fault, TextError):
        return MuseStudioError(ErrorKind.BAD_PROMPT, f"{_sentence(fault)} Change the prompt and try again.", detail)
    if isinstance(fault, OSError):
        message = f"A file of {what} could not be read: {fault.strerror or fault}. Check the disk, then try again."
        return MuseStudioError(ErrorKind.DISK, message, detail)
    if _is_device_fault(fault):
        message = "The GPU stopped working. Start the worker again, or choose the CPU as device."
        return MuseStudioError(ErrorKind.DEVICE, message, detail, (TO_THE_CPU,))
    message = f"Something went wrong inside the model while working on {what}. Try again; if it returns, report it."
    return MuseStudioError(ErrorKind.INTERNAL, message, detail)


def _is_device_fault(fault: BaseException) -> bool:
    words = str(fault)
    return isinstance(fault, RuntimeError) and (
        "CUDA error" in words or "CUDA driver" in words or "MPS backend" in words
    )


def _memory_words(device: torch.device) -> str:
    info = describe_device(device)
    if info.total_bytes is None:
        return info.name
    return f"{info.name} ({info.total_bytes / 2**30:.1f} GiB)"


def _sentence(fault: BaseException) -> str:
    text = str(fault).strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
