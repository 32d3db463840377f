"""Linear layers in eight bits: near what they stand for, exact in their sums, and only where they are worth it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from muse_studio.muse import cascade as cascade_module
from muse_studio.muse.cascade import Cascade
from muse_studio.muse.int8 import Int8Linear, is_quantised, multiplies_in_int8, quantise, quantise_transformers
from muse_studio.muse.plans import StagePlan
from muse_studio.muse.presets import build_modules, build_random, tiny

CPU = torch.device("cpu")


def linear(inputs: int, outputs: int, seed: int = 0) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(inputs, outputs, bias=False).requires_grad_(False)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.sampled_from([8, 64, 200]), st.sampled_from([8, 40]), st.floats(1e-3, 1e3))
def test_a_rounded_layer_is_within_a_percent_of_the_layer(rows: int, inputs: int, outputs: int, size: float) -> None:
    exact = linear(inputs, outputs)
    x = size * torch.randn(2, rows, inputs, generator=torch.Generator().manual_seed(rows))
    expected, found = exact(x), Int8Linear(exact)(x)
    assert found.shape == expected.shape
    assert (found - expected).norm() < 0.015 * expected.norm()


def test_whole_numbers_up_to_127_are_exact() -> None:
    exact = linear(16, 8)
    exact.weight.copy_(torch.randint(-127, 128, (8, 16)))
    exact.weight[:, 0] = 127
    x = torch.randint(-127, 128, (5, 16)).float()
    x[:, 3] = -127
    torch.testing.assert_close(Int8Linear(exact)(x), exact(x), atol=1e-2, rtol=1e-6)


def test_a_row_does_not_depend_on_the_rows_beside_it() -> None:
    layer = Int8Linear(linear(64, 64))
    x = torch.randn(9, 64)
    loud = x.clone()
    loud[1:] *= 1000
    assert torch.equal(layer(x)[0], layer(loud)[0])


def test_rows_of_zeros_give_zeros_and_the_dtype_stays() -> None:
    out = Int8Linear(linear(64, 32))(torch.zeros(1, 3, 64, dtype=torch.bfloat16))
    assert out.dtype == torch.bfloat16
    assert not out.any()


def test_wide_layers_without_bias_are_rounded_and_no_others() -> None:
    parts = nn.Sequential(linear(256, 8), nn.Sequential(linear(128, 8)), linear(64, 8), nn.Linear(256, 8))
    assert not is_quantised(parts)
    quantise(parts)
    assert [isinstance(part, Int8Linear) for part in (parts[0], parts[1][0], parts[2], parts[3])] == [  # type: ignore[index]
        True, True, False, False,
    ]  # fmt: skip
    assert is_quantised(parts)


def test_the_base_keeps_what_reads_outliers_and_both_keep_text_and_logits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muse_studio.muse.int8.NARROWEST", 16)
    modules = build_modules(tiny(merge=2, draft=True))
    quantise_transformers(modules)
    rounded = {
        stage: {name for name, part in modules[stage].named_modules() if isinstance(part, Int8Linear)}
        for stage in ("base", "superres")
    }
    ends = ("attention.qkv", "mlp.0")
    assert rounded["base"] == {f"layers.{number}.{end}" for number in range(2) for end in ends}
    more = (*ends, "attention.out", "cross.query", "cross.keys_values", "cross.out", "mlp.2")
    assert rounded["superres"] == {f"layers.{number}.{end}" for number in range(2) for end in more}


@pytest.mark.parametrize(("vnni", "dtype", "expected"), [
    (True, torch.float32, True), (True, torch.bfloat16, False), (False, torch.float32, False),
])  # fmt: skip
def test_int8_is_chosen_by_what_the_machine_has(
    monkeypatch: pytest.MonkeyPatch, vnni: bool, dtype: torch.dtype, expected: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: vnni, raising=False)
    assert multiplies_in_int8(CPU, dtype) is expected
    assert not multiplies_in_int8(torch.device("meta"), dtype)


def test_a_rounded_cascade_samples_and_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_random(seed=1).save(tmp_path / "model")
    monkeypatch.setattr(cascade_module, "working_dtype", lambda device: torch.float32)
    monkeypatch.setattr(cascade_module, "multiplies_in_int8", lambda device, dtype: True)
    monkeypatch.setattr("muse_studio.muse.int8.NARROWEST", 32)
    model = Cascade.load(tmp_path / "model")
    assert is_quantised(model.base)
    assert is_quantised(model.superres)
    *_, last = model.sample(["a fox"], [""], [0], StagePlan(2), StagePlan(2))
    assert last.known.all()
    with pytest.raises(ValueError, match="int8"):
        model.save(tmp_path / "again")
    assert not (tmp_path / "again").exists()
