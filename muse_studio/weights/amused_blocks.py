"""The blocks of the aMUSEd transformer: convolutions, attention and adaptive normalisation. Knows no whole network.

All of them keep channels last: [B, h, w, width], or [B, positions, width] around attention. Attributes have the
published names. What a block needs of the prompt is made by its `prepare`, once, and handed to every `forward`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.muse.layers import KeysValues, attend
from muse_studio.weights.amused_config import AmusedConfig
from muse_studio.weights.conditioning import ConvContext, LayerContext, Modulation
from muse_studio.weights.norms import RootMeanSquareNorm
from muse_studio.weights.token_ends import Resample


def linear(inputs: int, outputs: int) -> nn.Linear:
    """A linear layer without bias: the published network has none anywhere."""
    return nn.Linear(inputs, outputs, bias=False)


def modulation(projected: Tensor) -> Modulation:
    """Gain and shift, each [B, 1, width], of [B, 2 * width] with the scale first."""
    scale, shift = projected[:, None].chunk(2, -1)
    return 1 + scale, shift


class AdaptiveNorm(nn.Module):
    """RMSNorm, or LayerNorm where `centred`; then a gain and a shift from the conditioning vector."""

    def __init__(self, hidden: int, epsilon: float, *, centred: bool = False) -> None:
        super().__init__()
        self.linear = linear(hidden, 2 * hidden)
        self.norm = nn.LayerNorm(hidden, epsilon, bias=False) if centred else RootMeanSquareNorm(hidden, epsilon)

    def prepare(self, vector: Tensor) -> Modulation:
        """Of the conditioning vector [B, hidden]."""
        return modulation(self.linear(F.silu(vector)))

    def forward(self, x: Tensor, modulated: Modulation) -> Tensor:
        gain, shift = modulated
        out: Tensor = self.norm(x)
        return out.mul_(gain).add_(shift)


class Attention(nn.Module):
    """Multi-head attention of [B, L, width] to keys and values computed beforehand."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = linear(width, width)
        self.to_k = linear(width, width)
        self.to_v = linear(width, width)
        self.to_out = nn.ModuleList([linear(width, width)])

    def prepare(self, context: Tensor, kinds: Tensor | None = None) -> KeysValues:
        """Keys and values [B, heads, L, width / heads] of a context [B, L, width].

        kinds: int64 [L]; the context is then [B, N, width], and these are the places in it that stand for each of L.
        """
        keys, values = self.to_k(context), self.to_v(context)
        if kinds is not None:
            keys, values = keys[:, kinds], values[:, kinds]
        return self._heads(keys), self._heads(values)

    def forward(self, x: Tensor, keys_values: KeysValues) -> Tensor:
        attended = attend(self._heads(self.to_q(x)), *keys_values)
        out: Tensor = self.to_out[0](attended.transpose(1, 2).flatten(2))
        return out

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class GatedInput(nn.Module):
    """[..., hidden] to value * GELU(gate), [..., inner]."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.proj = linear(hidden, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, -1)
        return F.gelu(gate).mul_(value)


class FeedForward(nn.Module):
    """A gated linear unit. The published list has a dropout in its middle."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GatedInput(hidden, inner), nn.Identity(), linear(inner, hidden))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x)
        return out


class TransformerLayer(nn.Module):
    """Self-attention, cross-attention to the text and a gated feed-forward, each after an adaptive normalisation.

    The third of these is a LayerNorm, where the first two are RMSNorms.
    """

    def __init__(self, config: AmusedConfig) -> None:
        super().__init__()
        hidden, heads, epsilon = config.hidden_size, config.num_attention_heads, config.layer_norm_eps
        self.norm1 = AdaptiveNorm(hidden, epsilon)
        self.attn1 = Attention(hidden, heads)
        self.norm2 = AdaptiveNorm(hidden, epsilon)
        self.attn2 = Attention(hidden, heads)
        self.norm3 = AdaptiveNorm(hidden, epsilon, centred=True)
        self.ff = FeedForward(hidden, config.intermediate_size)

    def prepare(self, text: Tensor, vector: Tensor) -> LayerContext:
        """Of the projected text [B, L, hidden] and the conditioning vector [B, hidden]."""
        first, second, third = (part.prepare(vector) for part in (self.norm1, self.norm2, self.norm3))
        return first, second, third, self.attn2.prepare(text)

    def forward(self, x: Tensor, context: LayerContext, kinds: Tensor | None = None) -> Tensor:
        """[B, L, hidden], the same again; or one place of each kind, [B, N, hidden]. kinds: see `Attention.prepare`."""
        first, second, third, keys_values = context
        normed = self.norm1(x, first)
        x = self.attn1(normed, self.attn1.prepare(normed, kinds)).add_(x)
        x = self.attn2(self.norm2(x, second), keys_values).add_(x)
        out: Tensor = self.ff(self.norm3(x, third)).add_(x)
        return out


class GlobalResponseNorm(nn.Module):
    """Each channel's share of all channels' size over the whole grid, times the channel. ConvNeXt V2."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, width))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, width))

    def forward(self, x: Tensor) -> Tensor:
        """[B, h, w, width], the same again."""
        size = torch.linalg.vector_norm(x, dim=(1, 2), keepdim=True)
        share = size / (size.mean(-1, keepdim=True) + 1e-6)
        out: Tensor = (x * share).mul_(self.gamma).add_(self.beta).add_(x)
        return out


class ConvNextBlock(nn.Module):
    """A depthwise convolution and an MLP per place, added to the input; gain and shift come after the sum."""

    def __init__(self, config: AmusedConfig) -> None:
        super().__init__()
        width = config.block_out_channels
        self.depthwise = nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False)
        self.norm = RootMeanSquareNorm(width, config.layer_norm_eps)
        self.channelwise_linear_1 = linear(width, 4 * width)
        self.channelwise_norm = GlobalResponseNorm(4 * width)
        self.channelwise_linear_2 = linear(4 * width, width)
        self.cond_embeds_mapper = linear(config.hidden_size, 2 * width)

    def prepare(self, vector: Tensor) -> Modulation:
        """Of the conditioning vector [B, hidden]."""
        return modulation(self.cond_embeds_mapper(F.silu(vector))[:, None])

    def forward(self, x: Tensor, modulated: Modulation) -> Tensor:
        """[B, h, w, width], the same again."""
        h = self.norm(self.depthwise(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))
        h = self.channelwise_norm(F.gelu(self.channelwise_linear_1(h)))
        gain, shift = modulated
        out: Tensor = self.channelwise_linear_2(h)
        return out.add_(x).mul_(gain).add_(shift)


class TextBlock(nn.Module):
    """Two cross-attentions to the text, one after the other, and no feed-forward."""

    def __init__(self, config: AmusedConfig) -> None:
        super().__init__()
        width, heads = config.block_out_channels, config.block_num_heads
        # The published network has this projection only where the widths differ.
        self.kv_mapper = linear(config.hidden_size, width) if config.hidden_size != width else None
        self.norm1 = RootMeanSquareNorm(width, 1e-6)
        self.attn1 = Attention(width, heads)
        self.norm2 = RootMeanSquareNorm(width, 1e-6)
        self.attn2 = Attention(width, heads)

    def prepare(self, text: Tensor) -> tuple[KeysValues, KeysValues]:
        """Of the projected text [B, L, hidden]."""
        if self.kv_mapper is not None:
            text = self.kv_mapper(F.silu(text))
        return self.attn1.prepare(text), self.attn2.prepare(text)

    def forward(self, x: Tensor, first: KeysValues, second: KeysValues) -> Tensor:
        """[B, positions, width], the same again."""
        x = self.attn1(self.norm1(x), first).add_(x)
        out: Tensor = self.attn2(self.norm2(x), second).add_(x)
        return out


class ConvStage(nn.Module):
    """What stands before the transformer layers, and after them: convolutions and text in turn, at its own width."""

    def __init__(self, config: AmusedConfig, *, halve: bool = False, double: bool = False) -> None:
        super().__init__()
        count = config.num_res_blocks
        width, epsilon = config.block_out_channels, config.layer_norm_eps
        self.downsample = Resample(width, epsilon, up=False) if halve else None
        self.res_blocks = nn.ModuleList(ConvNextBlock(config) for _ in range(count))
        self.attention_blocks = nn.ModuleList(TextBlock(config) for _ in range(count))
        self.upsample = Resample(width, epsilon, up=True) if double else None

    def prepare(self, text: Tensor, vector: Tensor) -> tuple[ConvContext, ...]:
        """For each pair of blocks, of the projected text [B, L, hidden] and the conditioning vector [B, hidden]."""
        pairs = zip(self.res_blocks, self.attention_blocks, strict=True)
        return tuple((block.prepare(vector), *attention.prepare(text)) for block, attention in pairs)  # type: ignore[operator]

    def forward(self, x: Tensor, contexts: tuple[ConvContext, ...]) -> Tensor:
        """[B, h, w, width] to the same, with other sides where the stage resamples."""
        if self.downsample is not None:
            x = self.downsample(x)
        grid = x.shape[1:3]
        for block, attention, (modulated, first, second) in zip(
            self.res_blocks, self.attention_blocks, contexts, strict=True
        ):
            x = attention(block(x, modulated).flatten(1, 2), first, second).unflatten(1, grid)
        return x if self.upsample is None else self.upsample(x)
