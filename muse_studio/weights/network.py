"""What a published cascade needs of its transformer, whichever family it is of. Knows no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from muse_studio.weights.graphs import Body, Nested


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What a transformer's configuration means to those around it.

    own_grid:   tokens a side of the pictures that it was trained on.
    halved:     whether its layers see one position for four tokens, so that a side must be even.
    vocab_size: ids that have an embedding; the last one is the mask token. codebook_size: ids that have a logit.
    text_width, pooled_width: of a prompt's states and of its one vector.
    layer_floats, end_floats, kept_floats: numbers that are in memory at the worst moment, at each position of the
        layers, at each token before and after them, and for each token of a prompt all along.
    """

    own_grid: int
    halved: bool
    vocab_size: int
    codebook_size: int
    text_width: int
    pooled_width: int
    layer_floats: int
    end_floats: int
    kept_floats: int

    @property
    def mask_token(self) -> int:
        """The id that stands for an unknown token."""
        return self.vocab_size - 1


class Network(Protocol):
    """A published transformer, frozen. What `prepare` makes has `rows(slice)`, some rows of its batch.

    replayed: takes the place of `states`; None computes them as they come.
    """

    replayed: Body | None

    def states(self, tokens: Tensor, told: Nested, /) -> Tensor:
        """The part of a step whose work depends on no number: see graphs.py."""

    def prepare(self, states: Tensor, pooled: Tensor, micro: Tensor, grid: tuple[int, int]) -> Any:
        """All that no step changes: of prompts' states [B, L, text_width] and vectors [B, pooled_width], of what the
        pictures are to be, float32 [B, 5], and of the tokens' rows and columns."""

    def logits(self, tokens: Tensor, prepared: Any, steps_left: Sequence[int], wanted: Tensor, /) -> Tensor:
        """Logits [N, codebook_size] of the N tokens where `wanted`, of tokens int64 [B, h, w] in which the mask token
        marks the unknown. steps_left: how many steps come after this one, for each row."""
