"""bfloat16 or float32, by measurement: parts of this very model, timed side by side on this very device.

Remembers nothing: whoever asks keeps the answer, because the same request must give the same tokens tomorrow.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from muse_studio.muse.config import CascadeConfig, VQGANConfig
from muse_studio.muse.device import synchronise
from muse_studio.muse.layers import Context, CrossLayer
from muse_studio.muse.superres import MultiAxisLayer
from muse_studio.muse.vqgan import ResidualBlock

MARGIN = 1.2  # bfloat16 is the coarser of the two: it must be faster by this much, so that noise never decides
WORTH_S = 1.0  # a picture that is computed sooner than this in float32 gains nothing that a person notices
ROUNDS = 7
ROUND_S = 0.003  # a round lasts at least this long: what is shorter is noise of the clock and of other programs
BUDGET_S = 2.0  # once this is spent on a part, two rounds of each are enough
SIDE_LIMIT = 64  # of the features that the convolutions are timed on; larger ones take proportionally longer
PROMPT_TOKENS = 16

Clock = Callable[[], float]
Part = tuple[float, Callable[[torch.dtype], Callable[[], object]]]
"""How often a picture takes it, and what makes it ready to run in a dtype."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that the parts of one picture take, the best of several rounds."""

    float32_s: float
    bfloat16_s: float

    @property
    def gain(self) -> float:
        """How many times as fast bfloat16 is; below 1 it is slower."""
        return self.float32_s / self.bfloat16_s

    @property
    def dtype(self) -> torch.dtype:
        """The one to compute with: float32 unless bfloat16 is worth it."""
        return torch.bfloat16 if self.gain >= MARGIN and self.float32_s >= WORTH_S else torch.float32


def time_both(config: CascadeConfig, device: torch.device, clock: Clock = time.perf_counter) -> Timing:
    """One layer of each transformer and one block of the finer decoder, as often as a picture takes them.

    The two take turns, so that a machine that slows down slows both, and the best round of each counts: what else the
    machine does only ever adds to a time. A device that cannot compute in bfloat16 is infinitely slow in it.
    """
    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(0)
        totals = dict.fromkeys((torch.float32, torch.bfloat16), 0.0)
        for uses, prepare in _parts(config, device):
            for dtype, seconds in _best(prepare, device, clock).items():
                totals[dtype] += uses * seconds
    return Timing(totals[torch.float32], totals[torch.bfloat16])


def _best(
    prepare: Callable[[torch.dtype], Callable[[], object]], device: torch.device, clock: Clock
) -> dict[torch.dtype, float]:
    best = {torch.float32: float("inf"), torch.bfloat16: float("inf")}
    ready = {torch.float32: prepare(torch.float32)}
    try:
        ready[torch.bfloat16] = prepare(torch.bfloat16)
        ready[torch.bfloat16]()
    except (RuntimeError, TypeError):  # an older GPU, or MPS before macOS 14
        ready.pop(torch.bfloat16, None)
    ready[torch.float32]()  # the first run of each packs weights and chooses kernels
    synchronise(device)
    started = clock()
    ready[torch.float32]()
    synchronise(device)
    runs = max(1, math.ceil(ROUND_S / max(clock() - started, 1e-6)))
    for number in range(ROUNDS):
        if number > 1 and clock() - started > BUDGET_S:
            break
        for dtype, run in ready.items():
            begun = clock()
            for _ in range(runs):
                run()
            synchronise(device)
            best[dtype] = min(best[dtype], (clock() - begun) / runs)
    return best


def _parts(config: CascadeConfig, device: torch.device) -> tuple[Part, ...]:
    """With guidance, so two rows of each."""
    base, superres, plans = config.base, config.superres, config.defaults

    def base_layer(dtype: torch.dtype) -> Callable[[], object]:
        layer = _made(CrossLayer(base.hidden, base.head_width, base.mlp), device, dtype)
        return _layer_run(layer, base.grid**2, base.hidden, PROMPT_TOKENS, device, dtype)

    def superres_layer(dtype: torch.dtype) -> Callable[[], object]:
        layer = _made(MultiAxisLayer(superres, "block"), device, dtype)
        positions, joined = (superres.grid // superres.merge) ** 2, PROMPT_TOKENS + superres.lowres_grid**2
        return _layer_run(layer, positions, superres.hidden, joined, device, dtype)

    def block(dtype: torch.dtype) -> Callable[[], object]:
        side = min(whole_side, SIDE_LIMIT)
        layer = _made(ResidualBlock(channels, channels), device, dtype).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        x = torch.randn(1, channels, side, side, device=device, dtype=dtype).contiguous(
            memory_format=torch.channels_last
        )
        return lambda: layer(x)

    channels, whole_side = _decoder_level(config.superres_vqgan, superres.grid)
    blocks = 1.0 * config.superres_vqgan.decoder_blocks * len(config.superres_vqgan.multipliers)
    blocks *= (whole_side / min(whole_side, SIDE_LIMIT)) ** 2
    return (
        (base.layers * plans.base.steps, base_layer),
        (superres.layers * plans.superres.steps, superres_layer),
        (blocks, block),
    )


def _made(layer: nn.Module, device: torch.device, dtype: torch.dtype) -> nn.Module:
    return layer.to(device=device, dtype=dtype).eval()


def _layer_run(
    layer: nn.Module, positions: int, hidden: int, joined: int, device: torch.device, dtype: torch.dtype
) -> Callable[[], object]:
    assert isinstance(layer, CrossLayer)
    x = torch.randn(2, positions, hidden, device=device, dtype=dtype)
    keys_values = layer.cross.prepare(torch.randn(2, joined, hidden, device=device, dtype=dtype))
    context = Context((keys_values,), torch.ones(2, 1, 1, joined, dtype=torch.bool, device=device))
    return lambda: layer(x, keys_values, context.mask)


def _decoder_level(config: VQGANConfig, grid: int) -> tuple[int, int]:
    """Channels and side of the decoder's second finest resolution, or of its only one."""
    level = min(1, len(config.multipliers) - 1)
    coarser = len(config.multipliers) - 1 - level
    return (config.decoder_width or config.width) * config.multipliers[level], grid * 2**coarser
