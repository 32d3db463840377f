"""Attention, feed-forward and positions, which both transformers are built from. Knows nothing about decoding."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

KeysValues = tuple[Tensor, Tensor]
EMBEDDING_SPREAD = 0.4
"""Standard deviation that token embeddings begin with: that of GridPositions."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every layer cross-attends to, computed once per prompt and not once per step.

    keys_values: per layer, two tensors [B, heads, L, head_width].
    mask:        bool [B, 1, 1, L], False on padding.
    placed:      float [B, positions, hidden] or None: what is known of each position beforehand (super-resolution).
    draft:       int64 [B, 64, 64] or None: tokens of the enlarged low-resolution picture (super-resolution).
    """

    keys_values: tuple[KeysValues, ...]
    mask: Tensor
    placed: Tensor | None = None
    draft: Tensor | None = None


def norm(width: int) -> nn.LayerNorm:
    """Layer normalisation without bias."""
    return nn.LayerNorm(width, bias=False)


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax attention of [B, heads, L, width] to [B, heads, M, width]; mask bool, False where not to look.

    On a CPU by the plain formula while training, for the backward pass of torch's fused kernel takes 1.8 times as long
    over 256 positions there and 2.9 times over a prompt's 12; and in bfloat16, which that kernel is 1.3 to 1.5 times
    slower in over windows and pictures of these sizes. In float32 the fused kernel wins by as much.
    """
    plain = torch.is_grad_enabled() or query.dtype is torch.bfloat16
    if query.device.type != "cpu" or not plain:
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    if mask is not None:
        scores = torch.where(mask, scores, -torch.inf)
    attended: Tensor = scores.softmax(-1) @ value
    return attended


class SelfAttention(nn.Module):
    """Multi-head attention of [B, L, hidden] to itself, without bias."""

    def __init__(self, hidden: int, head_width: int) -> None:
        super().__init__()
        self.head_width = head_width
        self.qkv = nn.Linear(hidden, 3 * hidden, bias=False)
        self.out = nn.Linear(hidden, hidden, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (_heads(part, self.head_width) for part in self.qkv(x).chunk(3, -1))
        out: Tensor = self.out(_joined(attend(query, key, value)))
        return out


class CrossAttention(nn.Module):
    """Multi-head attention of [B, L, hidden] to keys and values computed beforehand, without bias."""

    def __init__(self, hidden: int, head_width: int) -> None:
        super().__init__()
        self.head_width = head_width
        self.query = nn.Linear(hidden, hidden, bias=False)
        self.keys_values = nn.Linear(hidden, 2 * hidden, bias=False)
        self.out = nn.Linear(hidden, hidden, bias=False)

    def prepare(self, context: Tensor) -> KeysValues:
        """Keys and values [B, heads, L, head_width] of a context [B, L, hidden]."""
        key, value = self.keys_values(context).chunk(2, -1)
        return _heads(key, self.head_width), _heads(value, self.head_width)

    def forward(self, x: Tensor, keys_values: KeysValues, mask: Tensor) -> Tensor:
        query = _heads(self.query(x), self.head_width)
        out: Tensor = self.out(_joined(attend(query, *keys_values, mask)))
        return out


class FeedForward(nn.Sequential):
    """Two linear layers with a GELU between them, without bias."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__(nn.Linear(hidden, inner, bias=False), nn.GELU(), nn.Linear(inner, hidden, bias=False))


class SelfLayer(nn.Module):
    """Pre-norm self-attention and feed-forward: a low-resolution layer. Muse 2.4."""

    def __init__(self, hidden: int, head_width: int, mlp: int) -> None:
        super().__init__()
        self.norm1 = norm(hidden)
        self.attention = SelfAttention(hidden, head_width)
        self.norm2 = norm(hidden)
        self.mlp = FeedForward(hidden, mlp)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class CrossLayer(nn.Module):
    """Pre-norm self-attention, cross-attention and feed-forward: a base layer. Muse 2.3.

    `attend` may stand for the self-attention: super-resolution passes one that works within windows.
    """

    def __init__(self, hidden: int, head_width: int, mlp: int) -> None:
        super().__init__()
        self.norm1 = norm(hidden)
        self.attention = SelfAttention(hidden, head_width)
        self.norm2 = norm(hidden)
        self.cross = CrossAttention(hidden, head_width)
        self.norm3 = norm(hidden)
        self.mlp = FeedForward(hidden, mlp)

    def attend(self, x: Tensor) -> Tensor:
        """Self-attention over all positions of [B, L, hidden]."""
        out: Tensor = self.attention(x)
        return out

    def forward(self, x: Tensor, keys_values: KeysValues, mask: Tensor, wanted: Tensor | None = None) -> Tensor:
        """[B, L, hidden]; or [N, hidden] of the N positions where `wanted`, bool [B, L], in a model's last layer."""
        x = x + self.attend(self.norm1(x))
        x = x + self.cross(self.norm2(x), keys_values, mask)
        if wanted is not None:
            x = x[wanted]
        out: Tensor = x + self.mlp(self.norm3(x))
        return out


def run_layer(layer: nn.Module, *inputs: Any, recompute: bool) -> Tensor:
    """The layer's output; with `recompute`, and gradients wanted, nothing inside of it is kept for the way back."""
    if recompute and torch.is_grad_enabled():
        again: Tensor = checkpoint(layer, *inputs, use_reentrant=False, preserve_rng_state=False)  # no dropout: no RNG
        return again
    out: Tensor = layer(*inputs)
    return out


def set_recompute(model: nn.Module, recompute: bool) -> None:
    """Switches gradient checkpointing in every transformer within `model`; of no consequence but memory and time."""
    for part in model.modules():
        if hasattr(part, "recompute"):
            part.__dict__["recompute"] = recompute


class GridPositions(nn.Module):
    """Learned 2-D positions: one vector per row plus one per column. Muse 2.3.

    They start as sinusoids of the place in the picture and not of the index, so that grids of different sizes that
    cover the same picture start out aligned.
    """

    def __init__(self, side: int, hidden: int, *, cells: bool = False) -> None:
        """cells: one vector per cell of the grid too, random at first."""
        super().__init__()
        self.rows = nn.Parameter(_sinusoids(side, hidden, 0))
        self.columns = nn.Parameter(_sinusoids(side, hidden, hidden // 2))
        self.cells = nn.Parameter(0.5 * EMBEDDING_SPREAD * torch.randn(side * side, hidden)) if cells else None

    def forward(self) -> Tensor:
        """Positions [side * side, hidden], row by row."""
        crossed = (self.rows[:, None] + self.columns[None]).flatten(0, 1)
        return crossed if self.cells is None else crossed + self.cells


def _sinusoids(side: int, hidden: int, shift: int) -> Tensor:
    place = (torch.arange(side, dtype=torch.float32) + 0.5) / side
    frequency = torch.exp(torch.linspace(math.log(0.5), math.log(32), hidden // 4))
    angle = 2 * math.pi * place[:, None] * frequency
    half = torch.cat([angle.cos(), angle.sin()], -1) * 0.5
    return F.pad(half, (shift, hidden - half.shape[1] - shift))


def _heads(x: Tensor, width: int) -> Tensor:
    return x.view(*x.shape[:2], -1, width).transpose(1, 2)


def _joined(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(2)


class TokenHead(nn.Module):
    """The output MLP from hidden states to logits over the codebook. Muse 2.3."""

    def __init__(self, hidden: int, codebook_size: int) -> None:
        super().__init__()
        self.inner = nn.Linear(hidden, hidden, bias=False)
        self.norm = norm(hidden)
        self.out = nn.Linear(hidden, codebook_size)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out(self.norm(F.gelu(self.inner(x))))
        return out


class CodeHead(nn.Module):
    """The output MLP of a model that corrects a draft: logits by how near a code lies to the one predicted.

    It predicts a step from the draft's code and how sure that is; the logits are those of a normal distribution about
    the place it steps to. Codes that look alike are then likely alike, and with no step taken the draft itself is most
    likely. A head of free logits puts its most likely token on the plain colours of an outline's two sides, since
    each of the many tokens of an outline is rare: edges then become stairs.
    """

    def __init__(self, hidden: int, codebook_size: int, code_dim: int) -> None:
        super().__init__()
        self.inner = nn.Linear(hidden, hidden, bias=False)
        self.norm = norm(hidden)
        self.out = nn.Linear(hidden, code_dim + 1)
        self.codes = nn.Parameter(torch.randn(codebook_size, code_dim))

    @torch.no_grad()
    def begin(self, codebook: Tensor) -> None:
        """Begins with a tokenizer's codebook [codebook_size, code_dim], and from drafts as they are."""
        self.codes.copy_(codebook)
        self.out.weight.zero_()
        self.out.bias.zero_()

    @torch.no_grad()
    def shorten(self, share: float) -> None:
        """Makes every step `share` as long: half a step in the right direction draws cleaner edges than a whole one."""
        self.out.weight[:-1].mul_(share)
        self.out.bias[:-1].mul_(share)

    def forward(self, x: Tensor, draft: Tensor) -> Tensor:
        """Logits [..., codebook_size] from hidden states [..., hidden] and the draft's tokens int64 [...]."""
        moved = self.out(self.norm(F.gelu(self.inner(x))))
        with torch.autocast(x.device.type, enabled=False):  # near codes differ by less than bfloat16 can tell
            step, sureness = moved.float().split([self.codes.shape[1], 1], -1)
            codes = self.codes.float()
            place = F.pad(F.embedding(draft, codes) + step, (0, 1), value=1.0)
            # |code|^2 / 2 as one more number of each code: a single product over the codebook, and no pass after it
            near = torch.cat([codes, -codes.pow(2).sum(-1, keepdim=True) / 2], -1)
            out: Tensor = (place * sureness.clamp(-5, 5).exp()) @ near.T
        return out


class TextProjection(nn.Sequential):
    """The frozen encoder's states, projected linearly to the hidden size (Muse 2.1), then normalised."""

    def __init__(self, text_width: int, hidden: int) -> None:
        super().__init__(nn.Linear(text_width, hidden, bias=False), norm(hidden))


def initialise(module: nn.Module) -> None:
    """Normal weights, scaled by the inputs of each linear layer; biases zero; embeddings as wide as positions are.

    With the customary 0.02 for embeddings, what a token is would be drowned by where it is for hundreds of steps.
    """
    for part in module.modules():
        if isinstance(part, nn.Embedding):
            nn.init.normal_(part.weight, std=EMBEDDING_SPREAD)
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=0.7 * part.in_features**-0.5)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
