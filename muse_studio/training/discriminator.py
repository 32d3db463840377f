"""An adversary that tells made pictures from real ones, patch by patch. Knows nothing about how they were made.

Patches as in Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks"; the hinge loss as in Lim
and Ye, "Geometric GAN". It is optimised beside the net that it judges; see `training.loop.make_optimisers`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call


class Discriminator(nn.Module):
    """Pictures [B, 3, H, W] in [0, 1] to one score per patch [B, 1, H / 8, W / 8]: above 0 for real ones.

    Normalised in groups: a batch of crops on a CPU is too small for statistics over the batch.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for channels in (width, 2 * width):
            layers += [
                nn.Conv2d(channels, 2 * channels, 4, stride=2, padding=1),
                nn.GroupNorm(4, 2 * channels),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(4 * width, 1, 3, padding=1))

    def forward(self, pictures: Tensor) -> Tensor:
        scores: Tensor = self.layers(pictures * 2 - 1)
        return scores


class Adversary(nn.Module):
    """The discriminator and how many steps it has waited; a checkpoint keeps both."""

    def __init__(self, width: int, after: int) -> None:
        """`after`: steps of the other net before this one begins."""
        super().__init__()
        self.net = Discriminator(width)
        self.after = after
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def begins(self) -> bool:
        """Counts one step; whether the wait is over."""
        steps = self.get_buffer("steps").add_(1)
        return int(steps) > self.after

    def forward(self, made: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """What the maker of the pictures is to minimise, and what this net is to. The first's gradient leaves this
        net's weights alone, the second's the pictures."""
        judge = {name: value.detach() for name, value in self.net.named_parameters()}
        with torch.autocast(made.device.type, torch.bfloat16):
            seen = functional_call(self.net, judge, (made,))
            told = self.net(torch.cat([made.detach(), real]))
        made_scores, real_scores = told.float().chunk(2)
        return -seen.float().mean(), hinge(made_scores, real_scores)


def hinge(made: Tensor, real: Tensor) -> Tensor:
    """Zero once made pictures score below -1 and real ones above 1."""
    return 0.5 * (F.relu(1 + made).mean() + F.relu(1 - real).mean())
