"""Trains the probe on compositions of real drawings. Knows nothing of the model that it will judge."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse_studio.evaluation.probe.network import AXES, Labels, Probe
from muse_studio.evaluation.probe.pictures import UNKNOWN, Seen


class Pictures(Protocol):
    """Training pictures by number, endless."""

    def __getitem__(self, number: int) -> Seen: ...


@dataclass(frozen=True, slots=True)
class Learning:
    """steps × batch pictures are seen once each, then up to `styles` more for textures alone.

    rate: the highest of a cosine that begins with a warm-up.
    """

    steps: int = 1200
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.05
    smoothing: float = 0.05
    styles: int = 3000
    seed: int = 60


@dataclass(frozen=True, slots=True)
class Learned:
    """The finished probe and how it came about."""

    probe: Probe
    pictures: int
    seconds: float
    loss: float


def learn(labels: Labels, pictures: Pictures, learning: Learning, report: Callable[[str], None]) -> Learned:
    """A probe that has learned from `pictures`. The same pictures, settings and machine give the same probe."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(learning.seed)
        return _learn(labels, pictures, learning, report)


def _learn(labels: Labels, pictures: Pictures, learning: Learning, report: Callable[[str], None]) -> Learned:
    probe = Probe(labels).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.AdamW(probe.parameters(), lr=learning.rate, weight_decay=learning.decay)
    begun, mean_loss = time.perf_counter(), math.log(len(labels.concept))
    for step in range(learning.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning.rate * _share_of_rate(step, learning.steps)
        first = step * learning.batch
        seen = [pictures[number] for number in range(first, first + learning.batch)]
        loss = losses(probe(distorted(as_tensor(seen))), seen, learning.smoothing)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        mean_loss += (loss.item() - mean_loss) / min(step + 1, 50)
        if (step + 1) % 50 == 0 or step + 1 == learning.steps:
            gone = time.perf_counter() - begun
            left = gone / (step + 1) * (learning.steps - step - 1)
            report(f"step {step + 1} of {learning.steps}, loss {mean_loss:.3f}, {left / 60:.0f} min left")
    probe.eval()
    report("learning styles from textures")
    last = learning.steps * learning.batch
    fit_style(probe, [pictures[number] for number in range(last, last + min(last, learning.styles))])
    seconds = time.perf_counter() - begun
    return Learned(probe.requires_grad_(False), learning.steps * learning.batch, seconds, mean_loss)


def losses(logits: dict[str, Tensor], seen: list[Seen], smoothing: float = 0.0) -> Tensor:
    """The sum of the axes' cross-entropies; a picture counts on an axis only if its class there is known."""
    total = torch.zeros(())
    for axis in AXES:
        target = torch.tensor([one.classes[axis] for one in seen])
        if bool((target != UNKNOWN).any()):
            total = total + F.cross_entropy(logits[axis], target, ignore_index=UNKNOWN, label_smoothing=smoothing)
    return total


def fit_style(probe: Probe, seen: list[Seen], decay: float = 1e-2) -> None:
    """Fits the linear head that reads styles from textures, to pictures as they are and distorted."""
    known = [one for one in seen if one.classes["style"] != UNKNOWN]
    if not known:
        return
    parts = [as_tensor(known[first : first + 64]) for first in range(0, len(known), 64)]
    rows = torch.cat([probe.texture(part) for part in parts] + [probe.texture(distorted(part)) for part in parts])
    wanted = torch.tensor([one.classes["style"] for one in known] * 2)
    probe.texture_mean.copy_(rows.mean(0))
    probe.texture_scale.copy_(rows.std(0) + 1e-3)
    rows = (rows - probe.texture_mean) / probe.texture_scale
    head = nn.Linear(rows.shape[1], len(probe.labels.style))
    optimiser = torch.optim.LBFGS(head.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = F.cross_entropy(head(rows), wanted) + decay * head.weight.pow(2).sum()
        value.backward()
        return value

    optimiser.step(loss)  # type: ignore[arg-type]
    probe.texture_head.load_state_dict(head.state_dict())


def as_tensor(seen: list[Seen]) -> Tensor:
    """float32 [B, 3, 128, 128] in [0, 1]."""
    stacked = torch.from_numpy(np.stack([one.rgb for one in seen]))
    return stacked.permute(0, 3, 1, 2).float().div(255)


def distorted(pictures: Tensor) -> Tensor:
    """Half of them blurred, half of them noisy: a generated picture is not as crisp as a drawing, and must not be
    misread for that alone. Colours stay."""
    count, _, side, _ = pictures.shape
    blurred = torch.rand(count) < 0.5
    if bool(blurred.any()):
        small = int(torch.randint(side * 3 // 8, side * 7 // 8, ()))
        soft = F.interpolate(pictures[blurred], size=small, mode="bilinear", antialias=True)
        pictures = pictures.clone()
        pictures[blurred] = F.interpolate(soft, size=side, mode="bilinear")
    strength = torch.rand(count, 1, 1, 1) * 0.06 * (torch.rand(count, 1, 1, 1) < 0.5)
    return (pictures + torch.randn_like(pictures) * strength).clamp(0, 1)


def _share_of_rate(step: int, steps: int) -> float:
    warm_up = min(100, max(1, steps // 10))
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up))) + 1e-3
