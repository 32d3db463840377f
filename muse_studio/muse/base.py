"""The base transformer: logits of 16x16 tokens from the known ones and a text. Muse 2.3. Knows no schedule."""

from __future__ import annotations

from torch import Tensor, nn

from muse_studio.muse.config import BaseConfig
from muse_studio.muse.layers import (
    Context,
    CrossLayer,
    GridPositions,
    TextProjection,
    TokenHead,
    initialise,
    norm,
    run_layer,
)


class BaseTransformer(nn.Module):
    """Layers of self-attention over image tokens, cross-attention to text and an MLP.

    recompute: while training, keep each layer's input alone and run the layer again on the way back.
    """

    def __init__(self, config: BaseConfig) -> None:
        super().__init__()
        self.config = config
        self.recompute = False
        hidden = config.hidden
        self.tokens = nn.Embedding(config.codebook_size + 1, hidden)
        self.positions = GridPositions(config.grid, hidden, cells=config.cell_positions)
        self.text = TextProjection(config.text_width, hidden)
        self.layers = nn.ModuleList(CrossLayer(hidden, config.head_width, config.mlp) for _ in range(config.layers))
        self.norm = norm(hidden)
        self.head = TokenHead(hidden, config.codebook_size)
        initialise(self)

    @property
    def mask_token(self) -> int:
        """The id that stands for an unknown token."""
        return self.config.codebook_size

    def prepare(self, states: Tensor, mask: Tensor) -> Context:
        """Keys and values of every layer for text states [B, L, text_width] and their mask, bool [B, L]."""
        text = self.text(states)
        return Context(tuple(layer.cross.prepare(text) for layer in self._layers()), mask[:, None, None])

    def features(self, tokens: Tensor, context: Context, wanted: Tensor | None = None) -> Tensor:
        """Hidden states [B, h, w, hidden] of tokens int64 [B, h, w].

        wanted: bool [B, h, w]; the states [N, hidden] of those N tokens only, row by row.
        """
        last = None if wanted is None else wanted.flatten(1)
        x = self.tokens(tokens.flatten(1)) + self.positions()
        layers = self._layers()
        for layer, keys_values in zip(layers, context.keys_values, strict=True):
            left = last if layer is layers[-1] else None
            x = run_layer(layer, x, keys_values, context.mask, left, recompute=self.recompute)
        out: Tensor = self.norm(x)
        return out.view(*tokens.shape, -1) if wanted is None else out

    def forward(self, tokens: Tensor, context: Context, wanted: Tensor | None = None) -> Tensor:
        """Logits [B, h, w, codebook_size] of tokens int64 [B, h, w], in which mask_token marks the unknown.

        wanted: bool [B, h, w]; logits [N, codebook_size] of those N tokens only, row by row.
        """
        logits: Tensor = self.head(self.features(tokens, context, wanted))
        return logits

    def _layers(self) -> list[CrossLayer]:
        return [layer for layer in self.layers if isinstance(layer, CrossLayer)]
