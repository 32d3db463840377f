"""AdaFactor with the paper's constant betas. Knows nothing about schedules or what it moves.

Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost" (arXiv 1804.04235): the second moment
of a matrix is kept as one number per row and one per column, and a step whose root mean square is over one is made
shorter. As the Muse paper's pair (0.9, 0.96) asks for, and as neither torch's nor transformers' Adafactor can be told,
both moments decay at a constant rate: decision 050. Steps are not scaled by the size of the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

LEAST_SQUARE = 1e-30
"""Added to squared gradients, as in the original: rows and columns without any gradient must not divide by zero."""


class Adafactor(torch.optim.Optimizer):
    """See the module's docstring.

    betas:        of the first moment, which averages the finished steps, and of the second.
    weight_decay: decoupled; what is taken off is weight_decay * lr of each weight.
    clip:         greatest root mean square of one tensor's step, before lr.
    moment:       what the first moment is stored in. In bfloat16 it takes half of what the weights take.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.96),
        weight_decay: float = 0.0,
        clip: float = 1.0,
        moment: torch.dtype = torch.bfloat16,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "clip": clip})
        self.moment = moment

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Moves every weight that has a gradient."""
        assert closure is None
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, group)

    def _move(self, parameter: Tensor, group: dict[str, Any]) -> None:
        first, second = group["betas"]
        state: dict[str, Tensor] = self.state[parameter]
        gradient = parameter.grad.float()  # type: ignore[union-attr]
        if not state:
            state["step"] = torch.zeros(())
            state["moment"] = torch.zeros_like(parameter, dtype=self.moment)
        state["step"] += 1
        step = _spread_like(gradient * _inverse_root(state, gradient.square() + LEAST_SQUARE, second), parameter)
        longest = (_whole(step.square().sum()) / step.numel()).sqrt() / group["clip"]
        step /= longest.clamp(min=1.0)
        moment = state["moment"].float().lerp_(step, 1 - first)
        state["moment"].copy_(moment)
        parameter.mul_(1 - group["lr"] * group["weight_decay"]).add_(moment, alpha=-group["lr"])


def _inverse_root(state: dict[str, Tensor], square: Tensor, beta: float) -> Tensor:
    """One over the root of the averaged squares, after `square` has joined them; factored from two dimensions on."""
    begun = 1 - beta ** float(state["step"])  # a young average is too small by this factor
    if square.ndim < 2:
        return (_averaged(state, "squares", square, beta) / begun).rsqrt()
    rows = _averaged(state, "rows", _mean(square, -1), beta)
    columns = _averaged(state, "columns", _mean(square, -2), beta)
    return (rows / _mean(rows, -2)).rsqrt() * (columns / begun).rsqrt()


def _mean(value: Tensor, side: int) -> Tensor:
    """By a sum: processes may hold shares of different lengths, whose means have no mean."""
    return _whole(value.sum(side, keepdim=True)) / value.shape[side]


def _averaged(state: dict[str, Tensor], name: str, value: Tensor, beta: float) -> Tensor:
    if name not in state:
        state[name] = torch.zeros_like(value)
    elif getattr(state[name], "placements", None) != getattr(value, "placements", None):  # as a checkpoint gave it
        state[name] = _spread_like(state[name], value)
    return state[name].lerp_(value, 1 - beta)


def _spread_like(value: Tensor, parameter: Tensor) -> Tensor:
    """`value` shared out among the processes as the parameter is: a side of length one may have made it whole."""
    placements = getattr(parameter, "placements", None)
    if placements is None:
        return value
    spread: Tensor = value.redistribute(placements=placements)  # type: ignore[attr-defined]
    return spread


def _whole(value: Tensor) -> Tensor:
    """`value`, after the processes that hold parts of a sum have added them up; a plain tensor is whole already."""
    placements = getattr(value, "placements", None)
    if placements is None or not any(placement.is_partial() for placement in placements):
        return value
    from torch.distributed.tensor import Replicate

    whole: Tensor = value.redistribute(placements=[Replicate()] * len(placements))  # type: ignore[attr-defined]
    return whole
