"""The convolutional VQGAN tokenizer: pictures to token grids and back. Knows nothing about prompts or files.

Purely convolutional, without attention, so a picture of any size whose sides the factor divides encodes (Muse 2.2).
Pictures are float [B, 3, H, W] in [0, 1] on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.muse.config import VQGANConfig


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(min(32, channels // 4), channels, eps=1e-6)


class ResidualBlock(nn.Module):
    """GroupNorm, SiLU, convolution, twice, added to the input."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.norm1 = _norm(channels_in)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.norm2 = _norm(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.shortcut = nn.Identity() if channels_in == channels_out else nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        out: Tensor = self.shortcut(x) + h
        return out


class Downsample(nn.Module):
    """Halves both sides by a strided convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(x)
        return out


class Upsample(nn.Module):
    """Doubles both sides: nearest neighbour, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return out


class Encoder(nn.Module):
    """Pictures [B, 3, H, W] in [0, 1] to features [B, code_dim, H / factor, W / factor]."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        widths = [config.width * m for m in config.multipliers]
        patch = config.patch if config.stem == "patchify" else 1
        self.patch = patch
        self.stem = nn.Conv2d(3 * patch * patch, widths[0], 3, padding=1)
        layers: list[nn.Module] = []
        channels = widths[0]
        for level, width in enumerate(widths):
            for _ in range(config.encoder_blocks):
                layers.append(ResidualBlock(channels, width))
                channels = width
            if level < len(widths) - 1:
                layers.append(Downsample(channels))
        self.layers = nn.Sequential(*layers)
        self.norm = _norm(channels)
        self.out = nn.Conv2d(channels, config.code_dim, 1)
        self.linear = nn.Conv2d(3, config.code_dim, config.factor, config.factor) if config.linear_path else None

    def forward(self, pictures: Tensor) -> Tensor:
        x = F.pixel_unshuffle(pictures * 2 - 1, self.patch)
        features: Tensor = self.out(F.silu(self.norm(self.layers(self.stem(x)))))
        return features if self.linear is None else features + self.linear(pictures * 2 - 1)


class Decoder(nn.Module):
    """Codes [B, code_dim, h, w] to pictures [B, 3, h * factor, w * factor], not clipped."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        width = config.decoder_width or config.width
        widths = [width * m for m in reversed(config.multipliers)]
        patch = config.patch if config.stem == "patchify" else 1
        self.patch = patch
        self.stem = nn.Conv2d(config.code_dim, widths[0], 3, padding=1)
        layers: list[nn.Module] = []
        channels = widths[0]
        for level, level_width in enumerate(widths):
            for _ in range(config.decoder_blocks):
                layers.append(ResidualBlock(channels, level_width))
                channels = level_width
            if level < len(widths) - 1:
                layers.append(Upsample(channels))
        self.layers = nn.Sequential(*layers)
        self.norm = _norm(channels)
        self.out = nn.Conv2d(channels, 3 * patch * patch, 3, padding=1)
        self.factor = config.factor
        self.linear = nn.Conv2d(config.code_dim, 3 * config.factor**2, 1) if config.linear_path else None

    def forward(self, codes: Tensor) -> Tensor:
        x = F.pixel_shuffle(self.out(F.silu(self.norm(self.layers(self.stem(codes))))), self.patch)
        if self.linear is not None:
            x = x + F.pixel_shuffle(self.linear(codes), self.factor)
        return x * 0.5 + 0.5


class PreviewHead(nn.Module):
    """Codes straight to a small picture by one convolution: two hundred times cheaper than the decoder."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        self.patch = config.preview_patch
        self.out = nn.Conv2d(config.code_dim, 3 * self.patch * self.patch, 3, padding=1)

    def forward(self, codes: Tensor) -> Tensor:
        """Codes [B, code_dim, h, w] to pictures [B, 3, h * patch, w * patch], not clipped."""
        return F.pixel_shuffle(self.out(codes), self.patch) * 0.5 + 0.5


@dataclass(frozen=True, slots=True)
class Quantised:
    """codes: float [B, code_dim, h, w] from the codebook; tokens: int64 [B, h, w] their ids."""

    codes: Tensor
    tokens: Tensor


class VQGAN(nn.Module):
    """Encoder, codebook and decoder. `factor` pixels a side make one token."""

    def __init__(self, config: VQGANConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.codebook = nn.Parameter(torch.randn(config.codebook_size, config.code_dim))
        self.decoder = Decoder(config)
        self.preview_head = PreviewHead(config)

    def quantise(self, features: Tensor) -> Quantised:
        """The nearest codebook entry, by squared distance, for every feature [B, code_dim, h, w]."""
        places = features.permute(0, 2, 3, 1)
        codebook = self.codebook.float()
        distance = torch.addmm(codebook.pow(2).sum(1), places.flatten(0, 2).float(), codebook.T, alpha=-2)
        tokens = distance.argmin(-1).view(places.shape[:3])
        return Quantised(self.look_up(tokens), tokens)

    def look_up(self, tokens: Tensor) -> Tensor:
        """Codes [B, code_dim, h, w] of tokens int64 [B, h, w]."""
        return F.embedding(tokens, self.codebook).permute(0, 3, 1, 2)

    def encode(self, pictures: Tensor) -> Tensor:
        """Tokens int64 [B, H / factor, W / factor] of pictures [B, 3, H, W] in [0, 1].

        Raises ValueError where the factor does not divide a side.
        """
        factor = self.config.factor
        if pictures.ndim != 4 or pictures.shape[1] != 3 or pictures.shape[2] % factor or pictures.shape[3] % factor:
            raise ValueError(f"pictures must be [B, 3, H, W] with sides divisible by {factor}: {tuple(pictures.shape)}")
        return self.quantise(self.encoder(pictures)).tokens

    def decode(self, tokens: Tensor) -> Tensor:
        """Pictures float32 [B, 3, h * factor, w * factor] in [0, 1] of tokens int64 [B, h, w]."""
        codes = self.look_up(tokens).contiguous(memory_format=torch.channels_last)
        picture: Tensor = self.decoder(codes)
        return picture.float().clamp(0, 1)

    def preview(self, tokens: Tensor) -> Tensor:
        """Small pictures uint8 [B, h * preview_patch, w * preview_patch, 3] of tokens int64 [B, h, w]."""
        picture: Tensor = self.preview_head(self.look_up(tokens)).float()
        return (picture.clamp(0, 1) * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def draft_tokens(coarse: VQGAN, fine: VQGAN, tokens: Tensor) -> Tensor:
    """Fine tokens int64 [B, 4h, 4w] of the picture that coarse tokens [B, h, w] decode to, enlarged to twice its side.

    Half the side of a token and twice that of the picture make four fine tokens of a coarse one's side.
    """
    picture = coarse.decode(tokens)
    enlarged = F.interpolate(picture, scale_factor=2, mode="bicubic").clamp(0, 1)
    return fine.encode(enlarged.to(fine.codebook.dtype).contiguous(memory_format=torch.channels_last))
