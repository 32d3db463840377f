"""How much memory a cascade takes, reckoned from its sizes before anything is allocated.

Bytes of tensors that live at the same time at the worst moment; what libraries take for themselves is not counted.
Also where a text encoder belongs, which follows from these numbers and the whole memory of a device: never from what
happens to be free, so that the same request gives the same tokens tomorrow. Knows nothing of devices' names.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from muse_studio.muse.config import BASE_PIXELS, BaseConfig, CascadeConfig, SuperResConfig, VQGANConfig
from muse_studio.muse.guidance import Way
from muse_studio.muse.lodging import Home
from muse_studio.muse.presets import parameter_counts

RESERVE_BYTES = 2**30  # what CUDA's context and the libraries' workspaces take, or the window and the system on a CPU
FLOAT_BYTES = 4
SAMPLING_FLOATS = 4  # guided logits, their rows, probabilities, cumulative sums


def weight_bytes(config: CascadeConfig, dtype: torch.dtype) -> int:
    """Bytes of both transformers and both tokenizers."""
    return sum(parameter_counts(config).values()) * dtype.itemsize


def job_bytes(config: CascadeConfig, size: int, count: int, way: Way, dtype: torch.dtype) -> int:
    """Bytes beside the weights that making `count` pictures of `size` px takes at its worst moment."""
    parts = [stage_bytes(config.base, count, way, dtype), picture_bytes(config.base_vqgan, BASE_PIXELS, count, dtype)]
    if size > BASE_PIXELS:
        parts += [
            stage_bytes(config.superres, count, way, dtype),
            picture_bytes(config.superres_vqgan, size, count, dtype),
        ]
    return max(parts)


def stage_bytes(config: BaseConfig | SuperResConfig, count: int, way: Way, dtype: torch.dtype) -> int:
    """Bytes of decoding one stage of `count` pictures, the prompts' keys and values included."""
    in_flight = (2 if way == "batch" else 1) * count
    positions = (config.grid // (config.merge if isinstance(config, SuperResConfig) else 1)) ** 2
    logits = config.grid**2 * config.codebook_size
    layer = positions * max(4 * config.hidden + 2 * config.mlp, 8 * config.hidden)
    head = config.grid**2 * (2 * config.hidden + config.codebook_size)
    floats = 1 if way == "batch" else 2  # one after the other, the conditional logits wait for the others
    if isinstance(config, SuperResConfig) and config.draft:
        floats += 1  # distances to the codes are float32 whatever the rest is, and made of two parts
    forward = in_flight * (max(layer, head) * dtype.itemsize + floats * logits * FLOAT_BYTES)
    forward += count * logits * FLOAT_BYTES  # those of the step before
    kept = 2 * count * config.layers * 2 * _joined_length(config) * config.hidden
    if isinstance(config, SuperResConfig):
        kept += 2 * count * positions * config.hidden  # what is placed at each position
    return kept * dtype.itemsize + max(forward, SAMPLING_FLOATS * count * logits * FLOAT_BYTES)


def picture_bytes(config: VQGANConfig, side: int, count: int, dtype: torch.dtype) -> int:
    """Bytes of decoding finished tokens into `count` pictures, or of tokenizing as many."""
    width = max(config.decoder_width or config.width, config.width)
    finest = side // (config.patch if config.stem == "patchify" else 1)
    blocks = 0
    for level, own in enumerate(config.multipliers):
        coarser = config.multipliers[min(level + 1, len(config.multipliers) - 1)]
        blocks = max(blocks, (finest >> level) ** 2 * width * (2 * coarser + 3 * own))
    picture = 3 * side**2 * (dtype.itemsize + 2 * FLOAT_BYTES)
    distances = 3 * (side // config.factor) ** 2 * config.codebook_size * FLOAT_BYTES
    return count * (max(blocks * dtype.itemsize, distances) + picture)


def _joined_length(config: BaseConfig | SuperResConfig) -> int:
    """Positions that a layer cross-attends to: the longest prompt, and the low-resolution tokens."""
    return 128 + (config.lowres_grid**2 if isinstance(config, SuperResConfig) else 0)


@dataclass(frozen=True, slots=True)
class TextPlace:
    """Where an encoder belongs and in which numbers."""

    home: Home
    dtype: torch.dtype


def place_text(
    parameters: int,
    weights: int,
    job: int,
    device_bytes: int | None,
    system_bytes: int | None,
    *,
    on_cpu: bool,
) -> TextPlace:
    """The home of an encoder of this many parameters beside `weights` bytes and a largest job of `job` bytes.

    Nearest first, and in float32 before bfloat16: to visit a GPU, T5-XXL copies 9.5 GB; on the CPU it computes for
    half a minute at 40 GFLOP/s.
    device_bytes, system_bytes: all the memory of the device and of the machine; None where nobody knows.
    on_cpu: whether the device is the CPU, so that there is only one memory.
    """
    for home in ("device", "visit", "cpu"):
        for dtype in (torch.float32, torch.bfloat16):
            if _has_room(home, parameters * dtype.itemsize, weights, job, device_bytes, system_bytes, on_cpu):
                return TextPlace(home, dtype)
    return TextPlace("dropped", torch.bfloat16)


def _has_room(
    home: Home, text: int, weights: int, job: int, device_bytes: int | None, system_bytes: int | None, on_cpu: bool
) -> bool:
    room = None if device_bytes is None else device_bytes - RESERVE_BYTES - weights - text
    if home == "device":
        return room is None or room >= job
    if on_cpu or (system_bytes is not None and text > system_bytes // 2):
        return False
    return home == "cpu" or room is None or room >= 0  # a visitor and a job are never there together
