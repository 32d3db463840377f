"""The public aMUSEd pipeline as what ours is measured beside: on the same weights, drawing the same numbers.

Needs diffusers, which the program itself never imports. Knows nothing of rows and goals.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.sampling import RowNoise


def load_public(folder: Path) -> Any:
    """The pipeline of a published folder, in float32 on the CPU. MuseStudioError where diffusers is not installed."""
    diffusers = _diffusers()
    pipeline = diffusers.AmusedPipeline.from_pretrained(folder, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def share_public(folder: Path, network: torch.nn.Module, vqgan: torch.nn.Module, text: torch.nn.Module) -> Any:
    """The same with the very weights of ours, so that they are in memory once; the text encoder is one and the same."""
    diffusers = _diffusers()
    kinds = ((diffusers.UVit2DModel, "transformer", network), (diffusers.VQModel, "vqvae", vqgan))
    parts: dict[str, Any] = {"text_encoder": text}
    for kind, name, ours in kinds:
        with torch.device("meta"):
            theirs = kind.from_config(kind.load_config(folder / name, local_files_only=True))
        theirs.load_state_dict(dict(ours.state_dict()), strict=True, assign=True)
        parts[name] = theirs.eval().requires_grad_(False)
    pipeline = diffusers.AmusedPipeline.from_pretrained(folder, local_files_only=True, **parts)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _diffusers() -> Any:
    try:
        import diffusers
    except ImportError as fault:
        message = (
            "This measures beside diffusers, which is not installed. In a source checkout: pip install -e '.[dev]'"
        )
        raise MuseStudioError(ErrorKind.BAD_REQUEST, message, repr(fault)) from fault
    from tqdm import std

    std.tqdm.monitor_interval = 0  # or its bars start a thread, even where they are not shown
    diffusers.utils.logging.set_verbosity_error()
    return diffusers


class Watch:
    """Seconds that count. What goes on while it is stopped does not."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._begun = clock()
        self._seconds = 0.0

    def lap(self) -> float:
        """Seconds since the last lap, and from nothing again."""
        now = self._clock()
        seconds = self._seconds + now - self._begun
        self._seconds, self._begun = 0.0, now
        return seconds

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self._seconds += self._clock() - self._begun
        try:
            yield
        finally:
            self._begun = self._clock()


@contextmanager
def same_noise(seeds: Sequence[int], shape: torch.Size, watch: Watch) -> Iterator[None]:
    """Inside, the public pipeline draws for pictures of tokens [B, h, w] what ours draws from these seeds.

    Its own drawing is done and counted as ever; only its outcome is exchanged, while the watch is stopped.
    """
    from diffusers.schedulers import scheduling_amused

    noise, multinomial, gumbel = RowNoise(seeds, "base"), torch.multinomial, scheduling_amused.gumbel_noise

    def drawn(probabilities: Tensor, count: int, **rest: Any) -> Tensor:
        multinomial(probabilities, count, **rest)
        with watch.stopped():
            walked = probabilities.cumsum(-1)
            uniform = noise.draw(shape, torch.device("cpu")).flatten().to(walked.device)
            return torch.searchsorted(walked, uniform[:, None] * walked[:, -1:])

    def noisy(probabilities: Tensor, **rest: Any) -> Tensor:
        gumbel(probabilities, **rest)
        with watch.stopped():
            uniform = noise.draw(shape, torch.device("cpu")).flatten(1).to(probabilities.device)
            return -torch.log(-torch.log(uniform))

    with patch.object(torch, "multinomial", drawn), patch.object(scheduling_amused, "gumbel_noise", noisy):
        yield
