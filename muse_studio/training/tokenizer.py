"""Trains a VQGAN tokenizer: reconstruction, commitment and an averaged codebook. Knows nothing about prompts.

The codebook follows the encoder by an exponential average of the features that choose each entry (van den Oord et al.,
"Neural Discrete Representation Learning", appendix A.1); entries that nothing chooses are moved onto live features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL.Image import Image
from torch import Tensor, nn

from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.curves import contact_sheet
from muse_studio.training.engine import add_up, from_the_first

Picture = NDArray[np.uint8]
KMEANS_BATCHES = 40
KMEANS_ROUNDS = 12
PCA_PICTURES = 800
PCA_SPREAD = 6.0
"""Standard deviation of the first component: wide against what a step of the optimiser moves, or codes can't follow."""


@dataclass(frozen=True, slots=True)
class TokenizerConfig:
    """crop: side of the training crops, pixels. size: side of the composed pictures the crops come from.

    commitment: weight of the pull of features to their codes. edges: weight of the loss on finite differences.
    free_steps: steps at the start without a codebook; k-means over the features of the last ones then begins it. With
                a codebook from the first step, features fall into the two or three directions that random codes tell
                apart, and hues are lost for a long time.
    spare:      entries that are trained beyond the codebook's size; see `condense`.
    """

    size: int
    crop: int
    commitment: float = 0.25
    edges: float = 1.0
    codebook_decay: float = 0.98
    revive_below: float = 0.02
    free_steps: int = 250
    spare: int = 0


class TokenizerTask:
    """See `training.loop.Task`. `compose(number)` gives picture `number`, uint8 [size, size, 3]."""

    def __init__(
        self,
        name: str,
        vqgan: VQGANConfig,
        config: TokenizerConfig,
        compose: Callable[[int], Picture],
        device: torch.device,
    ) -> None:
        self.name, self.vqgan, self.settings, self.compose, self.device = name, vqgan, config, compose, device
        model = VQGAN(with_spare(vqgan, config))
        if vqgan.linear_path:
            pictures = np.stack([self._crop(number) for number in range(PCA_PICTURES)])
            begin_linear_path(model, torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1)
        model = model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.module: nn.Module = AveragedCodebook(model, config)

    def config(self) -> dict[str, Any]:
        return {"vqgan": self.vqgan, "tokenizer": self.settings}

    def batches(self, first: int, batch: int, stride: int = 0) -> Iterator[Tensor]:
        while True:
            crops = [self._crop(number) for number in range(first, first + batch)]
            first += stride or batch
            yield torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)

    def _crop(self, number: int) -> Picture:
        """A crop with some ink in it: of eight random places, the one of most contrast, three times out of four."""
        picture = self.compose(number)
        rng = np.random.default_rng((number, 1))
        room = self.settings.size - self.settings.crop
        places = rng.integers(0, room + 1, (8 if rng.random() < 0.75 else 1, 2))
        crops = [picture[y : y + self.settings.crop, x : x + self.settings.crop] for y, x in places]
        return max(crops, key=lambda crop: float(crop[::8, ::8].std(axis=(0, 1)).sum()))

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
        made = made.float()
        error = (made - pictures).abs().mean() + edge_loss(made, pictures) * self.settings.edges
        preview = F.l1_loss(small.float(), F.interpolate(pictures, size=small.shape[-2:], mode="area"))
        square = F.mse_loss(made.detach().clamp(0, 1), pictures)
        return {
            "loss": error + square_loss(made, pictures) + commitment * self.settings.commitment + preview,
            "psnr": -10 * torch.log10(square + 1e-8),
            "codes used": use,
        }

    @torch.no_grad()
    def sheet(self, module: nn.Module) -> Image:
        del module  # the weights themselves: the codebook belongs to them and not to their average
        assert isinstance(self.module, AveragedCodebook)
        pictures = np.stack([self.compose(10**9 + number) for number in range(12)])
        with torch.autocast(self.device.type, torch.bfloat16):
            whole = torch.from_numpy(pictures).permute(0, 3, 1, 2).to(self.device).float() / 255
            model = self.module.model
            made = torch.cat([model.decode(model.encode(one)) for one in whole.split(2)])
        back = (made * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        pairs = [picture for pair in zip(pictures, back, strict=True) for picture in pair]
        return contact_sheet(pairs, ["original", "reconstruction"] * 12, columns=6, side=192)


def k_means(points: Tensor, count: int) -> Tensor:
    """Lloyd's algorithm: `count` centres [count, D] of points [N, D]; an unused one moves to a random point."""
    centres = points[torch.randperm(len(points), device=points.device)[:count]]
    if len(centres) < count:
        centres = torch.cat([centres, points[torch.randint(len(points), (count - len(centres),))]])
    for _ in range(KMEANS_ROUNDS):
        nearest = torch.cat([torch.cdist(part, centres).argmin(1) for part in points.split(8192)])
        sums = torch.zeros_like(centres).index_add_(0, nearest, points)
        counts = torch.bincount(nearest, minlength=count)
        empty = counts == 0
        centres = sums / counts.clamp_min(1)[:, None]
        centres[empty] = points[torch.randint(len(points), (int(empty.sum()),), device=points.device)]
    return centres


def with_spare(vqgan: VQGANConfig, config: TokenizerConfig) -> VQGANConfig:
    """The tokenizer as it is trained: with its spare entries."""
    return replace(vqgan, codebook_size=vqgan.codebook_size + config.spare)


@torch.no_grad()
def condense(codebook: Tensor, counts: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The codebook [size, D] in which the entries most alike were merged, pair by pair; and where each old entry went.

    An average of as many features as chose its members (counts [N]) takes the place of the first of them. Trained by
    averages, a codebook spends several entries on a common colour. Nobody sees which of them a picture has, and no
    transformer can foresee it: without them, the base tokens' entropy is a sixth smaller.
    """
    centres, weights = codebook.double().cpu().clone(), counts.double().cpu().clamp_min(1e-6).clone()
    place = torch.arange(len(centres))
    gaps = torch.cdist(centres, centres).fill_diagonal_(torch.inf)
    for _ in range(len(centres) - size):
        first, second = sorted(divmod(int(gaps.argmin()), len(centres)))
        total = weights[first] + weights[second]
        step = (centres[second] - centres[first]) * (weights[second] / total)
        centres[first] += step
        weights[first] = total
        place[place == second] = first
        gaps[second], gaps[:, second] = torch.inf, torch.inf
        row = torch.cdist(centres[first][None], centres)[0].masked_fill(gaps[first].isinf(), torch.inf)
        gaps[first], gaps[:, first] = row, row
    kept, place = place.unique(return_inverse=True)
    return centres[kept].to(codebook.dtype).to(codebook.device), place


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


class AveragedCodebook(nn.Module):
    """A VQGAN with the running sums from which its codebook is set."""

    def __init__(self, model: VQGAN, config: TokenizerConfig) -> None:
        super().__init__()
        self.model = model
        self.settings = config
        model.codebook.requires_grad_(False)
        self.register_buffer("counts", torch.zeros(model.config.codebook_size))
        self.register_buffer("sums", torch.zeros_like(model.codebook))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))
        self.recent: list[Tensor] = []

    @property
    def is_quantising(self) -> bool:
        """Whether the codebook has begun."""
        return int(self.get_buffer("steps")) > self.settings.free_steps

    @torch.no_grad()
    def condensed(self, config: VQGANConfig) -> VQGAN:
        """The finished tokenizer, without spare entries."""
        model = VQGAN(config)
        codebook, _ = condense(self.model.codebook, self.get_buffer("counts"), config.codebook_size)
        model.load_state_dict({**self.model.state_dict(), "codebook": codebook})
        return model

    @torch.no_grad()
    def begin_from(self, model: VQGAN) -> None:
        """Goes on from a finished tokenizer, as if every entry had just been chosen once; the spare ones are copies."""
        codebook = model.codebook.detach()
        spare = len(self.model.codebook) - len(codebook)
        self.model.load_state_dict({**model.state_dict(), "codebook": torch.cat([codebook, codebook[:spare]])})
        self.get_buffer("counts").fill_(1.0)
        self.get_buffer("sums").copy_(self.model.codebook)
        self.get_buffer("steps").fill_(self.settings.free_steps + 1)

    @torch.no_grad()
    def quantise(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Codes of features [B, code_dim, h, w], after which the codebook moves; and the share of entries in use.

        In the free steps the features themselves.
        """
        counts, sums, codebook = self.get_buffer("counts"), self.get_buffer("sums"), self.model.codebook
        flat = features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])
        self.get_buffer("steps").add_(1)
        if not self.is_quantising:
            self.recent = [*self.recent, flat][-KMEANS_BATCHES:]
            return features, features.new_zeros(())
        if not counts.any():
            codebook.copy_(k_means(torch.cat([*self.recent, flat]), len(codebook)))
            counts.fill_(len(flat) / len(codebook))
            sums.copy_(codebook * counts[:, None])
            from_the_first(codebook, counts, sums)
            self.recent = []
        quantised = self.model.quantise(features)
        tokens = quantised.tokens.reshape(-1)
        keep = self.settings.codebook_decay
        chosen = add_up(torch.bincount(tokens, minlength=len(codebook)).float())
        counts.mul_(keep).add_(chosen, alpha=1 - keep)
        sums.mul_(keep).add_(add_up(torch.zeros_like(sums).index_add_(0, tokens, flat)), alpha=1 - keep)
        codebook.copy_(sums / counts.clamp_min(1e-6)[:, None])
        dead = counts < self.settings.revive_below
        self._revive(dead, flat)
        from_the_first(codebook, counts, sums)
        return quantised.codes, 1 - dead.float().mean()

    def _revive(self, dead: Tensor, flat: Tensor) -> None:
        number = int(dead.sum())
        if not number:
            return
        picks = flat[torch.randint(len(flat), (number,), device=flat.device)]
        start = self.settings.revive_below * 4
        self.model.codebook[dead] = picks
        self.get_buffer("counts")[dead] = start
        self.get_buffer("sums")[dead] = picks * start
