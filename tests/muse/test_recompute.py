"""Gradient checkpointing changes neither logits nor gradients, only what is kept for the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.layers import set_recompute
from muse_studio.muse.presets import tiny
from muse_studio.muse.superres import SuperResTransformer


def logits_of(stage: str) -> tuple[nn.Module, Callable[[], Tensor]]:
    torch.manual_seed(0)
    config = tiny(merge=2, align=True, draft=True) if stage == "superres" else tiny()
    states, mask = torch.randn(2, 5, 32), torch.ones(2, 5, dtype=torch.bool)
    mask[1, 3:] = False
    coarse, fine = torch.randint(0, 32, (2, 16, 16)), torch.randint(0, 33, (2, 64, 64))
    if stage == "base":
        base = BaseTransformer(config.base)
        return base, lambda: base(coarse, base.prepare(states, mask))
    superres = SuperResTransformer(config.superres)
    assert isinstance(superres.head.out, nn.Linear)
    nn.init.normal_(superres.head.out.weight)
    return superres, lambda: superres(fine, superres.prepare(states, mask, coarse, fine.clamp(max=31)))


def passed(model: nn.Module, logits_of: Callable[[], Tensor]) -> tuple[Tensor, dict[str, Tensor], int]:
    """Logits, gradients and bytes kept for the way back."""
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    model.zero_grad()
    with saved_tensors_hooks(note, lambda tensor: tensor):
        logits = logits_of()
    logits.square().mean().backward()
    return (
        logits.detach(),
        {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None},
        sum(kept.values()),
    )


@pytest.mark.parametrize("stage", ["base", "superres"])
def test_recomputing_changes_no_logit_and_no_gradient_and_keeps_less(stage: str) -> None:
    model, run = logits_of(stage)
    names = set(model.state_dict())
    plain, gradients, kept = passed(model, run)
    set_recompute(model, True)
    again, same, less = passed(model, run)
    assert torch.equal(plain, again)
    assert set(gradients) == set(same) == {name for name, _ in model.named_parameters()}
    for name, gradient in gradients.items():
        torch.testing.assert_close(same[name], gradient, atol=1e-7, rtol=1e-5)
    assert less < 0.7 * kept
    assert set(model.state_dict()) == names, "the switch is no part of a checkpoint"
