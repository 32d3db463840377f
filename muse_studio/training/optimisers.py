"""What moves the weights: AdamW, Muon or AdaFactor, by the loop's configuration. Knows nothing about steps or time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from muse_studio.training.adafactor import Adafactor

if TYPE_CHECKING:
    from muse_studio.training.loop import LoopConfig


def make_optimisers(module: nn.Module, config: LoopConfig) -> tuple[torch.optim.Optimizer, ...]:
    """AdamW or AdaFactor for everything; or Muon for the matrices of the layers, with equally long steps, and AdamW for
    the rest."""
    trained = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    inner = [p for name, p in trained if config.optimiser == "muon" and p.ndim == 2 and "layers." in name]
    taken = {id(p) for p in inner}
    rest = [p for _, p in trained if id(p) not in taken]
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": config.decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    if config.optimiser == "adafactor":
        return (Adafactor(groups, lr=config.rate, betas=config.betas),)
    adamw = torch.optim.AdamW(groups, lr=config.rate, betas=config.betas)
    if not inner:
        return (adamw,)
    muon = torch.optim.Muon(inner, lr=config.rate, weight_decay=config.decay, adjust_lr_fn="match_rms_adamw")
    return adamw, muon
