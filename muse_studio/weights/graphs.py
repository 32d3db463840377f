"""A network's step as one CUDA graph: recorded once for each shape, then replayed by one call.

A step of a published network is more than a thousand small kernels, and a GPU waits for Python between them. What is
recorded must not look at numbers: no shape, no branch and no wait may depend on them. Knows no network.
"""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from muse_studio.muse.device import classify_out_of_memory

log = logging.getLogger(__name__)

VARIABLE = "MUSE_STUDIO_GRAPHS"
"""“off” computes every kernel as it comes, on a GPU too."""
SHAPES = 6  # that are remembered: two sizes, one picture or four, both ways of guidance
WARM_UPS = 3  # runs before a recording, in which libraries choose kernels and take their workspaces

Nested = Any
"""A tensor, or a tuple of such."""
Body = Callable[[Tensor, Nested], Tensor]
"""Tokens and all that a network is told beside them, to states; no host waits inside it."""


@dataclass(slots=True)
class Recording:
    """One recorded run. inputs: what it reads, in place. output: what each replay writes anew."""

    inputs: list[Tensor]
    output: Tensor
    replay: Callable[[], None]
    given: list[Tensor | None]
    """What the inputs were filled from last: what is the same again is not copied again."""


Record = Callable[[Body, Tensor, Nested], tuple[Tensor, Callable[[], None]]]
"""(body, tokens, told) to its output and what replays it. RuntimeError where that is not possible."""


class Replayed:
    """A body that is recorded for each shape on its first call. Its output is overwritten by the next call.

    Where recording fails, every call computes as it would have without, and the log says so once; where memory ran out,
    this shape alone does.
    """

    def __init__(self, body: Body, record: Record) -> None:
        self.body = body
        self._record = record
        self._recordings: OrderedDict[object, Recording | None] = OrderedDict()
        self.failed = False

    def forget(self) -> None:
        """Record anew: a recording reads weights where they lay, and others have taken their place."""
        self._recordings.clear()

    @torch.inference_mode()
    def __call__(self, tokens: Tensor, told: Nested) -> Tensor:
        if self.failed:
            return self.body(tokens, told)
        given = [tokens, *leaves(told)]
        key = tuple((tuple(leaf.shape), leaf.dtype) for leaf in given)
        if key not in self._recordings:
            self._recordings[key] = self._recorded(tokens, told)
            while len(self._recordings) > SHAPES:
                self._recordings.popitem(last=False)
        recording = self._recordings[key]
        if recording is None:
            return self.body(tokens, told)
        self._recordings.move_to_end(key)
        for place, (own, new) in enumerate(zip(recording.inputs, given, strict=True)):
            if new is not recording.given[place] or not place:  # tokens are others in every step
                own.copy_(new)
                recording.given[place] = new
        recording.replay()
        return recording.output

    def _recorded(self, tokens: Tensor, told: Nested) -> Recording | None:
        inputs = [leaf.clone(memory_format=torch.contiguous_format) for leaf in (tokens, *leaves(told))]
        rest = iter(inputs[1:])
        try:
            output, replay = self._record(self.body, inputs[0], rebuilt(told, rest))
        except Exception as fault:  # noqa: BLE001 - drivers and libraries fail in any way, and there is another way
            if not classify_out_of_memory(fault):
                self.failed = True
                log.warning(
                    "Steps could not be recorded for the GPU, so they are computed one kernel at a time: slower, and "
                    "the pictures are the same. %s=off leaves the attempt out. (%s)", VARIABLE, repr(fault)[:300],
                )  # fmt: skip
            return None
        return Recording(inputs, output, replay, [None] * len(inputs))


def wanted_on(device: torch.device) -> bool:
    """Whether steps are to be recorded there."""
    return device.type == "cuda" and os.environ.get(VARIABLE, "").strip().lower() != "off"


class CudaRecorder:
    """Records CUDA graphs, all in one pool of memory: each is replayed alone, and its output used at once."""

    def __init__(self) -> None:
        self._pool: Any = None

    def __call__(self, body: Body, tokens: Tensor, told: Nested) -> tuple[Tensor, Callable[[], None]]:
        with torch.cuda.device(tokens.device):
            aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    body(tokens, told)
            torch.cuda.current_stream().wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            self._pool = self._pool or torch.cuda.graph_pool_handle()
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                output = body(tokens, told)
        return output, graph.replay


def leaves(nested: Nested) -> Iterator[Tensor]:
    """The tensors of nested tuples, in order."""
    if isinstance(nested, Tensor):
        yield nested
    else:
        for inner in nested:
            yield from leaves(inner)


def rebuilt(nested: Nested, tensors: Iterator[Tensor]) -> Nested:
    """The same tuples with other tensors."""
    return next(tensors) if isinstance(nested, Tensor) else tuple(rebuilt(inner, tensors) for inner in nested)
