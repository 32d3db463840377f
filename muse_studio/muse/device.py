"""Which device to compute on, what is known of it, and whether an error means that it is out of memory.

Knows nothing about models. CUDA, Apple's MPS and TPUs (through torch_xla) are all optional.
"""

from __future__ import annotations

import gc
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import torch

KINDS = ("cuda", "mps", "xla", "cpu")
"""In the order that "auto" prefers. A TPU is only there where torch_xla has been installed for it; torch_xla on a CPU
computes slower than torch does and is taken only by its name, to try out what a TPU would do."""

SIGKILL_EXIT = -9  # what asyncio and subprocess report of a process the kernel killed
SIGKILL_SHELL_EXIT = 137  # what a shell makes of it

# CPU allocators of torch raise a plain RuntimeError; oneDNN, MPS and XLA have words of their own.
_OUT_OF_MEMORY_WORDS = (
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "out of memory",
    "std::bad_alloc",
    "resource_exhausted",
    "cublas_status_alloc_failed",
    "could not create a memory object",
)


class DeviceError(ValueError):
    """A device that is not there or not known. The message says what to choose instead."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device in words and bytes: `name` as its maker has it, `kind` one of KINDS, None where nobody says."""

    name: str
    kind: str
    total_bytes: int | None
    free_bytes: int | None


def pick_device(name: str = "auto") -> torch.device:
    """The device called "auto", "cpu", "cuda", "cuda:1", "mps" or "xla"; auto takes the fastest. Raises DeviceError."""
    kind, _, index = name.strip().lower().partition(":")
    if kind == "auto" and not index:
        return _device(next(kind for kind in KINDS if _is_fast(kind)))
    if kind not in KINDS or (index and not (index.isascii() and index.isdigit())):
        raise DeviceError(f"{name!r} is no device: choose auto, cpu, cuda, mps or xla")
    if not _is_available(kind):
        raise DeviceError(f"{_xla_problem() if kind == 'xla' else _MISSING[kind]} Choose auto or cpu.")
    if kind == "cuda" and index and int(index) >= torch.cuda.device_count():
        raise DeviceError(f"there is no GPU number {index}: this machine has {torch.cuda.device_count()}")
    return _device(kind, int(index) if index else None)


def describe_device(device: torch.device) -> DeviceInfo:
    """What is known of a device's name and memory. Never raises."""
    kind = device.type if device.type in KINDS else "cpu"
    try:
        return _DESCRIBE[kind](device)
    except Exception:  # noqa: BLE001 - a driver may fail in any way, and this is only told to a person
        return DeviceInfo(str(device), kind, None, None)


def classify_out_of_memory(error: BaseException | int | None) -> bool:
    """Whether an error, or a process's exit code, means that memory ran out, in any of its four shapes.

    torch.OutOfMemoryError from a GPU; RuntimeError with telling words from a CPU, MPS or TPU; MemoryError from Python,
    numpy and Pillow; SIGKILL, by exit code, from the kernel. Causes and contexts are looked at too.
    """
    if error is None or isinstance(error, int):
        return error in (SIGKILL_EXIT, SIGKILL_SHELL_EXIT)
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        if _is_out_of_memory(current):
            return True
        waiting += [current.__cause__, current.__context__]
    return False


def release_memory(device: torch.device) -> None:
    """Gives back what a failed job left behind, so that the next one has it."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def synchronise(device: torch.device) -> None:
    """Waits until everything that was asked of a device is computed. XLA computes only then what was asked before."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    elif device.type == "xla":
        import torch_xla

        torch_xla.sync(wait=True)


def end_step(device: torch.device) -> None:
    """Has XLA compute what was asked so far, as one program: steps alike are then compiled once and not once a job.

    Other devices compute at once and need no end.
    """
    if device.type == "xla":
        import torch_xla

        torch_xla.sync()


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == 12  # ENOMEM
    words = str(error).lower() if isinstance(error, RuntimeError) else ""
    return any(word in words for word in _OUT_OF_MEMORY_WORDS)


def _is_available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    return kind == "cpu" or xla_hardware() is not None


def _is_fast(kind: str) -> bool:
    """Whether auto may choose it."""
    return _is_available(kind) and (kind != "xla" or xla_hardware() == "TPU")


def xla_hardware() -> str | None:
    """What torch_xla computes on, "TPU" or "CPU"; None where it is not installed, or finds nothing."""
    with suppress(Exception):  # a torch_xla built for another torch fails in ways of its own
        import torch_xla

        return str(torch_xla.runtime.device_type() or "") or None
    return None


def _xla_problem() -> str:
    """Why there is no XLA device, for a person who asked for one."""
    try:
        installed = metadata.version("torch_xla")
    except metadata.PackageNotFoundError:
        return "torch_xla is not installed: pip install muse-studio[tpu]."
    try:
        import torch_xla  # noqa: F401
    except Exception as fault:  # noqa: BLE001 - see above
        return (
            f"torch_xla {installed} cannot be loaded beside torch {torch.__version__}: each torch_xla fits one torch "
            f"only, so install the two in the same version ({str(fault).splitlines()[0][:160]})."
        )
    return "torch_xla finds no TPU; PJRT_DEVICE=CPU computes on the CPU through it."


_MISSING = {
    "cuda": "no CUDA GPU was found: the machine has none, its driver is missing, or torch was installed without CUDA.",
    "mps": "Apple's MPS was not found: it needs a Mac with Apple silicon and macOS 14.",
}


def _device(kind: str, index: int | None = None) -> torch.device:
    if kind == "xla":
        import torch_xla

        device: torch.device = torch_xla.device(index)
        return device
    return torch.device(kind) if index is None else torch.device(kind, index)


def _describe_cuda(device: torch.device) -> DeviceInfo:
    free, total = torch.cuda.mem_get_info(device)
    idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # torch keeps it for the next job
    return DeviceInfo(torch.cuda.get_device_name(device), "cuda", total, free + idle)


def _describe_mps(device: torch.device) -> DeviceInfo:
    total = torch.mps.recommended_max_memory()
    return DeviceInfo(_cpu_name(), "mps", total, max(0, total - torch.mps.driver_allocated_memory()))


def _describe_xla(device: torch.device) -> DeviceInfo:
    if xla_hardware() == "CPU":
        total, free = _system_memory()
        return DeviceInfo(f"{_cpu_name()} through XLA", "xla", total, free)
    import torch_xla.core.xla_model as xm

    info = xm.get_memory_info(device)
    total, used = info.get("bytes_limit"), info.get("bytes_used")
    return DeviceInfo(f"TPU ({device})", "xla", total, None if total is None or used is None else total - used)


def _describe_cpu(device: torch.device) -> DeviceInfo:
    total, free = _system_memory()
    return DeviceInfo(f"{_cpu_name()}, {os.cpu_count() or 1} cores", "cpu", total, free)


def _cpu_name() -> str:
    """The processor's name; platform's own answer is empty or an architecture on Linux."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in {"model name", "Model"} and value.strip():
                return value.strip()
    return platform.processor() or platform.machine() or "CPU"


def _system_memory() -> tuple[int | None, int | None]:
    """Total and available bytes of this machine, less where a container's limit is lower."""
    import psutil

    memory = psutil.virtual_memory()
    total, free = int(memory.total), int(memory.available)
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        limit = int((group / "memory.max").read_text("ascii"))
        used = int((group / "memory.current").read_text("ascii"))
        if limit < total:
            total, free = limit, min(free, max(0, limit - used))
    return total, free


_DESCRIBE: dict[str, Callable[[torch.device], DeviceInfo]] = {
    "cuda": _describe_cuda,
    "mps": _describe_mps,
    "xla": _describe_xla,
    "cpu": _describe_cpu,
}
