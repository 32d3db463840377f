"""What moves the weights: AdamW, Muon or AdaFactor, by the loop's configuration. Knows nothing about steps or time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from muse_studio.training.adafactor import Adafactor
from muse_studio.training.state import ADVERSARY

if TYPE_CHECKING:
    from muse_studio.training.loop import LoopConfig


def make_optimisers(module: nn.Module, config: LoopConfig) -> tuple[torch.optim.Optimizer, ...]:
    """AdamW or AdaFactor for everything; or Muon for the matrices of the layers, with equally long steps, and AdamW for
    the rest."""
    trained = [(name, p) for name, p in module.named_parameters() if p.requires_grad and ADVERSARY not in name]
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


def adversary_optimisers(module: nn.Module, config: LoopConfig) -> tuple[torch.optim.Optimizer, ...]:
    """One for the adversary inside of `module`, at the same rate; none where there is no adversary."""
    _, adversary = opponents(module)
    return (
        (torch.optim.AdamW(adversary, lr=config.rate, betas=config.betas, weight_decay=config.decay),)
        if adversary
        else ()
    )


def opponents(module: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The parameters that are trained, and those of their adversary: neither's gradients shorten the other's."""
    own: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in module.named_parameters():
        (others if ADVERSARY in name else own).append(parameter)
    return own, others


def whole(value: Tensor) -> Tensor:
    """A norm of gradients that are spread over processes, the same in all of them; any other as it is."""
    gather = getattr(value, "full_tensor", None)
    found: Tensor = value if gather is None else gather()
    return found
