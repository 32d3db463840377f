"""What the machine itself can do, for a share of the floor: matrix rates, operations of a piece of work, memory, clock.

Knows nothing about cascades.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

SIDE = 1024
"""Of the square matrices whose product is timed: as large as the products of a transformer step."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Operations per second of matrix products: `main` in the dtype that a model works in, `int8` where it has some."""

    main: float
    int8: float

    def floor_s(self, work: Mapping[Any, int]) -> float:
        """Seconds that operations, by torch's operator, would take if nothing but products took time."""
        eight = work.get(torch.ops.aten._int_mm, 0)
        return (sum(work.values()) - eight) / self.main + eight / self.int8


def measure_rates(device: torch.device, dtype: torch.dtype, *, with_int8: bool) -> Rates:
    """The best of five for each kind of product that is asked for; infinite for the other."""
    a = torch.randn(SIDE, SIDE, device=device, dtype=dtype)
    eight = torch.randint(-127, 128, (SIDE, SIDE), device=device, dtype=torch.int8)
    int8 = _rate(lambda: torch._int_mm(eight, eight), device) if with_int8 else float("inf")
    return Rates(_rate(lambda: a @ a, device), int8)


def _rate(product: Callable[[], Tensor], device: torch.device) -> float:
    return max(2 * SIDE**3 * 10 / _time(product, 10, device) for _ in range(5))


def _time(work: Callable[[], Tensor], times: int, device: torch.device) -> float:
    work()
    begun = now(device)
    for _ in range(times):
        work()
    return now(device) - begun


def counter() -> FlopCounterMode:
    """Counts the operations of what runs inside it, with the products that torch's own list leaves out."""
    return FlopCounterMode(
        display=False,
        custom_mapping={
            torch.ops.aten._int_mm: _product,
            torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention,
        },
    )


def _product(a: tuple[int, int], b: tuple[int, int], *_: object, **__: object) -> int:
    return 2 * a[0] * a[1] * b[1]


def _attention(query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...], *_: object, **__: object) -> int:
    flops: int = sdpa_flop_count(query, key, value)
    return flops


def counted(counter: FlopCounterMode) -> dict[Any, int]:
    """Operations so far, by operator."""
    return dict(counter.get_flop_counts().get("Global", {}))


def since(later: Mapping[Any, int], earlier: Mapping[Any, int]) -> dict[Any, int]:
    """What was counted between two counts."""
    return {operator: count - earlier.get(operator, 0) for operator, count in later.items()}


def now(device: torch.device) -> float:
    """Seconds of a clock, once the device has done all it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    return time.perf_counter()


def peak_gb(device: torch.device) -> float:
    """Most memory in use since the start: of a GPU's own where there is one, else of this process. GB."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def forget_peak(device: torch.device) -> None:
    """Begins a GPU's peak anew; a process's peak can't be."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
