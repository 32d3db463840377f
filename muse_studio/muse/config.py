"""The sizes of every part of a cascade, as plain values. Knows nothing about tensors or files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from muse_studio.muse.plans import StagePlan


@dataclass(frozen=True, slots=True)
class VQGANConfig:
    """A convolutional tokenizer. Muse 2.2 and appendix A.2.

    factor:         pixels of a token's side: 16 (base) or 8 (super-resolution).
    codebook_size, code_dim: entries of the codebook and their width.
    width, multipliers: channels of resolution i are width * multipliers[i], finest first.
    encoder_blocks, decoder_blocks: residual blocks per resolution; the finetuned decoder has more.
    decoder_width:  width of the decoder's resolutions; None means `width`.
    stem:           "conv" starts at full resolution as the paper does; "patchify" folds patch x patch pixels first.
    preview_patch:  pixels of a token's side in the cheap preview.
    """

    factor: int = 16
    codebook_size: int = 8192
    code_dim: int = 256
    width: int = 128
    multipliers: tuple[int, ...] = (1, 1, 2, 2, 4)
    encoder_blocks: int = 2
    decoder_blocks: int = 2
    decoder_width: int | None = None
    stem: Literal["conv", "patchify"] = "conv"
    patch: int = 1
    preview_patch: int = 8

    def __post_init__(self) -> None:
        start = self.patch if self.stem == "patchify" else 1
        if start * 2 ** (len(self.multipliers) - 1) != self.factor:
            raise ValueError(
                f"{len(self.multipliers)} resolutions from a patch of {start} give a factor of "
                f"{start * 2 ** (len(self.multipliers) - 1)}, not {self.factor}"
            )


@dataclass(frozen=True, slots=True)
class BaseConfig:
    """The base transformer. Muse 2.3, table 4. The mask token's id is codebook_size."""

    hidden: int
    layers: int
    mlp: int
    text_width: int
    codebook_size: int = 8192
    head_width: int = 64
    grid: int = 16


@dataclass(frozen=True, slots=True)
class SuperResConfig:
    """The super-resolution transformer. Muse 2.4, table 6.

    lowres_layers: self-attention layers over the low-resolution tokens.
    layers:        layers of multi-axis attention over the high-resolution tokens.
    window:        side of the blocks, and of the dilated grid, in positions.
    merge:         side of the square of tokens that share one position: 1 is the paper's, 2 costs a quarter (ours).
    align:         adds each low-resolution output to the positions it covers, beside cross-attention (ours).
    """

    hidden: int
    lowres_layers: int
    layers: int
    mlp: int
    text_width: int
    codebook_size: int = 8192
    lowres_codebook_size: int = 8192
    head_width: int = 64
    grid: int = 64
    lowres_grid: int = 16
    window: int = 8
    merge: int = 1
    align: bool = False


@dataclass(frozen=True, slots=True)
class TextEncoderConfig:
    """A frozen text encoder. Muse 2.1.

    source: a folder inside the cascade's own, or the name of a T5 encoder on the Hub.
    width:  of one token's state. length: tokens of a prompt, the rest is cut.
    """

    source: str
    width: int
    length: int = 128


@dataclass(frozen=True, slots=True)
class Defaults:
    """The plans a cascade was tuned for."""

    base: StagePlan = field(default_factory=lambda: StagePlan(steps=24))
    superres: StagePlan = field(default_factory=lambda: StagePlan(steps=8))


@dataclass(frozen=True, slots=True)
class CascadeConfig:
    """A whole cascade: two tokenizers, two transformers, a text encoder and their default plans."""

    name: str
    text_encoder: TextEncoderConfig
    base_vqgan: VQGANConfig
    superres_vqgan: VQGANConfig
    base: BaseConfig
    superres: SuperResConfig
    defaults: Defaults = field(default_factory=Defaults)
    licence: str = "Apache-2.0"
