"""Trains a VQGAN tokenizer: its pictures' losses, commitment and an averaged codebook. Knows nothing about prompts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL.Image import Image
from torch import Tensor, nn

from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.codebook import AveragedCodebook, with_spare
from muse_studio.training.curves import contact_sheet
from muse_studio.training.losses import Distance, PictureLoss
from muse_studio.training.tokenizer_config import TokenizerConfig as TokenizerConfig  # also for those who only train

Picture = NDArray[np.uint8]
PCA_PICTURES = 800
PCA_SPREAD = 6.0
"""Standard deviation of the first component: wide against what a step of the optimiser moves, or codes can't follow."""


class Crops:
    """Batches of crops. `compose(number)` gives picture `number`, uint8 [size, size, 3].

    step: pixels; crops begin at its multiples.
    """

    def __init__(self, compose: Callable[[int], Picture], size: int, crop: int, step: int = 1) -> None:
        self.compose, self.size, self.crop, self.step = compose, size, crop, step

    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Tensor]:
        """uint8 [batch, 3, crop, crop] for ever, starting with picture `first`; see `training.loop.Task`."""
        while True:
            crops = [self.one(number) for number in range(first, first + batch)]
            first += stride or batch
            yield torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)

    def one(self, number: int) -> Picture:
        """A crop with some ink in it: of eight random places, the one of most contrast, three times out of four."""
        picture = self.compose(number)
        rng = np.random.default_rng((number, 1))
        room = (self.size - self.crop) // self.step
        places = self.step * rng.integers(0, room + 1, (8 if rng.random() < 0.75 else 1, 2))
        crops = [picture[y : y + self.crop, x : x + self.crop] for y, x in places]
        return max(crops, key=lambda crop: float(crop[::8, ::8].std(axis=(0, 1)).sum()))

    def whole(self, count: int) -> Tensor:
        """Pictures for a sheet, float32 [count, 3, size, size] in [0, 1]; training never sees them."""
        pictures = np.stack([self.compose(10**9 + number) for number in range(count)])
        return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


class TokenizerTask:
    """See `training.loop.Task`. `compose(number)` gives picture `number`, uint8 [size, size, 3]."""

    def __init__(
        self,
        name: str,
        vqgan: VQGANConfig,
        config: TokenizerConfig,
        compose: Callable[[int], Picture],
        device: torch.device,
        distance: Distance | None = None,
    ) -> None:
        self.name, self.vqgan, self.settings, self.device = name, vqgan, config, device
        self.crops = Crops(compose, config.size, config.crop)
        self.judge = PictureLoss(config, distance)
        model = VQGAN(with_spare(vqgan, config))
        if vqgan.linear_path:
            pictures = np.stack([self.crops.one(number) for number in range(PCA_PICTURES)])
            begin_linear_path(model, torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1)
        self.module: nn.Module = AveragedCodebook(model, config).to(device)
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def config(self) -> dict[str, Any]:
        return {"vqgan": self.vqgan, "tokenizer": self.settings}

    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Tensor]:
        return self.crops.batches(first, batch, stride)

    def loss(self, batch: Tensor) -> dict[str, Tensor]:
        pictures = batch.to(self.device).contiguous(memory_format=torch.channels_last).float() / 255
        module = self.module
        assert isinstance(module, AveragedCodebook)
        with torch.autocast(self.device.type, torch.bfloat16):
            features = module.model.encoder(pictures)
        features = features.float()
        codes, use = module.quantise(features.detach())
        commitment = F.mse_loss(features, codes) if module.is_quantising else features.pow(2).mean() * 0.01
        straight = features + (codes - features).detach()
        with torch.autocast(self.device.type, torch.bfloat16):
            made = module.model.decoder(straight.contiguous(memory_format=torch.channels_last))
            small = module.model.preview_head(codes)
        figures = self.judge(made.float(), pictures, module.adversary)
        preview = F.l1_loss(small.float(), F.interpolate(pictures, size=small.shape[-2:], mode="area"))
        figures["loss"] = figures["loss"] + commitment * self.settings.commitment + preview
        return {**figures, "codes used": use}

    @torch.no_grad()
    def sheet(self, module: nn.Module) -> Image:
        del module  # the weights themselves: the codebook belongs to them and not to their average
        assert isinstance(self.module, AveragedCodebook)
        model = self.module.model
        return reconstruction_sheet(self.crops.whole(12).to(self.device), lambda one: model.decode(model.encode(one)))


def reconstruction_sheet(pictures: Tensor, reconstruct: Callable[[Tensor], Tensor]) -> Image:
    """Pictures float32 [B, 3, H, W] in [0, 1], each beside what `reconstruct` makes of it."""
    with torch.autocast(pictures.device.type, torch.bfloat16):
        made = torch.cat([reconstruct(one) for one in pictures.split(2)])
    rows = torch.stack([pictures, made], 1).flatten(0, 1)
    shown = (rows * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return contact_sheet(list(shown), ["original", "reconstruction"] * len(pictures), columns=6, side=192)


@torch.no_grad()
def begin_linear_path(model: VQGAN, pictures: Tensor) -> None:
    """Sets the linear path to the principal components of the pictures' squares, float [N, 3, H, W] in [-1, 1].

    The convolutions beside it begin near zero, so that training starts from the best linear code; the path into the
    code stays as it is, the convolutions and the path back learn.
    """
    factor, width = model.config.factor, model.config.code_dim
    encoder, decoder = model.encoder.linear, model.decoder.linear
    assert encoder is not None
    assert decoder is not None
    squares = F.pixel_unshuffle(pictures, factor).permute(0, 2, 3, 1).reshape(-1, 3 * factor**2)
    mean = squares.mean(0)
    components = torch.pca_lowrank(squares, width, center=True, niter=4)[2].T
    scale = ((squares - mean) @ components[0]).std() / PCA_SPREAD
    encoder.weight.copy_((components / scale).view(width, 3, factor, factor))
    encoder.bias.copy_(-(components / scale) @ mean)  # type: ignore[union-attr]
    decoder.weight.copy_((components * scale).T[:, :, None, None])
    decoder.bias.copy_(mean)  # type: ignore[union-attr]
    encoder.requires_grad_(False)
    for last in (model.encoder.out, model.decoder.out):
        last.weight.mul_(0.02)
        last.bias.zero_()  # type: ignore[union-attr]
