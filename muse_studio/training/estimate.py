"""What training a stage costs: bytes and floating-point operations, counted and not guessed, before anything is run.

Every operation of a pass and every tensor it keeps for the way back are counted by running the stage's own modules on
tensors without numbers. Knows nothing of files, and nothing of what a GPU's faster kernels save: attention is
counted by the plain formula, so activations are what a CPU keeps and at most what a GPU does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from muse_studio.muse.base import BaseTransformer
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.layers import set_recompute
from muse_studio.muse.superres import SuperResTransformer
from muse_studio.muse.vqgan import VQGAN
from muse_studio.training.loop import LoopConfig
from muse_studio.training.recipe import Recipe, Stage

MASKED_SHARE = 2 / torch.pi
"""Of the positions that get logits: the mean of cos(pi u / 2)."""
CAPTION_TOKENS = 32
"""Of text that each example is counted with; CC3M's captions have a dozen words."""
FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of one stage in float32 with bfloat16 arithmetic, whole in one process.

    weights, gradients, optimiser: bytes, whatever the batch. casts: bytes of the weights' bfloat16 copies in a pass.
    kept, kept_recompute: bytes of activations per example that wait for the way back, plain and by recomputing.
    flops, flops_recompute: floating-point operations of one example's pass, way back included.
    frozen_flops: of turning one example's pixels into tokens; the text encoder is not in it.
    """

    stage: Stage
    parameters: int
    weights: int
    gradients: int
    optimiser: int
    casts: int
    kept: int
    kept_recompute: int
    flops: int
    flops_recompute: int
    frozen_flops: int

    def memory(self, examples: int, recompute: bool) -> int:
        """Bytes of a step over so many examples at once, at its peak.

        What waits for the way back uses the weights' casts; recomputing makes them anew, layer by layer.
        """
        kept = examples * (self.kept_recompute if recompute else self.kept)
        passing = max(self.gradients, self.casts) if recompute else self.gradients + self.casts
        return self.weights + self.optimiser + passing + kept

    def work(self, loop: LoopConfig, recompute: bool) -> float:
        """Floating-point operations of the whole schedule."""
        example = (self.flops_recompute if recompute else self.flops) + self.frozen_flops
        return float(example) * loop.batch * loop.total_steps


def estimate(recipe: Recipe, stage: Stage) -> Estimate:
    """Counts one stage of a recipe; takes seconds and next to no memory at any size."""
    loop, cascade = recipe.loop(stage), recipe.cascade
    with FakeTensorMode():
        module, run = _pass(recipe, stage)
        module.requires_grad_(True)
        parameters = list(module.parameters())
        count = sum(p.numel() for p in parameters)
        kept, flops = _counted(module, run, recompute=False)
        again, more = _counted(module, run, recompute=True) if stage in ("base", "superres") else (kept, flops)
        frozen = _frozen_flops(cascade, stage)
    return Estimate(
        stage=stage,
        parameters=count,
        weights=count * FLOAT_BYTES,
        gradients=count * FLOAT_BYTES,
        optimiser=sum(_state_bytes(p, loop) for p in parameters),
        casts=count * 2,
        kept=kept,
        kept_recompute=again,
        flops=flops,
        flops_recompute=more,
        frozen_flops=frozen,
    )


def _pass(recipe: Recipe, stage: Stage) -> tuple[nn.Module, Callable[[], Tensor]]:
    """A stage's module and the loss of one example, on tensors without numbers."""
    cascade = recipe.cascade
    states = torch.zeros(1, CAPTION_TOKENS, cascade.text_encoder.width)
    mask = torch.ones(1, CAPTION_TOKENS, dtype=torch.bool)
    coarse = torch.zeros(1, cascade.base.grid, cascade.base.grid, dtype=torch.int64)
    if stage == "base":
        base = BaseTransformer(cascade.base)

        def base_loss() -> Tensor:
            features = base.features(coarse, base.prepare(states, mask))
            return _loss(base.head(_masked(features.flatten(1, 2))))

        return base, base_loss
    if stage == "superres":
        superres = SuperResTransformer(cascade.superres)
        fine = torch.zeros(1, cascade.superres.grid, cascade.superres.grid, dtype=torch.int64)

        def superres_loss() -> Tensor:
            context = superres.prepare(states, mask, coarse, fine if cascade.superres.draft else None)
            features = _masked(superres.features(fine, context).flatten(1, 2))
            draft = None if context.draft is None else context.draft.flatten(1)[:, : features.shape[1]]
            return _loss(superres.logits(features, draft))

        return superres, superres_loss
    at_base = stage == "base-vqgan"
    vqgan = VQGAN(cascade.base_vqgan if at_base else cascade.superres_vqgan)
    side = recipe.tokenizers[0 if at_base else 1].crop
    picture = torch.zeros(1, 3, side, side)
    return vqgan, lambda: (vqgan.decoder(vqgan.encoder(picture)).float() - picture).abs().mean()


def _masked(features: Tensor) -> Tensor:
    return features[:, : round(features.shape[1] * MASKED_SHARE)]


def _loss(logits: Tensor) -> Tensor:
    flat = logits.float().flatten(0, -2)
    return F.cross_entropy(flat, torch.zeros(len(flat), dtype=torch.int64))


def _counted(module: nn.Module, run: Callable[[], Tensor], recompute: bool) -> tuple[int, int]:
    """Bytes that a pass keeps for its way back, weights and their casts aside; and operations there and back."""
    set_recompute(module, recompute)
    shapes = {tuple(p.shape) for p in module.parameters()}
    kept: dict[int, Any] = {}

    def note(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, nn.Parameter) and tuple(tensor.shape) not in shapes | {s[::-1] for s in shapes}:
            storage = tensor.untyped_storage()
            kept[storage._cdata] = storage
        return tensor

    with FlopCounterMode(display=False) as counter:
        with saved_tensors_hooks(note, lambda tensor: tensor), torch.autocast("cpu", torch.bfloat16):
            loss = run()
        size = sum(storage.nbytes() for storage in kept.values())
        loss.backward()  # type: ignore[no-untyped-call]
    module.zero_grad(set_to_none=True)
    return size, counter.get_total_flops()


def _frozen_flops(cascade: CascadeConfig, stage: Stage) -> int:
    """Of the tokenizers' encoders, which every example of a transformer's stage goes through."""
    sides = {
        "base": ((cascade.base_vqgan, 256),),
        "superres": ((cascade.base_vqgan, 256), (cascade.superres_vqgan, 512)),
    }
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        for config, side in sides.get(stage, ()):
            VQGAN(config).encoder(torch.zeros(1, 3, side, side))
    return counter.get_total_flops()


def _state_bytes(parameter: Tensor, loop: LoopConfig) -> int:
    """Of the optimiser's state of one tensor; see `optimisers` and `adafactor`."""
    count = parameter.numel()
    if loop.optimiser == "adamw":
        return 2 * FLOAT_BYTES * count
    if loop.optimiser == "muon":
        return FLOAT_BYTES * count if parameter.ndim == 2 else 2 * FLOAT_BYTES * count
    if parameter.ndim < 2:
        return (2 + FLOAT_BYTES) * count
    return 2 * count + FLOAT_BYTES * (count // parameter.shape[-1] + count // parameter.shape[-2])
