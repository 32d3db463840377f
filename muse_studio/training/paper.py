"""The paper's own sizes and schedules as recipes: Table 4, Table 5 and section 3. Knows nothing about files.

They learn from shards of any pictures with captions. What the paper leaves open, and what is taken from elsewhere, is
said beside each figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.presets import muse_3b, muse_900m
from muse_studio.training.data.mix import full_mix
from muse_studio.training.loop import LoopConfig
from muse_studio.training.masked import MaskedConfig
from muse_studio.training.recipe import RECIPES, DecoderRecipe, Recipe
from muse_studio.training.tokenizer_config import paper_tokenizer

KEEP_EVERY = 5_000
"""Steps between the weights that are averaged offline. Muse 3."""

TRANSFORMER = LoopConfig(
    total_s=0.0,  # by steps, not by time
    batch=512,
    rate=1e-4,
    warm_up=5_000,
    betas=(0.9, 0.96),
    decay=0.045,
    optimiser="adafactor",
    average=0.0,  # offline, from the series
    total_steps=1_500_000,
)
"""Of the base model in the paper; of super-resolution, which it gives no schedule for, here too."""

TOKENIZER = LoopConfig(
    total_s=0.0,
    batch=256,
    rate=1e-4,
    warm_up=10_000,
    betas=(0.9, 0.99),
    decay=1e-4,
    average=0.0,
    total_steps=1_000_000,
)
"""Of a VQGAN and its adversary: Table 5. Of the finetuned decoders, which it gives no schedule for, here too."""


def paper() -> Recipe:
    """632M + 268M, the paper's CC3M model."""
    return _recipe(muse_900m())


def paper_3b() -> Recipe:
    """The paper's largest."""
    return _recipe(muse_3b())


def _recipe(cascade: CascadeConfig) -> Recipe:
    """Mixes and subset belong to drawn pictures, and go unused where shards are read."""
    tokenizers = (paper_tokenizer(256, 256), paper_tokenizer(512, 256))
    base, superres = (DecoderRecipe(4, 256, settings, TOKENIZER) for settings in tokenizers)
    return Recipe(
        name=cascade.name,
        subset="full",
        cascade=cascade,
        tokenizer_mix=full_mix(),
        mix=full_mix(),
        tokenizers=tokenizers,
        masked=MaskedConfig(text_dropout=0.1, smoothing=0.0),
        loops=(TOKENIZER, TOKENIZER, TRANSFORMER, TRANSFORMER),
        step_share=1.0,
        decoders=(base, superres),
    )


SCALE_RECIPES: Mapping[str, Callable[[], Recipe]] = {"paper": paper, "paper-3b": paper_3b}
ALL_RECIPES: Mapping[str, Callable[[], Recipe]] = {**RECIPES, **SCALE_RECIPES}
