"""A whole published aMUSEd folder: prompts in, steps of token grids out, and pixels of tokens.

Puts the parts together and knows nothing of how any of them computes, nor of requests, pictures in files or windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from muse_studio.core.geometry import Extent
from muse_studio.muse.folder import Folder, fault
from muse_studio.muse.plans import DecodeStep, StagePlan
from muse_studio.muse.sampling import RowNoise
from muse_studio.weights.amused import AmusedTransformer, load_amused
from muse_studio.weights.amused_config import AmusedConfig, read_amused_config
from muse_studio.weights.amused_sampling import decode, default_plan, guided
from muse_studio.weights.clip import ClipText, meta_model
from muse_studio.weights.conditioning import Conditioning, MicroConditions
from muse_studio.weights.vq import PublishedVQGAN, PublishedVQGANConfig, load_vqgan, read_vqgan_config

SCHEDULER = "scheduler/scheduler_config.json"


@dataclass(frozen=True, slots=True)
class AmusedModel:
    """The parts of a checkpoint, frozen and on one device."""

    text: ClipText
    transformer: AmusedTransformer
    vqgan: PublishedVQGAN

    @classmethod
    def load(
        cls, path: Path | Folder, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
    ) -> AmusedModel:
        """Of a folder with text_encoder/, tokenizer/, transformer/, vqvae/ and scheduler/. Raises CheckpointError,
        and where the parts do not speak the same tokens or texts before any of them is read.

        The VQGAN is never computed in float16: it stays in float32 there.
        """
        folder = path if isinstance(path, Folder) else Folder(path)
        encoder, parts = folder.inside("text_encoder"), folder.inside("transformer")
        check_together(folder, read_amused_config(parts), read_vqgan_config(folder.inside("vqvae")))
        whole = torch.float32 if dtype is torch.float16 else dtype
        return cls(
            ClipText.load(encoder, folder.inside("tokenizer"), device, dtype=dtype),
            load_amused(parts, dtype, device),
            load_vqgan(folder.inside("vqvae"), whole, device),
        )

    @property
    def own_extent(self) -> Extent:
        """The size in pixels of the pictures that it was trained on."""
        side = self.transformer.config.sample_size * self.vqgan.config.factor
        return Extent(side, side)

    @property
    def plan(self) -> StagePlan:
        """How it decodes unless another plan is asked for."""
        return default_plan(self.transformer.config.sample_size)

    def grid(self, extent: Extent) -> tuple[int, int]:
        """Rows and columns of tokens of a picture. ValueError where the network cannot make one of that size."""
        factor = self.vqgan.config.factor
        step = factor * (2 if self.transformer.config.downsample else 1)
        if extent.width % step or extent.height % step or not extent.width or not extent.height:
            raise ValueError(f"sides must be multiples of {step} pixels, not {extent.width} x {extent.height}")
        return extent.height // factor, extent.width // factor

    @torch.no_grad()
    def condition(self, prompts: Sequence[str], negatives: Sequence[str], extent: Extent) -> Conditioning:
        """What a decode of one picture per prompt needs: the prompts' rows, then those to lead away from.

        negatives: as many as prompts; the empty text where there is none. Raises TextError.
        """
        if len(prompts) != len(negatives):
            raise ValueError(f"{len(prompts)} prompts and {len(negatives)} negative ones")
        encoded = self.text.encode([*prompts, *negatives])
        micro = MicroConditions(extent).tensor(2 * len(prompts))
        return self.transformer.prepare(encoded.states, encoded.pooled, micro)

    def generate(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        *,
        negatives: Sequence[str] | None = None,
        extent: Extent | None = None,
        plan: StagePlan | None = None,
    ) -> Iterator[DecodeStep]:
        """The steps of one picture per prompt, from nothing. A picture depends on its own prompt and seed alone."""
        if len(seeds) != len(prompts):
            raise ValueError(f"{len(prompts)} prompts and {len(seeds)} seeds")
        extent = extent or self.own_extent
        grid = self.grid(extent)
        both = self.condition(prompts, negatives or [""] * len(prompts), extent)
        known = torch.zeros(len(prompts), *grid, dtype=torch.bool, device=both.layers[0][0][0].device)
        return decode(
            guided(self.transformer, both), torch.zeros_like(known, dtype=torch.long), known,
            self.transformer.mask_token, plan or self.plan, RowNoise(seeds, "base"),
        )  # fmt: skip

    @torch.no_grad()
    def pictures(self, tokens: Tensor) -> Tensor:
        """Pictures float32 [B, 3, H, W] in [0, 1] of tokens int64 [B, h, w] of the codebook."""
        return self.vqgan.decode(tokens)


def check_together(folder: Folder, transformer: AmusedConfig, vqgan: PublishedVQGANConfig) -> None:
    """Raises CheckpointError where the parts of a folder do not fit each other."""
    text: Any = meta_model(folder.inside("text_encoder")).config
    mask_token = folder.read_json(SCHEDULER).get("mask_token_id")
    problems = []
    if transformer.codebook_size != vqgan.num_vq_embeddings:
        problems.append(
            f"the transformer predicts {transformer.codebook_size} tokens and the VQGAN has {vqgan.num_vq_embeddings}"
        )
    if (transformer.encoder_hidden_size, transformer.cond_embed_dim) != (text.hidden_size, text.projection_dim):
        problems.append("the transformer reads texts of another width than the text encoder writes")
    if mask_token != transformer.vocab_size - 1:
        problems.append(f"mask_token_id is {ascii(mask_token)[:40]} and not the last, {transformer.vocab_size - 1}")
    if problems:
        raise fault(folder.path, *problems)
