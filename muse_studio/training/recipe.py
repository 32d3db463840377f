"""The recipes of the default model: every size, mix and duration in one place. Knows nothing about files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from muse_studio.muse.config import (
    BaseConfig,
    CascadeConfig,
    Defaults,
    SuperResConfig,
    TextEncoderConfig,
    VQGANConfig,
)
from muse_studio.muse.plans import EditPlan, StagePlan
from muse_studio.training.data.mix import Mix, full_mix, reduced_mix
from muse_studio.training.loop import LoopConfig
from muse_studio.training.masked import MaskedConfig
from muse_studio.training.tokenizer import TokenizerConfig

REDUCED_PACKS = ("fluent-3d", "fluent-emoji-flat", "streamline-emojis")

CODES = 896
SPARE = 128
"""Entries of both codebooks, and those that are trained beside them and merged in the end."""

Stage = Literal["base-vqgan", "superres-vqgan", "base", "superres"]
STAGES: tuple[Stage, ...] = ("base-vqgan", "superres-vqgan", "base", "superres")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a training run makes.

    subset: which drawings. tokenizer_mix, mix: how often each composition is drawn, for tokenizers and transformers.
    loops:  one LoopConfig per stage, in the order of STAGES.
    step_share: how much of the steps that super-resolution has learned to take from its draft the finished model takes.
    """

    name: str
    subset: Literal["reduced", "full"]
    cascade: CascadeConfig
    tokenizer_mix: Mix
    mix: Mix
    tokenizers: tuple[TokenizerConfig, TokenizerConfig]
    masked: MaskedConfig
    loops: tuple[LoopConfig, LoopConfig, LoopConfig, LoopConfig]
    step_share: float = 0.5

    def loop(self, stage: Stage) -> LoopConfig:
        """The loop of one stage."""
        return self.loops[STAGES.index(stage)]


def _cascade(name: str, base: BaseConfig, superres: SuperResConfig) -> CascadeConfig:
    return CascadeConfig(
        name=name,
        text_encoder=TextEncoderConfig("text_encoder", 384),
        base_vqgan=VQGANConfig(
            16, CODES, 16, 64, (1, 2, 4), 1, 2, None, "patchify", 4, preview_patch=8, linear_path=True
        ),
        superres_vqgan=VQGANConfig(8, CODES, 16, 64, (1, 2), 1, 2, None, "patchify", 4, preview_patch=4),
        base=base,
        superres=superres,
        defaults=Defaults(
            StagePlan(24, 1.0, 0.5, top_k=2),
            StagePlan(8, 0.0, 0.3, top_k=1),
            EditPlan(iterations=50, guidance=0.5, top_k=2),
        ),
    )


def reduced() -> Recipe:
    """For two CPU cores and three hours: 64 concepts in three styles.

    The tokenizers see them in seven styles at any size. The transformers see every object at one size and on
    whole token cells: a drawing that moves by half a cell is another pattern of tokens, too many for so few steps.
    """
    return Recipe(
        name="muse-drawings-reduced",
        subset="reduced",
        cascade=_cascade(
            "muse-drawings-reduced",
            BaseConfig(hidden=256, layers=5, mlp=1024, text_width=384, codebook_size=CODES, cell_positions=True),
            SuperResConfig(
                hidden=192,
                lowres_layers=2,
                layers=6,
                mlp=768,
                text_width=384,
                codebook_size=CODES,
                lowres_codebook_size=CODES,
                merge=2,
                align=True,
                draft=True,
                code_dim=16,
            ),
        ),
        tokenizer_mix=replace(reduced_mix(), scale=(0.4, 1.0)),
        mix=replace(
            reduced_mix(),
            single=0.86,
            on_landscape=0.10,
            landscape=0.04,
            white_chance=0.45,
            scale=(0.75, 0.75),
            jitter=0.0,
            pasted_scale=(0.75, 0.75),
            pasted_shift=0.0,
            cell=1 / 16,
            packs=REDUCED_PACKS,
        ),
        tokenizers=(
            TokenizerConfig(size=256, crop=128, free_steps=20, codebook_decay=0.96, spare=SPARE),
            TokenizerConfig(size=512, crop=128, spare=SPARE),
        ),
        masked=MaskedConfig(),
        loops=(
            LoopConfig(total_s=16 * 60, batch=16, rate=5e-4, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=27 * 60, batch=12, rate=1e-3, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=120 * 60, batch=8, rate=1.5e-3, warm_up=50, optimiser="muon"),
            LoopConfig(total_s=120 * 60, batch=1, rate=1e-3, warm_up=50, optimiser="muon"),
        ),
    )


def full() -> Recipe:
    """For one data-centre GPU and half an hour: every concept, style and composition."""
    return Recipe(
        name="muse-drawings",
        subset="full",
        cascade=_cascade(
            "muse-drawings",
            BaseConfig(hidden=384, layers=8, mlp=1536, text_width=384, codebook_size=CODES),
            SuperResConfig(
                hidden=256,
                lowres_layers=2,
                layers=6,
                mlp=1024,
                text_width=384,
                codebook_size=CODES,
                lowres_codebook_size=CODES,
                merge=2,
                align=True,
                draft=True,
                code_dim=16,
            ),
        ),
        tokenizer_mix=replace(full_mix(), scale=(0.4, 1.0)),
        mix=full_mix(),
        tokenizers=(TokenizerConfig(size=256, crop=256, spare=SPARE), TokenizerConfig(size=512, crop=256, spare=SPARE)),
        masked=MaskedConfig(),
        loops=(
            LoopConfig(total_s=8 * 60, batch=64, rate=1e-3, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=6 * 60, batch=64, rate=1e-3, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=10 * 60, batch=256, rate=1e-3, warm_up=500),
            LoopConfig(total_s=6 * 60, batch=64, rate=1e-3, warm_up=500),
        ),
    )


RECIPES = {"reduced": reduced, "full": full}
