"""Which numbers a model is computed in on this machine: as asked, as measured once, or as the hardware says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import torch

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.core.verdicts import Verdict, keep_verdict, known_verdict
from muse_studio.muse.cascade import working_dtype
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.device import describe_device
from muse_studio.muse.precision import Timing, time_both

DTYPE_VARIABLE = "MUSE_STUDIO_DTYPE"
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

INT8 = "int8"

Measure = Callable[[CascadeConfig, torch.device], Timing]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The dtype, and for a person why it is that one. int8: whether a published transformer is rounded to that."""

    dtype: torch.dtype
    why: str
    int8: bool = False

    @property
    def name(self) -> str:
        """“float32”, “bfloat16” or “int8”."""
        return INT8 if self.int8 else next(name for name, dtype in DTYPES.items() if dtype is self.dtype)


def choose_numbers(
    config: CascadeConfig | None, device: torch.device, asked: str | None = None, measure: Measure = time_both
) -> Numbers:
    """What was asked for, by name or by DTYPE_VARIABLE; else what was measured, now or at an earlier start.

    A measurement that cannot be kept would be made anew tomorrow and might fall out otherwise: then a fixed property
    of the hardware decides, as it does for XLA, which takes minutes to compile what would be timed, and for published
    cascades, of which there is no config.
    MuseStudioError(BAD_REQUEST) for a name that is neither, nor “auto”.
    """
    name = (asked or os.environ.get(DTYPE_VARIABLE) or "auto").strip().lower()
    if name in DTYPES:
        return Numbers(DTYPES[name], "as asked for")
    if name == INT8 and config is None and device.type == "cpu":
        return Numbers(torch.float32, "as asked for", int8=True)
    if name == INT8:
        message = "int8 is for published cascades on a CPU. Choose auto, float32 or bfloat16."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    if name != "auto":
        message = f"“{name}” is no kind of number to compute in: choose auto, float32 or bfloat16."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message)
    if device.type == "xla" or config is None:
        return Numbers(working_dtype(device), "what the hardware multiplies in")
    key = verdict_key(config, device)
    verdict = known_verdict(key)
    if verdict is None:
        timing = measure(config, device)
        half = timing.bfloat16_s if timing.bfloat16_s < float("inf") else None
        verdict = Verdict(str(timing.dtype).removeprefix("torch."), timing.float32_s, half)
        try:
            keep_verdict(key, verdict)
        except MuseStudioError:
            return Numbers(working_dtype(device), "what the hardware multiplies in; a measurement could not be kept")
    return Numbers(DTYPES[verdict.dtype], _words(verdict))


def verdict_key(config: CascadeConfig, device: torch.device) -> str:
    """What the measurement depends on, in words: the device, torch, and the model's sizes.

    Not the number of threads: the window's worker and the command line shall compute in the same numbers.
    """
    base, superres, vqgan = config.base, config.superres, config.superres_vqgan
    sizes = (
        f"base {base.hidden}x{base.layers}x{base.mlp}",
        f"superres {superres.hidden}x{superres.layers}x{superres.mlp}/{superres.merge}",
        f"decoder {vqgan.decoder_width or vqgan.width}x{vqgan.decoder_blocks}",
    )
    return "; ".join((describe_device(device).name, f"torch {torch.__version__}", *sizes))


def _words(verdict: Verdict) -> str:
    if verdict.bfloat16_s is None:
        return "this device does not compute in bfloat16"
    gain = verdict.float32_s / verdict.bfloat16_s
    return f"measured here: bfloat16 runs {gain:.1f} times as fast as float32"
