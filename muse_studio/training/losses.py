"""What a tokenizer's pictures are judged by: pixels, outlines, features and an adversary.

Pictures are float [B, 3, H, W] in [0, 1]; what a decoder makes may lie outside. Knows nothing about codes or tokens.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from muse_studio.training.discriminator import Adversary
from muse_studio.training.tokenizer_config import TokenizerConfig

Distance = Callable[[Tensor, Tensor], Tensor]
"""How unlike two batches of pictures look, as one number that can be minimised; 0 where they are equal."""
BALANCE_LIMIT = 1e3  # an adversary that hardly pulls, as in its first steps, is not made to by more than this


class PictureLoss:
    """Every loss between what a decoder made and what it should have."""

    def __init__(self, config: TokenizerConfig, distance: Distance | None) -> None:
        """`distance`: needed where `config` weighs it. Raises ValueError without."""
        if config.perceptual and distance is None:
            raise ValueError("a distance between features has a weight, and there is none")
        self.settings, self.distance = config, distance

    def __call__(self, made: Tensor, real: Tensor, adversary: Adversary | None = None) -> dict[str, Tensor]:
        """The sum under "loss", and figures to log. One backward pass of the sum moves the decoder against the
        adversary and the adversary against the decoder: neither's share reaches the other's weights."""
        settings = self.settings
        loss = reconstruction(made, real, settings.edges)
        figures = {}
        if settings.perceptual and self.distance is not None:
            figures["features"] = self.distance(made, real)
            loss = loss + settings.perceptual * figures["features"]
        if adversary is not None and adversary.begins():
            fooling, catching = adversary(made, real)
            loss = loss + settings.adversarial * balance(loss, fooling, made) * fooling + catching
            figures |= {"fooling": fooling, "catching": catching}
        square = F.mse_loss(made.detach().clamp(0, 1), real)
        return {"loss": loss, "psnr": -10 * torch.log10(square + 1e-8), **figures}


def reconstruction(made: Tensor, real: Tensor, edges: float) -> Tensor:
    """Absolute error, edges and square error."""
    return (made - real).abs().mean() + edge_loss(made, real) * edges + square_loss(made, real)


def balance(loss: Tensor, fooling: Tensor, made: Tensor) -> Tensor:
    """The weight at which the adversary pulls at the pictures as strongly as all other losses, by gradient norms.

    After Esser et al., "Taming Transformers for High-Resolution Image Synthesis", section 3.1, who take the gradients
    at the decoder's last layer; taken at the pictures themselves they cost no pass through it.
    """
    pull, other = (torch.autograd.grad(one, made, retain_graph=True)[0].norm() for one in (loss, fooling))
    return (pull / (other + 1e-8)).clamp(max=BALANCE_LIMIT).detach()


def edge_loss(made: Tensor, real: Tensor) -> Tensor:
    """Mean absolute error of finite differences at two scales: keeps outlines sharp without any download."""
    total = made.new_zeros(())
    for scale in (1, 2):
        if scale > 1:
            made, real = F.avg_pool2d(made, scale), F.avg_pool2d(real, scale)
        for axis in (-1, -2):
            total = total + (made.diff(dim=axis) - real.diff(dim=axis)).abs().mean()
    return total


def square_loss(made: Tensor, real: Tensor) -> Tensor:
    """Mean square error, weighted to matter as much as the absolute error early on."""
    return 2 * F.mse_loss(made, real)
