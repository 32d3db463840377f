"""What every cascade can do and tells of itself, whoever made it: all that a session needs to run one.

Ours has two stages, published ones have one. Whoever runs a cascade asks for these facts, and never which it is.
Knows no network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from muse_studio.muse.guidance import Guidance, Way
from muse_studio.muse.lodging import Home
from muse_studio.muse.plans import DecodeStep, EditPlan, KnownGrids, Reached, Stage, StagePlan, TokenGrids


@dataclass(frozen=True, slots=True)
class StageTraits:
    """One stage of a cascade.

    grids:         tokens a side, by the side in pixels of each result that the stage takes part in.
    codebook_size: tokens are below this.
    plan:          how it decodes unless another plan is asked for.
    """

    grids: Mapping[int, int]
    codebook_size: int
    plan: StagePlan


@dataclass(frozen=True, slots=True)
class Traits:
    """What a cascade says of itself.

    sizes:    sides in pixels of the results that it makes, its own first.
    superres: None where one stage makes the whole picture.
    edit:     how it edits without a mask unless another plan is asked for.
    """

    name: str
    licence: str
    sizes: tuple[int, ...]
    base: StageTraits
    superres: StageTraits | None = None
    edit: EditPlan = field(default_factory=EditPlan)

    def last_stage(self, size: int) -> Stage:
        """The stage whose tokens become the picture of this side in pixels."""
        return "superres" if self.superres is not None and size in self.superres.grids else "base"


class AnyText(Protocol):
    """A text encoder, as far as a person is told of it."""

    @property
    def length(self) -> int:
        """Tokens that it reads of a prompt."""

    @property
    def home(self) -> Home:
        """Where its weights are between prompts."""

    @property
    def dtype(self) -> torch.dtype:
        """The numbers it computes with."""

    def cut(self, texts: Sequence[str]) -> tuple[bool, ...]:
        """For each text, whether its end is not read. Raises TextError."""


class AnyCascade(Protocol):
    """Ready to sample: frozen, on one device."""

    device: torch.device
    dtype: torch.dtype
    guidance: Guidance

    @property
    def traits(self) -> Traits:
        """What it is."""

    @property
    def text(self) -> AnyText:
        """What reads prompts."""

    def sample(
        self,
        prompts: Sequence[str],
        negatives: Sequence[str],
        seeds: Sequence[int],
        base_plan: StagePlan,
        superres_plan: StagePlan | None,
        start: TokenGrids | None = None,
        known: KnownGrids | None = None,
        begun: KnownGrids | None = None,
        *,
        size: int | None = None,
    ) -> Iterator[DecodeStep]:
        """Yields the steps of each stage in turn. Dropping the iterator cancels. See `Cascade.sample`.

        size: side in pixels of pictures that are made from nothing, one of `traits.sizes`; None is the own one.
        """

    def edit(
        self,
        prompts: Sequence[str],
        negatives: Sequence[str],
        seeds: Sequence[int],
        start: TokenGrids,
        plan: EditPlan,
        superres_plan: StagePlan | None,
        reached: Reached | None = None,
    ) -> Iterator[DecodeStep]:
        """Yields the iterations of mask-free editing, then what follows from the last one's tokens.

        reached: where an edit of the same `start` stands; only the iterations after it are made.
        """

    def course(self, plan: StagePlan, known: Tensor, begun: Tensor | None = None) -> range:
        """The steps by which `sample` fixes what is not known, bool [B, h, w], of one stage."""

    def confidence(self, prompt: str, base: Tensor) -> Tensor:
        """float32 [B, h, w] in [0, 1]: how likely the prompt and the other tokens make each of base tokens."""

    def tokenize(self, pictures: Tensor, size: int | None = None) -> TokenGrids:
        """Tokens of pictures, float [B, 3, S, S] in [0, 1], for results of a side in pixels; None is the own one."""

    def picture(self, tokens: Tensor, stage: Stage) -> Tensor:
        """Pictures float32 [B, 3, S, S] in [0, 1] by the full decoder."""

    def preview(self, tokens: Tensor, stage: Stage) -> Tensor:
        """Pictures uint8 [B, s, s, 3], small and cheap: what a person watches while it decodes."""

    def job_bytes(self, size: int, count: int, way: Way) -> int:
        """Bytes beside the weights that making `count` pictures of `size` px takes at its worst moment."""
