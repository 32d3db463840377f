"""The sizes of every part of a cascade, as plain values. Knows nothing about tensors or files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from muse_studio.muse.plans import EditPlan, StagePlan

BASE_PIXELS = 256  # side of the picture a base grid covers; Muse 2.2
SUPERRES_PIXELS = 512
COUNT_LIMIT = 2**18  # twice the largest number known in such a model, mT5's vocabulary apart
GRID_LIMIT = 1024
LAYER_LIMIT = 256  # five times the 3B model's 48
RESOLUTION_LIMIT = 8
SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_.\-]+)?")


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
    linear_path:    one linear map from each square of pixels to its features, and one back, beside the convolutions
                    (ours: colours are then learned at once, and not after thousands of steps).
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
    linear_path: bool = False

    def __post_init__(self) -> None:
        _check_counts(self)
        start = self.patch if self.stem == "patchify" else 1
        if not 1 <= len(self.multipliers) <= RESOLUTION_LIMIT or not all(1 <= m <= 64 for m in self.multipliers):
            raise ValueError(f"multipliers are 1 to {RESOLUTION_LIMIT} numbers from 1 to 64")
        if start * 2 ** (len(self.multipliers) - 1) != self.factor:
            raise ValueError(
                f"{len(self.multipliers)} resolutions from a patch of {start} give a factor of "
                f"{start * 2 ** (len(self.multipliers) - 1)}, not {self.factor}"
            )
        for channels in (
            width * m for width in (self.width, self.decoder_width or self.width) for m in self.multipliers
        ):
            if channels < 4 or channels % min(32, channels // 4):
                raise ValueError(f"{channels} channels do not divide into groups to normalise")


@dataclass(frozen=True, slots=True)
class BaseConfig:
    """The base transformer. Muse 2.3, table 4. The mask token's id is codebook_size.

    cell_positions: adds one learned vector per cell to those of its row and its column (ours: a small model then need
                    not work out first which row and which column meet).
    """

    hidden: int
    layers: int
    mlp: int
    text_width: int
    codebook_size: int = 8192
    head_width: int = 64
    grid: int = 16
    cell_positions: bool = False

    def __post_init__(self) -> None:
        _check_counts(self)
        _check_heads(self.hidden, self.head_width)


@dataclass(frozen=True, slots=True)
class SuperResConfig:
    """The super-resolution transformer. Muse 2.4, table 6.

    lowres_layers: self-attention layers over the low-resolution tokens.
    layers:        layers of multi-axis attention over the high-resolution tokens.
    window:        side of the blocks, and of the dilated grid, in positions.
    merge:         side of the square of tokens that share one position: 1 is the paper's, 2 costs a quarter (ours).
    align:         adds each low-resolution output to the positions it covers, beside cross-attention (ours).
    draft:         reads a draft, the low-resolution picture enlarged and tokenized again, and predicts how the finished
                   codes differ from it: what is decided already need not be learned (ours).
    code_dim:      width of the tokenizer's codes; of use with a draft only.
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
    draft: bool = False
    code_dim: int = 256

    def __post_init__(self) -> None:
        _check_counts(self)
        _check_heads(self.hidden, self.head_width)
        side = self.grid // self.merge
        if self.grid % self.merge or side % self.window or side % self.lowres_grid:
            raise ValueError("the merge, the window and the low-resolution grid must divide the grid")


@dataclass(frozen=True, slots=True)
class TextEncoderConfig:
    """A frozen text encoder. Muse 2.1.

    source: a folder inside the cascade's own, or the name of a T5 encoder on the Hub.
    width:  of one token's state. length: tokens of a prompt, the rest is cut.
    """

    source: str
    width: int
    length: int = 128

    def __post_init__(self) -> None:
        _check_counts(self)
        if not SOURCE.fullmatch(self.source) or ".." in self.source:
            raise ValueError("source is neither a folder's name nor a Hub name")


@dataclass(frozen=True, slots=True)
class Defaults:
    """The plans a cascade was tuned for."""

    base: StagePlan = field(default_factory=lambda: StagePlan(steps=24))
    superres: StagePlan = field(default_factory=lambda: StagePlan(steps=8))
    edit: EditPlan = field(default_factory=EditPlan)


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

    def __post_init__(self) -> None:
        if not self.name.isprintable() or not 0 < len(self.name) <= 80 or len(self.licence) > 80:
            raise ValueError("name and licence are texts of at most 80 characters")
        _check_together(self)


def _check_counts(config: object) -> None:
    """Every whole number is at least 1 and small enough that building on meta takes no time. Raises ValueError."""
    for name in config.__slots__:  # type: ignore[attr-defined]
        value = getattr(config, name)
        limit = LAYER_LIMIT if name.endswith(("layers", "blocks")) else GRID_LIMIT if "grid" in name else COUNT_LIMIT
        if type(value) is int and not 1 <= value <= limit:
            raise ValueError(f"{name} must be from 1 to {limit}, not {value}")


def _check_heads(hidden: int, head_width: int) -> None:
    if hidden % head_width or hidden % 4:
        raise ValueError(f"hidden size {hidden} does not divide into heads of {head_width}, or not by 4")


def _check_together(config: CascadeConfig) -> None:
    """Raises ValueError where the parts of a cascade do not speak the same tokens."""
    base, superres = config.base, config.superres
    if base.codebook_size != config.base_vqgan.codebook_size:
        raise ValueError("base predicts another codebook than base_vqgan has")
    if superres.codebook_size != config.superres_vqgan.codebook_size:
        raise ValueError("superres predicts another codebook than superres_vqgan has")
    if (superres.lowres_codebook_size, superres.lowres_grid) != (base.codebook_size, base.grid):
        raise ValueError("superres reads other tokens than base predicts")
    if superres.draft and superres.code_dim != config.superres_vqgan.code_dim:
        raise ValueError("superres corrects codes of another width than superres_vqgan has")
    if {base.text_width, superres.text_width} != {config.text_encoder.width}:
        raise ValueError("text_width is not the width of the text encoder")
    if base.grid * config.base_vqgan.factor != BASE_PIXELS:
        raise ValueError(f"grid and factor of base do not make {BASE_PIXELS} pixels")
    if superres.grid * config.superres_vqgan.factor != SUPERRES_PIXELS:
        raise ValueError(f"grid and factor of superres do not make {SUPERRES_PIXELS} pixels")
