"""Where a stage trains: in this process, or spread over several that `accelerate launch` has started.

Two ways of spreading. DDP: every process holds the whole model, gradients are averaged. FSDP: each holds a share of the
weights, gradients and optimiser state, and gathers one layer at a time. Knows nothing about stages, files or schedules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor, nn

from muse_studio.core.errors import ErrorKind, MuseStudioError
from muse_studio.muse.layers import CrossAttention, CrossLayer, SelfLayer

if TYPE_CHECKING:
    from muse_studio.training.loop import Task

Kind = Literal["single", "ddp", "fsdp"]
Figures = dict[str, Tensor]


class Engine:
    """One process. The base of the others; `rank` 0 writes, logs and decides, `world` is how many there are."""

    kind: Kind = "single"
    rank = 0
    world = 1

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def begin(self, task: Task) -> Callable[[Any], Figures]:
        """The task's loss, after its module was made ready. Comes before the optimisers are made."""
        return task.loss

    def backward(self, loss: Tensor) -> None:
        loss.backward()  # type: ignore[no-untyped-call]

    @contextmanager
    def summing(self, *, last: bool) -> Iterator[None]:
        """Around one of the batches that make a step; processes need to agree on gradients after the last only."""
        del last
        yield

    def decided(self, values: Sequence[float]) -> list[float]:
        """What process 0 says these values are."""
        return list(values)

    def everywhere(self, fine: bool) -> bool:
        """Whether all processes are fine."""
        return fine

    def mean(self, values: Mapping[str, float]) -> dict[str, float]:
        """The mean over all processes, by name."""
        return dict(values)


class _Loss(nn.Module):
    """A task's loss as a module's forward: what DDP and FSDP hook into. The task goes on calling its own module."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.module = task.module
        self.loss = task.loss

    def forward(self, batch: Any) -> Figures:
        return self.loss(batch)


class Launched(Engine):
    """One of the processes of `accelerate launch`."""

    def __init__(self, kind: Kind, device: torch.device) -> None:
        """Joins the other processes. Raises MuseStudioError BAD_REQUEST without accelerate."""
        try:
            from accelerate import Accelerator
        except ImportError as fault:
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST, "Training on several processes needs: pip install 'muse-studio[train]'"
            ) from fault
        self._accelerator = Accelerator(cpu=device.type == "cpu", mixed_precision="no")  # tasks cast for themselves
        super().__init__(self._accelerator.device)
        self.kind = kind
        self.rank, self.world = self._accelerator.process_index, self._accelerator.num_processes
        self._spread: Any = None

    def begin(self, task: Task) -> Callable[[Any], Figures]:
        _refuse_waiting_adversary(task)
        loss = _Loss(task)
        self._accelerator.free_memory()  # it holds on to the stage before
        if self.kind == "fsdp":
            self._spread = self._sharded(loss)
        else:
            self._spread = self._accelerator.prepare(loss)
        spread: Callable[[Any], Figures] = self._spread
        return spread

    def _sharded(self, loss: _Loss) -> nn.Module:
        """FSDP2 by torch's own `fully_shard`, which accelerate calls too, but on accelerators only.

        Keys and values of all layers are computed before the first of them runs, so they are units of their own.
        """
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard

        if any(not p.requires_grad for p in loss.parameters()) or any(True for _ in loss.buffers()):
            raise MuseStudioError(
                ErrorKind.BAD_REQUEST,
                "FSDP is for the transformers. A tokenizer moves its codebook itself and is small: train it by ddp.",
            )
        mesh = init_device_mesh(self.device.type, (self.world,))
        for part in reversed(list(loss.modules())):
            if isinstance(part, CrossAttention):
                fully_shard(part.keys_values, mesh=mesh)
            elif isinstance(part, CrossLayer | SelfLayer):
                fully_shard(part, mesh=mesh)
        fully_shard(loss, mesh=mesh)
        return loss

    def backward(self, loss: Tensor) -> None:
        self._accelerator.backward(loss)

    @contextmanager
    def summing(self, *, last: bool) -> Iterator[None]:
        if last or self.world == 1:
            yield
        elif self.kind == "fsdp":
            self._spread.set_requires_gradient_sync(False)
            yield
            self._spread.set_requires_gradient_sync(True)
        else:
            with self._accelerator.no_sync(self._spread):
                yield

    def decided(self, values: Sequence[float]) -> list[float]:
        told = torch.tensor(values, dtype=torch.float64, device=self.device)
        if self.world > 1:
            torch.distributed.broadcast(told, 0)
        return [float(value) for value in told]

    def everywhere(self, fine: bool) -> bool:
        all_fine = torch.tensor(int(fine), device=self.device)
        if self.world > 1:
            torch.distributed.all_reduce(all_fine, torch.distributed.ReduceOp.MIN)
        return bool(all_fine)

    def mean(self, values: Mapping[str, float]) -> dict[str, float]:
        told = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        return dict(zip(values, add_up(told).div(self.world).tolist(), strict=True))


def _refuse_waiting_adversary(task: Task) -> None:
    """DDP waits for a gradient of every weight in every step; an adversary that is to begin later has none yet."""
    adversary = getattr(task.module, "adversary", None)
    if getattr(adversary, "after", 0):
        message = "On several processes the adversary must judge from the first step: set adversary_after to 0."
        raise MuseStudioError(ErrorKind.BAD_REQUEST, f"{task.name}: {message} The recipe “paper” has it so.")


def add_up(tensor: Tensor) -> Tensor:
    """The sum over all processes, in place; what it is where there is one process."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.all_reduce(tensor)
    return tensor


def from_the_first(*tensors: Tensor) -> None:
    """Process 0's values for all processes, in place."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        for tensor in tensors:
            torch.distributed.broadcast(tensor, 0)
