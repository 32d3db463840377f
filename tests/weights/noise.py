"""One source of uniform numbers for our sampler and for the public pipeline's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from diffusers.schedulers import scheduling_amused
from torch import Tensor

from muse_studio.muse.sampling import RowNoise


def share_noise(patch: pytest.MonkeyPatch, seeds: Sequence[int], shape: torch.Size, passed: int = 0) -> None:
    """From now on the public pipeline draws, for pictures of tokens [B, h, w], the numbers that ours drew.

    passed: steps that both leave out at the beginning.
    """
    noise = RowNoise(seeds, "base")
    for _ in range(2 * passed):
        noise.draw(shape, torch.device("cpu"))

    def multinomial(probabilities: Tensor, count: int, generator: object = None) -> Tensor:
        """One draw per row by walking up the cumulative sum."""
        uniform = noise.draw(shape, torch.device("cpu")).flatten()
        walked = probabilities.cumsum(-1)
        return (walked < uniform[:, None] * walked[:, -1:]).sum(-1, keepdim=True)

    def gumbel(probabilities: Tensor, generator: object = None) -> Tensor:
        uniform = noise.draw(shape, torch.device("cpu")).flatten(1)
        return -torch.log(-torch.log(uniform))

    patch.setattr(torch, "multinomial", multinomial)
    patch.setattr(scheduling_amused, "gumbel_noise", gumbel)
