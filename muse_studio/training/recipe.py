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
from muse_studio.training.data.concepts import REDUCED_CONCEPTS
from muse_studio.training.data.mix import Mix, full_mix, reduced_mix
from muse_studio.training.data.table import LEARNED_PACKS, Subset
from muse_studio.training.loop import LoopConfig
from muse_studio.training.masked import MaskedConfig
from muse_studio.training.tokenizer import TokenizerConfig

TURNED = ("apple", "balloon", "crown", "gift", "heart", "star", "tulip")
"""Things of one hue and a simple shape, which the reduced recipe turns to other colours. Green is left out: the reduced
base tokenizer has too few greens for more than leaves."""

KNOWN = tuple(REDUCED_CONCEPTS.values())
"""The things that the reduced recipe's tokenizers see, and its transformers most often."""

CODES = 896
SPARE = 128
"""Entries of both codebooks, and those that are trained beside them and merged in the end."""

Stage = Literal["base-vqgan", "superres-vqgan", "base", "superres", "base-decoder", "superres-decoder"]
STAGES: tuple[Stage, ...] = ("base-vqgan", "superres-vqgan", "base", "superres")
FINETUNES: dict[Stage, Stage] = {"base-decoder": "base-vqgan", "superres-decoder": "superres-vqgan"}
"""Stages that may follow, each with the tokenizer that it makes a larger decoder for, all else frozen. Muse 2.5."""
DECODER_STAGES = tuple(FINETUNES)


@dataclass(frozen=True, slots=True)
class DecoderRecipe:
    """blocks: residual blocks per resolution. width: of the decoder's finest resolution.

    composed: share of its pictures that are composed as the transformers see them, and not as the tokenizers do.
    """

    blocks: int
    width: int
    tokenizer: TokenizerConfig
    loop: LoopConfig
    composed: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what a training run makes.

    subset: which drawings. tokenizer_mix, mix: how often each composition is drawn, for tokenizers and transformers.
    loops:  one LoopConfig per stage, in the order of STAGES.
    step_share: how much of the steps that super-resolution has learned to take from its draft the finished model takes.
    decoders: the larger decoders of both tokenizers, in the order of DECODER_STAGES.
    """

    name: str
    subset: Subset
    cascade: CascadeConfig
    tokenizer_mix: Mix
    mix: Mix
    tokenizers: tuple[TokenizerConfig, TokenizerConfig]
    masked: MaskedConfig
    loops: tuple[LoopConfig, LoopConfig, LoopConfig, LoopConfig]
    step_share: float = 0.5
    decoders: tuple[DecoderRecipe, ...] = ()

    def loop(self, stage: Stage) -> LoopConfig:
        """The loop of one stage."""
        return self.decoder(stage).loop if stage in DECODER_STAGES else self.loops[STAGES.index(stage)]

    def decoder(self, stage: Stage) -> DecoderRecipe:
        """What one of DECODER_STAGES makes."""
        return self.decoders[DECODER_STAGES.index(stage)]

    def tokenizer(self, stage: Stage) -> TokenizerConfig:
        """How a tokenizer or its decoder is trained."""
        return self.decoder(stage).tokenizer if stage in DECODER_STAGES else self.tokenizers[STAGES.index(stage)]

    def vqgan(self, stage: Stage) -> VQGANConfig:
        """The sizes of the tokenizer that a stage makes; with the larger decoder for one of DECODER_STAGES."""
        config = self.cascade.base_vqgan if stage.startswith("base") else self.cascade.superres_vqgan
        if stage not in DECODER_STAGES:
            return config
        return replace(config, decoder_blocks=self.decoder(stage).blocks, decoder_width=self.decoder(stage).width)


FINETUNED = LoopConfig(total_s=25 * 60, batch=8, rate=5e-4, betas=(0.9, 0.99), decay=1e-4, average=0.99)
"""A larger decoder on one CPU core."""


def with_losses(recipe: Recipe, **losses: float | str) -> Recipe:
    """The recipe with other losses on the pictures of tokenizers and decoders: fields of TokenizerConfig."""
    base, superres = (replace(one, **losses) for one in recipe.tokenizers)  # type: ignore[arg-type]
    decoders = tuple(
        replace(one, tokenizer=replace(one.tokenizer, **losses))  # type: ignore[arg-type]
        for one in recipe.decoders
    )
    return replace(recipe, tokenizers=(base, superres), decoders=decoders)


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
            StagePlan(24, 0.5, 0.5, order="halton", min_p=0.1),
            StagePlan(8, 0.0, 0.3, top_k=1),
            EditPlan(iterations=100, guidance=0.25, top_k=1),
        ),
    )


def reduced() -> Recipe:
    """For two CPU cores and some hours: 64 concepts in three styles, and 268 more, less often.

    The tokenizers see them in seven styles at any size. The transformers see every object on whole token cells and at
    few sizes: a drawing that moves by half a cell is another pattern of tokens, too many for so few steps. The model
    that ships saw single things alone first (0.86, on photographs 0.10, photographs 0.04), then pairs and rows in equal
    parts, then mostly pairs in batches of 8, then of 16, then more landscapes, then more things in three to
    six pictures of ten, then these in compositions, too: this is about the mean of the last three. Decisions 008, 019
    and 022 to 025.
    """
    return Recipe(
        name="muse-drawings-reduced",
        subset="wide",
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
        tokenizer_mix=replace(reduced_mix(), scale=(0.4, 1.0), labels=KNOWN),
        mix=replace(
            reduced_mix(),
            labels=KNOWN,
            beyond=0.33,
            beyond_chance=0.5,
            single=0.26,
            turned=0.03,
            turned_labels=TURNED,
            turned_colours=("red", "orange", "yellow", "blue", "purple", "pink"),
            pair=0.16,
            row=0.08,
            placed=0.06,
            on_landscape=0.05,
            landscape=0.03,
            own_colour_chance=0.2,
            unsaid_chance=0.4,
            adjectives_chance=0.3,
            white_chance=0.45,
            scale=(0.75, 0.75),
            jitter=0.0,
            pasted_scale=(0.75, 0.75),
            pasted_shift=0.0,
            cell=1 / 16,
            packs=LEARNED_PACKS,
        ),
        tokenizers=(
            TokenizerConfig(size=256, crop=128, free_steps=20, codebook_decay=0.96, spare=SPARE),
            TokenizerConfig(size=512, crop=128, spare=SPARE),
        ),
        masked=MaskedConfig(regions=0.3),
        loops=(
            LoopConfig(total_s=16 * 60, batch=16, rate=5e-4, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=27 * 60, batch=12, rate=1e-3, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=120 * 60, batch=16, rate=1.5e-3, warm_up=50, optimiser="muon", average=0.995),
            LoopConfig(total_s=120 * 60, batch=4, rate=1e-3, warm_up=50, optimiser="muon", average=0.995),
        ),
        decoders=(
            DecoderRecipe(4, 64, TokenizerConfig(size=256, crop=128), FINETUNED, composed=0.5),
            DecoderRecipe(4, 96, TokenizerConfig(size=512, crop=128), FINETUNED),
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
        masked=MaskedConfig(regions=0.3),
        loops=(
            LoopConfig(total_s=8 * 60, batch=64, rate=1e-3, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=6 * 60, batch=64, rate=1e-3, betas=(0.9, 0.99), decay=1e-4, average=0),
            LoopConfig(total_s=10 * 60, batch=256, rate=1e-3, warm_up=500),
            LoopConfig(total_s=6 * 60, batch=64, rate=1e-3, warm_up=500),
        ),
        decoders=(
            DecoderRecipe(4, 128, TokenizerConfig(size=256, crop=256), replace(FINETUNED, total_s=8 * 60, batch=64)),
            DecoderRecipe(4, 128, TokenizerConfig(size=512, crop=256), replace(FINETUNED, total_s=8 * 60, batch=64)),
        ),
    )


RECIPES = {"reduced": reduced, "full": full}
