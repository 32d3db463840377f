"""XLA, through a stand-in for torch_xla: when it is chosen, what is said where it does not load, where steps end."""

from __future__ import annotations

import sys
from importlib import metadata
from types import ModuleType, SimpleNamespace

import pytest
import torch

from muse_studio.muse import cascade as cascade_module
from muse_studio.muse import device as device_module
from muse_studio.muse.cascade import Cascade, working_dtype
from muse_studio.muse.device import DeviceError, describe_device, end_step, pick_device, synchronise, xla_hardware
from muse_studio.muse.plans import StagePlan

XLA = torch.device("xla", 0)


class StandIn(ModuleType):
    """As much of torch_xla as the program calls; `hardware` as PJRT_DEVICE would have it."""

    def __init__(self, hardware: str | None) -> None:
        super().__init__("torch_xla")
        self.runtime = SimpleNamespace(device_type=lambda: hardware)
        self.syncs: list[bool] = []

    def device(self, index: int | None = None) -> torch.device:
        return torch.device("xla", index or 0)

    def sync(self, wait: bool = False) -> None:
        self.syncs.append(wait)


def install(monkeypatch: pytest.MonkeyPatch, hardware: str | None) -> StandIn:
    stand_in = StandIn(hardware)
    monkeypatch.setitem(sys.modules, "torch_xla", stand_in)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return stand_in


def test_a_tpu_is_taken_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "TPU")
    assert pick_device("auto") == pick_device("xla") == XLA
    assert working_dtype(XLA) is torch.bfloat16


def test_xla_on_a_cpu_is_taken_only_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "CPU")
    assert pick_device("auto") == torch.device("cpu")
    assert pick_device("xla") == XLA
    assert working_dtype(XLA) is torch.float32
    info = describe_device(XLA)
    assert info.kind == "xla"
    assert info.name.endswith("through XLA")
    assert info.total_bytes


def test_nothing_found_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, None)
    monkeypatch.setattr(metadata, "version", lambda name: "2.9.0")
    assert xla_hardware() is None
    with pytest.raises(DeviceError, match="PJRT_DEVICE=CPU"):
        pick_device("xla")


def test_a_torch_xla_for_another_torch_is_named_with_both_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, None)
    monkeypatch.setitem(sys.modules, "torch_xla", None)  # importing it fails
    monkeypatch.setattr(metadata, "version", lambda name: "2.9.0")
    with pytest.raises(DeviceError) as caught:
        pick_device("xla")
    assert "torch_xla 2.9.0" in str(caught.value)
    assert f"torch {torch.__version__}" in str(caught.value)
    assert pick_device("auto") == torch.device("cpu")


def test_one_that_is_not_installed_is_offered() -> None:
    try:
        metadata.version("torch_xla")
    except metadata.PackageNotFoundError:
        with pytest.raises(DeviceError, match=r"pip install muse-studio\[tpu\]"):
            pick_device("xla")


def test_every_step_of_both_stages_ends_a_program(cascade: Cascade, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[torch.device] = []
    monkeypatch.setattr(cascade_module, "end_step", ended.append)
    steps = cascade.sample(["a fox"], [""], [0], StagePlan(steps=3), StagePlan(steps=2))
    for number, _ in enumerate(steps, start=1):
        assert len(ended) == number, "before the step is told, not after it"
    assert ended == [cascade.device] * 5


def test_only_xla_has_steps_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = install(monkeypatch, "CPU")
    for name in ("cpu", "cuda", "mps"):
        end_step(torch.device(name))
    assert stand_in.syncs == []
    end_step(XLA)
    synchronise(XLA)
    assert stand_in.syncs == [False, True]


def test_what_a_gpu_keeps_for_the_next_job_counts_as_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (100, 1000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 70)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 20)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    assert device_module.describe_device(torch.device("cuda")).free_bytes == 150
