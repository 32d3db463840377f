"""The VQGAN that the published aMUSEd and Meissonic checkpoints share. Knows nothing about prompts or decoding.

Pictures are float [B, 3, H, W] in [0, 1] on both sides, not in [-1, 1]. The attributes have the published names, so a
file's keys are this module's own. Purely convolutional: any sides that the factor divides.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.muse.folder import Folder
from muse_studio.weights.normed_convolution import normed_convolution
from muse_studio.weights.part import check_counts, load_part, read_config
from muse_studio.weights.upsample import Upsample

CLASS_NAME = "VQModel"
FIXED = {
    "in_channels": 3, "out_channels": 3, "act_fn": "silu", "norm_type": "group", "mid_block_add_attention": False,
}  # fmt: skip
IGNORED = ("sample_size", "scaling_factor", "force_upcast", "lookup_from_codebook")
"""The scale is written into the files and never applied; tokens are always looked up, and float16 is never used."""
EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class PublishedVQGANConfig:
    """config.json of a published vqvae/, by the published names. The sizes of the released one are the defaults.

    block_out_channels: channels per resolution, finest first; each but the first halves the sides.
    layers_per_block:   residual blocks per resolution of the encoder; the decoder has one more.
    latent_channels:    features of the encoder; vq_embed_dim: numbers of a code, None for as many.
    """

    block_out_channels: tuple[int, ...] = (128, 256, 256, 512, 768)
    layers_per_block: int = 2
    latent_channels: int = 64
    num_vq_embeddings: int = 8192
    vq_embed_dim: int | None = None
    norm_num_groups: int = 32
    down_block_types: tuple[str, ...] = ("DownEncoderBlock2D",) * 5
    up_block_types: tuple[str, ...] = ("UpDecoderBlock2D",) * 5

    def __post_init__(self) -> None:
        check_counts(self)
        levels = len(self.block_out_channels)
        if not 1 <= levels <= 8:
            raise ValueError("block_out_channels are 1 to 8 numbers")
        if any(channels % self.norm_num_groups for channels in self.block_out_channels):
            raise ValueError("norm_num_groups does not divide block_out_channels")
        if self.down_block_types != ("DownEncoderBlock2D",) * levels:
            raise ValueError("down_block_types are not one DownEncoderBlock2D for each resolution")
        if self.up_block_types != ("UpDecoderBlock2D",) * levels:
            raise ValueError("up_block_types are not one UpDecoderBlock2D for each resolution")

    @property
    def code_dim(self) -> int:
        """Numbers of a code."""
        return self.vq_embed_dim or self.latent_channels

    @property
    def factor(self) -> int:
        """Pixels of a token's side."""
        return int(2 ** (len(self.block_out_channels) - 1))


class ResidualBlock(nn.Module):
    """GroupNorm, SiLU, convolution, twice, added to the input. In place where it can be: for inference alone.

    by_bands: faster on a CPU, and rounded otherwise than published; see `normed_convolution`.
    """

    def __init__(self, channels_in: int, channels_out: int, groups: int, *, by_bands: bool) -> None:
        super().__init__()
        self.by_bands = by_bands
        self.norm1 = nn.GroupNorm(groups, channels_in, eps=EPSILON)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, channels_out, eps=EPSILON)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.conv_shortcut = nn.Identity() if channels_in == channels_out else nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        if self.by_bands:
            h = normed_convolution(x, self.norm1, self.conv1)
            return normed_convolution(h, self.norm2, self.conv2, over=True).add_(self.conv_shortcut(x))
        h = self.conv1(F.silu(self.norm1(x), inplace=True))
        out: Tensor = self.conv2(F.silu(self.norm2(h), inplace=True))
        return out.add_(self.conv_shortcut(x))


class Downsample(nn.Module):
    """Halves both sides by a strided convolution that looks one pixel further right and down, and none left or up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(F.pad(x, (0, 1, 0, 1)))
        return out


class Level(nn.Module):
    """Residual blocks of one resolution and, as the published lists of none or one, what leads to the next."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        blocks: int,
        groups: int,
        ending: Downsample | Upsample | None = None,
        *,
        by_bands: bool = False,
    ) -> None:
        super().__init__()
        widths = [channels_in] + [channels_out] * blocks
        self.resnets = nn.ModuleList(ResidualBlock(*pair, groups, by_bands=by_bands) for pair in pairwise(widths))
        self.downsamplers = nn.ModuleList([ending] if isinstance(ending, Downsample) else [])
        self.upsamplers = nn.ModuleList([ending] if isinstance(ending, Upsample) else [])

    def forward(self, x: Tensor) -> Tensor:
        for part in (*self.resnets, *self.downsamplers, *self.upsamplers):
            x = part(x)
        return x


class Encoder(nn.Module):
    """Pictures [B, 3, H, W] in [0, 1] to features [B, latent_channels, H / factor, W / factor].

    To the bit as published: tokens are the nearest codes of these numbers.
    """

    def __init__(self, config: PublishedVQGANConfig) -> None:
        super().__init__()
        widths, groups = config.block_out_channels, config.norm_num_groups
        last = len(widths) - 1
        self.conv_in = nn.Conv2d(3, widths[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(
            Level(
                widths[max(0, level - 1)], width, config.layers_per_block, groups,
                Downsample(width) if level < last else None,
            )
            for level, width in enumerate(widths)
        )  # fmt: skip
        self.mid_block = Level(widths[-1], widths[-1], 2, groups)
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], eps=EPSILON)
        self.conv_out = nn.Conv2d(widths[-1], config.latent_channels, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        x = self.conv_in(pictures)
        for level in self.down_blocks:
            x = level(x)
        features: Tensor = self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))
        return features


class Decoder(nn.Module):
    """Features [B, latent_channels, h, w] to pictures [B, 3, h * factor, w * factor], not clipped."""

    def __init__(self, config: PublishedVQGANConfig) -> None:
        super().__init__()
        widths, groups = config.block_out_channels[::-1], config.norm_num_groups
        last = len(widths) - 1
        self.conv_in = nn.Conv2d(config.latent_channels, widths[0], 3, padding=1)
        self.mid_block = Level(widths[0], widths[0], 2, groups)
        self.up_blocks = nn.ModuleList(
            Level(
                widths[max(0, level - 1)], width, config.layers_per_block + 1, groups,
                Upsample(width) if level < last else None, by_bands=True,
            )
            for level, width in enumerate(widths)
        )  # fmt: skip
        self.conv_norm_out = nn.GroupNorm(groups, widths[-1], eps=EPSILON)
        self.conv_out = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        x = self.mid_block(self.conv_in(features))
        for level in self.up_blocks:
            x = level(x)
        return normed_convolution(x, self.conv_norm_out, self.conv_out)


class Codebook(nn.Module):
    """The codes, under the published name."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(size, width)


class PublishedVQGAN(nn.Module):
    """Encoder, codebook and decoder. `config.factor` pixels a side make one token."""

    def __init__(self, config: PublishedVQGANConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quant_conv = nn.Conv2d(config.latent_channels, config.code_dim, 1)
        self.quantize = Codebook(config.num_vq_embeddings, config.code_dim)
        self.post_quant_conv = nn.Conv2d(config.code_dim, config.latent_channels, 1)
        self.decoder = Decoder(config)

    def features(self, pictures: Tensor) -> Tensor:
        """What is compared with the codes, [B, code_dim, H / factor, W / factor], of pictures [B, 3, H, W] in [0, 1].

        Raises ValueError where the factor does not divide a side.
        """
        factor = self.config.factor
        if pictures.ndim != 4 or pictures.shape[1] != 3 or pictures.shape[2] % factor or pictures.shape[3] % factor:
            raise ValueError(f"pictures must be [B, 3, H, W] with sides divisible by {factor}: {tuple(pictures.shape)}")
        features: Tensor = self.quant_conv(self.encoder(pictures))
        return features

    def encode(self, pictures: Tensor) -> Tensor:
        """Tokens int64 [B, H / factor, W / factor] of pictures [B, 3, H, W] in [0, 1]: the nearest codes by distance.

        Raises ValueError where the factor does not divide a side.
        """
        places = self.features(pictures).permute(0, 2, 3, 1)
        codes = self.quantize.embedding.weight.float()
        distance = torch.addmm(codes.pow(2).sum(1), places.flatten(0, 2).float(), codes.T, alpha=-2)
        return distance.argmin(-1).view(places.shape[:3])

    def look_up(self, tokens: Tensor) -> Tensor:
        """Codes [B, code_dim, h, w] of tokens int64 [B, h, w]."""
        codes: Tensor = self.quantize.embedding(tokens)
        return codes.permute(0, 3, 1, 2)

    def decode(self, tokens: Tensor) -> Tensor:
        """Pictures float32 [B, 3, h * factor, w * factor] in [0, 1] of tokens int64 [B, h, w]."""
        codes = self.look_up(tokens).contiguous(memory_format=torch.channels_last)
        picture: Tensor = self.decoder(self.post_quant_conv(codes))
        return picture.float().clamp(0, 1)


def read_vqgan_config(folder: Folder) -> PublishedVQGANConfig:
    """The sizes that a published vqvae/ states. Raises CheckpointError."""
    return read_config(PublishedVQGANConfig, folder, CLASS_NAME, FIXED, IGNORED)


def load_vqgan(
    folder: Folder, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> PublishedVQGAN:
    """The VQGAN of a published vqvae/ folder, frozen. Raises CheckpointError.

    ValueError for float16, in which its decoder overflows: float32 and bfloat16 have the range.
    """
    if dtype is torch.float16:
        raise ValueError("this VQGAN overflows in float16; float32 and bfloat16 do not")
    config = read_vqgan_config(folder)
    return load_part(lambda: PublishedVQGAN(config), folder, dtype, device)
