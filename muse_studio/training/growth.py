"""From a trained decoder to a wider and deeper one that begins where the trained one ended. Knows nothing about losses.

After Chen, Goodfellow and Shlens, "Net2Net": channels are doubled and share what follows from them, blocks that are new
add nothing yet.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from muse_studio.muse.config import VQGANConfig
from muse_studio.muse.vqgan import Decoder, ResidualBlock, Upsample


@torch.no_grad()
def grown_decoder(decoder: Decoder, old: VQGANConfig, new: VQGANConfig) -> Decoder:
    """A decoder of the sizes of `new` that computes what `decoder`, of those of `old`, does.

    Exactly so where the groups that are normalised together keep their size or double it; nearly so elsewhere. Raises
    ValueError where `new` is the smaller.
    """
    widths = [(config.decoder_width or config.width) for config in (old, new)]
    if widths[1] < widths[0] or new.decoder_blocks < old.decoder_blocks:
        raise ValueError("a finetuned decoder is at least as wide and as deep as the trained one")
    made = Decoder(new)
    places = [_copies(widths[0] * m, widths[1] * m) for m in reversed(old.multipliers)]
    ends = (torch.arange(old.code_dim), torch.arange(decoder.out.out_channels))
    _widen(decoder.stem, made.stem, ends[0], places[0])
    before, trained, fresh = places[0], iter(decoder.layers), iter(made.layers)
    for level, place in enumerate(places):
        for number in range(new.decoder_blocks):
            block = next(fresh)
            assert isinstance(block, ResidualBlock)
            if number < old.decoder_blocks:
                _widen_block(next(trained), block, before, place)
            else:
                nn.init.zeros_(block.conv2.weight)
                nn.init.zeros_(block.conv2.bias)  # type: ignore[arg-type]
            before = place
        if level < len(places) - 1:
            above, below = next(trained), next(fresh)
            assert isinstance(above, Upsample)
            assert isinstance(below, Upsample)
            _widen(above.conv, below.conv, place, place)
    _widen_norm(decoder.norm, made.norm, before)
    _widen(decoder.out, made.out, before, ends[1])
    if decoder.linear is not None and made.linear is not None:
        made.linear.load_state_dict(decoder.linear.state_dict())
    return made


def _copies(old: int, new: int) -> Tensor:
    """Which of `old` channels each of `new` is a copy of: groups that are normalised together stay so."""
    groups, more = min(32, old // 4), min(32, new // 4)
    size, larger = old // groups, new // more
    group, place = torch.arange(more).repeat_interleave(larger), torch.arange(larger).repeat(more)
    return group % groups * size + place % size


def _widen_block(old: nn.Module, new: ResidualBlock, before: Tensor, place: Tensor) -> None:
    assert isinstance(old, ResidualBlock)
    _widen_norm(old.norm1, new.norm1, before)
    _widen(old.conv1, new.conv1, before, place)
    _widen_norm(old.norm2, new.norm2, place)
    _widen(old.conv2, new.conv2, place, place)
    if isinstance(old.shortcut, nn.Conv2d):
        assert isinstance(new.shortcut, nn.Conv2d)
        _widen(old.shortcut, new.shortcut, before, place)


def _widen_norm(old: nn.GroupNorm, new: nn.GroupNorm, place: Tensor) -> None:
    new.weight.copy_(old.weight[place])
    new.bias.copy_(old.bias[place])


def _widen(old: nn.Conv2d, new: nn.Conv2d, before: Tensor, place: Tensor) -> None:
    """Copies of one channel share its weights unevenly, each output in its own way, or they would stay copies."""
    shares = torch.rand(len(place), len(before)) + 0.5
    totals = torch.zeros(len(place), old.in_channels).index_add_(1, before, shares)
    weight = old.weight[place][:, before]
    new.weight.copy_(weight * (shares / totals[:, before])[:, :, None, None])
    assert old.bias is not None
    assert new.bias is not None
    new.bias.copy_(old.bias[place])
