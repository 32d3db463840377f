"""The two kinds of block that FLUX brought and Meissonic is made of, their tensors named as published files name them.

A double block keeps text and image apart but for one attention over both, text first; a single block sees them as one
sequence. Both scale, shift and gate by a vector that says what step it is and what the picture is to be. Knows nothing
of tokens, prompts, steps or files.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.muse.layers import attend
from muse_studio.weights.rotary import Rotation

EPS = 1e-6
WIDENING = 4  # of the feed-forwards
FLOAT16_LIMIT = 65504.0


def rms_norm(width: int) -> nn.RMSNorm:
    """Scaling to a root mean square of 1, computed in float32, then by one learned number each."""
    return nn.RMSNorm(width, eps=EPS)


def bounded(x: Tensor) -> Tensor:
    """In float16 what overflowed becomes the largest number there is: of two infinities the next layer makes NaN."""
    return x.clamp(-FLOAT16_LIMIT, FLOAT16_LIMIT) if x.dtype is torch.float16 else x


class Modulation(nn.Module):
    """One linear map of a vector [B, hidden] to `parts` of them, [B, 1, hidden]: shifts, scales and gates."""

    def __init__(self, hidden: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.linear = nn.Linear(hidden, parts * hidden)

    def forward(self, vector: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.linear(vector)[:, None].chunk(self.parts, -1))


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """`x` [B, L, hidden] normalised, without learned numbers of its own, then scaled and shifted."""
    return F.layer_norm(x, x.shape[-1:], eps=EPS) * (1 + scale) + shift


class _Widen(nn.Module):
    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.proj = nn.Linear(hidden, WIDENING * hidden)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.proj(x), approximate="tanh")


class FeedForward(nn.Module):
    """Two linear layers with a GELU between them, by its tanh formula."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.net = nn.Sequential(_Widen(hidden), nn.Identity(), nn.Linear(WIDENING * hidden, hidden))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.net(x)
        return out


class OneAttention(nn.Module):
    """Attention of one sequence [B, L, hidden] to itself; queries and keys are normalised, then turned."""

    def __init__(self, hidden: int, head_width: int) -> None:
        super().__init__()
        self.head_width = head_width
        self.to_q = nn.Linear(hidden, hidden)
        self.to_k = nn.Linear(hidden, hidden)
        self.to_v = nn.Linear(hidden, hidden)
        self.norm_q = rms_norm(head_width)
        self.norm_k = rms_norm(head_width)

    def heads(self, x: Tensor) -> Tensor:
        """[B, heads, L, head_width] of [B, L, hidden]."""
        return x.view(*x.shape[:2], -1, self.head_width).transpose(1, 2)

    def parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, not turned yet."""
        query, key = self.norm_q(self.heads(self.to_q(x))), self.norm_k(self.heads(self.to_k(x)))
        return query, key, self.heads(self.to_v(x))

    def forward(self, x: Tensor, rotation: Rotation) -> Tensor:
        return joint(self.parts(x), rotation)


def joint(parts: tuple[Tensor, Tensor, Tensor], rotation: Rotation) -> Tensor:
    """[B, L, hidden]: attention of turned queries to turned keys."""
    query, key, value = parts
    return attend(rotation.turn(query), rotation.turn(key), value).transpose(1, 2).flatten(2)


class TwoAttention(OneAttention):
    """One attention over text and image, text first; each has its own linear maps."""

    def __init__(self, hidden: int, head_width: int) -> None:
        super().__init__(hidden, head_width)
        self.add_q_proj = nn.Linear(hidden, hidden)
        self.add_k_proj = nn.Linear(hidden, hidden)
        self.add_v_proj = nn.Linear(hidden, hidden)
        self.norm_added_q = rms_norm(head_width)
        self.norm_added_k = rms_norm(head_width)
        self.to_out = nn.ModuleList([nn.Linear(hidden, hidden)])
        self.to_add_out = nn.Linear(hidden, hidden)

    def text_parts(self, text: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `parts`, by the maps of the text."""
        query = self.norm_added_q(self.heads(self.add_q_proj(text)))
        key = self.norm_added_k(self.heads(self.add_k_proj(text)))
        return query, key, self.heads(self.add_v_proj(text))

    def both(self, text: Tensor, image: Tensor, rotation: Rotation) -> tuple[Tensor, Tensor]:
        """What text [B, T, hidden] and image [B, I, hidden] take from each other and from themselves."""
        query, key, value = (torch.cat(pair, 2) for pair in zip(self.text_parts(text), self.parts(image), strict=True))
        taken = joint((query, key, value), rotation)
        length = text.shape[1]
        return self.to_add_out(taken[:, :length]), self.to_out[0](taken[:, length:])


class DoubleBlock(nn.Module):
    """Text and image each modulated, attending together, then fed forward by themselves."""

    def __init__(self, hidden: int, head_width: int) -> None:
        super().__init__()
        self.norm1 = Modulation(hidden, 6)
        self.norm1_context = Modulation(hidden, 6)
        self.attn = TwoAttention(hidden, head_width)
        self.ff = FeedForward(hidden)
        self.ff_context = FeedForward(hidden)

    def forward(self, text: Tensor, image: Tensor, vector: Tensor, rotation: Rotation) -> tuple[Tensor, Tensor]:
        """Text [B, T, hidden] and image [B, I, hidden]. vector: [B, hidden], after a SiLU."""
        shift, scale, gate, *image_rest = self.norm1(vector)
        text_shift, text_scale, text_gate, *text_rest = self.norm1_context(vector)
        text_taken, taken = self.attn.both(
            modulate(text, text_shift, text_scale), modulate(image, shift, scale), rotation
        )
        image = _fed(image + gate * taken, self.ff, *image_rest)
        return _fed(text + text_gate * text_taken, self.ff_context, *text_rest), image


def _fed(x: Tensor, feed: FeedForward, shift: Tensor, scale: Tensor, gate: Tensor) -> Tensor:
    x = bounded(x)
    return bounded(x + gate * feed(modulate(x, shift, scale)))


class SingleBlock(nn.Module):
    """Attention and feed-forward side by side over text and image as one sequence, joined by one linear map."""

    def __init__(self, hidden: int, head_width: int) -> None:
        super().__init__()
        self.norm = Modulation(hidden, 3)
        self.attn = OneAttention(hidden, head_width)
        self.proj_mlp = nn.Linear(hidden, WIDENING * hidden)
        self.proj_out = nn.Linear((1 + WIDENING) * hidden, hidden)

    def forward(self, x: Tensor, vector: Tensor, rotation: Rotation) -> Tensor:
        """[B, T + I, hidden], text first. vector: [B, hidden], after a SiLU."""
        shift, scale, gate = self.norm(vector)
        seen = modulate(x, shift, scale)
        inner = F.gelu(self.proj_mlp(seen), approximate="tanh")
        return bounded(x + gate * self.proj_out(torch.cat([self.attn(seen, rotation), inner], -1)))
