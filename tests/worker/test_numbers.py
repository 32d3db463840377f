"""Which numbers a model is computed in: as asked, as measured once and remembered, or as the hardware says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from muse_studio.core.errors import MuseStudioError
from muse_studio.core.verdicts import FILE_NAME, KEPT, Verdict, keep_verdict, known_verdict
from muse_studio.muse.cascade import working_dtype
from muse_studio.muse.config import CascadeConfig
from muse_studio.muse.precision import Timing
from muse_studio.muse.presets import muse_900m, tiny
from muse_studio.worker.numbers import DTYPE_VARIABLE, choose_numbers
from muse_studio.worker.session import Session

CPU = torch.device("cpu")
FASTER, SLOWER = Timing(10.0, 5.0), Timing(10.0, 15.0)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings folder of this test's own."""
    monkeypatch.setenv("MUSE_STUDIO_CONFIG", str(tmp_path / "settings"))
    return tmp_path / "settings"


def saying(*timings: Timing) -> Callable[[CascadeConfig, torch.device], Timing]:
    """A measurement that gives these, one after the other; it fails when it is made once more."""
    left = iter(timings)
    return lambda config, device: next(left)


def test_it_is_measured_once_and_the_verdict_stays_whatever_a_second_measurement_would_say() -> None:
    for timing, dtype in ((FASTER, torch.bfloat16), (SLOWER, torch.float32)):
        config = tiny() if timing is FASTER else muse_900m()
        measure = saying(timing)
        first, second = choose_numbers(config, CPU, None, measure), choose_numbers(config, CPU, "auto", measure)
        assert first == second
        assert first.dtype is dtype
    assert "0.7 times as fast" in first.why


def test_another_model_another_torch_or_another_processor_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    measure = saying(FASTER, SLOWER, SLOWER)
    assert choose_numbers(tiny(), CPU, None, measure).dtype is torch.bfloat16
    assert choose_numbers(muse_900m(), CPU, None, measure).dtype is torch.float32
    monkeypatch.setattr(torch, "__version__", "99.0")
    assert choose_numbers(tiny(), CPU, None, measure).dtype is torch.float32


def test_what_a_person_asks_for_is_taken_without_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_numbers(tiny(), CPU, "bfloat16", saying()).dtype is torch.bfloat16
    monkeypatch.setenv(DTYPE_VARIABLE, "Float32")
    assert choose_numbers(tiny(), CPU, None, saying()).dtype is torch.float32
    assert choose_numbers(tiny(), CPU, "bfloat16", saying()).dtype is torch.bfloat16
    monkeypatch.setenv(DTYPE_VARIABLE, "int4")
    with pytest.raises(MuseStudioError, match="int4"):
        choose_numbers(tiny(), CPU, None, saying())


def test_what_cannot_be_kept_is_decided_by_the_hardware(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    other = SLOWER if working_dtype(CPU) is torch.bfloat16 else FASTER
    for _ in range(2):
        assert choose_numbers(tiny(), CPU, None, saying(other)).dtype is working_dtype(CPU)


def test_a_device_without_bfloat16_says_so() -> None:
    numbers = choose_numbers(tiny(), CPU, None, saying(Timing(10.0, float("inf"))))
    assert numbers.dtype is torch.float32
    assert choose_numbers(tiny(), CPU, None, saying()).why == "this device does not compute in bfloat16"


def test_the_session_loads_in_them_and_tells_why(tiny_model: Path) -> None:
    session = Session()
    for asked in ("bfloat16", "float32"):
        session.load(tiny_model, "cpu", dtype=asked)
        assert str(session.cascade.dtype) == f"torch.{asked}"
        assert session.plan_facts()["numbers"] == f"{asked} (as asked for)"
    session.load(tiny_model, "cpu")
    assert session.cascade.dtype is torch.float32, "a tiny model is never worth bfloat16"
    assert set(session.plan_facts()) == {"numbers", "guidance", "text encoder"}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b'{"a": 3}', b'{"a": {"dtype": "int4"}}', b"[" * 9999])
def test_a_damaged_file_is_measured_again(folder: Path, data: bytes) -> None:
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(data)
    assert known_verdict("a") is None
    keep_verdict("a", Verdict("float32", 1.0, 2.0))
    assert known_verdict("a") == Verdict("float32", 1.0, 2.0)


@pytest.mark.parametrize("change", [{"dtype": "int4"}, {"float32_s": -1.0}, {"bfloat16_s": "fast"}, {"more": 1}])
def test_a_verdict_that_cannot_be_is_none(folder: Path, change: dict[str, object]) -> None:
    folder.mkdir()
    entry = {"dtype": "float32", "float32_s": 1.0, "bfloat16_s": 2.0} | change
    (folder / FILE_NAME).write_text(json.dumps({"a": entry}))
    assert known_verdict("a") is None


def test_the_oldest_verdicts_are_forgotten() -> None:
    for number in range(KEPT + 3):
        keep_verdict(str(number), Verdict("float32", 1.0, None))
    assert known_verdict("2") is None
    assert known_verdict("3") == Verdict("float32", 1.0, None)
