"""LoRAs on top of a model: several at once, each with its strength, and off again without a trace.

A weight that is changed becomes another tensor; the one that was there before is kept and not touched, so what is
taken off leaves the very same bits. Knows no files and no cascade.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from muse_studio.core.limits import LORA_STRENGTH_LIMIT
from muse_studio.muse.folder import CheckpointError
from muse_studio.weights.lora_file import Change, Lora

Chosen = Sequence[tuple[Lora, float]]
"""LoRAs with their strengths: 1 as trained, 0 without effect, negative for the opposite."""


@dataclass(frozen=True, slots=True)
class _Target:
    part: str
    module: str


class Loras:
    """What lies on the modules of a model, by the names of the parts: “transformer” and “text_encoder”."""

    def __init__(self, parts: Mapping[str, nn.Module]) -> None:
        """parts: frozen. Their weights must not be replaced by others while something lies on them."""
        self._parts = dict(parts)
        self._before: dict[_Target, nn.Parameter] = {}

    @torch.no_grad()
    def put(self, chosen: Chosen) -> None:
        """From now on these and no others; nothing is changed where one of them does not fit.

        Raises CheckpointError, which names what does not fit, and ValueError for a strength that is none.
        """
        for lora, strength in chosen:
            if not math.isfinite(strength) or abs(strength) > LORA_STRENGTH_LIMIT:
                limit = f"{LORA_STRENGTH_LIMIT:g}"
                raise ValueError(f"a strength is from -{limit} to {limit}, not {strength}")
            self.check(lora)
        wanted = self._wanted(chosen)
        originals = {target: self._before.get(target, self._weight(target)) for target in wanted}
        changed = {target: _changed(originals[target], wanted[target]) for target in wanted}
        for target, weight in changed.items():
            if not torch.isfinite(weight).all():
                told = "these LoRAs at these strengths make numbers that are too large; choose smaller strengths"
                raise CheckpointError(told, (f"{target.part}.{target.module}",))
        self._take_off()
        for target, weight in changed.items():
            self._before[target] = originals[target]
            self._module(target).weight = nn.Parameter(weight, requires_grad=False)

    def _take_off(self) -> None:
        for target, weight in self._before.items():
            self._module(target).weight = weight
        self._before.clear()

    def check(self, lora: Lora) -> None:
        """Raises CheckpointError where it was made for another model. Changes nothing."""
        problems = []
        for part, changes in lora.parts.items():
            if part not in self._parts:
                problems.append(f"{part}: this model has no such part")
                continue
            known = dict(self._parts[part].named_modules())
            for name, change in changes.items():
                weight = getattr(known.get(_local(known, name)), "weight", None)
                if not isinstance(weight, Tensor) or not weight.is_floating_point():
                    problems.append(f"{part}.{name}: no layer of this model")
                elif weight.ndim not in (2, 4) or weight.shape != torch.Size(change.shape):
                    problems.append(f"{part}.{name}: of {list(change.shape)} where {list(weight.shape)} is needed")
        if problems:
            raise CheckpointError(f"the LoRA {lora.name} was made for another model", tuple(problems))

    def _wanted(self, chosen: Chosen) -> dict[_Target, list[tuple[Change, float]]]:
        """What is added to each weight."""
        wanted: dict[_Target, list[tuple[Change, float]]] = {}
        for lora, strength in chosen:
            for part, changes in lora.parts.items():
                known = dict(self._parts[part].named_modules())
                for name, change in changes.items() if strength else ():
                    wanted.setdefault(_Target(part, _local(known, name)), []).append((change, strength))
        return wanted

    def _module(self, target: _Target) -> nn.Module:
        return self._parts[target.part].get_submodule(target.module)

    def _weight(self, target: _Target) -> nn.Parameter:
        weight = self._module(target).weight
        assert isinstance(weight, nn.Parameter)
        return weight


def _local(known: Mapping[str, nn.Module], name: str) -> str:
    """The module's name in this version of its library: text encoders have lost and gained a level over the years."""
    candidates = (name, name.removeprefix("text_model."), f"text_model.{name}")
    return next((candidate for candidate in candidates if candidate in known), name)


def _changed(weight: Tensor, additions: Sequence[tuple[Change, float]]) -> Tensor:
    """The sum in float32, in the weight's own dtype and on its device."""
    total = weight.float()
    for change, strength in additions:
        total = total + strength * change.product().to(weight.device)
    return total.to(weight.dtype)
