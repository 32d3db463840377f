"""The super-resolution transformer: 64x64 tokens from 16x16 finished ones and a text. Muse 2.4, table 6.

The low-resolution tokens go, unmasked, through self-attention layers; their outputs are joined with the text, and the
high-resolution tokens cross-attend to both. Their own attention is multi-axis: blocks of neighbours in one layer, a
dilated grid over the whole picture in the next. Knows nothing about schedules.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.muse.config import SuperResConfig
from muse_studio.muse.layers import (
    CodeHead,
    Context,
    CrossLayer,
    GridPositions,
    SelfLayer,
    TextProjection,
    TokenHead,
    initialise,
    norm,
    run_layer,
)

Axis = Literal["block", "grid"]


def partition(x: Tensor, window: int, axis: Axis) -> Tensor:
    """[B, H, W, C] to [B * groups, window * window, C]: blocks of neighbours, or one position of every block."""
    batch, height, width, channels = x.shape
    if axis == "block":
        split = x.view(batch, height // window, window, width // window, window, channels)
        return split.permute(0, 1, 3, 2, 4, 5).reshape(-1, window * window, channels)
    split = x.view(batch, window, height // window, window, width // window, channels)
    return split.permute(0, 2, 4, 1, 3, 5).reshape(-1, window * window, channels)


def restore(groups: Tensor, shape: torch.Size, window: int, axis: Axis) -> Tensor:
    """The inverse of `partition` for a tensor of this shape."""
    batch, height, width, channels = shape
    split = groups.view(batch, height // window, width // window, window, window, channels)
    order = (0, 1, 3, 2, 4, 5) if axis == "block" else (0, 3, 1, 4, 2, 5)
    return split.permute(*order).reshape(shape)


class MultiAxisLayer(CrossLayer):
    """A cross-attending layer whose self-attention stays within windows of one axis."""

    def __init__(self, config: SuperResConfig, axis: Axis) -> None:
        super().__init__(config.hidden, config.head_width, config.mlp)
        self.axis: Axis = axis
        self.window = config.window
        self.side = config.grid // config.merge

    def attend(self, x: Tensor) -> Tensor:
        grid = x.view(x.shape[0], self.side, self.side, -1)
        attended: Tensor = self.attention(partition(grid, self.window, self.axis))
        return restore(attended, grid.shape, self.window, self.axis).flatten(1, 2)


class MergedEmbedding(nn.Module):
    """Tokens [B, grid, grid] to positions [B, (grid / merge)^2, hidden]; a square of merge x merge shares one."""

    def __init__(self, config: SuperResConfig) -> None:
        super().__init__()
        self.merge = config.merge
        self.tokens = nn.Embedding(config.codebook_size + 1, config.hidden)
        square = config.merge**2
        self.join = nn.Linear(square * config.hidden, config.hidden, bias=False) if square > 1 else nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        x: Tensor = self.join(gather_squares(self.tokens(tokens), self.merge))
        return x.flatten(1, 2)


def gather_squares(x: Tensor, merge: int) -> Tensor:
    """[B, H, W, C] to [B, H / merge, W / merge, merge * merge * C]."""
    batch, height, width, channels = x.shape
    split = x.view(batch, height // merge, merge, width // merge, merge, channels)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(batch, height // merge, width // merge, -1)


def spread_squares(x: Tensor, merge: int) -> Tensor:
    """The inverse of `gather_squares`."""
    batch, height, width, channels = x.shape
    split = x.view(batch, height, width, merge, merge, channels // merge**2)
    return split.permute(0, 1, 3, 2, 4, 5).reshape(batch, height * merge, width * merge, -1)


class SuperResTransformer(nn.Module):
    """See the module's docstring; `recompute` as in BaseTransformer."""

    def __init__(self, config: SuperResConfig) -> None:
        super().__init__()
        self.config = config
        self.recompute = False
        hidden, side = config.hidden, config.grid // config.merge
        if config.grid % config.merge or side % config.window or side % config.lowres_grid:
            raise ValueError("the window, the merge and the low-resolution grid must divide the grid")
        self.lowres_tokens = nn.Embedding(config.lowres_codebook_size, hidden)
        self.lowres_positions = GridPositions(config.lowres_grid, hidden)
        self.lowres_layers = nn.ModuleList(
            SelfLayer(hidden, config.head_width, config.mlp) for _ in range(config.lowres_layers)
        )
        self.lowres_norm = norm(hidden)
        self.text = TextProjection(config.text_width, hidden)
        self.tokens = MergedEmbedding(config)
        self.draft = MergedEmbedding(config) if config.draft else None
        self.positions = GridPositions(side, hidden)
        axes: tuple[Axis, Axis] = ("block", "grid")
        self.layers = nn.ModuleList(MultiAxisLayer(config, axes[i % 2]) for i in range(config.layers))
        self.norm = norm(hidden)
        square = config.merge**2
        self.spread = nn.Linear(hidden, square * hidden, bias=False) if square > 1 else nn.Identity()
        self.head = (
            CodeHead(hidden, config.codebook_size, config.code_dim)
            if config.draft
            else TokenHead(hidden, config.codebook_size)
        )
        initialise(self)

    @property
    def mask_token(self) -> int:
        """The id that stands for an unknown token."""
        return self.config.codebook_size

    def prepare(self, states: Tensor, mask: Tensor, lowres: Tensor, draft: Tensor | None = None) -> Context:
        """Keys and values of every layer for text states [B, L, text_width], bool [B, L], and low-resolution tokens
        int64 [B, 16, 16] without any mask token.

        draft: int64 [B, 64, 64], the same picture as `vqgan.draft_tokens` has it. Raises ValueError where the
        configuration wants one and there is none.
        """
        x = self.lowres_tokens(lowres.flatten(1)) + self.lowres_positions()
        for layer in self.lowres_layers:
            x = run_layer(layer, x, recompute=self.recompute)
        x = self.lowres_norm(x)
        joined = torch.cat([x, self.text(states)], 1)
        known = torch.cat([mask.new_ones(x.shape[:2]), mask], 1)
        keys_values = tuple(layer.cross.prepare(joined) for layer in self._layers())
        return Context(keys_values, known[:, None, None], self._placed(x, draft), draft)

    def features(self, tokens: Tensor, context: Context, wanted: Tensor | None = None) -> Tensor:
        """Hidden states [B, 64, 64, hidden] of tokens int64 [B, 64, 64].

        wanted: bool [B, 64, 64]; the states [N, hidden] of those N tokens only, row by row.
        """
        merge, side = self.config.merge, self.config.grid // self.config.merge
        last = None if wanted is None else gather_squares(wanted[..., None], merge).any(-1).flatten(1)
        x = self.tokens(tokens) + self.positions()
        if context.placed is not None:
            x = x + context.placed
        layers = self._layers()
        for layer, keys_values in zip(layers, context.keys_values, strict=True):
            left = last if layer is layers[-1] else None
            x = run_layer(layer, x, keys_values, context.mask, left, recompute=self.recompute)
        spread: Tensor = self.spread(self.norm(x))
        if last is None:
            return spread_squares(spread.view(tokens.shape[0], side, side, -1), merge)
        squares = spread.new_zeros(*last.shape, spread.shape[-1]).masked_scatter(last[..., None], spread)
        return spread_squares(squares.view(tokens.shape[0], side, side, -1), merge)[wanted]

    def forward(self, tokens: Tensor, context: Context, wanted: Tensor | None = None) -> Tensor:
        """Logits [B, 64, 64, codebook_size] of tokens int64 [B, 64, 64], in which mask_token marks the unknown.

        wanted: bool [B, 64, 64]; logits [N, codebook_size] of those N tokens only, row by row.
        """
        draft = context.draft if wanted is None or context.draft is None else context.draft[wanted]
        return self.logits(self.features(tokens, context, wanted), draft)

    def logits(self, features: Tensor, draft: Tensor | None) -> Tensor:
        """Logits [..., codebook_size] of hidden states [..., hidden] and, if one is read, of the draft there."""
        logits: Tensor = self.head(features) if draft is None else self.head(features, draft)
        return logits

    def _placed(self, lowres: Tensor, draft: Tensor | None) -> Tensor | None:
        """What the picture so far says of each position, [B, side * side, hidden]: low-resolution outputs, draft."""
        placed = self._aligned(lowres) if self.config.align else None
        if self.draft is None:
            return placed
        if draft is None:
            raise ValueError("this super-resolution transformer reads a draft, and none was given")
        drafted: Tensor = self.draft(draft)
        return drafted if placed is None else placed + drafted

    def _aligned(self, lowres: Tensor) -> Tensor:
        """Each low-resolution output at all the positions that it covers: [B, side * side, hidden]."""
        coarse, side = self.config.lowres_grid, self.config.grid // self.config.merge
        grid = lowres.transpose(1, 2).reshape(lowres.shape[0], -1, coarse, coarse)
        return F.interpolate(grid, size=(side, side), mode="nearest").flatten(2).transpose(1, 2)

    def _layers(self) -> list[MultiAxisLayer]:
        return [layer for layer in self.layers if isinstance(layer, MultiAxisLayer)]
