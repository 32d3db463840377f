"""Where a frozen model's weights are while it works, and where in between: large text encoders work once a prompt.

T5-XXL's 4.8 billion parameters take 9.5 GB in bfloat16, more than both of the paper's largest transformers together,
and are of use for one pass a prompt. Knows nothing of text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, get_args

import torch
from torch import nn

from muse_studio.muse.device import release_memory

Home = Literal["device", "visit", "cpu", "dropped"]
"""device: always where it works. visit: on the CPU, and on the device while it works. cpu: there, and it works there
too. dropped: nowhere; read from its files on the CPU for every piece of work, and forgotten after it."""
HOMES: tuple[Home, ...] = get_args(Home)


class Lodging:
    """A frozen model and its home. Not thread-safe: one piece of work at a time."""

    def __init__(
        self,
        model: nn.Module,
        home: Home = "device",
        device: torch.device | str | None = None,
        load: Callable[[], nn.Module] | None = None,
    ) -> None:
        """device: where the rest of the cascade is; None is where the model is. load: gives a dropped one again."""
        if home == "dropped" and load is None:
            raise ValueError("a model that is dropped after its work needs a way to be loaded again")
        first = next(model.parameters())
        self.home: Home = home
        self.dtype = first.dtype
        self._device = torch.device(device) if device is not None else first.device
        self._load = load
        self._model: nn.Module | None = model.eval().requires_grad_(False)
        if home == "device":
            model.to(self._device)

    @property
    def work_device(self) -> torch.device:
        """Where it works."""
        return self._device if self.home in ("device", "visit") else torch.device("cpu")

    @property
    def is_here(self) -> bool:
        """Whether the weights are in memory now."""
        return self._model is not None

    @property
    def model(self) -> nn.Module:
        """The model where it is now; a dropped one is loaded, and stays until its next work is over."""
        if self._model is None:
            assert self._load is not None
            self._model = self._load().eval().requires_grad_(False)
        return self._model

    @contextmanager
    def at_work(self) -> Iterator[nn.Module]:
        """The model on its work's device; afterwards it goes home, whatever happened."""
        try:
            yield self.model.to(self.work_device)
        finally:
            self._go_home()

    def _go_home(self) -> None:
        if self.home == "visit" and self._model is not None:
            self._model.to("cpu")
            release_memory(self._device)
        elif self.home == "dropped":
            self._model = None
            release_memory(torch.device("cpu"))
