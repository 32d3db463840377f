"""What a decode is told and what it tells: values shared by every stage. Knows nothing about models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

Stage = Literal["base", "superres"]
Order = Literal["confidence", "halton"]


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How one stage decodes.

    steps:       iterations of parallel decoding, at least 1. Muse 2.8: 24 for base, 8 for super-resolution.
    guidance:    the paper's t at the last step; it rises to it linearly from the first. 0 turns guidance off. Muse 2.7.
    temperature: of the Gumbel noise on the confidences at the first step, annealed linearly to 0.
    top_k:       tokens are drawn from the k likeliest; 0 means from all.
    order:       which tokens a step fixes: the surest, or those that come next in an even spread over the grid, where
                 confidence and temperature play no part (ours: see `halton`).
    guided:      the steps that are guided, from one share of all to another; every other one costs one forward pass
                 and not two. Ours: the paper guides all.
    revised:     share of the steps, the last ones, that may take back what earlier ones fixed: the least sure of all
                 tokens stay unknown, whenever they were chosen. Never those that the caller gave. Ours: 0 in the paper.
    min_p:       tokens less likely than this share of the likeliest are never drawn, so that where one is certain no
                 other appears, and where many are as good any of them may (arXiv 2407.01082). Ours: 0 in the paper.
    """

    steps: int = 24
    guidance: float = 3.0
    temperature: float = 1.0
    top_k: int = 0
    order: Order = "confidence"
    guided: tuple[float, float] = (0.0, 1.0)
    revised: float = 0.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"a plan needs at least one step, not {self.steps}")
        if not 0 <= self.guidance < 1000 or not 0 <= self.temperature < 1000:
            raise ValueError("guidance and temperature are numbers from 0 to 1000")
        if self.top_k < 0:
            raise ValueError(f"top_k is 0 (all) or a count of tokens, not {self.top_k}")
        begin, end = self.guided  # ValueError where a file has more or fewer
        if not 0 <= begin <= end <= 1:
            raise ValueError(f"the guided steps are from one share to a later one, each from 0 to 1, not {self.guided}")
        if not 0 <= self.revised <= 1:
            raise ValueError(f"revised is a share of the steps, from 0 to 1, not {self.revised}")
        if not 0 <= self.min_p <= 1:
            raise ValueError(f"min_p is a share of the likeliest token's probability, from 0 to 1, not {self.min_p}")
        if self.revised and self.order != "confidence":
            raise ValueError("only an order by confidence tells which tokens to take back")


@dataclass(frozen=True, slots=True)
class EditPlan:
    """How a picture is edited without a mask; the defaults are the paper's.

    iterations: at least 1.
    share:      of the tokens that one iteration resamples, above 0 and at most 1.
    guidance:   the paper's t, the same in every iteration.
    top_k:      tokens are drawn from the k likeliest, which keeps the picture from drifting away; 0 means from all.
    """

    iterations: int = 100
    share: float = 0.08
    guidance: float = 4.0
    top_k: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share is a part of the tokens, above 0 and at most 1, not {self.share}")
        if self.iterations < 1:
            raise ValueError(f"an edit needs at least one iteration, not {self.iterations}")
        self.step()  # refuses the rest

    def step(self) -> StagePlan:
        """One iteration."""
        return StagePlan(steps=1, guidance=self.guidance, temperature=0.0, top_k=self.top_k)


@dataclass(frozen=True, slots=True)
class Reached:
    """Where an edit stands: its base tokens, int64 [1 or B, h, w], after so many iterations."""

    tokens: Tensor
    iterations: int


@dataclass(frozen=True, slots=True)
class DecodeStep:
    """One iteration of parallel decoding.

    index, total: this step within its stage, `index` from 0.
    tokens:     int64 [B, h, w], every position filled: what a preview shows.
    confidence: float32 [B, h, w] in [0, 1]; 1 where the caller gave the token.
    known:      bool [B, h, w]; True where the token is fixed from now on.
    """

    index: int
    total: int
    stage: Stage
    tokens: Tensor
    confidence: Tensor
    known: Tensor


@dataclass(frozen=True, slots=True)
class TokenGrids:
    """Tokens of pictures on both grids: base int64 [B, 16, 16], superres int64 [B, 64, 64] or None.

    Cascades of one stage have base tokens alone, on a grid of any size.
    """

    base: Tensor
    superres: Tensor | None = None


@dataclass(frozen=True, slots=True)
class KnownGrids:
    """Tokens the decoder must not change: base bool [B, 16, 16], superres bool [B, 64, 64] or None, as TokenGrids."""

    base: Tensor
    superres: Tensor | None = None
