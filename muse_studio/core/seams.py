"""Making a pasted square disappear into its surroundings: colours that match and alpha that ends before an edge.

Knows nothing about documents: arrays of the model's square of S px only; S is 512 or twice that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
_Grid = NDArray[np.float32]

_BLOCK_PX = (
    8  # colour differences are compared between blocks of one super-resolution cell, or half a cell of one stage
)
_COARSEST_BLOCKS = 4  # a quarter of the frame each: from there on, the mean of all
_OWN_SHARE = 0.5  # how much a block trusts itself against its wider surroundings: texture must not cross the mask
_MOST_SHIFT = 64.0  # levels of 255: a larger difference is no colour shift but another picture
_FADE_PX = 16  # how far inside an inner frame edge a result that touches it fades out
_FADE_FROM_ALPHA = 48.0  # alpha at the frame's edge from which the fade is complete


def match_surroundings(generated: Pixels, before: Pixels, mask: Pixels) -> Pixels:
    """The generated square without its slow colour shifts against the known surroundings.

    The model's square is a reconstruction: outside the mask it should equal `before`, and where it is a little darker
    or warmer there, it is so under the mask as well. The difference known outside is spread smoothly under the mask,
    averaged over ever larger blocks the way a membrane would settle, and added.

    generated, before: uint8 [S, S, 3]; mask: uint8 [S, S], above 0 is generated. Returns uint8 [S, S, 3].
    """
    known = mask == 0
    if not known.any():
        return generated
    difference = (before.astype(np.int16) - generated) * known[..., None]
    count = len(mask) // _BLOCK_PX
    blocks = difference.reshape(count, _BLOCK_PX, count, _BLOCK_PX, 3)
    total = blocks.sum(axis=(1, 3), dtype=np.int32).astype(np.float32)
    weight = known.reshape(count, _BLOCK_PX, count, _BLOCK_PX).sum(axis=(1, 3)).astype(np.float32)
    spread = np.clip(_spread(total / _BLOCK_PX**2, weight[..., None] / _BLOCK_PX**2), -_MOST_SHIFT, _MOST_SHIFT)
    corrected = generated + _enlarged(spread)
    return np.clip(np.rint(corrected, out=corrected), 0, 255, out=corrected).astype(np.uint8)


def _spread(total: _Grid, weight: _Grid) -> _Grid:
    """Pull and push: sums [n, n, 3] of known differences, with weights [n, n, 1], become values everywhere."""
    local = total / np.maximum(weight, np.float32(1e-6))
    if len(total) <= _COARSEST_BLOCKS:
        mean = total.sum(axis=(0, 1), dtype=np.float32) / np.maximum(weight.sum(dtype=np.float32), np.float32(1e-6))
        wider: _Grid = np.broadcast_to(mean, total.shape).astype(np.float32)
    else:
        wider = _doubled(_spread(_halved(total), _halved(weight)))
    return wider + (local - wider) * (np.float32(_OWN_SHARE) * weight)


def _halved(values: _Grid) -> _Grid:
    quarter: _Grid = values[0::2, 0::2] + values[1::2, 0::2] + values[0::2, 1::2] + values[1::2, 1::2]
    return quarter * np.float32(0.25)


def _doubled(values: _Grid) -> _Grid:
    """Twice the size, linear between the centres."""
    for axis in (0, 1):
        moved: _Grid = np.moveaxis(values, axis, 0)
        before, after = np.concatenate([moved[:1], moved[:-1]]), np.concatenate([moved[1:], moved[-1:]])
        pairs = np.stack(
            [moved + (before - moved) * np.float32(0.25), moved + (after - moved) * np.float32(0.25)], axis=1
        )
        values = np.moveaxis(pairs.reshape(-1, *moved.shape[1:]), 0, axis)
    return values


def _enlarged(grid: _Grid) -> _Grid:
    """[n, n, 3] to [S, S, 3], smooth."""
    size = (len(grid) * _BLOCK_PX, len(grid) * _BLOCK_PX)
    channels = [Image.fromarray(np.ascontiguousarray(grid[..., channel])) for channel in range(3)]
    return np.stack([np.asarray(image.resize(size, Image.Resampling.BICUBIC)) for image in channels], axis=2)


def fade_at_edges(alpha: Pixels, top: bool, bottom: bool, left: bool, right: bool) -> Pixels:
    """Alpha brought down to nothing towards the named edges, only where it reaches them. Returns a new array.

    A mask painted across the frame would otherwise end in a straight seam.
    """
    ramp = np.arange(_FADE_PX, dtype=np.float32) / _FADE_PX
    ramp = ramp * ramp * (3 - 2 * ramp)  # 0 at the edge, 1 inside
    result = alpha.astype(np.float32)
    for wanted, edge in ((top, result), (bottom, result[::-1]), (left, result.T), (right, result.T[::-1])):
        if wanted:
            reach = np.minimum(edge[0] / _FADE_FROM_ALPHA, 1.0)[None, :]
            edge[:_FADE_PX] *= 1.0 - reach * (1.0 - ramp[:, None])
    return (result + 0.5).astype(np.uint8)
