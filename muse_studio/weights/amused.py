"""The aMUSEd transformer: logits of a picture's tokens from the known ones and a text. Knows no schedule, and no file
but its own. Equal to the published network, number for number.

The attributes have the published names, so a file's keys are this module's own, and LoRA files name the same layers.
What depends on the prompt and the picture's size alone is computed once, by `prepare`: the text's keys and values in
every attention, and the gain and shift of every adaptive normalisation.

There is no table of positions. A place is told from its neighbours by the depthwise convolutions, so grids of any
height and width run; even ones, where the network halves them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from muse_studio.weights.amused_blocks import ConvStage, TransformerLayer, linear
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.blank import Alike, places_alike
from muse_studio.weights.conditioning import Conditioning
from muse_studio.weights.graphs import Body, Nested
from muse_studio.weights.norms import RootMeanSquareNorm
from muse_studio.weights.sinusoids import Embedder, sinusoids
from muse_studio.weights.token_ends import TokenEmbedding, TokenHead


class AmusedTransformer(nn.Module):
    """Convolutions, transformer layers over a grid that may be half as fine, convolutions again."""

    def __init__(self, config: AmusedConfig) -> None:
        super().__init__()
        self.config = config
        self.replayed: Body | None = None
        hidden, width, epsilon = config.hidden_size, config.block_out_channels, config.layer_norm_eps
        self.encoder_proj = linear(config.encoder_hidden_size, hidden)
        self.encoder_proj_layer_norm = RootMeanSquareNorm(hidden, epsilon)
        self.embed = TokenEmbedding(config.vocab_size, config.in_channels, width, epsilon)
        self.cond_embed = Embedder(config.cond_embed_dim + config.micro_cond_embed_dim, hidden, bias=False)
        self.down_block = ConvStage(config, halve=config.downsample)
        self.project_to_hidden_norm = RootMeanSquareNorm(width, epsilon)
        self.project_to_hidden = linear(width, hidden)
        self.transformer_layers = nn.ModuleList(TransformerLayer(config) for _ in range(config.num_hidden_layers))
        self.project_from_hidden_norm = RootMeanSquareNorm(hidden, epsilon)
        self.project_from_hidden = linear(hidden, width)
        self.up_block = ConvStage(config, double=config.upsample)
        self.mlm_layer = TokenHead(width, config.in_channels, config.codebook_size, epsilon)

    @property
    def mask_token(self) -> int:
        """The id that stands for an unknown token: the vocabulary's last, which leaves 63 ids between without use."""
        return self.config.vocab_size - 1

    def prepare(
        self, states: Tensor, pooled: Tensor, micro: Tensor, grid: tuple[int, int] | None = None
    ) -> Conditioning:
        """What every step needs of a prompt and a picture's size. The grid is of no effect.

        states: [B, L, encoder_hidden_size], the text encoder's last hidden states but one; padding takes part.
        pooled: [B, cond_embed_dim], its projected output for the whole prompt.
        micro:  float32 [B, 5], see `MicroConditions`.
        """
        dtype = self.encoder_proj.weight.dtype  # the text encoder may have computed in another
        embedded = sinusoids(micro.to(states.device), self.config.micro_cond_encode_dim).flatten(1)
        vector = self.cond_embed(torch.cat([pooled.to(dtype), embedded.to(dtype)], 1))
        text = self.encoder_proj_layer_norm(self.encoder_proj(states.to(dtype)))
        layers = tuple(layer.prepare(text, vector) for layer in self.transformer_layers)  # type: ignore[operator]
        return Conditioning(self.down_block.prepare(text, vector), layers, self.up_block.prepare(text, vector))

    def forward(self, tokens: Tensor, context: Conditioning, wanted: Tensor | None = None) -> Tensor:
        """Logits [B, h, w, codebook_size] of tokens int64 [B, h, w], in which mask_token marks the unknown.

        wanted: bool [B, h, w]; logits [N, codebook_size] of those N tokens only, row by row.
        Raises ValueError for a grid with an odd side where the network halves it.
        """
        if tokens.ndim != 3 or (self.config.downsample and (tokens.shape[1] % 2 or tokens.shape[2] % 2)):
            raise ValueError(f"tokens must be [B, h, w] with even sides for this network: {tuple(tokens.shape)}")
        told = (context.before, context.layers, context.after)
        x = self.replayed(tokens, told) if self.replayed else self.states(tokens, told, self._alike(tokens))
        logits: Tensor = self.mlm_layer(x if wanted is None else x[wanted])
        return logits

    def states(self, tokens: Tensor, told: Nested, alike: Alike | None = None) -> Tensor:
        """What the logits are made of, [B, h, w, block_out_channels]. told: the three parts of a `Conditioning`.

        alike: the kinds of the layers' places, of which one each is computed.
        """
        before, layers, after = told
        x = self.down_block(self.embed(tokens), before)
        grid = x.shape[1:3]
        x = x.flatten(1, 2)
        if alike is not None:
            x = x[:, alike.first]
        x = self.project_to_hidden(self.project_to_hidden_norm(x))
        for layer, prepared in zip(self.transformer_layers, layers, strict=True):
            x = layer(x, prepared, alike.kinds if alike else None)
        x = self.project_from_hidden(self.project_from_hidden_norm(x))
        if alike is not None:
            x = x[:, alike.kinds]
        out: Tensor = self.up_block(x.unflatten(1, grid), after)
        return out

    def _alike(self, tokens: Tensor) -> Alike | None:
        """The kinds of places in the layers of a blank picture, with which every text to image begins; None of any
        other, and on a GPU, which would have to wait for the answer."""
        if tokens.device.type != "cpu" or not tokens.eq(self.mask_token).all():
            return None
        height, width = (side // 2 if self.config.downsample else side for side in tokens.shape[1:])
        return places_alike(height, width, self.config.num_res_blocks)

    def logits(
        self, tokens: Tensor, context: Conditioning, steps_left: Sequence[int], wanted: Tensor | None = None
    ) -> Tensor:
        """As `forward`: this network does not ask which step it is."""
        out: Tensor = self(tokens, context, wanted)
        return out
