"""How much memory a published cascade takes for a job, reckoned from its configurations as the worker does.

`weights.published_memory` reckons it from the networks; a test holds the two together, since neither room may import
the other. What a configuration leaves out is as in the released one. Knows no torch and no device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FLOAT_BYTES = 4
_SAMPLING_FLOATS = 4
_SANE = 2**20  # no size of a layer is larger; a stranger's numbers must not make an endless one

TRANSFORMER, VQGAN, TEXT = "transformer", "vqvae", "text_encoder"
PARTS = (TRANSFORMER, VQGAN, TEXT)
"""Of whose configurations an architecture consists."""


@dataclass(frozen=True, slots=True)
class _Network:
    """Numbers in memory at each position of the layers, at each token before and after them, for each of a prompt."""

    halved: bool
    codes: int
    layer_floats: int
    end_floats: int
    kept_floats: int


def is_published(architecture: Mapping[str, Any]) -> bool:
    """Whether this is of a published cascade and not of one of ours."""
    return TRANSFORMER in architecture


def job_bytes(architecture: Mapping[str, Any], size: int, count: int, way: str, item_bytes: int) -> int:
    """Bytes beside the weights that making `count` pictures of `size` px takes at its worst moment.

    KeyError, TypeError or ValueError where the architecture is not one.
    """
    vqgan = architecture[VQGAN]
    widths = tuple(map(_whole, vqgan.get("block_out_channels", (128, 256, 256, 512, 768))))[:8]
    factor = 2 ** (len(widths) - 1)
    length = _whole(architecture[TEXT].get("max_position_embeddings", 77))
    decode = _decode(_network(architecture[TRANSFORMER]), size // factor, length, count, way, item_bytes)
    return max(decode, _picture(widths, _whole(vqgan.get("num_vq_embeddings", 8192)), factor, size, item_bytes))


def _network(table: Mapping[str, Any]) -> _Network:
    halved, codes = table.get("downsample") is True, _whole(table.get("codebook_size", 8192))
    if "attention_head_dim" in table:  # Meissonic's kind
        hidden = _whole(table["attention_head_dim"]) * _whole(table["num_attention_heads"])
        return _Network(halved, codes, 22 * hidden, 4 * hidden, 2 * hidden)
    hidden, width = _whole(table.get("hidden_size", 1024)), _whole(table.get("block_out_channels", 768))
    inner, ends = _whole(table.get("intermediate_size", 2816)), _whole(table.get("in_channels", 768))
    layers, blocks = _whole(table.get("num_hidden_layers", 22)), _whole(table.get("num_res_blocks", 3))
    layer = max(3 * hidden + max(4 * hidden, 3 * inner), 12 * width)
    return _Network(halved, codes, layer, 4 * width + ends, 2 * hidden * layers + 8 * width * blocks)


def _decode(network: _Network, grid: int, text_length: int, count: int, way: str, item_bytes: int) -> int:
    in_flight = (2 if way == "batch" else 1) * count
    tokens = grid**2
    positions = tokens // (4 if network.halved else 1) + text_length
    logits = tokens * network.codes
    widest = max(positions * network.layer_floats, tokens * (network.end_floats + network.codes))
    floats = 1 if way == "batch" else 2
    forward = in_flight * (widest * item_bytes + floats * logits * FLOAT_BYTES) + count * logits * FLOAT_BYTES
    kept = 2 * count * text_length * network.kept_floats * item_bytes
    return kept + max(forward, _SAMPLING_FLOATS * count * logits * FLOAT_BYTES)


def _picture(widths: tuple[int, ...], codes: int, factor: int, side: int, item_bytes: int) -> int:
    blocks = 0
    for level, own in enumerate(widths):
        coarser = widths[min(level + 1, len(widths) - 1)]
        blocks = max(blocks, (side >> level) ** 2 * (2 * coarser + 3 * own))
    distances = (side // factor) ** 2 * codes * FLOAT_BYTES
    return max(blocks * item_bytes, distances) + 3 * side**2 * (item_bytes + 2 * FLOAT_BYTES)


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 < value <= _SANE:
        raise ValueError(f"{value!r:.60} is no size")
    return value
