"""Ends a training run after so many steps, as a person would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from muse_studio.training.loop import RunOptions


def steps(task: Any, count: int) -> RunOptions:
    """Options of a run whose batches raise KeyboardInterrupt after `count` steps."""
    inner = task.batches

    def batches(first: int, batch: int) -> Iterator[Tensor]:
        for number, one in enumerate(inner(first, batch)):
            if number == count:
                raise KeyboardInterrupt
            yield one

    task.batches = batches
    return RunOptions(budget_s=600, log_every=1, report=lambda text: None)
