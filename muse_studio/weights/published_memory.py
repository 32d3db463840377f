"""How much memory a published cascade takes for a job, reckoned from its sizes, as muse/memory.py does for ours.

Bytes of tensors that live at the same time at the worst moment; what libraries take for themselves is not counted.
"""

from __future__ import annotations

import torch

from muse_studio.muse.guidance import Way
from muse_studio.muse.memory import FLOAT_BYTES, SAMPLING_FLOATS
from muse_studio.weights.network import NetworkFacts
from muse_studio.weights.vq import PublishedVQGANConfig


def decode_bytes(facts: NetworkFacts, grid: int, text_length: int, count: int, way: Way, dtype: torch.dtype) -> int:
    """Bytes of decoding `count` pictures of grid x grid tokens, what is kept of their prompts included."""
    in_flight = (2 if way == "batch" else 1) * count
    tokens = grid**2
    positions = tokens // (4 if facts.halved else 1) + text_length
    logits = tokens * facts.codebook_size
    widest = max(positions * facts.layer_floats, tokens * (facts.end_floats + facts.codebook_size))
    floats = 1 if way == "batch" else 2  # one after the other, the conditional logits wait for the others
    forward = in_flight * (widest * dtype.itemsize + floats * logits * FLOAT_BYTES) + count * logits * FLOAT_BYTES
    kept = 2 * count * text_length * facts.kept_floats * dtype.itemsize
    return kept + max(forward, SAMPLING_FLOATS * count * logits * FLOAT_BYTES)


def picture_bytes(config: PublishedVQGANConfig, side: int, dtype: torch.dtype) -> int:
    """Bytes of decoding one picture, or of tokenizing one: pictures of a job come one by one."""
    widths = config.block_out_channels
    blocks = 0
    for level, own in enumerate(widths):
        coarser = widths[min(level + 1, len(widths) - 1)]
        blocks = max(blocks, (side >> level) ** 2 * (2 * coarser + 3 * own))
    distances = (side // config.factor) ** 2 * config.num_vq_embeddings * FLOAT_BYTES
    return max(blocks * dtype.itemsize, distances) + 3 * side**2 * (dtype.itemsize + 2 * FLOAT_BYTES)
