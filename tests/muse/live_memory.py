"""Counts the bytes of all tensors that live at the same time, whatever device they are on."""

from __future__ import annotations

from typing import Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LiveMemory(TorchDispatchMode):
    """`peak`: the most bytes of tensors made inside the `with` that lived at once; what was there before counts not."""

    def __init__(self) -> None:
        super().__init__()
        self.peak = 0
        self._live: dict[int, tuple[StorageWeakRef, int]] = {}
        self._before: dict[int, StorageWeakRef] = {}

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for storage in _storages((args, kwargs)):
            if storage._cdata not in self._live:
                self._before[storage._cdata] = StorageWeakRef(storage)
        result = function(*args, **(kwargs or {}))
        for storage in _storages(result):
            if storage._cdata not in self._before:
                self._live.setdefault(storage._cdata, (StorageWeakRef(storage), storage.nbytes()))
        self._live = {key: value for key, value in self._live.items() if not value[0].expired()}
        self._before = {key: value for key, value in self._before.items() if not value.expired()}
        self.peak = max(self.peak, sum(count for _, count in self._live.values()))
        return result


def _storages(values: Any) -> list[torch.UntypedStorage]:
    return [leaf.untyped_storage() for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]
